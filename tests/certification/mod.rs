//! What the OpenID Foundation's certification tests try, module by module, with a client that
//! registered itself over HTTP and a person who goes through the real pages. A test here has the name of
//! their module (`oidcc-...`). Most run for every response type of the Basic, Implicit and Hybrid profiles,
//! with and without `form_post` (`Profile::all`); some only for those that it is about.

mod dynamic;
mod requests;
mod tokens;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tessera::config::{Config, RegistrableGrant};
use tessera::crypto::jose::{JwkSet, JwsAlgorithm, UnverifiedJwt, VerificationKey};

use crate::oauth::register::open;
use crate::support::client::{REDIRECT, claims_of};
use crate::support::registrar::post;
use crate::support::{App, Browser, Page, World};

/// The response types of the profiles: Basic, Implicit (two), Hybrid (three).
pub const KINDS: [&str; 6] = [
    "code",
    "id_token",
    "id_token token",
    "code id_token",
    "code token",
    "code id_token token",
];

/// A deployment as it would be certified.
pub fn certified(config: &mut Config) {
    open(config);
    config.protocol.front_channel_tokens = true;
    config.protocol.unsigned_request_objects = true;
    config.registration.grant_types = vec![
        RegistrableGrant::AuthorizationCode,
        RegistrableGrant::RefreshToken,
        RegistrableGrant::Implicit,
    ];
}

/// One profile: a response type and, for the Form Post profiles, its response mode.
pub struct Profile {
    pub kind: &'static str,
    pub form_post: bool,
    pub app: App,
}

/// What a client got back.
pub struct Response {
    pub fields: BTreeMap<String, String>,
}

/// What a client has in the end.
pub struct Tokens {
    pub id_token: Value,
    pub access: Option<String>,
    pub refresh: Option<String>,
}

impl Profile {
    /// Every profile, each with a client of its own.
    pub async fn all(world: &World) -> Vec<Self> {
        Self::with(world, &json!({})).await
    }

    /// As [`Profile::all`], with changes to the clients.
    pub async fn with(world: &World, changes: &Value) -> Vec<Self> {
        world.user("alice").await;
        Self::registered(world, changes).await
    }

    /// As [`Profile::with`], where alice has an account already.
    pub async fn registered(world: &World, changes: &Value) -> Vec<Self> {
        let mut all = Vec::new();
        for kind in KINDS {
            for form_post in [false, true] {
                let app = register(world, kind, changes).await;
                all.push(Self {
                    kind,
                    form_post,
                    app,
                });
            }
        }
        all
    }

    pub fn has_code(&self) -> bool {
        self.kind.contains("code")
    }

    /// Whether an access token comes, now or for the code.
    pub fn has_token(&self) -> bool {
        self.kind != "id_token"
    }

    /// The URL of a request.
    pub fn request(&self, changes: &[(&str, Option<&str>)]) -> String {
        let mut all = vec![("response_type", Some(self.kind))];
        if self.form_post {
            all.push(("response_mode", Some("form_post")));
        }
        all.extend(changes);
        self.app.request(&all)
    }

    /// A request in this browser, through whatever pages come.
    pub async fn ask(&self, browser: &mut Browser, changes: &[(&str, Option<&str>)]) -> Response {
        let page = browser.pass(&self.request(changes), "alice").await;
        self.response(page)
    }

    /// As [`Profile::ask`], in a fresh browser.
    pub async fn ask_anew(&self, changes: &[(&str, Option<&str>)]) -> Response {
        self.ask(&mut Browser::new(&self.app.world), changes).await
    }

