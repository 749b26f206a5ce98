//! `[server]`: where Tessera is reached, and how much it takes from a stranger.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;

use super::issuer::Issuer;
use super::section::section;
use super::value::ByteSize;

section! {
    /// Where Tessera listens and under which name it is known.
    ServerConfig {
        /// The issuer identifier, byte-equal to every `iss`. Default `http://localhost` with the
        /// port of `listen`: the only kind of issuer that works with nothing else set up.
        issuer: Issuer = Issuer::default();
        /// Where to listen. Default `127.0.0.1:8080`: opening a fresh identity provider to a
        /// network is a decision, not an accident.
        listen: SocketAddr = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080));
        /// Networks whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed. Default none:
        /// anybody can send these headers, and throttling and audit rest on the address.
        trusted_proxies: Vec<IpNet> = Vec::new();
        /// The largest request body, in bytes. Default 64 KiB: the largest honest requests are
        /// registrations with keys and signed request objects, which stay below 20 KiB.
        max_body: ByteSize = ByteSize::kib(64);
        /// The largest head of a request (request line and headers), in bytes. Default 16 KiB: an
        /// authorization request by GET may carry a request object of several KiB, and common
        /// proxies in front stop at 8 to 16 KiB anyway.
        max_header: ByteSize = ByteSize::kib(16);
        /// The time a request may take, body included. Default 30 s: the slowest honest one queues
        /// for Argon2 in a login storm; beyond that, the client has given up (slow-loris).
        request_timeout: Duration = Duration::from_secs(30);
        /// How long running requests may go on after a stop signal. Default 30 s: equal to
        /// `request_timeout`, and to the grace that orchestrators commonly give before they kill.
        shutdown_grace: Duration = Duration::from_secs(30);
        /// A listener of its own for Prometheus. Default none: the numbers tell how many people
        /// sign in and fail to, so publishing them, even on loopback, is a decision. Worth an alarm:
        /// `tessera_backchannel_logouts_waiting`, logout tokens that applications have not taken,
        /// and `tessera_audit_syslog_waiting`, events that the syslog receiver has not taken.
        metrics_listen: Option<SocketAddr> = None;
        /// TLS ended by Tessera itself.
        tls: TlsConfig = TlsConfig::default();
    }
}

section! {
    /// TLS ended by Tessera itself. Default off: most installations have a proxy that does it.
    TlsConfig {
        /// A PEM file with the certificate chain, leaf first.
        certificate: Option<PathBuf> = None;
        /// A PEM file with the private key.
        key: Option<PathBuf> = None;
    }
}

impl TlsConfig {
    /// The certificate's and the key's file; `None` if TLS is off. One without the other is
    /// refused when the configuration is loaded.
    #[must_use]
    pub fn files(&self) -> Option<(&Path, &Path)> {
        self.certificate.as_deref().zip(self.key.as_deref())
    }
}
