//! Every route x every built-in role x own and other tenant. A route without a row fails.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tessera::base::ids::OrganisationId;
use tessera::protocol::access::{Pattern, Permission, Permit, RoleName, Roles, Tenant, power};
use tessera::protocol::audit::Origin;
use tessera::protocol::client::ClientId;
use tessera::storage::role_grants::Holder;

use super::document::{document, operations, routes};
use super::support::{Caller, all_scopes, give, machine, organisation, problem, text};
use crate::support::{App, World};

/// How far a route reaches.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Whoever administers an organisation uses it for what is theirs.
    Tenant,
    /// It belongs to the whole deployment.
    Deployment,
}

use Reach::{Deployment, Tenant as Here};

/// Route, scope, reach.
#[rustfmt::skip]
const ROWS: &[(&str, &str, Reach)] = &[
    ("GET /clients",                                        "clients:read",        Here),
    ("POST /clients",                                       "clients:write",       Here),
    ("GET /clients/{client_id}",                            "clients:read",        Here),
    ("PUT /clients/{client_id}",                            "clients:write",       Here),
    ("DELETE /clients/{client_id}",                         "clients:write",       Here),
    ("POST /clients/{client_id}/disable",                   "clients:write",       Here),
    ("POST /clients/{client_id}/enable",                    "clients:write",       Here),
    ("POST /clients/{client_id}/secrets",                   "clients:write",       Here),
    ("GET /users",                                          "users:read",          Here),
    ("POST /users",                                         "users:write",         Here),
    ("GET /users/{user_id}",                                "users:read",          Here),
    ("PATCH /users/{user_id}",                              "users:write",         Here),
    ("DELETE /users/{user_id}",                             "users:write",         Here),
    ("POST /users/{user_id}/disable",                       "users:write",         Here),
    ("POST /users/{user_id}/enable",                        "users:write",         Here),
    ("POST /users/{user_id}/password-reset",                "users:write",         Here),
    ("GET /users/{user_id}/sessions",                       "sessions:read",       Here),
    ("DELETE /users/{user_id}/sessions",                    "sessions:write",      Here),
    ("DELETE /users/{user_id}/sessions/{session_id}",       "sessions:write",      Here),
    ("GET /users/{user_id}/credentials",                    "users:read",          Here),
    ("DELETE /users/{user_id}/credentials/{credential_id}", "users:write",         Here),
    ("GET /users/{user_id}/consents",                       "users:read",          Here),
    ("DELETE /users/{user_id}/consents/{client_id}",        "users:write",         Here),
    ("GET /groups",                                         "groups:read",         Here),
    ("POST /groups",                                        "groups:write",        Here),
    ("GET /groups/{group_id}",                              "groups:read",         Here),
    ("PUT /groups/{group_id}",                              "groups:write",        Here),
    ("DELETE /groups/{group_id}",                           "groups:write",        Here),
    ("GET /groups/{group_id}/members",                      "groups:read",         Here),
    ("PUT /groups/{group_id}/members/{user_id}",            "groups:write",        Here),
    ("DELETE /groups/{group_id}/members/{user_id}",         "groups:write",        Here),
    ("GET /organisations",                                  "organisations:read",  Here),
    ("POST /organisations",                                 "organisations:write", Deployment),
    ("GET /organisations/{id}",                             "organisations:read",  Here),
    ("PUT /organisations/{id}",                             "organisations:write", Here),
    ("DELETE /organisations/{id}",                          "organisations:write", Deployment),
    ("GET /roles",                                          "roles:read",          Here),
    ("POST /roles",                                         "roles:write",         Deployment),
    ("GET /roles/{name}",                                   "roles:read",          Here),
    ("PUT /roles/{name}",                                   "roles:write",         Deployment),
    ("DELETE /roles/{name}",                                "roles:write",         Deployment),
    ("GET /role-grants",                                    "roles:read",          Here),
    ("POST /role-grants",                                   "roles:write",         Here),
    ("DELETE /role-grants/{grant_id}",                      "roles:write",         Here),
    ("GET /keys",                                           "keys:read",           Deployment),
    ("POST /keys/rotate",                                   "keys:write",          Deployment),
    ("GET /settings",                                       "settings:read",       Deployment),
    ("PUT /settings",                                       "settings:write",      Deployment),
    ("PUT /settings/logo",                                  "settings:write",      Deployment),
    ("DELETE /settings/logo",                               "settings:write",      Deployment),
    ("GET /resource-servers",                               "resources:read",      Deployment),
    ("POST /resource-servers",                              "resources:write",     Deployment),
    ("GET /resource-servers/{identifier}",                  "resources:read",      Deployment),
    ("PUT /resource-servers/{identifier}",                  "resources:write",     Deployment),
    ("DELETE /resource-servers/{identifier}",               "resources:write",     Deployment),
    ("GET /audit-events",                                   "audit:read",          Here),
];

