//! An application exchanges its code (RFC 6749 §4.1.3).

use std::sync::Arc;

use super::person::RefreshToken;
use super::{Ahead, Inside, TokenResponse};
use crate::base::ids::TrialId;
use crate::base::{Digest, Secret};
use crate::flows::issue::Prepared;
use crate::flows::{Outcome, Tessera};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::client::Client;
use crate::protocol::error::OAuthError;
use crate::protocol::grant::GrantType;
use crate::protocol::params::Params;
use crate::protocol::token::authorization_code::{Decision, Redemption, decide, refused};
use crate::protocol::token::refresh_token::PREFIX;
use crate::storage::{Tx, codes, grants};

impl Tessera {
    pub(super) async fn redeem_code(
        &self,
        client: &Arc<Client>,
        trial: Option<TrialId>,
        params: &Params,
        origin: Origin,
    ) -> Outcome<TokenResponse> {
        let hash = match params.require("code") {
            Ok(code) => Digest::of(code.as_bytes()),
            Err(error) => return Ok(Err(error)),
        };
        let (ahead, recipient) = self.look_ahead(client).await?;
        let (tessera, owner, params) = (self.clone(), Arc::clone(client), params.clone());
        let prepared = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    tessera
                        .redeem(tx, (&owner, trial), &params, (hash, ahead), &origin)
                        .await
                })
            })
            .await?;
        match prepared {
            Ok(prepared) => self.sign(client, prepared, recipient.as_ref()).map(Ok),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn redeem(
        &self,
        tx: &mut Tx<'_>,
        (client, trial): (&Client, Option<TrialId>),
        params: &Params,
        (hash, ahead): (Digest, Ahead),
        origin: &Origin,
    ) -> Inside<Result<Prepared, OAuthError>> {
        let now = self.now();
        let (Some(grant), Some(code)) = (
            grants::lock_by_code(tx, hash).await?,
            codes::find(tx, hash).await?,
        ) else {
            return Ok(Err(refused()));
        };
        let resources: Vec<String> = params.resources().map(str::to_owned).collect();
        let redemption = Redemption {
            client_id: &client.id,
            redirect_uri: params.get("redirect_uri"),
            code_verifier: params.get("code_verifier"),
            resources: &resources,
            trial,
            may_refresh: client.may_use(GrantType::RefreshToken),
            recipients: self.recipients(&ahead.servers),
        };
        match decide(&code, &grant, redemption, now) {
            Decision::Refuse(error) => Ok(Err(error)),
            Decision::RefuseAndRevoke(error) => {
                // Once: who replays it a thousand times must not fill the log.
                if grants::end(tx, grant.id, now, "code_replayed").await? {
                    let event = Event::new(Kind::CodeReplayed, Actor::Client(client.id.clone()))
                        .failed("replay")
                        .with("grant_id", grant.id);
                    self.record(tx, &event, origin);
                }
                Ok(Err(error))
            }
            Decision::Issue(issuance) => {
                if let Err(error) = ahead.can_send(&issuance) {
                    return Ok(Err(error));
                }
                if !codes::redeem(tx, hash, now).await? {
                    return Ok(Err(refused()));
                }
                let event = Event::new(Kind::TokenIssued, Actor::Client(client.id.clone()))
                    .with("grant_type", "authorization_code")
                    .with("trial_id", trial);
                let refresh_token = if issuance.with_refresh_token() {
                    let token = format!("{PREFIX}{}", self.entropy.token().expose());
                    RefreshToken::New(Secret::new(token))
                } else {
                    RefreshToken::None
                };
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
        }
    }
}
