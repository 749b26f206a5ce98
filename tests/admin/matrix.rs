//! Every page of the administration x every built-in role x own and other tenant. A route without a row fails.

use std::collections::BTreeSet;

use serde_json::json;
use tessera::base::ids::OrganisationId;
use tessera::protocol::access::{Permission, RoleName, Roles, Tenant, power};

use super::administrator;
use crate::api::support::{Caller, organisation, text};
use crate::support::{Browser, World};

/// Path, what its GET takes, what its POST takes (empty: there is none), and whether it is of the whole
/// deployment.
#[rustfmt::skip]
const ROWS: &[(&str, &str, &str, bool)] = &[
    ("/admin/clients",                          "clients:read",        "",                    false),
    ("/admin/clients/new",                      "clients:write",       "clients:write",       false),
    ("/admin/clients/{id}",                     "clients:read",        "",                    false),
    ("/admin/clients/{id}/edit",                "clients:write",       "clients:write",       false),
    ("/admin/clients/{id}/mend",                "clients:write",       "clients:write",       false),
    ("/admin/clients/{id}/secret",              "clients:write",       "clients:write",       false),
    ("/admin/clients/{id}/try",                 "clients:write",       "clients:write",       false),
    ("/admin/clients/{id}/try/{trial}",         "clients:write",       "",                    false),
    ("/admin/clients/{id}/{what}",              "clients:write",       "clients:write",       false),
    ("/admin/users",                            "users:read",          "",                    false),
    ("/admin/users/new",                        "users:write",         "users:write",         false),
    ("/admin/users/{id}",                       "users:read",          "",                    false),
    ("/admin/users/{id}/edit",                  "users:write",         "users:write",         false),
    ("/admin/users/{id}/credentials",           "",                    "users:write",         false),
    ("/admin/users/{id}/consents",              "",                    "users:write",         false),
    ("/admin/users/{id}/sessions",              "",                    "sessions:write",      false),
    ("/admin/users/{id}/{what}",                "users:write",         "users:write",         false),
    ("/admin/sessions",                         "sessions:read",       "",                    false),
    ("/admin/sessions/end-all",                 "sessions:write",      "sessions:write",      false),
    ("/admin/sessions/{id}/end",                "sessions:write",      "sessions:write",      false),
    ("/admin/resources",                        "resources:read",      "",                    true),
    ("/admin/resources/new",                    "resources:write",     "resources:write",     true),
    ("/admin/resources/{name}/edit",            "resources:write",     "resources:write",     true),
    ("/admin/resources/{name}/delete",          "resources:write",     "resources:write",     true),
    ("/admin/audit",                            "audit:read",          "",                    false),
    ("/admin/audit/export",                     "audit:read",          "",                    false),
    ("/admin/settings",                         "settings:read",       "",                    true),
    ("/admin/settings/looks",                   "settings:write",      "settings:write",      true),
    ("/admin/settings/logo",                    "settings:write",      "settings:write",      true),
    ("/admin/settings/sample.css",              "settings:read",       "",                    true),
    ("/admin/groups",                           "groups:read",         "",                    false),
    ("/admin/groups/new",                       "groups:write",        "groups:write",        false),
    ("/admin/groups/{id}",                      "groups:read",         "",                    false),
    ("/admin/groups/{id}/edit",                 "groups:write",        "groups:write",        false),
    ("/admin/groups/{id}/delete",               "groups:write",        "groups:write",        false),
    ("/admin/roles",                            "roles:read",          "",                    false),
    ("/admin/roles/new",                        "roles:write",         "roles:write",         true),
    ("/admin/roles/{name}",                     "roles:read",          "",                    false),
    ("/admin/roles/{name}/edit",                "roles:write",         "roles:write",         true),
    ("/admin/roles/{name}/delete",              "roles:write",         "roles:write",         true),
    ("/admin/roles/{name}/grant",               "roles:write",         "roles:write",         false),
    ("/admin/roles/{name}/holders/{id}/revoke", "roles:write",         "roles:write",         false),
    ("/admin/organisations",                    "organisations:read",  "",                    false),
    ("/admin/organisations/new",                "organisations:write", "organisations:write", true),
    ("/admin/organisations/{name}/edit",        "organisations:write", "organisations:write", false),
    ("/admin/organisations/{name}/delete",      "organisations:write", "organisations:write", true),
    ("/admin/keys",                             "keys:read",           "",                    true),
    ("/admin/keys/rotate",                      "keys:write",          "keys:write",          true),
    ("/admin/keys/{kid}/revoke",                "keys:write",          "keys:write",          true),
];

