//! Writes the letters and text messages that flows ask for. Handed to the jobs that deliver them at start: flows know no templates.

use crate::config::Issuer;
use crate::flows::letters::{LetterKind, LetterRequest, TextKind, TextRequest};
use crate::flows::settings::Looks;
use crate::outside::Message;
use crate::web::messages::{Lang, Message as Words, duration};
use crate::web::views::email::{Letter, MailKind};

/// The message for a request, in the name and colour of the deployment; `None` if the template fails, which a test excludes.
#[must_use]
pub fn write(looks: &Looks, request: &LetterRequest) -> Option<Message> {
    let lang = language(&request.lang);
    let letter = Letter {
        kind: match request.kind {
            LetterKind::VerifyEmail => MailKind::VerifyEmail,
            LetterKind::ResetPassword => MailKind::ResetPassword,
            LetterKind::PasswordChanged => MailKind::PasswordChanged,
            LetterKind::AccountExists => MailKind::AccountExists,
            LetterKind::NewDevice => MailKind::NewDevice,
            LetterKind::FactorAdded => MailKind::FactorAdded,
            LetterKind::FactorRemoved => MailKind::FactorRemoved,
            LetterKind::PasskeySuspended => MailKind::PasskeySuspended,
            LetterKind::RecoveryCodeUsed => MailKind::RecoveryCodeUsed,
            LetterKind::PasswordGuessed => MailKind::PasswordGuessed,
            LetterKind::CodeGuessed => MailKind::CodeGuessed,
            LetterKind::RecoveryBegun => MailKind::RecoveryBegun,
            LetterKind::RecoveryReady => MailKind::RecoveryReady,
            LetterKind::RecoveryAllowed => MailKind::RecoveryAllowed,
            LetterKind::EmailChangeAsked => MailKind::EmailChangeAsked,
            LetterKind::ConfirmNewEmail => MailKind::ConfirmNewEmail,
            LetterKind::AddressInUse => MailKind::AddressInUse,
            LetterKind::EmailChanged => MailKind::EmailChanged,
            LetterKind::DeletionAsked => MailKind::DeletionAsked,
            LetterKind::AccountLocked => MailKind::AccountLocked,
            LetterKind::SignInCode => MailKind::SignInCode,
            LetterKind::SignInLink => MailKind::SignInLink,
        },
        lang,
        brand: &looks.name,
        accent: &looks.accent.hex(),
        name: &request.name,
        link: request.link.as_deref().unwrap_or_default(),
        valid_for: request.valid_for,
    };
    let mail = letter.write().ok()?;
    Some(Message {
        to: request.to.clone(),
        subject: mail.subject,
        text: mail.text,
        html: Some(mail.html),
    })
}

fn language(tag: &str) -> Lang {
    let known = Lang::ALL.into_iter().find(|lang| lang.tag() == tag);
    known.unwrap_or(Lang::En)
}

/// What stands in a text message. Its last line binds the code to our origin, so that telephones that fill
/// it in do so on our pages alone (Origin-bound one-time codes delivered via SMS, section 4).
#[must_use]
pub fn write_text(looks: &Looks, issuer: &Issuer, request: &TextRequest) -> String {
    let lang = language(&request.lang);
    let key = match request.kind {
        TextKind::SignInCode => "text-sign-in-code",
        TextKind::ConfirmNumber => "text-confirm-number",
    };
    let text = Words::new(key)
        .with("code", request.code.as_str())
        .with("brand", looks.name.as_str())
        .with("span", duration(lang, request.valid_for).as_str())
        .text(lang);
    match issuer.url().domain().filter(|_| issuer.is_https()) {
        Some(host) => format!("{text}\n\n@{host} #{}", request.code),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_text_message_is_one_message_and_bound_to_our_origin() {
        for lang in Lang::ALL {
            for kind in [TextKind::SignInCode, TextKind::ConfirmNumber] {
                let request = TextRequest {
                    kind,
                    to: "+4915112345678".to_owned(),
                    code: "012345".to_owned(),
                    lang: lang.tag().to_owned(),
                    valid_for: Duration::from_mins(5),
                };
                let issuer = Issuer::parse("https://id.example.com").unwrap();
                let text = write_text(&Looks::default(), &issuer, &request);
                assert!(text.starts_with("012345 "), "{text}");
                assert!(text.ends_with("\n\n@id.example.com #012345"), "{text}");
                // GSM 03.38: 160 of these; one letter beyond them and there is room for 70.
                let plain = |c: char| c.is_ascii() || "äöüÄÖÜß".contains(c);
                assert!(
                    text.chars().count() <= 160 && text.chars().all(plain),
                    "{text}"
                );
                let issuer = Issuer::parse("http://localhost:8080").unwrap();
                assert!(!write_text(&Looks::default(), &issuer, &request).contains('@'));
            }
        }
    }
}
