//! `[keys]`: signing keys, their life, and the master key that seals them.

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::DAY;
use super::section::section;
use super::value::{Raw, Setting, text, words};
use crate::base::Secret;

words! {
    /// A signature algorithm that Tessera can sign with (RFC 7518 §3.1, RFC 8037 §3.1).
    SigningAlg {
        /// RSASSA-PKCS1-v1_5 with SHA-256: what OIDC Core §15.1 makes mandatory.
        Rs256 = "RS256",
        /// ECDSA on P-256 with SHA-256.
        Es256 = "ES256",
        /// RSASSA-PSS with SHA-256: one of the two that FAPI 2.0 allows beside EdDSA.
        Ps256 = "PS256",
        /// Ed25519.
        EdDsa = "EdDSA",
    }
}

words! {
    /// How a content key may be brought to us (RFC 7518 §4.1). Not RSA1_5: RFC 8725 §3.2.
    EncryptionAlg {
        /// RSAES OAEP with SHA-256.
        RsaOaep256 = "RSA-OAEP-256",
        /// RSAES OAEP with SHA-1.
        RsaOaep = "RSA-OAEP",
        /// Agreement on the content key itself.
        EcdhEs = "ECDH-ES",
        /// Agreement on a key that wraps the content key with AES-128.
        EcdhEsA128Kw = "ECDH-ES+A128KW",
        /// Agreement on a key that wraps the content key with AES-192.
        EcdhEsA192Kw = "ECDH-ES+A192KW",
        /// Agreement on a key that wraps the content key with AES-256.
        EcdhEsA256Kw = "ECDH-ES+A256KW",
    }
}

section! {
    /// Signing keys and the master key.
    KeysConfig {
        /// Where key material made at run time is kept. Default `./keys`: apart from the database,
        /// so that a stolen copy of one is useless without the other.
        directory: PathBuf = PathBuf::from("./keys");
        /// The file of the master key, such as a mounted secret. Default none: then it is
        /// `master.key` in `directory`, made at first start with mode 0600.
        master_key_file: Option<PathBuf> = None;
        /// The master key itself: 32 bytes in base64, meant for the environment. Default none.
        master_key: Option<Secret<[u8; 32]>> = None;
        /// The algorithms that have a key from the first start. Default RS256, which every client
        /// must understand (OIDC Core §15.1), and ES256, which signs more than ten times cheaper.
        algorithms: Vec<SigningAlg> = vec![SigningAlg::Rs256, SigningAlg::Es256];
        /// The algorithms that have a key to which clients may encrypt their request objects. Default
        /// RSA-OAEP-256 and ECDH-ES, one for each kind of key; an empty list: nobody encrypts to us.
        encryption_algorithms: Vec<EncryptionAlg> =
            vec![EncryptionAlg::RsaOaep256, EncryptionAlg::EcdhEs];
        /// The age at which a signing key is replaced. Default 90 d: a quarter bounds what a key
        /// stolen unnoticed is worth, and keeps the path of a rotation walked.
        rotate_every: Duration = 90 * DAY;
        /// How long a key is published before it signs. Default 24 h: far longer than any cache we
        /// ask for, because some clients cache a key set for a day whatever they are told.
        publish_ahead: Duration = DAY;
        /// How long a key verifies after it has stopped signing. Default 7 d: longer than the
        /// longest token, and than the ID tokens people log out with (`id_token_hint`).
        retain_for: Duration = 7 * DAY;
        /// `max-age` of the key set. Default 300 s: what common clients assume anyway; short
        /// enough for an emergency rotation, long enough to keep the endpoint quiet.
        jwks_max_age: Duration = Duration::from_mins(5);
    }
}

impl KeysConfig {
    /// The file of the master key, where no key is given by value.
    #[must_use]
    pub fn master_key_path(&self) -> PathBuf {
        self.master_key_file
            .clone()
            .unwrap_or_else(|| self.directory.join("master.key"))
    }
}

/// 32 bytes, as base64 or base64url: the size of an A256GCM key (RFC 7518 §5.3).
impl Setting for Secret<[u8; 32]> {
    fn parse(raw: &Raw) -> Result<Self, String> {
        text(raw)
            .map(str::trim)
            .and_then(|text| {
                let url_safe = || URL_SAFE_NO_PAD.decode(text).ok();
                STANDARD.decode(text).ok().or_else(url_safe)
            })
            .map(Secret::new)
            .and_then(|bytes| <[u8; 32]>::try_from(bytes.expose().as_slice()).ok())
            .map(Secret::new)
            .ok_or_else(|| "32 random bytes in base64 (openssl rand -base64 32)".to_owned())
    }

    fn show(&self) -> String {
        "\"[secret]\"".to_owned()
    }

    fn show_raw(_: &Raw) -> String {
        "[secret]".to_owned()
    }
}
