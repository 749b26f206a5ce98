//! Public keys as JSON (RFC 7517, RFC 7518 §6, RFC 8037 §2) and their thumbprints (RFC 7638).

use josekit::jwk::Jwk;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::json;
use crate::base::Digest;

/// Why a JWK was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwkError {
    /// It carries the private half, or is a shared secret. Whoever sent it has published it.
    #[error("the JWK contains private members")]
    Private,
    /// A `kty` or `crv` that Tessera does not use. In a set, such a key is skipped (RFC 7517 §5).
    #[error("unsupported kty or crv")]
    Unsupported,
    /// A member is missing or has a value that the specification does not allow.
    #[error("malformed JWK member: {0}")]
    Malformed(&'static str),
}

/// A JWK that holds public members only.
///
/// A JWK with private members (`d`, `p`, `k`, ...) is an **error**, not stripped: to accept it
/// quietly would leave its owner believing that the key is still a secret. Unknown members are
/// dropped (RFC 7517 §4: "MUST be ignored"); `x5c` is kept for RFC 8705.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Members")]
pub struct PublicJwk {
    pub(super) material: Material,
    kid: Option<String>,
    use_: Option<String>,
    alg: Option<String>,
    key_ops: Option<Vec<String>>,
    x5c: Option<Vec<String>>,
}

