//! What the other files do wrong, done right.

use std::sync::Arc;

use tessera::base::{Secret, Timestamp};
use tessera::crypto::jose::{JwsAlgorithm, UnverifiedJwt, VerificationKey, VerifiedJwt};
use tessera::flows::Tessera;
use tessera::flows::client_auth::{AuthenticatedClient, Caller};
use tessera::flows::issue::Prepared;
use tessera::protocol::client::Client;
use tessera::protocol::pkce::CodeVerifier;
use tessera::protocol::token::Issuance;
use tessera::storage::Tx;

pub fn proven(caller: Caller) -> Option<AuthenticatedClient> {
    caller.authenticated().ok()
}

pub fn named(proof: &AuthenticatedClient) -> &Arc<Client> {
    proof.client()
}

pub fn verified(text: &str, key: &VerificationKey) -> Option<VerifiedJwt<u8>> {
    UnverifiedJwt::parse(text).ok()?.verify(key, JwsAlgorithm::ALL).ok()
}

pub async fn prepared(tessera: &Tessera, tx: &mut Tx<'_>, client: &Client, issuance: Issuance) -> Option<Prepared> {
    tessera.prepare(tx, client, issuance, None, None, tessera.now()).await.ok()
}

pub fn signed(tessera: &Tessera, client: &Client, prepared: Prepared) -> bool {
    tessera.sign(client, prepared, None).is_ok()
}

pub async fn stored(tx: &mut Tx<'_>, token: &Secret<String>, at: Timestamp) {
    let _ = tessera::storage::tokens::insert_opaque(tx, token.digest(), "{}", at).await;
}

pub fn shown(secret: &Secret<String>) -> String {
    format!("{secret:?}")
}

pub fn compared(left: &Secret<String>, right: &Secret<String>) -> bool {
    left.is(right.expose().as_bytes())
}

pub fn verifier(text: &str) -> Option<CodeVerifier> {
    CodeVerifier::parse(text).ok()
}
