//! Applications register themselves and look after their registration (RFC 7591, RFC 7592).

use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;

use super::clients::{DEFAULT_OVERLAP, new_client, new_secret};
use super::registration_request::Request;
use super::{Internal, Tessera};
use crate::base::{Digest, Secret, Timestamp};
use crate::config::RegistrationMode;
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::client::{AuthMethod, Client, ClientId, ClientMetadata, ClientSecret};
use crate::protocol::discovery::{endpoint, paths};
use crate::protocol::error::{ErrorCode, OAuthError};
use crate::protocol::registration::management_response;
use crate::storage::{Tx, clients, registrations};

/// Begins every registration access token (RFC 7592), so that secret scanners find one that leaked.
pub const ACCESS_PREFIX: &str = "tsm_";

/// Why a registration was not made, read or changed.
#[derive(Debug)]
pub enum Refused {
    /// No token, or one that does not work here. Whether there is such a client, nobody learns.
    Token,
    /// Too many from this address: how long to wait.
    Slowed(Duration),
    /// What was sent, or that there is no room.
    Error(OAuthError),
}

impl From<OAuthError> for Refused {
    fn from(error: OAuthError) -> Self {
        Self::Error(error)
    }
}

/// The client information response, or why there is none. The outer error is ours.
pub type Registered = Result<Result<Value, Refused>, Internal>;

impl Tessera {
    /// Registers the client that `body` describes (RFC 7591 §3.1).
    ///
    /// # Errors
    /// If it could not be stored.
    pub async fn register(&self, token: Option<&str>, body: &[u8], origin: Origin) -> Registered {
        let Some(initial) = self.may_register(token).await? else {
            return Ok(Err(Refused::Token));
        };
        if let Err(wait) = self.slow_stranger(initial.is_none(), &origin).await? {
            return Ok(Err(Refused::Slowed(wait)));
        }
        let made = match self.read_registration(body, None).await? {
            Ok(request) => self.add(request.metadata, initial, origin.clone()).await?,
            Err(error) => Err(error.into()),
        };
        self.noted(made, None, origin).await
    }

    /// The registration of a client (RFC 7592 §2.1).
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn registration(&self, id: &ClientId, token: Option<&str>) -> Registered {
        Ok(match self.managed(id, token).await? {
            Some((client, token)) => Ok(self.answer(&client, None, &token)),
            None => Err(Refused::Token),
        })
    }

    /// Replaces the metadata of a client (RFC 7592 §2.2).
    ///
    /// # Errors
    /// If it could not be stored.
    pub async fn update_registration(
        &self,
        id: &ClientId,
        token: Option<&str>,
        body: &[u8],
        origin: Origin,
    ) -> Registered {
        let Some((client, token)) = self.managed(id, token).await? else {
            return Ok(Err(Refused::Token));
        };
        if let Err(wait) = self.slow_stranger(client.by_stranger, &origin).await? {
            return Ok(Err(Refused::Slowed(wait)));
        }
        let changed = match self.read_registration(body, Some(&client)).await? {
            Ok(request) => self.replace(client, request, token, origin.clone()).await?,
            Err(error) => Err(error.into()),
        };
        self.noted(changed, Some(id), origin).await
    }