const ROLES: [&str; 4] = [
    "super-administrator",
    "client-manager",
    "user-manager",
    "auditor",
];

#[test]
fn every_page_has_a_row() {
    let source = include_str!("../../src/web/routes.rs");
    let mut routes = BTreeSet::new();
    for line in source.lines() {
        let route = line.trim().strip_prefix(".route(\"/admin/");
        if let Some((path, methods)) = route.and_then(|rest| rest.split_once("\",")) {
            routes.insert((format!("/admin/{path}"), methods.contains("post(")));
        }
    }
    assert!(routes.len() > 5, "the routes were found");
    let rows: BTreeSet<_> = ROWS
        .iter()
        .map(|(path, _, post, _)| ((*path).to_owned(), !post.is_empty()))
        .collect();
    assert_eq!(rows, routes);
}

fn gives(role: &str, permission: &str) -> bool {
    let found = power::ALL.iter().find(|one| one.to_string() == permission);
    let permission: Permission = *found.expect("a permission");
    let name = RoleName::parse(role).expect("a role");
    Roles::new([])
        .permissions(&name)
        .iter()
        .any(|pattern| pattern.gives(permission))
}

/// What belongs to one organisation.
struct Belongings {
    client: String,
    user: String,
    group: String,
    name: &'static str,
}

async fn belongings(root: &Caller, id: OrganisationId, name: &'static str) -> Belongings {
    let within = |path: &str| format!("{path}?organisation_id={id}");
    let user = json!({"username": format!("of-{name}"), "email": format!("{name}@example.org"), "password": "correct horse battery staple"});
    let client = json!({"redirect_uris": ["https://a.example/"]});
    Belongings {
        client: text(&root.make(&within("/clients"), client).await["client_id"]),
        user: text(&root.make(&within("/users"), user).await["id"]),
        group: text(
            &root
                .make(&within("/groups"), json!({"name": "Staff"}))
                .await["id"],
        ),
        name,
    }
}

impl Belongings {
    fn path(&self, row: &str) -> String {
        let id = match row.split('/').nth(2) {
            Some("clients") => &self.client,
            Some("groups") => &self.group,
            Some("roles") => "01890000-0000-7000-8000-000000000000",
            _ => &self.user,
        };
        let name = match row.split('/').nth(2) {
            Some("organisations") => self.name,
            // urn:x
            Some("resources") => "dXJuOng",
            _ => "auditor",
        };
        row.replace("{id}", id)
            .replace("{name}", name)
            .replace("{what}", "disable")
            .replace("{trial}", "01890000-0000-7000-8000-000000000000")
    }
}

/// What a form of ours would send, without anything in it.
async fn post(browser: &mut Browser, path: &str) -> u16 {
    let page = browser.open("/account").await;
    let csrf = page.field("csrf").expect("a form");
    browser
        .post(path, &[("csrf".to_owned(), csrf)])
        .await
        .answer
        .status
}

