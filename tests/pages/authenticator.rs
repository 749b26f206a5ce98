//! `/account/authenticator`: apps that make one-time codes.

use super::assert_page;
use crate::on_both_engines;
use crate::support::authenticator::{Authenticator, PAGE, confirm_with, recovery_codes};
use crate::support::world::PASSWORD;
use crate::support::{Browser, Page, World};

pub async fn signed_in(world: &World, username: &str) -> Browser {
    let mut browser = Browser::new(world);
    let page = browser.open("/sign-in").await;
    let page = browser.sign_in(&page, username, PASSWORD).await;
    assert_eq!(page.url, "/account");
    browser
}

/// The page that asks for the second factor, in a browser of its own.
pub async fn at_the_step(world: &World, username: &str) -> (Browser, Page) {
    let mut browser = Browser::new(world);
    let page = browser.open("/sign-in").await;
    let page = browser.sign_in(&page, username, PASSWORD).await;
    assert_eq!(page.url, "/sign-in/step");
    (browser, page)
}

fn devices(page: &Page) -> usize {
    page.answer.body.matches("value=\"remove\"").count()
}

on_both_engines! {
    async fn an_app_counts_once_its_first_code_was_typed(world: World) {
        world.user("alice").await;
        let mut browser = signed_in(&world, "alice").await;
        let page = browser.open(PAGE).await;
        assert_page(&page, 200);
        assert!(page.has("seed") && page.answer.body.contains("<svg class=\"qr\""));
        assert!(page.answer.body.contains("otpauth://totp/"));
        let app = Authenticator::scan(&world, &page);
        // Shown is not set up: a password is still enough.
        signed_in(&world, "alice").await;
        for wrong in ["", "12345", "000000000", &app.code_after(90), &app.code_after(-90)] {
            let refused = confirm_with(&mut browser, &page, PAGE, wrong).await;
            assert_page(&refused, 422);
            assert!(refused.has("code-problem"));
            // The seed is the same: it is in the app already.
            assert_eq!(Authenticator::scan(&world, &refused).code(), app.code());
        }
        signed_in(&world, "alice").await;
        let done = app.confirm(&mut browser, &page, PAGE).await;
        assert_page(&done, 200);
        assert_eq!(recovery_codes(&done).len(), 10);
        let kinds: Vec<_> = world.audit().await.iter().map(|e| e["kind"].clone()).collect();
        assert!(kinds.contains(&"factor.changed".into()), "{kinds:?}");
        // From now on it is asked for; and this session has proved it.
        at_the_step(&world, "alice").await;
        let page = browser.open(PAGE).await;
        assert_page(&page, 200);
        assert!(page.answer.body.contains("Telephone"));
        assert_eq!(devices(&page), 1);
    }
}

on_both_engines! {
    async fn a_page_sent_twice_sets_up_one_app_and_two_tabs_set_up_two(world: World) {
        world.user("alice").await;
        let mut browser = signed_in(&world, "alice").await;
        let (first, second) = (browser.open(PAGE).await, browser.open(PAGE).await);
        let (one, two) = (Authenticator::scan(&world, &first), Authenticator::scan(&world, &second));
        assert_ne!(one.code_after(600), two.code_after(600));
        let done = one.confirm(&mut browser, &first, PAGE).await;
        assert_eq!(recovery_codes(&done).len(), 10);
        // The tabs were opened before the session got a new anti-forgery token: they are told.
        assert_page(&one.confirm(&mut browser, &first, PAGE).await, 403);
        let fresh = browser.open(PAGE).await;
        let with = |page: &Page| [("csrf".to_owned(), fresh.field("csrf").expect("a token")),
            ("change".to_owned(), "add".to_owned()), ("state".to_owned(), page.field("state").expect("a state"))];
        for seconds in [0, 30] {
            // One seed twice would let each of its codes open two doors.
            let mut form = with(&first).to_vec();
            form.push(("code".to_owned(), one.code_after(seconds)));
            let again = browser.post(PAGE, &form).await;
            assert_eq!((again.url.as_str(), devices(&again)), (PAGE, 1));
        }
        let mut form = with(&second).to_vec();
        form.push(("code".to_owned(), two.code()));
        let both = browser.post(PAGE, &form).await;
        assert_eq!((recovery_codes(&both).len(), devices(&both)), (0, 2), "{}", both.answer.body);
        world.advance(30);
        for app in [&one, &two] {
            let (mut browser, page) = at_the_step(&world, "alice").await;
            assert_eq!(app.answer(&mut browser, &page).await.url, "/account");
        }
    }
}

