//! Logout (OpenID Connect RP-Initiated, Back-Channel and Front-Channel Logout 1.0): what a request is
//! worth, and what clients are told.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};

use super::client::{ApplicationType, Client, ClientId};
use super::params::Params;
use super::redirect_uri::RedirectUri;
use super::token::id_token::HintClaims;
use crate::base::Timestamp;

/// The member of `events` that makes a token a logout token (Back-Channel Logout §2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Back-Channel Logout §4: "it is RECOMMENDED that the exp claim value be no more than two minutes in
/// the future".
const TOKEN_LIFETIME: Duration = Duration::from_mins(2);

/// What is wrong with a request: the parameter that is not what it should be. A request with a flaw
/// never redirects, and the person may sign out all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flaw(&'static str);

impl Flaw {
    /// The `id_token_hint` is not an ID token of ours.
    pub const HINT: Self = Self("id_token_hint");
    /// The `client_id` is not known, or not whom the hint was issued to.
    pub const CLIENT: Self = Self("client_id");
    /// The `post_logout_redirect_uri` is not registered.
    pub const RETURN: Self = Self("post_logout_redirect_uri");
    /// It cannot be read, or repeats a parameter.
    pub const REQUEST: Self = Self("request");

    /// The parameter.
    #[must_use]
    pub const fn parameter(self) -> &'static str {
        self.0
    }
}

/// A logout request as it came (RP-Initiated Logout §2).
#[derive(Clone, Debug, Default)]
pub struct LogoutRequest {
    params: Params,
    unreadable: bool,
}

impl LogoutRequest {
    /// Reads a query or a form. Whatever it is, the person may sign out: so nothing fails here.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        match Params::parse_lenient(bytes) {
            Ok((params, repeated)) => Self {
                params,
                unreadable: !repeated.is_empty(),
            },
            Err(_) => Self {
                params: Params::default(),
                unreadable: true,
            },
        }
    }

    /// All of it.
    #[must_use]
    pub const fn params(&self) -> &Params {
        &self.params
    }

    /// Whether nobody asks for anything: a person came by themselves.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.params.iter().next().is_none()
    }

    /// `id_token_hint`
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.params.get("id_token_hint")
    }

    /// `ui_locales`
    #[must_use]
    pub fn ui_locales(&self) -> Option<&str> {
        self.params.get("ui_locales")
    }

    /// The client that asks, as it says itself or as its hint says.
    #[must_use]
    pub fn client_id(&self, hint: Option<&HintClaims>) -> Option<ClientId> {
        let by_hint = || hint.and_then(|hint| hint.aud.as_slice().first());
        self.params
            .get("client_id")
            .or_else(|| by_hint().map(String::as_str))
            .map(ClientId::new)
    }

    /// Where the person may be sent afterwards, `state` included. `hint` is what the ID token says if
    /// it is ours, and `client` the one of [`Self::client_id`] if there is one that is not disabled.
    ///
    /// # Errors
    /// What is wrong with the request.
    pub fn judge(
        &self,
        hint: Option<&HintClaims>,
        client: Option<&Client>,
    ) -> Result<Option<String>, Flaw> {
        if self.unreadable {
            return Err(Flaw::REQUEST);
        }
        if self.hint().is_some() && hint.is_none() {
            return Err(Flaw::HINT);
        }
        let Some(client) = client else {
            return match self.client_id(hint) {
                Some(_) => Err(Flaw::CLIENT),
                // Nobody is known for whom it could be registered.
                None if self.params.get("post_logout_redirect_uri").is_some() => Err(Flaw::RETURN),
                None => Ok(None),
            };
        };
        // §2: "When both client_id and id_token_hint are present, the OP MUST verify that the Client
        // Identifier matches the one used when issuing the ID Token."
        if hint.is_some_and(|hint| !hint.aud.contains(client.id.as_str())) {
            return Err(Flaw::CLIENT);
        }
        let Some(wanted) = self.params.get("post_logout_redirect_uri") else {
            return Ok(None);
        };
        // §3: "the OP MUST NOT perform post-logout redirection if the post_logout_redirect_uri value
        // supplied does not exactly match one of the previously registered [...] values": so no port
        // of a native application is left open here.
        let registered = &client.metadata.post_logout_redirect_uris;
        let uri =
            RedirectUri::matching(registered, ApplicationType::Web, wanted).ok_or(Flaw::RETURN)?;
        let state = self.params.get("state").map(|state| ("state", state));
        Ok(Some(uri.with_query(state.as_slice())))
    }

    /// Whether the request is about who is here, and so need not be asked: `hint` names the person or
    /// the session, and `logout_hint`, if there is one, is one of the person's names.
    ///
    /// §2: "Logout requests without a valid id_token_hint value are a potential means of denial of
    /// service; therefore, OPs should obtain explicit confirmation from the End-User".
    #[must_use]
    pub fn proves(&self, hint: Option<&HintClaims>, here: &Here<'_>) -> bool {
        let Some(hint) = hint.filter(|hint| hint.proven) else {
            return false;
        };
        let same = hint.sub == here.sub || hint.sid.as_deref() == Some(&here.sid);
        let meant = self.params.get("logout_hint").is_none_or(|meant| {
            meant == here.sub || meant == here.sid || here.names.contains(&meant)
        });
        same && meant
    }
}

