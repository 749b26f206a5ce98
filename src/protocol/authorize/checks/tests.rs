use proptest::prelude::*;

use super::super::fixture::{POLICY, REDIRECT, checked, client, public_client, query};
use super::super::{AuthorizationResponse, Delivery, PageError, read};
use super::*;
use crate::protocol::client::ClientId;

fn page(query: &str, client: Option<&Client>) -> Option<PageError> {
    read(query.as_bytes()).and_then(|r| r.prove(client)).err()
}

fn refusal(changes: &[(&str, Option<&str>)]) -> String {
    match checked(&client(), &query(changes)) {
        Ok(_) => "ok".to_owned(),
        Err(error) => error.code.to_string(),
    }
}

#[test]
fn rfc6749_4_1_2_1_without_a_proven_redirect_uri_there_is_a_page() {
    let app = client();
    let disabled = Client {
        disabled: true,
        ..client()
    };
    let other = Client {
        id: ClientId::new("other"),
        ..client()
    };
    let valid = query(&[]);
    assert_eq!(page(&valid, Some(&app)), None);
    for found in [None, Some(&disabled), Some(&other)] {
        assert_eq!(page(&valid, found), Some(PageError::UnknownClient));
    }
    for (text, expected) in [
        (query(&[("client_id", None)]), PageError::ClientIdMissing),
        (
            query(&[("client_id", Some(""))]),
            PageError::ClientIdMissing,
        ),
        (
            format!("{valid}&client_id=app"),
            PageError::ClientIdRepeated,
        ),
        (
            query(&[("client_id", Some("App"))]),
            PageError::UnknownClient,
        ),
        (
            query(&[("redirect_uri", None)]),
            PageError::RedirectUriMissing,
        ),
        (
            format!("{valid}&redirect_uri=https%3A%2F%2Fapp.example%2Fcb"),
            PageError::RedirectUriRepeated,
        ),
        (
            query(&[("redirect_uri", Some("https://app.example/cb?x=y"))]),
            PageError::RedirectUriMismatch,
        ),
        (format!("{valid}&x=%ff"), PageError::Malformed),
        (format!("{valid}&x=%00"), PageError::Malformed),
    ] {
        assert_eq!(page(&text, Some(&app)), Some(expected), "{text}");
    }
}

#[test]
fn rfc6749_4_1_1_a_valid_request_is_read_as_it_came() {
    let request = checked(
        &client(),
        &query(&[
            ("response_mode", Some("form_post")),
            ("resource", Some("https://api.example/")),
            ("prompt", Some("login consent login")),
            ("max_age", Some("60")),
            ("login_hint", Some("anna@example.com")),
            ("id_token_hint", Some("a.b.c")),
            ("acr_values", Some("gold silver")),
            ("ui_locales", Some("de en")),
            ("display", Some("popup")),
            ("something", Some("else")),
        ]),
    )
    .unwrap();
    assert_eq!(request.client_id().as_str(), "app");
    assert_eq!(request.redirect_uri().as_str(), REDIRECT);
    assert_eq!(request.response_mode(), ResponseMode::FormPost);
    assert_eq!(request.state(), Some("s"));
    assert_eq!(request.nonce(), Some("n"));
    assert_eq!(request.scope().to_string(), "openid profile");
    assert_eq!(request.resources(), ["https://api.example/"]);
    assert!(request.code_challenge().is_some());
    let prompts: Vec<_> = request.prompts().iter().collect();
    assert_eq!(prompts, [Prompt::Login, Prompt::Consent]);
    assert_eq!(request.max_age(), Some(60));
    assert_eq!(request.login_hint(), Some("anna@example.com"));
    assert_eq!(request.id_token_hint(), Some("a.b.c"));
    assert_eq!(request.acr_values(), ["gold", "silver"]);
    assert_eq!(request.ui_locales(), ["de", "en"]);
    assert_eq!(request.display(), Some("popup"));
}

