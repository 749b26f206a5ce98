//! Cookies, in and out.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use cookie::Cookie;

/// The value of a cookie that was sent exactly once. Two of one name: somebody planted one.
#[must_use]
pub fn cookie_value(headers: &HeaderMap, name: &str) -> Option<String> {
    cookie_within(headers, name, 128)
}

/// As [`cookie_value`], for a value of at most so many characters.
#[must_use]
pub(super) fn cookie_within(headers: &HeaderMap, name: &str, limit: usize) -> Option<String> {
    let mut found = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .filter(|cookie| cookie.name() == name);
    let first = found.next()?;
    (found.next().is_none() && first.value().len() <= limit).then(|| first.value().to_owned())
}

/// Sends a cookie along.
pub(super) fn append(response: &mut Response, cookie: &Cookie<'_>) {
    if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(cookies: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for text in cookies {
            headers.append(header::COOKIE, HeaderValue::from_str(text).unwrap());
        }
        cookie_value(&headers, "tessera")
    }

    #[test]
    fn a_cookie_that_came_twice_is_no_cookie() {
        assert_eq!(value(&["a=1; tessera=x"]), Some("x".to_owned()));
        assert_eq!(value(&["tessera=x; tessera=y"]), None);
        assert_eq!(value(&["tessera=x", "tessera=x"]), None);
        assert_eq!(value(&["other=x"]), None);
        assert_eq!(value(&[&format!("tessera={}", "x".repeat(129))]), None);
    }
}
