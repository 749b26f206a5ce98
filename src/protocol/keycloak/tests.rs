use super::*;
use crate::protocol::client::ClientMetadata;

const REALM: &str = include_str!("../../../tests/data/keycloak-realm.json");
const USERS: &str = include_str!("../../../tests/data/keycloak-users-0.json");

fn plan() -> Plan {
    let read = |text: &str| serde_json::from_str::<Export>(text).unwrap();
    Plan::of(vec![read(REALM), read(USERS)]).unwrap()
}

fn left(plan: &Plan, at: &str) -> Vec<String> {
    let of = plan.left.iter().filter(|(where_, _)| where_ == at);
    of.map(|(_, why)| why.clone()).collect()
}

#[test]
fn people_keep_their_id_their_names_and_their_password() {
    let plan = plan();
    let names: Vec<&str> = plan
        .people
        .iter()
        .map(|of| &*of.described.username)
        .collect();
    assert_eq!(
        names,
        ["anna", "bert", "carla", "dora", "emil", "gina", "hugo"]
    );
    let anna = &plan.people[0].described;
    assert_eq!(
        anna.sub.as_deref(),
        Some("5f0c9a1e-0000-4000-8000-000000000001")
    );
    assert_eq!(anna.profile["name"], "Anna \u{c5}l <b>");
    assert_eq!(anna.profile["locale"], "de");
    assert_eq!(anna.profile["phone_number"], "+49 30 123456");
    assert_eq!(anna.profile["attributes"]["department"], "Engines");
    assert_eq!(
        anna.profile["attributes"]["badges"],
        serde_json::json!(["a", "b"])
    );
    assert_eq!(anna.groups, ["Staff/Engineering"]);
    let forms: Vec<Option<String>> = plan
        .people
        .iter()
        .map(|of| of.described.password_hash.as_ref())
        .map(|hash| {
            hash.map(|hash| {
                hash.expose()
                    .split('$')
                    .take(3)
                    .collect::<Vec<_>>()
                    .join("$")
            })
        })
        .collect();
    let forms: Vec<&str> = forms
        .iter()
        .map(|form| form.as_deref().unwrap_or("-"))
        .collect();
    let wanted = [
        "$pbkdf2-sha256$i=27500",
        "$pbkdf2-sha512$i=210000",
        "$argon2id$v=19",
        "$pbkdf2-sha1$i=20000",
        "$pbkdf2-sha256$i=27500",
        "$pbkdf2-sha256$i=1",
        "-",
    ];
    assert_eq!(forms, wanted);
    assert!(plan.people[4].described.password_change_required);
    assert!(!plan.people[4].described.enabled);
}

#[test]
fn an_authenticator_app_of_this_kind_comes_along_and_others_are_told() {
    let plan = plan();
    let carla = &plan.people[2];
    let [app] = &carla.seeds[..] else {
        panic!("one app")
    };
    assert_eq!((app.name.as_str(), app.digits), ("Phone", 6));
    assert!(app.seed.is(b"5oRjBqAa2vG8gVnTDbLf"));
    let told = left(&plan, "user carla");
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("otp: it does not use SHA-1"));
    assert!(told[1].starts_with("webauthn: "));
}

#[test]
fn what_is_not_carried_over_is_told_object_by_object() {
    let plan = plan();
    for (at, why) in [
        ("user emil", "the required action CONFIGURE_TOTP"),
        ("user emil", "signing in with google"),
        ("user emil", "its password: a new one was required already"),
        (
            "user fritz",
            "not imported: every account here has an e-mail address",
        ),
        ("user hugo", "password: it is in clear text"),
        (
            "user service-account-reports",
            "it is the service account of reports",
        ),
        ("group Staff", "its attributes"),
        ("role Chief Editor", "held by 1; names of roles"),
        ("role editor", "that it is also Chief Editor"),
        ("roles", "1 of the realm that nobody holds"),
        ("roles", "1 of clients"),
        ("role shop/buyer", "held by 1"),
        ("identity provider google", "people do not sign in"),
        ("client account", "it is Keycloak's own"),
        (
            "client shop",
            "redirect URI https://shop.example/*: only whole",
        ),
        ("client shop", "web origin *"),
        ("client shop", "address after logout https://shop.example/*"),
        ("client shop", "the password grant"),
        ("client shop", "its protocol mappers"),
        ("client spa", "the implicit flow"),
        ("client reports", "its secret: missing"),
        ("client wild", "not imported: no way to use it is left"),
        ("client api", "not imported: it only takes tokens"),
        (
            "client https://saml.example/metadata",
            "not imported: it does not speak",
        ),
        ("realm settings", "set here in tessera.toml"),
    ] {
        let told = left(&plan, at);
        assert!(
            told.iter().any(|one| one.starts_with(why)),
            "{at}: {why} in {told:?}"
        );
    }
    assert!(
        !plan
            .left
            .iter()
            .any(|(at, _)| at.starts_with("role default-roles"))
    );
    let all = format!("{:?}", plan.left);
    for secret in [
        "zA3kQ9",
        "in clear\"",
        "5oRjBq",
        "C4TWUs",
        "password in clear",
    ] {
        assert!(!all.contains(secret), "{secret}");
    }
    // What turns the line of a terminal comes out as a mark.
    assert!(!all.contains('\u{202e}') && !all.contains('\u{0}'));
}

