//! Mails: the same words as plain text and as simple HTML.

use std::time::Duration;

use askama::Template;

use super::brand::button_colours;
use crate::web::messages::{self, Lang, Message};

/// What a mail is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailKind {
    /// A new address: please confirm it. Carries a link.
    VerifyEmail,
    /// Somebody asked for a new password. Carries a link.
    ResetPassword,
    /// The password was changed. Carries a link to get it back.
    PasswordChanged,
    /// Somebody signed up with an address that has an account. Carries a link to sign in.
    AccountExists,
    /// A code to sign in with. Carries the code in the place of a link.
    SignInCode,
}

impl MailKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::VerifyEmail,
        Self::ResetPassword,
        Self::PasswordChanged,
        Self::AccountExists,
        Self::SignInCode,
    ];

    /// Subject, first paragraph, label of the button, last paragraph.
    const fn words(&self) -> [Message; 4] {
        match self {
            Self::VerifyEmail => [
                Message::new("mail-verify-email-subject"),
                Message::new("mail-verify-email-body"),
                Message::new("mail-verify-email-button"),
                Message::new("mail-verify-email-end"),
            ],
            Self::ResetPassword => [
                Message::new("mail-reset-password-subject"),
                Message::new("mail-reset-password-body"),
                Message::new("mail-reset-password-button"),
                Message::new("mail-reset-password-end"),
            ],
            Self::PasswordChanged => [
                Message::new("mail-password-changed-subject"),
                Message::new("mail-password-changed-body"),
                Message::new("mail-password-changed-button"),
                Message::new("mail-password-changed-end"),
            ],
            Self::AccountExists => [
                Message::new("mail-account-exists-subject"),
                Message::new("mail-account-exists-body"),
                Message::new("mail-account-exists-button"),
                Message::new("mail-account-exists-end"),
            ],
            Self::SignInCode => [
                Message::new("mail-code-subject"),
                Message::new("mail-code-body"),
                Message::new("mail-code-label"),
                Message::new("mail-code-end"),
            ],
        }
    }
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
    /// Its colour, `#rrggbb`.
    pub accent: &'a str,
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
    accent: String,
    on_accent: String,
    subject: String,
    greeting: String,
    body: String,
    button: String,
    link: String,
    link_hint: String,
    is_code: bool,
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
        let (accent, on_accent) = button_colours(self.accent);
        let words = Words {
            lang,
            brand: messages::calm(self.brand),
            accent,
            on_accent,
            subject,
            greeting: Message::new("mail-greeting")
                .with("name", self.name)
                .text(lang),
            body,
            button,
            link: self.link.to_owned(),
            link_hint: Message::new("mail-link-hint").text(lang),
            is_code: self.kind == MailKind::SignInCode,
            valid: self.valid_for.map(|span| {
                Message::new(if self.kind == MailKind::SignInCode {
                    "mail-code-valid"
                } else {
                    "mail-valid"
                })
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
                    accent: "#ffd400",
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
                let (accent, on_accent) = button_colours("#ffd400");
                let button = format!("background:{accent};color:{on_accent}");
                assert!(mail.html.contains(&button), "{}", mail.html);
            }
        }
    }
}
