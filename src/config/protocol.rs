//! `[protocol]`: what the specifications allow and good practice advises against, for deployments that
//! still need it; and what only some deployments demand.

use super::section::section;

section! {
    /// Parts and demands of the protocols that are off unless somebody needs them.
    ProtocolConfig {
        /// Response types that send tokens through the browser (implicit and hybrid flow). Default
        /// off: RFC 9700 §2.1.2 advises against them. A client must be registered for them as well.
        front_channel_tokens: bool = false;
        /// ID tokens that nobody signs (`alg` `none`), for clients that are registered so and get them
        /// from the token endpoint alone. Default off: whoever gets between could write them (OpenID Connect
        /// Core §2 allows it there, RFC 8725 §3.2 advises against it).
        unsigned_id_tokens: bool = false;
        /// Request objects that nobody signs (`alg` `none`), of clients that registered no algorithm for them,
        /// or this one. Default off: who writes what the browser carries can write these, so they protect
        /// nothing (RFC 9101 §10.5). A client that registered an algorithm is held to it either way.
        unsigned_request_objects: bool = false;
        /// Every authorization request must come in a signed request object, and nothing beside it is
        /// used (RFC 9101 §6.3, §10.5). Default off: a client that wants this for itself registers
        /// `require_signed_request_object`; for all of them it is for deployments whose clients all have keys.
        require_signed_request_object: bool = false;
    }
}

impl ProtocolConfig {
    /// Whether an unsigned request object is good for anything here: where all must be signed, none is.
    #[must_use]
    pub const fn takes_unsigned_request_objects(&self) -> bool {
        self.unsigned_request_objects && !self.require_signed_request_object
    }
}
