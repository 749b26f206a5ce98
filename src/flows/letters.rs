//! Letters and text messages to people: what is to be written, not how it looks.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Which letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LetterKind {
    /// Confirm a sign-up.
    VerifyEmail,
    /// Choose a new password.
    ResetPassword,
    /// The password was changed.
    PasswordChanged,
    /// Somebody tried to sign up with an address that has an account.
    AccountExists,
    /// Somebody signed in on a new device.
    NewDevice,
    /// A way to sign in was added.
    FactorAdded,
    /// A way to sign in was removed.
    FactorRemoved,
    /// A passkey is blocked.
    PasskeySuspended,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// Somebody was wrong too often in a row with the password.
    PasswordGuessed,
    /// With the codes, and knows the password.
    CodeGuessed,
    /// A recovery of the account waits.
    RecoveryBegun,
    /// It can be finished.
    RecoveryReady,
    /// An operator allows one.
    RecoveryAllowed,
    /// Asks the present address whether another one may take its place.
    EmailChangeAsked,
    /// Asks the other one.
    ConfirmNewEmail,
    /// Somebody wanted to use an address that has an account for another one.
    AddressInUse,
    /// To the old address: another one has taken its place.
    EmailChanged,
    /// The account will be deleted.
    DeletionAsked,
    /// The account was locked, because its owner said "it was not me".
    AccountLocked,
    /// A code to sign in with.
    SignInCode,
    /// A link to sign in with.
    SignInLink,
}

/// A letter to be written.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LetterRequest {
    /// Which one.
    pub kind: LetterKind,
    /// To which address.
    pub to: String,
    /// To whom.
    pub name: String,
    /// The link that it is about; of a code, the code.
    pub link: Option<String>,
    /// In which language.
    pub lang: String,
    /// How long the link works.
    pub valid_for: Option<Duration>,
}

/// Which text message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextKind {
    /// A code to sign in with.
    SignInCode,
    /// A code that shows that a number is somebody's.
    ConfirmNumber,
}

impl TextKind {
    /// Its name for whoever delivers it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignInCode => "sign_in_code",
            Self::ConfirmNumber => "confirm_number",
        }
    }
}

/// A text message to be written.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TextRequest {
    /// Which one.
    pub kind: TextKind,
    /// To which number.
    pub to: String,
    /// The code that it is about.
    pub code: String,
    /// In which language.
    pub lang: String,
    /// How long the code works.
    pub valid_for: Duration,
}
