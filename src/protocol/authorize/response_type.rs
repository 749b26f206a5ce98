//! What an authorization response carries (RFC 6749 §3.1.1, OAuth 2.0 Multiple Response Types).

use super::request::ResponseMode;

/// A response type. `code` always exists; the others that carry tokens through the browser exist
/// for deployments and clients that switched them on (RFC 9700 §2.1.2 advises against them).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResponseType {
    /// `code`
    #[default]
    Code,
    /// `id_token`
    IdToken,
    /// `id_token token`
    IdTokenToken,
    /// `code id_token`
    CodeIdToken,
    /// `code token`
    CodeToken,
    /// `code id_token token`
    CodeIdTokenToken,
    /// `none`: the grant is made, and nothing is sent but `state` and `iss`.
    None,
}

impl ResponseType {
    /// Every response type.
    pub const ALL: [Self; 7] = [
        Self::Code,
        Self::IdToken,
        Self::IdTokenToken,
        Self::CodeIdToken,
        Self::CodeToken,
        Self::CodeIdTokenToken,
        Self::None,
    ];

    /// The registered name; its words may come in any order.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::IdToken => "id_token",
            Self::IdTokenToken => "id_token token",
            Self::CodeIdToken => "code id_token",
            Self::CodeToken => "code token",
            Self::CodeIdTokenToken => "code id_token token",
            Self::None => "none",
        }
    }

    /// Reads `response_type`. RFC 6749 §3.1.1: "the order of values does not matter".
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let sorted = |text: &'_ str| {
            let mut words: Vec<_> = text.split(' ').map(str::to_owned).collect();
            words.sort_unstable();
            words
        };
        let asked = sorted(text);
        Self::ALL
            .into_iter()
            .find(|known| sorted(known.as_str()) == asked)
    }

    /// Whether a code is sent.
    #[must_use]
    pub const fn has_code(self) -> bool {
        matches!(
            self,
            Self::Code | Self::CodeIdToken | Self::CodeToken | Self::CodeIdTokenToken
        )
    }

    /// Whether an ID token is sent through the browser.
    #[must_use]
    pub const fn has_id_token(self) -> bool {
        matches!(
            self,
            Self::IdToken | Self::IdTokenToken | Self::CodeIdToken | Self::CodeIdTokenToken
        )
    }

    /// Whether an access token is sent through the browser.
    #[must_use]
    pub const fn has_token(self) -> bool {
        matches!(
            self,
            Self::IdTokenToken | Self::CodeToken | Self::CodeIdTokenToken
        )
    }

    /// Whether tokens travel through the browser: what must be switched on.
    #[must_use]
    pub const fn is_front_channel(self) -> bool {
        self.has_id_token() || self.has_token()
    }

    /// Multiple Response Types §3, §5: "the default Response Mode is the fragment encoding" wherever
    /// a token is sent, the query elsewhere.
    #[must_use]
    pub const fn default_mode(self) -> ResponseMode {
        if self.is_front_channel() {
            ResponseMode::Fragment
        } else {
            ResponseMode::Query
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc6749_3_1_1_the_order_of_the_words_does_not_matter_and_nothing_else_is_known() {
        assert_eq!(
            ResponseType::parse("token code id_token"),
            Some(ResponseType::CodeIdTokenToken)
        );
        for known in ResponseType::ALL {
            assert_eq!(ResponseType::parse(known.as_str()), Some(known));
        }
        for unknown in ["", "token", "code code", "code  token", "code none", "Code"] {
            assert_eq!(ResponseType::parse(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn multiple_response_types_5_what_carries_a_token_goes_in_the_fragment() {
        let in_query: Vec<_> = ResponseType::ALL
            .into_iter()
            .filter(|known| known.default_mode() == ResponseMode::Query)
            .map(ResponseType::as_str)
            .collect();
        assert_eq!(in_query, ["code", "none"]);
    }
}
