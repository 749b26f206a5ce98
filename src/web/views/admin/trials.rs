//! The trial of a client: what is chosen, and what was seen.

use askama::Template;
use askama_web::WebTemplate;
use serde_json::Value;

use super::Frame;
use super::json::{Piece, pieces};
use crate::base::Timestamp;
use crate::flows::administration::Tried;
use crate::protocol::transcript::{Body, Check, Exchange, Purpose, Seal, Token, Transcript, Which};
use crate::web::messages::Message;
use crate::web::views::Page;

/// One thing that may be asked for.
pub struct Choice {
    /// Its name on the wire.
    pub value: String,
    /// It is asked for.
    pub on: bool,
}

/// `GET /admin/clients/{id}/try`
#[derive(Template, WebTemplate)]
#[template(path = "admin/try_client.html")]
pub struct TryClient {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// The client.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The grants that can be tried here.
    pub tried: Vec<Tried>,
    /// Its scopes.
    pub scopes: Vec<Choice>,
    /// The APIs that it may ask tokens for.
    pub resources: Vec<Choice>,
    /// The levels of assurance.
    pub levels: Vec<String>,
}

impl TryClient {
    fn path(&self) -> String {
        format!("/admin/clients/{}", self.id)
    }

    /// Whether somebody signs in.
    fn signs_in(&self) -> bool {
        self.tried.contains(&Tried::SignIn)
    }

    fn is_machine(&self) -> bool {
        self.tried.contains(&Tried::Machine)
    }

    const fn prompts() -> [(&'static str, &'static str); 5] {
        [
            ("", "trial-prompt-as-needed"),
            ("login", "trial-prompt-login"),
            ("consent", "trial-prompt-consent"),
            ("select_account", "trial-prompt-select-account"),
            ("none", "trial-prompt-none"),
        ]
    }
}

/// What came of a trial.
#[derive(Template, WebTemplate)]
#[template(path = "admin/tried_client.html")]
pub struct TriedClient {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// The client.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What was seen.
    pub seen: Transcript,
    /// How the application would prove itself, if it has to: a key of the catalogue.
    pub proof: Option<&'static str>,
}

/// Parameters and headers, and what they are for.
const MEANINGS: &[(&str, &str)] = &[
    ("response_type", "trial-about-response-type"),
    ("client_id", "trial-about-client-id"),
    ("redirect_uri", "trial-about-redirect-uri"),
    ("scope", "trial-about-scope"),
    ("resource", "trial-about-resource"),
    ("prompt", "trial-about-prompt"),
    ("acr_values", "trial-about-acr-values"),
    ("state", "trial-about-state"),
    ("nonce", "trial-about-nonce"),
    ("code_challenge", "trial-about-code-challenge"),
    ("code_challenge_method", "trial-about-code-challenge-method"),
    ("code", "trial-about-code"),
    ("iss", "trial-about-iss"),
    ("session_state", "trial-about-session-state"),
    ("error", "trial-about-error"),
    ("error_description", "trial-about-error-description"),
    ("grant_type", "trial-about-grant-type"),
    ("code_verifier", "trial-about-code-verifier"),
    ("client_secret", "trial-about-client-secret"),
    ("client_assertion", "trial-about-client-assertion"),
    ("client_assertion_type", "trial-about-client-assertion-type"),
];

/// Errors that have a sentence of their own.
const ERRORS: &[(&str, &str)] = &[
    ("access_denied", "trial-error-access-denied"),
    ("login_required", "trial-error-login-required"),
    ("consent_required", "trial-error-consent-required"),
    ("interaction_required", "trial-error-interaction-required"),
    ("invalid_scope", "trial-error-invalid-scope"),
    ("invalid_target", "trial-error-invalid-target"),
    ("unauthorized_client", "trial-error-unauthorized-client"),
    (
        "invalid_request_object",
        "trial-error-invalid-request-object",
    ),
    (
        "unmet_authentication_requirements",
        "trial-error-unmet-authentication-requirements",
    ),
    ("invalid_grant", "trial-error-invalid-grant"),
    ("insufficient_scope", "trial-error-insufficient-scope"),
];

fn named(table: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    let found = table.iter().find(|(known, _)| *known == name);
    found.map(|(_, key)| *key)
}

