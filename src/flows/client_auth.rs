//! Who calls the token endpoint: claimed -> proven. Exactly one method, the registered one.

use std::sync::Arc;

use super::administration::Spent;
use super::client_keys::{KeySource, verify_with_any};
use super::clients::SECRET_PURPOSE;
use super::{Internal, Tessera};
use crate::base::ids::TrialId;
use crate::base::{Digest, Secret};
use crate::crypto::jose::{UnverifiedJwt, VerificationKey};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::client::{AuthMethod, Client, ClientId};
use crate::protocol::client_auth::{
    AssertionClaims, ClaimError, ClaimedClient, check_assertion_claims, check_secret,
};
use crate::protocol::error::OAuthError;
use crate::protocol::params::Params;
use crate::storage::tokens;

/// A confidential client that has proven itself, or whose [`StandIn`] is tried. Made only here.
#[derive(Clone, Debug)]
pub struct AuthenticatedClient(Arc<Client>);

impl AuthenticatedClient {
    /// The client.
    #[must_use]
    pub fn client(&self) -> &Arc<Client> {
        &self.0
    }
}

/// Who calls: proven, or public and therefore only named.
#[derive(Clone, Debug)]
pub enum Caller {
    /// Proven.
    Authenticated(AuthenticatedClient),
    /// A public client: nobody can tell who really calls.
    Public(Arc<Client>),
    /// Nobody calls: an administrator tries the client, whose proof we do not have.
    StandIn(StandIn),
}

/// In the place of a client that is tried. What it gets never leaves as something that works; made only for a
/// trial that was just spent ([`Spent`]).
#[derive(Clone, Debug)]
pub struct StandIn {
    client: Arc<Client>,
    trial: TrialId,
}

impl StandIn {
    pub(super) fn new(client: Arc<Client>, trial: &Spent) -> Self {
        Self {
            client,
            trial: trial.id(),
        }
    }
}

impl Caller {
    /// The client, proven or named.
    #[must_use]
    pub fn client(&self) -> &Arc<Client> {
        match self {
            Self::Authenticated(client) => client.client(),
            Self::Public(client) => client,
            Self::StandIn(stand_in) => &stand_in.client,
        }
    }

    /// The trial that it is for, if it is for one.
    #[must_use]
    pub const fn trial(&self) -> Option<TrialId> {
        match self {
            Self::StandIn(stand_in) => Some(stand_in.trial),
            Self::Authenticated(_) | Self::Public(_) => None,
        }
    }

    /// The proof.
    ///
    /// # Errors
    /// `invalid_client` for a public client.
    pub fn authenticated(self) -> Result<AuthenticatedClient, OAuthError> {
        match self {
            Self::Authenticated(client) => Ok(client),
            // What a public client may not do, it may not do in a trial either.
            Self::StandIn(stand_in) if !stand_in.client.is_public() => {
                Ok(AuthenticatedClient(stand_in.client))
            }
            Self::Public(_) | Self::StandIn(_) => Err(OAuthError::invalid_client()),
        }
    }
}

impl Tessera {
    /// Reads the claim of a request and proves it.
    ///
    /// # Errors
    /// Inner: [`ClaimError`], which also says whether to send a challenge.
    pub async fn authenticate_client(
        &self,
        authorization: Option<&[u8]>,
        params: &Params,
        origin: &Origin,
    ) -> Result<Result<Caller, ClaimError>, Internal> {
        let claim = match ClaimedClient::read(authorization, params) {
            Ok(claim) => claim,
            Err(error) => return Ok(Err(error)),
        };
        let tried_http_auth = claim.tried_http_auth();
        match self.prove(claim).await? {
            Ok(caller) => Ok(Ok(caller)),
            Err(Refusal { named, why, error }) => {
                metrics::counter!("tessera_client_authentication_failures_total").increment(1);
                // Only what concerns a client that exists is recorded: anything else is a stranger's
                // text, and strangers must not be able to fill the log.
                if let Some(client) = named {
                    let event = Event::new(Kind::ClientAuthenticationFailed, Actor::Anonymous)
                        .failed(why)
                        .with("client_id", client.id.as_str());
                    self.record_refusal(&client.id, event, origin.clone())
                        .await?;
                }
                Ok(Err(ClaimError {
                    error,
                    tried_http_auth,
                }))
            }
        }
    }

