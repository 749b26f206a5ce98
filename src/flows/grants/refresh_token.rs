//! An application refreshes (RFC 6749 §6). Each refresh token works once; a replay ends the family.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::authorization_code::RefreshToken;
use super::{Ahead, Inside, TokenResponse};
use crate::base::Secret;
use crate::flows::issue::Prepared;
use crate::flows::{Outcome, Tessera};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::client::Client;
use crate::protocol::error::OAuthError;
use crate::protocol::params::Params;
use crate::protocol::token::refresh_token::{
    Decision, PREFIX, Refresh, RefreshTokenHash, decide, refused,
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
        let actor = Actor::Client(client.id.clone());
        let decision = decide(&token, &grant, refresh, &self.lifetimes(), now);
        if let (Decision::Issue(issuance) | Decision::Reissue(issuance), Some(error)) =
            (&decision, ahead.undeliverable)
            && issuance.with_id_token()
        {
            return Ok(Err(error));
        }
        let (issuance, refresh_token) = match decision {
            Decision::Refuse(error) => return Ok(Err(error)),
            Decision::RefuseAndRevoke(error) => {
                grants::end(tx, grant.id, now, "refresh_replayed").await?;
                let event = Event::new(Kind::RefreshReplayed, actor)
                    .failed("replay")
                    .with("grant_id", grant.id);
                self.record(tx, &event, origin);
                return Ok(Err(error));
            }
            Decision::Issue(issuance) => {
                let salt = self.entropy.bytes();
                let next = self.successor(presented, &salt)?;
                let hash_of_next = RefreshTokenHash(next.digest());
                if !tokens::use_refresh(tx, hash, hash_of_next, &salt, now).await? {
                    return Ok(Err(refused()));
                }
                (issuance, RefreshToken::New(next))
            }
            Decision::Reissue(issuance) => {
                let Some(salt) = token.successor_salt else {
                    return Ok(Err(refused()));
                };
                (
                    issuance,
                    RefreshToken::Known(self.successor(presented, &salt)?),
                )
            }
        };
        let event = Event::new(Kind::TokenIssued, actor).with("grant_type", "refresh_token");
        self.issue_for_person(
            tx,
            client,
            &grant,
            (*issuance, refresh_token),
            event,
            origin,
            now,
        )
        .await
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
