//! Half a sign-in, steps and ways back: no guesses for free, nobody in another's place, no stranger's
//! application reached unasked (RFC 9700 §4.11.2, OWASP ASVS 5.0 V6.3.1, V7.5.1).

use serde_json::json;
use tessera::config::{RegistrationMode, SecondFactor};
use tessera::protocol::audit::Origin;
use tessera::storage::sessions;

use crate::on_both_engines;
use crate::support::authenticator::Authenticator;
use crate::support::world::PASSWORD;
use crate::support::{App, Browser, Registrar};

/// Never the code of now, but by an accident of one in 300000.
const GUESS: &str = "000000";

on_both_engines! {
    async fn a_right_password_in_the_step_does_not_give_back_guesses_at_the_second_factor(world: World) {
        let alice = world.user("alice").await;
        let _authenticator = Authenticator::of(&world, &alice).await;
        let mut mallory = Browser::new(&world);
        let page = mallory.open("/sign-in").await;
        let page = mallory.sign_in(&page, "alice", PASSWORD).await;
        let mut checked = 0;
        for n in 0..40 {
            let answer = mallory.step(&page, "totp", "code", GUESS).await;
            checked += u32::from(answer.answer.status == 401);
            if n % 4 == 3 {
                // Not offered, taken all the same.
                mallory.step(&page, "password", "password", PASSWORD).await;
            }
        }
        assert!(checked <= 5, "{checked} guesses were checked, with the clock standing still");
    }
}

on_both_engines! {
    async fn a_known_device_is_no_way_to_guess_the_second_factor_without_end(world: World) {
        let alice = world.user("alice").await;
        // Signed in here once, before there was a second factor; signed out since.
        let mut mallory = Browser::new(&world);
        let page = mallory.open("/sign-in").await;
        mallory.sign_in(&page, "alice", PASSWORD).await;
        let out = mallory.open("/sign-out").await;
        mallory.submit(&out, "/sign-out", &[("decision", "logout")]).await;
        let _authenticator = Authenticator::of(&world, &alice).await;
        let mut checked = 0;
        for _ in 0..30 {
            let page = mallory.open("/sign-in").await;
            let page = mallory.sign_in(&page, "alice", PASSWORD).await;
            for _ in 0..4 {
                let answer = mallory.step(&page, "totp", "code", GUESS).await;
                checked += u32::from(answer.answer.status == 401);
            }
        }
        assert!(checked <= 50, "{checked} guesses were checked, with the clock standing still, from one address");
    }
}

on_both_engines! {
    async fn half_a_sign_in_of_somebody_else_that_was_left_is_no_circle(world: World) {
        let alice = world.user("alice").await;
        let bob = world.user("bobby").await;
        let app = App::register(&world, json!({})).await;
        let mut browser = Browser::new(&world);
        browser.pass(&app.request(&[]), "alice").await;
        let _of_bob = Authenticator::of(&world, &bob).await;
        let of_alice = Authenticator::of(&world, &alice).await;
        let page = browser.open("/sign-in/another").await;
        let page = browser.sign_in(&page, "bobby", PASSWORD).await;
        assert!(page.has("code"), "{}", page.answer.body);
        // Bob walks away. Later Alice's application wants more of her.
        world.advance(601);
        let page = browser.open(&app.request(&[("acr_values", Some("aal2"))])).await;
        let page = of_alice.answer(&mut browser, &page).await;
        assert!(page.parameter("code").is_some(), "{}", page.answer.body);
    }
}

on_both_engines! {
    async fn the_step_of_an_application_asks_whom_the_application_is_about(world: World) {
        let alice = world.user("alice").await;
        let bob = world.user("bobby").await;
        let app = App::register(&world, json!({})).await;
        let mut browser = Browser::new(&world);
        browser.pass(&app.request(&[]), "alice").await;
        let _of_bob = Authenticator::of(&world, &bob).await;
        let of_alice = Authenticator::of(&world, &alice).await;
        let page = browser.open("/sign-in/another").await;
        browser.sign_in(&page, "bobby", PASSWORD).await;
        let page = browser.open(&app.request(&[("acr_values", Some("aal2"))])).await;
        let page = of_alice.answer(&mut browser, &page).await;
        assert!(page.parameter("code").is_some(), "Alice's right code is checked against Bob: {}", page.answer.status);
    }
}

on_both_engines! {
    with |config| { config.registration.mode = RegistrationMode::Open; };
    async fn rfc9700_4_11_2_a_bad_hint_sends_nobody_to_a_stranger_unasked(world: World) {
        let client = Registrar::register(&world, json!({})).await;
        let app = App { world: world.clone(), id: client.text("client_id"), secret: client.text("client_secret") };
        let page = Browser::new(&world).open(&app.request(&[("id_token_hint", Some("x"))])).await;
        assert_eq!((page.has("continue"), page.location().as_str()), (true, ""));
    }
}

