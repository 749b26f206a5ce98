//! Redirect URIs: what matches is registered byte for byte, or differs in the port of a loopback
//! literal of a native app (RFC 9700 §2.1, RFC 8252 §7.3). What may be registered is a URI to which
//! parameters can be added.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tessera::protocol::client::ApplicationType;
use tessera::protocol::redirect_uri::{RedirectUri, validate_for_registration};
use url::Url;

// One line each: what is registered, and what is presented.
fuzz_target!(|text: &str| {
    let (registered, presented) = text.split_once('\n').unwrap_or((text, text));
    for native in [true, false] {
        check(registered, presented, native);
    }
});

fn check(registered: &str, presented: &str, native: bool) {
    let kind = if native {
        ApplicationType::Native
    } else {
        ApplicationType::Web
    };
    if let Some(proven) = RedirectUri::matching(&[registered.to_owned()], kind, presented) {
        assert_eq!(proven.as_str(), presented);
        assert!(presented.bytes().all(|b| b.is_ascii_graphic() && b != b'#'));
        if registered != presented {
            assert!(native);
            let asked = Url::parse(presented).expect("a loopback URI is a URI");
            let known = Url::parse(registered).expect("a loopback URI is a URI");
            assert!(matches!(asked.host_str(), Some("127.0.0.1" | "[::1]")));
            assert_eq!((asked.scheme(), asked.host()), ("http", known.host()));
            assert_eq!((asked.path(), asked.query()), (known.path(), known.query()));
            assert!(asked.username().is_empty() && asked.password().is_none());
        }
    }
    if validate_for_registration(registered, kind).is_ok() {
        let proven = RedirectUri::matching(&[registered.to_owned()], kind, registered)
            .expect("what may be registered matches itself");
        let location = proven.with_query(&[("code", presented), ("iss", "i")]);
        assert!(location.starts_with(registered) && location.bytes().all(|b| b.is_ascii_graphic()));
        let url = Url::parse(&location).expect("parameters keep a URI a URI");
        assert_eq!(
            url.host(),
            Url::parse(registered).expect("it is a URI").host()
        );
        let codes: Vec<_> = url
            .query_pairs()
            .filter(|(name, _)| name == "code")
            .collect();
        assert_eq!(codes.len(), 1);
        assert_eq!(codes[0].1, presented);
    }
}
