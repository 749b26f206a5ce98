//! Callers of the API: machines and people with roles, and what they send.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use tessera::base::ids::OrganisationId;
use tessera::flows::roles::NewGrant;
use tessera::protocol::access::{Permit, RoleName, Tenant, power};
use tessera::protocol::audit::Origin;
use tessera::protocol::client::ClientId;
use tessera::storage::role_grants::Holder;

use crate::support::world::{Answer, ISSUER};
use crate::support::{App, World};

/// The API as an audience.
pub fn api() -> String {
    format!("{ISSUER}/api/v1")
}

/// Every scope of the API.
pub fn all_scopes() -> String {
    let names: Vec<String> = power::ALL.iter().map(ToString::to_string).collect();
    names.join(" ")
}

/// Gives a role, as the operator.
pub async fn give(world: &World, role: &str, holder: Holder, tenant: Tenant) {
    let grant = NewGrant {
        role: RoleName::parse(role).expect("a role"),
        holder,
        tenant,
        valid_from: None,
        valid_until: None,
    };
    let given = world
        .tessera
        .grant_role(Permit::of_operator(), grant, Origin::default());
    given.await.expect("the database").expect("given");
}

/// An organisation.
pub async fn organisation(world: &World, name: &str) -> OrganisationId {
    let made =
        world
            .tessera
            .create_organisation(Permit::of_operator(), name, name, Origin::default());
    made.await.expect("the database").expect("a good name").id
}

/// Somebody who calls the API.
#[derive(Clone)]
pub struct Caller {
    /// Where.
    pub world: World,
    /// With this token.
    pub token: String,
}

/// What a machine is registered with, to call the API.
pub fn machine(scopes: &str) -> Value {
    json!({"scope": scopes, "resources": [api()]})
}

impl Caller {
    /// A machine with roles and every scope.
    pub async fn machine(world: &World, roles: &[(&str, Tenant)]) -> Self {
        Self::machine_with(world, roles, &all_scopes()).await
    }

    /// A machine with roles and these scopes.
    pub async fn machine_with(world: &World, roles: &[(&str, Tenant)], scopes: &str) -> Self {
        let app = App::machine(world, machine(scopes)).await;
        for (role, tenant) in roles {
            let holder = Holder::Client(ClientId::new(app.id.as_str()));
            give(world, role, holder, *tenant).await;
        }
        Self::of(&app).await
    }

    /// An application that calls for itself.
    pub async fn of(app: &App) -> Self {
        let answer = app.token(&[("grant_type", "client_credentials")]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        Self {
            world: app.world.clone(),
            token: text(&answer.json()["access_token"]),
        }
    }

    /// Who may do everything.
    pub async fn root(world: &World) -> Self {
        Self::machine(world, &[("super-administrator", Tenant::Deployment)]).await
    }

    /// Sends what has this method, path below `/api/v1`, headers and body.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header("authorization", format!("Bearer {}", self.token));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            None => Body::empty(),
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
        };
        self.world
            .send(request.body(body).expect("a request"))
            .await
    }

    /// `GET`
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None).await
    }

    /// `POST` of JSON.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, &[], Some(&body)).await
    }

    /// A change from a version.
    pub async fn change(
        &self,
        method: &str,
        path: &str,
        etag: &str,
        body: Option<Value>,
    ) -> Answer {
        self.send(method, path, &[("if-match", etag)], body.as_ref())
            .await
    }

    /// Makes something that must be makeable.
    pub async fn make(&self, path: &str, body: Value) -> Value {
        let answer = self.post(path, body).await;
        assert_eq!(answer.status, 201, "{path}: {}", answer.body);
        answer.json()
    }

    /// Every page of a list.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let (mut items, mut cursor) = (Vec::new(), None::<String>);
        let join = if path.contains('?') { '&' } else { '?' };
        loop {
            let page = match &cursor {
                None => self.get(path).await,
                Some(cursor) => self.get(&format!("{path}{join}cursor={cursor}")).await,
            };
            assert_eq!(page.status, 200, "{path}: {}", page.body);
            let page = page.json();
            items.extend(page["items"].as_array().expect("items").iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => return items,
            }
        }
    }
}

/// A member that is a text.
pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text: {value}"))
        .to_owned()
}

/// The status and the code of a problem.
pub fn problem(answer: &Answer) -> (u16, String) {
    assert_eq!(
        answer.header("content-type"),
        "application/problem+json",
        "{} {}",
        answer.status,
        answer.body
    );
    let body = answer.json();
    assert_eq!(body["status"], answer.status);
    assert_eq!(body["request_id"], answer.header("x-request-id"));
    assert!(!text(&body["detail"]).is_empty());
    (answer.status, text(&body["code"]))
}
