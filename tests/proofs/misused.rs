//! Constructors that are not there, proofs of the wrong kind, secrets that would show.

use std::sync::Arc;
use tessera::base::ids::TrialId;
use tessera::base::{Digest, Secret, Timestamp};
use tessera::crypto::jose::{UnverifiedJwt, VerifiedJwt};
use tessera::flows::access_tokens::LiveToken;
use tessera::flows::administration::Spent;
use tessera::flows::client_auth::{AuthenticatedClient, Caller};
use tessera::flows::issue::Prepared;
use tessera::flows::session::SignedIn;
use tessera::protocol::client::Client;
use tessera::protocol::client_auth::{AcceptedAssertion, SecretMatched};
use tessera::protocol::pkce::{CodeChallenge, CodeVerifier};
use tessera::protocol::redirect_uri::RedirectUri;
use tessera::protocol::token::Issuance;
use tessera::storage::Tx;

fn authenticated_client(client: Arc<Client>) -> AuthenticatedClient {
    AuthenticatedClient(client) //~ E0423
}

fn spent_trial(id: TrialId) -> Spent {
    Spent(id) //~ E0423
}

fn signed_in_by_the_constructor() -> SignedIn {
    SignedIn::new(todo!(), todo!()) //~ E0624
}

fn widened(issuance: &mut Issuance) {
    issuance.target.audience.push("https://everything.example".to_owned()); //~ E0616
}

fn live_token() -> LiveToken {
    LiveToken(todo!()) //~ E0423
}

fn verified_by_taking(jwt: UnverifiedJwt<'_>) -> VerifiedJwt<u8> {
    jwt.into() //~ E0277
}

fn redirect_uri() -> RedirectUri {
    RedirectUri("javascript:alert(1)".to_owned()) //~ E0423
}

fn code_verifier() -> CodeVerifier {
    CodeVerifier(Secret::new("short".to_owned())) //~ E0423
}

fn code_challenge() -> CodeChallenge {
    CodeChallenge("plain".to_owned()) //~ E0423
}

// A named client is not a proven one.

fn proven(caller: &Caller) -> &AuthenticatedClient {
    caller //~ E0308
}

// Storage takes the hash of a token, never the token.

async fn stored(tx: &mut Tx<'_>, token: Secret<String>, at: Timestamp) {
    let _ = tessera::storage::tokens::insert_opaque(tx, token, "{}", at).await; //~ E0308
    let _ = tessera::storage::tokens::find_refresh(tx, token.digest()).await; //~ E0308
}

// A secret is not shown, not written and not compared in a time that tells.

fn shown(secret: &Secret<String>) -> String {
    format!("{secret}") //~ E0277
}

fn compared(left: &Secret<String>, right: &Secret<String>) -> bool {
    left == right //~ E0369
}

fn compared_with_a_word(secret: &Secret<String>) -> bool {
    *secret == "password" //~ E0369
}

fn reached_into(secret: Secret<String>) -> String {
    secret.0.to_string() //~ E0616
}

// What may be spent once is not `Clone`.

fn needs_clone<T: Clone>() {}

fn clones() {
    needs_clone::<Digest>();
    needs_clone::<Issuance>(); //~ E0277
    needs_clone::<Prepared>(); //~ E0277
    needs_clone::<SecretMatched>(); //~ E0277
    needs_clone::<AcceptedAssertion>(); //~ E0277
    needs_clone::<VerifiedJwt<u8>>(); //~ E0277
    needs_clone::<Tx<'static>>(); //~ E0277
}
