//! The cookie with which applications notice that the login changed (Session Management §4).

use axum::response::Response;
use cookie::{Cookie, SameSite};

use super::super::cookies::append;
use super::Visitor;

/// The cookie that scripts read (Session Management §3.2); it opens nothing.
pub const STATE: &str = "tessera-session-state";

impl Visitor {
    /// Lets scripts of applications notice that the login here is another one than it was, also where
    /// the session ended elsewhere. A request without the session cookie (from another site) says
    /// nothing about it.
    pub(super) fn show_state(&self, response: &mut Response) {
        let live = self.signed_in.as_ref().map(|s| s.session().id);
        match live.map(|id| self.app.browser_state(id)) {
            Some(Ok(state)) if self.state_cookie.as_ref() != Some(&state) => {
                append(response, &self.state_cookie(state));
            }
            None if self.sent_session && self.state_cookie.is_some() => {
                self.remove_state(response);
            }
            _ => {}
        }
    }

    pub(super) fn remove_state(&self, response: &mut Response) {
        let mut cookie = self.state_cookie(String::new());
        cookie.set_max_age(cookie::time::Duration::ZERO);
        append(response, &cookie);
    }

    /// Read by a frame of ours in pages of other sites: so `None` where that is allowed at all, which
    /// is over https.
    pub(super) fn state_cookie(&self, value: String) -> Cookie<'static> {
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
}
