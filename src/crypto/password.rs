//! Passwords: Argon2id (RFC 9106) on a bounded pool. What other systems made is verified too, in
//! `password_schemes.rs`, until its owner signs in.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use unicode_normalization::UnicodeNormalization as _;

use crate::base::Secret;

#[path = "password_schemes.rs"]
mod schemes;

pub use schemes::NotImportable;
use schemes::Stored;

/// The longest password, in bytes of UTF-8 after normalisation. NIST SP 800-63B-4 §3.1.1.2 asks for
/// at least 64 characters; far more only lets a stranger make us work.
pub const MAX_PASSWORD_BYTES: usize = 1024;

/// The price of one hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory in KiB. OWASP's first choice for Argon2id is 19456 (19 MiB) with two passes.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
    /// Lanes. They are computed one after another here: the pool is what runs in parallel.
    pub parallelism: u32,
}

impl PasswordCost {
    fn params(self) -> Result<Params, InvalidCost> {
        Params::new(self.memory_kib, self.iterations, self.parallelism, None)
            .map_err(|_| InvalidCost)
    }
}

/// Argon2 does not allow these parameters (RFC 9106 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Argon2 needs at least 8 KiB per lane, one pass and one lane")]
pub struct InvalidCost;

/// All workers are busy and the queue is full: answer 503 with `Retry-After`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many password checks at once")]
pub struct Busy;

/// Why no hash was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashRefused {
    /// See [`Busy`].
    #[error("too many password checks at once")]
    Busy,
    /// Above [`MAX_PASSWORD_BYTES`].
    #[error("password longer than {MAX_PASSWORD_BYTES} bytes")]
    TooLong,
}

/// A stored hash: a PHC string (`$argon2id$v=19$m=...`), or bcrypt's own spelling. Guessable passwords can
/// be found from it, so it does not print either.
#[derive(Clone)]
pub struct PasswordHash(String);

/// The text is not a hash that this server verifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a password hash of a known scheme within the allowed cost")]
pub struct InvalidHash;

impl PasswordHash {
    /// From storage.
    ///
    /// # Errors
    /// [`InvalidHash`] if it is of no known scheme, or is immoderately expensive.
    pub fn from_phc(text: String) -> Result<Self, InvalidHash> {
        let stored = Stored::parse(&text)?;
        stored
            .may_be_computed()
            .then_some(Self(text))
            .ok_or(InvalidHash)
    }

    /// From another system. With `accept_weak`, also one that is cheap to guess: the first sign-in
    /// replaces it.
    ///
    /// # Errors
    /// Why it is not taken, without the hash itself.
    pub fn import(text: &str, accept_weak: bool) -> Result<Self, NotImportable> {
        schemes::import(text, accept_weak).map(Self)
    }

    /// As it is stored.
    pub fn as_phc(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[password hash]")
    }
}

/// The outcome of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The password is the right one.
    Right {
        /// The hash has another cost than the one configured: hash again while the password is here.
        needs_rehash: bool,
    },
    /// The password is wrong, or there is no such user.
    Wrong,
}

/// Hashes and checks passwords on a few threads of its own, and refuses work when too much waits: a
/// login storm must neither exhaust memory nor slow the token endpoint. Of its own, because the
/// system's allocator keeps what a thread freed: on tokio's hundreds of blocking threads, each that ever
/// computed a hash would hold on to its 19 MiB.
#[derive(Clone)]
pub struct PasswordPool {
    hasher: Arc<Hasher>,
    /// One permit for each job that runs or waits.
    admission: Arc<Semaphore>,
    workers: Arc<rayon::ThreadPool>,
}

