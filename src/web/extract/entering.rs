//! A visitor signs in, becomes somebody else, and leaves; and what scripts may see of it.

use axum::response::Response;
use cookie::{Cookie, SameSite};
use serde::{Deserialize, Serialize};

use super::Visitor;
use super::cookies::append;
use super::visitor::{POINTER, STATE, unavailable};
use crate::base::Secret;
use crate::flows::Internal;
use crate::flows::admission::Entering;
use crate::flows::session::SignedIn;
use crate::protocol::accounts::Accounts;

/// A cookie that recognises the device lives as long as browsers let it: 400 days (RFC 6265bis
/// §5.5).
const DEVICE_DAYS: i64 = 400;

/// Where the browser session keeps a sign-in that is not complete.
const ENTERING: &str = "entering";

/// A sign-in that is not complete, and the request that it began for.
#[derive(Serialize, Deserialize)]
struct Waiting {
    entering: Entering,
    ticket: Option<String>,
}

impl Visitor {
    /// Lets scripts of applications notice that the login here is another one than it was, also where
    /// the session ended elsewhere. A request without the session cookie (from another site) says
    /// nothing about it.
    pub(super) fn show_state(&self, response: &mut Response) {
        let live = self.signed_in.is_some().then_some(&self.accounts);
        match live.map(|accounts| self.app.browser_state(accounts)) {
            Some(Ok(state)) if self.state_cookie.as_ref() != Some(&state) => {
                append(response, &self.state_cookie(state));
            }
            None if self.sent_session && self.state_cookie.is_some() => {
                self.remove_state(response);
            }
            _ => {}
        }
    }

    fn remove_state(&self, response: &mut Response) {
        let mut cookie = self.state_cookie(String::new());
        cookie.set_max_age(cookie::time::Duration::ZERO);
        append(response, &cookie);
    }