    async fn prove(&self, claim: ClaimedClient) -> Result<Result<Caller, Refusal>, Internal> {
        let id = match &claim {
            ClaimedClient::Assertion {
                client_id: None,
                assertion,
            } => match named_by(assertion) {
                Some(id) => id,
                None => return Ok(Err(Refusal::new(None, "unreadable_assertion"))),
            },
            other => match other.client_id() {
                Some(id) => id.clone(),
                None => return Ok(Err(Refusal::new(None, "no_client"))),
            },
        };
        let Some(client) = self.client(&id).await?.filter(|client| !client.disabled) else {
            return Ok(Err(Refusal::new(None, "unknown_client")));
        };
        let method = client.metadata.token_endpoint_auth_method;
        if !claim.fits(method) {
            return Ok(Err(Refusal::new(Some(client), "other_method")));
        }
        Ok(match claim {
            ClaimedClient::None { .. } => Ok(Caller::Public(client)),
            ClaimedClient::Basic { secret, .. } | ClaimedClient::Post { secret, .. } => {
                match check_secret(&client, &secret, self.now()) {
                    Some(_proof) => Ok(Caller::Authenticated(AuthenticatedClient(client))),
                    None => Err(Refusal::new(Some(client), "wrong_secret")),
                }
            }
            ClaimedClient::Assertion { assertion, .. } => {
                match self.prove_assertion(&client, &assertion).await? {
                    Ok(()) => Ok(Caller::Authenticated(AuthenticatedClient(client))),
                    Err(error) => Err(Refusal {
                        named: Some(client),
                        why: "assertion",
                        error,
                    }),
                }
            }
        })
    }

    /// RFC 7523 §3: signature, claims, and a `jti` that was never seen.
    async fn prove_assertion(
        &self,
        client: &Client,
        assertion: &Secret<String>,
    ) -> Result<Result<(), OAuthError>, Internal> {
        let refused = || Ok(Err(OAuthError::invalid_client()));
        let Ok(jwt) = UnverifiedJwt::parse(assertion.expose()) else {
            return refused();
        };
        // RFC 8725 §3.11: what says that it is something else, such as a request object (RFC 9101 §4),
        // proves nothing here.
        if !jwt.header().may_be("client-authentication+jwt") {
            return refused();
        }
        let alg = jwt.header().alg();
        let symmetric = client.metadata.token_endpoint_auth_method == AuthMethod::ClientSecretJwt;
        let registered = client.metadata.token_endpoint_auth_signing_alg.as_deref();
        // RFC 8725 §3.1: the registration chooses the algorithm, never the token; and a public key
        // is never taken for an HMAC secret.
        if alg.is_symmetric() != symmetric || registered.is_some_and(|only| only != alg.as_str()) {
            return refused();
        }
        let kid = jwt.header().kid().map(str::to_owned);
        let proven: Option<AssertionClaims> = if symmetric {
            verify_with_any(assertion.expose(), &self.secret_keys(client)?, alg)
        } else {
            let source = KeySource::of(client);
            self.verify_signed_by(&source, assertion.expose(), kid.as_deref(), alg)
                .await
        };
        let Some(claims) = proven else {
            return refused();
        };
        let token_endpoint = self.url("/token");
        let accepted = match check_assertion_claims(
            &claims,
            &client.id,
            self.issuer(),
            &token_endpoint,
            self.now(),
        ) {
            Ok(accepted) => accepted,
            Err(error) => return Ok(Err(error)),
        };
        let name = format!("{}\0{}", client.id, accepted.jti());
        let (hash, expires_at) = (Digest::of(name.as_bytes()), accepted.expires_at());
        // RFC 7523 §3: "The authorization server MAY ensure that JWTs are not replayed by
        // maintaining the set of used "jti" values". Committed at once: a replay loses even if
        // what follows is refused.
        let fresh = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move { Ok(tokens::spend_once(tx, hash, expires_at).await?) })
            })
            .await?;
        Ok(if fresh {
            Ok(())
        } else {
            Err(OAuthError::new(
                crate::protocol::error::ErrorCode::InvalidClient,
                "the assertion was used before",
            ))
        })
    }

    fn secret_keys(&self, client: &Client) -> Result<Vec<Arc<VerificationKey>>, Internal> {
        let now = self.now();
        client
            .secrets
            .iter()
            .filter(|secret| secret.expires_at.is_none_or(|end| now < end))
            .filter_map(|secret| secret.sealed.as_deref())
            .map(|sealed| {
                let secret = self.master.open(SECRET_PURPOSE, sealed)?;
                Ok(Arc::new(VerificationKey::from_secret(secret.expose())?))
            })
            .collect()
    }
}

/// Which client an assertion names, so that its keys can be found. Nothing is believed yet.
fn named_by(assertion: &Secret<String>) -> Option<ClientId> {
    let jwt = UnverifiedJwt::parse(assertion.expose()).ok()?;
    let claims: AssertionClaims = jwt.unverified_claims().ok()?;
    // No identifier of ours has one, and PostgreSQL takes none in a query.
    let sub = claims.sub.filter(|sub| !sub.contains('\0'))?;
    Some(ClientId::new(sub))
}

struct Refusal {
    named: Option<Arc<Client>>,
    why: &'static str,
    error: OAuthError,
}

impl Refusal {
    fn new(named: Option<Arc<Client>>, why: &'static str) -> Self {
        Self {
            named,
            why,
            error: OAuthError::invalid_client(),
        }
    }
}
