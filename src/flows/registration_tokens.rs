//! Initial access tokens (RFC 7591 §3): an operator lets somebody register so many clients.

use std::time::Duration;

use uuid::Uuid;

use super::{Internal, Tessera};
use crate::base::Secret;
use crate::base::ids::uuid_v7;
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::storage::registrations::{self, InitialToken};

/// Begins every initial access token, so that secret scanners find one that leaked.
pub const PREFIX: &str = "tsi_";

impl Tessera {
    /// Makes a token for `uses` registrations within `lifetime`. It is shown this once.
    ///
    /// # Errors
    /// If it could not be stored.
    pub async fn create_registration_token(
        &self,
        uses: u32,
        lifetime: Duration,
        actor: Actor,
        origin: Origin,
    ) -> Result<(Secret<String>, InitialToken), Internal> {
        let now = self.now();
        let secret = Secret::new(format!("{PREFIX}{}", self.entropy.token().expose()));
        let token = InitialToken {
            id: uuid_v7(now, &self.entropy),
            uses: i64::from(uses),
            used: 0,
            created_at: now,
            expires_at: now + lifetime,
        };
        let event = Event::new(Kind::RegistrationTokenChanged, actor)
            .with("action", "created")
            .with("token_id", token.id)
            .with("uses", uses)
            .with("expires_at", token.expires_at.rfc3339());
        let (tessera, new, hash) = (self.clone(), token.clone(), secret.digest());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    registrations::insert_token(tx, &new, hash).await?;
                    tessera.record(tx, &event, &origin);
                    Ok::<_, Internal>(())
                })
            })
            .await?;
        Ok((secret, token))
    }

    /// Every token that has not expired, oldest first.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn registration_tokens(&self) -> Result<Vec<InitialToken>, Internal> {
        let mut reader = &self.store;
        let mut tokens = registrations::tokens(&mut reader).await?;
        let now = self.now();
        tokens.retain(|token| token.expires_at > now);
        Ok(tokens)
    }

    /// Revokes a token; false if there is none. What it registered stays.
    ///
    /// # Errors
    /// If it could not be stored.
    pub async fn revoke_registration_token(
        &self,
        id: Uuid,
        actor: Actor,
        origin: Origin,
    ) -> Result<bool, Internal> {
        let event = Event::new(Kind::RegistrationTokenChanged, actor)
            .with("action", "revoked")
            .with("token_id", id);
        let tessera = self.clone();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let revoked = registrations::revoke_token(tx, id).await?;
                    if revoked {
                        tessera.record(tx, &event, &origin);
                    }
                    Ok(revoked)
                })
            })
            .await
    }
}
