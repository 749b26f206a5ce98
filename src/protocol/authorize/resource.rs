//! Resource indicators (RFC 8707): which services a token may be meant for.

use url::Url;

use crate::protocol::client::ClientMetadata;
use crate::protocol::error::{ErrorCode, OAuthError};

/// More services than one token should open; bounds the size of the token.
pub const MAX_RESOURCES: usize = 8;

/// Checks the `resource` parameters of an authorization or token request, and drops doubles.
///
/// A client may ask for what it registered and for the issuer itself.
///
/// # Errors
/// `invalid_target`.
pub fn permitted<'a>(
    asked: impl Iterator<Item = &'a str>,
    client: &ClientMetadata,
    issuer: &str,
) -> Result<Vec<String>, OAuthError> {
    let refuse = |reason| OAuthError::new(ErrorCode::InvalidTarget, reason);
    let mut resources: Vec<String> = Vec::new();
    for resource in asked {
        // RFC 8707 §2: "Its value MUST be an absolute URI [...] The URI MUST NOT include a fragment
        // component."
        if !is_resource_uri(resource) {
            return Err(refuse(
                "resource must be an absolute URI without a fragment",
            ));
        }
        // RFC 8707 §2: "invalid_target: The requested resource is invalid, missing, unknown, or
        // malformed." Compared byte by byte, as resource servers compare `aud`.
        if resource != issuer && !client.resources.iter().any(|known| known == resource) {
            return Err(refuse("this client may not ask for this resource"));
        }
        if !resources.iter().any(|known| known == resource) {
            resources.push(resource.to_owned());
        }
    }
    if resources.len() > MAX_RESOURCES {
        return Err(refuse("too many resources"));
    }
    Ok(resources)
}

/// Whether `text` has the form of a resource indicator (RFC 8707 §2).
#[must_use]
pub fn is_resource_uri(text: &str) -> bool {
    text.len() <= 1024
        && text
            .bytes()
            .all(|b| b.is_ascii_graphic() && !matches!(b, b'#' | b'\\' | b'"' | b'<' | b'>'))
        && Url::parse(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://id.example";

    fn ask(asked: &[&str]) -> Result<Vec<String>, OAuthError> {
        let client = ClientMetadata {
            resources: (0..9).map(|n| format!("https://api{n}.example/")).collect(),
            ..ClientMetadata::default()
        };
        permitted(asked.iter().copied(), &client, ISSUER)
    }

    #[test]
    fn rfc8707_2_registered_resources_and_the_issuer_are_permitted_once() {
        assert_eq!(ask(&[]), Ok(vec![]));
        let asked = ["https://api1.example/", ISSUER, "https://api1.example/"];
        assert_eq!(
            ask(&asked).unwrap(),
            ["https://api1.example/", "https://id.example"]
        );
    }

    #[test]
    fn rfc8707_2_anything_else_is_invalid_target() {
        let nine: Vec<_> = (0..9).map(|n| format!("https://api{n}.example/")).collect();
        let nine: Vec<_> = nine.iter().map(String::as_str).collect();
        for bad in [
            &["https://api1.example"][..],
            &["https://api1.example/x"],
            &["https://API1.example/"],
            &["https://api1.example/#"],
            &["https://evil.example/"],
            &["https://id.example/"],
            &["api1"],
            &["/api1"],
            &["https://api1.example/", "nonsense"],
            &nine,
        ] {
            let error = ask(bad).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidTarget, "{bad:?}");
        }
    }

    #[test]
    fn rfc8707_2_a_resource_is_an_absolute_uri_without_a_fragment() {
        for good in [
            "https://a.example/",
            "https://a.example",
            "urn:example:api",
            "api://one",
        ] {
            assert!(is_resource_uri(good), "{good}");
        }
        for bad in [
            "",
            "api",
            "/api",
            "https://",
            "https://a/#x",
            "https://a/ b",
            "h\u{e4}:x",
        ] {
            assert!(!is_resource_uri(bad), "{bad}");
        }
    }
}
