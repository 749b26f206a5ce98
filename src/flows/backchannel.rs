//! Back-Channel Logout: each client of a session that ended is sent a logout token. The tokens wait in
//! the database, queued in the transaction that ended the session, so that no restart loses one.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use url::Url;

use super::{Internal, Tessera};
use crate::crypto::jose::SigningAlgorithm;
use crate::outside::http::OutboundError;
use crate::protocol::client::{Client, ClientId};
use crate::protocol::logout::{LogoutTokenClaims, Receipt, receipt};
use crate::storage::StorageError;
use crate::storage::logouts::{self, Waiting};

/// How many clients one node serves at once: a slow one holds no other one up.
const CLIENTS: i64 = 64;

/// How many tokens one client is sent at once.
const BATCH: i64 = 8;

/// If a node dies while it delivers, another one tries after this, and the time of the delivery.
const LEASE: Duration = Duration::from_mins(1);

/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// So often a client may refuse, as the last of however many attempts, before it is taken at its word:
/// "400" means that the token is bad, but also that "the logout failed" (§2.8), which may pass. With the
/// pauses in between these are three and a half minutes.
const REFUSALS: i64 = 4;

/// What came of one attempt.
enum Attempt {
    Delivered,
    /// Not now.
    Failed(String),
    /// Never.
    Hopeless(String),
}

impl Tessera {
    /// The clients to whom logout tokens are due, but for those that are `busy` already.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn due_logouts(&self, busy: &[ClientId]) -> Result<Vec<ClientId>, Internal> {
        let mut reader = &self.store;
        let free = usize::try_from(CLIENTS)
            .unwrap_or_default()
            .saturating_sub(busy.len());
        let mut due = logouts::due_clients(&mut reader, self.now(), CLIENTS * 2).await?;
        due.retain(|client| !busy.contains(client));
        due.truncate(free);
        Ok(due)
    }

    /// Writes down for the metrics how many tokens wait, on whatever node; and says it.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn measure_logouts(&self) -> Result<u32, Internal> {
        let mut reader = &self.store;
        let waiting = logouts::count_waiting(&mut reader, self.now()).await?;
        let waiting = u32::try_from(waiting).unwrap_or(u32::MAX);
        metrics::gauge!("tessera_backchannel_logouts_waiting").set(waiting);
        Ok(waiting)
    }

    /// Delivers a batch of what is due to one client; how many tokens arrived.
    ///
    /// # Errors
    /// If the database does not answer. A token that cannot be delivered is put off, and one that never
    /// can be is dropped.
    pub async fn deliver_logouts(&self, client: &ClientId) -> Result<usize, Internal> {
        let (now, id) = (self.now(), client.clone());
        let until = now + LEASE + self.config.outbound.timeout * 2;
        let due = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move { Ok(logouts::take_due(tx, &id, now, until, BATCH).await?) })
            })
            .await?;
        let client = self.client(client).await?.filter(|client| !client.disabled);
        let client = client.as_deref();
        let outcomes = join_all(due.iter().map(|waiting| self.deliver_one(waiting, client))).await;
        let mut delivered = 0;
        for outcome in outcomes {
            delivered += usize::from(outcome?);
        }
        Ok(delivered)
    }

    async fn deliver_one(
        &self,
        waiting: &Waiting,
        client: Option<&Client>,
    ) -> Result<bool, Internal> {
        let attempt = match client {
            Some(client) => self.post_logout(waiting, client).await,
            None => Attempt::Hopeless("the client is disabled".to_owned()),
        };
        let (id, attempts, client) = (waiting.id, waiting.attempts, &waiting.client_id);
        let again_at = self.now() + pause(attempts);
        let (outcome, again_at) = match &attempt {
            Attempt::Delivered => ("delivered", None),
            Attempt::Failed(why) if again_at < waiting.expires_at => {
                tracing::warn!(%client, %why, attempts, "a logout token has to wait");
                ("put_off", Some(again_at))
            }
            Attempt::Failed(why) | Attempt::Hopeless(why) => {
                tracing::error!(%client, %why, attempts, "a logout token cannot be delivered");
                ("failed", None)
            }
        };
        metrics::counter!("tessera_backchannel_logouts_total", "outcome" => outcome).increment(1);
        self.store
            .write::<_, StorageError, _>(move |tx| {
                Box::pin(async move {
                    match again_at {
                        Some(again_at) => logouts::put_off(tx, id, attempts, again_at).await,
                        None => logouts::delete(tx, id).await,
                    }
                })
            })
            .await?;
        Ok(matches!(attempt, Attempt::Delivered))
    }

    async fn post_logout(&self, waiting: &Waiting, client: &Client) -> Attempt {
        let url = client.metadata.backchannel_logout_uri.as_deref();
        let Some(url) = url.and_then(|url| Url::parse(url).ok()) else {
            return Attempt::Hopeless("the client takes none any more".to_owned());
        };
        let token = match self.logout_token(waiting, client) {
            Ok(token) => token,
            Err(error) => return Attempt::Failed(error.to_string()),
        };
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("logout_token", &token)
            .finish();
        let kind = "application/x-www-form-urlencoded";
        match self.outbound.post(&url, kind, body.into_bytes()).await {
            Ok(answer) => match receipt(answer.status) {
                Receipt::Done => Attempt::Delivered,
                Receipt::Refused if waiting.attempts >= REFUSALS => {
                    Attempt::Hopeless("the client answered 400".to_owned())
                }
                Receipt::Refused | Receipt::Later => {
                    Attempt::Failed(format!("the client answered {}", answer.status))
                }
            },
            Err(error @ OutboundError::Refused { .. }) => Attempt::Hopeless(error.to_string()),
            Err(error) => Attempt::Failed(error.to_string()),
        }
    }

    /// Signed anew for each attempt, with a `jti` of its own: a client that did its work and whose answer
    /// got lost must not take the next attempt for a replay.
    fn logout_token(&self, waiting: &Waiting, client: &Client) -> Result<String, Internal> {
        let claims = LogoutTokenClaims::new(
            self.issuer(),
            &client.id,
            (
                self.subject(client, waiting.user_id)?,
                self.sid(client, waiting.session_id)?,
            ),
            URL_SAFE_NO_PAD.encode(self.entropy.bytes::<16>()),
            self.now(),
        );
        // Back-Channel Logout §2.4: "a Logout Token MUST be signed", whatever the ID tokens are.
        let alg = client.metadata.id_token_signed_response_alg.signed();
        let key = self.signing_key(alg.unwrap_or(SigningAlgorithm::RS256))?;
        Ok(key.sign("logout+jwt", &claims)?)
    }
}

/// 30 s after the first attempt, twice as long after each further one, an hour at most.
fn pause(attempts: i64) -> Duration {
    let exponent = u32::try_from(attempts).unwrap_or(u32::MAX).min(16);
    Duration::from_secs(15 * 2_u64.pow(exponent)).min(LONGEST_PAUSE)
}
