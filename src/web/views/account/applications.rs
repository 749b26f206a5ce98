//! The applications that have access.

use crate::base::Timestamp;
use crate::web::messages::calm;
use crate::web::views::Page;

/// An application that has access to the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Its `client_id`.
    pub client_id: String,
    /// Its name.
    pub name: String,
    /// Where it begins a login.
    pub open: Option<String>,
    /// What it may do: the scopes.
    pub scopes: Vec<String>,
    /// Since when.
    pub since: Timestamp,
}

impl Application {
    /// The scopes in a few words, one after the other.
    #[must_use]
    pub fn scope_words(&self, page: &Page) -> String {
        let words: Vec<String> = self
            .scopes
            .iter()
            .map(|scope| {
                let known = match scope.as_str() {
                    "openid" => "account-scope-openid",
                    "profile" => "account-scope-profile",
                    "email" => "account-scope-email",
                    "address" => "account-scope-address",
                    "phone" => "account-scope-phone",
                    "offline_access" => "account-scope-offline-access",
                    other => return calm(other),
                };
                page.t(known)
            })
            .collect();
        words.join(", ")
    }
}