/// See [`PasswordPool::admit`].
#[derive(Debug)]
#[must_use = "dropped at once, it is nobody's"]
pub struct Place(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

struct Hasher {
    argon2: Argon2<'static>,
    /// Checked when there is no such user, so that the answer takes as long and
    /// accounts cannot be enumerated by timing.
    dummy: PasswordHash,
    /// Whose turn it is among checks that take far more memory than the pool is sized for.
    dear: Mutex<()>,
}

/// KiB. Argon2's usual choice elsewhere, 64 MiB, still runs on every worker; imported hashes above it run one
/// at a time, unless they take no more than this server's own.
const DEAR: u64 = 64 * 1024;

impl PasswordPool {
    /// A pool where `workers` jobs run at once, each with `cost.memory_kib` of memory, and `queue`
    /// more may wait. Makes one hash, for unknown users.
    ///
    /// # Errors
    /// [`InvalidCost`] if Argon2 does not allow the parameters, or no thread can be had.
    pub fn new(cost: PasswordCost, workers: usize, queue: usize) -> Result<Self, InvalidCost> {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, cost.params()?);
        // Nobody's password: the verdict of a check against it is thrown away.
        let dummy = hash_with(&argon2, b"nobody", &[0; 16]).ok_or(InvalidCost)?;
        let workers = workers.max(1);
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(workers)
            .thread_name(|number| format!("password-{number}"))
            // Else the program would abort. Who waits for the job sees that it is gone: busy.
            .panic_handler(|_| tracing::error!("a password job panicked"))
            .build()
            .map_err(|_| InvalidCost)?;
        Ok(Self {
            hasher: Arc::new(Hasher {
                argon2,
                dummy,
                dear: Mutex::new(()),
            }),
            admission: Arc::new(Semaphore::new(
                workers.saturating_add(queue).min(Semaphore::MAX_PERMITS),
            )),
            workers: Arc::new(threads),
        })
    }

    /// Hashes a new password. `salt` is 16 random bytes, fresh for each call (RFC 9106 §3.1).
    ///
    /// # Errors
    /// [`HashRefused::TooLong`], or [`HashRefused::Busy`] when the queue is full.
    pub async fn hash(
        &self,
        password: Secret<String>,
        salt: [u8; 16],
    ) -> Result<PasswordHash, HashRefused> {
        let password = normalise(&password).ok_or(HashRefused::TooLong)?;
        self.run(move |hasher| hash_with(&hasher.argon2, password.expose().as_bytes(), &salt))
            .await
            .ok()
            // Argon2 fails only where memory is exhausted: that is busy as well.
            .flatten()
            .ok_or(HashRefused::Busy)
    }

    /// Checks a password. `None` stands for an unknown user and costs as much as a wrong password.
    ///
    /// # Errors
    /// [`Busy`] when the queue is full.
    pub async fn verify(
        &self,
        password: Secret<String>,
        stored: Option<PasswordHash>,
    ) -> Result<Verdict, Busy> {
        self.run(move |hasher| hasher.verify(&password, stored.as_ref()))
            .await
    }

    /// A place among those who run or wait, until it is dropped. Every hash and every check takes one
    /// first.
    ///
    /// # Errors
    /// [`Busy`] when there is none.
    pub fn admit(&self) -> Result<Place, Busy> {
        Arc::clone(&self.admission)
            .try_acquire_owned()
            .map(Place)
            .map_err(|_| Busy)
    }

    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Hasher) -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let place = self.admit()?;
        let hasher = Arc::clone(&self.hasher);
        let (done, result) = oneshot::channel();
        self.workers.spawn_fifo(move || {
            // Held by the job and not by the waiting request: a client that hangs up does not
            // make room while its hash is still being computed.
            let _held = place;
            // Nobody waits any more: then nobody needs it.
            drop(done.send(job(&hasher)));
        });
        result.await.map_err(|_| Busy)
    }
}

impl fmt::Debug for PasswordPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordPool")
            .field("free_places", &self.admission.available_permits())
            .finish_non_exhaustive()
    }
}

impl Hasher {
    fn verify(&self, password: &Secret<String>, stored: Option<&PasswordHash>) -> Verdict {
        let against = stored.unwrap_or(&self.dummy);
        // A password that is too long was never accepted, so it is wrong; an empty one takes its place and
        // the time is the same.
        let normalised = normalise(password);
        let candidate = normalised
            .as_ref()
            .map_or("", |password| password.expose().as_str());
        let Ok(parsed) = Stored::parse(against.as_phc()) else {
            return Verdict::Wrong;
        };
        let _turn = self.turn(&parsed);
        let mut right = parsed.is_of(candidate.as_bytes());
        // Elsewhere passwords are hashed as they are typed. Tried for every account and for none, so that
        // the time says nothing of whose it is; but a letter must not double what is dear already.
        let typed = password.expose().as_str();
        if normalised.is_some() && typed != candidate && parsed.may_be_computed_twice() {
            right |= parsed.is_of(typed.as_bytes());
        }
        // Nobody chose an empty password: a hash of it is another system's way to say that there is none.
        let acceptable = normalised.is_some() && !typed.is_empty();
        if right && stored.is_some() && acceptable {
            Verdict::Right {
                needs_rehash: parsed.says_all_of(candidate.as_bytes()) && self.is_outdated(&parsed),
            }
        } else {
            Verdict::Wrong
        }
    }

    /// Waits where it takes so much memory that only one such check may run.
    fn turn(&self, stored: &Stored) -> Option<MutexGuard<'_, ()>> {
        let own = u64::from(self.argon2.params().m_cost());
        let dear = stored.memory() > DEAR.max(own);
        dear.then(|| self.dear.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn is_outdated(&self, stored: &Stored) -> bool {
        let Stored::Argon2(hash, actual) = stored else {
            return true;
        };
        let wanted = self.argon2.params();
        hash.algorithm.as_str() != Algorithm::Argon2id.as_str()
            || hash.version != Some(Version::V0x13.into())
            || (actual.m_cost(), actual.t_cost(), actual.p_cost())
                != (wanted.m_cost(), wanted.t_cost(), wanted.p_cost())
    }
}

fn hash_with(argon2: &Argon2<'_>, password: &[u8], salt: &[u8; 16]) -> Option<PasswordHash> {
    let hash = argon2.hash_password_with_salt(password, salt).ok()?;
    Some(PasswordHash(hash.to_string()))
}

/// Unicode NFC (NIST SP 800-63B-4 §3.1.1.2: "the verifier SHOULD apply the normalization process
/// [...] using either the NFKC or NFC normalization"): the same key press gives different bytes on
/// different systems. `None` if the result is too long.
fn normalise(password: &Secret<String>) -> Option<Secret<String>> {
    let password = password.expose();
    if password.len() > MAX_PASSWORD_BYTES {
        return None;
    }
    // NFC is at most three times as long (UAX #15): room for all of it, so that growing leaves no
    // copies behind in memory.
    let mut normalised = String::with_capacity(3 * password.len());
    normalised.extend(password.nfc());
    let normalised = Secret::new(normalised);
    (normalised.expose().len() <= MAX_PASSWORD_BYTES).then_some(normalised)
}

#[cfg(test)]
#[path = "password_tests.rs"]
mod tests;
