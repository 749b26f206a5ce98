//! The outbox: a message is queued in the transaction that it belongs to, and delivered by a job. Letters
//! and text messages each have a queue of their own.

use std::time::Duration;

use futures_util::future::join_all;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::letters::{LetterRequest, TextRequest};
use super::{Internal, Tessera};
use crate::base::Timestamp;
use crate::base::ids::uuid_v7;
use crate::outside::{Message, TextMessage};
use crate::storage::outbox::{self, Channel, Waiting};
use crate::storage::{StorageError, Tx};

/// A message that could not be delivered for a day is old news.
const KEEP: Duration = Duration::from_hours(24);

/// If a node dies while it delivers a letter, another one tries after this. Longer than one conversation
/// with a mail server that answers each of its steps at the last moment.
const LEASE: Duration = Duration::from_mins(5);

/// As [`LEASE`], beside the time for one exchange: a code is of use for minutes only.
const TEXT_LEASE: Duration = Duration::from_secs(10);

/// How many messages one node delivers at once, of each channel.
const BATCH: i64 = 20;

/// Writes a letter for a request; handed in, because templates live upstairs.
pub type Writer = dyn Fn(&LetterRequest) -> Option<Message> + Send + Sync;

/// Writes what stands in a text message; handed in, because words live upstairs.
pub type TextWriter = dyn Fn(&TextRequest) -> String + Send + Sync;

/// Why one attempt failed.
struct Failure {
    why: String,
    transient: bool,
}

impl Failure {
    const fn new(why: String, transient: bool) -> Self {
        Self { why, transient }
    }
}