const ROLES: [&str; 4] = [
    "super-administrator",
    "client-manager",
    "user-manager",
    "auditor",
];

/// A good body where a route takes one.
fn body(route: &str) -> Option<Value> {
    Some(match route {
        "POST /clients" | "PUT /clients/{client_id}" => {
            json!({"redirect_uris": ["https://a.example/"]})
        }
        "POST /clients/{client_id}/secrets" | "PATCH /users/{user_id}" | "PUT /settings" => {
            json!({})
        }
        "PUT /settings/logo" => json!({"image": "iVBORw0KGgo="}),
        "POST /users" => json!({"username": "new", "email": "new@example.org"}),
        "POST /groups" | "PUT /groups/{group_id}" => json!({"name": "Others"}),
        "POST /organisations" => json!({"name": "more", "title": "More"}),
        "PUT /organisations/{id}" => json!({"title": "More", "disabled": false}),
        "POST /roles" => json!({"name": "clerk"}),
        "PUT /roles/{name}" => json!({"permissions": []}),
        "POST /role-grants" => json!({"role": "auditor", "client_id": "nobody"}),
        "POST /keys/rotate" => json!({"alg": "RS256"}),
        "POST /resource-servers" | "PUT /resource-servers/{identifier}" => {
            json!({"identifier": "urn:x", "name": "X"})
        }
        _ => return None,
    })
}

/// What belongs to one organisation.
struct Belongings {
    organisation: String,
    client: String,
    user: String,
    group: String,
    grant: String,
}

async fn belongings(root: &Caller, id: OrganisationId, name: &str) -> Belongings {
    let within = |path: &str| format!("{path}?organisation_id={id}");
    let client = json!({"redirect_uris": ["https://a.example/"]});
    let user = json!({"username": name, "email": format!("{name}@example.org"), "password": "correct horse battery staple"});
    let user = text(&root.make(&within("/users"), user).await["id"]);
    let grant = json!({"role": "auditor", "user_id": user});
    Belongings {
        organisation: id.to_string(),
        client: text(&root.make(&within("/clients"), client).await["client_id"]),
        group: text(
            &root
                .make(&within("/groups"), json!({"name": "Staff"}))
                .await["id"],
        ),
        grant: text(&root.make(&within("/role-grants"), grant).await["id"]),
        user,
    }
}

impl Belongings {
    /// The path of a route about these.
    fn path(&self, route: &str) -> String {
        let (_, path) = route.split_once(' ').expect("a route");
        let nothing = "01890000-0000-7000-8000-000000000000";
        let path = path
            .replace("{client_id}", &self.client)
            .replace("{user_id}", &self.user)
            .replace("{group_id}", &self.group)
            .replace("{id}", &self.organisation)
            .replace("{grant_id}", &self.grant)
            .replace("{session_id}", nothing)
            .replace("{credential_id}", nothing)
            .replace("{name}", "auditor")
            .replace("{identifier}", "urn:x");
        if path == "/role-grants" {
            return format!("/role-grants?user_id={}", self.user);
        }
        path
    }
}

fn gives(role: &str, scope: &str) -> bool {
    let permission = power::ALL.iter().find(|one| one.to_string() == scope);
    let permission: Permission = *permission.expect("a permission");
    let name = RoleName::parse(role).expect("a role");
    let all: BTreeSet<Pattern> = Roles::new([]).permissions(&name);
    all.iter().any(|pattern| pattern.gives(permission))
}

