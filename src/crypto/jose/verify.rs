//! Reading tokens: strict parsing first, then proof of the signature.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{JwsAlgorithm, PublicJwk, VerificationKey, json};

/// Why a token was refused. For the log; strangers learn only that it is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    /// Longer than [`UnverifiedJwt::MAX_BYTES`].
    #[error("token too long")]
    TooLong,
    /// Not three parts of canonical base64url around a JSON object.
    #[error("malformed token: {0}")]
    Malformed(&'static str),
    /// `alg` is missing, `none`, or nothing that we know.
    #[error("unsupported alg")]
    UnsupportedAlgorithm,
    /// The header names an extension in `crit`; we understand none (RFC 7515 §4.1.11).
    #[error("critical header extension")]
    CriticalExtension,
    /// The caller does not accept the token's `alg` here.
    #[error("alg not allowed here")]
    AlgorithmNotAllowed,
    /// The key is not for the token's `alg`.
    #[error("alg does not fit the key")]
    KeyMismatch,
    /// The signature is not the key's.
    #[error("bad signature")]
    BadSignature,
    /// The claims are not of the expected shape.
    #[error("malformed claims")]
    Claims,
}

/// The JOSE header of a token (RFC 7515 §4), as far as we use it. Unknown members are ignored as
/// §4 demands; `jku`, `x5u` and `x5c` are among them: a token never says where its key is.
#[derive(Clone, Debug)]
pub struct JoseHeader {
    alg: JwsAlgorithm,
    kid: Option<String>,
    typ: Option<String>,
    jwk: Option<PublicJwk>,
}

impl JoseHeader {
    /// `alg` (RFC 7515 §4.1.1).
    pub const fn alg(&self) -> JwsAlgorithm {
        self.alg
    }

    /// `kid` (RFC 7515 §4.1.4).
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// `typ` (RFC 7515 §4.1.9) as sent.
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// Whether `typ` is this media type: case-insensitively, and with or without the prefix
    /// `application/` (RFC 7515 §4.1.9).
    pub fn typ_is(&self, expected: &str) -> bool {
        const PREFIX: &str = "application/";
        self.typ().is_some_and(|typ| {
            let bare = match typ.get(..PREFIX.len()) {
                Some(prefix) if prefix.eq_ignore_ascii_case(PREFIX) => &typ[PREFIX.len()..],
                _ => typ,
            };
            bare.eq_ignore_ascii_case(expected)
        })
    }

    /// Whether the token may be of this kind: it says so, or nothing in particular (no `typ`, `JWT`).
    /// RFC 8725 §3.11: for kinds that came before explicit typing, which nobody can demand of clients;
    /// one that says that it is another kind is refused all the same.
    pub fn may_be(&self, kind: &str) -> bool {
        self.typ().is_none() || self.typ_is("JWT") || self.typ_is(kind)
    }

    /// `jwk`: the key that the sender claims to hold. It proves nothing by itself; DPoP (RFC 9449
    /// §4.3) compares its thumbprint with what a token is bound to.
    pub fn jwk(&self) -> Option<&PublicJwk> {
        self.jwk.as_ref()
    }
}

#[derive(Deserialize)]
struct WireHeader {
    alg: Option<String>,
    kid: Option<String>,
    typ: Option<String>,
    jwk: Option<PublicJwk>,
    crit: Option<Value>,
}

