//! An authorization request that passed every check.

use crate::protocol::claims_request::ClaimsRequest;
use crate::protocol::client::ClientId;
use crate::protocol::pkce::CodeChallenge;
use crate::protocol::redirect_uri::RedirectUri;
use crate::protocol::scope::Scope;

use super::response::ReturnPath;
use super::response_type::ResponseType;

/// How the response travels (OAuth 2.0 Multiple Response Types §2.1, Form Post Response Mode §2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResponseMode {
    /// In the query of the redirect: the default of the code flow.
    #[default]
    Query,
    /// In the fragment of the redirect: where tokens come along, and for clients without a server.
    Fragment,
    /// In the body of a form that submits itself.
    FormPost,
}

impl ResponseMode {
    /// Every mode.
    pub const ALL: [Self; 3] = [Self::Query, Self::Fragment, Self::FormPost];

    /// The registered name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
        }
    }

    /// Multiple Response Types §3.0: for a response type that carries a token, "the query encoding
    /// MUST NOT be used": it would be in logs and `Referer` headers.
    #[must_use]
    pub const fn may_carry(self, response_type: ResponseType) -> bool {
        !(matches!(self, Self::Query) && response_type.is_front_channel())
    }

    /// Reads `response_mode`; `None` for one that this server does not speak.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == text)
    }
}

/// A value of `prompt` (OpenID Connect Core §3.1.2.1, Initiating User Registration §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// Show no page at all.
    None,
    /// Ask for the password again.
    Login,
    /// Ask for consent again.
    Consent,
    /// Let the person choose an account.
    SelectAccount,
    /// Let the person make an account.
    Create,
}

impl Prompt {
    /// Every value.
    pub const ALL: [Self; 5] = [
        Self::None,
        Self::Login,
        Self::Consent,
        Self::SelectAccount,
        Self::Create,
    ];

    /// The registered name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::Consent => "consent",
            Self::SelectAccount => "select_account",
            Self::Create => "create",
        }
    }

    /// Reads one value.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|prompt| prompt.as_str() == text)
    }
}

/// The values of `prompt` of one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompts(pub(super) Vec<Prompt>);

impl Prompts {
    /// Whether `prompt` is one of them.
    #[must_use]
    pub fn contains(&self, prompt: Prompt) -> bool {
        self.0.contains(&prompt)
    }

    /// The values in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = Prompt> {
        self.0.iter().copied()
    }
}

/// A request that passed every check of [`super::ProvenRequest::check`], its only constructor.
#[derive(Clone, Debug)]
pub struct AuthorizationRequest {
    pub(super) client_id: ClientId,
    pub(super) redirect_uri: RedirectUri,
    pub(super) response_type: ResponseType,
    pub(super) response_mode: ResponseMode,
    pub(super) state: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) scope: Scope,
    pub(super) resources: Vec<String>,
    pub(super) code_challenge: Option<CodeChallenge>,
    pub(super) claims: ClaimsRequest,
    pub(super) consent_scope: Scope,
    pub(super) prompts: Prompts,
    pub(super) max_age: Option<u32>,
    pub(super) login_hint: Option<String>,
    pub(super) id_token_hint: Option<String>,
    pub(super) acr_values: Vec<String>,
    pub(super) ui_locales: Vec<String>,
    pub(super) claims_locales: Vec<String>,
    pub(super) display: Option<String>,
}

impl AuthorizationRequest {
    /// The client that asks.
    #[must_use]
    pub const fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// Where the answer goes.
    #[must_use]
    pub const fn redirect_uri(&self) -> &RedirectUri {
        &self.redirect_uri
    }

    /// What the answer carries.
    #[must_use]
    pub const fn response_type(&self) -> ResponseType {
        self.response_type
    }

    /// How the answer travels.
    #[must_use]
    pub const fn response_mode(&self) -> ResponseMode {
        self.response_mode
    }

    /// Comes back untouched (RFC 6749 §4.1.2).
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// Goes into the ID token untouched (OpenID Connect Core §3.1.2.1).
    #[must_use]
    pub fn nonce(&self) -> Option<&str> {
        self.nonce.as_deref()
    }

    /// What is asked for, already without what the client is not registered for. Never empty.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The resources that the token is for (RFC 8707 §2), each once.
    #[must_use]
    pub fn resources(&self) -> &[String] {
        &self.resources
    }

    /// The PKCE challenge, always `S256`. Always there for a public client.
    #[must_use]
    pub const fn code_challenge(&self) -> Option<&CodeChallenge> {
        self.code_challenge.as_ref()
    }

    /// Single claims that are asked for, already without what the client could not get by a scope.
    #[must_use]
    pub const fn claims(&self) -> &ClaimsRequest {
        &self.claims
    }

    /// What the person is asked to allow: the scopes, and those that single claims belong to.
    #[must_use]
    pub const fn consent_scope(&self) -> &Scope {
        &self.consent_scope
    }

    /// The values of `prompt`; `none` only alone.
    #[must_use]
    pub const fn prompts(&self) -> &Prompts {
        &self.prompts
    }

    /// Seconds since the person last signed in, at most.
    #[must_use]
    pub const fn max_age(&self) -> Option<u32> {
        self.max_age
    }

    /// Fills the sign-in form. A stranger's text: escape it.
    #[must_use]
    pub fn login_hint(&self) -> Option<&str> {
        self.login_hint.as_deref()
    }

    /// An ID token of ours, allegedly. Not verified yet.
    #[must_use]
    pub fn id_token_hint(&self) -> Option<&str> {
        self.id_token_hint.as_deref()
    }

    /// The authentication classes wished for, best first: a voluntary claim.
    #[must_use]
    pub fn acr_values(&self) -> &[String] {
        &self.acr_values
    }

    /// The languages wished for, best first.
    #[must_use]
    pub fn ui_locales(&self) -> &[String] {
        &self.ui_locales
    }

    /// The languages wished for in claims, best first.
    #[must_use]
    pub fn claims_locales(&self) -> &[String] {
        &self.claims_locales
    }

    /// `page`, `popup`, `touch`, `wap` or anything else: pages fit every size, so nothing follows.
    #[must_use]
    pub fn display(&self) -> Option<&str> {
        self.display.as_deref()
    }

    /// The way back to the client.
    #[must_use]
    pub fn return_path(&self) -> ReturnPath {
        ReturnPath {
            redirect_uri: self.redirect_uri.clone(),
            response_mode: self.response_mode,
            state: self.state.clone(),
        }
    }
}
