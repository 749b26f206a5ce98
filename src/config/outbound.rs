//! `[outbound]`: requests that Tessera makes itself.

use std::path::PathBuf;
use std::time::Duration;

use super::section::section;
use super::value::ByteSize;

section! {
    /// Fetching of `jwks_uri`, `request_uri`, `sector_identifier_uri`, `logo_uri`, and delivery of logout
    /// tokens: URLs that a stranger may have registered.
    OutboundConfig {
        /// Whether private, loopback and other inner addresses may be reached, and plain http
        /// used. Default false: otherwise anybody who may register a client can make Tessera
        /// knock on doors inside (SSRF).
        allow_private_networks: bool = false;
        /// A PEM file of certificate authorities trusted beside those of the system. Default none.
        ca_file: Option<PathBuf> = None;
        /// The time for one exchange in all. Default 5 s: somebody is waiting for the answer.
        timeout: Duration = Duration::from_secs(5);
        /// The largest response. Default 256 KiB: a key set of a hundred RSA keys with
        /// certificates stays below; a stranger's endless response does not fill the memory.
        max_bytes: ByteSize = ByteSize::kib(256);
    }
}
