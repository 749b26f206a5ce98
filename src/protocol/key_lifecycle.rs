//! The life of a signing key: `pending` (published, not signing) -> `active` -> `retired`
//! (published, verifies) -> gone; and `revoked`, out of the JWKS at once.
//!
//! A key that opens what is encrypted to us walks the same way with the roles turned round: `pending`,
//! every node can open with it, but no client is told yet -> `active`, in the JWKS -> `retired`, out of
//! it, and opens for clients that remember the old set.
//!
//! Pure: the rules look at the stored keys and the time, and say what to do. The caller applies
//! all actions of one plan in one transaction, generates key material itself, and stamps every change with the
//! same `now`. Planning again at the same instant then finds nothing left to do, so any number of
//! nodes may tick.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::base::Timestamp;
use crate::crypto::jose::KeyAlgorithm;

/// Where a key is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyState {
    /// In the JWKS, so that verifiers learn it before they need it; does not sign yet.
    Pending,
    /// Signs. One per algorithm.
    Active,
    /// Does not sign any more, but its tokens are still alive: in the JWKS.
    Retired,
    /// Compromised: nowhere, and nothing that it signed is accepted.
    Revoked,
}

impl KeyState {
    /// Whether the key counts: its signatures verify, what is encrypted to it opens.
    #[must_use]
    pub const fn is_published(self) -> bool {
        !matches!(self, Self::Revoked)
    }

    /// Whether new tokens are signed with it.
    #[must_use]
    pub const fn signs(self) -> bool {
        matches!(self, Self::Active)
    }

    /// The word that storage keeps.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Retired => "retired",
            Self::Revoked => "revoked",
        }
    }
}

/// How long each part of a key's life lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyPolicy {
    rotate_every: Duration,
    publish_ahead: Duration,
    retain_for: Duration,
}

/// The durations contradict each other or the caches of verifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyPolicyError {
    /// Below [`KeyPolicy::MIN_PUBLISH_AHEAD`].
    #[error("keys must be published at least 10 minutes ahead")]
    PublishAhead,
    /// A successor would be due before its predecessor has begun to sign.
    #[error("rotation must take at least twice as long as publishing ahead")]
    RotateEvery,
    /// Tokens would outlive the key that verifies them.
    #[error("retired keys must be kept longer than the longest token lives")]
    RetainFor,
}

impl KeyPolicy {
    /// 10 minutes: verifiers commonly cache a JWKS for 300 s (PyJWT, Better Auth, ...); twice that
    /// leaves room for a slow fetch, a clock that is off, and nodes that reload their keys late.
    pub const MIN_PUBLISH_AHEAD: Duration = Duration::from_mins(10);

    /// 90 days: NIST SP 800-57 part 1 §5.3.6 allows a signing key one to three years; a quarter
    /// keeps the machinery in practice and limits what a stolen key is worth.
    pub const DEFAULT_ROTATE_EVERY: Duration = Duration::from_hours(90 * 24);
    /// 24 hours: longer than any cache we ask for, and long enough for verifiers that fetch the
    /// set once a day.
    pub const DEFAULT_PUBLISH_AHEAD: Duration = Duration::from_hours(24);
    /// 7 days: far beyond the longest access or ID token, so that an expired ID token still works
    /// as `id_token_hint` for a while (OIDC RP-Initiated Logout §4).
    pub const DEFAULT_RETAIN_FOR: Duration = Duration::from_hours(7 * 24);

    /// Checks the durations against each other. `longest_token` is the longest life of anything
    /// that is signed.
    ///
    /// # Errors
    /// [`KeyPolicyError`] names the one that does not fit.
    pub fn new(
        rotate_every: Duration,
        publish_ahead: Duration,
        retain_for: Duration,
        longest_token: Duration,
    ) -> Result<Self, KeyPolicyError> {
        if publish_ahead < Self::MIN_PUBLISH_AHEAD {
            return Err(KeyPolicyError::PublishAhead);
        }
        if rotate_every < publish_ahead.saturating_mul(2) {
            return Err(KeyPolicyError::RotateEvery);
        }
        if retain_for <= longest_token {
            return Err(KeyPolicyError::RetainFor);
        }
        Ok(Self {
            rotate_every,
            publish_ahead,
            retain_for,
        })
    }
}

impl Default for KeyPolicy {
    fn default() -> Self {
        Self {
            rotate_every: Self::DEFAULT_ROTATE_EVERY,
            publish_ahead: Self::DEFAULT_PUBLISH_AHEAD,
            retain_for: Self::DEFAULT_RETAIN_FOR,
        }
    }
}