/// Who is signed in where the request arrived.
#[derive(Debug)]
pub struct Here<'a> {
    /// The session, as the client knows it.
    pub sid: String,
    /// The person, as the client knows them.
    pub sub: String,
    /// The person's names here.
    pub names: [&'a str; 2],
}

/// The claims of a logout token (Back-Channel Logout §2.4). No `nonce`: "A nonce Claim MUST NOT be
/// present", or it could pass for an ID token.
#[derive(Clone, Debug, Serialize)]
pub struct LogoutTokenClaims {
    iss: String,
    sub: String,
    aud: String,
    iat: i64,
    exp: i64,
    jti: String,
    sid: String,
    events: Map<String, Value>,
}

impl LogoutTokenClaims {
    /// The claims of a token that is sent now. `sub` and `sid` are what the person and the session are
    /// called at the client.
    #[must_use]
    pub fn new(
        issuer: &str,
        client: &ClientId,
        (sub, sid): (String, String),
        jti: String,
        now: Timestamp,
    ) -> Self {
        let mut events = Map::new();
        events.insert(EVENT.to_owned(), Value::Object(Map::new()));
        Self {
            iss: issuer.to_owned(),
            sub,
            aud: client.to_string(),
            iat: now.seconds(),
            exp: (now + TOKEN_LIFETIME).seconds(),
            jti,
            sid,
            events,
        }
    }
}

/// What a client's answer to a logout token means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// It is done.
    Done,
    /// The client refuses this token, or could not do what it says.
    Refused,
    /// Something else is wrong there, and may pass.
    Later,
}

/// Back-Channel Logout §2.8: "If the logout succeeded, the RP MUST respond with HTTP 200 OK. However,
/// note that some Web frameworks will substitute an HTTP 204 No Content response"; "If the logout
/// request was invalid or the logout failed, the RP MUST respond with HTTP 400 Bad Request."
#[must_use]
pub const fn receipt(status: u16) -> Receipt {
    match status {
        200 | 204 => Receipt::Done,
        400 => Receipt::Refused,
        _ => Receipt::Later,
    }
}

/// The address that a client wants loaded in a frame when the session ends (Front-Channel Logout §2,
/// §3: "iss" and "sid" are added where the client registered that it needs them). `sid` is what the session is called there.
#[must_use]
pub fn frame(client: &Client, issuer: &str, sid: &str) -> Option<String> {
    let metadata = &client.metadata;
    let mut url = url::Url::parse(metadata.frontchannel_logout_uri.as_deref()?).ok()?;
    if metadata.frontchannel_logout_session_required {
        url.query_pairs_mut()
            .append_pair("iss", issuer)
            .append_pair("sid", sid);
    }
    Some(url.into())
}

#[cfg(test)]
#[path = "logout_tests.rs"]
mod tests;
