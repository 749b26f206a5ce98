//! Redirect URIs: what may be registered, and what a request may name.

use std::fmt;

use url::{Host, Url};

use super::client::ApplicationType;
use super::error::{ErrorCode, OAuthError};

/// A redirect URI that was proven to be one of the client's own. Nothing else is redirected to.
///
/// RFC 9700 §2.1: "authorization servers MUST utilize exact string matching except for port numbers
/// in localhost redirection URIs of native apps".
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RedirectUri(String);

/// Longer than any real one, and short enough for every browser and proxy once parameters follow.
const MAX_LENGTH: usize = 2048;

/// RFC 8252 §7.3: the loopback literals whose port is chosen at run time. Not `localhost`: §8.3
/// "the use of localhost is NOT RECOMMENDED", as a hosts file may point it elsewhere.
const LOOPBACK_PREFIXES: [&str; 2] = ["http://127.0.0.1", "http://[::1]"];

/// Schemes that run code, read files or never reach an application.
const FORBIDDEN_SCHEMES: [&str; 14] = [
    "javascript",
    "data",
    "file",
    "vbscript",
    "about",
    "blob",
    "filesystem",
    "ftp",
    "intent",
    "jar",
    "mailto",
    "view-source",
    "ws",
    "wss",
];

/// Parameters that this server appends. In a registered query they would come twice, and the client
/// might read the wrong one.
const RESPONSE_PARAMETERS: [&str; 6] = [
    "code",
    "state",
    "iss",
    "error",
    "error_description",
    "error_uri",
];

/// RFC 3986 §2.2 and §2.3: gen-delims, sub-delims and unreserved marks, but for the `#` and the `*`
/// that get answers of their own.
const PUNCTUATION: &[u8] = b":/?[]@!$&'()+,;=-._~";

impl RedirectUri {
    /// Proves that `presented` is one of the `registered` ones.
    #[must_use]
    pub fn matching(
        registered: &[String],
        application_type: ApplicationType,
        presented: &str,
    ) -> Option<Self> {
        // Stops header injection and a fragment that would swallow the parameters, should such a
        // URI ever have got into the registry past `validate_for_registration`.
        if presented.len() > MAX_LENGTH
            || !presented
                .bytes()
                .all(|b| b.is_ascii_graphic() && b != b'#' && b != b'\\')
        {
            return None;
        }
        registered
            .iter()
            .any(|known| {
                known == presented
                    || (application_type == ApplicationType::Native
                        && same_but_for_loopback_port(known, presented))
            })
            .then(|| Self(presented.to_owned()))
    }

    /// The URI as it was presented.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The URI with response parameters appended.
    ///
    /// RFC 6749 §3.1.2: "The endpoint URI MAY include an "application/x-www-form-urlencoded"
    /// formatted query component, which MUST be retained when adding additional query parameters."
    #[must_use]
    pub fn with_query(&self, pairs: &[(&str, &str)]) -> String {
        if pairs.is_empty() {
            return self.0.clone();
        }
        let mut out = self.0.clone();
        match self.0.split_once('?') {
            None => out.push('?'),
            Some((_, query)) if query.is_empty() || query.ends_with('&') => {}
            Some(_) => out.push('&'),
        }
        let start = out.len();
        form_urlencoded::Serializer::for_suffix(out, start)
            .extend_pairs(pairs)
            .finish()
    }

    /// The URI with response parameters in its fragment; a registered URI has none (RFC 6749 §3.1.2:
    /// "The endpoint URI MUST NOT include a fragment component").
    #[must_use]
    pub fn with_fragment(&self, pairs: &[(&str, &str)]) -> String {
        let fragment = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        format!("{}#{fragment}", self.0)
    }

    /// Whether only the owner of a domain can be at the other end.
    ///
    /// RFC 8252 §8.6: identity is assured for claimed https URIs, and not for private-use schemes
    /// and loopback, which any program on the device may take.
    #[must_use]
    pub fn assures_identity(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl fmt::Debug for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// RFC 8252 §7.3: "The authorization server MUST allow any port to be specified at the time of the
/// request for loopback IP redirect URIs".
fn same_but_for_loopback_port(registered: &str, presented: &str) -> bool {
    LOOPBACK_PREFIXES.iter().any(|prefix| {
        match (
            after_port(registered, prefix),
            after_port(presented, prefix),
        ) {
            (Some(known), Some(asked)) => known == asked,
            _ => false,
        }
    })
}

/// What follows the authority of a loopback URI; `None` where it is not one.
fn after_port<'a>(uri: &'a str, prefix: &str) -> Option<&'a str> {
    let rest = uri.strip_prefix(prefix)?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (port, tail) = rest.split_at(end);
    let valid = match port.strip_prefix(':') {
        None => port.is_empty(),
        Some(digits) => {
            digits.bytes().all(|b| b.is_ascii_digit())
                && digits.parse::<u16>().is_ok_and(|number| number > 0)
        }
    };
    valid.then_some(tail)
}

/// Checks a redirect URI before it may be registered. Strict on purpose: what never gets in needs no
/// guard later.
///
/// # Errors
/// `invalid_redirect_uri` (RFC 7591 §3.2.2) with what is wrong.
pub fn validate_for_registration(
    uri: &str,
    application_type: ApplicationType,
) -> Result<(), OAuthError> {
    check(uri, application_type)
        .map_err(|reason| OAuthError::new(ErrorCode::InvalidRedirectUri, reason))
}