    /// Removes a client, and with it everything that it holds (RFC 7592 §2.3).
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn unregister(
        &self,
        id: &ClientId,
        token: Option<&str>,
        origin: Origin,
    ) -> Result<Result<(), Refused>, Internal> {
        let Some((client, token)) = self.managed(id, token).await? else {
            return Ok(Err(Refused::Token));
        };
        let event = Event::new(Kind::ClientDeleted, Actor::Client(id.clone()))
            .with("client_id", id)
            .with("organisation_id", client.organisation);
        let (tessera, id, digest) = (self.clone(), id.clone(), token.digest());
        let deleted = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let stored = registrations::access_token(tx, &id).await?;
                    let deleted = stored.is_some_and(|stored| stored.is(&digest))
                        && clients::delete(tx, &id).await?;
                    if deleted {
                        tessera.record(tx, &event, &origin);
                    }
                    Ok::<_, Internal>(deleted)
                })
            })
            .await?;
        self.clients.invalidate();
        Ok(if deleted { Ok(()) } else { Err(Refused::Token) })
    }

    /// Whether somebody may register at all: the hash of the initial access token to spend, if one is
    /// needed. Asked first, so that nothing costly is done for a stranger.
    async fn may_register(&self, token: Option<&str>) -> Result<Option<Option<Digest>>, Internal> {
        match (self.config.registration.mode, token) {
            (RegistrationMode::Open, _) => Ok(Some(None)),
            (RegistrationMode::Token, Some(token)) => {
                let (hash, mut reader) = (Digest::of(token.as_bytes()), &self.store);
                let works = registrations::token_works(&mut reader, hash, self.now()).await?;
                Ok(works.then_some(Some(hash)))
            }
            _ => Ok(None),
        }
    }

    /// Each try of an address counts: it may make us fetch what a stranger names, and write what a
    /// stranger says. Not with an initial access token, nor for a client that came with one: an operator
    /// chose who gets it, and it is counted itself.
    async fn slow_stranger(
        &self,
        by_stranger: bool,
        origin: &Origin,
    ) -> Result<Result<(), Duration>, Internal> {
        if !by_stranger {
            return Ok(Ok(()));
        }
        let buckets = self.registration_bucket(origin.address)?;
        self.reserve_try(buckets.into_iter().collect(), None).await
    }

    /// The client, if it registered itself and this is its registration access token.
    async fn managed(
        &self,
        id: &ClientId,
        token: Option<&str>,
    ) -> Result<Option<(Client, Secret<String>)>, Internal> {
        let Some(token) = token.map(|token| Secret::new(token.to_owned())) else {
            return Ok(None);
        };
        let mut reader = &self.store;
        let stored = registrations::access_token(&mut reader, id).await?;
        if !stored.is_some_and(|stored| stored.is(&token.digest())) {
            return Ok(None);
        }
        let client = clients::find(&mut reader, id, self.now()).await?;
        Ok(client.map(|client| (client, token)))
    }

    async fn add(
        &self,
        metadata: ClientMetadata,
        initial: Option<Digest>,
        origin: Origin,
    ) -> Registered {
        let lifetime = self.config.registration.secret_lifetime;
        let (mut client, secret) = new_client(self, metadata, lifetime)?;
        client.by_stranger = initial.is_none();
        let token = self.new_access_token();
        let (tessera, new, digest) = (self.clone(), client.clone(), token.digest());
        let added = self
            .store
            .write(move |tx| {
                Box::pin(async move { tessera.insert(tx, &new, digest, initial, &origin).await })
            })
            .await?;
        self.clients.invalidate();
        Ok(added.map(|()| self.answer(&client, secret.as_ref(), &token)))
    }

    async fn insert(
        &self,
        tx: &mut Tx<'_>,
        client: &Client,
        token: Digest,
        initial: Option<Digest>,
        origin: &Origin,
    ) -> Result<Result<(), Refused>, Internal> {
        let most = i64::from(self.config.registration.max_clients);
        if registrations::lock_and_count(tx).await? >= most {
            return Ok(Err(Refused::Error(OAuthError::new(
                ErrorCode::TemporarilyUnavailable,
                "no more clients can be registered",
            ))));
        }
        let mut spent: Option<Uuid> = None;
        if let Some(initial) = initial {
            spent = registrations::spend_token(tx, initial, self.now()).await?;
            if spent.is_none() {
                return Ok(Err(Refused::Token));
            }
        }
        clients::insert(tx, client).await?;
        registrations::hand_over(tx, &client.id, token, self.now()).await?;
        let event = Event::new(Kind::ClientCreated, Actor::Anonymous)
            .with("client_id", &client.id)
            .with("client_name", &client.metadata.client_name)
            .with("redirect_uris", &client.metadata.redirect_uris)
            .with("registration_token_id", spent);
        self.record(tx, &event, origin);
        Ok(Ok(()))
    }

    async fn replace(
        &self,
        mut client: Client,
        request: Request,
        token: Secret<String>,
        origin: Origin,
    ) -> Registered {
        let method = request.metadata.token_endpoint_auth_method;
        let renewed = self.renewed_secret(&client, method, request.has_old_secret)?;
        client.metadata = request.metadata;
        let (secret, stored) = renewed.unzip();
        let event = Event::new(Kind::ClientChanged, Actor::Client(client.id.clone()))
            .with("client_id", &client.id)
            .with("client_name", &client.metadata.client_name)
            .with("redirect_uris", &client.metadata.redirect_uris)
            .with("secret_id", stored.as_ref().map(|secret| secret.id));
        let change = Change {
            id: client.id.clone(),
            metadata: client.metadata.clone(),
            token: token.digest(),
            secret: stored.clone(),
        };
        let tessera = self.clone();
        let replaced = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let replaced = change.store(tx, tessera.now()).await?;
                    if replaced {
                        tessera.record(tx, &event, &origin);
                    }
                    Ok::<_, Internal>(replaced)
                })
            })
            .await?;
        self.clients.invalidate();
        // What was fetched is of the old registration, or of an old set at the same address.
        self.client_keys.forget(&client.id);
        if !replaced {
            return Ok(Err(Refused::Token));
        }
        if let Some(stored) = stored {
            client.secrets.insert(0, stored);
        }
        if !method.has_secret() {
            client.secrets.clear();
        }
        Ok(Ok(self.answer(&client, secret.as_ref(), &token)))
    }

    /// A new secret, where the client needs one that it does not have: for another method, because the
    /// answer with the last one got lost, or because that has lived for half of its time.
    fn renewed_secret(
        &self,
        client: &Client,
        method: AuthMethod,
        has_old_secret: bool,
    ) -> Result<Option<(Secret<String>, ClientSecret)>, Internal> {
        let lifetime = self.config.registration.secret_lifetime;
        let now = self.now();
        let good = client.secrets.first().is_some_and(|secret| {
            let sealed = secret.sealed.is_some() || method != AuthMethod::ClientSecretJwt;
            let young = secret
                .expires_at
                .is_none_or(|end| end.since(now) > lifetime.unwrap_or_default() / 2);
            sealed && young
        });
        if good && !has_old_secret {
            return Ok(None);
        }
        new_secret(self, method, lifetime)
    }

    fn new_access_token(&self) -> Secret<String> {
        Secret::new(format!("{ACCESS_PREFIX}{}", self.entropy.token().expose()))
    }

    fn answer(
        &self,
        client: &Client,
        secret: Option<&Secret<String>>,
        token: &Secret<String>,
    ) -> Value {
        let register = endpoint(self.issuer(), paths::REGISTER);
        let uri = format!("{register}/{}", client.id);
        management_response(client, secret, token, &uri)
    }

    /// Records a refusal. Never one for want of a token or of patience: strangers must not be able to
    /// fill the log.
    async fn noted(
        &self,
        result: Result<Value, Refused>,
        client: Option<&ClientId>,
        origin: Origin,
    ) -> Registered {
        let outcome = if result.is_ok() { "done" } else { "refused" };
        metrics::counter!("tessera_registrations_total", "outcome" => outcome).increment(1);
        if let Err(Refused::Error(error)) = &result {
            // The member only: what stands in it may be anything.
            let named = error.description().split_once(':');
            let actor = client.cloned().map_or(Actor::Anonymous, Actor::Client);
            let event = Event::new(Kind::RegistrationRefused, actor)
                .failed(error.code.as_str())
                .with("member", named.map(|(member, _)| member));
            match client {
                Some(client) => self.record_refusal(client, event, origin).await?,
                None => self.record_some_of(None, event, origin).await?,
            }
        }
        Ok(result)
    }
}

/// What an update writes.
struct Change {
    id: ClientId,
    metadata: ClientMetadata,
    token: Digest,
    secret: Option<ClientSecret>,
}

impl Change {
    /// False if the token does not work any more.
    async fn store(self, tx: &mut Tx<'_>, now: Timestamp) -> Result<bool, Internal> {
        let id = &self.id;
        if !registrations::replace(tx, id, self.token, &self.metadata, now).await? {
            return Ok(false);
        }
        if let Some(secret) = &self.secret {
            clients::add_secret(tx, id, secret, now).await?;
            // The answer may get lost on its way: the old secret works until the new one is everywhere.
            clients::expire_other_secrets(tx, id, secret.id, now + DEFAULT_OVERLAP).await?;
        } else if !self.metadata.token_endpoint_auth_method.has_secret() {
            clients::expire_other_secrets(tx, id, Uuid::nil(), now).await?;
        }
        Ok(true)
    }
}
