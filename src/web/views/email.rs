//! Mails: the same words as plain text and as simple HTML.

use std::time::Duration;

use askama::Template;

use super::brand::button_colours;
use crate::web::messages::{self, Lang, Message};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = [$subject:literal, $body:literal, $button:literal, $end:literal $(,)?];)*) => {
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
                        Message::new($subject),
                        Message::new($body),
                        Message::new($button),
                        Message::new($end),
                    ],)*
                }
            }
        }
    };
}

kinds! {
    /// A new address: please confirm it. Carries a link.
    VerifyEmail = [
        "mail-verify-email-subject",
        "mail-verify-email-body",
        "mail-verify-email-button",
        "mail-verify-email-end",
    ];
    /// Somebody asked for a new password. Carries a link.
    ResetPassword = [
        "mail-reset-password-subject",
        "mail-reset-password-body",
        "mail-reset-password-button",
        "mail-reset-password-end",
    ];
    /// The password was changed. Carries a link that locks the account.
    PasswordChanged = [
        "mail-password-changed-subject",
        "mail-password-changed-body",
        "mail-password-changed-button",
        "mail-password-changed-end",
    ];
    /// Somebody signed up with an address that has an account. Carries a link to sign in.
    AccountExists = [
        "mail-account-exists-subject",
        "mail-account-exists-body",
        "mail-account-exists-button",
        "mail-account-exists-end",
    ];
    /// A code to sign in with. Carries the code in the place of a link.
    SignInCode = [
        "mail-code-subject",
        "mail-code-body",
        "mail-code-label",
        "mail-code-end",
    ];
    /// A link to sign in with.
    SignInLink = [
        "mail-link-subject",
        "mail-link-body",
        "mail-link-button",
        "mail-link-end",
    ];
    /// Somebody signed in on a new device. Carries a link that locks the account.
    NewDevice = [
        "mail-new-device-subject",
        "mail-new-device-body",
        "mail-new-device-button",
        "mail-new-device-end",
    ];
    /// A way to sign in was added. Carries a link that locks the account.
    FactorAdded = [
        "mail-factor-added-subject",
        "mail-factor-added-body",
        "mail-factor-added-button",
        "mail-factor-added-end",
    ];
    /// A way to sign in was removed. Carries a link that locks the account.
    FactorRemoved = [
        "mail-factor-removed-subject",
        "mail-factor-removed-body",
        "mail-factor-removed-button",
        "mail-factor-removed-end",
    ];
    /// A passkey is blocked: there may be a copy of it. Carries a link that locks the account.
    PasskeySuspended = [
        "mail-passkey-suspended-subject",
        "mail-passkey-suspended-body",
        "mail-passkey-suspended-button",
        "mail-passkey-suspended-end",
    ];
    /// A recovery code was used. Carries a link that locks the account.
    RecoveryCodeUsed = [
        "mail-recovery-code-used-subject",
        "mail-recovery-code-used-body",
        "mail-recovery-code-used-button",
        "mail-recovery-code-used-end",
    ];
    /// Somebody was wrong too often in a row with the password. Carries a link to set another one.
    PasswordGuessed = [
        "mail-password-guessed-subject",
        "mail-password-guessed-body",
        "mail-password-guessed-button",
        "mail-password-guessed-end",
    ];
    /// With codes: somebody knows the password. Carries the same link.
    CodeGuessed = [
        "mail-code-guessed-subject",
        "mail-code-guessed-body",
        "mail-code-guessed-button",
        "mail-code-guessed-end",
    ];
    /// A recovery of the account waits. Carries a link that ends it.
    RecoveryBegun = [
        "mail-recovery-begun-subject",
        "mail-recovery-begun-body",
        "mail-recovery-begun-button",
        "mail-recovery-begun-end",
    ];
    /// A recovery can be finished. Carries a link to do so, or to end it.
    RecoveryReady = [
        "mail-recovery-ready-subject",
        "mail-recovery-ready-body",
        "mail-recovery-ready-button",
        "mail-recovery-ready-end",
    ];
    /// An operator allows a recovery. Carries a link that locks the account.
    RecoveryAllowed = [
        "mail-recovery-allowed-subject",
        "mail-recovery-allowed-body",
        "mail-recovery-allowed-button",
        "mail-recovery-allowed-end",
    ];
    /// Another address is to take the place of this one. Carries a link to say yes or no.
    EmailChangeAsked = [
        "mail-email-change-asked-subject",
        "mail-email-change-asked-body",
        "mail-email-change-asked-button",
        "mail-email-change-asked-end",
    ];
    /// This address is to take the place of another. Carries a link to say yes.
    ConfirmNewEmail = [
        "mail-confirm-new-email-subject",
        "mail-confirm-new-email-body",
        "mail-confirm-new-email-button",
        "mail-confirm-new-email-end",
    ];
    /// Somebody wanted this address for another account. Carries a link to sign in.
    AddressInUse = [
        "mail-address-in-use-subject",
        "mail-address-in-use-body",
        "mail-address-in-use-button",
        "mail-address-in-use-end",
    ];
    /// Another address has taken the place of this one. Carries a link that takes it back.
    EmailChanged = [
        "mail-email-changed-subject",
        "mail-email-changed-body",
        "mail-email-changed-button",
        "mail-email-changed-end",
    ];
    /// The account will be deleted. Carries a link that keeps it.
    DeletionAsked = [
        "mail-deletion-asked-subject",
        "mail-deletion-asked-body",
        "mail-deletion-asked-button",
        "mail-deletion-asked-end",
    ];
    /// The account was locked. Carries a link to choose a password.
    AccountLocked = [
        "mail-account-locked-subject",
        "mail-account-locked-body",
        "mail-account-locked-button",
        "mail-account-locked-end",
    ];
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
                Message::new(match self.kind {
                    MailKind::SignInCode => "mail-code-valid",
                    MailKind::RecoveryBegun => "mail-recovery-waits",
                    MailKind::RecoveryReady => "mail-recovery-open",
                    _ => "mail-valid",
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
