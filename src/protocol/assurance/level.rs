//! Levels: the values of `acr`, each with what it takes.

use std::time::Duration;

use super::method::{Method, Proof, factors_of};
use crate::base::Timestamp;

/// The longest name of a level.
pub const MAX_NAME: usize = 200;

/// What a value of `acr` means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// The value.
    pub name: String,
    /// The methods that count.
    pub methods: Vec<Method>,
    /// How many different factors: one or two.
    pub factors: usize,
    /// One of the proofs must be bound to our origin.
    pub phishing_resistant: bool,
    /// One of the proofs must come from a key that cannot leave its authenticator.
    pub device_bound: bool,
    /// How old a proof may be. Without a limit the session's own holds.
    pub max_age: Option<Duration>,
}

/// How far from a level: what is still missing, in pieces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Deficit(pub usize);

impl Deficit {
    pub(super) const NONE: Self = Self(0);
}

impl Level {
    /// Any proof of anything. Core §2, acr: "The value 0 indicates the End-User authentication did not
    /// meet the requirements of ISO/IEC 29115 level 1": of a session that reaches no named level.
    pub(super) fn anything() -> Self {
        Self {
            name: "0".to_owned(),
            methods: Method::ALL.to_vec(),
            factors: 1,
            phishing_resistant: false,
            device_bound: false,
            max_age: None,
        }
    }

    /// Two factors, whichever.
    pub(super) fn two_factors() -> Self {
        Self {
            factors: 2,
            ..Self::anything()
        }
    }

    /// What is missing from `proofs`, of which only those at `since` or later count.
    pub(super) fn deficit<'a>(
        &self,
        proofs: impl Iterator<Item = &'a Proof>,
        since: Option<Timestamp>,
        now: Timestamp,
    ) -> Deficit {
        let oldest = self.max_age.map(|age| now - age).max(since);
        let counted: Vec<&Proof> = proofs
            .filter(|proof| oldest.is_none_or(|oldest| proof.at >= oldest))
            .filter(|proof| self.methods.contains(&proof.of.method))
            .collect();
        let factors = factors_of(counted.iter().copied());
        let resistant = counted.iter().any(|proof| proof.of.is_phishing_resistant());
        let bound = counted.iter().any(|proof| proof.of.device_bound);
        Deficit(
            self.factors.saturating_sub(factors.len())
                + usize::from(self.phishing_resistant && !resistant)
                + usize::from(self.device_bound && !bound),
        )
    }
}

/// Every level of a deployment, the weakest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Levels(Vec<Level>);

impl Levels {
    /// As configured, the weakest first.
    #[must_use]
    pub fn new(levels: Vec<Level>) -> Self {
        Self(levels)
    }

    /// The level of that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Level> {
        self.0.iter().find(|level| level.name == name)
    }

    /// The weakest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Level> {
        self.0.iter()
    }

    /// The names, for `acr_values_supported`.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.0.iter().map(|level| level.name.as_str()).collect()
    }
}

impl Default for Levels {
    /// NIST SP 800-63B-4 §2 and OpenID Connect EAP ACR Values 1.0.
    fn default() -> Self {
        let hours = |hours| Some(Duration::from_hours(hours));
        let level = |name: &str, max_age| Level {
            name: name.to_owned(),
            max_age,
            ..Level::two_factors()
        };
        // §3.1.3: "Email SHALL NOT be used for out-of-band authentication".
        let without_mail: Vec<Method> = Method::ALL
            .into_iter()
            .filter(|method| !matches!(method, Method::EmailCode | Method::MagicLink))
            .collect();
        Self(vec![
            // §2.1.3: "a definite reauthentication overall timeout [...] SHOULD be no more than 30 days":
            // sessions.absolute_lifetime is shorter.
            Level {
                factors: 1,
                ..level("aal1", None)
            },
            // §2.2.3: "The overall timeout SHOULD be no more than 24 hours".
            Level {
                methods: without_mail,
                ..level("aal2", hours(24))
            },
            // "Phishing-Resistant": and, as everything at AAL2 or above, by two factors.
            Level {
                phishing_resistant: true,
                ..level("phr", hours(24))
            },
            // "Phishing-Resistant Hardware-Protected".
            Level {
                phishing_resistant: true,
                device_bound: true,
                ..level("phrh", hours(24))
            },
            // §2.3.2: "a public-key cryptographic authenticator [...] with a non-exportable private key",
            // §2.3.3: "The overall timeout [...] SHALL be no more than 12 hours".
            Level {
                phishing_resistant: true,
                device_bound: true,
                ..level("aal3", hours(12))
            },
        ])
    }
}
