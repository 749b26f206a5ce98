//! Custom claims: what may be said at all, and what is due where.

use serde_json::json;

use super::*;

fn read(
    name: &str,
    from: &str,
    scope: Option<&str>,
    clients: &[&str],
    places: &[&str],
) -> Result<CustomClaim, String> {
    let owned = |list: &[&str]| {
        list.iter()
            .map(|text| (*text).to_owned())
            .collect::<Vec<_>>()
    };
    CustomClaim::read(name, from, scope, &owned(clients), &owned(places))
}

#[test]
fn oidc_core_5_1_2_names_of_the_protocol_and_standard_claims_are_refused() {
    for name in REGISTERED
        .iter()
        .copied()
        .chain(claims::supported())
        .chain(["", "name#de", "website#en-GB"])
    {
        assert!(
            read(name, "constant:1", None, &[], &["id_token"]).is_err(),
            "{name}"
        );
    }
    for name in ["department", "https://example.org/tier", "groups", "roles"] {
        assert!(
            read(name, "constant:1", None, &[], &["id_token"]).is_ok(),
            "{name}"
        );
    }
}

#[test]
fn a_source_a_scope_and_places_are_parsed() {
    for from in [
        "constant:{\"a\": [1]}",
        "constant:\"x:y\"",
        "attribute:a b",
        "role:super-administrator",
    ] {
        assert!(
            read("x", from, Some("work"), &[], &["userinfo"]).is_ok(),
            "{from}"
        );
    }
    for from in [
        "",
        "x",
        "attribute:",
        "constant:",
        "constant:x",
        "role:",
        "role:King",
        "claim:name",
    ] {
        assert!(read("x", from, None, &[], &["userinfo"]).is_err(), "{from}");
    }
    let unknown = read("x", "role:King", None, &[], &["userinfo"]).unwrap_err();
    assert!(
        unknown.starts_with("from: \"King\" is no name for a role"),
        "{unknown}"
    );
    for scope in ["", "a b", "a\"", "\u{e4}"] {
        assert!(
            read("x", "constant:1", Some(scope), &[], &["userinfo"]).is_err(),
            "{scope}"
        );
    }
    for places in [&[][..], &["header"], &["id_token", "logout_token"]] {
        assert!(
            read("x", "constant:1", None, &[], places).is_err(),
            "{places:?}"
        );
    }
}

#[test]
fn a_claim_is_due_by_place_client_and_scope_and_left_out_without_a_value() {
    let every = ["id_token", "userinfo", "access_token", "introspection"];
    let all: CustomClaims = [
        read(
            "department",
            "attribute:department",
            Some("work"),
            &[],
            &every,
        ),
        read(
            "tier",
            "constant:\"gold\"",
            None,
            &["gold-app"],
            &["access_token"],
        ),
        read(
            "tier",
            "constant:\"tin\"",
            None,
            &[],
            &["access_token", "introspection"],
        ),
        read("boss", "role:super-administrator", None, &[], &["id_token"]),
        read("void", "constant:null", None, &[], &every),
    ]
    .into_iter()
    .map(Result::unwrap)
    .collect();
    let attributes = json!({"department": "Engines", "other": 1});
    let (roles, none) = (
        BTreeSet::from([RoleName::super_administrator()]),
        BTreeSet::new(),
    );
    let ada = Some(Facts {
        attributes: attributes.as_object(),
        roles: &roles,
    });
    let bob = Some(Facts {
        attributes: None,
        roles: &none,
    });
    let due = |place, client: &str, scope: &str, requested: &[&str], facts| {
        let (client, scope) = (ClientId::new(client), Scope::parse(scope).unwrap());
        let requested: Vec<String> = requested.iter().map(|name| (*name).to_owned()).collect();
        let occasion = Occasion {
            place,
            client: &client,
            scope: &scope,
        };
        Value::Object(all.due(occasion, requested.iter(), facts))
    };
    let work = json!({"department": "Engines"});
    assert_eq!(due(Place::Userinfo, "app", "openid work", &[], ada), work);
    assert_eq!(due(Place::Userinfo, "app", "openid", &[], ada), json!({}));
    assert_eq!(
        due(Place::Userinfo, "app", "openid", &["department"], ada),
        work
    );
    assert_eq!(
        due(Place::Userinfo, "app", "openid work", &["boss"], bob),
        json!({}),
        "wrong place"
    );
    assert_eq!(
        due(Place::IdToken, "app", "openid", &[], ada),
        json!({"boss": true})
    );
    assert_eq!(
        due(Place::IdToken, "app", "openid", &[], bob),
        json!({"boss": false})
    );
    assert_eq!(
        due(Place::AccessToken, "app", "jobs", &[], None),
        json!({"tier": "tin"})
    );
    assert_eq!(
        due(Place::AccessToken, "gold-app", "jobs", &[], None),
        json!({"tier": "gold"})
    );
    assert_eq!(
        due(Place::IdToken, "app", "work", &[], None),
        json!({}),
        "nobody has no role"
    );
    assert_eq!(all.names(), ["department", "tier", "boss", "void"]);
    assert_eq!(all.scopes(), ["work"]);
}
