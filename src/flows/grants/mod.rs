//! The token endpoint's use cases, one file per grant.

mod authorization_code;
mod client_credentials;
mod person;
mod refresh_token;

use std::sync::Arc;

use super::client_auth::Caller;
use super::issue::TokenResponse;
use super::{Internal, Outcome, Tessera};
use crate::crypto::jose::Recipient;
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::client::Client;
use crate::protocol::error::{ErrorCode, OAuthError};
use crate::protocol::grant::TokenGrant;
use crate::protocol::params::Params;
use crate::protocol::resource_server::ResourceServers;
use crate::protocol::token::Issuance;

/// What the transaction of a grant must know and does not look up itself.
struct Ahead {
    /// Whom access tokens can be for.
    servers: Arc<ResourceServers>,
    /// Why an ID token could not be sent to the client, if it could not.
    undeliverable: Option<OAuthError>,
}

impl Ahead {
    /// Whether what was decided can be sent. Asked before anything is spent: the client can repair
    /// its keys and try again.
    fn can_send(&self, issuance: &Issuance) -> Result<(), OAuthError> {
        match &self.undeliverable {
            Some(error) if issuance.with_id_token() => Err(error.clone()),
            _ => Ok(()),
        }
    }
}

impl Tessera {
    /// Serves a token request whose client is known.
    ///
    /// # Errors
    /// The inner error is the answer; the outer one is ours.
    pub async fn token(
        &self,
        caller: Caller,
        params: &Params,
        origin: Origin,
    ) -> Outcome<TokenResponse> {
        let grant = match grant_type(&caller, params) {
            Ok(grant) => grant,
            Err(error) => return Ok(Err(error)),
        };
        let (client, trial) = (Arc::clone(caller.client()), caller.trial());
        let result = match grant {
            TokenGrant::AuthorizationCode => {
                self.redeem_code(&client, trial, params, origin.clone())
                    .await
            }
            TokenGrant::RefreshToken => self.refresh(&client, params, origin.clone()).await,
            TokenGrant::ClientCredentials => match caller.authenticated() {
                Ok(proven) => {
                    self.client_credentials(&proven, trial, params, origin.clone())
                        .await
                }
                Err(error) => Ok(Err(error)),
            },
        }?;
        let outcome = if result.is_ok() { "issued" } else { "refused" };
        metrics::counter!("tessera_token_requests_total",
            "grant_type" => grant.as_str(), "outcome" => outcome)
        .increment(1);
        if let Err(error) = &result {
            let event = Event::new(Kind::TokenRefused, Actor::Client(client.id.clone()))
                .failed(error.code.as_str())
                .with("grant_type", grant.as_str())
                .with("trial_id", trial);
            self.record_refusal(&client.id, event, origin).await?;
        } else if trial.is_none() {
            self.note_use(&client.id).await;
        }
        Ok(result)
    }

    /// Before the transaction: it, and whom the ID token is encrypted to, if to anybody.
    async fn look_ahead(&self, client: &Client) -> Inside<(Ahead, Option<Recipient>)> {
        let servers = self.resource_servers().await?;
        let (recipient, undeliverable) = match self.id_token_recipient(client).await {
            Ok(recipient) => (recipient, None),
            Err(error) => (None, Some(error)),
        };
        let ahead = Ahead {
            servers,
            undeliverable,
        };
        Ok((ahead, recipient))
    }
}

/// Which grant, and whether this client may use it.
fn grant_type(caller: &Caller, params: &Params) -> Result<TokenGrant, OAuthError> {
    let grant = TokenGrant::parse(params.require("grant_type")?)?;
    // RFC 6749 §5.2: "The authenticated client is not authorized to use this authorization grant
    // type."
    if !caller.client().may_use(grant.registered_as()) {
        return Err(OAuthError::new(
            ErrorCode::UnauthorizedClient,
            "this client is not registered for this grant_type",
        ));
    }
    Ok(grant)
}

/// A failure inside a transaction, for closures that want `?` on storage calls.
pub(super) type Inside<T> = Result<T, Internal>;
