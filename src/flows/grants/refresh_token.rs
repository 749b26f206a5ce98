//! An application refreshes (RFC 6749 §6). Each refresh token works once; a replay ends the family.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::person::RefreshToken;
use super::{Ahead, Inside, TokenResponse};
use crate::base::{Secret, Timestamp};
use crate::flows::issue::Prepared;
use crate::flows::{Outcome, Tessera};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::client::Client;
use crate::protocol::error::OAuthError;
use crate::protocol::params::Params;
use crate::protocol::token::refresh_token::{
    Decision, PREFIX, Refresh, RefreshTokenHash, StoredRefreshToken, decide, refused,
};
use crate::storage::{Tx, grants, tokens};

impl Tessera {
    pub(super) async fn refresh(
        &self,
        client: &Arc<Client>,
        params: &Params,
        origin: Origin,
    ) -> Outcome<TokenResponse> {
        let presented = match params.require("refresh_token") {
            Ok(token) => Secret::new(token.to_owned()),
            Err(error) => return Ok(Err(error)),
        };
        let (ahead, recipient) = self.look_ahead(client).await?;
        let (tessera, owner, params) = (self.clone(), Arc::clone(client), params.clone());
        let prepared = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    tessera
                        .rotate(tx, &owner, &params, (&presented, ahead), &origin)
                        .await
                })
            })
            .await?;
        match prepared {
            Ok(prepared) => self.sign(client, prepared, recipient.as_ref()).map(Ok),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn rotate(
        &self,
        tx: &mut Tx<'_>,
        client: &Client,
        params: &Params,
        (presented, ahead): (&Secret<String>, Ahead),
        origin: &Origin,
    ) -> Inside<Result<Prepared, OAuthError>> {
        let (now, hash) = (self.now(), RefreshTokenHash(presented.digest()));
        let (Some(grant), Some(token)) = (
            grants::lock_by_refresh_token(tx, hash.0).await?,
            tokens::find_refresh(tx, hash).await?,
        ) else {
            return Ok(Err(refused()));
        };
        let resources: Vec<String> = params.resources().map(str::to_owned).collect();
        let refresh = Refresh {
            client_id: &client.id,
            scope: params.get("scope"),
            resources: &resources,
            recipients: self.recipients(&ahead.servers),
        };
        let decision = decide(&token, &grant, refresh, &self.lifetimes(), now);
        if let Decision::Issue(issuance) | Decision::Reissue(issuance) = &decision
            && let Err(error) = ahead.can_send(issuance)
        {
            return Ok(Err(error));
        }
        let actor = Actor::Client(client.id.clone());
        let (issuance, next) = match decision {
            Decision::Refuse(error) => return Ok(Err(error)),
            Decision::RefuseAndRevoke(error) => {
                grants::end(tx, grant.id, now, "refresh_replayed").await?;
                let event = Event::new(Kind::RefreshReplayed, actor)
                    .failed("replay")
                    .with("grant_id", grant.id);
                self.record(tx, &event, origin);
                return Ok(Err(error));
            }
            Decision::Issue(issuance) => (issuance, self.exchange(tx, presented, now).await?),
            Decision::Reissue(issuance) => (issuance, self.exchanged(presented, &token)?),
        };
        let Some(next) = next else {
            return Ok(Err(refused()));
        };
        let event = Event::new(Kind::TokenIssued, actor).with("grant_type", "refresh_token");
        let issued = (*issuance, next);
        self.issue_for_person(tx, client, &grant, issued, event, origin, now)
            .await
    }

    /// Spends a token for its successor; `None` if somebody else was faster.
    async fn exchange(
        &self,
        tx: &mut Tx<'_>,
        presented: &Secret<String>,
        now: Timestamp,
    ) -> Inside<Option<RefreshToken>> {
        let salt = self.entropy.bytes();
        let next = self.successor(presented, &salt)?;
        let [hash, hash_of_next] = [presented, &next].map(|token| RefreshTokenHash(token.digest()));
        let spent = tokens::use_refresh(tx, hash, hash_of_next, &salt, now).await?;
        Ok(spent.then_some(RefreshToken::New(next)))
    }

    /// What a spent token was exchanged for.
    fn exchanged(
        &self,
        presented: &Secret<String>,
        spent: &StoredRefreshToken,
    ) -> Inside<Option<RefreshToken>> {
        let next = spent.successor_salt.as_ref();
        let next = next
            .map(|salt| self.successor(presented, salt))
            .transpose()?;
        Ok(next.map(RefreshToken::Known))
    }

    /// What a refresh token is exchanged for: derived from it, so that the response can be given
    /// again though storage keeps only hashes. It takes the token (which only its holder has), the
    /// salt (which only the database has) and the master key together to compute it.
    fn successor(&self, presented: &Secret<String>, salt: &[u8; 32]) -> Inside<Secret<String>> {
        let parts = [presented.expose().as_bytes(), salt.as_slice()];
        let bytes = self.master.mac("refresh-successor", &parts)?;
        Ok(Secret::new(format!(
            "{PREFIX}{}",
            URL_SAFE_NO_PAD.encode(bytes)
        )))
    }
}