on_both_engines! {
    async fn a_state_of_somebody_else_or_of_long_ago_sets_up_nothing(world: World) {
        world.user("alice").await;
        world.user("bobby").await;
        let (mut alice, mut bobby) = (signed_in(&world, "alice").await, signed_in(&world, "bobby").await);
        let page = alice.open(PAGE).await;
        let app = Authenticator::scan(&world, &page);
        let mine = bobby.open(PAGE).await;
        let state = page.field("state").expect("a state");
        let fields = [("change", "add"), ("state", state.as_str()), ("code", &app.code())];
        let refused = bobby.submit(&mine, PAGE, &fields).await;
        assert_page(&refused, 422);
        assert_ne!(Authenticator::scan(&world, &refused).code_after(600), app.code_after(600));
        let made_up = [("change", "add"), ("state", "a.b.c.d.e"), ("code", &app.code())];
        assert_page(&bobby.submit(&mine, PAGE, &made_up).await, 422);
        // The page lives for a quarter of an hour; its reader was asked for the password again meanwhile.
        world.advance(15 * 60);
        let step = alice.open(PAGE).await;
        assert!(step.url.starts_with("/sign-in/step?to="), "{}", step.url);
        let back = alice.step(&step, "password", "password", PASSWORD).await;
        assert_eq!(back.url, PAGE);
        let old = [("change", "add"), ("state", state.as_str()), ("code", &app.code())];
        assert_page(&alice.submit(&back, PAGE, &old).await, 422);
        signed_in(&world, "alice").await;
        signed_in(&world, "bobby").await;
    }
}

on_both_engines! {
    async fn nobody_has_more_than_five_and_names_are_plain_words(world: World) {
        world.user("alice").await;
        let mut browser = signed_in(&world, "alice").await;
        for n in 1..=5 {
            let page = browser.open(PAGE).await;
            Authenticator::scan(&world, &page).confirm(&mut browser, &page, PAGE).await;
            assert_eq!(devices(&browser.open(PAGE).await), n);
        }
        let page = browser.open(PAGE).await;
        assert!(!page.has("seed") && !page.has("confirm"));
        let id = page.field("device").expect("a device");
        let rename = |name| [("change", "rename"), ("device", id.as_str()), ("name", name)];
        let page = browser.submit(&page, PAGE, &rename(" My <b>tablet</b> ")).await;
        assert_page(&page, 200);
        assert!(page.answer.body.contains("My &#60;b&#62;tablet&#60;/b&#62;"), "{}", page.answer.body);
        let long = "x".repeat(300);
        for bad in ["a\u{202e}b", long.as_str()] {
            assert_page(&browser.submit(&page, PAGE, &rename(bad)).await, 422);
        }
        assert!(browser.open(PAGE).await.answer.body.contains("My &#60;b&#62;"));
    }
}

on_both_engines! {
    async fn an_app_is_removed_by_its_owner_alone_and_what_it_proved_is_forgotten(world: World) {
        let alice = world.user("alice").await;
        world.user("mallory").await;
        let app = Authenticator::of(&world, &alice).await;
        let (mut browser, step) = at_the_step(&world, "alice").await;
        app.answer(&mut browser, &step).await;
        let page = browser.open(PAGE).await;
        let id = page.field("device").expect("a device");
        let remove = [("change", "remove"), ("device", id.as_str())];
        let mut mallory = signed_in(&world, "mallory").await;
        let hers = mallory.open(PAGE).await;
        mallory.submit(&hers, PAGE, &remove).await;
        assert_page(&mallory.submit(&hers, PAGE, &[("change", "remove"), ("device", "x")]).await, 400);
        assert_eq!(devices(&browser.open(PAGE).await), 1);
        let page = browser.submit(&page, PAGE, &remove).await;
        assert_page(&page, 200);
        assert_eq!(devices(&page), 0);
        let again = browser.submit(&page, PAGE, &remove).await;
        assert_eq!((again.answer.status, devices(&again)), (200, 0));
        // A password is enough again, and no session says otherwise.
        signed_in(&world, "alice").await;
        let mut reader = &world.tessera.store;
        let live = tessera::storage::sessions::of_user(&mut reader, alice.id, world.tessera.now()).await;
        for session in live.expect("sessions") {
            let proofs: Vec<_> = session.proofs.iter().map(|proof| proof.of.method).collect();
            assert_eq!(proofs, [tessera::protocol::assurance::Method::Password]);
        }
    }
}

