//! Second factors: set up, listed, and the codes for a day without them.

use askama::Template;
use askama_web::WebTemplate;

use super::{Form, Notice, Page, PasskeyPrompt, PhoneSection};
use crate::base::Timestamp;

/// A new seed for an authenticator app.
#[derive(Clone, Debug)]
pub struct AppOffer {
    /// How many modules the QR code is wide and high.
    pub side: i32,
    /// The path that draws it.
    pub path: String,
    /// The seed, to be typed, in groups.
    pub seed: String,
    /// For an app on the same device.
    pub uri: String,
    /// Comes back with the first code.
    pub state: String,
    /// What was typed as its name before.
    pub name: String,
}

impl AppOffer {
    /// With the light border that scanners need (ISO/IEC 18004: four modules).
    fn view_box(&self) -> String {
        let size = self.side + 8;
        format!("-4 -4 {size} {size}")
    }
}

/// A device that makes codes.
#[derive(Clone, Debug)]
pub struct CodeDevice {
    /// Its id in forms.
    pub id: String,
    /// What its owner calls it; may be empty.
    pub name: String,
    /// Since when.
    pub since: Timestamp,
    /// When it last opened a door.
    pub used: Option<Timestamp>,
}

impl CodeDevice {
    /// What the page calls an app.
    fn label(&self, page: &Page) -> String {
        self.named(page, "method-totp")
    }

    /// What the page calls a token.
    fn token_label(&self, page: &Page) -> String {
        self.named(page, "method-hotp")
    }

    fn named(&self, page: &Page, otherwise: &str) -> String {
        if self.name.is_empty() {
            page.t(otherwise)
        } else {
            self.name.clone()
        }
    }

    /// Since when, and when it was last used.
    fn since_words(&self, page: &Page) -> String {
        let since = page.with("account-since", "date", &page.date(&self.since));
        match &self.used {
            Some(used) => format!(
                "{since} · {}",
                page.with("factors-used", "ago", &page.ago(used))
            ),
            None => since,
        }
    }
}

impl FactorSection {
    /// What the link to the apps says.
    #[must_use]
    pub const fn act_key(&self) -> &'static str {
        if self.apps > 0 {
            "factors-manage"
        } else {
            "factors-set-up"
        }
    }
}

impl AuthenticatorPage {
    /// No request waits on an account page.
    #[expect(clippy::unused_self, reason = "askama calls it as a method")]
    const fn no_request(&self) -> Option<String> {
        None
    }
}

/// What the account page says about second factors.
#[derive(Clone, Debug, Default)]
pub struct FactorSection {
    /// How many authenticator apps there are.
    pub apps: usize,
    /// Hardware tokens, by name.
    pub tokens: Vec<String>,
    /// The telephone; `None` where there are no text messages.
    pub phone: Option<PhoneSection>,
    /// How many recovery codes are left, where they could stand in for something.
    pub recovery_left: Option<usize>,
    /// So few that it is time for new ones.
    pub few: bool,
}

/// `GET /account/authenticator`. Posts `csrf` and `change`: `add` (`state`, `code`, `name`), `rename`
/// (`device`, `name`) or `remove` (`device`).
#[derive(Template, WebTemplate)]
#[template(path = "account/authenticator_page.html")]
pub struct AuthenticatorPage {
    /// What every page is given.
    pub page: Page,
    /// Good news on top.
    pub notice: Option<Notice>,
    /// What went wrong.
    pub form: Form,
    /// The apps.
    pub apps: Vec<CodeDevice>,
    /// The hardware tokens.
    pub tokens: Vec<CodeDevice>,
    /// A further one; `None` where there are as many as one can have.
    pub offer: Option<AppOffer>,
}

/// `GET /sign-in/set-up`: nobody comes in here without a second factor. Posts `csrf`, `request`, `state`,
/// and `code`, `name`, or `credential`.
#[derive(Template, WebTemplate)]
#[template(path = "pages/set_up_factor.html")]
pub struct SetUpFactor {
    /// What every page is given.
    pub page: Page,
    /// What went wrong.
    pub form: Form,
    /// The ticket of the pending authorization request.
    pub request: Option<String>,
    /// The name of the application that asks, if one does.
    pub client: Option<String>,
    /// The seed.
    pub offer: AppOffer,
    /// What the browser is asked to make, where there are passkeys.
    pub passkey: Option<PasskeyPrompt>,
}

/// Recovery codes, shown once.
#[derive(Template, WebTemplate)]
#[template(path = "account/recovery_codes.html")]
pub struct RecoveryCodesShown {
    /// What every page is given.
    pub page: Page,
    /// Good news on top.
    pub notice: Option<Notice>,
    /// The codes.
    pub codes: Vec<String>,
    /// Where it goes on.
    pub next: String,
}

/// `GET /account/recovery`. Posts `csrf`.
#[derive(Template, WebTemplate)]
#[template(path = "account/recovery_page.html")]
pub struct RecoveryPage {
    /// What every page is given.
    pub page: Page,
    /// How many are left; `None` where there is nothing that they could stand in for.
    pub left: Option<usize>,
    /// So few that it is time for new ones.
    pub few: bool,
}

/// `GET /sign-in/recovery-left`: a recovery code was used, and few are left.
#[derive(Template, WebTemplate)]
#[template(path = "pages/recovery_left.html")]
pub struct RecoveryLeft {
    /// What every page is given.
    pub page: Page,
    /// How many are left.
    pub left: usize,
    /// Where it goes on.
    pub next: String,
}
