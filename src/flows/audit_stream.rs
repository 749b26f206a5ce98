//! Streams the audit log to a syslog receiver: every sealed event, in the order of the chain, at least once, and by
//! one node at a time.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Internal, Tessera};
use crate::base::Timestamp;
use crate::outside::syslog::Connection;
use crate::protocol::audit_line::Line;
use crate::protocol::syslog::Sender;
use crate::storage::audit_end::STREAM as POSITION;
use crate::storage::{audit, audit_index, settings};

/// How many events go in one turn.
const BATCH: i64 = 500;

/// So long a node has the stream after its last turn; longer than a turn may take, so that two do not take turns.
const LEASE: Duration = Duration::from_mins(1);

/// A warning from so many events on that were not taken.
const MANY: i64 = 10_000;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Position {
    /// The last event that was taken.
    seq: i64,
    holder: String,
    /// Microseconds since 1970.
    until: i64,
}

/// This node's end of the stream.
pub struct Stream {
    holder: String,
    connection: Option<Connection>,
}

/// What a turn came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Streamed {
    /// There is nothing to send, or another node has the stream.
    Nothing,
    /// All there was.
    All,
    /// As much as goes at once; there may be more.
    More,
}

impl Tessera {
    /// This node's end of the stream; nothing is connected yet.
    #[must_use]
    pub fn stream(&self) -> Stream {
        Stream {
            holder: format!("{:032x}", u128::from_ne_bytes(self.entropy.bytes())),
            connection: None,
        }
    }

    /// Sends what comes next.
    ///
    /// # Errors
    /// If the receiver is away or the database does not answer: what was not sent stays where it is.
    pub async fn stream_events(&self, stream: &mut Stream) -> Result<Streamed, Internal> {
        let Some(receiver) = &self.syslog else {
            return Ok(Streamed::Nothing);
        };
        let mut reader = &self.store;
        let (stored, at) = self.stream_position().await?;
        let now = self.now().micros();
        let mine = at.holder == stream.holder;
        if !mine && at.until > now {
            // Whoever lost it does not keep the receiver waiting.
            stream.connection = None;
            return Ok(Streamed::Nothing);
        }
        let events = audit_index::sealed_after(&mut reader, at.seq, BATCH).await?;
        let Some(last) = events.last().and_then(|event| event.seq) else {
            return Ok(Streamed::Nothing);
        };
        let until = (self.now() + LEASE).micros();
        let holder = stream.holder.clone();
        let seq = at.seq;
        let held = Position { seq, holder, until };
        // Also while it is ours already, unless just begun: the turn has its whole time.
        let fresh = mine && at.until > (self.now() + LEASE / 2).micros();
        let stored = if fresh {
            stored
        } else if let Some(stored) = self.move_stream(stored, &held).await? {
            stored
        } else {
            stream.connection = None;
            return Ok(Streamed::Nothing);
        };
        let sender = self.sender();
        let more = i64::try_from(events.len()).is_ok_and(|n| n == BATCH);
        let messages: Vec<String> = events
            .into_iter()
            .filter_map(|event| {
                let (seq, hash, at, body) = (event.seq?, event.hash?, event.at, event.body);
                Some(
                    sender.message(
                        &Line {
                            seq,
                            hash,
                            at,
                            body,
                        }
                        .write(),
                    ),
                )
            })
            .collect();
        let away = |error: std::io::Error| Internal::other(format!("{receiver}: {error}"));
        let mut connection = match stream.connection.take() {
            Some(open) => open,
            None => receiver.connect().await.map_err(away)?,
        };
        connection.send(&messages).await.map_err(away)?;
        stream.connection = Some(connection);
        self.move_stream(stored, &Position { seq: last, ..held })
            .await?;
        Ok(if more { Streamed::More } else { Streamed::All })
    }

    fn sender(&self) -> Sender {
        let config = &self.config.audit.syslog;
        Sender {
            facility: config.facility.number(),
            hostname: self
                .config
                .server
                .issuer
                .url()
                .host_str()
                .unwrap_or("-")
                .to_owned(),
            app_name: config.app_name.as_str().to_owned(),
        }
    }

    async fn stream_position(&self) -> Result<(Option<String>, Position), Internal> {
        let mut reader = &self.store;
        let stored = settings::find(&mut reader, POSITION).await?;
        let read = stored.as_deref().map(serde_json::from_str).transpose();
        let at = read.map_err(Internal::other)?.unwrap_or_default();
        Ok((stored, at))
    }

    /// Moves the stream on from what was stored; what is stored then, or nothing if somebody else moved it.
    async fn move_stream(
        &self,
        from: Option<String>,
        to: &Position,
    ) -> Result<Option<Option<String>>, Internal> {
        let to = serde_json::to_string(to).map_err(Internal::other)?;
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let moved = settings::replace(tx, POSITION, from.as_deref(), &to).await?;
                    Ok::<_, Internal>(moved.then_some(Some(to)))
                })
            })
            .await
    }

    /// Up to which event the receiver has the log; nothing if there is no receiver.
    ///
    /// # Errors
    /// As the database says.
    pub(super) async fn streamed_up_to(&self) -> Result<Option<i64>, Internal> {
        if self.syslog.is_none() {
            return Ok(None);
        }
        Ok(Some(self.stream_position().await?.1.seq))
    }

    /// How many sealed events wait for the receiver.
    ///
    /// # Errors
    /// As the database says.
    pub async fn waiting_for_syslog(&self) -> Result<i64, Internal> {
        let Some(sent) = self.streamed_up_to().await? else {
            return Ok(0);
        };
        let mut reader = &self.store;
        Ok((audit::newest_sealed(&mut reader).await? - sent).max(0))
    }

    /// Tells the metrics how many.
    ///
    /// # Errors
    /// As the database says.
    pub async fn measure_syslog(&self) -> Result<(), Internal> {
        let waiting = u32::try_from(self.waiting_for_syslog().await?).unwrap_or(u32::MAX);
        metrics::gauge!("tessera_audit_syslog_waiting").set(f64::from(waiting));
        Ok(())
    }

    /// A sentence for people if the receiver has not taken much, or something for long.
    ///
    /// # Errors
    /// As the database says.
    pub async fn syslog_warning(&self) -> Result<Option<String>, Internal> {
        let (Some(receiver), Some(sent)) = (&self.syslog, self.streamed_up_to().await?) else {
            return Ok(None);
        };
        let mut reader = &self.store;
        let waiting = self.waiting_for_syslog().await?;
        let oldest = audit_index::sealed_after(&mut reader, sent, 1).await?;
        let long = |at: Timestamp| self.now() - 5 * LEASE > at;
        let since = oldest.first().map(|event| event.at);
        let late = waiting > MANY || since.is_some_and(long);
        Ok(since.filter(|_| late).map(|since| {
            format!(
                "{waiting} events of the audit log wait for the syslog receiver {receiver}, the oldest of {}",
                since.rfc3339()
            )
        }))
    }
}
