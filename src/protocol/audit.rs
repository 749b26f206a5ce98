//! Security events as typed values: who did what, on what, from where, and how it ended.
//! Never a secret: a token is named by its `jti`, a grant by its id.

use std::net::IpAddr;

use serde::Serialize;
use serde_json::{Map, Value};

use super::client::ClientId;
use crate::base::Timestamp;
use crate::base::ids::{EventId, UserId};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// What happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kind { $($(#[$doc])* $name,)* }

        impl Kind {
            /// The kind of this name.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
            }

            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its stable name in the log.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

kinds! {
    /// A person signed in, or failed to.
    SignIn = "sign_in";
    /// A person proved a part of what signing in takes; more is asked for.
    SignInBegun = "sign_in.begun";
    /// A signed-in person proved more, or again, or failed to.
    StepUp = "step_up";
    /// A person set up, changed or removed a way to prove who they are.
    FactorChanged = "factor.changed";
    /// Somebody with the password alone asked for a way back, or an operator allowed one.
    RecoveryBegun = "recovery.begun";
    /// Somebody came back with the link of a recovery that was ready, or failed to.
    RecoveryOpened = "recovery.opened";
    /// A new second factor took the place of those that were lost.
    RecoveryFinished = "recovery.finished";
    /// A recovery came to nothing: the owner was there, or nobody finished it.
    RecoveryCancelled = "recovery.cancelled";
    /// Somebody asked for a link to sign in with.
    SignInLinkRequested = "sign_in.link_requested";
    /// A code was sent to a person who is signing in or proving more.
    CodeSent = "code.sent";
    /// A guess was not even checked: too many before it.
    SignInSlowed = "sign_in.slowed";
    /// Too many wrong answers in a row: only devices that are known are listened to any more.
    GuessingStopped = "guessing.stopped";
    /// The cookie of a device came back after it was replaced; the device is not known any more.
    DeviceReplayed = "device.replayed";
    /// A browser session ended.
    SessionEnded = "session.ended";
    /// An administrator ended the sessions of everybody, or of everybody in an organisation.
    SessionsEnded = "sessions.ended";
    /// A person took another of the accounts that this browser is signed in to.
    AccountChosen = "account.chosen";
    /// A person allowed or denied a client.
    Consent = "consent";
    /// A person took back what a client was allowed.
    ConsentRevoked = "consent.revoked";
    /// An authorization code was issued.
    CodeIssued = "code.issued";
    /// A code was presented a second time; its grant is ended.
    CodeReplayed = "code.replayed";
    /// Tokens were issued.
    TokenIssued = "token.issued";
    /// The token endpoint refused.
    TokenRefused = "token.refused";
    /// A used refresh token was presented again; its grant is ended.
    RefreshReplayed = "refresh.replayed";
    /// A token was revoked.
    TokenRevoked = "token.revoked";
    /// A client failed to prove itself.
    ClientAuthenticationFailed = "client_authentication.failed";
    /// A client was registered.
    ClientCreated = "client.created";
    /// A client was removed.
    ClientDeleted = "client.deleted";
    /// A client was disabled or enabled, or replaced its own metadata (RFC 7592).
    ClientChanged = "client.changed";
    /// A client got a new secret.
    ClientSecretRotated = "client.secret_rotated";
    /// An administrator began to try a client.
    TrialBegun = "trial.begun";
    /// The trial of a client was answered.
    TrialFinished = "trial.finished";
    /// A stranger could not register a client, or a client not change its registration.
    RegistrationRefused = "registration.refused";
    /// An initial access token was made or revoked.
    RegistrationTokenChanged = "registration_token.changed";
    /// A resource server was registered.
    ResourceServerCreated = "resource_server.created";
    /// A resource server was described anew.
    ResourceServerChanged = "resource_server.changed";
    /// A resource server was removed.
    ResourceServerDeleted = "resource_server.deleted";
    /// An administrator changed how the deployment looks, or what its pages link to.
    SettingsChanged = "settings.changed";
    /// A role was defined, changed or removed.
    RoleChanged = "role.changed";
    /// A role was given to somebody.
    RoleGranted = "role.granted";
    /// A role was taken back.
    RoleRevoked = "role.revoked";
    /// A group was made, renamed or removed, or somebody was put into it or taken out.
    GroupChanged = "group.changed";
    /// An organisation was made, changed, closed or removed.
    OrganisationChanged = "organisation.changed";
    /// Somebody tried what their roles do not allow.
    AccessDenied = "access.denied";
    /// An account was made.
    UserCreated = "user.created";
    /// An account came with an import.
    UserImported = "user.imported";
    /// An import was begun or finished, with what it was of and how it ended.
    Import = "import";
    /// An account was disabled, enabled, or changed by an operator.
    UserChanged = "user.changed";
    /// A password was changed or reset.
    PasswordChanged = "password.changed";
    /// A link to reset a password was asked for.
    PasswordResetRequested = "password.reset_requested";
    /// Somebody asked for an account.
    SignUpRequested = "sign_up.requested";
    /// The owner of an account was sent a letter about what was done to it.
    NoticeSent = "notice.sent";
    /// A person changed their profile.
    ProfileChanged = "profile.changed";
    /// A person asked for another e-mail address.
    EmailChangeRequested = "email.change_requested";
    /// Both addresses said yes, and the new one is the account's.
    EmailChanged = "email.changed";
    /// A person took a copy of their data.
    DataExported = "data.exported";
    /// The owner said "it was not me".
    AccountLocked = "account.locked";
    /// A person asked for the deletion of their account.
    DeletionRequested = "deletion.requested";
    /// They want to keep it.
    DeletionCancelled = "deletion.cancelled";
    /// An account is deleted.
    UserDeleted = "user.deleted";
    /// A signing key was made, activated, retired, revoked or removed.
    KeyChanged = "key.changed";
    /// Events of this log were taken away as a file.
    AuditExported = "audit.exported";
    /// The oldest events of this log were removed because of their age.
    AuditPruned = "audit.pruned";
    /// A backup was taken or restored.
    Backup = "backup";
}

