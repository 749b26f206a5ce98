//! A second factor, from being set up to opening a door once.

#[path = "one_door_tests.rs"]
mod one_door;

use std::time::Duration;

use super::admission::{Entering, Visit};
use super::enrol::Enroller;
use super::letters::LetterKind;
use super::login::SignInOutcome;
use super::otp::{Enrolled, FirstCode};
use super::people_tests::{PASSWORD, World, a_thousand_addresses, origin, secret};
use super::reset_password::Reset;
use super::session::SignedIn;
use super::step::{Answer, Prover, StepOutcome};
use crate::base::Secret;
use crate::crypto::otp::totp_code;
use crate::protocol::assurance::Method;
use crate::storage::otp as devices;

const SECONDS: fn(u64) -> Duration = Duration::from_secs;

fn visit(here: &[&SignedIn]) -> Visit {
    Visit {
        device: None,
        user_agent: "test".to_owned(),
        here: here.iter().map(|person| person.session().id).collect(),
        lang: "en".to_owned(),
    }
}

fn code_of(world: &World, seed: &Secret<Vec<u8>>) -> String {
    totp_code(seed, world.tessera.now())
}

/// Sets up an app and returns its seed.
async fn enrol(world: &World, person: &SignedIn) -> Secret<Vec<u8>> {
    enrol_with_page(world, person).await.0
}

/// The same, and the page that did it.
async fn enrol_with_page(
    world: &World,
    person: &SignedIn,
) -> (Secret<Vec<u8>>, (Enroller, String)) {
    let tessera = &world.tessera;
    let recent = tessera.recently(person).await.unwrap().unwrap();
    let enroller = Enroller::from(recent);
    let offered = tessera.offer_totp(&enroller).unwrap();
    let page = (enroller, offered.state);
    let wrong = confirm(world, person, &page, "12345").await;
    assert!(matches!(wrong, Enrolled::WrongCode), "{wrong:?}");
    let mut reader = &tessera.store;
    assert!(
        devices::of_user(&mut reader, person.user().id)
            .await
            .unwrap()
            .is_empty()
    );
    let seed = Secret::new(base32(offered.provisioning.seed.expose()));
    let code = code_of(world, &seed);
    // In two tabs at once.
    let (one, two) = tokio::join!(
        confirm(world, person, &page, &code),
        confirm(world, person, &page, &code)
    );
    let count =
        |outcome: fn(&Enrolled) -> bool| [&one, &two].into_iter().filter(|o| outcome(o)).count();
    assert_eq!(count(|one| matches!(one, Enrolled::Done(_))), 1);
    assert_eq!(count(|one| matches!(one, Enrolled::Already)), 1);
    (seed, page)
}

async fn confirm(
    world: &World,
    person: &SignedIn,
    (enroller, state): &(Enroller, String),
    code: &str,
) -> Enrolled {
    let first = FirstCode {
        state: state.clone(),
        code: code.to_owned(),
        name: "Telephone".to_owned(),
    };
    let here = visit(&[person]);
    let done = world
        .tessera
        .confirm_totp(enroller, first, here, origin("192.0.2.1"));
    done.await.unwrap()
}

/// RFC 4648 §6.
fn base32(text: &str) -> Vec<u8> {
    let (mut out, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for b in text.bytes() {
        let value = if b.is_ascii_uppercase() {
            b - b'A'
        } else {
            b - b'2' + 26
        };
        held = (held << 5) | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from((held >> bits) & 0xff).unwrap());
        }
    }
    out
}

async fn password(world: &World) -> Entering {
    match world
        .try_from("192.0.2.1", "alice", PASSWORD, None, None)
        .await
    {
        SignInOutcome::More(entering) => entering,
        other => panic!("{other:?}"),
    }
}

async fn answer(world: &World, entering: &Entering, code: &str) -> StepOutcome {
    let prover = Prover::Entering(entering.clone());
    let code = Answer::Code(Method::Totp, secret(code));
    let done = world
        .tessera
        .step(prover, code, visit(&[]), origin("192.0.2.1"));
    done.await.unwrap()
}

#[tokio::test]
async fn who_has_an_app_is_asked_for_its_code_and_each_code_opens_one_door() {
    let world = World::new().await;
    world.user("alice").await;
    let (person, _) = world.sign_in("alice").await;
    let seed = enrol(&world, &person).await;
    let entering = password(&world).await;
    let offer = world.tessera.next_of(&entering).await.unwrap();
    assert_eq!(offer, Some(vec![Method::Totp, Method::RecoveryCode]));
    // The code that set it up was its last.
    let first = code_of(&world, &seed);
    assert!(matches!(
        answer(&world, &entering, &first).await,
        StepOutcome::Wrong
    ));
    world.tessera.clock.advance(SECONDS(30));
    let second = code_of(&world, &seed);
    let spaced = format!("{} {}", &second[..3], &second[3..]);
    let StepOutcome::SignedIn { signed_in, .. } = answer(&world, &entering, &spaced).await else {
        panic!()
    };
    assert_eq!(signed_in.session().proofs.iter().count(), 2);
    // rfc6238_5_2: not twice, and not the one before it either.
    let entering = password(&world).await;
    for code in [&second, &first] {
        assert!(matches!(
            answer(&world, &entering, code).await,
            StepOutcome::Wrong
        ));
    }
    // A second factor alone is nothing, and neither is a password that was changed since.
    world.tessera.clock.advance(SECONDS(601));
    let late = code_of(&world, &seed);
    assert!(matches!(
        answer(&world, &entering, &late).await,
        StepOutcome::Expired
    ));
}

