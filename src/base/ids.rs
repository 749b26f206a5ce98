//! Identifiers: `UUIDv7` (RFC 9562 §5.7), so that rows made later sort later.

use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

use super::{Entropy, Timestamp};

/// A new `UUIDv7` for the instant `now`.
#[must_use]
pub fn uuid_v7(now: Timestamp, entropy: &Entropy) -> Uuid {
    Builder::from_unix_timestamp_millis(millis(now), &entropy.bytes::<10>()).into_uuid()
}

fn millis(at: Timestamp) -> u64 {
    u64::try_from(at.micros() / 1_000).unwrap_or(0)
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Sorts before everything that was made at `at` or later, and after what was made before.
            #[must_use]
            pub fn earliest(at: Timestamp) -> Self {
                Self(Builder::from_unix_timestamp_millis(millis(at), &[0; 10]).into_uuid())
            }

            /// A new identifier for something made at `now`.
            #[must_use]
            pub fn new(now: Timestamp, entropy: &Entropy) -> Self {
                Self(uuid_v7(now, entropy))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// A person. Also the public `sub`.
    UserId
);
id!(
    /// A signed-in browser: the `sid` of ID tokens (OIDC Front-Channel Logout §3).
    SessionId
);
id!(
    /// What a person (or a machine) allowed a client: the family of one authorization code and of
    /// every refresh token that came from it.
    GrantId
);
id!(
    /// An audit event.
    EventId
);
id!(
    /// An organisation: people and clients with administrators of their own.
    OrganisationId
);
id!(
    /// A group of people.
    GroupId
);
id!(
    /// A role that was given to somebody.
    RoleGrantId
);
id!(
    /// A sign-in that an administrator tries a client with.
    TrialId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_made_later_sort_later() {
        let entropy = Entropy::seeded(1);
        let early = UserId::new(Timestamp::from_seconds(1_000), &entropy);
        let late = UserId::new(Timestamp::from_seconds(1_001), &entropy);
        assert!(early < late);
        let between = UserId::earliest(Timestamp::from_seconds(1_001));
        assert!(early < between && between <= late);
        assert_eq!(early.0.get_version_num(), 7);
    }
}
