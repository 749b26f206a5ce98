//! Revocation (RFC 7009). Revoking a refresh token ends its family.

use super::client_auth::Caller;
use super::{Internal, Tessera};
use crate::base::Digest;
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::token::refresh_token::PREFIX;
use crate::storage::grants;

impl Tessera {
    /// Revokes a token of the calling client. An unknown token, or another client's, is no error.
    ///
    /// RFC 7009 §2.2: "invalid tokens do not cause an error response since the client cannot handle
    /// such an error in a reasonable way."
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn revoke_token(
        &self,
        caller: &Caller,
        token: &str,
        origin: Origin,
    ) -> Result<(), Internal> {
        let client = caller.client().id.clone();
        let actor = Actor::Client(client.clone());
        let (tessera, now) = (self.clone(), self.now());
        if token.starts_with(PREFIX) {
            let hash = Digest::of(token.as_bytes());
            return self
                .store
                .write(move |tx| {
                    Box::pin(async move {
                        // The lock that a refresh takes as well: one of them is first.
                        let grant = grants::lock_by_refresh_token(tx, hash).await?;
                        // RFC 7009 §2.1: "the authorization server [...] verifies whether the token
                        // was issued to the client making the revocation request."
                        let Some(grant) = grant.filter(|grant| grant.client_id == client) else {
                            return Ok(());
                        };
                        if grants::end(tx, grant.id, now, "revoked").await? {
                            let event = Event::new(Kind::TokenRevoked, actor)
                                .with("token_type", "refresh_token")
                                .with("grant_id", grant.id);
                            tessera.record(tx, &event, &origin);
                        }
                        Ok(())
                    })
                })
                .await;
        }
        let known = self.known_token(token).await?;
        let Some(claims) = known.filter(|claims| claims.client_id == client.as_str()) else {
            return Ok(());
        };
        if !claims.is_current(now) {
            return Ok(());
        }
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    tessera.revoke_access_token(tx, &claims).await?;
                    let event = Event::new(Kind::TokenRevoked, actor)
                        .with("token_type", "access_token")
                        .with("jti", claims.jti.as_str());
                    tessera.record(tx, &event, &origin);
                    Ok(())
                })
            })
            .await
    }
}
