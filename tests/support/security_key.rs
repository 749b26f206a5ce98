//! An authenticator in software: what a security key signs, byte by byte (WebAuthn Level 3 §6), and what a
//! browser makes of it. Every part can be wrong on purpose.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::maker::Attestation;
use super::world::ISSUER;

/// An authenticator with one key.
#[derive(Clone)]
pub struct SecurityKey {
    /// Its key.
    pub pkcs8: Vec<u8>,
    /// Its credential id.
    pub id: Vec<u8>,
    /// Its model.
    pub aaguid: [u8; 16],
    /// It checks who holds it.
    pub verifies: bool,
    /// It may be synchronised (BE).
    pub may_sync: bool,
    /// It is (BS).
    pub synced: bool,
    /// Signatures so far; always 0 for those that do not count.
    pub counter: u32,
    /// It counts.
    pub counts: bool,
    /// Where its browser believes to be.
    pub origin: String,
    /// What its maker vouches for it with; silent: attestation "none".
    pub attestation: Option<Attestation>,
    /// Whose it is, as it was told.
    pub user: Option<String>,
}

const UP: u8 = 0x01;
const UV: u8 = 0x04;
const BE: u8 = 0x08;
const BS: u8 = 0x10;
const AT: u8 = 0x40;

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A CBOR byte string (RFC 8949 §3.1).
fn bytes(value: &[u8]) -> Vec<u8> {
    let len = value.len();
    let mut out = match u8::try_from(len) {
        Ok(short @ 0..=23) => vec![0x40 | short],
        Ok(len) => vec![0x58, len],
        Err(_) => [
            &[0x59][..],
            &u16::try_from(len).expect("short").to_be_bytes(),
        ]
        .concat(),
    };
    out.extend_from_slice(value);
    out
}

/// A CBOR text of less than 24 bytes.
fn text(value: &str) -> Vec<u8> {
    let len = u8::try_from(value.len()).expect("short");
    [&[0x60 | len][..], value.as_bytes()].concat()
}

impl SecurityKey {
    /// A security key that verifies, counts, and keeps its key.
    pub fn new() -> Self {
        let pkcs8 =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new())
                .expect("a key");
        let pkcs8 = pkcs8.as_ref().to_vec();
        Self {
            id: Sha256::digest(&pkcs8).to_vec(),
            pkcs8,
            aaguid: *b"\x2f\xc0\x57\x9f\x81\x13\x47\xea\xb1\x16\xbb\x5a\x8d\xb9\x20\x2a",
            verifies: true,
            may_sync: false,
            synced: false,
            attestation: None,
            counter: 0,
            counts: true,
            origin: ISSUER.to_owned(),
            user: None,
        }
    }

    fn key(&self) -> EcdsaKeyPair {
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &self.pkcs8).expect("a key")
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        json!({
            "type": kind,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": false,
        })
        .to_string()
        .into_bytes()
    }

    /// §6.1
    fn data(&mut self, rp_id: &str, more: u8) -> Vec<u8> {
        if self.counts {
            self.counter += 1;
        }
        let mut flags = UP | more;
        if self.verifies {
            flags |= UV;
        }
        if self.may_sync {
            flags |= BE;
        }
        if self.synced {
            flags |= BS;
        }
        let mut data = Sha256::digest(rp_id.as_bytes()).to_vec();
        data.push(flags);
        data.extend_from_slice(&self.counter.to_be_bytes());
        data
    }

    /// §8.2 and §8.7: the format, and the statement.
    fn attest(&self, data: &[u8], client_data: &[u8]) -> [Vec<u8>; 4] {
        let Some(Attestation { certificate, pkcs8 }) = &self.attestation else {
            return [text("fmt"), text("none"), text("attStmt"), vec![0xa0]];
        };
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8).expect("a key");
        let signed = [data, &Sha256::digest(client_data)].concat();
        let signature = key.sign(&SystemRandom::new(), &signed).expect("signed");
        let statement = [
            vec![0xa3],
            text("alg"),
            vec![0x26],
            text("sig"),
            bytes(signature.as_ref()),
            text("x5c"),
            vec![0x81],
            bytes(certificate),
        ];
        [
            text("fmt"),
            text("packed"),
            text("attStmt"),
            statement.concat(),
        ]
    }

    /// `navigator.credentials.create`.
    pub fn create(&mut self, options: &str) -> String {
        let options: Value = serde_json::from_str(options).expect("options");
        self.user = Some(options["user"]["id"].as_str().expect("a user").to_owned());
        let client_data = self.client_data("webauthn.create", &options);
        let mut data = self.data(options["rp"]["id"].as_str().expect("an RP ID"), AT);
        data.extend_from_slice(&self.aaguid);
        data.extend_from_slice(&u16::try_from(self.id.len()).expect("short").to_be_bytes());
        data.extend_from_slice(&self.id);
        // COSE_Key (RFC 9053 §7.1.1): kty EC2, alg ES256, crv P-256, x, y.
        let key = self.key();
        let point = key.public_key().as_ref();
        data.extend_from_slice(&[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]);
        data.extend(bytes(&point[1..33]));
        data.push(0x22);
        data.extend(bytes(&point[33..65]));
        let object = [
            vec![0xa3],
            self.attest(&data, &client_data).concat(),
            text("authData"),
            bytes(&data),
        ]
        .concat();
        json!({
            "id": encode(&self.id),
            "rawId": encode(&self.id),
            "type": "public-key",
            "response": {
                "clientDataJSON": encode(client_data),
                "attestationObject": encode(object),
                "transports": ["usb"],
            },
            "clientExtensionResults": {},
        })
        .to_string()
    }

    /// `navigator.credentials.get`.
    pub fn get(&mut self, options: &str) -> String {
        let options: Value = serde_json::from_str(options).expect("options");
        let client_data = self.client_data("webauthn.get", &options);
        let data = self.data(options["rpId"].as_str().expect("an RP ID"), 0);
        let signed = [&data[..], &Sha256::digest(&client_data)].concat();
        let signature = self
            .key()
            .sign(&SystemRandom::new(), &signed)
            .expect("signed");
        json!({
            "id": encode(&self.id),
            "rawId": encode(&self.id),
            "type": "public-key",
            "response": {
                "clientDataJSON": encode(client_data),
                "authenticatorData": encode(data),
                "signature": encode(signature),
                "userHandle": self.user,
            },
            "clientExtensionResults": {},
        })
        .to_string()
    }
}