#[tokio::test(flavor = "multi_thread")]
async fn every_role_reaches_what_it_may_and_nothing_else() {
    let world = World::sqlite().await;
    let machine = Caller::root(&world).await;
    let (ours, theirs) = (
        organisation(&world, "ours").await,
        organisation(&world, "theirs").await,
    );
    let mine = belongings(&machine, ours, "ours").await;
    let foreign = belongings(&machine, theirs, "theirs").await;
    let mut stranger = administrator(&world, "nobody", None, Tenant::Deployment).await;
    for role in ROLES {
        let mut everywhere =
            administrator(&world, &format!("{role}-1"), Some(role), Tenant::Deployment).await;
        let mut here = administrator(
            &world,
            &format!("{role}-2"),
            Some(role),
            Tenant::Organisation(ours),
        )
        .await;
        let navigation = everywhere.open("/admin").await;
        assert_eq!(navigation.answer.status, 200, "{role}");
        for (row, get, posted, of_deployment) in ROWS {
            let told = format!("{role}: {row}");
            if !get.is_empty() {
                let may = gives(role, get);
                let status = everywhere.open(&mine.path(row)).await.answer.status;
                assert_eq!(status == 403, !may, "{told}: {status}");
                if !row.contains('{')
                    && !row.ends_with("/new")
                    && !row.contains("export")
                    && !row.ends_with("rotate")
                    && !row.ends_with("end-all")
                    && !row.contains("settings/")
                {
                    let link = format!("href=\"{row}\"");
                    assert_eq!(navigation.answer.body.contains(&link), may, "{told}");
                }
                let status = here.open(&mine.path(row)).await.answer.status;
                assert_eq!(status == 403, !may, "here, {told}: {status}");
                // A form may be shown; what it does is refused.
                if may
                    && *of_deployment
                    && !row.ends_with("/new")
                    && !row.contains("/roles/")
                    && !row.contains("/organisations/")
                {
                    assert_ne!(status, 200, "of the whole deployment, {told}");
                }
                let foreign = here.open(&foreign.path(row)).await.answer.status;
                if may && !of_deployment && row.contains('{') && !row.contains("/roles/") {
                    assert_eq!(foreign, 404, "theirs, {told}");
                }
            }
            if !posted.is_empty() {
                let may = gives(role, posted);
                assert_eq!(
                    post(&mut here, &foreign.path(row)).await == 403,
                    !may,
                    "theirs, {told}"
                );
            }
            assert_ne!(
                stranger.open(&mine.path(row)).await.answer.status,
                200,
                "nobody: {row}"
            );
        }
    }
    assert_eq!(stranger.open("/admin").await.answer.status, 403);
    // What is theirs is as it was.
    assert_eq!(
        machine
            .get(&format!("/clients/{}", foreign.client))
            .await
            .header("etag"),
        "\"1\""
    );
    let user = machine.get(&format!("/users/{}", foreign.user)).await;
    assert_eq!(
        (user.status, &user.json()["disabled"]),
        (200, &json!(false))
    );
    assert_eq!(
        machine
            .get(&format!("/groups/{}", foreign.group))
            .await
            .json()["name"],
        "Staff"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_administers_an_organisation_turns_no_key_and_learns_of_nobody_elsewhere() {
    let world = World::sqlite().await;
    let machine = Caller::root(&world).await;
    let ours = organisation(&world, "ours").await;
    let theirs = organisation(&world, "theirs").await;
    belongings(&machine, theirs, "theirs").await;
    let group = belongings(&machine, ours, "ours").await.group;
    let mut here = administrator(
        &world,
        "here",
        Some("super-administrator"),
        Tenant::Organisation(ours),
    )
    .await;
    let before = world.get("/jwks").await.json();
    let kid = before["keys"][0]["kid"].as_str().expect("a key").to_owned();
    let page = here.open("/account").await;
    let revoke = format!("/admin/keys/{kid}/revoke");
    for (path, fields) in [
        (
            "/admin/keys/rotate",
            &[("wish", "now"), ("alg", "ES256")][..],
        ),
        (
            "/admin/keys/rotate",
            &[("wish", "scheduled"), ("alg", "RS256")],
        ),
        (&revoke, &[]),
    ] {
        let answer = here.submit(&page, path, fields).await;
        assert_eq!(answer.answer.status, 404, "{path} {fields:?}");
    }
    assert_eq!(world.get("/jwks").await.json(), before);
    // Navigation and answers tell nothing of what is not theirs.
    let overview = here.open("/admin").await.answer.body;
    for section in ["keys", "settings", "resources"] {
        assert!(
            !overview.contains(&format!("href=\"/admin/{section}\"")),
            "{section}"
        );
    }
    assert!(overview.contains("href=\"/admin/clients\""));
    for path in [
        format!("/admin/groups/{group}/edit"),
        "/admin/roles/auditor/grant".to_owned(),
    ] {
        let mut said = Vec::new();
        for name in ["of-theirs", "of-nobody"] {
            let fields = [
                ("change", "add"),
                ("member", name),
                ("kind", "user"),
                ("holder", name),
            ];
            let page = here.submit(&page, &path, &fields).await;
            assert_eq!(page.answer.status, 422, "{path}");
            let start = page.answer.body.find("id=\"problems\"").expect("why not");
            let why = page.answer.body[start..]
                .split("</ul>")
                .next()
                .expect("the list");
            said.push(why.replace(name, ""));
        }
        assert_eq!(said[0], said[1], "{path}");
    }
}