/// What the rules need to know of a stored key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// The key's name.
    pub kid: String,
    /// What it is for.
    pub alg: KeyAlgorithm,
    /// Where it is in its life.
    pub state: KeyState,
    /// When it was made, which is when it was published.
    pub created_at: Timestamp,
    /// When it began to sign.
    pub activated_at: Option<Timestamp>,
    /// When it stopped: retired or revoked.
    pub retired_at: Option<Timestamp>,
}

impl KeyRecord {
    /// When the calendar moves this key on: a pending one signs, an active one hands over to its
    /// successor (the pending one among `all`, or one that is still to be made), a retired or revoked
    /// one goes.
    #[must_use]
    pub fn next_step_at(&self, all: &[Self], policy: &KeyPolicy) -> Option<Timestamp> {
        match self.state {
            KeyState::Pending => Some(self.created_at + policy.publish_ahead),
            KeyState::Active => {
                let of_its_kind = |key: &&Self| key.alg == self.alg;
                let mut waiting = all.iter().filter(of_its_kind);
                match waiting.find(|key| key.state == KeyState::Pending) {
                    Some(successor) => successor.next_step_at(all, policy),
                    None => Some(active_since(self) + policy.rotate_every),
                }
            }
            KeyState::Retired | KeyState::Revoked => {
                self.retired_at.map(|at| at + policy.retain_for)
            }
        }
    }
}

/// One step to take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyAction {
    /// Make a key: pending, or active if it is needed right now.
    Generate {
        /// What it will be for.
        alg: KeyAlgorithm,
        /// Active from the start instead of pending.
        activate_at_once: bool,
    },
    /// pending -> active.
    Activate {
        /// Which key.
        kid: String,
    },
    /// active -> retired.
    Retire {
        /// Which key.
        kid: String,
    },
    /// Any state -> revoked, and the private half is wiped.
    Revoke {
        /// Which key.
        kid: String,
    },
    /// Delete the key.
    Remove {
        /// Which key.
        kid: String,
    },
}

/// What is due at `now`, so that every algorithm of `algorithms` has exactly one active key and its
/// successor is known to verifiers before it signs.
#[must_use]
pub fn plan(
    records: &[KeyRecord],
    algorithms: &[KeyAlgorithm],
    policy: &KeyPolicy,
    now: Timestamp,
) -> Vec<KeyAction> {
    let mut actions = Vec::new();
    for alg in KeyAlgorithm::all() {
        let keys = KeysOf::among(records, alg);
        if algorithms.contains(&alg) {
            keys.plan_rotation(policy, now, &mut actions);
        } else {
            keys.plan_end(&mut actions);
        }
    }
    let expired = records.iter().filter(|record| {
        matches!(record.state, KeyState::Retired | KeyState::Revoked)
            && record
                .next_step_at(records, policy)
                .is_some_and(|at| now >= at)
    });
    actions.extend(expired.map(remove));
    actions
}

/// An administrator's wish to rotate before the time has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RotateNow {
    /// `key rotate`: publish a successor now; [`plan`] activates it after `publish_ahead`.
    Scheduled(KeyAlgorithm),
    /// `key rotate --now`: the successor signs at once. Verifiers that cache the JWKS and do not
    /// refetch at an unknown `kid` refuse its tokens until their cache ends.
    AtOnce(KeyAlgorithm),
    /// `key rotate --now --revoke KID`: as above for the algorithm of the key, which leaves the JWKS at once.
    Revoke {
        /// The compromised key.
        kid: String,
    },
}

/// There is no key of this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no key is named {0}")]
pub struct UnknownKey(pub String);

/// The steps of a manual rotation. No step at all means that the wish is already fulfilled: a
/// successor is pending, or the key is revoked.
///
/// # Errors
/// [`UnknownKey`] if the key to revoke does not exist.
pub fn plan_rotate_now(
    records: &[KeyRecord],
    wish: &RotateNow,
) -> Result<Vec<KeyAction>, UnknownKey> {
    match wish {
        RotateNow::Scheduled(alg) => {
            let keys = KeysOf::among(records, *alg);
            Ok(match (&keys.active[..], &keys.pending[..]) {
                ([], []) => vec![generate(*alg, true)],
                (_, []) => vec![generate(*alg, false)],
                _ => Vec::new(),
            })
        }
        RotateNow::AtOnce(alg) => {
            let keys = KeysOf::among(records, *alg);
            let mut actions: Vec<_> = keys.active.iter().map(|key| retire(key)).collect();
            // A pending key is already known to some verifiers: better than one known to none.
            actions.push(match keys.pending.first() {
                Some(key) => activate(key),
                None => generate(*alg, true),
            });
            Ok(actions)
        }
        RotateNow::Revoke { kid } => plan_revocation(records, kid),
    }
}