#[test]
fn rfc6749_4_1_2_1_one_change_to_a_valid_request_gets_the_code_of_its_section() {
    let long = |n| "x".repeat(n);
    let (state, nonce, hint, token) = (long(2049), long(513), long(513), long(8193));
    let cases: &[(&str, Option<&str>, &str)] = &[
        ("response_type", None, "invalid_request"),
        ("response_type", Some(""), "invalid_request"),
        ("response_type", Some("token"), "unsupported_response_type"),
        (
            "response_type",
            Some("code id_token"),
            "unsupported_response_type",
        ),
        ("response_type", Some("CODE"), "unsupported_response_type"),
        ("response_mode", Some("query"), "ok"),
        ("response_mode", Some("fragment"), "ok"),
        ("response_mode", Some("web_message"), "invalid_request"),
        ("claims", Some("{}"), "ok"),
        ("claims", Some("[]"), "invalid_request"),
        ("response_mode", Some("jwt"), "invalid_request"),
        ("registration", Some("{}"), "registration_not_supported"),
        ("scope", None, "ok"),
        ("scope", Some("openid unheard-of"), "ok"),
        ("scope", Some("unheard-of"), "invalid_scope"),
        ("scope", Some("openid \"x"), "invalid_scope"),
        ("scope", Some(" "), "invalid_scope"),
        ("state", None, "ok"),
        ("state", Some(&state[1..]), "ok"),
        ("state", Some(&state), "invalid_request"),
        ("nonce", Some(&nonce[1..]), "ok"),
        ("nonce", Some(&nonce), "invalid_request"),
        ("code_challenge", Some("short"), "invalid_request"),
        ("code_challenge", None, "invalid_request"),
        ("code_challenge_method", Some("plain"), "invalid_request"),
        ("code_challenge_method", None, "invalid_request"),
        ("resource", Some("https://api.example/"), "ok"),
        ("resource", Some("https://id.example"), "ok"),
        ("resource", Some("https://other.example/"), "invalid_target"),
        ("resource", Some("nonsense"), "invalid_target"),
        ("prompt", Some("none"), "ok"),
        ("prompt", Some("none login"), "invalid_request"),
        ("prompt", Some("consent none"), "invalid_request"),
        ("prompt", Some("Login"), "invalid_request"),
        ("prompt", Some("create"), "ok"),
        ("max_age", Some("0"), "ok"),
        ("max_age", Some("99999999999999999999"), "ok"),
        ("max_age", Some("-1"), "invalid_request"),
        ("max_age", Some("+1"), "invalid_request"),
        ("max_age", Some("1.5"), "invalid_request"),
        ("max_age", Some("soon"), "invalid_request"),
        ("login_hint", Some(&hint[1..]), "ok"),
        ("login_hint", Some(&hint), "invalid_request"),
        ("id_token_hint", Some(&token[1..]), "ok"),
        ("id_token_hint", Some(&token), "invalid_request"),
        ("display", Some("hologram"), "ok"),
        ("acr_values", Some("\u{1f600} x"), "ok"),
        ("ui_locales", Some("tlh-Qaak"), "ok"),
        ("claims_locales", Some("??"), "ok"),
        ("claims", Some("{}"), "ok"),
        ("unknown", Some("x"), "ok"),
    ];
    for (name, value, expected) in cases {
        assert_eq!(refusal(&[(name, *value)]), *expected, "{name} {value:?}");
    }
}

#[test]
fn rfc6749_3_1_a_repeated_parameter_goes_back_to_the_client() {
    let app = client();
    let error = checked(&app, &format!("{}&scope=email", query(&[]))).unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidRequest);
    assert_eq!(error.description(), "parameter scope is repeated");
}

#[test]
fn rfc6749_4_1_2_1_an_error_goes_the_way_that_was_asked_for_with_the_state_if_it_is_certain() {
    let app = client();
    let deliver = |text: String| {
        let proven = read(text.as_bytes()).unwrap().prove(Some(&app)).unwrap();
        let error = proven.check(POLICY).unwrap_err();
        AuthorizationResponse::error(proven.return_path(), &error, POLICY.issuer).deliver()
    };
    let bad = query(&[("response_type", None)]);
    let location = |text| match deliver(text) {
        Delivery::Redirect { location } => location,
        Delivery::FormPost { .. } => panic!("a redirect was expected"),
    };
    assert!(location(bad.clone()).contains("&state=s&"));
    assert!(!location(format!("{bad}&state=t")).contains("state="));
    let long = "x".repeat(2049);
    assert!(!location(query(&[("state", Some(&long))])).contains("state="));
    assert!(location(query(&[("response_mode", Some("web_message"))])).contains("state=s"));
    let post = deliver(format!("{bad}&response_mode=form_post"));
    assert!(matches!(post, Delivery::FormPost { .. }));
}

#[test]
fn rfc9700_2_1_1_a_public_client_must_use_pkce_and_another_may() {
    let without = query(&[("code_challenge", None), ("code_challenge_method", None)]);
    assert!(checked(&client(), &without).is_ok());
    assert!(checked(&public_client(), &query(&[])).is_ok());
    let mut strict = client();
    strict.metadata.require_pkce = true;
    for client in [public_client(), strict] {
        let error = checked(&client, &without).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidRequest);
    }
}

#[test]
fn rfc6749_3_3_scope_is_narrowed_to_what_is_registered_and_defaults_to_it() {
    let scope = |client: &Client, asked| {
        let request = checked(client, &query(&[("scope", asked)])).unwrap();
        request.scope().to_string()
    };
    let app = client();
    assert_eq!(scope(&app, Some("email openid admin")), "email openid");
    assert_eq!(scope(&app, None), "openid profile email");
    let offline = Some("openid offline_access");
    assert_eq!(scope(&app, offline), "openid offline_access");
    let mut no_refresh = client();
    no_refresh.metadata.grant_types = vec![GrantType::AuthorizationCode];
    assert_eq!(scope(&no_refresh, offline), "openid");
}

