//! What goes back to the client: a code or an error, always with the issuer's name.

use std::fmt;

use crate::base::Secret;
use crate::protocol::error::OAuthError;
use crate::protocol::redirect_uri::RedirectUri;

use super::request::ResponseMode;

/// Where and how an answer travels. Only a proven redirect URI gets this far.
#[derive(Clone, Debug)]
pub struct ReturnPath {
    pub(super) redirect_uri: RedirectUri,
    pub(super) response_mode: ResponseMode,
    pub(super) state: Option<String>,
}

impl ReturnPath {
    /// The proven redirect URI.
    #[must_use]
    pub const fn redirect_uri(&self) -> &RedirectUri {
        &self.redirect_uri
    }
}

/// An authorization response (RFC 6749 §4.1.2) or error response (§4.1.2.1).
pub struct AuthorizationResponse {
    path: ReturnPath,
    fields: Vec<(&'static str, String)>,
}

/// What a granted request is answered with, as its `response_type` says.
#[derive(Default)]
pub struct Granted {
    /// `code`
    pub code: Option<Secret<String>>,
    /// `id_token`
    pub id_token: Option<String>,
    /// `access_token` and what goes with it.
    pub token: Option<FrontChannelToken>,
    /// Session Management §3.
    pub session_state: Option<String>,
}

/// An access token on its way through the browser (RFC 6749 §4.2.2).
pub struct FrontChannelToken {
    /// `access_token`
    pub access_token: String,
    /// `expires_in`, seconds.
    pub expires_in: u64,
    /// `scope`
    pub scope: String,
}

/// An authorization response in the form that its response mode asks for.
pub enum Delivery {
    /// Redirect there with 303.
    ///
    /// RFC 9700 §4.12: a 307 would make the browser post the password on to the client; the server
    /// "SHOULD use HTTP status code 303".
    Redirect {
        /// The `Location`: pure ASCII without controls.
        location: String,
    },
    /// Show a form that submits itself (Form Post Response Mode §2).
    FormPost {
        /// Where it posts to.
        action: String,
        /// Its hidden fields. Text from strangers: escape it.
        fields: Vec<(&'static str, String)>,
    },
}

impl AuthorizationResponse {
    /// The answer to a request that was granted.
    #[must_use]
    pub fn success(path: ReturnPath, granted: Granted, issuer: &str) -> Self {
        let mut fields = Vec::new();
        let mut add = |name, value: Option<String>| fields.extend(value.map(|v| (name, v)));
        add("code", granted.code.map(|code| code.expose().clone()));
        add("id_token", granted.id_token);
        if let Some(token) = granted.token {
            // RFC 6749 §4.2.2.
            add("access_token", Some(token.access_token));
            add("token_type", Some("Bearer".to_owned()));
            add("expires_in", Some(token.expires_in.to_string()));
            add("scope", Some(token.scope));
        }
        add("session_state", granted.session_state);
        Self::build(path, fields, issuer)
    }

    /// The answer to a request that was refused.
    #[must_use]
    pub fn error(path: ReturnPath, error: &OAuthError, issuer: &str) -> Self {
        let fields = vec![
            ("error", error.code.as_str().to_owned()),
            ("error_description", error.description().to_owned()),
        ];
        Self::build(path, fields, issuer)
    }

    fn build(path: ReturnPath, mut fields: Vec<(&'static str, String)>, issuer: &str) -> Self {
        // RFC 6749 §4.1.2: "state: REQUIRED if the "state" parameter was present in the client
        // authorization request. The exact value received from the client."
        if let Some(state) = &path.state {
            fields.push(("state", state.clone()));
        }
        // RFC 9207 §2: "the authorization server MUST indicate its identity by including the "iss"
        // parameter in the response", errors included. It stops the mix-up attack.
        fields.push(("iss", issuer.to_owned()));
        Self { path, fields }
    }

    /// Wraps it up for the way that the client asked for.
    #[must_use]
    pub fn deliver(self) -> Delivery {
        let pairs: Vec<_> = self
            .fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        match self.path.response_mode {
            ResponseMode::Query => Delivery::Redirect {
                location: self.path.redirect_uri.with_query(&pairs),
            },
            ResponseMode::Fragment => Delivery::Redirect {
                location: self.path.redirect_uri.with_fragment(&pairs),
            },
            ResponseMode::FormPost => Delivery::FormPost {
                action: self.path.redirect_uri.as_str().to_owned(),
                fields: self.fields,
            },
        }
    }
}

impl fmt::Debug for AuthorizationResponse {
    /// Names only: the values hold the code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.fields.iter().map(|(name, _)| name))
            .finish()
    }
}

impl fmt::Debug for Delivery {
    /// The kind only: the rest holds the code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Redirect { .. } => "Redirect",
            Self::FormPost { .. } => "FormPost",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::client::ApplicationType;