/// The mathematical part, in checked canonical base64url.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Material {
    /// Modulus and exponent, big-endian, without leading zeros.
    Rsa { n: String, e: String },
    /// A point, each coordinate as long as the field.
    Ec { crv: Curve, x: String, y: String },
    /// An Ed25519 public key.
    Ed25519 { x: String },
    /// An X25519 public key: for key agreement only.
    X25519 { x: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// Bytes of a coordinate: RFC 7518 §6.2.1.2, "the full size of a coordinate".
    const fn coordinate_length(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

/// 8192 bits: the largest modulus that the verifiers take. Verification costs the square of it.
const MAX_MODULUS_BYTES: usize = 1024;
/// 33 bits, OpenSSL's own limit for large moduli: a long exponent makes verification slow.
const MAX_EXPONENT_BYTES: usize = 5;

impl PublicJwk {
    pub(super) fn for_our_key(material: Material, alg: super::KeyAlgorithm) -> Self {
        let mut jwk = Self {
            material,
            kid: None,
            use_: Some(alg.use_().to_owned()),
            alg: Some(alg.as_str().to_owned()),
            key_ops: None,
            x5c: None,
        };
        jwk.kid = Some(jwk.thumbprint());
        jwk
    }

    /// `kid`: the key's name within its set.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// `alg`: the only algorithm the key is for, where its owner says so.
    pub fn alg(&self) -> Option<&str> {
        self.alg.as_deref()
    }

    /// `use`: `sig` or `enc`, where the owner says so.
    pub fn use_(&self) -> Option<&str> {
        self.use_.as_deref()
    }

    /// `x5c`: the certificate chain, base64 DER, as sent and unchecked.
    pub fn x5c(&self) -> Option<&[String]> {
        self.x5c.as_deref()
    }

    /// Whether `use` and `key_ops` leave room for verifying signatures (RFC 7517 §4.2, §4.3).
    pub fn may_verify(&self) -> bool {
        let by_use = self.use_.as_deref().is_none_or(|use_| use_ == "sig");
        let by_operation = self
            .key_ops
            .as_ref()
            .is_none_or(|operations| operations.iter().any(|operation| operation == "verify"));
        by_use && by_operation
    }

    /// Whether `use` and `key_ops` leave room for encrypting to the key. The public half of a key for
    /// agreement has no operation of its own, so an empty `key_ops` is fine (RFC 7517 §4.3).
    pub fn may_encrypt(&self) -> bool {
        const OPERATIONS: [&str; 4] = ["encrypt", "wrapKey", "deriveKey", "deriveBits"];
        let by_use = self.use_.as_deref().is_none_or(|use_| use_ == "enc");
        let by_operation = self.key_ops.as_ref().is_none_or(|operations| {
            operations.is_empty()
                || operations
                    .iter()
                    .any(|op| OPERATIONS.contains(&op.as_str()))
        });
        by_use && by_operation
    }

    /// The SHA-256 thumbprint as base64url (RFC 7638 §3): 43 characters that name the key itself.
    pub fn thumbprint(&self) -> String {
        // §3.1: only required members, in lexicographic order, without whitespace. All values
        // are base64url here, so nothing needs escaping.
        let canonical = match &self.material {
            Material::Rsa { n, e } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
            Material::Ec { crv, x, y } => {
                let crv = crv.name();
                format!(r#"{{"crv":"{crv}","kty":"EC","x":"{x}","y":"{y}"}}"#)
            }
            Material::Ed25519 { x } => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#),
            Material::X25519 { x } => format!(r#"{{"crv":"X25519","kty":"OKP","x":"{x}"}}"#),
        };
        json::encode(Digest::of(canonical.as_bytes()).as_bytes())
    }

    /// The key for josekit: without `use`, `key_ops` and `alg`, which were judged here.
    pub(super) fn to_josekit(&self) -> Jwk {
        let member = |text: &str| Some(josekit::Value::String(text.to_owned()));
        let (kty, members) = match &self.material {
            Material::Rsa { n, e } => ("RSA", vec![("n", n.as_str()), ("e", e)]),
            Material::Ec { crv, x, y } => {
                ("EC", vec![("crv", crv.name()), ("x", x.as_str()), ("y", y)])
            }
            Material::Ed25519 { x } => ("OKP", vec![("crv", "Ed25519"), ("x", x.as_str())]),
            Material::X25519 { x } => ("OKP", vec![("crv", "X25519"), ("x", x.as_str())]),
        };
        let mut jwk = Jwk::new(kty);
        for (name, value) in members {
            // josekit checks the types of registered members only; text is right for all these.
            let _ = jwk.set_parameter(name, member(value));
        }
        jwk
    }
}

/// The wire form.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Members {
    kty: String,
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    use_: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_ops: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    crv: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    e: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x5c: Option<Vec<String>>,
}

impl Members {
    fn octet_pair(&mut self, crv: &str, x: String) {
        "OKP".clone_into(&mut self.kty);
        self.crv = Some(crv.to_owned());
        self.x = Some(x);
    }
}

/// RFC 7518 §6.2.2, §6.3.2, §6.4.1 and RFC 8037 §2: the members that make a key private.
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Whether a JWK, of whatever kind and however malformed, has private members, whatever they hold.
#[must_use]
pub fn has_private_members(jwk: &Value) -> bool {
    PRIVATE.iter().any(|member| jwk.get(member).is_some())
}

impl TryFrom<Value> for PublicJwk {
    type Error = JwkError;

    fn try_from(jwk: Value) -> Result<Self, JwkError> {
        if has_private_members(&jwk) {
            return Err(JwkError::Private);
        }
        serde_json::from_value::<Members>(jwk)
            .map_err(|_| JwkError::Malformed("of a type that it cannot have"))?
            .try_into()
    }
}

impl TryFrom<Members> for PublicJwk {
    type Error = JwkError;

    fn try_from(members: Members) -> Result<Self, JwkError> {
        if members.kty == "oct" {
            return Err(JwkError::Private);
        }
        let material = match (members.kty.as_str(), members.crv.as_deref()) {
            ("RSA", _) => rsa(members.n, members.e)?,
            ("EC", Some("P-256")) => ec(Curve::P256, members.x, members.y)?,
            ("EC", Some("P-384")) => ec(Curve::P384, members.x, members.y)?,
            ("EC", Some("P-521")) => ec(Curve::P521, members.x, members.y)?,
            ("OKP", Some("Ed25519")) => Material::Ed25519 {
                x: octets(members.x, 32, "x")?,
            },
            ("OKP", Some("X25519")) => Material::X25519 {
                x: octets(members.x, 32, "x")?,
            },
            _ => return Err(JwkError::Unsupported),
        };
        Ok(Self {
            material,
            kid: members.kid,
            use_: members.use_,
            alg: members.alg,
            key_ops: members.key_ops,
            x5c: members.x5c,
        })
    }
}

impl From<PublicJwk> for Members {
    fn from(jwk: PublicJwk) -> Self {
        let mut members = Self {
            use_: jwk.use_,
            alg: jwk.alg,
            kid: jwk.kid,
            key_ops: jwk.key_ops,
            x5c: jwk.x5c,
            ..Self::default()
        };
        match jwk.material {
            Material::Rsa { n, e } => {
                "RSA".clone_into(&mut members.kty);
                (members.n, members.e) = (Some(n), Some(e));
            }
            Material::Ec { crv, x, y } => {
                "EC".clone_into(&mut members.kty);
                members.crv = Some(crv.name().to_owned());
                (members.x, members.y) = (Some(x), Some(y));
            }
            Material::Ed25519 { x } => members.octet_pair("Ed25519", x),
            Material::X25519 { x } => members.octet_pair("X25519", x),
        }
        members
    }
}

fn octets(text: Option<String>, length: usize, member: &'static str) -> Result<String, JwkError> {
    text.filter(|text| json::decode(text).is_some_and(|bytes| bytes.len() == length))
        .ok_or(JwkError::Malformed(member))
}

fn ec(crv: Curve, x: Option<String>, y: Option<String>) -> Result<Material, JwkError> {
    Ok(Material::Ec {
        crv,
        x: octets(x, crv.coordinate_length(), "x")?,
        y: octets(y, crv.coordinate_length(), "y")?,
    })
}

fn rsa(n: Option<String>, e: Option<String>) -> Result<Material, JwkError> {
    Ok(Material::Rsa {
        n: unsigned(n, MAX_MODULUS_BYTES, "n")?,
        e: unsigned(e, MAX_EXPONENT_BYTES, "e")?,
    })
}

/// RFC 7518 §2, Base64urlUInt: "The octet sequence MUST utilize the minimum number of octets".
/// Two spellings of one key would have two thumbprints.
fn unsigned(
    text: Option<String>,
    longest: usize,
    member: &'static str,
) -> Result<String, JwkError> {
    text.filter(|text| {
        json::decode(text).is_some_and(|bytes| {
            bytes.len() <= longest && bytes.first().is_some_and(|&first| first != 0)
        })
    })
    .ok_or(JwkError::Malformed(member))
}

#[cfg(test)]
#[path = "jwk_tests.rs"]
mod tests;
