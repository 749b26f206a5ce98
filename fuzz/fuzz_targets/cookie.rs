//! Cookies: a value is taken only from a name that was sent exactly once, and is never long.
#![no_main]

use axum::http::{HeaderMap, HeaderValue, header};
use libfuzzer_sys::fuzz_target;
use tessera::web::extract::cookies::cookie_value;

fuzz_target!(|headers: Vec<Vec<u8>>| {
    let mut map = HeaderMap::new();
    for bytes in headers.iter().take(8) {
        if let Ok(value) = HeaderValue::from_bytes(bytes) {
            map.append(header::COOKIE, value);
        }
    }
    if let Some(value) = cookie_value(&map, "tessera") {
        assert!(value.len() <= 128);
        let sent = headers.iter().take(8).any(|bytes| {
            bytes.windows(8).any(|window| window == b"tessera=") || bytes.windows(7).any(|w| w == b"tessera")
        });
        assert!(sent);
        map.append(header::COOKIE, HeaderValue::from_static("tessera=planted"));
        assert_eq!(cookie_value(&map, "tessera"), None);
    }
});
