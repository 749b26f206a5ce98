//! The page that somebody asked for before they signed in: remembered by the browser alone, for as long as a
//! sign-in takes, so that every way to sign in ends there.

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Visitor;
use super::cookies::append;
use crate::web::oauth::authorize;
use crate::web::own_page::own_page;

/// The cookie.
pub(super) const WANTED: &str = "tessera-wanted";

/// As long as an authenticator or a letter takes. Later, another page is asked for.
const MINUTES: i64 = 10;

impl Visitor {
    /// Where a sign-in goes on: with the request that waits, to the page that was asked for, or to the account.
    #[must_use]
    pub fn onward(&self, ticket: Option<&str>) -> String {
        ticket.map_or_else(
            || self.wanted().unwrap_or_else(|| "/account".to_owned()),
            |ticket| authorize::path("/continue", ticket),
        )
    }

    /// To the sign-in; `page` is remembered, if it is one of ours.
    pub(super) fn sign_in_for(&self, page: Option<&str>) -> Response {
        let mut response = self.go(self.way_in());
        if let Some(page) = page.and_then(own_page) {
            let value = URL_SAFE_NO_PAD.encode(page);
            let mut cookie = self.cookie(WANTED, &value);
            cookie.set_max_age(cookie::time::Duration::minutes(MINUTES));
            append(&mut response, &cookie);
        }
        response
    }

    /// Whoever is signed in has come to a page: it is not asked for any more.
    pub(super) fn has_arrived(&self, response: &mut Response) {
        if self.wanted.is_some() && self.signed_in.is_some() {
            let mut cookie = self.cookie(WANTED, "");
            cookie.set_max_age(cookie::time::Duration::ZERO);
            append(response, &cookie);
        }
    }

    /// Read as what it is: text that the browser was given, or that somebody planted there.
    fn wanted(&self) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(self.wanted.as_ref()?).ok()?;
        let page = String::from_utf8(bytes).ok()?;
        own_page(&page).map(str::to_owned)
    }
}
