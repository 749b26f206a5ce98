//! What a person and their session are called at a client (OpenID Connect Core §8): the same everywhere,
//! or another name in each sector, so that applications cannot put their records of a person together.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::{Internal, Tessera};
use crate::base::ids::{SessionId, UserId};
use crate::protocol::client::{Client, SubjectType};

impl Tessera {
    /// The `sub` of a person at a client.
    ///
    /// # Errors
    /// If the MAC cannot be computed.
    pub fn subject(&self, client: &Client, user: UserId) -> Result<String, Internal> {
        self.name_at(client, "pairwise-subject", user.0)
    }

    /// The `sid` of a session at a client. Where subjects are pairwise so is this: two sectors that
    /// got the same one would know that their two people are one.
    ///
    /// # Errors
    /// If the MAC cannot be computed.
    pub fn sid(&self, client: &Client, session: SessionId) -> Result<String, Internal> {
        self.name_at(client, "pairwise-session", session.0)
    }

    /// §8.1: "The Subject Identifier MUST NOT be reversible by any party other than the OpenID
    /// Provider": a MAC under a key of its own for each `kind` of name, which never leaves.
    fn name_at(&self, client: &Client, kind: &'static str, id: Uuid) -> Result<String, Internal> {
        match client.metadata.subject_type {
            SubjectType::Public => Ok(id.to_string()),
            SubjectType::Pairwise => {
                // Registration refuses a client without a sector; should one come by another way, it
                // is a sector of its own.
                let (by, sector) = match client.metadata.sector() {
                    Some(host) => ("host", host),
                    None => ("client", client.id.to_string()),
                };
                let parts = [by.as_bytes(), sector.as_bytes(), id.as_bytes()];
                let mac = self.master.mac(kind, &parts)?;
                Ok(URL_SAFE_NO_PAD.encode(mac))
            }
        }
    }
}
