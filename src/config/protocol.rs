//! `[protocol]`: what the specifications allow and good practice advises against, for deployments that
//! still need it.

use super::section::section;

section! {
    /// Parts of the protocols that are off unless somebody needs them.
    ProtocolConfig {
        /// Response types that send tokens through the browser (implicit and hybrid flow). Default
        /// off: RFC 9700 §2.1.2 advises against them. A client must be registered for them as well.
        front_channel_tokens: bool = false;
    }
}
