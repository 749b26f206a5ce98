//! What values must be, alone and together: one row per rule, and a missing rule is a visible hole.

use std::path::PathBuf;
use std::time::Duration;

use super::error::Problem;
use super::section::Origin;
use super::sign_up::SignUpMode;
use super::{Config, DAY, RegistrableGrant, StatementIssuer, StatementKeys};
use crate::base::looks::{languages_problem, link_problem};

/// One rule. A problem names the first key; no rule runs while one of its keys is already wrong.
struct Check {
    keys: &'static [&'static str],
    right: &'static str,
    holds: fn(&Config) -> bool,
}

const fn check(
    keys: &'static [&'static str],
    right: &'static str,
    holds: fn(&Config) -> bool,
) -> Check {
    Check { keys, right, holds }
}

const SECOND: Duration = Duration::from_secs(1);

#[rustfmt::skip]
const CHECKS: &[Check] = &[
    // server
    check(&["server.tls.certificate", "server.tls.key"], "set together with server.tls.key, or neither",
        |c| c.server.tls.certificate.is_some() == c.server.tls.key.is_some()),
    check(&["server.tls.certificate"], "a file that can be read", |c| readable(c.server.tls.certificate.as_ref())),
    check(&["server.tls.key"], "a file that can be read", |c| readable(c.server.tls.key.as_ref())),
    check(&["server.tls.certificate", "server.issuer"], "unset while server.issuer is plain http",
        |c| c.server.tls.files().is_none() || c.server.issuer.is_https()),
    // Believing everybody's X-Forwarded-For lets one attacker have as many addresses as he likes.
    check(&["server.trusted_proxies"], "networks of your proxies, not the whole internet",
        |c| c.server.trusted_proxies.iter().all(|net| net.prefix_len() > 0)),
    check(&["server.max_body"], "from 8KiB to 16MiB", |c| (8 << 10..=16 << 20).contains(&c.server.max_body.bytes())),
    // Below 8 KiB, the http library has no room for a head at all.
    check(&["server.max_header"], "from 8KiB to 1MiB", |c| (8 << 10..=1 << 20).contains(&c.server.max_header.bytes())),
    check(&["server.request_timeout"], "from 1s to 10m",
        |c| (SECOND..=Duration::from_mins(10)).contains(&c.server.request_timeout)),
    check(&["server.shutdown_grace"], "at most 10m", |c| c.server.shutdown_grace <= Duration::from_mins(10)),
    check(&["server.metrics_listen", "server.listen"], "another address than server.listen",
        |c| c.server.metrics_listen.is_none_or(|at| at.port() == 0 || at != c.server.listen)),
    // database
    check(&["database.max_connections"], "from 1 to 1000", |c| (1..=1_000).contains(&c.database.max_connections)),
    check(&["database.acquire_timeout", "server.request_timeout"], "at least 100ms and no longer than server.request_timeout",
        |c| (SECOND / 10..=c.server.request_timeout).contains(&c.database.acquire_timeout)),
    // keys
    check(&["keys.master_key", "keys.master_key_file"], "unset while keys.master_key_file is set: there is one master key",
        |c| c.keys.master_key.is_none() || c.keys.master_key_file.is_none()),
    check(&["keys.master_key_file"], "a file that can be read (openssl rand -base64 32 makes one)",
        |c| readable(c.keys.master_key_file.as_ref())),
    check(&["keys.algorithms"], "each algorithm once",
        |c| (1..c.keys.algorithms.len()).all(|i| !c.keys.algorithms[..i].contains(&c.keys.algorithms[i]))),
    // OIDC Core §15.1: "OPs MUST support signing ID Tokens with the RSA SHA-256 algorithm".
    check(&["keys.algorithms"], "a list with RS256: every client may rely on it",
        |c| c.keys.algorithms.contains(&super::SigningAlg::Rs256)),
    check(&["keys.encryption_algorithms"], "each algorithm once",
        |c| (1..c.keys.encryption_algorithms.len()).all(|i| !c.keys.encryption_algorithms[..i].contains(&c.keys.encryption_algorithms[i]))),
    check(&["keys.jwks_max_age"], "from 1s to 24h", |c| (SECOND..=DAY).contains(&c.keys.jwks_max_age)),
    // A key must be in every cache before the first token that it signed arrives.
    check(&["keys.publish_ahead", "keys.jwks_max_age"], "longer than keys.jwks_max_age",
        |c| c.keys.publish_ahead > c.keys.jwks_max_age),
    check(&["keys.rotate_every", "keys.publish_ahead"], "longer than keys.publish_ahead",
        |c| c.keys.rotate_every > c.keys.publish_ahead),
    check(&["keys.retain_for", "tokens.access_token_lifetime", "tokens.id_token_lifetime"],
        "longer than tokens.access_token_lifetime and tokens.id_token_lifetime",
        |c| c.keys.retain_for > c.tokens.access_token_lifetime.max(c.tokens.id_token_lifetime)),
    // tokens
    check(&["tokens.default_signing_alg", "keys.algorithms"], "one of keys.algorithms",
        |c| c.keys.algorithms.contains(&c.tokens.default_signing_alg)),
    check(&["tokens.access_token_lifetime"], "from 1s to 24h", |c| (SECOND..=DAY).contains(&c.tokens.access_token_lifetime)),
    check(&["tokens.id_token_lifetime"], "from 1s to 24h", |c| (SECOND..=DAY).contains(&c.tokens.id_token_lifetime)),
    check(&["tokens.code_lifetime"], "from 1s to 60s", |c| (SECOND..=60 * SECOND).contains(&c.tokens.code_lifetime)),
    check(&["tokens.refresh_idle_lifetime", "tokens.access_token_lifetime"], "longer than tokens.access_token_lifetime",
        |c| c.tokens.refresh_idle_lifetime > c.tokens.access_token_lifetime),
    check(&["tokens.refresh_lifetime", "tokens.refresh_idle_lifetime"], "at least tokens.refresh_idle_lifetime",
        |c| c.tokens.refresh_lifetime >= c.tokens.refresh_idle_lifetime),
    check(&["tokens.refresh_lifetime"], "at most 3650d", |c| c.tokens.refresh_lifetime <= 3_650 * DAY),
    check(&["tokens.refresh_retry_window"], "at most 5m", |c| c.tokens.refresh_retry_window <= Duration::from_mins(5)),
    // passwords
    check(&["passwords.memory_kib", "passwords.iterations"],
        "at least one of OWASP's choices, as memory_kib/iterations: 47104/1, 19456/2, 12288/3, 9216/4, 7168/5",
        |c| c.passwords.meets_owasp_floor()),
    check(&["passwords.memory_kib"], "at most 1048576 (1 GiB): every login takes so much", |c| c.passwords.memory_kib <= 1 << 20),
    check(&["passwords.iterations"], "at most 100", |c| c.passwords.iterations <= 100),
    check(&["passwords.parallelism"], "from 1 to 16", |c| (1..=16).contains(&c.passwords.parallelism)),
    check(&["passwords.workers"], "at most 256, or 0 for one per core", |c| c.passwords.workers <= 256),
    check(&["passwords.queue"], "from 1 to 10000", |c| (1..=10_000).contains(&c.passwords.queue)),
    check(&["passwords.min_length"], "from 8 to 64", |c| (8..=64).contains(&c.passwords.min_length)),
    check(&["passwords.min_strength"], "from 0 to 4", |c| c.passwords.min_strength <= 4),
    check(&["passwords.leaked_filter"], "a file that can be read (tessera password-filter build makes one)",
        |c| readable(c.passwords.leaked_filter.as_ref())),
    // passkeys
    check(&["passkeys.attestation", "passkeys.attestation_roots", "passkeys.allowed_models"],
        "none, or passkeys.attestation_roots and passkeys.allowed_models are set: a certificate of anybody proves nothing",
        |c| c.passkeys.attestation_is_whole()),
    check(&["passkeys.attestation_roots"], "a file that can be read", |c| readable(c.passkeys.attestation_roots.as_ref())),
    check(&["passkeys.allowed_models", "passkeys.attestation"],
        "empty while passkeys.attestation is none: an authenticator that need not prove its model can claim any",
        |c| c.passkeys.allowed_models.is_empty() || c.passkeys.attestation == super::Attestation::Direct),
    // assurance
    check(&["assurance.recent"], "from 10s to 1h", |c| (10 * SECOND..=60 * 60 * SECOND).contains(&c.assurance.recent)),
    check(&["assurance.entering"], "from 1m to 1h", |c| (60 * SECOND..=60 * 60 * SECOND).contains(&c.assurance.entering)),
    // codes
    check(&["codes.email", "mail.url", "server.issuer"], "false while mail.url is unset",
        |c| !c.codes.email || c.mail.url.is_some() || c.server.issuer.is_loopback()),
    check(&["codes.magic_link", "mail.url", "server.issuer"], "false while mail.url is unset",
        |c| !c.codes.magic_link || c.mail.url.is_some() || c.server.issuer.is_loopback()),
    check(&["codes.sms", "sms.url"], "false while sms.url is unset", |c| !c.codes.sms || c.sms.url.is_some()),
    check(&["codes.hotp_look_ahead"], "from 1 to 100 (RFC 4226 §7.3)", |c| (1..=100).contains(&c.codes.hotp_look_ahead)),
    // recovery
    check(&["recovery.proof", "mail.url", "server.issuer"], "none or operator while mail.url is unset",
        |c| c.recovery.proof != super::RecoveryProof::Email || c.mail.url.is_some() || c.server.issuer.is_loopback()),
    // Shorter, and a mailbox is as good as a second factor.
    check(&["recovery.wait"], "from 1h to 90d", |c| (3_600 * SECOND..=90 * DAY).contains(&c.recovery.wait)),
    check(&["recovery.window"], "from 1h to 30d", |c| (3_600 * SECOND..=30 * DAY).contains(&c.recovery.window)),
    // sessions
    check(&["sessions.idle_lifetime"], "at least 1m", |c| c.sessions.idle_lifetime >= 60 * SECOND),
    check(&["sessions.absolute_lifetime", "sessions.idle_lifetime"], "at least sessions.idle_lifetime",
        |c| c.sessions.absolute_lifetime >= c.sessions.idle_lifetime),
    check(&["sessions.absolute_lifetime"], "at most 400d: no browser keeps a cookie longer (RFC 6265bis §5.5)",
        |c| c.sessions.absolute_lifetime <= 400 * DAY),
    check(&["sessions.touch_interval", "sessions.idle_lifetime"], "at most half of sessions.idle_lifetime",
        |c| c.sessions.touch_interval <= c.sessions.idle_lifetime / 2),
    // throttle
    check(&["throttle.attempts"], "from 1 to 100 (NIST SP 800-63B-4 §3.2.2)", |c| (1..=100).contains(&c.throttle.attempts)),
    check(&["throttle.window"], "from 1m to 24h", |c| (60 * SECOND..=DAY).contains(&c.throttle.window)),
    check(&["throttle.first_delay"], "at least 1s", |c| c.throttle.first_delay >= SECOND),
    check(&["throttle.max_delay", "throttle.first_delay"], "at least throttle.first_delay and at most 24h",
        |c| (c.throttle.first_delay..=DAY).contains(&c.throttle.max_delay)),
    check(&["throttle.max_failures", "throttle.attempts"], "from throttle.attempts to 100 (NIST SP 800-63B-4 §3.2.2)",
        |c| (c.throttle.attempts..=100).contains(&c.throttle.max_failures)),
    // captcha
    check(&["captcha.verify_url", "captcha.secret", "captcha.site_key", "captcha.script"],
        "none, or captcha.secret, captcha.site_key and captcha.script are set", |c| c.captcha.is_whole()),
    check(&["captcha.verify_url", "captcha.allow_private_networks", "outbound.allow_private_networks"],
        "https, unless captcha.allow_private_networks is on", |c| c.captcha.may_be_reached(c.outbound.allow_private_networks)),
    check(&["captcha.class", "captcha.field"], "with captcha.field, each 1 to 64 letters, digits, - and _", |c| c.captcha.names_are_plain()),
    check(&["captcha.after"], "from 1 to 100", |c| (1..=100).contains(&c.captcha.after)),
    check(&["captcha.timeout"], "from 100ms to 1m", |c| (SECOND / 10..=60 * SECOND).contains(&c.captcha.timeout)),
    // accounts
    check(&["accounts.email_undo"], "at most 90d", |c| c.accounts.email_undo <= 90 * DAY),
    check(&["accounts.deletion_grace"], "from 1h to 90d",
        |c| (3_600 * SECOND..=90 * DAY).contains(&c.accounts.deletion_grace)),
    // registration
    check(&["registration.scopes"], "at least one scope, each of the characters that RFC 6749 §3.3 allows",
        |c| !c.registration.scopes.is_empty() && c.registration.scopes.iter().all(|scope| is_scope(scope))),
    check(&["registration.grant_types"], "a list without repetition; refresh_token only with authorization_code",
        |c| grants_make_sense(&c.registration.grant_types)),
    check(&["registration.secret_lifetime"], "at least 1h", |c| c.registration.secret_lifetime.is_none_or(|t| t >= 3_600 * SECOND)),
    check(&["registration.max_clients"], "from 1 to 1000000", |c| (1..=1_000_000).contains(&c.registration.max_clients)),
    check(&["registration.per_address"], "from 1 to 10000", |c| (1..=10_000).contains(&c.registration.per_address)),
    // A client is noted as used once a day.
    check(&["registration.purge_unused_after"], "at least 2d", |c| c.registration.purge_unused_after.is_none_or(|t| t >= 2 * DAY)),
    check(&["registration.software_statement_issuers"], "each issuer once, with a file that exists or an https URL",
        |c| statement_issuers_fit(&c.registration.software_statement_issuers, c.outbound.allow_private_networks)),
    // mail
    check(&["sign_up.mode", "mail.url", "server.issuer"], "closed while mail.url is unset: new people confirm their address by mail",
        |c| c.sign_up.mode == SignUpMode::Closed || c.mail.url.is_some() || c.server.issuer.is_loopback()),
    check(&["mail.from", "mail.url"], "set while mail.url is set", |c| c.mail.from.is_some() || c.mail.url.is_none()),
    // sms
    check(&["sms.secret", "sms.url"], "set while sms.url is set: what is not signed could come from anybody",
        |c| c.sms.secret.is_some() || c.sms.url.is_none()),
    check(&["sms.url", "sms.allow_private_networks", "outbound.allow_private_networks"], "https, unless sms.allow_private_networks is on",
        |c| c.sms.may_be_reached(c.outbound.allow_private_networks)),
    check(&["sms.timeout"], "from 100ms to 1m", |c| (SECOND / 10..=60 * SECOND).contains(&c.sms.timeout)),
    check(&["sms.prefixes"], "a list of beginnings of numbers, like +49", |c| c.sms.prefixes.iter().all(|prefix| is_prefix(prefix))),
    // outbound
    check(&["outbound.ca_file"], "a file that can be read", |c| readable(c.outbound.ca_file.as_ref())),
    check(&["outbound.timeout"], "from 100ms to 1m", |c| (SECOND / 10..=60 * SECOND).contains(&c.outbound.timeout)),
    check(&["outbound.max_bytes"], "from 1KiB to 16MiB", |c| (1 << 10..=16 << 20).contains(&c.outbound.max_bytes.bytes())),
    // log, branding, retention
    check(&["log.filter"], "levels by target, like info,tessera=debug", |c| c.log.filter_is_known()),
    check(&["branding.name"], "at most 64 characters, none of them a control character",
        |c| c.branding.name.chars().count() <= 64 && !c.branding.name.contains(char::is_control)),
    check(&["branding.help_url"], "a URL that begins with https: or mailto:", |c| is_link(c.branding.help_url.as_deref(), &["https", "mailto"])),
    check(&["branding.privacy_url"], "a URL that begins with https:", |c| is_link(c.branding.privacy_url.as_deref(), &["https"])),
    check(&["branding.terms_url"], "a URL that begins with https:", |c| is_link(c.branding.terms_url.as_deref(), &["https"])),
    check(&["branding.languages"], "a list of en and de, neither of them twice", |c| languages_problem(&c.branding.languages).is_none()),
    check(&["branding.logo_file"], "a file that can be read", |c| readable(c.branding.logo_file.as_ref())),
    check(&["retention.purge_interval"], "from 1s to 24h", |c| (SECOND..=DAY).contains(&c.retention.purge_interval)),
];