    /// Reads what came back, in the way that was asked for.
    pub fn response(&self, page: Page) -> Response {
        let name = self.name();
        let location = page.location();
        let fields = if self.form_post {
            assert!(
                page.answer.body.contains(&format!("action=\"{REDIRECT}\"")),
                "{name}: {} {}",
                page.answer.status,
                page.answer.body
            );
            [
                "code",
                "id_token",
                "access_token",
                "token_type",
                "expires_in",
                "state",
                "iss",
                "scope",
                "error",
                "error_description",
            ]
            .into_iter()
            .filter_map(|field| Some((field.to_owned(), page.field(field)?)))
            .collect()
        } else {
            let separator = if self.kind == "code" { '?' } else { '#' };
            let (uri, fields) = location.split_once(separator).unwrap_or_else(|| {
                panic!(
                    "{name}: {} {location} {}",
                    page.answer.status, page.answer.body
                )
            });
            assert_eq!(uri, REDIRECT, "{name}");
            form_urlencoded::parse(fields.as_bytes())
                .into_owned()
                .collect()
        };
        Response { fields }
    }

    /// The tokens that an answer leads to.
    pub async fn tokens(&self, response: &Response) -> Tokens {
        let name = self.name();
        let get = |field: &str| response.fields.get(field).cloned();
        let mut tokens = Tokens {
            id_token: get("id_token").map_or(Value::Null, |jwt| claims_of(&jwt)),
            access: get("access_token"),
            refresh: None,
        };
        if self.has_code() {
            let code = get("code").unwrap_or_else(|| panic!("{name}: {:?}", response.fields));
            let answer = self.app.redeem(&code).await;
            assert_eq!(answer.status, 200, "{name}: {}", answer.body);
            let told = answer.json();
            let text = |field: &str| told[field].as_str().map(str::to_owned);
            tokens.id_token = claims_of(&text("id_token").expect("an ID token"));
            tokens.access = text("access_token");
            tokens.refresh = text("refresh_token");
        }
        assert!(tokens.id_token.is_object(), "{name}: {:?}", response.fields);
        tokens
    }

    /// What is known of the person: from userinfo, or from the ID token where that is all there is.
    pub async fn person(&self, tokens: &Tokens) -> Value {
        match &tokens.access {
            Some(token) => self.app.userinfo(token).await.json(),
            None => tokens.id_token.clone(),
        }
    }

    /// For messages.
    pub fn name(&self) -> String {
        format!(
            "{}{}",
            self.kind,
            if self.form_post { " (form_post)" } else { "" }
        )
    }
}

impl Response {
    pub fn error(&self) -> &str {
        self.fields.get("error").map_or("", String::as_str)
    }
}

/// Registers over HTTP, as the certification suite does.
pub async fn register(world: &World, kind: &str, changes: &Value) -> App {
    let mut grants = Vec::new();
    if kind.contains("code") {
        grants.extend(["authorization_code", "refresh_token"]);
    }
    if kind != "code" {
        grants.push("implicit");
    }
    let mut metadata = json!({"client_name": "certification", "redirect_uris": [REDIRECT],
        "response_types": [kind], "grant_types": grants});
    for (name, value) in changes.as_object().expect("an object") {
        metadata[name] = value.clone();
    }
    let answer = post(world, &metadata).await;
    assert_eq!(answer.status, 201, "{kind}: {}", answer.body);
    let told = answer.json();
    App {
        world: world.clone(),
        id: told["client_id"].as_str().expect("an id").to_owned(),
        secret: told["client_secret"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
    }
}

/// Verifies a JWT with nothing but the published keys.
pub async fn verified(world: &World, jwt: &str, alg: JwsAlgorithm) -> Value {
    let set: JwkSet = serde_json::from_value(world.get("/jwks").await.json()).expect("a key set");
    let unverified = UnverifiedJwt::parse(jwt).expect("a JWT");
    let kid = unverified.header().kid().expect("a kid").to_owned();
    let jwk = set
        .keys()
        .iter()
        .find(|key| key.kid() == Some(&kid))
        .expect("published");
    let key = VerificationKey::from_jwk(jwk).expect("a key");
    unverified
        .verify(&key, &[alg])
        .expect("a good signature")
        .into_claims()
}
