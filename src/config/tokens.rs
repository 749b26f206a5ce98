//! `[tokens]`: how long what Tessera issues is good for.

use std::time::Duration;

use super::DAY;
use super::keys::SigningAlg;
use super::section::section;

section! {
    /// Lifetimes of codes and tokens.
    TokensConfig {
        /// Signs the access tokens of clients that say nothing. Default RS256: resource servers
        /// must support it (RFC 9068 §2.1), and OIDC Core §2 makes it the default of ID tokens.
        default_signing_alg: SigningAlg = SigningAlg::Rs256;
        /// Access tokens. Default 10 min: a JWT is verified without us, so this is how long a
        /// revoked one still works; and a refresh every ten minutes costs little.
        access_token_lifetime: Duration = Duration::from_mins(10);
        /// ID tokens. Default 10 min: they are read once, right after login, and the time allows
        /// for clocks that disagree by minutes.
        id_token_lifetime: Duration = Duration::from_mins(10);
        /// Authorization codes. Default and most 60 s: RFC 6749 §4.1.2 recommends at most ten
        /// minutes, certifiers and FAPI 2.0 at most 60 s; the client redeems at once.
        code_lifetime: Duration = Duration::from_mins(1);
        /// How long a refresh token may lie unused. Default 14 d: long enough for a holiday; then
        /// the client is taken for gone (RFC 9700 §4.14.2).
        refresh_idle_lifetime: Duration = 14 * DAY;
        /// How long a family of refresh tokens may live in all. Default 90 d: after a quarter,
        /// somebody should be asked again.
        refresh_lifetime: Duration = 90 * DAY;
        /// How long the refresh token before the current one is taken for a lost response instead
        /// of a theft, as long as its successor is unused. Default 30 s, at most 5 min: it covers a
        /// client's own retries and two tabs at once, and a thief has little use of it.
        refresh_retry_window: Duration = Duration::from_secs(30);
    }
}