impl TriedClient {
    fn path(&self) -> String {
        format!("/admin/clients/{}", self.id)
    }

    /// What a parameter is for.
    fn meaning(&self, name: &str) -> String {
        named(MEANINGS, name).map_or_else(String::new, |key| self.page.t(key))
    }

    /// What it means that it ended with this error.
    fn error(&self) -> Option<String> {
        let code = self.seen.error.as_deref()?;
        let key = named(ERRORS, code).unwrap_or("trial-error-other");
        Some(self.page.t(key))
    }

    /// Its heading and what happens in it.
    const fn words(purpose: &Purpose) -> (&'static str, &'static str) {
        match *purpose {
            Purpose::Authorization => ("trial-step-authorization", "trial-step-authorization-text"),
            Purpose::Return => ("trial-step-return", "trial-step-return-text"),
            Purpose::Token => ("trial-step-token", "trial-step-token-text"),
            Purpose::Userinfo => ("trial-step-userinfo", "trial-step-userinfo-text"),
        }
    }

    const fn check(check: &Check) -> &'static str {
        match *check {
            Check::State => "trial-check-state",
            Check::Issuer => "trial-check-issuer",
            Check::Signature => "trial-check-signature",
            Check::Audience => "trial-check-audience",
            Check::Nonce => "trial-check-nonce",
            Check::Subject => "trial-check-subject",
        }
    }

    const fn token(which: &Which) -> (&'static str, &'static str) {
        match *which {
            Which::Id => ("trial-id-token", "trial-id-token-text"),
            Which::Access => ("trial-access-token", "trial-access-token-text"),
            Which::Userinfo => ("trial-userinfo-token", "trial-userinfo-token-text"),
        }
    }

    /// What protects it, in words.
    fn seal(&self, token: &Token) -> (&'static str, String) {
        match &token.seal {
            Seal::Verified { kid, alg } => {
                let said = Message::new("trial-seal-verified").with("alg", alg.as_str());
                ("good", self.page.say(&said.with("kid", kid.as_str())))
            }
            Seal::Unsigned => ("bad", self.page.t("trial-seal-unsigned")),
            Seal::Encrypted => ("", self.page.t("trial-seal-encrypted")),
            Seal::Opaque => ("", self.page.t("trial-seal-opaque")),
            Seal::Broken => ("bad", self.page.t("trial-seal-broken")),
        }
    }

    /// How long it works, from when it was made.
    fn lifetime(&self, token: &Token) -> Option<String> {
        let claims = token.claims.as_ref()?;
        let time = |name: &str| claims.get(name).and_then(Value::as_i64);
        let (from, until) = (time("iat")?, time("exp")?);
        let minutes = usize::try_from((until - from) / 60).ok()?;
        let at = Timestamp::from_seconds(until).rfc3339();
        Some(format!(
            "{} ({at})",
            self.page.count("trial-works-for", minutes)
        ))
    }

    /// The heading of the whole.
    fn verdict(&self) -> &'static str {
        match (&self.seen.error, self.seen.checks.iter().all(|(_, ok)| *ok)) {
            (Some(_), _) => "trial-refused",
            (None, true) => "trial-worked",
            (None, false) => "trial-not-safe",
        }
    }

    /// The request line with its query, for copying.
    fn whole(exchange: &Exchange) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let form = form.extend_pairs(exchange.parameters.iter()).finish();
        if exchange.method == "GET" && !form.is_empty() {
            format!("{}?{form}", exchange.url)
        } else {
            exchange.url.clone()
        }
    }

    /// Whether it is worth copying: the browser can be sent there again.
    fn can_be_copied(exchange: &Exchange) -> bool {
        exchange.purpose == Purpose::Authorization
    }

    fn body(body: &Body) -> Vec<Piece> {
        match body {
            Body::Json(value) => pieces(value),
            Body::Jwt(jwt) => pieces(&Value::String(jwt.clone())),
        }
    }

    /// An answer in the words of HTTP.
    const fn reason(status: &u16) -> &'static str {
        match *status {
            200 => "OK",
            400 => "Bad Request",
            401 => "Unauthorized",
            403 => "Forbidden",
            500 => "Internal Server Error",
            503 => "Service Unavailable",
            _ => "",
        }
    }
}