#[test]
fn marks_that_turn_text_leave_the_name_behind() {
    let plan = plan();
    let gina = &plan.people[5].described;
    assert!(gina.profile.get("given_name").is_none() && gina.profile.get("name").is_none());
    assert!(!left(&plan, "user gina").is_empty());
}

#[test]
fn clients_keep_their_id_and_fit_the_rules_for_metadata() {
    let plan = plan();
    let ids: Vec<&str> = plan.clients.iter().map(|of| &*of.id).collect();
    assert_eq!(ids, ["shop", "spa", "reports", "retired"]);
    for client in &plan.clients {
        let text = client.metadata.to_string();
        ClientMetadata::parse_strict(text.as_bytes())
            .unwrap_or_else(|why| panic!("{}: {why:?}", client.id));
    }
    let shop = &plan.clients[0];
    assert_eq!(shop.metadata["client_name"], "The shop");
    let redirects = [
        "https://shop.example/callback",
        "https://shop.example/signed-in",
    ];
    assert_eq!(shop.metadata["redirect_uris"], serde_json::json!(redirects));
    assert_eq!(
        shop.metadata["allowed_origins"],
        serde_json::json!(["https://shop.example"])
    );
    assert_eq!(shop.metadata["require_pkce"], true);
    assert_eq!(
        shop.metadata["scope"],
        "openid profile email address phone offline_access"
    );
    assert!(shop.secret.is_some());
    assert_eq!(
        plan.clients[1].metadata["token_endpoint_auth_method"],
        "none"
    );
    assert_eq!(plan.clients[1].metadata["skip_consent"], false);
    let reports = &plan.clients[2];
    assert_eq!(
        reports.metadata["grant_types"],
        serde_json::json!(["client_credentials"])
    );
    assert_eq!(reports.metadata["scope"], "reports");
    assert!(reports.secret.is_none());
    assert!(!plan.clients[3].enabled);
}

#[test]
fn groups_of_a_tree_stand_beside_one_another() {
    let group = |name: &str| PlannedGroup {
        name: name.to_owned(),
        // Whoever is in a group has the roles of those above it there.
        roles: vec![role("editor")],
    };
    assert_eq!(plan().groups, [group("Staff"), group("Staff/Engineering")]);
}

fn role(name: &str) -> RoleName {
    RoleName::parse(name).unwrap()
}

fn of_roles(roles: &str, held: &[&str]) -> Plan {
    let held = serde_json::json!(held);
    let text = format!(
        r#"{{"realm":"acme","roles":{roles},"users":[{{"username":"ada","email":"a@b.example","realmRoles":{held}}}]}}"#
    );
    Plan::of(vec![serde_json::from_str(&text).unwrap()]).unwrap()
}

#[test]
fn roles_that_are_held_come_behind_those_that_they_are_composed_of() {
    let plan = plan();
    let roles: Vec<(&str, &[RoleName])> = plan
        .roles
        .iter()
        .map(|of| (of.name.as_str(), &*of.inherits))
        .collect();
    let reviewer = [role("reviewer")];
    assert_eq!(
        roles,
        [
            ("auditor", [].as_slice()),
            ("reviewer", &[]),
            ("editor", &reviewer)
        ]
    );
    assert_eq!(plan.roles[2].description, "Writes and sees what is written");
    assert_eq!(plan.people[0].roles, [role("editor")]);
    assert_eq!(plan.people[1].roles, [role("auditor")]);
    assert_eq!(plan.realm, "acme acme", "its name and its id");
}

#[test]
fn roles_in_a_circle_or_without_an_end_are_cut_and_told() {
    let circle = r#"{"realm":[{"name":"a","composites":{"realm":["b"]}},{"name":"b","composites":{"realm":["c"]}},
        {"name":"c","composites":{"realm":["a","c","d"],"client":{"shop":["buyer"]}}}]}"#;
    let plan = of_roles(circle, &["a"]);
    let names: Vec<&str> = plan.roles.iter().map(|of| of.name.as_str()).collect();
    assert_eq!(names, ["d", "c", "b", "a"]);
    assert_eq!(plan.roles[1].inherits, [role("d")]);
    assert_eq!(left(&plan, "role c").len(), 3);

    let chain: Vec<serde_json::Value> = (0..100)
        .map(|n| serde_json::json!({"name": format!("r{n}"), "composites": {"realm": [format!("r{}", n + 1)]}}))
        .collect();
    let plan = of_roles(&serde_json::json!({"realm": chain}).to_string(), &["r0"]);
    assert_eq!(plan.roles.len(), 33);
    assert_eq!(
        left(&plan, "role r32"),
        ["that it is also r33: too many levels"]
    );
}

