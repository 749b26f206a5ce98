//! The issuer identifier: a string that must be the same to the byte everywhere.

use std::net::IpAddr;
use std::str::FromStr;

use url::{Host, Url};

use super::value::{Raw, Setting, quoted, text};

/// The issuer (OIDC Discovery §2, RFC 8414 §2). Clients compare it byte by byte (RFC 9207 §2.4,
/// OIDC Core §3.1.3.7 step 2), so only the one canonical spelling is accepted, and it is kept as
/// the exact string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    text: String,
    url: Url,
}

impl Issuer {
    /// Checks and keeps `text`.
    ///
    /// # Errors
    /// In words, what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let right = "a URL like https://id.example.com, without query or fragment";
        let url = Url::parse(text).map_err(|_| right.to_owned())?;
        if !matches!(url.scheme(), "https" | "http") || url.cannot_be_a_base() {
            return Err(right.to_owned());
        }
        // RFC 8414 §2: "a URL that uses the "https" scheme and has no query or fragment components".
        if url.query().is_some() || url.fragment().is_some() {
            return Err(right.to_owned());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("a URL without user name and password".to_owned());
        }
        let canonical = url.as_str().trim_end_matches('/');
        if canonical != text {
            // A slash or a capital letter more is the classic way to make every client fail.
            return Err(format!("written as {canonical}"));
        }
        // Everything of ours is at the root of its host: pages link to `/...`, cookies are of the whole
        // host, and the one metadata document is where RFC 8414 §3 and OpenID Connect Discovery §4 look
        // for it without a path only.
        if url.path() != "/" {
            let mut bare = url.clone();
            bare.set_path("");
            let bare = bare.as_str().trim_end_matches('/');
            return Err(format!(
                "a URL without a path, such as {bare}: Tessera lives at the root of its host, so give \
                 it a host name of its own"
            ));
        }
        let issuer = Self {
            text: text.to_owned(),
            url,
        };
        if !issuer.is_https() && !issuer.is_loopback() {
            return Err(
                "https: plain http is for loopback (localhost, 127.0.0.1, [::1])".to_owned(),
            );
        }
        Ok(issuer)
    }

    /// What people on this machine can open when Tessera listens on `port` and nobody named an
    /// issuer.
    pub(super) fn on_this_machine(port: u16) -> Option<Self> {
        let url = Url::parse(&format!("http://localhost:{port}")).ok()?;
        Self::parse(url.as_str().trim_end_matches('/')).ok()
    }

    /// The exact string: every `iss`, and `issuer` in discovery.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The same as a URL. Its text may end with a slash that the issuer does not have: never
    /// compare it.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// Whether people reach Tessera over TLS: decides `Secure` and `__Host-` cookies and HSTS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether the host is this machine: localhost, 127.0.0.0/8 or \[::1\].
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
            Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
            None => false,
        }
    }
}

impl Default for Issuer {
    fn default() -> Self {
        Self::parse("http://localhost:8080").expect("the default issuer is canonical and loopback")
    }
}

impl FromStr for Issuer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text)
    }
}

impl Setting for Issuer {
    fn parse(raw: &Raw) -> Result<Self, String> {
        text(raw)
            .ok_or_else(|| "a URL like https://id.example.com".to_owned())
            .and_then(Self::parse)
    }

    fn show(&self) -> String {
        quoted(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_issuer_is_kept_to_the_byte() {
        for text in [
            "https://id.example.com",
            "https://id.example.com:8443",
            "http://localhost:8080",
            "http://127.0.0.9",
            "http://[::1]:8080",
        ] {
            let issuer = Issuer::parse(text).unwrap();
            assert_eq!(issuer.as_str(), text);
        }
    }

    #[test]
    fn rfc8414_3_an_issuer_has_no_path_because_everything_is_at_the_root() {
        for text in [
            "https://id.example.com:8443/tenant/a",
            "https://id.example.com:8443/a",
        ] {
            let error = Issuer::parse(text).unwrap_err();
            assert!(
                error.contains("without a path, such as https://id.example.com:8443:"),
                "{error}"
            );
        }
    }

    #[test]
    fn another_spelling_is_refused_and_the_right_one_proposed() {
        for (text, right) in [
            ("https://id.example.com/", "https://id.example.com"),
            ("https://id.example.com/a/", "https://id.example.com/a"),
            ("https://ID.example.com", "https://id.example.com"),
            ("https://id.example.com:443", "https://id.example.com"),
            ("https://id.example.com/a/../b", "https://id.example.com/b"),
        ] {
            assert_eq!(Issuer::parse(text), Err(format!("written as {right}")));
        }
    }

    #[test]
    fn rfc8414_2_no_query_no_fragment_and_https_beyond_loopback() {
        for text in [
            "https://id.example.com?a=1",
            "https://id.example.com#a",
            "https://user:pass@id.example.com",
            "http://id.example.com",
            "http://localhost.example.com",
            "http://10.0.0.1",
            "ftp://id.example.com",
            "id.example.com",
            "",
        ] {
            assert!(Issuer::parse(text).is_err(), "{text}");
        }
    }
}
