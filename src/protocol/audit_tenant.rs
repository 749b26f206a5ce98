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

/// What an event may belong by. It belongs to the first organisation that one of them is in: whom it tells of
/// before who did it, people before applications.
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
    if fact("kind") == Some(Kind::AccessDenied.as_str()) {
        return actor.into_iter().collect();
    }
    let organisation = fact("organisation_id").and_then(|id| id.parse().ok());
    let organisation = organisation.map(|id| Belonging::Organisation(OrganisationId(id)));
    let named = [
        organisation,
        fact("user_id").and_then(user),
        actor,
        fact("client_id").map(client),
    ];
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
    fn whom_an_event_tells_of_comes_before_who_did_it_and_people_before_applications() {
        let event = json!({"kind": "user.changed", "actor": format!("user:{TWO}"), "user_id": ONE, "client_id": "c1",
            "organisation_id": TWO});
        let all = vec![
            Belonging::Organisation(OrganisationId(TWO)),
            Belonging::User(UserId(ONE)),
            Belonging::User(UserId(TWO)),
            client("c1"),
        ];
        assert_eq!(of(&event), all);
        let event = json!({"kind": "token.issued", "actor": "client:c1", "client_id": "c2"});
        assert_eq!(of(&event), [client("c1"), client("c2")]);
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
