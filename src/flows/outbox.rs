//! The outbox: a letter is queued in the transaction that it belongs to, and delivered by a job.

use std::time::Duration;

use futures_util::future::join_all;

use super::letters::LetterRequest;
use super::{Internal, Tessera};
use crate::base::Timestamp;
use crate::base::ids::uuid_v7;
use crate::outside::{MailError, Message};
use crate::storage::mail::{self, Waiting};
use crate::storage::{StorageError, Tx};

/// Letters hold links that open accounts: sealed while they wait.
const PURPOSE: &str = "mail";

/// A letter that could not be delivered for a day is old news.
const KEEP: Duration = Duration::from_hours(24);

/// If a node dies while it delivers, another one tries after this. Longer than one conversation with
/// a mail server that answers each of its steps at the last moment.
const LEASE: Duration = Duration::from_mins(5);

/// How many letters one node delivers at once.
const BATCH: i64 = 20;

/// Writes a letter for a request; handed in, because templates live upstairs.
pub type Writer = dyn Fn(&LetterRequest) -> Option<Message> + Send + Sync;

impl Tessera {
    /// Queues a letter.
    ///
    /// # Errors
    /// If it could not be sealed or written.
    pub async fn queue_letter(
        &self,
        tx: &mut Tx<'_>,
        letter: &LetterRequest,
    ) -> Result<(), Internal> {
        // With a dead link, a letter only confuses.
        let keep = letter.valid_for.map_or(KEEP, |valid| valid.min(KEEP));
        let until = self.now() + keep;
        self.queue_until(tx, letter, until).await
    }

    /// Writes what [`Self::queue_letter`] would, expired already: nobody gets it, and whoever
    /// measures the time learns nothing.
    ///
    /// # Errors
    /// If it could not be sealed or written.
    pub async fn queue_decoy(
        &self,
        tx: &mut Tx<'_>,
        letter: &LetterRequest,
    ) -> Result<(), Internal> {
        let now = self.now();
        self.queue_until(tx, letter, now).await
    }

    async fn queue_until(
        &self,
        tx: &mut Tx<'_>,
        letter: &LetterRequest,
        until: Timestamp,
    ) -> Result<(), Internal> {
        let text = serde_json::to_vec(letter).map_err(Internal::other)?;
        let sealed = self.master.seal(PURPOSE, &text)?;
        let now = self.now();
        mail::insert(tx, uuid_v7(now, &self.entropy), &sealed, now, until).await?;
        Ok(())
    }

    /// Delivers what is due; how many letters left.
    ///
    /// # Errors
    /// If the database does not answer. A letter that cannot be delivered is put off, and one that
    /// never can be is dropped: it must not hold up the others.
    pub async fn deliver_letters(&self, write: &Writer) -> Result<usize, Internal> {
        let now = self.now();
        let due = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move { Ok(mail::take_due(tx, now, now + LEASE, BATCH).await?) })
            })
            .await?;
        // Together: one after another, a slow mail server would outlast the lease.
        let outcomes = join_all(due.iter().map(|waiting| self.deliver(waiting, write))).await;
        let mut sent = 0;
        for outcome in outcomes {
            sent += usize::from(outcome?);
        }
        Ok(sent)
    }

    async fn deliver(&self, waiting: &Waiting, write: &Writer) -> Result<bool, Internal> {
        let id = waiting.id;
        let outcome = match self.unseal(waiting).map(|letter| write(&letter)) {
            Ok(Some(message)) => self.mailer.send(message).await,
            Ok(None) => Err(MailError::Permanent("it could not be written".to_owned())),
            // Sealed by another master key, or by a version that is gone.
            Err(error) => Err(MailError::Permanent(error.to_string())),
        };
        let again_at = match &outcome {
            Err(error) if error.is_transient() => {
                tracing::warn!(%error, attempts = waiting.attempts, "a letter has to wait");
                let exponent = u32::try_from(waiting.attempts).unwrap_or(10).min(10);
                Some(self.now() + Duration::from_secs(15 * 2_u64.pow(exponent)))
            }
            Err(error) => {
                tracing::error!(%error, "a letter cannot be delivered");
                None
            }
            Ok(()) => None,
        };
        self.store
            .write::<_, StorageError, _>(move |tx| {
                Box::pin(async move {
                    match again_at {
                        Some(again_at) => mail::put_off(tx, id, again_at).await,
                        None => mail::delete(tx, id).await,
                    }
                })
            })
            .await?;
        Ok(outcome.is_ok())
    }

    fn unseal(&self, waiting: &Waiting) -> Result<LetterRequest, Internal> {
        let opened = self.master.open(PURPOSE, &waiting.sealed)?;
        serde_json::from_slice(opened.expose()).map_err(Internal::other)
    }
}
