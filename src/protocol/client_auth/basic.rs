//! `client_secret_basic` (RFC 6749 §2.3.1, RFC 7617).

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::GeneralPurpose;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};
use zeroize::Zeroizing;

use crate::base::Secret;
use crate::protocol::client::ClientId;
use crate::protocol::error::OAuthError;
use crate::protocol::params::{Params, decode};

use super::{ClaimedClient, several_methods};

/// Longer than any identifier and secret together; bounds the work for a stranger.
const MAX_HEADER: usize = 4096;

/// Padded or not: some clients forget the `=`.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Takes the claim of an `Authorization` header, and makes sure that the form holds no other.
pub(super) fn claim(header: &[u8], params: &Params) -> Result<ClaimedClient, OAuthError> {
    let (client_id, secret) = parse(header)?;
    let second = ["client_secret", "client_assertion", "client_assertion_type"];
    if second.iter().any(|name| params.get(name).is_some()) {
        return Err(several_methods());
    }
    // Two names for the caller would let one check look at the one and the next at the other.
    if params
        .get("client_id")
        .is_some_and(|named| named != client_id.as_str())
    {
        return Err(OAuthError::invalid_request(
            "client_id differs from the one in the Authorization header",
        ));
    }
    Ok(ClaimedClient::Basic { client_id, secret })
}

/// Reads the value of an `Authorization` header.
///
/// # Errors
/// `invalid_client` for another scheme and for anything malformed. RFC 6749 §5.2 has it for an
/// "unsupported authentication method".
pub fn parse(header: &[u8]) -> Result<(ClientId, Secret<String>), OAuthError> {
    credentials(header).ok_or_else(OAuthError::invalid_client)
}

fn credentials(header: &[u8]) -> Option<(ClientId, Secret<String>)> {
    if header.len() > MAX_HEADER {
        return None;
    }
    // RFC 9110 §11.1: the scheme is "a case-insensitive token", followed by 1*SP.
    let at = header.iter().position(|b| *b == b' ')?;
    let (scheme, rest) = header.split_at(at);
    if !scheme.eq_ignore_ascii_case(b"Basic") {
        return None;
    }
    let pair = Zeroizing::new(BASE64.decode(rest.trim_ascii()).ok()?);
    // RFC 7617 §2: "a user-id containing a colon character is invalid, as the first colon in a
    // user-pass string separates user-id and password from one another".
    let colon = pair.iter().position(|b| *b == b':')?;
    // RFC 6749 §2.3.1: both are "encoded using the "application/x-www-form-urlencoded" encoding
    // algorithm", each on its own, so that an encoded colon stays inside.
    let client_id = decode(&pair[..colon]).ok()?;
    let secret = Secret::new(decode(&pair[colon + 1..]).ok()?);
    // No secret is no proof: a public client names itself in the form.
    if client_id.is_empty() || secret.expose().is_empty() {
        return None;
    }
    Some((ClientId::new(client_id), secret))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::protocol::error::ErrorCode;

    fn header(scheme: &str, pair: &str) -> String {
        format!("{scheme} {}", BASE64.encode(pair))
    }

    fn read(text: &str) -> Option<(String, String)> {
        parse(text.as_bytes())
            .ok()
            .map(|(id, secret)| (id.as_str().to_owned(), secret.expose().clone()))
    }

    #[test]
    fn rfc6749_2_3_1_the_published_example_is_read() {
        // The header of the example in §2.3.1.
        let (id, secret) = read("Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3").unwrap();
        assert_eq!(
            (id.as_str(), secret.as_str()),
            ("s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw")
        );
    }

    #[test]
    fn rfc6749_2_3_1_both_parts_are_form_decoded_after_the_first_colon() {
        for (pair, id, secret) in [
            ("a:b:c", "a", "b:c"),
            ("a%3Ab:c", "a:b", "c"),
            ("a%20b+c:%2B", "a b c", "+"),
            ("https%3A%2F%2Fa%2F:%C3%A4", "https://a/", "\u{e4}"),
            ("a:100%", "a", "100%"),
        ] {
            let expected = Some((id.to_owned(), secret.to_owned()));
            assert_eq!(read(&header("Basic", pair)), expected, "{pair}");
        }
    }

    #[test]
    fn rfc9110_11_1_the_scheme_is_case_insensitive_and_padding_may_be_missing() {
        assert!(read(&header("bAsIc", "a:b")).is_some());
        assert!(read("Basic   YTpi").is_some());
        assert_eq!(read("Basic YTpiYw=="), read("Basic YTpiYw"));
    }

    #[test]
    fn rfc6749_5_2_other_schemes_and_malformed_headers_are_invalid_client() {
        let long = header("Basic", &format!("a:{}", "b".repeat(4096)));
        for bad in [
            "",
            "Basic",
            "Basic ",
            "Basic\tYTpi",
            "BasicYTpi",
            "Bearer YTpi",
            "Digest YTpi",
            "Basic YTpi!",
            "Basic YT pi",
            "Basic -_-_",
            &long,
            &header("Basic", "no-colon"),
            &header("Basic", ":secret"),
            &header("Basic", "client:"),
            &header("Basic", "a%00:b"),
            &header("Basic", "a:%ff"),
        ] {
            let error = parse(bad.as_bytes()).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidClient, "{bad}");
        }
        assert!(parse(b"Basic \xff\xff").is_err());
    }

    proptest! {
        #[test]
        fn what_was_form_encoded_comes_back(id in "\\PC{1,20}", secret in "\\PC{1,40}") {
            let encode = |s: &str| form_urlencoded::byte_serialize(s.as_bytes()).collect::<String>();
            let text = header("Basic", &format!("{}:{}", encode(&id), encode(&secret)));
            prop_assert_eq!(read(&text), Some((id, secret)));
        }

        #[test]
        fn no_bytes_give_an_empty_identifier_or_secret(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let mut text = b"Basic ".to_vec();
            text.extend_from_slice(BASE64.encode(&bytes).as_bytes());
            if let Ok((id, secret)) = parse(&text) {
                prop_assert!(!id.as_str().is_empty() && !secret.expose().is_empty());
                prop_assert!(bytes.contains(&b':'));
            }
        }
    }
}
