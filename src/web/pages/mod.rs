//! Pages for people who are signing in, or out, or up.

pub mod assets;
pub mod consent;
pub mod fields;
pub mod health;
pub mod home;
pub mod letters;
pub mod logo;
pub mod lost;
pub mod passkey;
mod puzzle;
pub mod recovery_left;
pub mod reset;
pub mod select_account;
pub mod set_up_factor;
pub mod setup;
pub mod sign_in;
pub mod sign_in_link;
pub mod sign_out;
pub mod sign_up;
pub mod step;
pub mod strength;

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

/// The query of a page: the ticket of a pending request, or the token of a one-time link. Whatever
/// else it holds, and however broken it is, never fails a page.
#[derive(Debug, Default)]
pub struct PageQuery {
    /// The pending authorization request.
    pub request: Option<String>,
    /// A one-time link.
    pub token: Option<String>,
    /// Which of our pages comes after this one.
    pub to: Option<String>,
    /// Which method is preferred.
    pub with: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for PageQuery {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        let first = |wanted: &str| {
            form_urlencoded::parse(query)
                .find(|(name, _)| name == wanted)
                .map(|(_, value)| value.into_owned())
        };
        Ok(Self {
            request: first("request"),
            token: first("token"),
            to: first("to"),
            with: first("with"),
        })
    }
}
