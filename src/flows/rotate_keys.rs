//! Rotates the keys: on schedule, and when an operator wants it.

use std::sync::Arc;

use super::keyring::PURPOSE;
use super::{Internal, Tessera};
use crate::base::Timestamp;
use crate::config::Config;
use crate::crypto::jose::{
    CryptoError, KeyAlgorithm, KeyManagementAlgorithm, SigningAlgorithm, generate,
};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::key_lifecycle::{
    KeyAction, KeyPolicy, KeyRecord, KeyState, RotateNow, UnknownKey, plan, plan_rotate_now,
};
use crate::storage::keys::{self, StoredKey};
use crate::storage::{Reader, Tx};

/// Another node may act between our look and our lock; after so many tries the next tick does it.
const TRIES: usize = 5;

/// Does what is due by the calendar; usually nothing, for the price of one read.
///
/// # Errors
/// If the database does not answer or a key cannot be made.
pub async fn tick(tessera: &Tessera) -> Result<Vec<KeyAction>, Internal> {
    let wish = Wish::Schedule(policy(&tessera.config)?, algorithms(tessera)?);
    match apply(tessera, wish, Actor::System).await? {
        Ok(actions) => Ok(actions),
        Err(unknown) => Err(Internal::other(unknown)),
    }
}

/// Does what an operator wants done now. No action at all: the wish is already fulfilled.
///
/// # Errors
/// The inner one names a key that does not exist; the outer one is the database's or the
/// cryptographic library's.
pub async fn rotate(
    tessera: &Tessera,
    wish: RotateNow,
    actor: Actor,
) -> Result<Result<Vec<KeyAction>, UnknownKey>, Internal> {
    apply(tessera, Wish::Now(wish), actor).await
}

/// Every key as the rules see it.
///
/// # Errors
/// If the database does not answer, or holds a word that is no state or algorithm.
pub async fn records(reader: &mut impl Reader) -> Result<Vec<KeyRecord>, Internal> {
    keys::all(reader).await?.into_iter().map(record).collect()
}

fn record(key: StoredKey) -> Result<KeyRecord, Internal> {
    let state = serde_json::from_value(key.state.into())
        .map_err(|_| Internal::other(format!("key {} has an unknown state", key.kid)))?;
    Ok(KeyRecord {
        alg: key.alg.parse().map_err(Internal::other)?,
        kid: key.kid,
        state,
        created_at: key.created_at,
        activated_at: key.activated_at,
        retired_at: key.retired_at,
    })
}

/// The configured durations, checked against each other.
///
/// # Errors
/// A sentence for the operator if they do not fit.
pub fn policy(config: &Config) -> Result<KeyPolicy, Internal> {
    let (keys, tokens) = (&config.keys, &config.tokens);
    let longest = tokens.access_token_lifetime.max(tokens.id_token_lifetime);
    KeyPolicy::new(
        keys.rotate_every,
        keys.publish_ahead,
        keys.retain_for,
        longest,
    )
    .map_err(Internal::other)
}

/// The algorithms that are configured to have a key.
///
/// # Errors
/// If a configured name is unknown to the signing code: a defect.
pub fn algorithms(tessera: &Tessera) -> Result<Vec<KeyAlgorithm>, Internal> {
    let (signing, opening) = (signing(&tessera.config)?, opening(&tessera.config)?);
    let signing = signing.into_iter().map(KeyAlgorithm::Signing);
    let opening = opening.into_iter().map(KeyAlgorithm::Encryption);
    Ok(signing.chain(opening).collect())
}

/// The algorithms that we are configured to sign with.
///
/// # Errors
/// If a configured name is unknown to the signing code: a defect.
pub fn signing(config: &Config) -> Result<Vec<SigningAlgorithm>, Internal> {
    let parse = |text: &'static str| text.parse().map_err(Internal::other);
    let names = config.keys.algorithms.iter();
    names.map(|alg| parse(alg.as_str())).collect()
}

/// The algorithms with which clients may encrypt to us.
///
/// # Errors
/// If a configured name is unknown to the encrypting code: a defect.
pub fn opening(config: &Config) -> Result<Vec<KeyManagementAlgorithm>, Internal> {
    let parse = |text: &'static str| text.parse().map_err(Internal::other);
    let names = config.keys.encryption_algorithms.iter();
    names.map(|alg| parse(alg.as_str())).collect()
}

#[derive(Clone)]
enum Wish {
    Schedule(KeyPolicy, Vec<KeyAlgorithm>),
    Now(RotateNow),
}

