//! What ends a recovery of an account that waits, and the letters that its owner gets meanwhile.

use super::notices::Locked;
use super::{Internal, Tessera};
use crate::base::Secret;
use crate::base::ids::UserId;
use crate::protocol::account_recovery::Stage;
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::storage::links::{self, Purpose};
use crate::storage::{Tx, account_recoveries, users};

/// How many are looked for at once.
const BATCH: i64 = 100;

impl Tessera {
    /// Ends what waits: the owner is there. `how` is for the log. False if there was nothing.
    pub(super) async fn end_recovery(
        &self,
        tx: &mut Tx<'_>,
        user: UserId,
        how: &'static str,
        origin: &Origin,
    ) -> Result<bool, Internal> {
        if !account_recoveries::delete(tx, user).await? {
            return Ok(false);
        }
        links::void(tx, Purpose::Recovery, Some(user), self.now()).await?;
        let event = Event::new(Kind::RecoveryCancelled, Actor::Anonymous)
            .with("user_id", user)
            .with("how", how);
        self.record(tx, &event, origin);
        Ok(true)
    }

    /// The password that it was begun with, or the mailbox, is another. What an operator allowed stays: who
    /// lost everything may have lost those too.
    pub(super) async fn end_own_recovery(
        &self,
        tx: &mut Tx<'_>,
        user: UserId,
        how: &'static str,
        origin: &Origin,
    ) -> Result<(), Internal> {
        let found = account_recoveries::of_user(tx, user).await?;
        if found.is_some_and(|one| !one.by_operator) {
            self.end_recovery(tx, user, how, origin).await?;
        }
        Ok(())
    }

    /// The owner ends it, signed in or by the link of a letter.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn cancel_recovery(
        &self,
        user: UserId,
        how: &'static str,
        origin: Origin,
    ) -> Result<bool, Internal> {
        let tessera = self.clone();
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    users::lock(tx, user).await?;
                    tessera.end_recovery(tx, user, how, &origin).await
                })
            })
            .await
    }

    /// "It was not me": somebody knows the password.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn deny_recovery(
        &self,
        token: &Secret<String>,
        lang: &str,
        origin: Origin,
    ) -> Result<Option<Locked>, Internal> {
        self.lock_by(token, Purpose::Recovery, lang, origin).await
    }

    /// Writes the letters that are due, and ends what nobody finished; how many turns those were.
    ///
    /// # Errors
    /// If the database does not answer; what is left comes the next time.
    pub async fn turn_recoveries(&self) -> Result<u64, Internal> {
        let mut turns = 0;
        let mut reader = &self.store;
        for (id, lang) in account_recoveries::due(&mut reader, self.now(), BATCH).await? {
            turns += u64::from(self.turn_recovery(id, lang).await?);
        }
        Ok(turns)
    }

    async fn turn_recovery(&self, id: UserId, lang: String) -> Result<bool, Internal> {
        let tessera = self.clone();
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let (now, origin) = (tessera.now(), Origin::default());
                    let user = users::lock(tx, id).await?;
                    let found = account_recoveries::of_user(tx, id).await?;
                    let (Some(user), Some(recovery)) = (user, found) else {
                        return Ok(false);
                    };
                    let next = recovery.next_turn(now);
                    if !account_recoveries::take_turn(tx, id, now, next).await? {
                        return Ok(false);
                    }
                    match recovery.stage(now) {
                        Stage::Over => tessera.end_recovery(tx, id, "expired", &origin).await?,
                        Stage::Waiting | Stage::Ready => {
                            tessera
                                .queue_recovery_letter(tx, &user, &recovery, &lang)
                                .await?;
                            true
                        }
                    };
                    Ok(true)
                })
            })
            .await
    }
}
