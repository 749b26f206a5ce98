//! A browser begins or ceases to speak for somebody.

use axum::response::Response;

use super::super::cookies::append;
use super::{POINTER, Visitor, unavailable};
use crate::base::Secret;
use crate::flows::Internal;
use crate::flows::session::SignedIn;
use crate::protocol::accounts::Accounts;

/// A cookie that recognises the device lives as long as browsers let it: 400 days (RFC 6265bis
/// §5.5).
const DEVICE_DAYS: i64 = 400;

impl Visitor {
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
        let accounts = self
            .app
            .add_account(&self.accounts, signed_in, &self.origin)
            .await?;
        let mut response = self.keep(&accounts, self.go(path)).await?;
        let state = self.app.browser_state(signed_in.session().id)?;
        append(&mut response, &self.state_cookie(state));
        if let Some(device) = device {
            let mut cookie = self.cookie("tessera-device", device.expose());
            cookie.set_max_age(cookie::time::Duration::days(DEVICE_DAYS));
            append(&mut response, &cookie);
        }
        Ok(response)
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
        self.set_csrf(&mut response, self.app.entropy.token().expose());
        Ok(response)
    }

    /// Forgets the active account in this browser; the next one that lives becomes active. With the
    /// last one the row is gone at once.
    ///
    /// # Errors
    /// If the session cannot be changed.
    pub async fn leave(&self, response: Response) -> Result<Response, Internal> {
        match self.app.after_sign_out(&self.accounts).await? {
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
