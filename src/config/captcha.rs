//! `[captcha]`: a hook for a service that tells people from programs.

use std::time::Duration;

use super::section::section;
use super::sms::WebhookUrl;
use crate::base::Secret;

section! {
    /// A puzzle of somebody else's, asked for before a password is checked once there were failures. Off
    /// unless `verify_url` is set: no page loads anything from elsewhere.
    CaptchaConfig {
        /// Where the answer is posted to be judged, in the shape of `siteverify`. Default none.
        verify_url: Option<WebhookUrl> = None;
        /// The secret key of the service, at least 32 characters. Default none; needed with `verify_url`.
        secret: Option<Secret<String>> = None;
        /// The public key of the service. Default none; needed with `verify_url`.
        site_key: Option<String> = None;
        /// The script of the service. Default none; needed with `verify_url`.
        script: Option<WebhookUrl> = None;
        /// Further origins that the script loads from or frames, beside its own. They and the script's
        /// enter the content security policy of the sign-in page only while it shows the puzzle. Default none.
        origins: Vec<WebhookUrl> = Vec::new();
        /// The class of the element that the script looks for, like `h-captcha`. Default `captcha`.
        class: String = "captcha".to_owned();
        /// The field that the script adds to the form, like `h-captcha-response`. Default `captcha`.
        field: String = "captcha".to_owned();
        /// After so many failures within `throttle.window` by name, and ten times as many by address.
        /// Default 3: who mistypes once or twice meets no puzzle, and the waits begin soon after.
        after: u32 = 3;
        /// The time for one judgement. Default 3 s: somebody waits for it, and without one the waits still
        /// hold guessing back.
        timeout: Duration = Duration::from_secs(3);
        /// Whether `verify_url` may lead to this machine or into a private network, and over plain
        /// http. Default false; for a service of your own.
        allow_private_networks: bool = false;
    }
}

impl CaptchaConfig {
    /// Whether all of it is there, or nothing.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.verify_url.is_none()
            || (self.secret.is_some() && self.site_key.is_some() && self.script.is_some())
    }

    /// Whether the endpoint is not plain http where it must not be.
    #[must_use]
    pub fn may_be_reached(&self, private_networks: bool) -> bool {
        let inside = self.allow_private_networks || private_networks;
        let secure = |url: &WebhookUrl| url.url().scheme() == "https";
        inside || self.verify_url.as_ref().is_none_or(secure)
    }

    /// Whether the names can stand in a page.
    #[must_use]
    pub fn names_are_plain(&self) -> bool {
        let plain = |text: &str| {
            let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
            !text.is_empty() && text.len() <= 64 && text.bytes().all(is_plain)
        };
        plain(&self.class) && plain(&self.field)
    }
}
