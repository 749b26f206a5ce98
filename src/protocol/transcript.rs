//! What went over the wire in a trial, as it may be shown: nothing in it works.

use serde_json::Value;

/// What stands in the place of what was left out.
pub const LEFT_OUT: &str = "…";

/// What stands in the place of a client's secret.
pub const SECRET: &str = "THE_SECRET";

/// What stands in the place of a client's assertion.
pub const ASSERTION: &str = "THE_ASSERTION";

/// How much of an opaque token or a code is shown: enough to tell two apart, and 190 bits too few to use it.
const SHOWN: usize = 8;

/// Everything that was seen in one trial.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    /// Requests and their answers, in their order.
    pub exchanges: Vec<Exchange>,
    /// What an application must check, and whether it held.
    pub checks: Vec<(Check, bool)>,
    /// The tokens, taken apart.
    pub tokens: Vec<Token>,
    /// The code of the error that it ended with (RFC 6749 §4.1.2.1, §5.2).
    pub error: Option<String>,
}

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The browser is sent to us.
    Authorization,
    /// The browser comes back.
    Return,
    /// The application fetches tokens.
    Token,
    /// The application asks who it is.
    Userinfo,
}

/// One request, and its answer if it is not the next request.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// What it is for.
    pub purpose: Purpose,
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Where to, without its query.
    pub url: String,
    /// Headers that matter.
    pub headers: Vec<(&'static str, String)>,
    /// The query or the form.
    pub parameters: Vec<(String, String)>,
    /// What came back.
    pub answer: Option<(u16, Body)>,
}

/// The body of an answer.
#[derive(Clone, Debug)]
pub enum Body {
    /// JSON.
    Json(Value),
    /// A JWT: what it says is among the tokens.
    Jwt(String),
}

/// A check that an application makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// RFC 6749 §10.12: the `state` is the one that was sent.
    State,
    /// RFC 9207 §2.4: the `iss` is ours.
    Issuer,
    /// OpenID Connect Core §3.1.3.7, 6: the signature is of a key that we publish.
    Signature,
    /// §3.1.3.7, 3: it is for this client.
    Audience,
    /// §3.1.3.7, 11: the `nonce` is the one that was sent.
    Nonce,
    /// §5.3.2: userinfo is about the same `sub`.
    Subject,
}

/// Which token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Who signed in, for the application.
    Id,
    /// What the application may do at an API.
    Access,
    /// An answer of userinfo that is a JWT.
    Userinfo,
}

/// A token, taken apart.
#[derive(Clone, Debug)]
pub struct Token {
    /// Which.
    pub which: Which,
    /// What its signature is worth.
    pub seal: Seal,
    /// Its header.
    pub header: Option<Value>,
    /// What it says.
    pub claims: Option<Value>,
}

/// How a token is protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seal {
    /// Its signature was verified with a key that we publish.
    Verified {
        /// The key.
        kid: String,
        /// The algorithm.
        alg: String,
    },
    /// Nobody signed it: the client is registered to get it so.
    Unsigned,
    /// Only the client can read it.
    Encrypted,
    /// It is a reference: what it stands for is asked at introspection.
    Opaque,
    /// It should have been verified, and was not.
    Broken,
}

/// A token as it may be shown: the first characters of each part, and of a signature nothing. Nobody accepts that;
/// what a JWT says is shown beside it.
#[must_use]
pub fn unusable(token: &str) -> String {
    let begins = |part: &str| {
        let half = part.chars().count() / 2;
        let shown: String = part.chars().take(SHOWN.min(half)).collect();
        format!("{shown}{LEFT_OUT}")
    };
    let parts: Vec<&str> = token.split('.').collect();
    match parts[..] {
        [header, claims, _] => format!("{}.{}.{LEFT_OUT}", begins(header), begins(claims)),
        [header, _, _, _, _] => format!("{}.{LEFT_OUT}", begins(header)),
        _ => begins(token),
    }
}

#[cfg(test)]
mod tests {
    use super::unusable;

    #[test]
    fn what_is_shown_of_a_token_is_no_token() {
        for (token, shown) in [
            (
                "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
                "eyJhbGci….eyJzdWI….…",
            ),
            ("aaaa.bbbb.", "aa….bb….…"),
            ("eyJlbmMiOiJBMTI4R0NNIn0.b.c.d.e", "eyJlbmMi….…"),
            ("tsa_0123456789abcdef", "tsa_0123…"),
            ("abcd", "ab…"),
            ("", "…"),
        ] {
            assert_eq!(unusable(token), shown);
        }
    }
}
