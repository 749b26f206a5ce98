//! A one-time code opens one door at most: of two requests that bring it at once, one gets in, whatever the
//! method and wherever it is typed (OWASP ASVS 5.0 V6.5.1).

use tessera::base::Secret;
use tessera::flows::hotp::NewToken;
use tessera::flows::letters::LetterKind;
use tessera::protocol::audit::Origin;

use super::authenticator::{at_the_step, signed_in};
use super::phone::with_phone;
use crate::on_both_engines;
use crate::support::authenticator::{Authenticator, PAGE, recovery_codes};
use crate::support::{Browser, Gateway, Page, World};

/// A browser, and the page in it that asks for a code.
type Door = (Browser, Page);

/// How many of these doors one code opens, at once.
async fn opened(doors: [Door; 2], method: &str, code: &str) -> usize {
    let [one, two] = doors.map(|(mut browser, page)| async move {
        let done = browser.step(&page, method, "code", code).await;
        let still = done.answer.status == 401 || done.url.starts_with("/sign-in/step");
        usize::from(!still)
    });
    let (one, two) = tokio::join!(one, two);
    one + two
}

async fn sign_in(world: &World) -> Door {
    at_the_step(world, "alice").await
}

/// Of a session that must be surer than it is, to change something.
async fn sudo(mut browser: Browser) -> Door {
    let page = browser.open(PAGE).await;
    assert!(page.url.starts_with("/sign-in/step?to="), "{}", page.url);
    (browser, page)
}

on_both_engines! {
    async fn asvs_v6_5_1_of_two_sign_ins_with_one_code_of_an_app_a_token_or_a_card_one_gets_in(world: World) {
        let alice = world.user("alice").await;
        let app = Authenticator::of(&world, &alice).await;
        let token = NewToken {
            seed: Secret::new(b"12345678901234567890".to_vec()),
            name: "Token".to_owned(),
            digits: 6,
            counter: 0,
        };
        let added = world.tessera.add_token(alice.id, token, Origin::default()).await;
        added.expect("the database").expect("a token");
        // RFC 4226 appendix D.
        for (method, code) in [("totp", app.code()), ("hotp", "755224".to_owned()), ("recovery_code", app.recovery[0].clone())] {
            let doors = [sign_in(&world).await, sign_in(&world).await];
            assert_eq!(opened(doors, method, &code).await, 1, "{method}");
            let doors = [sign_in(&world).await, sign_in(&world).await];
            assert_eq!(opened(doors, method, &code).await, 0, "{method}");
        }
    }
}

on_both_engines! {
    async fn asvs_v6_5_1_of_a_sign_in_and_a_session_with_one_code_one_gets_through(world: World) {
        let alice = world.user("alice").await;
        let session = signed_in(&world, "alice").await;
        let app = Authenticator::of(&world, &alice).await;
        let token = NewToken {
            seed: Secret::new(b"12345678901234567890".to_vec()),
            name: "Token".to_owned(),
            digits: 6,
            counter: 0,
        };
        let added = world.tessera.add_token(alice.id, token, Origin::default()).await;
        added.expect("the database").expect("a token");
        for (method, code) in [("totp", app.code()), ("hotp", "755224".to_owned()), ("recovery_code", app.recovery[0].clone())] {
            // A copy of the session's cookies each time: it is asked anew as long as the sign-ins were first.
            let mut fresh = session.clone();
            let page = fresh.open(PAGE).await;
            if !page.url.starts_with("/sign-in/step") {
                continue;
            }
            let doors = [sign_in(&world).await, sudo(fresh).await];
            assert_eq!(opened(doors, method, &code).await, 1, "{method}");
        }
    }
}

on_both_engines! {
    with |config| config.codes.email = true;
    async fn asvs_v6_5_1_of_two_requests_with_one_code_by_mail_or_text_one_gets_in(world: World) {
        let (world, gateway) = Gateway::beside(&world).await;
        with_phone(&world, &gateway, "alice", "+4915112345678").await;
        world.advance(1);
        world.letters().await;
        for method in ["email_code", "sms_code"] {
            // The clock stands still: both are the same half of a sign-in.
            let (mut browser, page) = sign_in(&world).await;
            browser.step(&page, method, "send", "yes").await;
            let code = match method {
                "email_code" => world.letter_link(LetterKind::SignInCode).await,
                _ => gateway.code().await,
            };
            let page = browser.open(&format!("/sign-in/step?with={method}")).await;
            let twin = browser.open(&format!("/sign-in/step?with={method}")).await;
            let doors = [(browser.clone(), page), (browser, twin)];
            assert_eq!(opened(doors, method, &code).await, 1, "{method}");
            let doors = [sign_in(&world).await, sign_in(&world).await];
            assert_eq!(opened(doors, method, &code).await, 0, "{method}");
        }
    }
}

on_both_engines! {
    async fn asvs_v6_5_1_of_two_tabs_that_set_an_app_up_with_one_code_one_does_and_no_door_is_left_to_it(world: World) {
        world.user("alice").await;
        let mut browser = signed_in(&world, "alice").await;
        let page = browser.open(PAGE).await;
        let app = Authenticator::scan(&world, &page);
        let (mut one, mut two) = (browser.clone(), browser);
        let (one, two) = tokio::join!(app.confirm(&mut one, &page, PAGE), app.confirm(&mut two, &page, PAGE));
        let shown = [recovery_codes(&one).len(), recovery_codes(&two).len()];
        assert_eq!(shown.iter().filter(|codes| **codes == 10).count(), 1, "{shown:?}");
        let doors = [sign_in(&world).await, sign_in(&world).await];
        assert_eq!(opened(doors, "totp", &app.code()).await, 0);
    }
}
