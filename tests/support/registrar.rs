//! A developer who registers clients over HTTP.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use super::World;
use super::client::REDIRECT;
use super::world::{Answer, ISSUER};

/// A client as the server told of it.
#[derive(Clone)]
pub struct Registrar {
    world: World,
    /// The client information response.
    pub told: Value,
}

/// A request with a JSON body, and a bearer token unless it is empty.
pub async fn send(world: &World, method: &str, path: &str, token: &str, body: &Value) -> Answer {
    send_raw(
        world,
        method,
        path,
        token,
        "application/json",
        body.to_string(),
    )
    .await
}

/// As [`send`], with any body.
pub async fn send_raw(
    world: &World,
    method: &str,
    path: &str,
    token: &str,
    mime: &str,
    body: String,
) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    if !mime.is_empty() {
        request = request.header("content-type", mime);
    }
    world
        .send(request.body(Body::from(body)).expect("a request"))
        .await
}

/// Metadata of a web application, with changes (`null` leaves a member out).
pub fn metadata(changes: &Value) -> Value {
    let mut metadata = json!({"client_name": "Album", "redirect_uris": [REDIRECT]});
    for (name, value) in changes.as_object().expect("an object") {
        metadata[name] = value.clone();
    }
    metadata
}

/// Registers without a token.
pub async fn post(world: &World, changes: &Value) -> Answer {
    send(world, "POST", "/register", "", &metadata(changes)).await
}

impl Registrar {
    /// A client that was registered without a token.
    pub async fn register(world: &World, changes: Value) -> Self {
        let answer = post(world, &changes).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        Self::of(world, answer.json())
    }

    /// A client, as the server told of it.
    pub fn of(world: &World, told: Value) -> Self {
        Self {
            world: world.clone(),
            told,
        }
    }

    /// A member of the answer as text.
    pub fn text(&self, name: &str) -> String {
        let text = self.told[name].as_str();
        text.unwrap_or_else(|| panic!("no {name}: {}", self.told))
            .to_owned()
    }

    /// The registration access token.
    pub fn token(&self) -> String {
        self.text("registration_access_token")
    }

    /// The path of `registration_client_uri`.
    pub fn path(&self) -> String {
        let uri = self.text("registration_client_uri");
        uri.strip_prefix(ISSUER)
            .expect("below the issuer")
            .to_owned()
    }

    /// A request to `registration_client_uri` with the client's own token.
    pub async fn manage(&self, method: &str, body: &Value) -> Answer {
        send(&self.world, method, &self.path(), &self.token(), body).await
    }

    /// What the server told, as the client may send it back (RFC 7592 section 2.2), with changes.
    pub fn replacement(&self, changes: &Value) -> Value {
        let mut body = self.told.clone();
        let members = body.as_object_mut().expect("an object");
        for ours in [
            "registration_access_token",
            "registration_client_uri",
            "client_secret_expires_at",
            "client_id_issued_at",
        ] {
            members.remove(ours);
        }
        for (name, value) in changes.as_object().expect("an object") {
            members.insert(name.clone(), value.clone());
        }
        body
    }
}
