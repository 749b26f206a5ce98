//! `[mail]`: how messages leave.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

use super::section::section;
use super::value::{Raw, Setting, quoted, text};
use crate::base::Secret;

section! {
    /// Outgoing mail.
    MailConfig {
        /// `smtps://user:password@host` or `smtp://host?tls=required`. Default none: on a loopback
        /// issuer, messages are then written to the log, so that a trial needs no mail server.
        url: Option<SmtpUrl> = None;
        /// The sender, like `Tessera <id@example.com>`. Default none; needed with `url`, because a
        /// sender that nobody chose is what spam filters wait for.
        from: Option<Sender> = None;
    }
}

/// The URL of a mail server. It may hold a password, so it prints without one.
#[derive(Clone)]
pub struct SmtpUrl {
    text: Secret<String>,
    shown: String,
}

const RIGHT: &str = "smtps://user:password@host or smtp://host?tls=required";

impl SmtpUrl {
    /// Checks the scheme and that no password travels in clear.
    ///
    /// # Errors
    /// In words, what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|_| RIGHT.to_owned())?;
        // Not a special scheme, so `Url` takes 127.0.0.1 for a name: look for an address ourselves.
        let host = match url.host() {
            Some(Host::Domain(name)) if !name.is_empty() => name.to_owned(),
            Some(Host::Ipv4(ip)) => ip.to_string(),
            Some(Host::Ipv6(ip)) => ip.to_string(),
            _ => return Err(RIGHT.to_owned()),
        };
        let tls = url.query_pairs().find(|(key, _)| key == "tls");
        let encrypted = match (url.scheme(), tls.as_ref().map(|(_, value)| value.as_ref())) {
            ("smtps", None) | ("smtp", Some("required")) => true,
            ("smtp", None | Some("opportunistic")) => false,
            _ => return Err(RIGHT.to_owned()),
        };
        let loopback = host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
        // Opportunistic TLS too: whoever sits between can strip STARTTLS (RFC 3207 §6).
        if url.password().is_some() && !encrypted && !loopback {
            return Err(
                "smtps://, or smtp:// with ?tls=required: a password must not travel in clear"
                    .to_owned(),
            );
        }
        let port = url
            .port()
            .map(|port| format!(":{port}"))
            .unwrap_or_default();
        let user = match (url.username(), url.password()) {
            ("", None) => String::new(),
            (user, None) => format!("{user}@"),
            (user, Some(_)) => format!("{user}:[secret]@"),
        };
        let query = tls
            .map(|(_, value)| format!("?tls={value}"))
            .unwrap_or_default();
        Ok(Self {
            shown: format!(
                "{}://{user}{}{port}{query}",
                url.scheme(),
                url.host_str().unwrap_or_default()
            ),
            text: Secret::new(text.to_owned()),
        })
    }

    /// The whole URL with its password: for the mail transport only.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose()
    }

    /// The URL without its password.
    #[must_use]
    pub fn redacted(&self) -> &str {
        &self.shown
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl Setting for SmtpUrl {
    fn parse(raw: &Raw) -> Result<Self, String> {
        text(raw)
            .ok_or_else(|| RIGHT.to_owned())
            .and_then(Self::parse)
    }

    fn show(&self) -> String {
        quoted(&self.shown)
    }

    fn show_raw(_: &Raw) -> String {
        "[secret]".to_owned()
    }
}

/// The sender of messages: `name@host` or `Name <name@host>`. The mail library checks the rest of
/// RFC 5322 when the mailer is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender(String);

const SENDER_RIGHT: &str = "an address like id@example.com or Tessera <id@example.com>";

impl Sender {
    /// Checks the shape, and that no control character could end the header line (CWE-93).
    ///
    /// # Errors
    /// In words, what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let address = text
            .rsplit_once('<')
            .map_or(Some(text), |(_, rest)| rest.strip_suffix('>'));
        let parts = address.and_then(|address| address.split_once('@'));
        let whole = parts.is_some_and(|(local, host)| {
            !local.is_empty() && !host.is_empty() && !host.contains('@')
        });
        if whole && !text.contains(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(SENDER_RIGHT.to_owned())
        }
    }

    /// As written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Setting for Sender {
    fn parse(raw: &Raw) -> Result<Self, String> {
        text(raw)
            .ok_or_else(|| SENDER_RIGHT.to_owned())
            .and_then(Self::parse)
    }

    fn show(&self) -> String {
        quoted(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_password_neither_prints_nor_travels_in_clear() {
        let url = SmtpUrl::parse("smtps://robot:hunter2@mail.example.com:465").unwrap();
        assert_eq!(
            format!("{url:?}"),
            "smtps://robot:[secret]@mail.example.com:465"
        );
        assert!(SmtpUrl::parse("smtp://robot:hunter2@mail.example.com?tls=required").is_ok());
        assert!(SmtpUrl::parse("smtp://robot:hunter2@127.0.0.1:2525").is_ok());
        for text in [
            "smtp://robot:hunter2@mail.example.com",
            "smtp://robot:hunter2@mail.example.com?tls=opportunistic",
            "smtp://mail.example.com?tls=maybe",
            "https://mail.example.com",
            "smtp:",
            "mail.example.com",
        ] {
            assert!(SmtpUrl::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_sender_is_one_address_without_control_characters() {
        let parse = Sender::parse;
        assert!(parse("id@example.com").is_ok());
        assert!(parse("Tessera <id@example.com>").is_ok());
        for text in [
            "",
            "id",
            "@example.com",
            "id@",
            "a@b\r\nBcc: c@d",
            "Tessera <id@example.com",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
