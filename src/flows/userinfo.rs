//! Userinfo (OpenID Connect Core §5.3).

use std::sync::Arc;

use serde_json::{Map, Value};

use super::encryption::{Form, Formed};
use super::issue::claims_of;
use super::{Outcome, Tessera};
use crate::protocol::claims;
use crate::protocol::client::{Client, ClientId};
use crate::protocol::custom_claims::{Occasion, Place};
use crate::protocol::error::{ErrorCode, OAuthError};
use crate::protocol::scope::Scope;
use crate::storage::{grants, users};

impl Tessera {
    /// The claims that a token opens, in the form that its client registered.
    ///
    /// # Errors
    /// `invalid_token`, `insufficient_scope` (RFC 6750 §3.1); `invalid_request` if the client wants its
    /// answers encrypted and has no key for it.
    pub async fn userinfo(&self, token: &str) -> Outcome<Formed<Map<String, Value>>> {
        let (client, mut claims) = match self.claims_for(token).await? {
            Ok(answer) => answer,
            Err(error) => return Ok(Err(error)),
        };
        let metadata = &client.metadata;
        let form = Form {
            name: "userinfo",
            signed: metadata.userinfo_signed_response_alg,
            alg: metadata.userinfo_encrypted_response_alg,
            enc: metadata.userinfo_encrypted_response_enc,
        };
        if form.signed.is_none() && form.alg.is_none() {
            return Ok(Ok(Formed::Json(claims)));
        }
        // OpenID Connect Core §5.3.2: "If signed, the UserInfo Response MUST contain the Claims iss
        // (issuer) and aud (audience) as members."
        if form.signed.is_some() {
            claims.insert("iss".to_owned(), self.issuer().into());
            claims.insert("aud".to_owned(), client.id.as_str().into());
        }
        let formed = self.form_claims(&client, &form, "JWT", &claims).await?;
        Ok(formed.map(Formed::Jwt))
    }

    /// The client of a token, and what it may know.
    async fn claims_for(&self, token: &str) -> Outcome<(Arc<Client>, Map<String, Value>)> {
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
        let client_id = ClientId::new(claims.client_id.as_str());
        let Some(client) = self.client(&client_id).await? else {
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
        let wished = &grant.claims.locales;
        let mut answer = claims::released(&all, &scope, wished);
        answer.extend(claims::requested(
            &all,
            grant.claims.userinfo.keys(),
            wished,
        ));
        let occasion = Occasion {
            place: Place::Userinfo,
            client: &grant.client_id,
            scope: &scope,
        };
        let known = self.know(&mut reader, user).await?;
        answer.extend(self.own_claims(occasion, grant.claims.userinfo.keys(), Some(&known)));
        answer.insert("sub".to_owned(), claims.sub.clone().into());
        Ok(Ok((client, answer)))
    }
}
