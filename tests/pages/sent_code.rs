//! Codes by e-mail.

use tessera::flows::letters::LetterKind;

use super::assert_page;
use super::authenticator::{at_the_step, signed_in};
use crate::on_both_engines;
use crate::support::authenticator::Authenticator;
use crate::support::{Browser, Page, World};

const PAGE: &str = "/sign-in/step?with=email_code";

async fn ask(browser: &mut Browser) -> Page {
    let page = browser.open(PAGE).await;
    assert!(page.has("send"), "{}", page.answer.body);
    browser.step(&page, "email_code", "send", "yes").await
}

fn another(code: &str) -> String {
    let number: u32 = code.parse().expect("digits");
    format!("{:06}", (number + 1) % 1_000_000)
}

on_both_engines! {
    with |config| config.codes.email = true;
    async fn a_code_by_mail_stands_in_once_and_only_the_newest(world: World) {
        let alice = world.user("alice").await;
        Authenticator::of(&world, &alice).await;
        let (mut browser, page) = at_the_step(&world, "alice").await;
        assert!(page.has("with-email_code"));
        let page = browser.open(PAGE).await;
        assert_page(&page, 200);
        // Looking at the page sends nothing, and it does not tell the address.
        assert!(world.letters().await.is_empty());
        assert!(!page.has("code") && page.answer.body.contains("a•••@e•••.org"));
        assert!(!page.answer.body.contains("alice@example.org"));
        let page = ask(&mut browser).await;
        assert!(page.has("code") && page.has("send"), "{}", page.answer.body);
        let first = world.letter_link(LetterKind::SignInCode).await;
        ask(&mut browser).await;
        let second = world.letter_link(LetterKind::SignInCode).await;
        assert_eq!(second.len(), 6);
        if first != second {
            assert_page(&browser.step(&page, "email_code", "code", &first).await, 401);
        }
        assert_eq!(browser.step(&page, "email_code", "code", &second).await.url, "/account");
        let (mut browser, page) = at_the_step(&world, "alice").await;
        assert_page(&browser.step(&page, "email_code", "code", &second).await, 401);
    }
}

on_both_engines! {
    with |config| config.codes.email = true;
    async fn it_dies_after_three_wrong_ones_and_after_five_minutes(world: World) {
        let alice = world.user("alice").await;
        Authenticator::of(&world, &alice).await;
        let (mut browser, _) = at_the_step(&world, "alice").await;
        let page = ask(&mut browser).await;
        let code = world.letter_link(LetterKind::SignInCode).await;
        for _ in 0..3 {
            assert_page(&browser.step(&page, "email_code", "code", &another(&code)).await, 401);
        }
        let dead = browser.step(&page, "email_code", "code", &code).await;
        assert_page(&dead, 401);
        assert!(!dead.has("code") && dead.has("send"));
        let page = ask(&mut browser).await;
        let code = world.letter_link(LetterKind::SignInCode).await;
        world.advance(5 * 60);
        assert_page(&browser.step(&page, "email_code", "code", &code).await, 401);
        // Five tries by now, which the counter of the factor holds: no further code to guess at, for a while.
        let slowed = ask(&mut browser).await;
        assert_page(&slowed, 429);
        assert!(world.letters().await.is_empty());
    }
}

on_both_engines! {
    with |config| config.codes.email = true;
    async fn asvs_v6_6_2_a_code_is_worth_nothing_in_another_sign_in(world: World) {
        let alice = world.user("alice").await;
        Authenticator::of(&world, &alice).await;
        let (mut owner, _) = at_the_step(&world, "alice").await;
        world.advance(1);
        let (mut thief, page) = at_the_step(&world, "alice").await;
        let asked = ask(&mut owner).await;
        let code = world.letter_link(LetterKind::SignInCode).await;
        assert_page(&thief.step(&page, "email_code", "code", &code).await, 401);
        assert_eq!(owner.step(&asked, "email_code", "code", &code).await.url, "/account");
    }
}

on_both_engines! {
    with |config| config.codes.email = true;
    async fn letters_are_limited_however_many_browsers_ask(world: World) {
        let alice = world.user("alice").await;
        Authenticator::of(&world, &alice).await;
        let mut sent = 0;
        for _ in 0..3 {
            let (mut browser, _) = at_the_step(&world, "alice").await;
            for _ in 0..3 {
                let page = ask(&mut browser).await;
                sent += usize::from(page.answer.status == 200);
                assert!([200, 429].contains(&page.answer.status));
            }
        }
        assert_eq!((sent, world.letters().await.len()), (5, 5));
    }
}

