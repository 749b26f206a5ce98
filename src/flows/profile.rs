//! A person changes their own profile.

use serde_json::{Map, Value};

use super::session::SignedIn;
use super::{Internal, Tessera};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::profile;
use crate::storage::users;

/// The claims that people change themselves. What an operator vouches for (`attributes`, a phone number
/// that was verified) is not theirs to write.
pub const EDITABLE: [&str; 10] = [
    "name",
    "given_name",
    "family_name",
    "nickname",
    "birthdate",
    "gender",
    "locale",
    "zoneinfo",
    "website",
    "picture",
];

impl Tessera {
    /// Replaces these claims; an empty one goes. The others stay as they are.
    ///
    /// # Errors
    /// Inner: the claims that will not do.
    pub async fn edit_profile(
        &self,
        signed_in: &SignedIn,
        typed: Vec<(&'static str, String)>,
        origin: Origin,
    ) -> Result<Result<(), Vec<&'static str>>, Internal> {
        let typed: Vec<(&str, String)> = typed
            .into_iter()
            .filter(|(claim, _)| EDITABLE.contains(claim))
            .map(|(claim, value)| (claim, value.trim().to_owned()))
            .collect();
        let wrong: Vec<&str> = typed
            .iter()
            .filter(|(claim, value)| !value.is_empty() && !is_right(claim, value))
            .map(|(claim, _)| *claim)
            .collect();
        if !wrong.is_empty() {
            return Ok(Err(wrong));
        }
        let (tessera, id, now) = (self.clone(), signed_in.user().id, self.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let Some(mut user) = users::lock(tx, id).await? else {
                        return Ok(Ok(()));
                    };
                    let before = user.profile.clone();
                    for (claim, value) in typed {
                        if value.is_empty() {
                            user.profile.0.remove(claim);
                        } else {
                            user.profile.0.insert(claim.to_owned(), value.into());
                        }
                    }
                    if user.profile == before {
                        return Ok(Ok(()));
                    }
                    let changed: Vec<&str> = EDITABLE
                        .into_iter()
                        .filter(|claim| before.0.get(*claim) != user.profile.0.get(*claim))
                        .collect();
                    users::update(tx, &user, now).await?;
                    let event =
                        Event::new(Kind::ProfileChanged, Actor::User(id)).with("changed", changed);
                    tessera.record(tx, &event, &origin);
                    Ok(Ok(()))
                })
            })
            .await
    }
}

fn is_right(claim: &str, value: &str) -> bool {
    let alone = Map::from_iter([(claim.to_owned(), Value::from(value))]);
    profile::problems(&alone).is_empty()
}
