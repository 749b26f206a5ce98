//! `id_token_hint`: an ID token of ours that comes back, at the authorization endpoint and at logout.

use super::{Internal, Tessera};
use crate::crypto::jose::{UnopenedJwe, unsecured_claims};
use crate::protocol::client::ClientId;
use crate::protocol::or_none::IdTokenAlg;
use crate::protocol::token::id_token::HintClaims;

impl Tessera {
    /// What a hint says; `None` if it is no ID token of ours. An expired one is good: it says who, not
    /// that they are here now.
    ///
    /// OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2: the client may "re-encrypt the signed ID
    /// token to the Authentication Server using a key that enables the server to decrypt the ID Token".
    ///
    /// # Errors
    /// If the database does not answer.
    pub(super) async fn read_hint(&self, hint: &str) -> Result<Option<HintClaims>, Internal> {
        let opened;
        let token = if UnopenedJwe::looks_like(hint) {
            match UnopenedJwe::parse(hint).and_then(|jwe| self.open_to_us(&jwe)) {
                Some(inner) => {
                    opened = inner;
                    &opened
                }
                None => return Ok(None),
            }
        } else {
            hint
        };
        let signed: Option<HintClaims> = self.our_jwt(token, "JWT");
        let claims = match signed {
            Some(mut claims) => {
                claims.proven = true;
                Some(claims)
            }
            None => self.unsigned_hint(token).await?,
        };
        Ok(claims.filter(|claims| claims.iss == self.issuer()))
    }

    /// An ID token that nobody signed, for a client that gets no others. Anybody can make one up, so it
    /// proves nothing: at the authorization endpoint it says no more than a claim request for `sub`,
    /// which is not signed either, and at logout no more than `client_id` and `logout_hint`.
    async fn unsigned_hint(&self, token: &str) -> Result<Option<HintClaims>, Internal> {
        if !self.config.protocol.unsigned_id_tokens {
            return Ok(None);
        }
        let Ok(claims) = unsecured_claims::<HintClaims>(token) else {
            return Ok(None);
        };
        let [client] = claims.aud.as_slice() else {
            return Ok(None);
        };
        let client = self.client(&ClientId::new(client.as_str())).await?;
        let gets_them = client
            .is_some_and(|client| client.metadata.id_token_signed_response_alg == IdTokenAlg::None);
        Ok(gets_them.then_some(claims))
    }
}