    /// Read by a frame of ours in pages of other sites: so `None` where that is allowed at all, which
    /// is over https.
    fn state_cookie(&self, value: String) -> Cookie<'static> {
        let same_site = if self.app.is_https() {
            SameSite::None
        } else {
            SameSite::Lax
        };
        Cookie::build((self.app.cookie_name(STATE), value))
            .path("/")
            .secure(self.app.is_https())
            .same_site(same_site)
            .build()
    }

    /// The person has proven who they are: one more account here, and the active one.
    ///
    /// # Errors
    /// If the session cannot be written.
    pub async fn enter(
        &self,
        signed_in: &SignedIn,
        device: Option<&Secret<String>>,
        path: &str,
    ) -> Result<Response, Internal> {
        self.enter_with(signed_in, device, self.go(path)).await
    }

    /// As [`Self::enter`], with a page of its own. No form of it would be taken for ours.
    ///
    /// # Errors
    /// If the session cannot be written.
    pub async fn enter_with(
        &self,
        signed_in: &SignedIn,
        device: Option<&Secret<String>>,
        page: Response,
    ) -> Result<Response, Internal> {
        let accounts = self
            .app
            .add_account(&self.accounts, signed_in, &self.origin)
            .await?;
        let mut response = self.keep(&accounts, page).await?;
        if let Some(device) = device {
            self.be_known(&mut response, device);
        }
        Ok(response)
    }

    /// Somebody who is signed in here has proved more: `page` comes with another session cookie, so that who
    /// had the old one gets nothing of it. What lies open in other tabs stays good.
    ///
    /// # Errors
    /// If the session cannot be written.
    pub async fn prove_more(
        &self,
        signed_in: &SignedIn,
        page: Response,
    ) -> Result<Response, Internal> {
        let accounts = self
            .app
            .add_account(&self.accounts, signed_in, &self.origin)
            .await?;
        self.renew(&accounts, page).await
    }

    /// This device is recognised from now on.
    pub fn be_known(&self, response: &mut Response, device: &Secret<String>) {
        let mut cookie = self.cookie("tessera-device", device.expose());
        cookie.set_max_age(cookie::time::Duration::days(DEVICE_DAYS));
        append(response, &cookie);
    }

    /// Who has proven a part of what signing in takes, in this browser and for this request (or for none):
    /// what somebody began for one application and left does not stand in another's way.
    ///
    /// # Errors
    /// If the session cannot be read.
    pub async fn entering(&self, ticket: Option<&str>) -> Result<Option<Entering>, Internal> {
        let Some(browser) = self.session.as_ref().filter(|_| self.sent_session) else {
            return Ok(None);
        };
        let waiting: Option<Waiting> = browser.get(ENTERING).await.map_err(unavailable)?;
        let here = waiting.filter(|waiting| waiting.ticket.as_deref() == ticket);
        Ok(here.map(|waiting| waiting.entering))
    }

    /// Remembers what was proven so far, and goes on. A new session id, as with every change of
    /// privilege: half a proof is more than none.
    ///
    /// # Errors
    /// If the session cannot be written.
    pub async fn wait_as(
        &self,
        entering: Entering,
        ticket: Option<&str>,
        path: &str,
    ) -> Result<Response, Internal> {
        let waiting = Waiting {
            entering,
            ticket: ticket.map(str::to_owned),
        };
        let Some(browser) = &self.session else {
            return Err(Internal::other("a page without a session layer"));
        };
        browser.cycle_id().await.map_err(unavailable)?;
        browser
            .insert(ENTERING, waiting)
            .await
            .map_err(unavailable)?;
        Ok(self.go(path))
    }

    /// The browser speaks for somebody else from now on: a new session id (fixation, RFC 9700 §4.7 and
    /// OWASP ASVS V7.2.4) and a new anti-forgery cookie, so that no page that shows the one decides for
    /// the other.
    ///
    /// # Errors
    /// If the session cannot be written.
    pub async fn keep(
        &self,
        accounts: &Accounts,
        response: Response,
    ) -> Result<Response, Internal> {
        let mut response = self.renew(accounts, response).await?;
        self.set_csrf(&mut response, self.app.entropy.token().expose());
        Ok(response)
    }

    async fn renew(
        &self,
        accounts: &Accounts,
        mut response: Response,
    ) -> Result<Response, Internal> {
        let Some(browser) = &self.session else {
            return Err(Internal::other("a page without a session layer"));
        };
        browser.cycle_id().await.map_err(unavailable)?;
        browser
            .insert(POINTER, accounts)
            .await
            .map_err(unavailable)?;
        browser.remove_value(ENTERING).await.map_err(unavailable)?;
        let state = self.app.browser_state(accounts)?;
        append(&mut response, &self.state_cookie(state));
        Ok(response)
    }

    /// Forgets in this browser who was signed out; if that was the active account, the next one that lives
    /// becomes so. With the last one the row is gone at once.
    ///
    /// # Errors
    /// If the session cannot be changed.
    pub async fn leave(&self, response: Response) -> Result<Response, Internal> {
        let gone = self.signed_in().map(|person| person.session().id);
        let gone = gone.or(self.accounts.active());
        match self.app.after_sign_out(&self.accounts, gone).await? {
            Some(rest) => self.keep(&rest, response).await,
            None => self.leave_all(response).await,
        }
    }

    /// Forgets every account in this browser. The cookies go with the same attributes that they came
    /// with, or `__Host-` cookies would stay.
    ///
    /// # Errors
    /// If the session cannot be removed.
    pub async fn leave_all(&self, mut response: Response) -> Result<Response, Internal> {
        if let Some(browser) = &self.session {
            browser.delete().await.map_err(unavailable)?;
        }
        for name in ["tessera", "tessera-csrf"] {
            let mut cookie = self.cookie(name, "");
            cookie.set_max_age(cookie::time::Duration::ZERO);
            append(&mut response, &cookie);
        }
        self.remove_state(&mut response);
        Ok(response)
    }
}
