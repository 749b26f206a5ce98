//! Comparing a presented secret with the registered ones.

use uuid::Uuid;

use crate::base::{Secret, Timestamp};
use crate::protocol::client::{Client, ClientId};

/// Proof that a client presented one of its live secrets.
#[derive(Debug)]
pub struct SecretMatched {
    client_id: ClientId,
    secret_id: Uuid,
}

impl SecretMatched {
    /// Whose secret it is.
    #[must_use]
    pub const fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// Which of them it is: who rotates secrets wants to see when the old one falls silent.
    #[must_use]
    pub const fn secret_id(&self) -> Uuid {
        self.secret_id
    }
}

/// Compares a presented secret with every registered one, and never stops early: the time tells
/// neither how much of it was right nor which one it was.
///
/// RFC 6749 §10.10: "The authorization server MUST prevent attackers from guessing access tokens,
/// authorization codes, refresh tokens, resource owner passwords, and client credentials."
#[must_use]
pub fn check_secret(
    client: &Client,
    presented: &Secret<String>,
    now: Timestamp,
) -> Option<SecretMatched> {
    let digest = presented.digest();
    let mut matched = None;
    for secret in &client.secrets {
        let live = secret.expires_at.is_none_or(|end| now < end);
        // `&`, not `&&`: the comparison always runs.
        if live & digest.is(&secret.digest) {
            matched = Some(secret.id);
        }
    }
    matched.map(|secret_id| SecretMatched {
        client_id: client.id.clone(),
        secret_id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Digest;
    use crate::protocol::client::{ClientMetadata, ClientSecret};

    fn client() -> Client {
        let secret = |id, text: &str, end: Option<i64>| ClientSecret {
            id: Uuid::from_u128(id),
            digest: Digest::of(text.as_bytes()),
            sealed: None,
            expires_at: end.map(Timestamp::from_seconds),
        };
        Client {
            id: ClientId::new("app"),
            metadata: ClientMetadata::default(),
            secrets: vec![
                secret(3, "new", None),
                secret(2, "old", Some(100)),
                secret(1, "dead", Some(50)),
            ],
            disabled: false,
            by_stranger: false,
            organisation: None,
            version: 1,
            created_at: Timestamp::from_seconds(0),
        }
    }

    fn check(text: &str, now: i64) -> Option<u128> {
        let presented = Secret::new(text.to_owned());
        check_secret(&client(), &presented, Timestamp::from_seconds(now))
            .map(|matched| matched.secret_id().as_u128())
    }

    #[test]
    fn each_live_secret_matches_until_the_instant_at_which_it_ends() {
        assert_eq!(check("new", 60), Some(3));
        assert_eq!(check("old", 60), Some(2));
        assert_eq!(check("old", 99), Some(2));
        assert_eq!(check("old", 100), None);
        assert_eq!(check("dead", 60), None);
    }

    #[test]
    fn another_secret_an_empty_one_and_a_client_without_any_never_match() {
        for wrong in ["", "ne", "new ", "New"] {
            assert_eq!(check(wrong, 60), None, "{wrong:?}");
        }
        let mut bare = client();
        bare.secrets.clear();
        let presented = Secret::new("new".to_owned());
        assert!(check_secret(&bare, &presented, Timestamp::from_seconds(0)).is_none());
    }
}
