//! Writes the letters that flows ask for. Handed to the mail job at start: flows know no templates.

use crate::config::BrandingConfig;
use crate::flows::letters::{LetterKind, LetterRequest};
use crate::outside::Message;
use crate::web::messages::Lang;
use crate::web::views::email::{Letter, MailKind};

/// The message for a request, in the name and colour of the deployment; `None` if the template fails, which a test excludes.
#[must_use]
pub fn write(branding: &BrandingConfig, request: &LetterRequest) -> Option<Message> {
    let lang = Lang::ALL
        .into_iter()
        .find(|lang| lang.tag() == request.lang)
        .unwrap_or(Lang::En);
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
        },
        lang,
        brand: &branding.name,
        accent: &branding.accent.hex(),
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
