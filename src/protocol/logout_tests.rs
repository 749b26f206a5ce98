use super::*;
use crate::protocol::authorize::fixture;
use crate::protocol::token::access_token::Audience;

const ISSUER: &str = "https://id.example";
const BACK: &str = "https://app.example/out?a=b";

fn client() -> Client {
    let mut client = fixture::client();
    client.metadata.post_logout_redirect_uris =
        vec![BACK.to_owned(), "http://127.0.0.1/out".to_owned()];
    client.metadata.application_type = ApplicationType::Native;
    client
}

fn sid(number: u64) -> String {
    format!("session-{number}")
}

fn hint() -> HintClaims {
    HintClaims {
        iss: ISSUER.to_owned(),
        sub: "alice".to_owned(),
        aud: Audience::One("app".to_owned()),
        sid: Some(sid(1)),
        proven: true,
    }
}

fn request(pairs: &[(&str, &str)]) -> LogoutRequest {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    LogoutRequest::read(query.as_bytes())
}

#[test]
fn rp_initiated_logout_2_a_registered_uri_comes_back_with_the_state() {
    let client = client();
    let uri = ("post_logout_redirect_uri", BACK);
    let hinted = request(&[("id_token_hint", "x"), uri, ("state", "s t")]);
    assert_eq!(
        hinted.judge(Some(&hint()), Some(&client)),
        Ok(Some(format!("{BACK}&state=s+t")))
    );
    let named = request(&[("client_id", "app"), uri]);
    assert_eq!(
        named.judge(None, Some(&client)),
        Ok(Some(BACK.to_owned())),
        "no state, none back"
    );
    let bare = request(&[("client_id", "app"), ("state", "s")]);
    assert_eq!(bare.judge(None, Some(&client)), Ok(None));
    assert_eq!(request(&[]).judge(None, None), Ok(None));
}

#[test]
fn rp_initiated_logout_3_what_is_not_exactly_registered_or_not_the_clients_is_a_flaw() {
    let client = client();
    let mut other = hint();
    other.aud = Audience::One("other".to_owned());
    let uri = |uri| [("client_id", "app"), ("post_logout_redirect_uri", uri)];
    for wrong in [
        "https://app.example/out",
        "https://app.example/out?a=b&c",
        "https://APP.example/out?a=b",
        "https://evil.example/",
        "http://127.0.0.1:9/out",
        "javascript:alert(1)",
    ] {
        assert_eq!(
            request(&uri(wrong)).judge(None, Some(&client)),
            Err(Flaw::RETURN),
            "{wrong}"
        );
    }
    let hinted = request(&[("id_token_hint", "x"), ("client_id", "app")]);
    assert_eq!(hinted.judge(None, Some(&client)), Err(Flaw::HINT));
    assert_eq!(hinted.judge(Some(&other), Some(&client)), Err(Flaw::CLIENT));
    assert_eq!(request(&uri(BACK)).judge(None, None), Err(Flaw::CLIENT));
    let nobody = request(&[("post_logout_redirect_uri", BACK)]);
    assert_eq!(nobody.judge(None, None), Err(Flaw::RETURN));
    let twice = request(&[("client_id", "app"), ("client_id", "other")]);
    assert_eq!(twice.judge(None, Some(&client)), Err(Flaw::REQUEST));
    assert_eq!(
        LogoutRequest::read(b"a=%ff").judge(None, None),
        Err(Flaw::REQUEST)
    );
}

#[test]
fn rp_initiated_logout_2_only_a_hint_about_who_is_here_spares_the_question() {
    let here = |number, sub: &str| Here {
        sid: sid(number),
        sub: sub.to_owned(),
        names: ["ada", "ada@example.org"],
    };
    let plain = request(&[]);
    assert!(!plain.proves(None, &here(1, "alice")));
    let unsigned = HintClaims {
        proven: false,
        ..hint()
    };
    assert!(!plain.proves(Some(&unsigned), &here(1, "alice")));
    assert!(plain.proves(Some(&hint()), &here(1, "alice")));
    assert!(
        plain.proves(Some(&hint()), &here(2, "alice")),
        "an older session of hers"
    );
    assert!(!plain.proves(Some(&hint()), &here(2, "bob")));
    for (meant, proves) in [
        ("ada", true),
        ("ada@example.org", true),
        ("alice", true),
        ("bob", false),
    ] {
        let request = request(&[("logout_hint", meant)]);
        assert_eq!(
            request.proves(Some(&hint()), &here(1, "alice")),
            proves,
            "{meant}"
        );
    }
}

#[test]
fn backchannel_logout_2_4_a_logout_token_has_these_claims_and_no_others() {
    let now = Timestamp::from_seconds(1_000);
    let id = ClientId::new("app");
    let names = ("alice".to_owned(), sid(1));
    let claims = LogoutTokenClaims::new(ISSUER, &id, names, "j".to_owned(), now);
    assert_eq!(
        serde_json::to_value(claims).unwrap(),
        serde_json::json!({
            "iss": ISSUER, "sub": "alice", "aud": "app", "iat": 1_000, "exp": 1_120, "jti": "j",
            "sid": sid(1),
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        })
    );
}

#[test]
fn backchannel_logout_2_8_only_a_refusal_is_final() {
    for (status, meaning) in [
        (200, Receipt::Done),
        (204, Receipt::Done),
        (400, Receipt::Refused),
        (201, Receipt::Later),
        (302, Receipt::Later),
        (404, Receipt::Later),
        (503, Receipt::Later),
    ] {
        assert_eq!(receipt(status), meaning, "{status}");
    }
}

#[test]
fn frontchannel_logout_3_iss_and_sid_join_a_query_that_is_there_where_they_are_needed() {
    let mut client = client();
    assert_eq!(frame(&client, ISSUER, &sid(1)), None);
    client.metadata.frontchannel_logout_uri = Some("https://app.example/fc?a=b".to_owned());
    assert_eq!(
        frame(&client, ISSUER, &sid(1)).as_deref(),
        Some("https://app.example/fc?a=b")
    );
    client.metadata.frontchannel_logout_session_required = true;
    assert_eq!(
        frame(&client, ISSUER, &sid(1)),
        Some(format!(
            "https://app.example/fc?a=b&iss=https%3A%2F%2Fid.example&sid={}",
            sid(1)
        ))
    );
}
