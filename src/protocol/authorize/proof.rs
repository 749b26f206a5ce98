//! Stage one of the authorization endpoint: is there a proven place to answer to?

use std::fmt;

use crate::protocol::client::{Client, ClientId};
use crate::protocol::params::Params;
use crate::protocol::redirect_uri::RedirectUri;
use crate::protocol::trial::TrialReturn;

use super::request::ResponseMode;
use super::response::ReturnPath;
use super::response_type::ResponseType;

/// Longer than any real one (certifiers try 1000 characters), and short enough for a `Location`.
pub(super) const MAX_STATE: usize = 2048;

/// Room for what is honest, in characters.
const MAX_TOLD: usize = 200;

/// Why a request is answered with a page: there is no proven place to redirect to.
///
/// RFC 6749 §4.1.2.1: "If the request fails due to a missing, invalid, or mismatching redirection
/// URI, or if the client identifier is missing or invalid, the authorization server SHOULD inform the
/// resource owner of the error and MUST NOT automatically redirect the user-agent to the invalid
/// redirection URI."
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageError {
    /// The parameters cannot be read at all.
    Malformed,
    /// There is no `client_id`.
    ClientIdMissing,
    /// There are several.
    ClientIdRepeated,
    /// No such client, or it is disabled.
    UnknownClient,
    /// There is no `redirect_uri`.
    RedirectUriMissing,
    /// There are several.
    RedirectUriRepeated,
    /// The client did not register it.
    RedirectUriMismatch,
    /// The request object, in which it may be, cannot be used.
    RequestObject,
}

impl PageError {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::Malformed,
        Self::ClientIdMissing,
        Self::ClientIdRepeated,
        Self::UnknownClient,
        Self::RedirectUriMissing,
        Self::RedirectUriRepeated,
        Self::RedirectUriMismatch,
        Self::RequestObject,
    ];

    /// A stable name for messages, logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::ClientIdMissing => "client_id_missing",
            Self::ClientIdRepeated => "client_id_repeated",
            Self::UnknownClient => "unknown_client",
            Self::RedirectUriMissing => "redirect_uri_missing",
            Self::RedirectUriRepeated => "redirect_uri_repeated",
            Self::RedirectUriMismatch => "redirect_uri_mismatch",
            Self::RequestObject => "request_object",
        }
    }
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::error::Error for PageError {}

/// The parameters of an authorization request, of which nothing is known yet.
#[derive(Clone, Debug)]
pub struct UncheckedRequest {
    pub(super) params: Params,
    pub(super) repeated: Vec<String>,
}

/// Reads the query or the form of an authorization request.
///
/// # Errors
/// [`PageError::Malformed`] where the bytes are no form at all.
pub fn read(bytes: &[u8]) -> Result<UncheckedRequest, PageError> {
    let (params, repeated) = Params::parse_lenient(bytes).map_err(|_| PageError::Malformed)?;
    Ok(UncheckedRequest { params, repeated })
}

impl UncheckedRequest {
    /// The parameters as they came, to be carried through the sign-in pages.
    #[must_use]
    pub const fn params(&self) -> &Params {
        &self.params
    }

    /// Which client to look up.
    ///
    /// # Errors
    /// [`PageError::ClientIdMissing`], [`PageError::ClientIdRepeated`].
    pub fn client_id(&self) -> Result<ClientId, PageError> {
        if self.is_repeated("client_id") {
            return Err(PageError::ClientIdRepeated);
        }
        // RFC 6749 §4.1.1: "client_id: REQUIRED."
        self.params
            .get("client_id")
            .map(ClientId::new)
            .ok_or(PageError::ClientIdMissing)
    }