fn readable(file: Option<&PathBuf>) -> bool {
    // A pipe is taken at its word: opening it would wait for its writer, or take what it holds.
    file.is_none_or(|path| match path.metadata() {
        Ok(at) if at.is_file() => std::fs::File::open(path).is_ok(),
        Ok(at) => !at.is_dir(),
        Err(_) => false,
    })
}

fn is_link(link: Option<&str>, schemes: &[&str]) -> bool {
    link.is_none_or(|link| link_problem(link, schemes).is_none())
}

fn is_prefix(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        !digits.is_empty() && digits.len() <= 15 && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

fn is_scope(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

fn grants_make_sense(grants: &[RegistrableGrant]) -> bool {
    let with = |grant| grants.contains(&grant);
    let once = (1..grants.len()).all(|i| !grants[..i].contains(&grants[i]));
    let alone = with(RegistrableGrant::RefreshToken) && !with(RegistrableGrant::AuthorizationCode);
    !grants.is_empty() && once && !alone
}

fn statement_issuers_fit(issuers: &[StatementIssuer], plain_http: bool) -> bool {
    let once = (1..issuers.len()).all(|i| {
        let before = &issuers[..i];
        before.iter().all(|known| known.issuer != issuers[i].issuer)
    });
    once && issuers.iter().all(|issuer| match &issuer.keys {
        StatementKeys::File(path) => path.is_file(),
        StatementKeys::Uri(url) => url.scheme() == "https" || plain_http,
    })
}

/// The problems that the table finds in `config`, beside those that reading it already found.
pub fn run(config: &Config, known: &[Problem]) -> Vec<Problem> {
    let wrong = |key: &&str| known.iter().any(|problem| problem.key() == Some(*key));
    CHECKS
        .iter()
        .filter(|check| !check.keys.iter().any(wrong) && !(check.holds)(config))
        .map(|check| problem(config, check))
        .collect()
}

fn problem(config: &Config, check: &Check) -> Problem {
    let key = check.keys.first().copied().unwrap_or_default();
    let entry = config.entries().iter().find(|entry| entry.key == key);
    // The other keys of the rule may be what is really wrong: say where they stand.
    let others: Vec<_> = config
        .entries()
        .iter()
        .filter(|entry| check.keys[1..].contains(&entry.key.as_str()))
        .map(|entry| format!("{} = {} from {}", entry.key, entry.shown, entry.origin))
        .collect();
    let others = if others.is_empty() {
        String::new()
    } else {
        format!(" ({})", others.join(", "))
    };
    Problem::WrongValue {
        key: key.to_owned(),
        value: entry.map(|entry| entry.shown.clone()).unwrap_or_default(),
        right: format!("{}{others}", check.right),
        origin: entry.map_or(Origin::Default, |entry| entry.origin.clone()),
    }
}
