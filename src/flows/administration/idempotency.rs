//! A request that is sent again under the same key happens once (draft-ietf-httpapi-idempotency-key-header).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::base::Digest;
use crate::flows::access::Asking;
use crate::flows::{Internal, Tessera};
use crate::storage::idempotency;

/// A day: a job that failed in the night is repeated in the morning.
const KEEP: Duration = Duration::from_hours(24);

/// Answers hold secrets that are shown once.
const PURPOSE: &str = "idempotency";

/// An answer as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The status.
    pub status: u16,
    /// The headers that tell of what was made.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

/// What is known of a request that comes with a key.
#[derive(Debug)]
pub enum Repeated {
    /// It is the first: do it, then [`Tessera::keep_answer`] or [`Tessera::forget_request`].
    First(Digest),
    /// It was done: this was the answer.
    Done(Kept),
    /// It is being done.
    OnItsWay,
    /// The key was used for another request.
    Another,
}

impl Tessera {
    /// Takes the key of a request; `request` is everything that it consists of.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn begin_once(
        &self,
        asking: &Asking,
        key: &str,
        request: &[&[u8]],
    ) -> Result<Repeated, Internal> {
        let who = match asking {
            Asking::Person(id) | Asking::PersonByToken(id, _) => format!("user:{id}"),
            Asking::Client(id, _) => format!("client:{id}"),
        };
        // A MAC: bodies may hold passwords, which nobody shall be able to guess from the table.
        let mac = |parts: &[&[u8]]| self.master.mac(PURPOSE, parts);
        let key = Digest::of(&mac(&[b"key", who.as_bytes(), key.as_bytes()])?);
        let request = Digest::of(&mac(request)?);
        let now = self.now();
        let (stale, until) = (now - self.config.server.request_timeout * 2, now + KEEP);
        let known = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    Ok(idempotency::take(tx, (key, request), stale, now, until).await?)
                })
            })
            .await?;
        Ok(match known {
            None => Repeated::First(key),
            Some(known) if known.request != request => Repeated::Another,
            Some(known) => match known.sealed {
                None => Repeated::OnItsWay,
                Some(sealed) => {
                    let opened = self.master.open(PURPOSE, &sealed)?;
                    let kept = serde_json::from_slice(opened.expose()).map_err(Internal::other)?;
                    Repeated::Done(kept)
                }
            },
        })
    }

    /// Keeps what was answered, sealed.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn keep_answer(&self, key: Digest, answer: &Kept) -> Result<(), Internal> {
        let plain = serde_json::to_vec(answer).map_err(Internal::other)?;
        let sealed = self.master.seal(PURPOSE, &plain)?;
        self.store
            .write(move |tx| {
                Box::pin(async move { Ok(idempotency::answer(tx, key, &sealed).await?) })
            })
            .await
    }

    /// Lets the key be used again: nothing was changed.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn forget_request(&self, key: Digest) -> Result<(), Internal> {
        self.store
            .write(move |tx| Box::pin(async move { Ok(idempotency::give_back(tx, key).await?) }))
            .await
    }
}
