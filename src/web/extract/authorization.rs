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