impl Channel {
    /// Messages hold what opens accounts: sealed while they wait.
    const fn purpose(self) -> &'static str {
        match self {
            Self::Letter => "mail",
            Self::Text => "text-message",
        }
    }

    /// Before the second attempt; twice as long before each further one.
    const fn first_pause(self) -> Duration {
        match self {
            Self::Letter => Duration::from_secs(30),
            Self::Text => Duration::from_secs(2),
        }
    }

    fn pause(self, attempts: i64) -> Duration {
        let exponent = u32::try_from(attempts - 1).unwrap_or(0).min(9);
        self.first_pause() * 2_u32.pow(exponent)
    }
}

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
        self.queue(tx, Channel::Letter, letter, until).await
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
        self.queue(tx, Channel::Letter, letter, now).await
    }

    /// Queues a text message, for as long as what stands in it is of use.
    ///
    /// # Errors
    /// If it could not be sealed or written.
    pub async fn queue_text(&self, tx: &mut Tx<'_>, text: &TextRequest) -> Result<(), Internal> {
        let until = self.now() + text.valid_for;
        self.queue(tx, Channel::Text, text, until).await
    }

    async fn queue(
        &self,
        tx: &mut Tx<'_>,
        channel: Channel,
        message: &impl Serialize,
        until: Timestamp,
    ) -> Result<(), Internal> {
        let text = serde_json::to_vec(message).map_err(Internal::other)?;
        let sealed = self.master.seal(channel.purpose(), &text)?;
        let now = self.now();
        let id = uuid_v7(now, &self.entropy);
        outbox::insert(tx, id, channel, &sealed, now, until).await?;
        Ok(())
    }

    /// Delivers the letters that are due; how many left.
    ///
    /// # Errors
    /// If the database does not answer. A letter that cannot be delivered is put off, and one that
    /// never can be is dropped: it must not hold up the others.
    pub async fn deliver_letters(&self, write: &Writer) -> Result<usize, Internal> {
        let due = self.take_due(Channel::Letter, LEASE).await?;
        // Together: one after another, a slow mail server would outlast the lease.
        let attempts = due.iter().map(async |waiting| {
            let attempt = self.attempt_letter(waiting, write).await;
            self.settle(Channel::Letter, waiting, attempt).await
        });
        count(join_all(attempts).await)
    }

    async fn attempt_letter(&self, waiting: &Waiting, write: &Writer) -> Result<(), Failure> {
        let request = self.unseal(Channel::Letter, waiting)?;
        let Some(message) = write(&request) else {
            return Err(Failure::new("it could not be written".to_owned(), false));
        };
        let sent = self.mailer.send(message).await;
        sent.map_err(|error| Failure::new(error.to_string(), error.is_transient()))
    }

    /// Delivers the text messages that are due; how many were taken.
    ///
    /// # Errors
    /// As [`Self::deliver_letters`].
    pub async fn deliver_texts(&self, write: &TextWriter) -> Result<usize, Internal> {
        let lease = TEXT_LEASE + self.config.sms.timeout;
        let due = self.take_due(Channel::Text, lease).await?;
        let attempts = due.iter().map(async |waiting| {
            let attempt = self.attempt_text(waiting, write).await;
            self.settle(Channel::Text, waiting, attempt).await
        });
        count(join_all(attempts).await)
    }

    async fn attempt_text(&self, waiting: &Waiting, write: &TextWriter) -> Result<(), Failure> {
        let request: TextRequest = self.unseal(Channel::Text, waiting)?;
        let message = TextMessage {
            id: waiting.id.to_string(),
            kind: request.kind.as_str(),
            text: write(&request),
            to: request.to,
            lang: request.lang,
            code: request.code,
            expires_at: waiting.expires_at.seconds(),
        };
        let sent = self.texter.send(&message, self.now()).await;
        sent.map_err(|error| Failure::new(error.to_string(), error.is_transient()))
    }

    async fn take_due(&self, channel: Channel, lease: Duration) -> Result<Vec<Waiting>, Internal> {
        let now = self.now();
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    Ok(outbox::take_due(tx, channel, now, now + lease, BATCH).await?)
                })
            })
            .await
    }

    /// What becomes of a message after an attempt; whether it left.
    async fn settle(
        &self,
        channel: Channel,
        waiting: &Waiting,
        attempt: Result<(), Failure>,
    ) -> Result<bool, Internal> {
        let (id, attempts, sent) = (waiting.id, waiting.attempts, attempt.is_ok());
        let again_at = match attempt {
            Ok(()) => None,
            Err(Failure { why, transient }) => {
                let again_at = self.now() + channel.pause(attempts);
                if transient && again_at < waiting.expires_at {
                    tracing::warn!(?channel, %id, %why, attempts, "a message has to wait");
                    Some(again_at)
                } else {
                    tracing::error!(?channel, %id, %why, attempts, "a message cannot be delivered");
                    None
                }
            }
        };
        self.store
            .write::<_, StorageError, _>(move |tx| {
                Box::pin(async move {
                    match again_at {
                        Some(again_at) => outbox::put_off(tx, id, again_at).await,
                        None => outbox::delete(tx, id).await,
                    }
                })
            })
            .await?;
        Ok(sent)
    }

    fn unseal<T: DeserializeOwned>(
        &self,
        channel: Channel,
        waiting: &Waiting,
    ) -> Result<T, Failure> {
        // Sealed by another master key, or by a version that is gone.
        let hopeless = |why: String| Failure::new(why, false);
        let opened = self.master.open(channel.purpose(), &waiting.sealed);
        let opened = opened.map_err(|error| hopeless(error.to_string()))?;
        serde_json::from_slice(opened.expose()).map_err(|error| hopeless(error.to_string()))
    }
}

fn count(outcomes: Vec<Result<bool, Internal>>) -> Result<usize, Internal> {
    let mut sent = 0;
    for outcome in outcomes {
        sent += usize::from(outcome?);
    }
    Ok(sent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_tried_again_at_once_and_a_letter_in_peace() {
        let pauses = |channel: Channel| [1, 2, 3, 60].map(|n| channel.pause(n).as_secs());
        assert_eq!(pauses(Channel::Text), [2, 4, 8, 1024]);
        assert_eq!(pauses(Channel::Letter), [30, 60, 120, 15_360]);
    }
}
