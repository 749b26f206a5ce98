//! An application refreshes (RFC 6749 §6). Each refresh token works once; a replay ends the family.

use std::sync::Arc;

use super::{Inside, TokenResponse};
use crate::base::Digest;
use crate::flows::issue::Prepared;
use crate::flows::{Outcome, Tessera};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::client::Client;
use crate::protocol::error::OAuthError;
use crate::protocol::params::Params;
use crate::protocol::token::refresh_token::{Decision, Refresh, RefreshTokenHash, decide, refused};
use crate::storage::{Tx, grants, tokens};

impl Tessera {
    pub(super) async fn refresh(
        &self,
        client: &Arc<Client>,
        params: &Params,
        origin: Origin,
    ) -> Outcome<TokenResponse> {
        let hash = match params.require("refresh_token") {
            Ok(token) => RefreshTokenHash(Digest::of(token.as_bytes())),
            Err(error) => return Ok(Err(error)),
        };
        let (tessera, owner, params) = (self.clone(), Arc::clone(client), params.clone());
        let prepared = self
            .store
            .write(move |tx| {
                Box::pin(async move { tessera.rotate(tx, &owner, &params, hash, &origin).await })
            })
            .await?;
        match prepared {
            Ok(prepared) => self.sign(client, prepared).map(Ok),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn rotate(
        &self,
        tx: &mut Tx<'_>,
        client: &Client,
        params: &Params,
        hash: RefreshTokenHash,
        origin: &Origin,
    ) -> Inside<Result<Prepared, OAuthError>> {
        let now = self.now();
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
            issuer: self.issuer(),
        };
        let actor = Actor::Client(client.id.clone());
        let issuance = match decide(&token, &grant, refresh, &self.lifetimes(), now) {
            Decision::Refuse(error) => return Ok(Err(error)),
            Decision::RefuseAndRevoke(error) => {
                grants::end(tx, grant.id, now, "refresh_replayed").await?;
                let event = Event::new(Kind::RefreshReplayed, actor)
                    .failed("replay")
                    .with("grant_id", grant.id);
                self.record(tx, &event, origin);
                return Ok(Err(error));
            }
            Decision::Issue(issuance) => issuance,
            Decision::Reissue(issuance) => {
                // The one that got lost must not work beside the one that will arrive.
                if let Some(lost) = token.successor {
                    tokens::delete_refresh(tx, lost).await?;
                }
                issuance
            }
        };
        let event = Event::new(Kind::TokenIssued, actor).with("grant_type", "refresh_token");
        let prepared = self
            .issue_for_person(tx, client, &grant, *issuance, event, origin, now)
            .await?;
        if let Ok(prepared) = &prepared
            && let Some(successor) = prepared.refresh_token_hash()
        {
            tokens::use_refresh(tx, hash, successor, now).await?;
        }
        Ok(prepared)
    }
}
