//! To which organisation an event belongs: whose administrators may read it.

use serde_json::Value;

use super::audit::Kind;
use super::client::ClientId;
use crate::base::ids::{OrganisationId, UserId};

/// Somebody or something that an event names, by which it may belong to an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Belonging {
    /// The organisation itself.
    Organisation(OrganisationId),
    /// A person.
    User(UserId),
    /// An application.
    Client(ClientId),
}

/// What people and applications do for themselves: in these alone it counts who did it. What an administrator does
/// belongs to what it is done to, wherever they are from.
const fn is_ones_own(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::SignIn
            | Kind::SignInBegun
            | Kind::StepUp
            | Kind::FactorChanged
            | Kind::RecoveryBegun
            | Kind::RecoveryOpened
            | Kind::RecoveryFinished
            | Kind::RecoveryCancelled
            | Kind::AccountChosen
            | Kind::Consent
            | Kind::ConsentRevoked
            | Kind::CodeIssued
            | Kind::CodeReplayed
            | Kind::TokenIssued
            | Kind::TokenRefused
            | Kind::RefreshReplayed
            | Kind::TokenRevoked
            | Kind::ClientAuthenticationFailed
            | Kind::PasswordChanged
            | Kind::ProfileChanged
            | Kind::EmailChangeRequested
            | Kind::DataExported
            | Kind::DeletionRequested
            | Kind::DeletionCancelled
    )
}

/// What an event may belong by. It belongs to the first organisation that one of them is in: where an event names a
/// person it is theirs, or the deployment's.
#[must_use]
pub fn belongings(event: &Value) -> Vec<Belonging> {
    let fact = |name: &str| event[name].as_str();
    let actor = fact("actor").and_then(|name| name.split_once(':'));
    let actor = actor.and_then(|(what, id)| match what {
        "user" => user(id),
        "client" => Some(client(id)),
        _ => None,
    });
    // Whoever tries what they may not names any organisation they like: that one must not learn who they are.
    let kind = fact("kind").and_then(Kind::parse);
    if kind == Some(Kind::AccessDenied) {
        return actor.into_iter().collect();
    }
    let organisation = fact("organisation_id").and_then(|id| id.parse().ok());
    let organisation = organisation.map(|id| Belonging::Organisation(OrganisationId(id)));
    let person = fact("user_id").and_then(user);
    let (actor, client) = match (&person, kind.is_some_and(is_ones_own)) {
        (Some(_), _) => (None, None),
        (None, true) => (actor, fact("client_id").map(client)),
        (None, false) => (None, fact("client_id").map(client)),
    };
    let named = [organisation, person, actor, client];
    named.into_iter().flatten().collect()
}

fn user(id: &str) -> Option<Belonging> {
    id.parse().ok().map(|id| Belonging::User(UserId(id)))
}

fn client(id: &str) -> Belonging {
    Belonging::Client(ClientId::new(id))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    const ONE: Uuid = Uuid::from_u128(1);
    const TWO: Uuid = Uuid::from_u128(2);

    fn of(event: &Value) -> Vec<Belonging> {
        belongings(event)
    }

    #[test]
    fn what_is_done_to_somebody_is_theirs_whoever_did_it() {
        let event = json!({"kind": "user.changed", "actor": format!("user:{TWO}"), "user_id": ONE, "client_id": "c1"});
        assert_eq!(of(&event), [Belonging::User(UserId(ONE))]);
        let event =
            json!({"kind": "client.changed", "actor": format!("user:{TWO}"), "client_id": "c1"});
        assert_eq!(of(&event), [client("c1")]);
        let event = json!({"kind": "role.granted", "actor": "operator", "user_id": ONE, "organisation_id": TWO});
        let all = [
            Belonging::Organisation(OrganisationId(TWO)),
            Belonging::User(UserId(ONE)),
        ];
        assert_eq!(of(&event), all);
        for kind in [
            "settings.changed",
            "role.changed",
            "key.changed",
            "audit.exported",
            "sessions.ended",
        ] {
            assert_eq!(
                of(&json!({"kind": kind, "actor": format!("user:{TWO}")})),
                [],
                "{kind}"
            );
        }
    }

    #[test]
    fn what_people_and_applications_do_for_themselves_is_theirs() {
        let event = json!({"kind": "consent", "actor": format!("user:{ONE}"), "client_id": "c1"});
        assert_eq!(of(&event), [Belonging::User(UserId(ONE)), client("c1")]);
        let event = json!({"kind": "token.issued", "actor": "client:c1", "user_id": ONE});
        assert_eq!(of(&event), [Belonging::User(UserId(ONE))]);
        let event = json!({"kind": "token.issued", "actor": "client:c1"});
        assert_eq!(of(&event), [client("c1")]);
    }

    #[test]
    fn what_is_of_no_one_belongs_to_no_one() {
        for actor in ["operator", "system", "anonymous", "user:ada"] {
            assert_eq!(
                of(&json!({"kind": "key.changed", "actor": actor, "username": ONE})),
                [],
                "{actor}"
            );
        }
    }

    #[test]
    fn an_attempt_belongs_to_who_made_it_and_not_to_the_organisation_that_they_named() {
        let event = json!({"kind": "access.denied", "actor": format!("user:{ONE}"), "organisation_id": TWO});
        assert_eq!(of(&event), [Belonging::User(UserId(ONE))]);
    }
}