impl Wish {
    fn plan(&self, records: &[KeyRecord], now: Timestamp) -> Result<Vec<KeyAction>, UnknownKey> {
        match self {
            Self::Schedule(policy, algorithms) => Ok(plan(records, algorithms, policy, now)),
            Self::Now(wish) => plan_rotate_now(records, wish),
        }
    }
}

/// Plans, makes the keys outside of any transaction, and applies the plan if it is still the same
/// under the lock.
async fn apply(
    tessera: &Tessera,
    wish: Wish,
    actor: Actor,
) -> Result<Result<Vec<KeyAction>, UnknownKey>, Internal> {
    for _ in 0..TRIES {
        let now = tessera.now();
        let mut reader = &tessera.store;
        let actions = match wish.plan(&records(&mut reader).await?, now) {
            Ok(actions) => actions,
            Err(unknown) => return Ok(Err(unknown)),
        };
        if actions.is_empty() {
            return Ok(Ok(actions));
        }
        let step = Step {
            made: make_keys(tessera, &actions, now).await?,
            actions: actions.clone(),
            wish: wish.clone(),
            actor: actor.clone(),
            now,
        };
        let node = tessera.clone();
        let applied = tessera
            .store
            .write(move |tx| Box::pin(async move { step.apply(&node, tx).await }))
            .await?;
        if applied {
            tessera.load_keys().await?;
            return Ok(Ok(actions));
        }
    }
    Err(Internal::other(
        "the signing keys are being changed by somebody else; try again",
    ))
}

/// One plan with everything that it needs, ready to be written.
struct Step {
    wish: Wish,
    actions: Vec<KeyAction>,
    /// One for each `Generate`, in their order.
    made: Vec<StoredKey>,
    actor: Actor,
    now: Timestamp,
}

impl Step {
    /// False if somebody else acted first: nothing is written then.
    async fn apply(self, tessera: &Tessera, tx: &mut Tx<'_>) -> Result<bool, Internal> {
        keys::lock(tx).await?;
        let again = self.wish.plan(&records(tx).await?, self.now);
        if again.as_ref() != Ok(&self.actions) {
            return Ok(false);
        }
        let mut made = self.made.into_iter();
        for action in &self.actions {
            let (word, kid) = match action {
                KeyAction::Generate { .. } => {
                    let key = made
                        .next()
                        .ok_or_else(|| Internal::other("a new key is missing"))?;
                    keys::insert(tx, &key).await?;
                    ("generated", key.kid)
                }
                KeyAction::Activate { kid } => {
                    let active = KeyState::Active.as_str();
                    keys::set_state(tx, kid, active, Some(self.now), None).await?;
                    ("activated", kid.clone())
                }
                KeyAction::Retire { kid } => {
                    let retired = KeyState::Retired.as_str();
                    keys::set_state(tx, kid, retired, None, Some(self.now)).await?;
                    ("retired", kid.clone())
                }
                KeyAction::Revoke { kid } => {
                    keys::revoke(tx, kid, self.now).await?;
                    ("revoked", kid.clone())
                }
                KeyAction::Remove { kid } => {
                    keys::delete(tx, kid).await?;
                    ("removed", kid.clone())
                }
            };
            let event = Event::new(Kind::KeyChanged, self.actor.clone())
                .with("action", word)
                .with("kid", kid);
            tessera.record(tx, &event, &Origin::default());
        }
        Ok(true)
    }
}

/// Makes all new keys of a plan in parallel: an RSA key takes tens to hundreds of milliseconds.
async fn make_keys(
    tessera: &Tessera,
    actions: &[KeyAction],
    now: Timestamp,
) -> Result<Vec<StoredKey>, Internal> {
    let mut tasks = Vec::new();
    for action in actions {
        if let KeyAction::Generate {
            alg,
            activate_at_once,
        } = *action
        {
            let (master, entropy) = (Arc::clone(&tessera.master), tessera.entropy.clone());
            tasks.push(tokio::task::spawn_blocking(move || {
                let key = generate(alg, &entropy)?;
                let state = if activate_at_once {
                    KeyState::Active
                } else {
                    KeyState::Pending
                };
                Ok::<_, CryptoError>(StoredKey {
                    sealed: master.seal(PURPOSE, key.private.expose())?,
                    public_jwk: serde_json::to_string(&key.public)?,
                    kid: key.kid,
                    alg: alg.to_string(),
                    state: state.as_str().to_owned(),
                    created_at: now,
                    activated_at: activate_at_once.then_some(now),
                    retired_at: None,
                })
            }));
        }
    }
    let mut made = Vec::with_capacity(tasks.len());
    for task in tasks {
        made.push(task.await.map_err(Internal::other)??);
    }
    Ok(made)
}
