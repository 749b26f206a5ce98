//! Each finding where it is, and what mends it.

use super::*;
use crate::base::Timestamp;
use crate::protocol::client::ClientId;

fn client(change: Value) -> Client {
    let mut of = members(json!({
        "redirect_uris": ["https://app.example/cb"], "require_pkce": true,
        "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://app.example/jwks",
        "backchannel_logout_uri": "https://app.example/logout",
    }));
    of.extend(members(change));
    Client {
        id: ClientId::new("c"),
        metadata: serde_json::from_value(Value::Object(of)).unwrap(),
        secrets: Vec::new(),
        disabled: false,
        by_stranger: false,
        organisation: None,
        version: 1,
        created_at: Timestamp::from_seconds(0),
    }
}

#[test]
fn each_finding_is_found_where_it_is_and_nowhere_else() {
    for (change, name, letter) in [
        (json!({}), "", "A"),
        (
            json!({"grant_types": ["authorization_code", "implicit"], "response_types": ["code", "id_token token"]}),
            "front-channel-tokens",
            "D",
        ),
        (
            json!({"id_token_signed_response_alg": "none"}),
            "unsigned-id-token",
            "D",
        ),
        (
            json!({"application_type": "native", "token_endpoint_auth_method": "none", "skip_consent": true}),
            "consent-skipped",
            "D",
        ),
        (json!({"require_pkce": false}), "no-pkce", "B"),
        (
            json!({"request_object_signing_alg": "none"}),
            "unsigned-request-object",
            "B",
        ),
        (
            json!({"allowed_origins": ["http://app.example", "http://localhost:3000"]}),
            "plain-http-origin",
            "B",
        ),
        (
            json!({"application_type": "native", "redirect_uris": ["app:/cb"]}),
            "short-scheme",
            "B",
        ),
        (
            json!({"token_endpoint_auth_method": "client_secret_basic"}),
            "shared-secret",
            "A",
        ),
        (
            json!({"token_endpoint_auth_method": "client_secret_jwt"}),
            "shared-secret-jwt",
            "A",
        ),
        (
            json!({"backchannel_logout_uri": null}),
            "no-back-channel-logout",
            "A",
        ),
        (
            json!({"access_token_format": "opaque", "access_token_signed_response_alg": "ES256"}),
            "opaque-without-need",
            "A",
        ),
    ] {
        let (grade, found) = grade(&client(change.clone()));
        let names: Vec<_> = found.iter().map(|of| of.name).collect();
        let expected: Vec<_> = Some(name)
            .into_iter()
            .filter(|name| !name.is_empty())
            .collect();
        assert_eq!((grade.letter(), names), (letter, expected), "{change}");
    }
    let post = client(json!({"token_endpoint_auth_method": "client_secret_post"}));
    assert_eq!(grade(&post).1.len(), 2);
    let mut stranger = client(json!({"skip_consent": true}));
    stranger.by_stranger = true;
    assert_eq!(grade(&stranger).0, Grade::D);
    let bad = client(
        json!({"id_token_signed_response_alg": "none", "response_types": ["code token"], "require_pkce": false}),
    );
    assert_eq!(grade(&bad).0, Grade::F);
    // A machine has no codes to protect, and nobody to sign out.
    let machine = client(
        json!({"grant_types": ["client_credentials"], "redirect_uris": [], "response_types": [], "require_pkce": false, "backchannel_logout_uri": null}),
    );
    assert!(
        grade(&machine)
            .1
            .iter()
            .all(|one| one.name == "shared-secret")
    );
}

#[test]
fn what_mends_a_finding_makes_it_go_away() {
    let all = client(json!({
        "grant_types": ["implicit", "authorization_code", "refresh_token"],
        "response_types": ["code", "code id_token token"], "id_token_signed_response_alg": "none",
        "skip_consent": true, "require_pkce": false, "request_object_signing_alg": "none",
        "allowed_origins": ["http://app.example", "https://app.example"],
        "token_endpoint_auth_method": "client_secret_post",
        "access_token_format": "opaque", "access_token_signed_response_alg": "ES256",
    }));
    for found in grade(&all).1.into_iter().filter(Finding::can_be_mended) {
        let mut changed = serde_json::to_value(&all.metadata).unwrap();
        changed
            .as_object_mut()
            .unwrap()
            .extend(found.mend(&all).unwrap());
        let mended = Client {
            metadata: serde_json::from_value(changed).unwrap(),
            ..all.clone()
        };
        assert!(
            !grade(&mended).1.iter().any(|one| one.name == found.name),
            "{}",
            found.name
        );
        assert!(finding(found.name).is_some());
    }
}
