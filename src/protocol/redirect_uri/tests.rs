use proptest::prelude::*;

use super::*;

fn proven(registered: &str, kind: ApplicationType, presented: &str) -> bool {
    RedirectUri::matching(&[registered.to_owned()], kind, presented).is_some()
}

#[test]
fn rfc9700_2_1_only_the_very_same_bytes_match() {
    let registered = "https://app.example/cb?tenant=1";
    assert!(proven(registered, ApplicationType::Web, registered));
    let tricks = [
        "https://app.example/cb",
        "https://app.example/cb?tenant=1&x=2",
        "https://app.example/cb?tenant=1&",
        "https://app.example/cb?tenant=2",
        "https://app.example/cb?tenant=%31",
        "https://app.example/cb?tenant=1#",
        "https://app.example/cb?tenant=1#x",
        "https://app.example/cb/?tenant=1",
        "https://app.example/cb/../cb?tenant=1",
        "https://app.example/./cb?tenant=1",
        "https://app.example//cb?tenant=1",
        "https://app.example/%63b?tenant=1",
        "https://app.example/CB?tenant=1",
        "https://app.example:443/cb?tenant=1",
        "https://app.example./cb?tenant=1",
        "https://APP.example/cb?tenant=1",
        "HTTPS://app.example/cb?tenant=1",
        "http://app.example/cb?tenant=1",
        "https:/app.example/cb?tenant=1",
        "//app.example/cb?tenant=1",
        "https://app.example@evil.example/cb?tenant=1",
        "https://evil.example/cb?tenant=1",
        "https://app.example.evil.example/cb?tenant=1",
        "https://evil.example#https://app.example/cb?tenant=1",
        "https://evil.example\\@app.example/cb?tenant=1",
        "https://sub.app.example/cb?tenant=1",
        "https://user@app.example/cb?tenant=1",
        " https://app.example/cb?tenant=1",
        "https://app.example/cb?tenant=1 ",
        "https://app.example/cb?tenant=1\r\nSet-Cookie: a=b",
        "https://app.example/cb?tenant=1\0",
        "https://app.ex\u{430}mple/cb?tenant=1",
        "javascript:alert(1)",
        "",
    ];
    for presented in tricks {
        for kind in [ApplicationType::Web, ApplicationType::Native] {
            assert!(!proven(registered, kind, presented), "{presented:?}");
        }
    }
}

#[test]
fn rfc8252_7_3_the_loopback_port_of_a_native_app_is_free_and_nothing_else() {
    let cases = [
        ("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb", true),
        ("http://127.0.0.1:1/cb", "http://127.0.0.1:51004/cb", true),
        ("http://127.0.0.1:1/cb", "http://127.0.0.1/cb", true),
        ("http://[::1]/cb", "http://[::1]:9/cb", true),
        ("http://127.0.0.1/cb?a=b", "http://127.0.0.1:9/cb?a=b", true),
        ("http://127.0.0.1", "http://127.0.0.1:9", true),
        ("http://127.0.0.1/cb", "http://127.0.0.1:9/cb/", false),
        ("http://127.0.0.1/cb", "http://127.0.0.1:9/cb?a=b", false),
        ("http://127.0.0.1/cb", "http://127.0.0.1:/cb", false),
        ("http://127.0.0.1/cb", "http://127.0.0.1:+9/cb", false),
        ("http://127.0.0.1/cb", "http://127.0.0.1:0/cb", false),
        ("http://127.0.0.1/cb", "http://127.0.0.1:65536/cb", false),
        (
            "http://127.0.0.1/cb",
            "http://127.0.0.1:9@evil.ex/cb",
            false,
        ),
        ("http://127.0.0.1/cb", "http://127.0.0.1@evil.ex/cb", false),
        ("http://127.0.0.1/cb", "http://127.0.0.1.evil.ex/cb", false),
        ("http://127.0.0.1/cb", "https://127.0.0.1:9/cb", false),
        ("http://127.0.0.1/cb", "http://127.0.0.2:9/cb", false),
        ("http://127.0.0.1/cb", "http://[::1]:9/cb", false),
        ("http://127.0.0.1/cb", "http://localhost:9/cb", false),
        ("http://127.0.0.1/cb", "http://127.1:9/cb", false),
        ("http://localhost/cb", "http://localhost:9/cb", false),
        ("https://127.0.0.1/cb", "https://127.0.0.1:9/cb", false),
        ("com.example:/cb", "com.example:9/cb", false),
    ];
    for (registered, presented, expected) in cases {
        let native = proven(registered, ApplicationType::Native, presented);
        assert_eq!(native, expected, "{registered} {presented}");
        assert!(
            !proven(registered, ApplicationType::Web, presented),
            "a web client has no free port: {registered} {presented}"
        );
    }
}

#[test]
fn rfc7591_3_2_2_good_redirect_uris_are_accepted() {
    use ApplicationType::{Native, Web};
    for (uri, kind) in [
        ("https://app.example", Web),
        ("https://app.example/cb", Web),
        ("https://app.example:8443/cb?dummy1=lorem&dummy2=ipsum", Web),
        ("https://app.example/a%20b/~x", Web),
        ("https://192.0.2.1/cb", Web),
        ("https://[2001:db8::1]/cb", Web),
        ("http://localhost:3000/cb", Web),
        ("http://127.0.0.1:3000/cb", Web),
        ("http://[::1]/cb", Native),
        ("https://app.example/cb", Native),
        ("com.example.app:/oauth2redirect", Native),
        ("com.example.app://callback", Native),
        ("com.example.App:/cb", Native),
    ] {
        assert_eq!(validate_for_registration(uri, kind), Ok(()), "{uri}");
    }
}

