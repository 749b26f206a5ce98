//! Several people, or several accounts of one, signed in to one browser.

use super::authorize::Checked;
use super::session::{Ending, SignedIn};
use super::{Internal, Tessera};
use crate::base::Timestamp;
use crate::base::ids::{SessionId, UserId};
use crate::protocol::accounts::{Accounts, MAX_ACCOUNTS};
use crate::protocol::assurance::Capabilities;
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::authorize::{Prompt, SessionView, WantedSubject};
use crate::storage::accounts::{self, Member};
use crate::storage::users::comparable;

/// Who is in front of a browser, and which accounts it holds.
#[derive(Clone, Copy)]
pub struct Present<'a> {
    /// Who speaks.
    pub active: Option<&'a SignedIn>,
    /// The list.
    pub accounts: &'a Accounts,
}

impl Present<'_> {
    /// When this account was taken from the list.
    pub(super) fn chosen_at(&self, signed_in: &SignedIn) -> Option<Timestamp> {
        self.accounts.chosen_at(signed_in.session().id)
    }
}

/// Whom a request is about, as far as it says.
enum Wanted<'a> {
    Subject(WantedSubject),
    /// Who tries the client.
    Trial(UserId),
    Login(&'a str),
}

impl Tessera {
    /// The people of a browser, the latest added first, those whose sessions have ended too.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn members(&self, accounts: &Accounts) -> Result<Vec<Member>, Internal> {
        let mut reader = &self.store;
        Ok(accounts::members(&mut reader, accounts.all(), self.now()).await?)
    }

    /// The list with somebody who just signed in: first, active, and there once. Where it is full, an
    /// ended session goes, or else the oldest, which then ends: nobody could reach it any more.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn add_account(
        &self,
        accounts: &Accounts,
        signed_in: &SignedIn,
        origin: &Origin,
    ) -> Result<Accounts, Internal> {
        let mut list = accounts.clone();
        let mut others = self.members(&list).await?;
        others.retain(|member| member.user_id != signed_in.user().id);
        for gone in list.others(None) {
            if others.iter().all(|member| member.session_id != gone) {
                list.remove(gone);
            }
        }
        while others.len() >= MAX_ACCOUNTS {
            let ended = others.iter().rposition(|member| !member.is_live);
            let evicted = others.remove(ended.unwrap_or(others.len() - 1));
            list.remove(evicted.session_id);
            if let Some(person) = self.resolve_session(evicted.session_id).await? {
                let (id, origin) = (evicted.session_id, origin.clone());
                self.end_session(&person, id, Ending::MadeRoom, origin)
                    .await?;
            }
        }
        list.enter(signed_in.session().id);
        Ok(list)
    }

    /// The list with another account active, because the person says so. `None`: its session has ended.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn choose_account(
        &self,
        accounts: &Accounts,
        session: SessionId,
        origin: Origin,
    ) -> Result<Option<Accounts>, Internal> {
        let mut list = accounts.clone();
        if !list.choose(session, self.now()) {
            return Ok(None);
        }
        let Some(person) = self.resolve_session(session).await? else {
            return Ok(None);
        };
        let event = Event::new(Kind::AccountChosen, Actor::User(person.user().id))
            .with("session_id", session);
        self.record_alone(event, origin).await?;
        Ok(Some(list))
    }

    /// The list without an account that was signed out: if it was active, the next that lives becomes so.
    /// `None` where no other lives: then nothing is kept of any of them.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn after_sign_out(
        &self,
        accounts: &Accounts,
        gone: Option<SessionId>,
    ) -> Result<Option<Accounts>, Internal> {
        let mut list = accounts.clone();
        if let Some(gone) = gone {
            list.remove(gone);
        }
        let members = self.members(&list).await?;
        let mut live = members.iter().filter(|member| member.is_live).peekable();
        let Some(first) = live.peek().map(|member| member.session_id) else {
            return Ok(None);
        };
        if live.all(|member| Some(member.session_id) != list.active()) {
            list.fall_back_to(first);
        }
        Ok(Some(list))
    }

    /// Ends every session of a browser. What comes back are the addresses that the browser must load to
    /// sign out of the applications too (Front-Channel Logout).
    ///
    /// # Errors
    /// If it could not be written; those that were reached have ended.
    pub async fn sign_out_of_all(
        &self,
        accounts: &Accounts,
        origin: &Origin,
    ) -> Result<Vec<String>, Internal> {
        let mut frames = Vec::new();
        for session in accounts.all() {
            if let Some(person) = self.resolve_session(*session).await? {
                frames.extend(self.sign_out(&person, origin.clone()).await?);
            }
        }
        Ok(frames)
    }

    /// Another account of this browser than the active one, where the request says that it is about it:
    /// by `id_token_hint`, by a claim request for `sub`, or by `login_hint`. For this request alone: a
    /// link of an application must not change who the browser is for others. What the person chose or
    /// proved for this very request stands.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn meant_by(
        &self,
        checked: &Checked,
        present: Present<'_>,
    ) -> Result<Option<SignedIn>, Internal> {
        let asked_at = checked.arrival.asked_at;
        let decided = present.active.is_some_and(|active| {
            view(active, Capabilities::default(), present.chosen_at(active)).is_chosen(asked_at)
        });
        let active = present.active.map(|active| active.session().id);
        let others = present.accounts.others(active);
        let prompts = checked.request.prompts();
        if decided || others.is_empty() || prompts.contains(Prompt::SelectAccount) {
            return Ok(None);
        }
        let wanted = match self.wanted_subject(checked).await? {
            Ok(_) if let Some(trial) = checked.trial() => Wanted::Trial(trial.user_id()),
            Ok(subject) if !subject.is_anybody() => Wanted::Subject(subject),
            Ok(_) => match checked.request.login_hint() {
                Some(login) => Wanted::Login(login),
                None => return Ok(None),
            },
            // The request is refused for it.
            Err(_) => return Ok(None),
        };
        let members = self.members(present.accounts).await?;
        let mut fitting = None;
        for member in members.iter().filter(|member| member.is_live) {
            if self.fits(checked, &wanted, member)? {
                if Some(member.session_id) == active {
                    return Ok(None);
                }
                fitting = fitting.or(Some(member.session_id));
            }
        }
        match fitting {
            Some(session) => self.resolve_session(session).await,
            None => Ok(None),
        }
    }

    fn fits(
        &self,
        checked: &Checked,
        wanted: &Wanted<'_>,
        member: &Member,
    ) -> Result<bool, Internal> {
        Ok(match wanted {
            Wanted::Subject(subject) => subject.is(&self.subject(&checked.client, member.user_id)?),
            Wanted::Trial(user) => *user == member.user_id,
            Wanted::Login(login) => {
                let login = comparable(login);
                login == comparable(&member.username) || login == comparable(&member.email)
            }
        })
    }
}

/// What the rules need to know of who is signed in, who could prove what is `available`.
pub(super) fn view(
    signed_in: &SignedIn,
    available: Capabilities,
    chosen_at: Option<Timestamp>,
) -> SessionView {
    SessionView {
        organisation: signed_in.user().organisation,
        user_id: signed_in.user().id,
        proofs: signed_in.session().proofs.clone(),
        available,
        chosen_at,
    }
}
