//! Passkeys: the two ceremonies of WebAuthn Level 3, §7.1 and §7.2. The only user of webauthn-rs.
//!
//! The core of the library and not its wrapper: the wrapper demands user verification always and asks for
//! `residentKey: discouraged`. Here, what an authenticator is asked for is written down once:
//!
//! - registration: user verification preferred, discoverable preferred. Who verified then must always do so
//!   later (the library remembers); a security key without a PIN is a second factor and no more;
//! - signing in without a name: user verification required;
//! - ES256, ES384 and RS256, which is what the library checks;
//! - a change of backup eligibility, a copy of what cannot be copied (`tests/pages/passkey_steps.rs`), a signature
//!   counter that did not grow, another origin: refused.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use url::Url;
use uuid::Uuid;
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::proto::{
    AttestationCaList, AttestationCaListBuilder, AttestationConveyancePreference,
    AttestationFormat, AttestationMetadata, AuthenticationState, COSEAlgorithm, CredProtect,
    Credential as Record, CredentialProtectionPolicy, PublicKeyCredential,
    RegisterPublicKeyCredential, RegistrationState, RequestRegistrationExtensions,
    ResidentKeyRequirement, UserVerificationPolicy,
};

use super::jose::CryptoError;
pub use super::webauthn_refused::Refused;
use crate::base::ids::UserId;

/// How long a challenge lives, here and in the browser. WebAuthn §15.1 recommends 5 minutes where the user
/// is verified: "300000 milliseconds".
pub const CHALLENGE_LIFETIME: std::time::Duration = std::time::Duration::from_mins(5);

/// Who a passkey is for.
#[derive(Clone, Copy, Debug)]
pub struct Person<'a> {
    /// The user handle: never a name, because authenticators show it to whoever holds them (§14.6.1).
    pub id: UserId,
    /// What tells accounts apart in the browser's list.
    pub username: &'a str,
    /// What the person is called.
    pub display_name: &'a str,
}

/// What the page hands to the browser, and what is needed to check the answer.
#[derive(Debug)]
pub struct Offer<State> {
    /// `publicKey` of the options, as JSON.
    pub options: String,
    /// Comes back with the answer.
    pub state: State,
}

/// A registration under way.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Registering(RegistrationState);

/// A challenge under way. It names no credential: the one that answers comes from the database, as it is then.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Challenged(AuthenticationState);

/// What is kept of a passkey.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Credential(Record);

impl Credential {
    /// Names it, for everybody.
    #[must_use]
    pub fn id(&self) -> &[u8] {
        &self.0.cred_id
    }

    /// The authenticator checked at registration who holds it, so it must do so always.
    #[must_use]
    pub const fn is_verified(&self) -> bool {
        self.0.user_verified
    }

    /// It may leave the device that made it (BE, §6.1.3).
    #[must_use]
    pub const fn is_backup_eligible(&self) -> bool {
        self.0.backup_eligible
    }

    /// There is a copy elsewhere (BS, §6.1.3).
    #[must_use]
    pub const fn is_backed_up(&self) -> bool {
        self.0.backup_state
    }

    /// Whether a use after this state of the credential may be believed (§7.2, step 22); then it is written
    /// down. Read it under the lock of its row: of two answers with one counter, one is a copy's.
    #[must_use]
    pub fn advance(&mut self, used: &Used) -> bool {
        let counts = used.counter > 0 || self.0.counter > 0;
        if counts && used.counter <= self.0.counter {
            return false;
        }
        self.0.counter = used.counter;
        self.0.backup_state = used.backed_up;
        true
    }
}

/// A new passkey.
#[derive(Debug)]
pub struct Registered {
    /// What is kept.
    pub credential: Credential,
    /// The model, as the authenticator says; zeros where it does not.
    pub aaguid: Uuid,
}

/// An answer to a challenge, not yet believed.
#[derive(Debug)]
pub struct UncheckedUse(PublicKeyCredential);

impl UncheckedUse {
    /// Reads what the browser sent.
    ///
    /// # Errors
    /// [`Refused::Malformed`]
    pub fn parse(json: &str) -> Result<Self, Refused> {
        serde_json::from_str(json)
            .map(Self)
            .map_err(|_| Refused::Malformed)
    }

    /// Which passkey it says it is.
    #[must_use]
    pub fn credential_id(&self) -> &[u8] {
        &self.0.raw_id
    }

