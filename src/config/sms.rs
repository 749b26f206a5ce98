//! `[sms]`: how text messages leave.

use std::time::Duration;

use url::Url;

use super::section::section;
use super::value::{Raw, Setting, quoted, text};
use crate::base::Secret;

/// Of [`SmsConfig::secret`]: what a human makes up is guessed from one message and its signature.
pub const MIN_SECRET: usize = 32;

section! {
    /// Outgoing text messages, handed to an endpoint of the operator's that knows a telephone company.
    SmsConfig {
        /// The endpoint that text messages are posted to. Default none.
        url: Option<WebhookUrl> = None;
        /// What signs each message, so that the endpoint takes them from us alone: at least 32
        /// characters (`openssl rand -hex 32` makes some). Default none; needed with `url`.
        secret: Option<Secret<String>> = None;
        /// The time for one message. Default 10 s: telephone companies are slow, and only a queue waits.
        timeout: Duration = Duration::from_secs(10);
        /// Whether `url` may lead to this machine or into a private network, and over plain http.
        /// Default false; apart from `outbound.allow_private_networks`, because that opens the inside to
        /// the URLs of strangers too.
        allow_private_networks: bool = false;
        /// With which digits numbers begin that may be used, like `+49`. Default any: where people sign
        /// up by themselves, name your countries, or somebody makes you pay for messages to expensive ones.
        prefixes: Vec<String> = Vec::new();
    }
}

impl SmsConfig {
    /// Whether the endpoint is not plain http where it must not be.
    #[must_use]
    pub fn may_be_reached(&self, private_networks: bool) -> bool {
        let inside = self.allow_private_networks || private_networks;
        let secure = |url: &WebhookUrl| url.0.scheme() == "https";
        inside || self.url.as_ref().is_none_or(secure)
    }
}

/// The URL of an endpoint of the operator's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookUrl(Url);

impl WebhookUrl {
    /// Checks the shape; whether it may be reached is judged when it is.
    ///
    /// # Errors
    /// In words, what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        Url::parse(text)
            .ok()
            .filter(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
            // The signature proves who calls; a password in a URL ends up in logs.
            .filter(|url| url.username().is_empty() && url.password().is_none())
            .map(Self)
            .ok_or_else(|| "an https URL without user name and password".to_owned())
    }

    /// The URL.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.0
    }
}

impl Setting for WebhookUrl {
    fn parse(raw: &Raw) -> Result<Self, String> {
        Self::parse(text(raw).unwrap_or_default())
    }

    fn show(&self) -> String {
        quoted(self.0.as_str())
    }
}

impl Setting for Secret<String> {
    fn parse(raw: &Raw) -> Result<Self, String> {
        text(raw)
            .map(str::trim)
            .filter(|text| text.len() >= MIN_SECRET)
            .map(|text| Self::new(text.to_owned()))
            .ok_or_else(|| format!("at least {MIN_SECRET} characters (openssl rand -hex 32)"))
    }

    fn show(&self) -> String {
        "\"[secret]\"".to_owned()
    }

    fn show_raw(_: &Raw) -> String {
        "[secret]".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_a_web_address_without_a_password_in_it() {
        for right in ["https://sms.example/hook?x=1", "http://127.0.0.1:9000/"] {
            assert!(WebhookUrl::parse(right).is_ok(), "{right}");
        }
        for wrong in [
            "",
            "sms.example",
            "ftp://sms.example",
            "https://a:b@sms.example",
        ] {
            assert!(WebhookUrl::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_secret_is_long_and_does_not_print() {
        let parse = |text: &str| <Secret<String> as Setting>::parse(&Raw::Text(text.to_owned()));
        assert!(parse("hunter2").is_err());
        let secret = parse(&"x".repeat(32)).unwrap();
        assert_eq!(secret.show(), "\"[secret]\"");
    }
}
