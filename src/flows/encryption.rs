//! What leaves encrypted to a client (OpenID Connect Core §10.2), and what comes encrypted to us.

use serde::Serialize;

use super::client_keys::KeySource;
use super::{Internal, Tessera};
use crate::crypto::jose::{
    ContentEncryptionAlgorithm, KeyManagementAlgorithm, Recipient, SigningAlgorithm, UnopenedJwe,
};
use crate::protocol::client::Client;
use crate::protocol::error::{ErrorCode, OAuthError};
use crate::protocol::or_none::IdTokenAlg;

/// An answer in the form that its client registered.
#[derive(Debug)]
pub enum Formed<T> {
    /// Plain JSON.
    Json(T),
    /// Signed, encrypted, or both.
    Jwt(String),
}

/// What a client registered for one of its answers.
pub(super) struct Form {
    /// What the answer is, for the log.
    pub(super) name: &'static str,
    /// Signed with this.
    pub(super) signed: Option<SigningAlgorithm>,
    /// Encrypted with this, and so.
    pub(super) alg: Option<KeyManagementAlgorithm>,
    pub(super) enc: Option<ContentEncryptionAlgorithm>,
}

impl Tessera {
    /// The key to which the ID tokens of a client are encrypted; `None` if they are not. Found before
    /// anything is spent: what cannot be delivered must cost neither the code nor the refresh token.
    ///
    /// # Errors
    /// For the client, if it has no fitting key, or wants its ID tokens in a form that is switched off.
    pub(super) async fn id_token_recipient(
        &self,
        client: &Client,
    ) -> Result<Option<Recipient>, OAuthError> {
        let metadata = &client.metadata;
        let unsigned = metadata.id_token_signed_response_alg == IdTokenAlg::None;
        if unsigned && !self.config.protocol.unsigned_id_tokens {
            tracing::warn!(client_id = %client.id,
                "a client is registered for unsigned ID tokens: protocol.unsigned_id_tokens is off");
            return Err(OAuthError::new(
                ErrorCode::UnauthorizedClient,
                "unsigned ID tokens are switched off",
            ));
        }
        let form = Form {
            name: "id_token",
            signed: None,
            alg: metadata.id_token_encrypted_response_alg,
            enc: metadata.id_token_encrypted_response_enc,
        };
        self.recipient(client, &form).await
    }

    async fn recipient(
        &self,
        client: &Client,
        form: &Form,
    ) -> Result<Option<Recipient>, OAuthError> {
        let Some(alg) = form.alg else {
            return Ok(None);
        };
        // Registration fills it in: never silent here.
        let enc = form.enc.unwrap_or(ContentEncryptionAlgorithm::A128CbcHs256);
        let source = KeySource::of(client);
        if let Some(recipient) = self.recipient_key(&source, alg, enc).await {
            return Ok(Some(recipient));
        }
        tracing::warn!(client_id = %client.id, answer = form.name, %alg,
            "a client wants its answers encrypted and has no key for it");
        let name = form.name;
        Err(OAuthError::invalid_request(format!(
            "no key of this client fits {name}_encrypted_response_alg {alg}"
        )))
    }

    /// Claims as a JWT of the form: signed, then encrypted (OpenID Connect Core §5.3.2: "If both signing
    /// and encryption are requested, the response will be signed then encrypted").
    ///
    /// # Errors
    /// Inner: the client has no fitting key. Outer: there is no signing key of the algorithm.
    pub(super) async fn form_claims(
        &self,
        client: &Client,
        form: &Form,
        typ: &str,
        claims: &impl Serialize,
    ) -> Result<Result<String, OAuthError>, Internal> {
        let recipient = match self.recipient(client, form).await {
            Ok(recipient) => recipient,
            Err(error) => return Ok(Err(error)),
        };
        Ok(Ok(match (form.signed, recipient) {
            (None, Some(recipient)) => recipient.encrypt_claims(claims)?,
            (signed, recipient) => {
                let alg = signed.unwrap_or(SigningAlgorithm::RS256);
                let jwt = self.signing_key(alg)?.sign(typ, claims)?;
                match recipient {
                    Some(recipient) => recipient.encrypt_jwt(&jwt)?,
                    None => jwt,
                }
            }
        }))
    }

    /// What is inside an encrypted request object (OpenID Connect Core §6.1, §10.2.2); `None` if it
    /// was not encrypted to us, or not as the client registered. Whoever is told more can use our key to
    /// try out what others encrypted to it.
    pub fn decrypt_request_object(&self, compact: &str, client: &Client) -> Option<String> {
        let jwe = UnopenedJwe::parse(compact)?;
        let metadata = &client.metadata;
        let (alg, enc) = (
            metadata.request_object_encryption_alg,
            metadata.request_object_encryption_enc,
        );
        if alg.is_some_and(|alg| alg != jwe.alg()) || enc.is_some_and(|enc| enc != jwe.enc()) {
            return None;
        }
        self.open_to_us(&jwe)
    }

    /// What is inside, if it was encrypted to us.
    pub(super) fn open_to_us(&self, jwe: &UnopenedJwe<'_>) -> Option<String> {
        let keys = self.keys.current().ok()?;
        let opened = keys
            .decryption_keys(jwe.alg(), jwe.kid())
            .find_map(|key| jwe.open(key))?;
        String::from_utf8(opened.expose().clone()).ok()
    }
}
