//! What a person is called at a client (OpenID Connect Core §8): the same everywhere, or another name
//! in each sector, so that applications cannot put their records of a person together.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Internal, Tessera};
use crate::base::ids::UserId;
use crate::protocol::client::{Client, SubjectType};

impl Tessera {
    /// The `sub` of a person at a client.
    ///
    /// §8.1: "The Subject Identifier MUST NOT be reversible by any party other than the OpenID
    /// Provider": a MAC under a key of its own, which never leaves.
    ///
    /// # Errors
    /// If the MAC cannot be computed.
    pub fn subject(&self, client: &Client, user: UserId) -> Result<String, Internal> {
        match client.metadata.subject_type {
            SubjectType::Public => Ok(user.to_string()),
            SubjectType::Pairwise => {
                // Registration refuses a client without a sector; should one come by another way, it
                // is a sector of its own.
                let (kind, sector) = match client.metadata.sector() {
                    Some(host) => ("host", host),
                    None => ("client", client.id.to_string()),
                };
                let parts = [kind.as_bytes(), sector.as_bytes(), user.0.as_bytes()];
                let mac = self.master.mac("pairwise-subject", &parts)?;
                Ok(URL_SAFE_NO_PAD.encode(mac))
            }
        }
    }
}