on_both_engines! {
    async fn asvs_v6_who_has_the_password_alone_sees_and_changes_no_factor(world: World) {
        let alice = world.user("alice").await;
        let mut before = signed_in(&world, "alice").await;
        let open = before.open(PAGE).await;
        let planted = Authenticator::scan(&world, &open);
        let app = Authenticator::of(&world, &alice).await;
        // A session from before there was an app, and the page that it opened then.
        let refused = planted.confirm(&mut before, &open, PAGE).await;
        assert!(refused.url.starts_with("/sign-in/step"), "{}", refused.url);
        // Half a sign-in.
        let (mut half, step) = at_the_step(&world, "alice").await;
        for path in [PAGE, "/account/recovery", "/account"] {
            assert_eq!(half.open(path).await.url, "/sign-in", "{path}");
            assert_eq!(half.submit(&step, path, &[("change", "remove")]).await.answer.status, if path == "/account" { 405 } else { 200 });
        }
        // Nor does the way for those without a factor open.
        assert_eq!(half.open("/sign-in/set-up").await.url, "/sign-in/step");
        let state = open.field("state").expect("a state");
        let fields = [("state", state.as_str()), ("code", &planted.code())];
        assert_eq!(half.submit(&step, "/sign-in/set-up", &fields).await.url, "/sign-in/step");
        let page = app.answer(&mut half, &step).await;
        assert_eq!(page.url, "/account");
        assert_eq!(devices(&half.open(PAGE).await), 1);
    }
}

on_both_engines! {
    async fn rfc6238_5_2_a_code_opens_one_door_and_none_before_it_opens_another(world: World) {
        let alice = world.user("alice").await;
        let app = Authenticator::of(&world, &alice).await;
        let (mut browser, page) = at_the_step(&world, "alice").await;
        let (old, used, next) = (app.code_after(-30), app.code(), app.code_after(30));
        assert_eq!(browser.step(&page, "totp", "code", &used).await.url, "/account");
        let (mut browser, page) = at_the_step(&world, "alice").await;
        for spent in [&used, &old] {
            assert_page(&browser.step(&page, "totp", "code", spent).await, 401);
        }
        // A clock that is a step ahead is let in; one that is two ahead, or two behind, is not.
        for skewed in [app.code_after(60), app.code_after(-60)] {
            assert_page(&browser.step(&page, "totp", "code", &skewed).await, 401);
        }
        assert_eq!(browser.step(&page, "totp", "code", &next).await.url, "/account");
        world.advance(30);
        let (mut browser, page) = at_the_step(&world, "alice").await;
        assert_page(&browser.step(&page, "totp", "code", &next).await, 401);
        world.advance(30);
        assert_eq!(app.answer(&mut browser, &page).await.url, "/account");
    }
}

on_both_engines! {
    async fn asvs_v6_5_2_the_seed_is_kept_sealed_under_the_master_key_and_nowhere_else(world: World) {
        world.user("alice").await;
        let mut browser = signed_in(&world, "alice").await;
        let page = browser.open(PAGE).await;
        let app = Authenticator::scan(&world, &page);
        assert_page(&app.confirm(&mut browser, &page, PAGE).await, 200);
        let (mut devices, mut all) = (Vec::new(), String::new());
        tessera::storage::dump::read_all(&world.tessera.store, |table, row| {
            let row = serde_json::to_value(&row).expect("JSON");
            all.push_str(&row.to_string());
            if table == "otp_device" {
                devices.push(row);
            }
            Ok(())
        }).await.expect("rows");
        let [device] = &devices[..] else { panic!("{devices:?}") };
        let sealed = device.to_string();
        let sealed = sealed.split('"').find(|text| text.split('.').count() == 5).expect("a JWE");
        // RFC 7516 section 3.1: five parts; A256GCM directly under the master key.
        assert!(sealed.starts_with("eyJ"), "{sealed}");
        for written in app.seed_as_it_could_be_written() {
            assert!(!all.contains(&written), "{written}");
        }
    }
}
