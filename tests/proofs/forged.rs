//! A handler that would rather not ask: a proof has private fields.

use tessera::crypto::jose::{JoseHeader, VerifiedJwt};
use tessera::flows::client_auth::StandIn;
use tessera::flows::issue::Prepared;
use tessera::flows::session::SignedIn;
use tessera::protocol::authorize::{ProvenRequest, UncheckedRequest};
use tessera::protocol::client::Client;
use tessera::protocol::client_auth::{AcceptedAssertion, SecretMatched};
use tessera::protocol::token::Issuance;
use tessera::protocol::trial::TrialReturn;
use tessera::storage::Tx;

fn signed_in() -> SignedIn {
    SignedIn { user: todo!(), session: todo!() } //~ E0451
}

fn issuance(old: Issuance) -> Issuance {
    Issuance { scope: todo!(), ..old } //~ E0451
}

fn prepared(old: Prepared) -> Prepared {
    Prepared { refresh_token: None, ..old } //~ E0451
}

fn verified(header: JoseHeader) -> VerifiedJwt<u8> {
    VerifiedJwt { header, claims: 0 } //~ E0451
}

fn secret_matched() -> SecretMatched {
    SecretMatched { client_id: todo!(), secret_id: todo!() } //~ E0451
}

fn accepted_assertion() -> AcceptedAssertion {
    AcceptedAssertion { client_id: todo!(), jti: todo!(), expires_at: todo!() } //~ E0451
}

fn proven_request<'a>(request: UncheckedRequest, client: &'a Client) -> ProvenRequest<'a> {
    ProvenRequest { request, client, redirect_uri: todo!() } //~ E0451
}

fn transaction<'a>() -> Tx<'a> {
    Tx { connection: todo!(), events: vec![], bumped: vec![] } //~ E0451
}

fn trial_return(old: TrialReturn) -> TrialReturn {
    TrialReturn { redirect_uri: todo!(), ..old } //~ E0451
}

fn stand_in(old: StandIn) -> StandIn {
    StandIn { client: todo!(), ..old } //~ E0451
}