#[tokio::test]
async fn of_a_thousand_guesses_from_as_many_addresses_five_are_checked_and_the_owner_gets_in() {
    let world = World::new().await;
    world.user("alice").await;
    let (person, device) = world.sign_in("alice").await;
    let seed = enrol(&world, &person).await;
    // What setting it up recorded is another minute's.
    world.tessera.clock.advance(SECONDS(60));
    let entering = password(&world).await;
    let mut checked = 0;
    for (n, address) in a_thousand_addresses().enumerate() {
        let prover = Prover::Entering(entering.clone());
        let guess = Answer::Code(Method::Totp, secret(&format!("{n:06}")));
        let tried = world
            .tessera
            .step(prover, guess, visit(&[]), origin(&address));
        match tried.await.unwrap() {
            StepOutcome::Wrong => checked += 1,
            StepOutcome::Slowed { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(checked, 5);
    // Recorded, and not a thousand times: the log of a flood is one that somebody reads.
    assert_eq!(world.slowed().await, 20);
    world.tessera.clock.advance(SECONDS(30));
    let owner = Visit {
        device,
        ..visit(&[])
    };
    let code = Answer::Code(Method::Totp, secret(&code_of(&world, &seed)));
    let prover = Prover::Entering(entering);
    let outcome = world
        .tessera
        .step(prover, code, owner, origin("192.0.2.9"))
        .await;
    assert!(matches!(outcome.unwrap(), StepOutcome::SignedIn { .. }));
}

#[tokio::test]
async fn of_two_requests_with_one_code_one_gets_in() {
    let world = World::new().await;
    world.user("alice").await;
    let (person, _) = world.sign_in("alice").await;
    let seed = enrol(&world, &person).await;
    world.tessera.clock.advance(SECONDS(30));
    let entering = password(&world).await;
    let code = code_of(&world, &seed);
    let (one, two) = tokio::join!(
        answer(&world, &entering, &code),
        answer(&world, &entering, &code)
    );
    let in_count = [one, two]
        .iter()
        .filter(|outcome| matches!(outcome, StepOutcome::SignedIn { .. }))
        .count();
    assert_eq!(in_count, 1);
}

#[tokio::test]
async fn a_session_is_lifted_in_place() {
    let world = World::new().await;
    world.user("alice").await;
    let (person, _) = world.sign_in("alice").await;
    let seed = enrol(&world, &person).await;
    world.tessera.clock.advance(SECONDS(30));
    // It was signed in before there was an app: what matters asks for both now.
    let missing = world.tessera.recently(&person).await.unwrap().unwrap_err();
    assert_eq!(missing, [Method::Totp, Method::RecoveryCode]);
    let prover = Prover::SignedIn(Box::new(person.clone()));
    let code = Answer::Code(Method::Totp, secret(&code_of(&world, &seed)));
    let here = visit(&[&person]);
    let outcome = world
        .tessera
        .step(prover, code, here, origin("192.0.2.1"))
        .await;
    let StepOutcome::SignedIn { signed_in, .. } = outcome.unwrap() else {
        panic!()
    };
    assert_eq!(signed_in.session().id, person.session().id);
    assert!(world.tessera.recently(&signed_in).await.unwrap().is_ok());
}

#[tokio::test]
async fn a_reset_makes_no_device_known_where_a_second_factor_is_for_it_would_be_a_new_budget_for_it()
 {
    let world = World::new().await;
    world.user("alice").await;
    let (person, _) = world.sign_in("alice").await;
    enrol(&world, &person).await;
    let told = world.letters().await;
    assert_eq!(
        told.iter().map(|letter| letter.kind).collect::<Vec<_>>(),
        [LetterKind::FactorAdded]
    );
    let tessera = &world.tessera;
    let asked = tessera.request_reset("alice", "en", origin("192.0.2.9"));
    assert_eq!(asked.await.unwrap(), None);
    let token = world.link_token(LetterKind::ResetPassword).await;
    let reset = tessera.reset_password(&token, secret("a new long one"), "en", origin("192.0.2.9"));
    assert!(matches!(reset.await.unwrap(), Reset::Changed(None)));
}
