//! The methods by which people prove who they are, and what a proof is worth.

use serde::{Deserialize, Serialize};

use crate::base::Timestamp;

/// What a method proves (NIST SP 800-63B-4 §2): two of one kind are still one factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Factor {
    /// Something you know.
    Knowledge,
    /// Something you have.
    Possession,
    /// What unlocked a passkey, a finger or a PIN: the authenticator does not say which.
    Unlock,
}

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// A way to prove who one is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Method { $($(#[$doc])* #[serde(rename = $text)] $name,)* }

        impl Method {
            /// Every method, the one that people should be offered first at the front.
            pub const ALL: [Self; [$($text),*].len()] = [$(Self::$name,)*];

            /// Its name in the configuration, in forms and in the log.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

methods! {
    /// A key of WebAuthn.
    Passkey = "passkey";
    /// A password.
    Password = "password";
    /// A one-time code by the clock (RFC 6238).
    Totp = "totp";
    /// A one-time code by a counter (RFC 4226).
    Hotp = "hotp";
    /// A code sent to a telephone.
    SmsCode = "sms_code";
    /// A code sent by mail.
    EmailCode = "email_code";
    /// A link sent by mail.
    MagicLink = "magic_link";
    /// One of the codes that were written down for a bad day.
    RecoveryCode = "recovery_code";
}

impl Method {
    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == text)
    }

    /// What it proves. A link that came by mail takes the place of the password and is worth no more than
    /// it: whoever knows that of the mailbox has it, from anywhere (NIST SP 800-63B-4 §3.1.3.1), so it is no
    /// second factor beside a password.
    #[must_use]
    pub const fn factor(self) -> Factor {
        match self {
            Self::Password | Self::MagicLink => Factor::Knowledge,
            _ => Factor::Possession,
        }
    }

    /// Whether having it means that a password alone is not enough for this person any more. What
    /// everybody with a mailbox has is not such a thing, nor are codes for a bad day.
    #[must_use]
    pub const fn is_second_factor(self) -> bool {
        matches!(
            self,
            Self::Passkey | Self::Totp | Self::Hotp | Self::SmsCode
        )
    }
}

/// What somebody could prove, or did: a method, with what makes one passkey worth more than another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Capability {
    /// How.
    pub method: Method,
    /// WebAuthn §6.1, UV: the authenticator checked who holds it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub user_verified: bool,
    /// WebAuthn §6.1.3, not BE: the key cannot leave its authenticator.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub device_bound: bool,
}

impl From<Method> for Capability {
    /// For a passkey this is the least: see [`Capability::passkey`].
    fn from(method: Method) -> Self {
        Self {
            method,
            user_verified: false,
            device_bound: false,
        }
    }
}

impl Capability {
    /// A passkey.
    #[must_use]
    pub const fn passkey(user_verified: bool, device_bound: bool) -> Self {
        Self {
            method: Method::Passkey,
            user_verified,
            device_bound,
        }
    }

    /// The factors that it proves.
    pub fn factors(self) -> impl Iterator<Item = Factor> {
        let unlock = self.user_verified.then_some(Factor::Unlock);
        [self.method.factor()].into_iter().chain(unlock)
    }

    /// Bound to our origin by the browser: who lures people to another page gets nothing.
    #[must_use]
    pub const fn is_phishing_resistant(self) -> bool {
        matches!(self.method, Method::Passkey)
    }
}

/// That somebody proved it, and when. Made by the flows that check, nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// What.
    #[serde(flatten)]
    pub of: Capability,
    /// When.
    pub at: Timestamp,
}

/// The different factors that were proven. A link and a code that came to one mailbox are one.
pub(super) fn factors_of<'a>(proofs: impl Iterator<Item = &'a Proof> + Clone) -> Vec<Factor> {
    let by_code = proofs
        .clone()
        .any(|proof| proof.of.method == Method::EmailCode);
    let mut factors: Vec<Factor> = proofs
        .filter(|proof| !(by_code && proof.of.method == Method::MagicLink))
        .flat_map(|proof| proof.of.factors())
        .collect();
    factors.sort_unstable();
    factors.dedup();
    factors
}

/// The proofs of a session, the newest first, of each kind the newest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Proofs(Vec<Proof>);

impl Proofs {
    /// With one proof.
    #[must_use]
    pub fn of(proof: Proof) -> Self {
        Self(vec![proof])
    }

    /// With one more.
    pub fn add(&mut self, proof: Proof) {
        self.0.retain(|known| known.of != proof.of);
        self.0.push(proof);
        self.0.sort_by_key(|proof| std::cmp::Reverse(proof.at));
    }

    /// With those of another.
    pub fn extend(&mut self, others: &Self) {
        for proof in others.iter() {
            let older = self
                .0
                .iter()
                .any(|known| known.of == proof.of && known.at >= proof.at);
            if !older {
                self.add(*proof);
            }
        }
    }

    /// The newest first.
    pub fn iter(&self) -> impl Iterator<Item = &Proof> {
        self.0.iter()
    }

    /// When the person last proved anything.
    #[must_use]
    pub fn latest(&self) -> Option<Timestamp> {
        self.0.first().map(|proof| proof.at)
    }

    /// Without what a method proved: it was removed from the account.
    pub fn forget(&mut self, method: Method) {
        self.0.retain(|proof| proof.of.method != method);
    }

    /// RFC 8176 §2, of those proofs.
    #[must_use]
    pub fn amr<'a>(proofs: impl IntoIterator<Item = &'a Proof>) -> Vec<String> {
        let mut names: Vec<&str> = Vec::new();
        let mut factors: Vec<Factor> = Vec::new();
        for proof in proofs {
            let of = proof.of;
            // A mailbox is none of the factors that "mfa" speaks of.
            factors.extend(of.factors().filter(|_| of.method != Method::MagicLink));
            names.extend(match of.method {
                Method::Password => &["pwd"][..],
                Method::Passkey if of.device_bound => &["hwk", "user"],
                Method::Passkey => &["swk", "user"],
                // "sms: Confirmation using SMS text message to the user at a registered number".
                Method::SmsCode => &["sms", "otp"],
                Method::Totp
                | Method::Hotp
                | Method::EmailCode
                | Method::MagicLink
                | Method::RecoveryCode => &["otp"],
            });
        }
        factors.sort_unstable();
        factors.dedup();
        // "mfa: Multiple-factor authentication [...] the specific authentication methods used may also
        // be included".
        if factors.len() > 1 {
            names.push("mfa");
        }
        let mut told: Vec<String> = Vec::new();
        for name in names {
            if !told.iter().any(|known| known == name) {
                told.push(name.to_owned());
            }
        }
        told
    }
}