#[test]
fn oidc_core_11_offline_access_is_ignored_where_no_code_comes() {
    let mut app = client();
    app.metadata.grant_types.push(GrantType::Implicit);
    app.metadata.response_types = ["id_token token", "code id_token"]
        .map(str::to_owned)
        .to_vec();
    let scope = |kind: &str, asked: &str| {
        let changes = [
            ("response_type", Some(kind)),
            ("scope", Some(asked)),
            ("nonce", Some("n")),
        ];
        let policy = Policy {
            front_channel_tokens: true,
            ..POLICY
        };
        let request = read(query(&changes).as_bytes()).unwrap();
        let checked = request.prove(Some(&app)).unwrap().check(policy);
        checked.map(|request| {
            (
                request.scope().to_string(),
                request.consent_scope().to_string(),
            )
        })
    };
    let both = |text: &str| Ok((text.to_owned(), text.to_owned()));
    assert_eq!(
        scope("id_token token", "openid offline_access"),
        both("openid")
    );
    assert_eq!(
        scope("code id_token", "openid offline_access"),
        both("openid offline_access")
    );
    let error = scope("id_token token", "offline_access").unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidScope);
}

#[test]
fn rfc6749_4_1_2_1_a_client_without_the_grant_is_unauthorized() {
    let mut machine = client();
    machine.metadata.grant_types = vec![GrantType::ClientCredentials];
    let error = checked(&machine, &query(&[])).unwrap_err();
    assert_eq!(error.code, ErrorCode::UnauthorizedClient);
}

#[test]
fn oidc_prompt_create_4_create_is_invalid_request_where_sign_up_is_closed() {
    let app = client();
    let text = query(&[("prompt", Some("create"))]);
    let proven = read(text.as_bytes()).unwrap().prove(Some(&app)).unwrap();
    let closed = Policy {
        sign_up_open: false,
        ..POLICY
    };
    let error = proven.check(closed).unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidRequest);
}

#[test]
fn every_check_has_a_name_of_its_own_and_a_section() {
    let mut names: Vec<_> = CHECKS.iter().map(|check| check.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), CHECKS.len());
    assert!(CHECKS.iter().all(|check| !check.section.is_empty()));
}

proptest! {
    #[test]
    fn reading_a_scope_is_idempotent_and_its_tokens_are_unique(text in "[ -~]{0,40}|[a-c ]{0,20}|\\PC{0,20}") {
        if let Ok(scope) = Scope::parse(&text) {
            prop_assert_eq!(&Scope::parse(&scope.to_string()).unwrap(), &scope);
            let tokens: Vec<_> = scope.iter().collect();
            for (i, token) in tokens.iter().enumerate() {
                prop_assert!(!tokens[..i].contains(token));
                prop_assert!(token.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\'));
            }
        }
    }

    #[test]
    fn whatever_is_sent_an_answer_goes_to_the_registered_uri_or_to_a_page(
        extra in proptest::collection::vec(
            (
                prop_oneof![
                    Just("scope"), Just("state"), Just("prompt"), Just("max_age"), Just("resource"),
                    Just("response_mode"), Just("client_id"), Just("redirect_uri"), Just("nonce"),
                ],
                "\\PC{0,30}",
            ),
            0..4,
        ),
        public in any::<bool>(),
    ) {
        let client = if public { public_client() } else { client() };
        let mut text = query(&[("state", None)]);
        for (name, value) in &extra {
            let pair = form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
            text = format!("{text}&{pair}");
        }
        let Ok(proven) = read(text.as_bytes()).and_then(|r| r.prove(Some(&client))) else {
            return Ok(());
        };
        match proven.check(POLICY) {
            Ok(request) => {
                prop_assert!(!request.scope().is_empty());
                prop_assert!(request.scope().is_within(&client.metadata.scope));
                prop_assert!(!public || request.code_challenge().is_some());
                let sent = extra.iter().find(|(n, v)| *n == "state" && !v.is_empty());
                prop_assert_eq!(request.state(), sent.map(|(_, v)| v.as_str()));
            }
            Err(error) => {
                let response = AuthorizationResponse::error(proven.return_path(), &error, POLICY.issuer);
                match response.deliver() {
                    Delivery::Redirect { location } => {
                        prop_assert!(location.starts_with("https://app.example/cb?error="));
                        prop_assert!(location.bytes().all(|b| b.is_ascii_graphic()));
                    }
                    Delivery::FormPost { action, .. } => prop_assert_eq!(action, REDIRECT),
                }
            }
        }
    }
}
