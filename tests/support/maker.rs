//! A maker of security keys: its root certificate, and what it puts into its authenticators (WebAuthn
//! Level 3 §8.2.1).

use std::sync::LazyLock;

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

/// A maker.
pub struct Maker {
    /// What an operator puts into `passkeys.attestation_roots`.
    pub root: String,
    issuer: Issuer<'static, KeyPair>,
}

/// What an authenticator has of its maker.
#[derive(Clone)]
pub struct Attestation {
    /// Its certificate, DER.
    pub certificate: Vec<u8>,
    /// The key of it.
    pub pkcs8: Vec<u8>,
}

/// The maker whom the tests' operators trust.
pub static TRUSTED: LazyLock<Maker> = LazyLock::new(|| Maker::new("Test maker of keys"));

/// id-fido-gen-ce-aaguid
const MODEL: &[u64] = &[1, 3, 6, 1, 4, 1, 45724, 1, 1, 4];

impl Maker {
    /// With a root certificate of its own.
    pub fn new(name: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name.push(DnType::CommonName, name);
        let root = params.self_signed(&key).expect("a certificate");
        Self {
            root: root.pem(),
            issuer: Issuer::new(params, key),
        }
    }

    /// What it puts into authenticators of this model.
    pub fn attests(&self, model: [u8; 16]) -> Attestation {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::ExplicitNoCa;
        let name = &mut params.distinguished_name;
        name.push(DnType::CountryName, "SE");
        name.push(DnType::OrganizationName, "Test maker of keys");
        name.push(DnType::OrganizationalUnitName, "Authenticator Attestation");
        name.push(DnType::CommonName, "Test key");
        let octets = [&[0x04, 0x10][..], &model].concat();
        let extension = CustomExtension::from_oid_content(MODEL, octets);
        params.custom_extensions.push(extension);
        let certificate = params.signed_by(&key, &self.issuer).expect("signed");
        Attestation {
            certificate: certificate.der().to_vec(),
            pkcs8: key.serialize_der(),
        }
    }
}
