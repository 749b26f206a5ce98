//! The one `Authorization` header of a request.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::protocol::error::OAuthError;

/// The header, if there is one. Whoever takes the first of two disagrees with a proxy in front that
/// looked at the other (RFC 9110 §5.3: "a sender MUST NOT generate multiple field lines with the
/// same name" unless the field is a list, which this one is not).
///
/// # Errors
/// `invalid_request` if it is repeated.
pub fn authorization(headers: &HeaderMap) -> Result<Option<&HeaderValue>, OAuthError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (_, Some(_)) => Err(OAuthError::invalid_request(
            "the Authorization header is repeated",
        )),
        (value, None) => Ok(value),
    }
}

/// The token of RFC 6750 §2.1, if there is one; the scheme's name is case-insensitive (RFC 9110 §11.1).
///
/// # Errors
/// `invalid_request` if the header is repeated.
pub fn bearer(headers: &HeaderMap) -> Result<Option<String>, OAuthError> {
    let value = authorization(headers)?.and_then(|value| value.to_str().ok());
    Ok(value
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim().to_owned()))
}