    /// Whose, where the authenticator says so.
    #[must_use]
    pub fn user(&self) -> Option<UserId> {
        let handle = self.0.response.user_handle.as_deref()?;
        Uuid::from_slice(handle).ok().map(UserId)
    }
}

/// A use of a passkey whose signature was checked.
#[derive(Clone, Copy, Debug)]
pub struct Used {
    /// The authenticator checked who holds it, now and at registration. Only the latter makes the former
    /// worth something: else who finds a key gives it a PIN of his own (§4, uvInitialized).
    pub user_verified: bool,
    counter: u32,
    backed_up: bool,
}

/// The models that are allowed, and who vouches for them.
#[derive(Debug)]
pub struct Models<'a> {
    /// Certificates of the makers, PEM.
    pub roots: &'a str,
    /// The models.
    pub allowed: &'a [Uuid],
}

/// We, as authenticators see us.
#[derive(Debug)]
pub struct RelyingParty {
    core: WebauthnCore,
    rp_id_hash: [u8; 32],
    models: Option<AttestationCaList>,
}

impl RelyingParty {
    /// From the issuer: its host is the RP ID (§5.1.2: an "effective domain", so never an IP address), and
    /// its origin the only one whose answers count.
    ///
    /// # Errors
    /// In words, what would be right.
    pub fn new(issuer: &Url, name: &str, models: Option<Models<'_>>) -> Result<Self, CryptoError> {
        let Some(rp_id) = issuer.domain() else {
            return Err(CryptoError::Key(
                "passkeys need an issuer with a name, not with an IP address".to_owned(),
            ));
        };
        let core = WebauthnCore::new_unsafe_experts_only(
            name,
            rp_id,
            vec![issuer.clone()],
            CHALLENGE_LIFETIME,
            Some(false),
            Some(false),
        );
        Ok(Self {
            core,
            rp_id_hash: Sha256::digest(rp_id.as_bytes()).into(),
            models: models.as_ref().map(trusted).transpose()?,
        })
    }

    /// Begins a registration. Authenticators that hold one of `known` decline by themselves.
    ///
    /// # Errors
    /// If the library fails.
    pub fn offer_registration(
        &self,
        person: Person<'_>,
        known: Vec<Vec<u8>>,
    ) -> Result<Offer<Registering>, CryptoError> {
        let direct = self.models.is_some();
        let attestation = if direct {
            AttestationConveyancePreference::Direct
        } else {
            AttestationConveyancePreference::None
        };
        let builder = self
            .core
            .new_challenge_register_builder(
                person.id.0.as_bytes(),
                person.username,
                person.display_name,
            )
            .map_err(failed)?
            .attestation(attestation)
            // What the library checks of it: the certificate's own word for the model.
            .attestation_formats(
                direct.then(|| vec![AttestationFormat::Packed, AttestationFormat::Tpm]),
            )
            .credential_algorithms(COSEAlgorithm::secure_algs())
            .user_verification_policy(UserVerificationPolicy::Preferred)
            .reject_synchronised_authenticators(false)
            .exclude_credentials(Some(known))
            .extensions(Some(wishes()));
        let (mut options, state) = self
            .core
            .generate_challenge_register(builder)
            .map_err(failed)?;
        if let Some(selection) = &mut options.public_key.authenticator_selection {
            // Discoverable, so that it works without a name; preferred, so that an old security key is
            // still a second factor.
            selection.resident_key = Some(ResidentKeyRequirement::Preferred);
        }
        Ok(Offer {
            options: serde_json::to_string(&options.public_key).map_err(failed)?,
            state: Registering(state),
        })
    }

    /// Checks a new passkey (§7.1).
    ///
    /// # Errors
    /// Why it was not accepted.
    pub fn register(&self, state: &Registering, json: &str) -> Result<Registered, Refused> {
        let answer: RegisterPublicKeyCredential =
            serde_json::from_str(json).map_err(|_| Refused::Malformed)?;
        let record = self
            .core
            .register_credential(&answer, &state.0, self.models.as_ref())?;
        let told = match &record.attestation.metadata {
            AttestationMetadata::Packed { aaguid } | AttestationMetadata::Tpm { aaguid, .. } => {
                *aaguid
            }
            _ => self.model(&answer.response.attestation_object, &record.cred_id),
        };
        Ok(Registered {
            credential: Credential(record),
            aaguid: told,
        })
    }