on_both_engines! {
    with |config| { config.registration.mode = RegistrationMode::Open; };
    async fn rfc9700_4_11_2_a_logout_sends_nobody_to_a_stranger_unasked(world: World) {
        let trap = "https://app.example/trap";
        let client = Registrar::register(&world, json!({"post_logout_redirect_uris": [trap]})).await;
        let app = App { world: world.clone(), id: client.text("client_id"), secret: client.text("client_secret") };
        world.user("mallory").await;
        let code = app.code("mallory").await;
        let hint = app.redeem(&code).await.json()["id_token"].as_str().expect("an ID token").to_owned();
        let uri: String = form_urlencoded::byte_serialize(trap.as_bytes()).collect();
        let link = format!("/sign-out?id_token_hint={hint}&post_logout_redirect_uri={uri}");
        let page = Browser::new(&world).open(&link).await;
        assert_eq!(page.location(), "", "anybody's browser goes there by itself");
    }
}

on_both_engines! {
    with |config| { config.assurance.second_factor = SecondFactor::Required; };
    async fn where_a_second_factor_is_required_people_can_set_one_up(world: World) {
        world.user("alice").await;
        let mut browser = Browser::new(&world);
        let page = browser.open("/sign-in").await;
        let page = browser.sign_in(&page, "alice", PASSWORD).await;
        assert_eq!(page.answer.status, 200, "{} {}", page.url, page.answer.body);
    }
}

on_both_engines! {
    async fn the_password_is_not_changed_by_who_has_no_second_factor(world: World) {
        let alice = world.user("alice").await;
        // A session from before there was a second factor.
        let mut mallory = Browser::new(&world);
        let page = mallory.open("/sign-in").await;
        mallory.sign_in(&page, "alice", PASSWORD).await;
        let _authenticator = Authenticator::of(&world, &alice).await;
        world.advance(3600);
        let page = mallory.open("/account").await;
        let fields = [("current_password", PASSWORD), ("password", "a wholly other passphrase of mallory")];
        let page = mallory.submit(&page, "/account/password", &fields).await;
        assert!(page.url.starts_with("/sign-in/step?to=%2Faccount"), "{} {}", page.url, page.answer.status);
    }
}

on_both_engines! {
    async fn the_sign_out_page_signs_out_whom_it_was_shown_for(world: World) {
        let alice = world.user("alice").await;
        world.user("bobby").await;
        let app = App::register(&world, json!({})).await;
        let mut browser = Browser::new(&world);
        let page = browser.pass(&app.request(&[]), "alice").await;
        let tokens = app.redeem(&page.parameter("code").expect("a code")).await.json();
        let hint = tokens["id_token"].as_str().expect("an ID token").to_owned();
        let page = browser.open("/sign-in/another").await;
        browser.sign_in(&page, "bobby", PASSWORD).await;
        let page = browser.open(&format!("/sign-out?id_token_hint={hint}&logout_hint=somebody")).await;
        // Meanwhile Alice's session ends.
        let mut reader = &world.tessera.store;
        let live = sessions::of_user(&mut reader, alice.id, world.tessera.now()).await.expect("sessions");
        let person = world.tessera.resolve_session(live[0].id).await.expect("a database").expect("a session");
        let ending = tessera::flows::session::Ending::EndedByOwner;
        world.tessera.end_session(&person, live[0].id, ending, Origin::default()).await.expect("ended");
        browser.submit(&page, "/sign-out", &[("decision", "logout")]).await;
        assert_eq!(browser.open("/account").await.url, "/account", "Bob was signed out in her place");
    }
}

on_both_engines! {
    async fn a_code_of_the_app_gives_back_no_guesses_at_the_password(world: World) {
        let alice = world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let mut thief = Browser::new(&world);
        thief.pass(&app.request(&[]), "alice").await;
        thief.cookies.remove("tessera-device");
        let authenticator = Authenticator::of(&world, &alice).await;
        world.advance(120);
        let page = thief.open(&app.request(&[("acr_values", Some("aal2"))])).await;
        authenticator.answer(&mut thief, &page).await;
        let mut checked = 0;
        for _ in 0..8 {
            world.advance(30);
            // The thief has the open browser and the telephone, and wants the password.
            let page = thief.open(&app.request(&[("max_age", Some("60"))])).await;
            for _ in 0..4 {
                let answer = thief.step(&page, "password", "password", "a guess").await;
                checked += u32::from(answer.answer.status == 401);
            }
            // Not offered, taken all the same.
            thief.step(&page, "totp", "code", &authenticator.code()).await;
        }
        assert!(checked <= 6, "{checked} guesses at the password in four minutes");
    }
}