#[test]
fn a_name_is_not_bent_until_it_fits() {
    let odd = [
        "Super-Administrator",
        "SUPER-ADMINISTRATOR",
        "super-administrator ",
        "\u{455}uper-administrator",
        "super-admin\u{131}strator",
        "super\u{2010}administrator",
        "super-administrator\u{200b}",
        "super_administrator",
        "client/role",
        "",
    ];
    let plan = of_roles("{}", &odd);
    assert!(plan.roles.is_empty() && plan.people[0].roles.is_empty());
    let told = plan.left.iter().filter(|(at, _)| at.starts_with("role "));
    assert_eq!(told.count(), odd.len());
    // Nor one without a realm, by which it would be known again.
    let users = r#"{"users":[{"username":"ada","email":"a@b.example","realmRoles":["editor"]}]}"#;
    let plan = Plan::of(vec![serde_json::from_str(users).unwrap()]).unwrap();
    assert!(plan.roles.is_empty() && plan.people[0].roles.is_empty());
    assert_eq!(left(&plan, "role editor").len(), 1);
}

#[test]
fn what_everybody_has_by_default_there_is_told() {
    let roles = r#"{"realm":[{"name":"default-roles-acme","composites":{"realm":["offline_access","member"]}}]}"#;
    let plan = of_roles(roles, &["default-roles-acme"]);
    assert!(plan.roles.is_empty() && plan.people[0].roles.is_empty());
    let told = left(&plan, "role default-roles-acme");
    assert_eq!(told.len(), 1);
    assert!(
        told[0].starts_with("everybody had member by it"),
        "{told:?}"
    );
}

#[test]
fn files_of_two_realms_are_not_mixed() {
    let of =
        |realm: &str| serde_json::from_str::<Export>(&format!(r#"{{"realm":"{realm}"}}"#)).unwrap();
    assert!(Plan::of(vec![of("a"), of("b")]).is_err());
    assert!(Plan::of(vec![of("a"), of("a")]).is_ok());
}

#[test]
fn an_export_that_is_none_or_is_odd_does_not_end_the_program() {
    assert!(serde_json::from_str::<Export>("[]").is_err());
    for odd in [
        r"{}",
        r#"{"users":[{}],"clients":[{}],"groups":[{}]}"#,
        r#"{"users":[{"username":"a","email":"a@b.example","credentials":[{"type":"password"},{"type":"password","secretData":"[","credentialData":"x"},{"type":"otp","secretData":"{\"value\":\"\"}","credentialData":"{}"}]}]}"#,
        r#"{"users":[{"username":"a","email":"a@b.example","credentials":[{"type":"password","secretData":"{\"value\":\"AAAA\",\"salt\":\"AAAA\"}","credentialData":"{\"hashIterations\":4294967295,\"algorithm\":\"pbkdf2-sha512\"}"}]}]}"#,
    ] {
        let export = serde_json::from_str::<Export>(odd).unwrap();
        let plan = Plan::of(vec![export]).unwrap();
        assert!(
            plan.people
                .iter()
                .all(|of| of.described.password_hash.is_none()),
            "{odd}"
        );
    }
}

#[test]
fn rfc8252_8_6_only_a_client_with_a_secret_signs_people_in_without_a_question() {
    let realm = |public: bool, asks: bool| {
        let realm = serde_json::json!({"realm": "a", "clients": [{
            "clientId": "app", "redirectUris": ["https://app.example/"], "publicClient": public, "consentRequired": asks,
        }]});
        Plan::of(vec![serde_json::from_value(realm).unwrap()]).unwrap()
    };
    for (public, asks, skips, is_told) in [
        (false, false, true, false),
        (false, true, false, false),
        (true, false, false, true),
        (true, true, false, false),
    ] {
        let plan = realm(public, asks);
        assert_eq!(plan.clients[0].metadata["skip_consent"], skips);
        let told = left(&plan, "client app");
        let told = told
            .iter()
            .any(|why| why.starts_with("signing in without a question"));
        assert_eq!(told, is_told, "{public} {asks}");
    }
}

#[test]
fn people_who_are_not_imported_are_counted() {
    assert_eq!(plan().people_left, 1);
}

#[test]
fn what_has_neither_realm_nor_users_is_no_export() {
    for (text, is_one) in [
        (r#"{"version":1,"groups":[{"name":"Staff"}]}"#, false),
        ("{}", false),
        (r#"{"realm":"a"}"#, true),
        (r#"{"users":[{}]}"#, true),
    ] {
        let export = serde_json::from_str::<Export>(text).unwrap();
        assert_eq!(export.is_of_realm(), is_one, "{text}");
    }
}