on_both_engines! {
    with |config| config.codes.email = true;
    async fn it_is_no_factor_of_its_own_and_needs_a_confirmed_address(world: World) {
        let alice = world.user("alice").await;
        // Nothing that it could stand in for: a password is enough.
        signed_in(&world, "alice").await;
        Authenticator::of(&world, &alice).await;
        let mut other = alice.clone();
        other.email_verified = false;
        let now = world.tessera.now();
        let write = world.tessera.store.write::<_, tessera::flows::Internal, _>(move |tx| {
            Box::pin(async move { Ok(tessera::storage::users::update(tx, &other, now).await?) })
        });
        write.await.expect("written");
        let (mut browser, page) = at_the_step(&world, "alice").await;
        assert!(!page.has("with-email_code"));
        browser.step(&page, "email_code", "send", "yes").await;
        assert!(world.letters().await.is_empty());
    }
}

on_both_engines! {
    async fn it_is_off_unless_it_is_switched_on(world: World) {
        let alice = world.user("alice").await;
        Authenticator::of(&world, &alice).await;
        let (mut browser, page) = at_the_step(&world, "alice").await;
        assert!(!page.has("with-email_code"));
        browser.step(&page, "email_code", "send", "yes").await;
        assert!(world.letters().await.is_empty());
        // A stranger with nothing has nothing to send to.
        let mut stranger = Browser::new(&world);
        let page = stranger.open("/sign-in").await;
        let page = stranger.step(&page, "email_code", "send", "yes").await;
        assert_eq!(page.url, "/sign-in");
    }
}

/// Signs in with a password, up to the page that asks for more.
async fn with_password(world: &World, password: &str) -> (Browser, Page) {
    let mut browser = Browser::new(world);
    let page = browser.open("/sign-in").await;
    let page = browser.sign_in(&page, "alice", password).await;
    assert_eq!(page.url, "/sign-in/step", "{}", page.answer.body);
    (browser, page)
}

const NEW: &str = "a password of whoever reads the mail";

on_both_engines! {
    with |config| config.codes.email = true;
    async fn nist_sp_800_63b_4_3_1_3_1_the_mailbox_alone_is_never_two_factors(world: World) {
        let alice = world.user("alice").await;
        let app = Authenticator::of(&world, &alice).await;
        // Somebody reads her mail.
        let mut thief = Browser::new(&world);
        let page = thief.open("/forgot-password").await;
        thief.submit(&page, "/forgot-password", &[("identifier", "alice")]).await;
        let link = world.letter_link(LetterKind::ResetPassword).await;
        let page = thief.open(&link).await;
        thief.submit(&page, "/reset-password", &[("password", NEW)]).await;
        world.letters().await;
        let (mut thief, page) = with_password(&world, NEW).await;
        assert!(!page.has("with-email_code"), "{}", page.answer.body);
        thief.step(&page, "email_code", "send", "yes").await;
        assert!(world.letters().await.is_empty());
        // The owner has the app, and chooses another password: the mailbox stands in again.
        let (mut owner, page) = with_password(&world, NEW).await;
        assert_eq!(app.answer(&mut owner, &page).await.url, "/account");
        let page = owner.open("/account").await;
        let fields = [("current_password", NEW), ("password", crate::support::world::PASSWORD)];
        assert_page(&owner.submit(&page, "/account/password", &fields).await, 200);
        let (_, page) = at_the_step(&world, "alice").await;
        assert!(page.has("with-email_code"));
    }
}

on_both_engines! {
    with |config| config.codes.email = true;
    async fn asvs_v7_5_1_a_code_by_mail_lets_in_and_changes_nothing(world: World) {
        let alice = world.user("alice").await;
        let app = Authenticator::of(&world, &alice).await;
        let (mut browser, _) = at_the_step(&world, "alice").await;
        let page = ask(&mut browser).await;
        let code = world.letter_link(LetterKind::SignInCode).await;
        assert_eq!(browser.step(&page, "email_code", "code", &code).await.url, "/account");
        for matters in ["/account/authenticator", "/account/passkeys/new", "/account/email", "/account/delete"] {
            let page = browser.open(matters).await;
            assert!(page.url.starts_with("/sign-in/step?to="), "{matters}: {}", page.url);
            assert!(!page.has("with-email_code") && page.field("method").as_deref() != Some("email_code"));
        }
        let page = browser.open("/account/authenticator").await;
        assert_eq!(app.answer(&mut browser, &page).await.url, "/account/authenticator");
    }
}
