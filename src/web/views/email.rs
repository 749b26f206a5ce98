//! Mails: the same words as plain text and as simple HTML.

use std::time::Duration;

use askama::Template;

use super::brand::DEFAULT_ACCENT;
use crate::web::messages::{self, Lang, Message};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $key:literal;)*) => {
        /// What a mail is about.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum MailKind { $($(#[$doc])* $name,)* }

        impl MailKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Subject, first paragraph, label of the button, last paragraph.
            const fn words(&self) -> [Message; 4] {
                match self {
                    $(Self::$name => [
                        Message::new(concat!("mail-", $key, "-subject")),
                        Message::new(concat!("mail-", $key, "-body")),
                        Message::new(concat!("mail-", $key, "-button")),
                        Message::new(concat!("mail-", $key, "-end")),
                    ],)*
                }
            }
        }
    };
}

kinds! {
    /// A new address: please confirm it. Carries a link.
    VerifyEmail = "verify-email";
    /// Somebody asked for a new password. Carries a link.
    ResetPassword = "reset-password";
    /// The password was changed. Carries a link that locks the account.
    PasswordChanged = "password-changed";
    /// Somebody signed up with an address that has an account. Carries a link to sign in.
    AccountExists = "account-exists";
    /// Somebody signed in on a new device. Carries a link that locks the account.
    NewDevice = "new-device";
    /// A way to sign in was added. Carries a link that locks the account.
    FactorAdded = "factor-added";
    /// A way to sign in was removed. Carries a link that locks the account.
    FactorRemoved = "factor-removed";
    /// Another address is to take the place of this one. Carries a link to say yes or no.
    EmailChangeAsked = "email-change-asked";
    /// This address is to take the place of another. Carries a link to say yes.
    ConfirmNewEmail = "confirm-new-email";
    /// Somebody wanted this address for another account. Carries a link to sign in.
    AddressInUse = "address-in-use";
    /// Another address has taken the place of this one. Carries a link that takes it back.
    EmailChanged = "email-changed";
    /// The account will be deleted. Carries a link that keeps it.
    DeletionAsked = "deletion-asked";
    /// The account was locked. Carries a link to choose a password.
    AccountLocked = "account-locked";
}

/// A mail, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The subject, one line.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML.
    pub html: String,
}

/// What a mail is made from.
#[derive(Clone, Debug)]
pub struct Letter<'a> {
    /// What it is about.
    pub kind: MailKind,
    /// The language of the receiver.
    pub lang: Lang,
    /// The name of this provider.
    pub brand: &'a str,
    /// What the receiver is called: their name or their username.
    pub name: &'a str,
    /// Where the button leads: an absolute URL.
    pub link: &'a str,
    /// How long the link works, if it ends.
    pub valid_for: Option<Duration>,
}

#[derive(Template)]
#[template(path = "email/message.txt", escape = "none")]
struct Text<'a> {
    words: &'a Words,
}

#[derive(Template)]
#[template(path = "email/message.html")]
struct Markup<'a> {
    words: &'a Words,
}

struct Words {
    lang: Lang,
    brand: String,
    accent: &'static str,
    subject: String,
    greeting: String,
    body: String,
    button: String,
    link: String,
    link_hint: String,
    valid: Option<String>,
    end: String,
    footer: String,
}

impl Letter<'_> {
    /// Writes the mail.
    ///
    /// # Errors
    /// If a template fails, which needs a bug.
    pub fn write(&self) -> Result<Mail, askama::Error> {
        let lang = self.lang;
        let say = |message: Message| message.with("brand", self.brand).text(lang);
        let [subject, body, button, end] = self.kind.words().map(say);
        let words = Words {
            lang,
            brand: messages::calm(self.brand),
            accent: DEFAULT_ACCENT,
            subject,
            greeting: Message::new("mail-greeting")
                .with("name", self.name)
                .text(lang),
            body,
            button,
            link: self.link.to_owned(),
            link_hint: Message::new("mail-link-hint").text(lang),
            valid: self.valid_for.map(|span| {
                Message::new("mail-valid")
                    .with("span", messages::duration(lang, span).as_str())
                    .text(lang)
            }),
            end,
            footer: say(Message::new("mail-footer")),
        };
        Ok(Mail {
            subject: words.subject.clone(),
            text: Text { words: &words }.render()?,
            html: Markup { words: &words }.render()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_says_the_same_in_text_and_in_html_and_names_cannot_break_out() {
        for kind in MailKind::ALL {
            for lang in Lang::ALL {
                let mail = Letter {
                    kind: kind.clone(),
                    lang,
                    brand: "Aurora",
                    name: "<b>Eve</b>\r\nBcc: all@example.com",
                    link: "https://id.example.com/x?token=a&b=c",
                    valid_for: Some(Duration::from_hours(1)),
                }
                .write()
                .unwrap();
                assert!(!mail.subject.contains(['\r', '\n']));
                assert!(mail.text.contains("https://id.example.com/x?token=a&b=c"));
                assert!(mail.text.contains("<b>Eve</b>Bcc"), "{}", mail.text);
                assert!(!mail.html.contains("<b>Eve"));
                assert!(mail.html.contains("token=a&#38;b=c"), "{}", mail.html);
            }
        }
    }
}