    /// Stage one: proves the redirect URI against the client that was found under
    /// [`UncheckedRequest::client_id`].
    ///
    /// # Errors
    /// Every one is shown as a page.
    pub fn prove(self, client: Option<&Client>) -> Result<ProvenRequest<'_>, PageError> {
        self.prove_with(client, None)
    }

    /// As [`Self::prove`]. The request of a trial is answered at its own page, and nowhere else.
    ///
    /// # Errors
    /// Every one is shown as a page.
    pub fn prove_with<'a>(
        self,
        client: Option<&'a Client>,
        trial: Option<&TrialReturn>,
    ) -> Result<ProvenRequest<'a>, PageError> {
        let client_id = self.client_id()?;
        let client = client
            .filter(|client| client.id == client_id && !client.disabled)
            .ok_or(PageError::UnknownClient)?;
        if self.is_repeated("redirect_uri") {
            return Err(PageError::RedirectUriRepeated);
        }
        // OpenID Connect Core §3.1.2.1: "redirect_uri: REQUIRED." For plain OAuth too: guessing which
        // registered one was meant has no use and some risk.
        let presented = self
            .params
            .get("redirect_uri")
            .ok_or(PageError::RedirectUriMissing)?;
        let of_trial = trial.map(|trial| [trial.redirect_uri().to_owned()]);
        let known = of_trial
            .as_ref()
            .map_or(client.metadata.redirect_uris.as_slice(), <[_; 1]>::as_slice);
        let redirect_uri =
            RedirectUri::matching(known, client.metadata.application_type, presented)
                .ok_or(PageError::RedirectUriMismatch)?;
        Ok(ProvenRequest {
            request: self,
            client,
            redirect_uri,
        })
    }

    /// A parameter as the log may have it: whatever may hold a secret (a query, a fragment, a password)
    /// is left out, and a stranger can neither draw lines there nor fill it.
    #[must_use]
    pub fn tell(&self, name: &str) -> String {
        let sent = self.params.get(name).unwrap_or_default();
        let open = sent.split(['?', '#']).next().unwrap_or_default();
        let open = if open.contains('@') { "..." } else { open };
        let visible = open.chars().filter(|c| !c.is_control());
        format!("{name}={}", visible.take(MAX_TOLD).collect::<String>())
    }

    fn is_repeated(&self, name: &str) -> bool {
        self.repeated.iter().any(|repeated| repeated == name)
    }

    /// The value of a parameter that was sent exactly once.
    #[must_use]
    pub fn single(&self, name: &str) -> Option<&str> {
        self.params.get(name).filter(|_| !self.is_repeated(name))
    }
}

/// A request from a known client with a proven redirect URI: errors may be redirected from here on.
#[derive(Clone, Debug)]
pub struct ProvenRequest<'a> {
    pub(super) request: UncheckedRequest,
    pub(super) client: &'a Client,
    pub(super) redirect_uri: RedirectUri,
}

impl<'a> ProvenRequest<'a> {
    /// The client that asks.
    #[must_use]
    pub const fn client(&self) -> &'a Client {
        self.client
    }

    /// The parameters as they came.
    #[must_use]
    pub const fn params(&self) -> &Params {
        &self.request.params
    }

    /// How an answer travels, as far as the request says so well.
    fn response_mode(&self) -> ResponseMode {
        let response_type = self
            .request
            .single("response_type")
            .and_then(ResponseType::parse)
            .unwrap_or_default();
        self.request
            .single("response_mode")
            .and_then(ResponseMode::parse)
            .filter(|mode| mode.may_carry(response_type))
            .unwrap_or(response_type.default_mode())
    }

    /// Where an error goes. A repeated or oversized `state` is not echoed, and a response mode that
    /// this server does not speak is answered as the response type wants it by default.
    #[must_use]
    pub fn return_path(&self) -> ReturnPath {
        ReturnPath {
            redirect_uri: self.redirect_uri.clone(),
            response_mode: self.response_mode(),
            state: self
                .request
                .single("state")
                .filter(|state| fits(state, MAX_STATE))
                .map(str::to_owned),
        }
    }
}

/// Whether `text` has at most so many characters.
pub(super) fn fits(text: &str, characters: usize) -> bool {
    text.len() <= characters || text.chars().count() <= characters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_log_is_told_has_no_secret_no_line_and_an_end() {
        let told = |value: &str| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            let query = query.append_pair("redirect_uri", value).finish();
            read(query.as_bytes()).unwrap().tell("redirect_uri")
        };
        for (sent, expected) in [
            ("https://app.example/cb", "https://app.example/cb"),
            ("https://a.example/?t=s#s", "https://a.example/"),
            ("https://u:pw@a.example/", "..."),
            ("a\nb\u{1b}[0m", "ab[0m"),
            ("", ""),
        ] {
            assert_eq!(told(sent), format!("redirect_uri={expected}"));
        }
        assert_eq!(
            told(&"x".repeat(5_000)).len(),
            "redirect_uri=".len() + MAX_TOLD
        );
    }
}