impl Kind {
    /// What a person wants to see of their own account: not each token that an application gets.
    #[must_use]
    pub const fn is_personal(self) -> bool {
        !matches!(
            self,
            Self::CodeIssued
                | Self::TokenIssued
                | Self::TokenRefused
                | Self::TokenRevoked
                | Self::UserDeleted
                | Self::AccountChosen
                | Self::RoleChanged
                | Self::GroupChanged
                | Self::OrganisationChanged
                | Self::SettingsChanged
                | Self::SessionsEnded
                | Self::AccessDenied
        )
    }
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A signed-in person.
    User(UserId),
    /// An authenticated client.
    Client(ClientId),
    /// Somebody at the command line of this machine.
    Operator,
    /// Tessera itself: a job.
    System,
    /// A stranger.
    Anonymous,
}

impl Actor {
    /// Its name in the log.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::User(id) => format!("user:{id}"),
            Self::Client(id) => format!("client:{id}"),
            Self::Operator => "operator".to_owned(),
            Self::System => "system".to_owned(),
            Self::Anonymous => "anonymous".to_owned(),
        }
    }
}

/// From where: the address after trusted proxies, and the request.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The peer, or what a trusted proxy says of it.
    pub address: Option<IpAddr>,
    /// Also in the response and in every log line of the request.
    pub request_id: String,
}

/// One event, not yet stored.
#[derive(Clone, Debug)]
pub struct Event {
    kind: Kind,
    actor: Actor,
    failure: Option<&'static str>,
    details: Map<String, Value>,
}

impl Event {
    /// Something that worked.
    #[must_use]
    pub fn new(kind: Kind, actor: Actor) -> Self {
        Self {
            kind,
            actor,
            failure: None,
            details: Map::new(),
        }
    }

    /// It did not work, and why (a fixed word, never what was typed).
    #[must_use]
    pub fn failed(mut self, reason: &'static str) -> Self {
        self.failure = Some(reason);
        self
    }

    /// A further fact. Absent values are left out.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Serialize) -> Self {
        match serde_json::to_value(value) {
            Ok(Value::Null) | Err(_) => {}
            Ok(value) => drop(self.details.insert(name.to_owned(), value)),
        }
        self
    }

    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Whose account page shows it: of whom it tells, or who did it.
    #[must_use]
    pub fn whose(&self) -> Option<UserId> {
        let told = self.details.get("user_id").and_then(Value::as_str);
        match (told, &self.actor) {
            _ if !self.kind.is_personal() => None,
            (Some(id), _) => id.parse().ok().map(UserId),
            (None, Actor::User(id)) => Some(*id),
            _ => None,
        }
    }

    /// The JSON object that is stored and covered by the hash.
    #[must_use]
    pub fn to_json(&self, id: EventId, at: Timestamp, origin: &Origin) -> String {
        #[derive(Serialize)]
        struct Body<'a> {
            id: EventId,
            at: String,
            kind: &'static str,
            actor: String,
            outcome: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            reason: Option<&'static str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            address: Option<IpAddr>,
            #[serde(skip_serializing_if = "str::is_empty")]
            request_id: &'a str,
            #[serde(flatten)]
            details: &'a Map<String, Value>,
        }
        let body = Body {
            id,
            at: at.rfc3339(),
            kind: self.kind.as_str(),
            actor: self.actor.name(),
            outcome: if self.failure.is_some() {
                "failure"
            } else {
                "success"
            },
            reason: self.failure,
            address: origin.address,
            request_id: &origin.request_id,
            details: &self.details,
        };
        serde_json::to_string(&body).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Entropy;

    #[test]
    fn an_event_is_shown_to_whom_it_tells_of_and_tokens_are_not() {
        let now = Timestamp::from_seconds(1_700_000_000);
        let [alice, bobby] = [1, 2].map(|seed| UserId::new(now, &Entropy::seeded(seed)));
        let whose = |kind, actor, about: Option<UserId>| {
            Event::new(kind, actor).with("user_id", about).whose()
        };
        assert_eq!(whose(Kind::SignIn, Actor::User(alice), None), Some(alice));
        assert_eq!(
            whose(Kind::SignIn, Actor::Anonymous, Some(alice)),
            Some(alice)
        );
        assert_eq!(
            whose(Kind::UserChanged, Actor::User(bobby), Some(alice)),
            Some(alice)
        );
        assert_eq!(whose(Kind::SignIn, Actor::Anonymous, None), None);
        assert_eq!(
            whose(Kind::TokenIssued, Actor::User(alice), Some(alice)),
            None
        );
    }

    #[test]
    fn an_event_says_who_what_from_where_and_how_it_ended() {
        let now = Timestamp::from_seconds(1_700_000_000);
        let id = EventId::new(now, &Entropy::seeded(1));
        let origin = Origin {
            address: Some("192.0.2.1".parse().unwrap()),
            request_id: "r1".to_owned(),
        };
        let json = Event::new(Kind::SignIn, Actor::Anonymous)
            .failed("wrong_password")
            .with("username", "alice")
            .with("session_id", None::<String>)
            .to_json(id, now, &origin);
        let value: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value["kind"], "sign_in");
        assert_eq!(value["outcome"], "failure");
        assert_eq!(value["reason"], "wrong_password");
        assert_eq!(value["address"], "192.0.2.1");
        assert_eq!(value["username"], "alice");
        assert!(value.get("session_id").is_none());
    }
}