    /// `aaguid` of the attested credential data (§6.5.1), which the library does not give out: behind the RP
    /// ID's hash, the flags and the counter, and before the length and the id of the credential.
    fn model(&self, attestation_object: &[u8], credential_id: &[u8]) -> Uuid {
        attestation_object
            .windows(32)
            .enumerate()
            .filter(|(_, window)| *window == self.rp_id_hash)
            .find_map(|(at, _)| {
                let data = &attestation_object[at..];
                let id = data.get(55..55 + credential_id.len())?;
                let aaguid = data.get(37..53)?;
                (id == credential_id).then(|| Uuid::from_slice(aaguid).ok())?
            })
            .unwrap_or_default()
    }

    /// A challenge for whoever has a passkey here: no names, and the user is verified.
    ///
    /// # Errors
    /// If the library fails.
    pub fn challenge_anybody(&self) -> Result<Offer<Challenged>, CryptoError> {
        self.challenge(Vec::new(), UserVerificationPolicy::Required)
    }

    /// A challenge for the holder of one of these. Those that verified at registration must verify again,
    /// whatever the browser was told.
    ///
    /// # Errors
    /// If the library fails.
    pub fn challenge_holder(&self, of: Vec<Credential>) -> Result<Offer<Challenged>, CryptoError> {
        let records = of.into_iter().map(|credential| credential.0).collect();
        self.challenge(records, UserVerificationPolicy::Preferred)
    }

    fn challenge(
        &self,
        records: Vec<Record>,
        policy: UserVerificationPolicy,
    ) -> Result<Offer<Challenged>, CryptoError> {
        let builder = self
            .core
            .new_challenge_authenticate_builder(records, Some(policy))
            .map_err(failed)?;
        let (options, mut state) = self
            .core
            .generate_challenge_authenticate(builder)
            .map_err(failed)?;
        state.set_allowed_credentials(Vec::new());
        Ok(Offer {
            options: serde_json::to_string(&options.public_key).map_err(failed)?,
            state: Challenged(state),
        })
    }

    /// Checks a use of a passkey (§7.2). That the passkey is this person's, the caller knows.
    ///
    /// # Errors
    /// Why it was not accepted.
    pub fn verify(
        &self,
        challenged: &Challenged,
        answer: &UncheckedUse,
        credential: &Credential,
    ) -> Result<Used, Refused> {
        let mut record = credential.0.clone();
        // The counter is compared by `advance`, with what it is under the lock.
        record.counter = 0;
        let result = self
            .core
            .authenticate_single_credential(&answer.0, &challenged.0, &record)?;
        Ok(Used {
            user_verified: result.user_verified() && credential.is_verified(),
            counter: result.counter(),
            backed_up: result.backup_state(),
        })
    }
}

/// Asked of every authenticator; none fails for want of it.
fn wishes() -> RequestRegistrationExtensions {
    RequestRegistrationExtensions {
        // A key that is found must not tell who its owner is before it was unlocked.
        cred_protect: Some(CredProtect {
            credential_protection_policy:
                CredentialProtectionPolicy::UserVerificationOptionalWithCredentialIDList,
            enforce_credential_protection_policy: Some(false),
        }),
        uvm: None,
        cred_props: Some(true),
        min_pin_length: None,
        hmac_create_secret: None,
    }
}

fn trusted(models: &Models<'_>) -> Result<AttestationCaList, CryptoError> {
    const END: &str = "-----END CERTIFICATE-----";
    let mut list = AttestationCaListBuilder::new();
    let roots = models
        .roots
        .split_inclusive(END)
        .filter(|pem| pem.contains(END));
    for (number, pem) in roots.enumerate() {
        for aaguid in models.allowed {
            list.insert_device_pem(
                pem.trim().as_bytes(),
                *aaguid,
                aaguid.to_string(),
                BTreeMap::new(),
            )
            .map_err(|_| CryptoError::Key(format!("certificate {} cannot be read", number + 1)))?;
        }
    }
    let list = list.build();
    if list.is_empty() {
        return Err(CryptoError::Key(
            "no certificate, or no model, that could be allowed".to_owned(),
        ));
    }
    Ok(list)
}

fn failed(error: impl std::fmt::Display) -> CryptoError {
    CryptoError::Key(error.to_string())
}

#[cfg(test)]
#[path = "webauthn_tests.rs"]
mod tests;
