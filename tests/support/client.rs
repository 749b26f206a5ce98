//! An application: a registered client with PKCE, and what it sends.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::world::Answer;
use super::{Browser, Page, World};

/// Where the application gets its codes.
pub const REDIRECT: &str = "https://app.example/cb";

/// RFC 7636 appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// A registered client.
#[derive(Clone)]
pub struct App {
    /// Where it is registered.
    pub world: World,
    /// `client_id`
    pub id: String,
    /// `client_secret`
    pub secret: String,
}

impl App {
    /// A confidential web application (`client_secret_basic`, code and refresh) with changes.
    pub async fn register(world: &World, changes: Value) -> Self {
        let mut metadata = json!({
            "client_name": "Rows",
            "redirect_uris": [REDIRECT],
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": "openid profile email offline_access rows:read",
        });
        for (name, value) in changes.as_object().expect("an object") {
            metadata[name] = value.clone();
        }
        let (id, secret) = world.client(metadata).await;
        Self {
            world: world.clone(),
            id,
            secret,
        }
    }

    /// A machine (`client_credentials`), with changes.
    pub async fn machine(world: &World, changes: Value) -> Self {
        let mut metadata = json!({
            "redirect_uris": [], "grant_types": ["client_credentials"], "response_types": [],
            "scope": "rows:read",
        });
        for (name, value) in changes.as_object().expect("an object") {
            metadata[name] = value.clone();
        }
        Self::register(world, metadata).await
    }

    /// The URL of an authorization request, with changes: `None` leaves a parameter out.
    pub fn request(&self, changes: &[(&str, Option<&str>)]) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let mut parameters = vec![
            ("client_id", self.id.as_str()),
            ("response_type", "code"),
            ("redirect_uri", REDIRECT),
            ("scope", "openid profile email"),
            ("state", "xyz"),
            ("nonce", "n-0S6_WzA2Mj"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in changes {
            parameters.retain(|(known, _)| known != name);
            if let Some(value) = value {
                parameters.push((name, value));
            }
        }
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(parameters)
            .finish();
        format!("/authorize?{query}")
    }

    /// A code for a person, through the real pages.
    pub async fn code(&self, username: &str) -> String {
        self.code_with(username, &[]).await
    }

    /// As [`App::code`], with changes to the request.
    pub async fn code_with(&self, username: &str, changes: &[(&str, Option<&str>)]) -> String {
        let page: Page = Browser::new(&self.world)
            .pass(&self.request(changes), username)
            .await;
        page.parameter("code")
            .unwrap_or_else(|| panic!("no code: {} {}", page.answer.status, page.answer.body))
    }

    /// The `Authorization` header of `client_secret_basic`.
    pub fn basic(&self) -> String {
        format!(
            "Basic {}",
            STANDARD.encode(format!("{}:{}", self.id, self.secret))
        )
    }

    /// A token request with the client's own proof.
    pub async fn token(&self, form: &[(&str, &str)]) -> Answer {
        self.world
            .post("/token", &[("authorization", &self.basic())], form)
            .await
    }

    /// Redeems a code as it should be.
    pub async fn redeem(&self, code: &str) -> Answer {
        self.token(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ])
        .await
    }

    /// Refreshes.
    pub async fn refresh(&self, token: &str) -> Answer {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)])
            .await
    }

    /// Tokens for a person, through everything.
    pub async fn tokens(&self, username: &str) -> Value {
        let answer = self.redeem(&self.code(username).await).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    /// As [`App::tokens`], for the administration alone, with everything that the client may ask for.
    pub async fn tokens_for_api(&self, username: &str) -> Value {
        let scope = format!(
            "openid offline_access {}",
            crate::api::support::all_scopes()
        );
        let resource = crate::api::support::api();
        let asked = [("scope", Some(&*scope)), ("resource", Some(&*resource))];
        let code = self.code_with(username, &asked).await;
        let answer = self.redeem(&code).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    /// Tokens for a person of a client that is registered with another redirect URI.
    pub async fn tokens_at(&self, username: &str, redirect: &str) -> Option<Value> {
        let page = Browser::new(&self.world)
            .pass(&self.request(&[("redirect_uri", Some(redirect))]), username)
            .await;
        let code = page.parameter("code")?;
        let answer = self
            .token(&[
                ("grant_type", "authorization_code"),
                ("code", &code),
                ("redirect_uri", redirect),
                ("code_verifier", VERIFIER),
            ])
            .await;
        (answer.status == 200).then(|| answer.json())
    }

    /// Introspects as this client.
    pub async fn introspect(&self, token: &str) -> Value {
        self.world
            .post(
                "/introspect",
                &[("authorization", &self.basic())],
                &[("token", token)],
            )
            .await
            .json()
    }

    /// Userinfo with a token.
    pub async fn userinfo(&self, token: &str) -> Answer {
        let request = axum::http::Request::get("/userinfo")
            .header("authorization", format!("Bearer {token}"))
            .body(axum::body::Body::empty())
            .expect("a request");
        self.world.send(request).await
    }
}

/// The claims of a JWT; its signature is another test's business.
pub fn claims_of(jwt: &str) -> Value {
    let payload = jwt.split('.').nth(1).expect("a JWT");
    let bytes = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    serde_json::from_slice(&bytes).expect("claims")
}
