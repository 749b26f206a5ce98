//! `application/x-www-form-urlencoded` parameters, read strictly.

use std::fmt;

use super::error::OAuthError;

/// The parameters of one request. A name occurs at most once, except `resource` (RFC 8707 §2),
/// and a parameter without a value counts as absent.
///
/// RFC 6749 §3.1, §3.2: "Parameters sent without a value MUST be treated as if they were omitted
/// from the request. [...] Request and response parameters MUST NOT be included more than once."
#[derive(Clone, Default)]
pub struct Params(Vec<(String, String)>);

/// More parameters than any real request has; keeps the duplicate check linear enough.
const MAX_PARAMETERS: usize = 128;

/// The parameter that may be repeated (RFC 8707 §2).
const REPEATABLE: &str = "resource";

impl Params {
    /// Reads a query string or a form body.
    ///
    /// # Errors
    /// `invalid_request` for a repeated parameter, for bytes that are not UTF-8, for a NUL and for
    /// more than 128 parameters.
    pub fn parse(bytes: &[u8]) -> Result<Self, OAuthError> {
        let (params, repeated) = Self::parse_lenient(bytes)?;
        match repeated.first() {
            Some(name) => Err(Self::repeated(name)),
            None => Ok(params),
        }
    }

    /// Reads like [`Params::parse`], but hands the names of the repeated parameters back instead of
    /// refusing: the authorization endpoint may tell the client only once its redirect URI is
    /// proven. The first value of each stays; whoever uses it must look at the names.
    ///
    /// # Errors
    /// `invalid_request` for bytes that are not UTF-8, for a NUL and for more than 128 parameters.
    pub fn parse_lenient(bytes: &[u8]) -> Result<(Self, Vec<String>), OAuthError> {
        let mut params: Vec<(String, String)> = Vec::new();
        let mut repeated: Vec<String> = Vec::new();
        for piece in bytes.split(|b| *b == b'&').filter(|p| !p.is_empty()) {
            let cut = piece.iter().position(|b| *b == b'=');
            let (name, value) = match cut {
                Some(at) => (&piece[..at], &piece[at + 1..]),
                None => (piece, &[][..]),
            };
            let (name, value) = (decode(name)?, decode(value)?);
            if value.is_empty() {
                continue;
            }
            if name != REPEATABLE && params.iter().any(|(known, _)| *known == name) {
                if !repeated.contains(&name) {
                    repeated.push(name);
                }
                continue;
            }
            if params.len() == MAX_PARAMETERS {
                return Err(OAuthError::invalid_request("too many parameters"));
            }
            params.push((name, value));
        }
        Ok((Self(params), repeated))
    }

    /// From parameters that were read elsewhere, under the same limits.
    ///
    /// # Errors
    /// `invalid_request` for more than 64, or a NUL.
    pub(super) fn from_pairs(pairs: Vec<(String, String)>) -> Result<Self, OAuthError> {
        if pairs.len() > MAX_PARAMETERS {
            return Err(OAuthError::invalid_request("too many parameters"));
        }
        if pairs
            .iter()
            .any(|(name, value)| name.contains('\0') || value.contains('\0'))
        {
            return Err(OAuthError::invalid_request("a parameter contains NUL"));
        }
        let filled = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        Ok(Self(filled.collect()))
    }

    /// What a repeated parameter is answered with.
    pub(super) fn repeated(name: &str) -> OAuthError {
        OAuthError::invalid_request(format!("parameter {name} is repeated"))
    }

    /// The value of a parameter, if it was sent with one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The value of a parameter that the request cannot do without.
    ///
    /// # Errors
    /// `invalid_request` that names the parameter.
    pub fn require(&self, name: &'static str) -> Result<&str, OAuthError> {
        self.get(name)
            .ok_or_else(|| OAuthError::invalid_request(format!("parameter {name} is missing")))
    }

    /// Every value of `resource` (RFC 8707 §2).
    pub fn resources(&self) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(|(name, _)| name == REPEATABLE)
            .map(|(_, value)| value.as_str())
    }

    /// All parameters in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The parameters as a form again: what a ticket carries through the sign-in pages.
    #[must_use]
    pub fn encode(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(self.iter())
            .finish()
    }
}

