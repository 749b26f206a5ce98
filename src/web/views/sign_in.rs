//! The way in.

use askama::Template;
use askama_web::WebTemplate;

use super::{Form, Notice, Page, PasskeyPrompt};
use crate::flows::sent_codes::Sending;

/// `GET /sign-in`. Posts `csrf`, `request`, `username`, `password` to `/sign-in`.
#[derive(Template, WebTemplate)]
#[template(path = "pages/sign_in.html")]
pub struct SignIn {
    /// What every page is given.
    pub page: Page,
    /// What went wrong the last time.
    pub form: Form,
    /// Good news on top.
    pub notice: Option<Notice>,
    /// The name of the application that asks, if one does.
    pub client: Option<String>,
    /// The ticket of the pending authorization request.
    pub request: Option<String>,
    /// What was typed before, or the `login_hint`.
    pub username: String,
    /// Somebody is signed in and has to prove it again (`prompt=login`, `max_age`).
    pub again: bool,
    /// Strangers may sign up.
    pub sign_up: bool,
    /// Mail can be sent, so that a forgotten password can be replaced.
    pub forgot_password: bool,
    /// A link by mail can take the place of the password.
    pub magic_link: bool,
    /// What the browser is asked for, where there are passkeys.
    pub passkey: Option<PasskeyPrompt>,
    /// The puzzle that comes first.
    pub puzzle: Option<Puzzle>,
}

/// A puzzle of a service of somebody else's.
pub struct Puzzle {
    /// Its script.
    pub script: String,
    /// The element that the script looks for.
    pub class: String,
    /// Whose page it is, for the service.
    pub site_key: String,
}

impl SignIn {
    /// The cursor waits where something has to be typed: nowhere else if there is an error to read.
    /// Passkeys are among the suggestions of the field (HTML §4.10.18.7.1, "webauthn").
    fn username_fill(&self) -> &'static str {
        if self.passkey.is_some() {
            "username webauthn"
        } else {
            "username"
        }
    }

    fn username_extra(&self) -> &'static str {
        if self.username.is_empty() && !self.form.is_bad() {
            "autocapitalize=\"none\" spellcheck=\"false\" autofocus"
        } else {
            "autocapitalize=\"none\" spellcheck=\"false\""
        }
    }

    fn password_extra(&self) -> &'static str {
        if self.username.is_empty() || self.form.is_bad() {
            ""
        } else {
            "autofocus"
        }
    }
}

/// `GET /sign-in/step`: one more proof. Posts `csrf`, `request`, `to`, `method` and `code` or `password`.
#[derive(Template, WebTemplate)]
#[template(path = "pages/step.html")]
pub struct Step {
    /// What every page is given.
    pub page: Page,
    /// What went wrong the last time.
    pub form: Form,
    /// The ticket of the pending authorization request.
    pub request: Option<String>,
    /// Which of our pages it goes on to, without a request.
    pub to: String,
    /// The name of the application that asks, if one does.
    pub client: Option<String>,
    /// Whose password it would be.
    pub username: String,
    /// What is asked for.
    pub method: StepMethod,
    /// Where the code is sent, and whether one is on its way; `None` where it comes from a device.
    pub sending: Option<Sending>,
    /// What the browser is asked for, if it is a passkey.
    pub passkey: Option<PasskeyPrompt>,
    /// What may be given instead, each with its page.
    pub others: Vec<(StepMethod, String)>,
    /// Where it goes on for who has lost all of that.
    pub lost: Option<String>,
}

/// A method, by its name in forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepMethod(pub &'static str);

impl StepMethod {
    /// The name in forms.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        self.0
    }

    fn is_password(self) -> bool {
        self.0 == "password"
    }

    fn is_hotp(self) -> bool {
        self.0 == "hotp"
    }
}

impl Step {
    fn title_key(&self) -> &'static str {
        match self.method.0 {
            "password" => "step-password-title",
            "passkey" => "step-passkey-title",
            "recovery_code" => "step-recovery-title",
            _ => "code-title",
        }
    }

    fn text_key(&self) -> &'static str {
        match self.method.0 {
            "password" => "step-password-text",
            "passkey" => "step-passkey-text",
            "hotp" => "step-hotp-text",
            "sms_code" if !self.waits() => "step-sms-send-text",
            "sms_code" => "step-sms-text",
            "email_code" if !self.waits() => "step-email-send-text",
            "email_code" => "step-email-text",
            "recovery_code" => "step-recovery-text",
            _ => "code-text",
        }
    }

    #[expect(clippy::unused_self, reason = "askama calls it as a method")]
    fn name_key(&self, method: &StepMethod) -> &'static str {
        match method.0 {
            "passkey" => "method-passkey",
            "password" => "method-password",
            "totp" => "method-totp",
            "hotp" => "method-hotp",
            "sms_code" => "method-sms-code",
            "email_code" => "method-email-code",
            _ => "method-recovery-code",
        }
    }

    fn sent_to_key(&self) -> &'static str {
        match self.method.0 {
            "sms_code" => "step-sent-to-phone",
            _ => "step-sent-to",
        }
    }

    /// Whether it is a code that could be guessed.
    fn is_code(&self) -> bool {
        !matches!(self.method.0, "password" | "passkey" | "recovery_code")
    }

    /// Whether there is a code to be typed.
    fn waits(&self) -> bool {
        self.sending.as_ref().is_none_or(|sending| sending.waiting)
    }

    fn extra(&self) -> &'static str {
        match (self.method.0, self.form.is_bad()) {
            ("password", true) => "",
            ("password", false) => "autofocus",
            ("recovery_code", false) => {
                "class=\"code long\" maxlength=\"32\" spellcheck=\"false\" autocapitalize=\"characters\" autofocus"
            }
            ("recovery_code", true) => {
                "class=\"code long\" maxlength=\"32\" spellcheck=\"false\" autocapitalize=\"characters\""
            }
            (_, true) => {
                "inputmode=\"numeric\" class=\"code\" maxlength=\"16\" spellcheck=\"false\""
            }
            (_, false) => {
                "inputmode=\"numeric\" class=\"code\" maxlength=\"16\" spellcheck=\"false\" autofocus"
            }
        }
    }
}

/// `GET /sign-in/unmet`: this person cannot be as sure as is asked for. Posts `csrf`, `request`.
#[derive(Template, WebTemplate)]
#[template(path = "pages/unmet.html")]
pub struct Unmet {
    /// What every page is given.
    pub page: Page,
    /// The name of the application that asks.
    pub client: String,
    /// The ticket of the pending authorization request.
    pub request: Option<String>,
}
