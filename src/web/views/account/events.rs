//! What happened to an account, in plain words.

use askama::Template;
use askama_web::WebTemplate;

use crate::base::Timestamp;
use crate::web::messages::Message;
use crate::web::views::Page;

/// One thing that happened.
#[derive(Clone, Debug)]
pub struct AccountEvent {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: Message,
    /// Nobody got in or changed anything, but somebody tried.
    pub refused: bool,
    /// From which address.
    pub address: Option<String>,
}

/// `GET /account/events`: all of them, page by page.
#[derive(Template, WebTemplate)]
#[template(path = "account/all_events.html")]
pub struct AllEvents {
    /// What every page is given.
    pub page: Page,
    /// Newest first.
    pub events: Vec<AccountEvent>,
    /// Where older ones are.
    pub older: Option<String>,
}

/// What an event is called: its kind, whether it worked, and `how` or `change` where it says so.
#[must_use]
pub fn words(kind: &str, worked: bool, how: &str) -> Message {
    Message::new(match (kind, worked, how) {
        ("sign_in", true, _) => "event-sign-in",
        ("sign_in", false, _) => "event-sign-in-refused",
        ("sign_in.begun", ..) => "event-sign-in-begun",
        ("sign_in.link_requested", ..) => "event-sign-in-link",
        ("code.sent", ..) => "event-code-sent",
        ("step_up", true, _) => "event-step-up",
        ("step_up", false, _) => "event-step-up-refused",
        ("sign_in.slowed", ..) => "event-sign-in-slowed",
        ("guessing.stopped", ..) => "event-guessing-stopped",
        ("device.replayed", ..) => "event-device-replayed",
        ("session.ended", _, "expired") => "event-session-expired",
        ("session.ended", ..) => "event-session-ended",
        ("consent", true, _) => "event-consent",
        ("consent", false, _) => "event-consent-denied",
        ("consent.revoked", ..) => "event-consent-revoked",
        ("code.replayed" | "refresh.replayed", ..) => "event-replayed",
        ("trial.begun", ..) => "event-trial-begun",
        ("trial.finished", ..) => "event-trial-finished",
        ("user.created" | "user.imported", ..) => "event-user-created",
        ("user.changed", ..) => "event-user-changed",
        ("role.granted", ..) => "event-role-granted",
        ("role.revoked", ..) => "event-role-revoked",
        ("password.changed", true, _) => "event-password-changed",
        ("password.changed", false, _) => "event-password-refused",
        ("password.reset_requested", ..) => "event-reset-requested",
        ("notice.sent", ..) => "event-notice-sent",
        ("profile.changed", ..) => "event-profile-changed",
        ("email.change_requested", ..) => "event-email-change-requested",
        ("email.changed", ..) => "event-email-changed",
        ("data.exported", ..) => "event-data-exported",
        ("account.locked", ..) => "event-account-locked",
        ("deletion.requested", ..) => "event-deletion-requested",
        ("deletion.cancelled", ..) => "event-deletion-cancelled",
        ("factor.changed", _, "added") => "event-factor-added",
        ("factor.changed", _, "removed") => "event-factor-removed",
        ("factor.changed", ..) => "event-factor-changed",
        ("recovery.begun", ..) => "event-recovery-begun",
        ("recovery.opened", true, _) => "event-recovery-opened",
        ("recovery.opened", false, _) => "event-recovery-refused",
        ("recovery.finished", ..) => "event-recovery-finished",
        ("recovery.cancelled", ..) => "event-recovery-cancelled",
        _ => "event-other",
    })
}

#[cfg(test)]
mod tests {
    use super::words;
    use crate::protocol::audit::Kind;

    #[test]
    fn what_a_person_is_shown_has_words() {
        // What concerns applications, keys and the server has none here.
        let others = [
            "client",
            "registration",
            "resource_server",
            "sign_up",
            "key.",
            "backup",
            "import",
            "audit.",
            "token.",
            "code.issued",
            "user.deleted",
            "account.chosen",
        ];
        for kind in Kind::ALL.iter().filter(|kind| kind.is_personal()) {
            let name = kind.as_str();
            let is_other = others.iter().any(|other| name.starts_with(other));
            for worked in [true, false] {
                let message = words(name, worked, "");
                assert_eq!(message.key() == "event-other", is_other, "{name}");
            }
        }
    }
}