/// A caller whose token has every scope, whatever their role is: that alone is measured.
async fn caller(world: &World, role: Option<&str>, tenant: Tenant) -> Caller {
    let app = App::machine(world, machine(&all_scopes())).await;
    let holder = Holder::Client(ClientId::new(app.id.as_str()));
    give(
        world,
        "super-administrator",
        holder.clone(),
        Tenant::Deployment,
    )
    .await;
    let caller = Caller::of(&app).await;
    let operator = Permit::of_operator();
    let grants = world
        .tessera
        .grants_of(&operator, &holder)
        .await
        .expect("the database");
    let revoked = world
        .tessera
        .revoke_role(Permit::of_operator(), grants[0].id, Origin::default());
    revoked.await.expect("the database").expect("revoked");
    if let Some(role) = role {
        give(world, role, holder, tenant).await;
    }
    caller
}

fn is_denied(code: &(u16, String)) -> bool {
    *code == (403, "INSUFFICIENT_PERMISSIONS".to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_has_a_row_with_its_scope() {
    let world = World::sqlite().await;
    let rows: BTreeSet<String> = ROWS.iter().map(|(route, ..)| (*route).to_owned()).collect();
    assert_eq!(rows, routes());
    for (name, operation) in operations(&document(&world).await) {
        let row = ROWS
            .iter()
            .find(|(route, ..)| *route == name)
            .expect("a row");
        assert_eq!(operation["security"][0]["oauth"], json!([row.1]), "{name}");
        assert_eq!(
            operation["requestBody"].is_object(),
            body(&name).is_some(),
            "{name}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_role_reaches_what_it_may_and_nothing_else() {
    let world = World::sqlite().await;
    let root = Caller::root(&world).await;
    let (ours, theirs) = (
        organisation(&world, "ours").await,
        organisation(&world, "theirs").await,
    );
    let mine = belongings(&root, ours, "mine").await;
    let foreign = belongings(&root, theirs, "foreign").await;
    let stranger = caller(&world, None, Tenant::Deployment).await;
    for role in ROLES {
        let everywhere = caller(&world, Some(role), Tenant::Deployment).await;
        let here = caller(&world, Some(role), Tenant::Organisation(ours)).await;
        for (route, scope, reach) in ROWS {
            let method = route.split(' ').next().expect("a method");
            let told = format!("{role}: {route}");
            // Without a version and a body: nothing of weight happens, and the guard still says its word.
            let bare = async |who: &Caller, whose: &Belongings| {
                who.send(method, &whose.path(route), &[], None).await
            };
            let may = gives(role, scope);
            for who in [&everywhere, &here] {
                let answer = bare(who, &mine).await;
                assert_ne!(answer.status, 401, "{told}");
                assert_eq!(
                    answer.status == 403 && is_denied(&problem(&answer)),
                    !may,
                    "{told}: {}",
                    answer.body
                );
            }
            let theirs = here
                .send(
                    method,
                    &foreign.path(route),
                    &[("if-match", "*")],
                    body(route).as_ref(),
                )
                .await;
            if !may {
                assert!(is_denied(&problem(&theirs)), "{told}: {}", theirs.body);
            } else if *reach == Deployment {
                assert_eq!(
                    problem(&theirs),
                    (403, "DEPLOYMENT_ONLY".to_owned()),
                    "{told}"
                );
            } else if route.contains('{') && !route.contains("{name}") {
                assert_eq!(problem(&theirs).0, 404, "{told}: {}", theirs.body);
            }
            if may && method == "GET" {
                let status = if *reach == Deployment { 403 } else { 200 };
                assert_eq!(bare(&here, &mine).await.status, status, "{told}");
            }
            assert!(
                is_denied(&problem(&bare(&stranger, &mine).await)),
                "nobody: {route}"
            );
        }
    }
    // What is theirs is as it was.
    assert_eq!(
        root.get(&format!("/users/{}", foreign.user)).await.status,
        200
    );
    assert_eq!(
        root.get(&format!("/clients/{}", foreign.client))
            .await
            .header("etag"),
        "\"1\""
    );
    assert_eq!(
        root.get(&format!("/groups/{}", foreign.group)).await.json()["name"],
        "Staff"
    );
    let grants = root
        .get(&format!("/role-grants?user_id={}", foreign.user))
        .await
        .json();
    assert_eq!(grants["items"].as_array().map(Vec::len), Some(1));
}
