//! `[audit.syslog]`: a receiver that gets every event as well.

use std::path::PathBuf;

use url::{Host, Url};

use super::section::section;
use super::value::{Raw, Setting, quoted, text, words};

words! {
    /// RFC 5424 §6.2.1, table 1; without those that are the system's own.
    Facility {
        /// 1
        User = "user",
        /// 4
        Auth = "auth",
        /// 10
        Authpriv = "authpriv",
        /// 13
        Audit = "audit",
        /// 16
        Local0 = "local0",
        /// 17
        Local1 = "local1",
        /// 18
        Local2 = "local2",
        /// 19
        Local3 = "local3",
        /// 20
        Local4 = "local4",
        /// 21
        Local5 = "local5",
        /// 22
        Local6 = "local6",
        /// 23
        Local7 = "local7",
    }
}

impl Facility {
    /// Its number in a message.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::User => 1,
            Self::Auth => 4,
            Self::Authpriv => 10,
            Self::Audit => 13,
            Self::Local0 => 16,
            Self::Local1 => 17,
            Self::Local2 => 18,
            Self::Local3 => 19,
            Self::Local4 => 20,
            Self::Local5 => 21,
            Self::Local6 => 22,
            Self::Local7 => 23,
        }
    }
}

section! {
    /// Streaming to a syslog receiver (RFC 5424). Nothing that was not sent is removed from the audit log.
    SyslogConfig {
        /// Where to: `udp://HOST:PORT` (RFC 5426), `tcp://HOST:PORT` (RFC 6587, octet counting) or
        /// `tls://HOST:PORT` (RFC 5425). Default none. Over UDP messages may be lost without a sign.
        address: Option<SyslogAddress> = None;
        /// The facility of every message (RFC 5424 §6.2.1). Default `auth`, which receivers keep apart from the rest.
        facility: Facility = Facility::Auth;
        /// The name of the application in every message. Default `tessera`; name each deployment where one receiver
        /// hears several.
        app_name: AppName = AppName::default();
        /// A PEM file of the certificate authorities that a `tls://` receiver is believed by, in place of those of the
        /// system. Default none.
        ca_file: Option<PathBuf> = None;
    }
}

impl SyslogConfig {
    /// Whether a CA file has somebody to judge.
    pub(super) fn ca_file_is_used(&self) -> bool {
        let tls = |address: &SyslogAddress| address.transport == Transport::Tls;
        self.ca_file.is_none() || self.address.as_ref().is_some_and(tls)
    }
}

/// How messages travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// RFC 5426.
    Udp,
    /// RFC 6587 §3.4.1.
    Tcp,
    /// RFC 5425.
    Tls,
}

impl Transport {
    const ALL: [(&'static str, Self); 3] =
        [("udp", Self::Udp), ("tcp", Self::Tcp), ("tls", Self::Tls)];
}

/// Where a receiver listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyslogAddress {
    /// How.
    pub transport: Transport,
    /// A name or an address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    shown: String,
}

impl SyslogAddress {
    /// Checks the shape.
    ///
    /// # Errors
    /// In words, what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        Self::read(text)
            .ok_or_else(|| "udp://HOST:PORT, tcp://HOST:PORT or tls://HOST:PORT".to_owned())
    }

    fn read(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let (_, transport) = *Transport::ALL
            .iter()
            .find(|(scheme, _)| *scheme == url.scheme())?;
        let nothing_else = url.username().is_empty()
            && url.password().is_none()
            && matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none();
        let host = match url.host()? {
            Host::Domain(name) => name.to_owned(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        nothing_else.then_some(Self {
            transport,
            host,
            port: url.port().filter(|port| *port > 0)?,
            shown: text.to_owned(),
        })
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.shown
    }
}

impl Setting for SyslogAddress {
    fn parse(raw: &Raw) -> Result<Self, String> {
        Self::parse(text(raw).unwrap_or_default())
    }

    fn show(&self) -> String {
        quoted(&self.shown)
    }
}

/// RFC 5424 §6.2.5: at most 48 characters, none of them a space or beyond ASCII.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppName(String);

impl Default for AppName {
    fn default() -> Self {
        Self("tessera".to_owned())
    }
}

impl AppName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Setting for AppName {
    fn parse(raw: &Raw) -> Result<Self, String> {
        text(raw)
            .filter(|text| {
                (1..=48).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
            })
            .map(|text| Self(text.to_owned()))
            .ok_or_else(|| "1 to 48 visible ASCII characters (RFC 5424 §6.2.5)".to_owned())
    }

    fn show(&self) -> String {
        quoted(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_how_where_and_nothing_else() {
        let good = SyslogAddress::parse("tls://logs.example:6514").unwrap();
        assert_eq!((good.transport, good.port), (Transport::Tls, 6514));
        assert_eq!(SyslogAddress::parse("udp://[::1]:514").unwrap().host, "::1");
        for wrong in [
            "",
            "logs.example:514",
            "http://logs.example:514",
            "tcp://logs.example",
            "tcp://:514",
            "tcp://logs.example:0",
            "tcp://logs.example:99999",
            "tcp://me@logs.example:514",
            "tcp://logs.example:514/path",
            "tcp://logs.example:514?tls=1",
        ] {
            assert!(SyslogAddress::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn rfc5424_6_2_5_a_name_is_visible_ascii() {
        let parse = |text: &str| <AppName as Setting>::parse(&Raw::Text(text.to_owned()));
        assert!(parse("tessera-eu").is_ok() && parse(&"x".repeat(48)).is_ok());
        for wrong in ["", "a b", "ä", "a\n", &"x".repeat(49)] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