fn check(uri: &str, application_type: ApplicationType) -> Result<(), &'static str> {
    check_characters(uri)?;
    let (scheme, rest) = uri
        .split_once(':')
        .ok_or("a redirect URI must be absolute")?;
    let scheme = scheme.to_ascii_lowercase();
    // RFC 3986 §3.1: scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )
    if !scheme.starts_with(|c: char| c.is_ascii_lowercase())
        || !scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    {
        return Err("a redirect URI must be absolute");
    }
    // A scheme that runs code in the browser turns the redirect itself into the attack.
    if FORBIDDEN_SCHEMES.contains(&scheme.as_str()) {
        return Err("this scheme is not allowed in a redirect URI");
    }
    let url = Url::parse(uri).map_err(|_| "a redirect URI must be a valid URI")?;
    check_query(&url)?;
    match scheme.as_str() {
        "https" => check_web(rest, &url).map(|_| ()),
        // RFC 9700 §2.6: "authorization servers MUST NOT allow redirect URIs that use the http scheme
        // except for native clients that use loopback interface redirection". A web client on a
        // developer's own loopback never leaves the machine either.
        "http" if !check_web(rest, &url)? => Err("http redirect URIs are allowed on loopback only"),
        "http" => Ok(()),
        _ if application_type == ApplicationType::Native => check_private_use(&scheme, rest),
        _ => Err("a web client needs an https redirect URI"),
    }
}

/// RFC 3986 §2: the characters of a URI. Everything that parsers read in different ways (spaces,
/// controls, backslashes, quotes, non-ASCII letters) is outside.
fn check_characters(uri: &str) -> Result<(), &'static str> {
    if uri.len() > MAX_LENGTH {
        return Err("a redirect URI may have 2048 characters at most");
    }
    // RFC 6749 §3.1.2: "The endpoint URI MUST NOT include a fragment component."
    if uri.contains('#') {
        return Err("a redirect URI must not have a fragment");
    }
    if uri.contains('*') {
        return Err("a redirect URI must not have a wildcard: list each URI");
    }
    let bytes = uri.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let fits = match byte {
            b'%' => bytes
                .get(at + 1..at + 3)
                .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)),
            _ if PUNCTUATION.contains(byte) => true,
            _ => byte.is_ascii_alphanumeric(),
        };
        if !fits {
            return Err("a redirect URI has a character that RFC 3986 does not allow");
        }
    }
    Ok(())
}

/// Checks the authority and path of an http or https URI, and tells whether it is on loopback.
fn check_web(rest: &str, url: &Url) -> Result<bool, &'static str> {
    let after = rest
        .strip_prefix("//")
        .ok_or("a redirect URI must have a host")?;
    let authority = &after[..after.find(['/', '?']).unwrap_or(after.len())];
    // https://good.example@evil.example/ shows one host and goes to another.
    if authority.contains('@') {
        return Err("a redirect URI must not have user information");
    }
    let host = url.host_str().ok_or("a redirect URI must have a host")?;
    // 0x7f.1, 127.1, %65vil: written so that two parsers see two hosts.
    let written = authority
        .strip_prefix(host)
        .ok_or("the host of a redirect URI must be in its usual lower-case form")?;
    // `https://host:` and `https://host:0443` name the same place in a second way.
    let port_is_plain = match written.strip_prefix(':') {
        None => written.is_empty(),
        Some(port) => port.parse::<u16>().is_ok_and(|n| n.to_string() == port),
    };
    if !port_is_plain {
        return Err("a redirect URI has a malformed port");
    }
    check_path(&after[authority.len()..])?;
    Ok(is_loopback(url))
}

/// RFC 3986 §5.2.4: a browser removes dot segments, so the page reached is not the one written.
fn check_path(path_and_query: &str) -> Result<(), &'static str> {
    let path = path_and_query.split('?').next().unwrap_or_default();
    let dotted = path.split('/').any(|segment| {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        plain == "." || plain == ".."
    });
    if dotted {
        return Err("a redirect URI must not have dot segments");
    }
    Ok(())
}

fn check_query(url: &Url) -> Result<(), &'static str> {
    if url
        .query_pairs()
        .any(|(name, _)| RESPONSE_PARAMETERS.contains(&name.as_ref()))
    {
        return Err("the query of a redirect URI must not have a response parameter");
    }
    Ok(())
}

/// RFC 8252 §7.1: "apps MUST use a URI scheme based on a domain name under their control, expressed
/// in reverse order"; so there is a dot in it, and no two applications share one by accident.
fn check_private_use(scheme: &str, rest: &str) -> Result<(), &'static str> {
    if !scheme.contains('.') || scheme.split('.').any(str::is_empty) {
        return Err("a private-use scheme must be a domain name in reverse order");
    }
    let path = rest
        .strip_prefix('/')
        .ok_or("a private-use redirect URI must have a path")?;
    if let Some(after) = path.strip_prefix('/') {
        let authority = &after[..after.find(['/', '?']).unwrap_or(after.len())];
        if authority.contains('@') {
            return Err("a redirect URI must not have user information");
        }
    }
    check_path(rest)
}

/// Whether the host is this very device.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip == std::net::Ipv4Addr::LOCALHOST,
        Some(Host::Ipv6(ip)) => ip == std::net::Ipv6Addr::LOCALHOST,
        None => false,
    }
}

#[cfg(test)]
mod tests;
