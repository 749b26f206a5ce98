//! `[protocol]`: what the specifications allow and good practice advises against, for deployments that
//! still need it.

use super::section::section;

section! {
    /// Parts of the protocols that are off unless somebody needs them.
    ProtocolConfig {
        /// Response types that send tokens through the browser (implicit and hybrid flow). Default
        /// off: RFC 9700 §2.1.2 advises against them. A client must be registered for them as well.
        front_channel_tokens: bool = false;
        /// ID tokens that nobody signs (`alg` `none`), for clients that are registered so and get them
        /// from the token endpoint alone. Default off: whoever gets between could write them (OpenID Connect
        /// Core §2 allows it there, RFC 8725 §3.2 advises against it).
        unsigned_id_tokens: bool = false;
    }
}
