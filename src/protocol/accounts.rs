//! The accounts that one browser is signed in to: a short list with one that is active.

use serde::{Deserialize, Serialize};

use crate::base::Timestamp;
use crate::base::ids::SessionId;

/// More than anybody keeps apart on one screen.
pub const MAX_ACCOUNTS: usize = 8;

/// The sessions of one browser. Lives in the row behind its session cookie: nothing that a link, a
/// ticket or another browser brings along can change it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Accounts {
    active: Option<SessionId>,
    /// The latest added first, the active one among them.
    known: Vec<SessionId>,
    chosen: Option<Choice>,
}

/// The person took this account from the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Choice {
    session: SessionId,
    at: Timestamp,
}

impl Accounts {
    /// The session that speaks for the browser where nothing else is said.
    #[must_use]
    pub const fn active(&self) -> Option<SessionId> {
        self.active
    }

    /// All of them, the latest added first.
    #[must_use]
    pub fn all(&self) -> &[SessionId] {
        &self.known
    }

    /// All but `session`.
    #[must_use]
    pub fn others(&self, session: Option<SessionId>) -> Vec<SessionId> {
        let mut others = self.known.clone();
        others.retain(|known| Some(*known) != session);
        others
    }

    /// Somebody signed in: first in the list, and active.
    pub fn enter(&mut self, session: SessionId) {
        self.known.retain(|known| *known != session);
        self.known.insert(0, session);
        self.active = Some(session);
    }

    /// The person takes an account from the list; false if it is not there.
    pub fn choose(&mut self, session: SessionId, now: Timestamp) -> bool {
        if !self.known.contains(&session) {
            return false;
        }
        self.active = Some(session);
        self.chosen = Some(Choice { session, at: now });
        true
    }

    /// When the person took this very account from the list, if it was the last that they took.
    /// Whatever became active by itself since was not chosen.
    #[must_use]
    pub fn chosen_at(&self, session: SessionId) -> Option<Timestamp> {
        self.chosen
            .filter(|choice| choice.session == session)
            .map(|choice| choice.at)
    }

    /// Takes an account off the list; nobody is active if it was.
    pub fn remove(&mut self, session: SessionId) {
        self.known.retain(|known| *known != session);
        if self.active == Some(session) {
            self.active = None;
        }
    }

    /// Makes an account active that the person did not choose: the one before it is gone.
    pub fn fall_back_to(&mut self, session: SessionId) {
        if self.known.contains(&session) {
            self.active = Some(session);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const A: SessionId = SessionId(Uuid::from_u128(1));
    const B: SessionId = SessionId(Uuid::from_u128(2));
    const NOW: Timestamp = Timestamp::from_seconds(7);

    fn two() -> Accounts {
        let mut accounts = Accounts::default();
        accounts.enter(A);
        accounts.enter(B);
        accounts
    }

    #[test]
    fn who_signs_in_is_added_and_active() {
        let mut accounts = two();
        assert_eq!((accounts.active(), accounts.all()), (Some(B), &[B, A][..]));
        accounts.enter(A);
        assert_eq!((accounts.active(), accounts.all()), (Some(A), &[A, B][..]));
        assert_eq!(accounts.others(Some(A)), [B]);
    }

    #[test]
    fn only_what_is_in_the_list_can_be_chosen() {
        let mut accounts = two();
        assert!(accounts.choose(A, NOW));
        assert_eq!(
            (accounts.active(), accounts.chosen_at(A)),
            (Some(A), Some(NOW))
        );
        assert_eq!(accounts.chosen_at(B), None);
        let before = accounts.clone();
        assert!(!accounts.choose(SessionId(Uuid::nil()), NOW));
        accounts.fall_back_to(SessionId(Uuid::nil()));
        assert_eq!(accounts, before);
    }

    #[test]
    fn what_became_active_by_itself_was_not_chosen() {
        let mut accounts = two();
        accounts.choose(A, NOW);
        accounts.remove(A);
        assert_eq!((accounts.active(), accounts.all()), (None, &[B][..]));
        accounts.fall_back_to(B);
        assert_eq!((accounts.active(), accounts.chosen_at(B)), (Some(B), None));
    }
}
