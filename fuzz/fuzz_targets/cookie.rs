//! Cookies: a value is taken only from a name that was sent exactly once, and is never long.
#![no_main]

use axum::http::{HeaderMap, HeaderValue, header};
use libfuzzer_sys::fuzz_target;
use tessera::web::extract::cookies::cookie_value;

// Each line is one `Cookie` header.
fuzz_target!(|bytes: &[u8]| {
    let mut map = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n').take(8) {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            map.append(header::COOKIE, value);
        }
    }
    if let Some(value) = cookie_value(&map, "tessera") {
        assert!(value.len() <= 128);
        assert!(bytes.windows(7).any(|window| window == b"tessera"));
        map.append(header::COOKIE, HeaderValue::from_static("tessera=planted"));
        assert_eq!(cookie_value(&map, "tessera"), None);
    }
});