fn plan_revocation(records: &[KeyRecord], kid: &str) -> Result<Vec<KeyAction>, UnknownKey> {
    let record = records
        .iter()
        .find(|record| record.kid == kid)
        .ok_or_else(|| UnknownKey(kid.to_owned()))?;
    let revoke = KeyAction::Revoke {
        kid: kid.to_owned(),
    };
    Ok(match record.state {
        KeyState::Revoked => Vec::new(),
        KeyState::Pending | KeyState::Retired => vec![revoke],
        KeyState::Active => {
            let keys = KeysOf::among(records, record.alg);
            let mut actions = vec![revoke];
            let others = keys.active.iter().filter(|key| key.kid != kid);
            actions.extend(others.map(|key| retire(key)));
            // Whoever read the active key from where it is kept could read the pending one beside
            // it. So the replacement is new, and the pending one goes; it has signed nothing.
            actions.extend(keys.pending.iter().map(|key| remove(key)));
            actions.push(generate(record.alg, true));
            actions
        }
    })
}

/// The keys of one algorithm that sign or will.
struct KeysOf<'a> {
    alg: KeyAlgorithm,
    /// Newest first.
    active: Vec<&'a KeyRecord>,
    /// Oldest first: published for the longest.
    pending: Vec<&'a KeyRecord>,
}

impl<'a> KeysOf<'a> {
    fn among(records: &'a [KeyRecord], alg: KeyAlgorithm) -> Self {
        let of = |state| {
            let fits = move |record: &&KeyRecord| record.alg == alg && record.state == state;
            records.iter().filter(fits).collect::<Vec<_>>()
        };
        // The names break ties, so that all nodes choose the same.
        let mut active = of(KeyState::Active);
        active.sort_by(|a, b| (active_since(b), &b.kid).cmp(&(active_since(a), &a.kid)));
        let mut pending = of(KeyState::Pending);
        pending.sort_by(|a, b| (a.created_at, &a.kid).cmp(&(b.created_at, &b.kid)));
        Self {
            alg,
            active,
            pending,
        }
    }

    fn plan_rotation(&self, policy: &KeyPolicy, now: Timestamp, actions: &mut Vec<KeyAction>) {
        match (self.active.first(), self.pending.first()) {
            // The first start, or an algorithm just enabled: no token exists yet whose verifier could be
            // taken by surprise.
            (None, None) => actions.push(generate(self.alg, true)),
            // Nothing signs: a key that some verifiers know is the best there is.
            (None, Some(next)) => actions.push(activate(next)),
            (Some(current), Some(next))
                if next.next_step_at(&[], policy).is_some_and(|at| now >= at) =>
            {
                actions.push(retire(current));
                actions.push(activate(next));
            }
            (Some(current), None)
                if now.since(active_since(current)) + policy.publish_ahead
                    >= policy.rotate_every =>
            {
                actions.push(generate(self.alg, false));
            }
            (Some(_), _) => {}
        }
        // More than one of a kind means that two nodes acted at once. The newest active key and
        // the oldest pending one stay; a pending one has signed nothing and may go without a trace.
        actions.extend(self.active.iter().skip(1).map(|key| retire(key)));
        actions.extend(self.pending.iter().skip(1).map(|key| remove(key)));
    }

    /// The algorithm is no longer offered.
    fn plan_end(&self, actions: &mut Vec<KeyAction>) {
        actions.extend(self.active.iter().map(|key| retire(key)));
        actions.extend(self.pending.iter().map(|key| remove(key)));
    }
}

fn active_since(record: &KeyRecord) -> Timestamp {
    record.activated_at.unwrap_or(record.created_at)
}

const fn generate(alg: KeyAlgorithm, activate_at_once: bool) -> KeyAction {
    KeyAction::Generate {
        alg,
        activate_at_once,
    }
}

fn activate(record: &KeyRecord) -> KeyAction {
    KeyAction::Activate {
        kid: record.kid.clone(),
    }
}

fn retire(record: &KeyRecord) -> KeyAction {
    KeyAction::Retire {
        kid: record.kid.clone(),
    }
}

fn remove(record: &KeyRecord) -> KeyAction {
    KeyAction::Remove {
        kid: record.kid.clone(),
    }
}

#[cfg(test)]
#[path = "key_lifecycle_tests.rs"]
mod tests;
