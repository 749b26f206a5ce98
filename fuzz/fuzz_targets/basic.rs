//! Basic credentials: any bytes are refused or give two non-empty parts, and what was form-encoded
//! comes back (RFC 6749 §2.3.1).
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use tessera::protocol::client_auth::basic::parse;

fuzz_target!(|input: (&[u8], &str, &str)| {
    let (bytes, id, secret) = input;
    if let Ok((client_id, presented)) = parse(bytes) {
        assert!(bytes[..6].eq_ignore_ascii_case(b"basic "));
        assert!(!client_id.as_str().is_empty() && !presented.expose().is_empty());
    }
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encode(id), encode(secret));
    let header = format!("Basic {}", STANDARD.encode(pair));
    let unusable = |text: &str| text.is_empty() || text.contains('\0');
    let read = parse(header.as_bytes());
    assert_eq!(
        read.is_ok(),
        !unusable(id) && !unusable(secret) && header.len() <= 4096
    );
    if let Ok((client_id, presented)) = read {
        assert_eq!(
            (client_id.as_str(), presented.expose().as_str()),
            (id, secret)
        );
    }
});
