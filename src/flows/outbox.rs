//! The outbox: a letter is queued in the transaction that it belongs to, and delivered by a job.

use std::time::Duration;

use super::letters::LetterRequest;
use super::{Internal, Tessera};
use crate::base::ids::uuid_v7;
use crate::outside::Message;
use crate::storage::mail::{self, Waiting};
use crate::storage::{StorageError, Tx};

/// Letters hold links that open accounts: sealed while they wait.
const PURPOSE: &str = "mail";

/// A letter that could not be delivered for a day is worthless: its link is dead.
const KEEP: Duration = Duration::from_hours(24);

/// If a node dies while it delivers, another one tries after this.
const LEASE: Duration = Duration::from_mins(2);

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
        let text = serde_json::to_vec(letter).map_err(Internal::other)?;
        let sealed = self.master.seal(PURPOSE, &text)?;
        let now = self.now();
        mail::insert(tx, uuid_v7(now, &self.entropy), &sealed, now, now + KEEP).await?;
        Ok(())
    }

    /// Delivers what is due; how many letters left.
    ///
    /// # Errors
    /// If the database does not answer. A letter that cannot be delivered is put off.
    pub async fn deliver_letters(&self, write: &Writer) -> Result<usize, Internal> {
        let now = self.now();
        let due = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move { Ok(mail::take_due(tx, now, now + LEASE, 20).await?) })
            })
            .await?;
        let mut sent = 0;
        for waiting in due {
            if self.deliver(&waiting, write).await? {
                sent += 1;
            }
        }
        Ok(sent)
    }

    async fn deliver(&self, waiting: &Waiting, write: &Writer) -> Result<bool, Internal> {
        let opened = self.master.open(PURPOSE, &waiting.sealed)?;
        let letter: LetterRequest =
            serde_json::from_slice(opened.expose()).map_err(Internal::other)?;
        let Some(message) = write(&letter) else {
            return Err(Internal::other("a letter could not be written"));
        };
        let id = waiting.id;
        let outcome = self.mailer.send(message).await;
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
}
