//! RP-Initiated Logout: an application sends a person here to sign out.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::session::{Ending, SignedIn};
use super::ticket::Arrival;
use super::{Internal, Tessera};
use crate::protocol::accounts::Accounts;
use crate::protocol::audit::Origin;
use crate::protocol::client::Client;
use crate::protocol::logout::{Flaw, Here, LogoutRequest, frame};
use crate::protocol::session_state::session_state;
use crate::protocol::token::id_token::HintClaims;
use crate::storage::endings::EndedSession;

/// A logout request that was looked at. Whatever it is worth, the person may sign out.
#[derive(Debug, Default)]
pub struct LogoutAsked {
    /// The application that asks, if it is known.
    pub client: Option<Arc<Client>>,
    /// Where it wants the person back: registered, `state` included.
    pub return_to: Option<String>,
    /// What is wrong with the request.
    pub flaw: Option<Flaw>,
    /// A valid `id_token_hint` came along: it is the application itself that asks.
    pub hinted: bool,
    /// It is about who is signed in here: nobody has to be asked.
    pub proven: bool,
    /// The languages that it wishes for.
    pub ui_locales: Option<String>,
    /// The request as a ticket, for the page that asks; `None` where there is nothing to come back to.
    pub ticket: Option<String>,
}

impl LogoutAsked {
    /// The application was registered by anybody.
    #[must_use]
    pub fn of_stranger(&self) -> bool {
        self.client
            .as_ref()
            .is_some_and(|client| client.by_stranger)
    }

    /// The name of the application, for people who read `lang`.
    #[must_use]
    pub fn client_name(&self, lang: &str) -> Option<String> {
        self.client
            .as_ref()
            .map(|client| client.name_in(lang).to_owned())
    }
}

impl Tessera {
    /// Looks at a logout request. Nothing ends yet.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn check_logout(
        &self,
        query: &[u8],
        arrival: Arrival,
        signed_in: Option<&SignedIn>,
    ) -> Result<LogoutAsked, Internal> {
        let request = LogoutRequest::read(query);
        let hint = self.hint_of(&request).await?;
        let client = match request.client_id(hint.as_ref()) {
            Some(id) => self.client(&id).await?.filter(|client| !client.disabled),
            None => None,
        };
        let judged = request.judge(hint.as_ref(), client.as_deref());
        let proven = match (&judged, signed_in, &client) {
            (Ok(_), Some(signed_in), Some(client)) => {
                let user = signed_in.user();
                let here = Here {
                    sid: self.sid(client, signed_in.session().id)?,
                    sub: self.subject(client, user.id)?,
                    names: [&user.username, &user.email],
                };
                request.proves(hint.as_ref(), &here)
            }
            _ => false,
        };
        let flaw = judged.as_ref().err().copied();
        // A ticket has each parameter once: in it, a repeated one would be forgiven.
        let worth_keeping = flaw != Some(Flaw::REQUEST) && !request.is_empty();
        let ticket = worth_keeping
            .then(|| self.make_ticket(request.params(), arrival))
            .transpose()?;
        Ok(LogoutAsked {
            // A name that may be a lie is not shown.
            client: client.filter(|_| flaw.is_none() || flaw == Some(Flaw::RETURN)),
            return_to: judged.unwrap_or_default(),
            flaw,
            hinted: hint.is_some_and(|hint| hint.proven) && flaw.is_none(),
            proven,
            ui_locales: request.ui_locales().map(str::to_owned),
            ticket,
        })
    }

    /// Another account of this browser than the active one, where the request's `id_token_hint` names its
    /// session: that one is to be signed out of.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn meant_by_logout(
        &self,
        query: &[u8],
        accounts: &Accounts,
    ) -> Result<Option<SignedIn>, Internal> {
        let request = LogoutRequest::read(query);
        let hint = self.hint_of(&request).await?;
        let others = accounts.others(accounts.active());
        let Some(id) = request.client_id(hint.as_ref()) else {
            return Ok(None);
        };
        let (Some(client), Some(sid)) = (self.client(&id).await?, hint.and_then(|hint| hint.sid))
        else {
            return Ok(None);
        };
        for other in others {
            if self.sid(&client, other)? == sid {
                return self.resolve_session(other).await;
            }
        }
        Ok(None)
    }

    /// RP-Initiated Logout §2: "The OP SHOULD accept ID Tokens when the RP identified by the ID Token's
    /// aud claim and/or sid claim has a current session or had a recent session at the OP, even when
    /// the exp time has passed."
    async fn hint_of(&self, request: &LogoutRequest) -> Result<Option<HintClaims>, Internal> {
        match request.hint() {
            Some(token) => self.read_hint(token).await,
            None => Ok(None),
        }
    }

    /// Ends the session, and with it what it allowed without `offline_access`. What comes back are the
    /// addresses that the browser must load to sign out of the applications too (Front-Channel Logout).
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn sign_out(
        &self,
        signed_in: &SignedIn,
        origin: Origin,
    ) -> Result<Vec<String>, Internal> {
        let id = signed_in.session().id;
        let ended = self
            .end_session(signed_in, id, Ending::SignedOut, origin)
            .await?;
        let clients = ended.as_ref().map(EndedSession::clients);
        let mut frames = Vec::new();
        for client in clients.unwrap_or_default() {
            frames.extend(frame(client, self.issuer(), &self.sid(client, id)?));
        }
        Ok(frames)
    }

    /// What scripts may know of a browser (Session Management §3.2, "OP User Agent state"): another value
    /// whenever somebody signs in or out here, and none that would open a session. One for all of its
    /// accounts: an application that is used by another than the active one would else see a change
    /// each time that it looks.
    ///
    /// # Errors
    /// If the MAC cannot be computed.
    pub fn browser_state(&self, accounts: &Accounts) -> Result<String, Internal> {
        let sessions = accounts.active().into_iter();
        let sessions: Vec<_> = sessions.chain(accounts.all().iter().copied()).collect();
        let parts: Vec<&[u8]> = sessions.iter().map(|id| &id.0.as_bytes()[..]).collect();
        let mac = self.master.mac("browser-state", &parts)?;
        Ok(URL_SAFE_NO_PAD.encode(mac))
    }

    pub(super) fn session_state(
        &self,
        client: &Client,
        redirect_uri: &str,
        accounts: &Accounts,
    ) -> Result<String, Internal> {
        let (browser, salt) = (self.browser_state(accounts)?, self.entropy.bytes::<16>());
        Ok(session_state(&client.id, redirect_uri, &browser, &salt))
    }
}