/// A JWT whose signature nobody has checked: everything in it is a stranger's claim.
#[derive(Debug)]
pub struct UnverifiedJwt<'a> {
    signing_input: &'a str,
    header: JoseHeader,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> UnverifiedJwt<'a> {
    /// The longest token that is read. Ours stay below 2 KiB, request objects with rich
    /// authorization details below 8; more is an attempt to make us work.
    pub const MAX_BYTES: usize = 16 * 1024;

    /// Parses a compact JWS (RFC 7515 §5.2, steps 1 to 7). Refuses what is ambiguous: padding or
    /// spare bits in base64url, duplicate members at the top level of header or payload.
    ///
    /// # Errors
    /// See [`JwtError`]: all but the last four.
    pub fn parse(compact: &'a str) -> Result<Self, JwtError> {
        if compact.len() > Self::MAX_BYTES {
            return Err(JwtError::TooLong);
        }
        let parts = JwtError::Malformed("not three parts");
        let (signing_input, signature) = compact.rsplit_once('.').ok_or(parts)?;
        let (header, payload) = signing_input.split_once('.').ok_or(parts)?;
        if payload.contains('.') {
            return Err(parts);
        }
        let header = json::decode(header).ok_or(JwtError::Malformed("header encoding"))?;
        let payload = json::decode(payload).ok_or(JwtError::Malformed("payload encoding"))?;
        let signature = json::decode(signature).ok_or(JwtError::Malformed("signature encoding"))?;
        let header = read_header(&header)?;
        Ok(Self {
            signing_input,
            header,
            payload,
            signature,
        })
    }

    /// The header, to choose a key by. Unverified as well.
    pub const fn header(&self) -> &JoseHeader {
        &self.header
    }

    /// The claims **without any proof**: only to find out whose key to verify with.
    ///
    /// # Errors
    /// [`JwtError::Claims`] if the payload is not a JSON object with distinct members, or not a `C`.
    pub fn unverified_claims<C: DeserializeOwned>(&self) -> Result<C, JwtError> {
        if !json::is_object_with_unique_members(&self.payload) {
            return Err(JwtError::Claims);
        }
        serde_json::from_slice(&self.payload).map_err(|_| JwtError::Claims)
    }

    /// Proves the signature. `allowed` is what the caller accepts in this place: the registered
    /// `token_endpoint_auth_signing_alg`, our own signing algorithms, ... (RFC 8725 §3.1).
    ///
    /// Says nothing about `exp`, `aud` and the like: those are the caller's rules.
    ///
    /// # Errors
    /// The last four of [`JwtError`].
    pub fn verify<C: DeserializeOwned>(
        self,
        key: &VerificationKey,
        allowed: &[JwsAlgorithm],
    ) -> Result<VerifiedJwt<C>, JwtError> {
        self.check_signature(key, allowed)?;
        let claims = self.unverified_claims()?;
        Ok(VerifiedJwt {
            header: self.header,
            claims,
        })
    }

    fn check_signature(
        &self,
        key: &VerificationKey,
        allowed: &[JwsAlgorithm],
    ) -> Result<(), JwtError> {
        let alg = self.header.alg;
        if !allowed.contains(&alg) {
            return Err(JwtError::AlgorithmNotAllowed);
        }
        if !key.supports(alg) {
            return Err(JwtError::KeyMismatch);
        }
        if key.accepts(alg, self.signing_input.as_bytes(), &self.signature) {
            Ok(())
        } else {
            Err(JwtError::BadSignature)
        }
    }
}

fn read_header(bytes: &[u8]) -> Result<JoseHeader, JwtError> {
    let malformed = JwtError::Malformed("header");
    if !json::is_object_with_unique_members(bytes) {
        return Err(malformed);
    }
    let wire: WireHeader = serde_json::from_slice(bytes).map_err(|_| malformed)?;
    // RFC 7515 §4.1.11: "If any of the listed extension Header Parameters are not understood and
    // supported by the recipient, then the JWS is invalid". We support none, `b64` included.
    if wire.crit.is_some() {
        return Err(JwtError::CriticalExtension);
    }
    let alg = wire
        .alg
        .and_then(|alg| alg.parse().ok())
        .ok_or(JwtError::UnsupportedAlgorithm)?;
    Ok(JoseHeader {
        alg,
        kid: wire.kid,
        typ: wire.typ,
        jwk: wire.jwk,
    })
}

/// A JWT whose signature was proven against a key of the caller's choice. Only
/// [`UnverifiedJwt::verify`] makes one.
#[derive(Debug)]
pub struct VerifiedJwt<C> {
    header: JoseHeader,
    claims: C,
}

impl<C> VerifiedJwt<C> {
    /// The header, covered by the signature.
    pub const fn header(&self) -> &JoseHeader {
        &self.header
    }

    /// The claims, covered by the signature.
    pub const fn claims(&self) -> &C {
        &self.claims
    }

    /// The claims by value.
    pub fn into_claims(self) -> C {
        self.claims
    }
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
