//! A machine gets its token (RFC 6749 §4.4).

use super::{Inside, TokenResponse};
use crate::base::ids::TrialId;
use crate::flows::client_auth::AuthenticatedClient;
use crate::flows::issue::{Prepared, access_token_format};
use crate::flows::{Outcome, Tessera};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::client::{AccessTokenFormat, ClientId};
use crate::protocol::params::Params;
use crate::protocol::token::client_credentials::decide;

impl Tessera {
    pub(super) async fn client_credentials(
        &self,
        proven: &AuthenticatedClient,
        trial: Option<TrialId>,
        params: &Params,
        origin: Origin,
    ) -> Outcome<TokenResponse> {
        let client = proven.client();
        let servers = self.resource_servers().await?;
        let issuance = match decide(
            client,
            params.get("scope"),
            params.resources(),
            self.recipients(&servers),
        ) {
            Ok(issuance) => issuance,
            Err(error) => return Ok(Err(error)),
        };
        let now = self.now();
        let prepared = if access_token_format(client, &issuance) == AccessTokenFormat::Jwt {
            // Nothing is stored but the record; events of many requests share one statement.
            let mut reader = &self.store;
            let issuance = self.within_roles(&mut reader, issuance, now).await?;
            let prepared = self.prepare_jwt(client, issuance, None, None, now)?;
            self.record_alone(issued(client.id.clone(), trial, &prepared), origin)
                .await?;
            prepared
        } else {
            let (tessera, client) = (self.clone(), std::sync::Arc::clone(client));
            self.store
                .write(move |tx| {
                    Box::pin(async move {
                        let prepared: Inside<Prepared> = tessera
                            .prepare(tx, &client, issuance, None, None, now)
                            .await;
                        let prepared = prepared?;
                        tessera.record(tx, &issued(client.id.clone(), trial, &prepared), &origin);
                        Inside::Ok(prepared)
                    })
                })
                .await?
        };
        self.sign(client, prepared, None).map(Ok)
    }
}

fn issued(client: ClientId, trial: Option<TrialId>, prepared: &Prepared) -> Event {
    Event::new(Kind::TokenIssued, Actor::Client(client))
        .with("grant_type", "client_credentials")
        .with("jti", prepared.jti())
        .with("trial_id", trial)
}