    const ISSUER: &str = "https://id.example";

    fn path(response_mode: ResponseMode, state: Option<&str>) -> ReturnPath {
        let uri = "https://app.example/cb?a=b";
        ReturnPath {
            redirect_uri: RedirectUri::matching(&[uri.to_owned()], ApplicationType::Web, uri)
                .unwrap(),
            response_mode,
            state: state.map(str::to_owned),
        }
    }

    fn code() -> Granted {
        Granted {
            code: Some(Secret::new("abc".to_owned())),
            ..Granted::default()
        }
    }

    fn location(response: AuthorizationResponse) -> String {
        match response.deliver() {
            Delivery::Redirect { location } => location,
            Delivery::FormPost { .. } => panic!("a redirect was expected"),
        }
    }

    #[test]
    fn rfc6749_4_1_2_a_granted_request_carries_code_state_and_iss() {
        let path = path(ResponseMode::Query, Some("x y&z=\u{e4}"));
        assert_eq!(
            location(AuthorizationResponse::success(path, code(), ISSUER)),
            "https://app.example/cb?a=b&code=abc&state=x+y%26z%3D%C3%A4&iss=https%3A%2F%2Fid.example"
        );
    }

    #[test]
    fn rfc9207_2_a_refused_request_carries_iss_too_and_no_state_that_was_not_sent() {
        let error = OAuthError::invalid_request("no good");
        let path = path(ResponseMode::Query, None);
        assert_eq!(
            location(AuthorizationResponse::error(path, &error, ISSUER)),
            "https://app.example/cb?a=b&error=invalid_request&error_description=no+good\
             &iss=https%3A%2F%2Fid.example"
        );
    }

    #[test]
    fn oauth_form_post_2_the_fields_are_posted_and_the_uri_stays_as_registered() {
        let path = path(ResponseMode::FormPost, Some("s"));
        match AuthorizationResponse::success(path, code(), ISSUER).deliver() {
            Delivery::FormPost { action, fields } => {
                assert_eq!(action, "https://app.example/cb?a=b");
                let expected = [("code", "abc"), ("state", "s"), ("iss", ISSUER)];
                assert_eq!(fields, expected.map(|(n, v)| (n, v.to_owned())));
            }
            Delivery::Redirect { .. } => panic!("a form was expected"),
        }
    }

    #[test]
    fn oidc_core_3_3_2_5_a_hybrid_answer_is_in_the_fragment() {
        let granted = Granted {
            id_token: Some("e.y.J".to_owned()),
            token: Some(FrontChannelToken {
                access_token: "at".to_owned(),
                expires_in: 600,
                scope: "openid profile".to_owned(),
            }),
            ..code()
        };
        let path = path(ResponseMode::Fragment, Some("s"));
        assert_eq!(
            location(AuthorizationResponse::success(path, granted, ISSUER)),
            "https://app.example/cb?a=b#code=abc&id_token=e.y.J&access_token=at&token_type=Bearer\
             &expires_in=600&scope=openid+profile&state=s&iss=https%3A%2F%2Fid.example"
        );
    }

    #[test]
    fn a_response_does_not_print_its_code() {
        let response =
            AuthorizationResponse::success(path(ResponseMode::Query, None), code(), ISSUER);
        assert_eq!(format!("{response:?}"), "{\"code\", \"iss\"}");
        assert_eq!(format!("{:?}", response.deliver()), "Redirect");
    }
}
