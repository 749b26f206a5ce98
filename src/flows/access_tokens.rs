//! Access tokens that come back to us: userinfo, introspection, revocation. What was revoked a
//! moment ago, on any node, is found out: the database is asked each time.

use super::issue::OPAQUE_PREFIX;
use super::{Internal, Tessera};
use crate::base::ids::UserId;
use crate::base::{Digest, Timestamp};
use crate::crypto::jose::{JwsAlgorithm, UnverifiedJwt};
use crate::protocol::client::ClientId;
use crate::protocol::token::access_token::AccessTokenClaims;
use crate::storage::{grants, tokens};

/// What we sign with ourselves.
const OURS: [JwsAlgorithm; 4] = [
    JwsAlgorithm::RS256,
    JwsAlgorithm::PS256,
    JwsAlgorithm::ES256,
    JwsAlgorithm::EdDSA,
];

/// The claims of an access token that works right now. Made only by [`Tessera::live_token`].
#[derive(Clone, Debug)]
pub struct LiveToken {
    claims: AccessTokenClaims,
    user: Option<UserId>,
}

impl LiveToken {
    /// What it says.
    #[must_use]
    pub const fn claims(&self) -> &AccessTokenClaims {
        &self.claims
    }

    /// The person who allowed it; `None` where a client acts for itself.
    #[must_use]
    pub const fn user(&self) -> Option<UserId> {
        self.user
    }
}

impl Tessera {
    /// The token, if it is ours, current, and everything that it rests on still stands.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn live_token(&self, token: &str) -> Result<Option<LiveToken>, Internal> {
        let now = self.now();
        let Some(claims) = self.known_token(token).await? else {
            return Ok(None);
        };
        if !claims.is_current(now) {
            return Ok(None);
        }
        let mut reader = &self.store;
        let client = ClientId::new(claims.client_id.as_str());
        let standing =
            grants::standing(&mut reader, &claims.jti, &client, claims.grant_id, now).await?;
        let stands = !standing.token_revoked
            && standing.client_live
            && (claims.grant_id.is_none() || (standing.grant_live && standing.user_live));
        Ok(stands.then_some(LiveToken {
            claims,
            user: standing.user_id,
        }))
    }

    /// The claims of a token that we issued, current or not.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn known_token(&self, token: &str) -> Result<Option<AccessTokenClaims>, Internal> {
        if token.starts_with(OPAQUE_PREFIX) {
            let mut reader = &self.store;
            return Ok(tokens::find_opaque(&mut reader, Digest::of(token.as_bytes())).await?);
        }
        Ok(self.our_jwt(token, "at+jwt"))
    }

    /// The claims of a JWT that we signed with a key that is still published.
    pub(super) fn our_jwt<C: serde::de::DeserializeOwned>(
        &self,
        token: &str,
        typ: &str,
    ) -> Option<C> {
        let jwt = UnverifiedJwt::parse(token).ok()?;
        // RFC 8725 §3.11: an ID token is no access token, and the reverse.
        if !jwt.header().typ_is(typ) {
            return None;
        }
        let keys = self.keys.current().ok()?;
        let key = keys.verification_key(jwt.header().kid()?)?;
        Some(jwt.verify(key, &OURS).ok()?.into_claims())
    }

    /// Revokes an access token until it would have expired.
    pub(super) async fn revoke_access_token(
        &self,
        tx: &mut crate::storage::Tx<'_>,
        claims: &AccessTokenClaims,
    ) -> Result<(), Internal> {
        tokens::revoke(tx, &claims.jti, Timestamp::from_seconds(claims.exp)).await?;
        Ok(())
    }
}
