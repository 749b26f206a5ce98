//! Userinfo (OpenID Connect Core §5.3).

use serde_json::{Map, Value};

use super::issue::claims_of;
use super::{Outcome, Tessera};
use crate::protocol::claims;
use crate::protocol::custom_claims::{Occasion, Place};
use crate::protocol::error::{ErrorCode, OAuthError};
use crate::protocol::scope::Scope;
use crate::storage::{grants, users};

impl Tessera {
    /// The claims that a token opens.
    ///
    /// # Errors
    /// `invalid_token`, `insufficient_scope` (RFC 6750 §3.1).
    pub async fn userinfo(&self, token: &str) -> Outcome<Map<String, Value>> {
        let refused = || {
            Ok(Err(OAuthError::new(
                ErrorCode::InvalidToken,
                "the access token is expired, revoked or not for this endpoint",
            )))
        };
        let Some(token) = self.live_token(token).await? else {
            return refused();
        };
        let claims = token.claims();
        // RFC 9068 §4: the audience must be us. A token for another resource server, leaked there,
        // must not open the profile here.
        if claims.grant_id.is_none() || !claims.aud.contains(self.issuer()) {
            return refused();
        }
        let Ok(scope) = Scope::parse(&claims.scope) else {
            return refused();
        };
        if !scope.contains(Scope::OPENID) {
            return Ok(Err(OAuthError::new(
                ErrorCode::InsufficientScope,
                "the access token was issued without the scope openid",
            )));
        }
        let (Some(user), Some(grant)) = (token.user(), claims.grant_id) else {
            return refused();
        };
        let mut reader = &self.store;
        let (Some(user), Some(grant)) = (
            users::find(&mut reader, user).await?,
            grants::find(&mut reader, grant).await?,
        ) else {
            return refused();
        };
        let all = claims_of(&user);
        let mut answer = claims::released(&all, &scope);
        answer.extend(claims::requested(&all, grant.claims.userinfo.keys()));
        let occasion = Occasion {
            place: Place::Userinfo,
            client: &grant.client_id,
            scope: &scope,
        };
        answer.extend(self.own_claims(occasion, grant.claims.userinfo.keys(), Some(&user)));
        answer.insert("sub".to_owned(), claims.sub.clone().into());
        Ok(Ok(answer))
    }
}
