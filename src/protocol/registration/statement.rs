//! Software statements (RFC 7591 §2.3): what somebody whom the operator trusts says of a client.

use std::time::Duration;

use serde_json::Value;

use super::Members;
use crate::base::Timestamp;
use crate::protocol::error::{ErrorCode, OAuthError};

/// Clocks disagree.
const SKEW: Duration = Duration::from_mins(1);

/// RFC 7519 §4.1: what a JWT says of itself, and not of the client.
const OF_THE_JWT: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

/// The metadata in the proven claims of a statement. `audiences` are our names.
///
/// # Errors
/// `invalid_software_statement`.
pub fn metadata_of_statement(
    mut claims: Members,
    audiences: &[&str],
    now: Timestamp,
) -> Result<Members, OAuthError> {
    check_times(&claims, now)?;
    // RFC 7519 §4.1.3: "If the principal processing the claim does not identify itself with a value in
    // the "aud" claim when this claim is present, then the JWT MUST be rejected."
    let is_us = |value: &Value| value.as_str().is_some_and(|name| audiences.contains(&name));
    let for_us = match claims.get("aud") {
        None => true,
        Some(Value::Array(names)) => names.iter().any(is_us),
        Some(name) => is_us(name),
    };
    if !for_us {
        return invalid("is for another server");
    }
    for name in OF_THE_JWT {
        claims.remove(name);
    }
    // A statement inside the statement would be stored as if it had been checked.
    claims.remove("software_statement");
    claims.retain(|_, value| !value.is_null());
    Ok(claims)
}

fn check_times(claims: &Members, now: Timestamp) -> Result<(), OAuthError> {
    let time = |name: &str| match claims.get(name) {
        None => Ok(None),
        // RFC 7519 §2: a NumericDate may have a fraction.
        Some(value) => value
            .as_i64()
            .or_else(|| value.as_f64().map(whole))
            .map(|seconds| Some(Timestamp::from_seconds(seconds)))
            .ok_or(()),
    };
    let (Ok(exp), Ok(nbf), Ok(iat)) = (time("exp"), time("nbf"), time("iat")) else {
        return invalid("has a time that is not a number");
    };
    if exp.is_some_and(|exp| exp <= now) {
        return invalid("has expired");
    }
    if nbf.into_iter().chain(iat).any(|time| time > now + SKEW) {
        return invalid("is not valid yet");
    }
    Ok(())
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a fraction of a second is dropped, and `as` keeps within i64"
)]
fn whole(seconds: f64) -> i64 {
    seconds.floor() as i64
}

fn invalid<T>(why: &str) -> Result<T, OAuthError> {
    Err(OAuthError::new(
        ErrorCode::InvalidSoftwareStatement,
        format!("software_statement: {why}"),
    ))
}