impl fmt::Debug for Params {
    /// Names only: values hold codes, tokens and passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

/// Undoes `+` and percent-encoding. Strict about UTF-8: a replacement character could make two
/// different inputs equal.
///
/// # Errors
/// `invalid_request` for invalid UTF-8 or NUL.
pub fn decode(bytes: &[u8]) -> Result<String, OAuthError> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match (byte, tail) {
            (b'+', _) => out.push(b' '),
            (b'%', [high, low, after @ ..]) => {
                let digit = |b: u8| {
                    char::from(b)
                        .to_digit(16)
                        .and_then(|d| u8::try_from(d).ok())
                };
                match (digit(*high), digit(*low)) {
                    (Some(high), Some(low)) => {
                        out.push(high << 4 | low);
                        rest = after;
                    }
                    _ => out.push(b'%'),
                }
            }
            _ => out.push(byte),
        }
    }
    match String::from_utf8(out) {
        Ok(text) if !text.contains('\0') => Ok(text),
        _ => Err(OAuthError::invalid_request(
            "the parameters are not valid UTF-8 text",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::error::ErrorCode;

    #[test]
    fn rfc6749_3_1_a_repeated_parameter_is_refused() {
        let error = Params::parse(b"scope=a&client_id=c&scope=b").unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidRequest);
        assert_eq!(error.description(), "parameter scope is repeated");
    }

    #[test]
    fn rfc6749_3_1_a_parameter_without_a_value_is_absent() {
        let params = Params::parse(b"scope=&state=x&nonce").unwrap();
        assert_eq!(params.get("scope"), None);
        assert_eq!(params.get("nonce"), None);
        assert_eq!(params.get("state"), Some("x"));
    }

    #[test]
    fn rfc8707_2_resource_may_be_repeated() {
        let params = Params::parse(b"resource=https%3A%2F%2Fa&resource=https%3A%2F%2Fb").unwrap();
        assert_eq!(
            params.resources().collect::<Vec<_>>(),
            ["https://a", "https://b"]
        );
    }

    #[test]
    fn bad_utf8_and_nul_are_refused() {
        assert!(Params::parse(b"a=%ff").is_err());
        assert!(Params::parse(b"a=\xff").is_err());
        assert!(Params::parse(b"a=%00").is_err());
        assert!(Params::parse(b"%c3%28=x").is_err());
    }

    #[test]
    fn plus_and_percent_are_undone_once() {
        let params = Params::parse(b"a=x+y%2Bz%2525&b=100%&c=%zz").unwrap();
        assert_eq!(params.get("a"), Some("x y+z%25"));
        assert_eq!(params.get("b"), Some("100%"));
        assert_eq!(params.get("c"), Some("%zz"));
    }

    #[test]
    fn a_lenient_reading_names_each_repeated_parameter_once_and_keeps_the_first_value() {
        let (params, repeated) = Params::parse_lenient(b"a=1&b=2&a=3&a=4&b=&resource=x&resource=y")
            .expect("the text is well-formed");
        assert_eq!(params.get("a"), Some("1"));
        assert_eq!(params.get("b"), Some("2"));
        assert_eq!(repeated, ["a"]);
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_read_comes_back_from_encoding_and_no_name_is_twice(
            bytes in proptest::collection::vec(
                proptest::prop_oneof![
                    proptest::prelude::Just(b'&'), proptest::prelude::Just(b'='),
                    proptest::prelude::Just(b'%'), proptest::prelude::Just(b'+'),
                    proptest::prelude::Just(b'2'), proptest::prelude::Just(b'5'),
                    proptest::prelude::any::<u8>(),
                ],
                0..80,
            )
        ) {
            if let Ok(params) = Params::parse(&bytes) {
                let again = Params::parse(params.encode().as_bytes()).unwrap();
                proptest::prop_assert_eq!(&params.0, &again.0);
                for (i, (name, value)) in params.0.iter().enumerate() {
                    proptest::prop_assert!(!value.is_empty());
                    let twice = params.0[..i].iter().any(|(n, _)| n == name);
                    proptest::prop_assert!(!twice || name == REPEATABLE);
                }
            }
        }
    }

    #[test]
    fn debug_shows_no_values() {
        let params = Params::parse(b"client_secret=hunter2").unwrap();
        assert_eq!(format!("{params:?}"), "{\"client_secret\"}");
    }

    #[test]
    fn encoding_brings_back_the_same_parameters() {
        let params = Params::parse("state=a%26b%3Dc&x=\u{e4}+%2B".as_bytes()).unwrap();
        let again = Params::parse(params.encode().as_bytes()).unwrap();
        assert_eq!(params.0, again.0);
    }
}