#[test]
fn rfc7591_3_2_2_bad_redirect_uris_are_refused() {
    for uri in [
        "",
        "/cb",
        "//app.example/cb",
        "app.example/cb",
        "https:",
        "https:app.example/cb",
        "https:/app.example/cb",
        "https:///app.example/cb",
        "https://",
        "https://app.example/cb#",
        "https://app.example/cb#frag",
        "https://user@app.example/cb",
        "https://@app.example/cb",
        "https://app.example:80:80/cb",
        "https://app.example:/cb",
        "https://app.example:0443/cb",
        "https://app.example:99999/cb",
        "https://*.app.example/cb",
        "https://app.example/*",
        "https://app.example/a b",
        "https://app.example/a\tb",
        "https://app.example/\u{7f}",
        "https://app.example\\@evil.example/",
        "https://app.ex\u{430}mple/",
        "https://APP.example/cb",
        "https://%61pp.example/cb",
        "https://app.example/%zz",
        "https://app.example/%2",
        "https://app.example/a/../b",
        "https://app.example/%2E%2e/b",
        "https://app.example/cb?code=1",
        "https://app.example/cb?st%61te=1",
        "http://app.example/cb",
        "http://127.0.0.1.evil.example/cb",
        "http://localhost.evil.example/cb",
        "http://127.1/cb",
        "http://0x7f000001/cb",
        "http://2130706433/cb",
        "http://0.0.0.0/cb",
        "javascript:alert(1)",
        "JavaScript://app.example/%0aalert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "vbscript:x",
        "myapp:/cb",
        ".myapp:/cb",
        "my..app:/cb",
        "com.example.app:cb",
        "com.example.app:",
        "com.example.app://user@host/cb",
        "com.example.app:/../cb",
        "com.example.app:/<script>",
        "urn:ietf:wg:oauth:2.0:oob",
    ] {
        for kind in [ApplicationType::Web, ApplicationType::Native] {
            let code = validate_for_registration(uri, kind).map_err(|e| e.code);
            assert_eq!(code, Err(ErrorCode::InvalidRedirectUri), "{uri:?}");
        }
    }
    let private = "com.example.app:/cb";
    assert!(validate_for_registration(private, ApplicationType::Web).is_err());
    let long = format!("https://app.example/{}", "a".repeat(2048));
    assert!(validate_for_registration(&long, ApplicationType::Web).is_err());
}

#[test]
fn rfc6749_3_1_2_an_existing_query_is_retained() {
    let with = |uri: &str| {
        RedirectUri::matching(&[uri.to_owned()], ApplicationType::Web, uri)
            .unwrap()
            .with_query(&[("code", "a+b"), ("state", "x &=\u{e4}")])
    };
    let added = "code=a%2Bb&state=x+%26%3D%C3%A4";
    assert_eq!(with("https://a"), format!("https://a?{added}"));
    assert_eq!(with("https://a/?"), format!("https://a/?{added}"));
    assert_eq!(with("https://a/?b=c"), format!("https://a/?b=c&{added}"));
    assert_eq!(with("https://a/?b=c&"), format!("https://a/?b=c&{added}"));
}

#[test]
fn rfc8252_8_6_only_https_assures_who_receives_the_code() {
    for (uri, assured) in [
        ("https://a.example/", true),
        ("http://127.0.0.1/", false),
        ("com.example:/cb", false),
    ] {
        let uri = RedirectUri::matching(&[uri.to_owned()], ApplicationType::Native, uri).unwrap();
        assert_eq!(uri.assures_identity(), assured);
    }
}

proptest! {
    #[test]
    fn what_matches_without_being_equal_is_a_loopback_uri_of_a_native_app(
        registered in "(http|https|com\\.ex)://(127\\.0\\.0\\.1|\\[::1\\]|localhost|a\\.b)(:[0-9]{1,5})?(/[a-z@:?]{0,3})?",
        presented in "(http|https|com\\.ex)://(127\\.0\\.0\\.1|\\[::1\\]|localhost|a\\.b)(:[0-9]{1,5})?(/[a-z@:?]{0,3})?",
        native in any::<bool>(),
    ) {
        let kind = if native { ApplicationType::Native } else { ApplicationType::Web };
        if proven(&registered, kind, &presented) && registered != presented {
            prop_assert!(native);
            let (known, asked) = (Url::parse(&registered).unwrap(), Url::parse(&presented).unwrap());
            prop_assert_eq!(known.scheme(), "http");
            prop_assert_eq!(asked.scheme(), "http");
            prop_assert_eq!(known.host(), asked.host());
            prop_assert!(is_loopback(&asked) && asked.domain().is_none());
            prop_assert_eq!(known.path(), asked.path());
            prop_assert_eq!(known.query(), asked.query());
        }
    }

    #[test]
    fn a_registrable_uri_matches_itself_and_its_response_reads_back(
        uri in "(https://[a-z]{1,8}(/[ -~]{0,12})?|[ -~]{0,30}|\\PC{0,20})",
        value in "\\PC{1,20}",
    ) {
        if validate_for_registration(&uri, ApplicationType::Native).is_ok() {
            let proven = RedirectUri::matching(std::slice::from_ref(&uri), ApplicationType::Web, &uri);
            let location = proven.unwrap().with_query(&[("state", &value)]);
            prop_assert!(location.is_ascii() && location.starts_with(&uri));
            let url = Url::parse(&location).unwrap();
            let states: Vec<_> = url.query_pairs().filter(|(n, _)| n == "state").collect();
            prop_assert_eq!(states.len(), 1);
            prop_assert_eq!(&states[0].1, &value);
        }
    }
}
