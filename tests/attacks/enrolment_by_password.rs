//! A thief of the password takes the account over by a way to sign in of his own. Every path that adds, replaces or
//! removes one asks for the stronger factor first (OWASP ASVS 5.0 V6.3.4, V7.5.1).

use tessera::flows::letters::LetterKind;

use crate::on_both_engines;
use crate::support::authenticator::Authenticator;
use crate::support::world::PASSWORD;
use crate::support::{Browser, World};

/// Where something is changed, with what a thief would send.
const CHANGES: &[(&str, &[(&str, &str)])] = &[
    (
        "/account/passkeys/new",
        &[("state", "x"), ("credential", "{}")],
    ),
    (
        "/account/passkeys/00000000-0000-7000-8000-000000000000",
        &[("change", "remove")],
    ),
    (
        "/account/authenticator",
        &[("change", "add"), ("state", "x"), ("code", "000000")],
    ),
    (
        "/account/authenticator",
        &[
            ("change", "remove"),
            ("device", "00000000-0000-7000-8000-000000000000"),
        ],
    ),
    (
        "/account/phone",
        &[("change", "add"), ("phone", "+4915112345678")],
    ),
    (
        "/account/phone",
        &[("change", "confirm"), ("code", "000000")],
    ),
    ("/account/phone", &[("change", "remove")]),
    ("/account/recovery", &[]),
    ("/account/email", &[("email", "mallory@example.org")]),
    (
        "/account/password",
        &[
            ("current_password", PASSWORD),
            ("password", "a long one of mallory"),
        ],
    ),
    ("/account/delete", &[]),
];

/// In, by name and password, where nothing more is asked for.
async fn signed_in(world: &World) -> Browser {
    let mut browser = Browser::new(world);
    let page = browser.open("/sign-in").await;
    let page = browser.sign_in(&page, "alice", PASSWORD).await;
    assert_eq!(page.url, "/account", "{}", page.answer.body);
    browser
}

on_both_engines! {
    async fn asvs_v7_5_1_no_way_in_is_added_or_replaced_with_the_password_alone(world: World) {
        let alice = world.user("alice").await;
        let mut thief = signed_in(&world).await;
        let app = Authenticator::of(&world, &alice).await;
        world.letters().await;
        let page = thief.open("/account").await;
        for (path, fields) in CHANGES {
            // He proves again all that he has; the session is as recent as can be.
            let asked = thief.submit(&page, path, fields).await;
            assert!(asked.url.starts_with("/sign-in/step?to="), "{path} {fields:?}: {}", asked.url);
            let asked = thief.step(&asked, "password", "password", PASSWORD).await;
            assert!(asked.url.starts_with("/sign-in/step"), "{path}: {}", asked.url);
            let asked = thief.submit(&page, path, fields).await;
            assert!(asked.url.starts_with("/sign-in/step?to="), "{path} {fields:?}: {}", asked.url);
        }
        assert!(world.letters().await.is_empty(), "nothing was changed, and nobody told");
        // The owner of the app comes to each of them.
        let mut owner = Browser::new(&world);
        let page = owner.open("/sign-in").await;
        let page = owner.sign_in(&page, "alice", PASSWORD).await;
        let page = app.answer(&mut owner, &page).await;
        assert_eq!(page.url, "/account");
        let done = owner.submit(&page, "/account/recovery", &[]).await;
        assert!(done.has("recovery-codes"), "{}", done.answer.body);
        let page = owner.open("/account").await;
        let done = owner.submit(&page, "/account/email", &[("email", "new@example.org")]).await;
        assert_eq!(done.answer.status, 200);
        let asked: Vec<_> = world.letters().await.iter().map(|letter| letter.kind).collect();
        assert!(asked.contains(&LetterKind::EmailChangeAsked), "{asked:?}");
    }
}

on_both_engines! {
    async fn half_a_sign_in_reaches_none_of_them(world: World) {
        let alice = world.user("alice").await;
        let _app = Authenticator::of(&world, &alice).await;
        let mut thief = Browser::new(&world);
        let page = thief.open("/sign-in").await;
        let page = thief.sign_in(&page, "alice", PASSWORD).await;
        assert!(page.url.starts_with("/sign-in/step"), "{}", page.url);
        world.letters().await;
        for (path, fields) in CHANGES {
            let refused = thief.submit(&page, path, fields).await;
            assert!(refused.url.starts_with("/sign-in"), "{path} {fields:?}: {}", refused.url);
        }
        assert_eq!(thief.open("/sign-in/set-up").await.url, "/sign-in/step");
        assert!(world.letters().await.is_empty());
    }
}

on_both_engines! {
    with |config| config.codes.magic_link = true;
    async fn neither_a_reset_nor_a_link_by_mail_takes_the_place_of_the_factor(world: World) {
        let alice = world.user("alice").await;
        let _app = Authenticator::of(&world, &alice).await;
        world.letters().await;
        // Whoever reads the mailbox and sets a password is asked for the factor all the same.
        let mut thief = Browser::new(&world);
        let page = thief.open("/forgot-password").await;
        thief.submit(&page, "/forgot-password", &[("identifier", "alice")]).await;
        let form = thief.open(&world.letter_link(LetterKind::ResetPassword).await).await;
        thief.submit(&form, "/reset-password", &[("password", "a long one of mallory")]).await;
        world.letters().await;
        let page = thief.open("/sign-in").await;
        let page = thief.sign_in(&page, "alice", "a long one of mallory").await;
        assert!(page.url.starts_with("/sign-in/step"), "{}", page.url);
        let page = thief.open("/sign-in/email-link").await;
        thief.submit(&page, "/sign-in/email-link", &[("identifier", "alice")]).await;
        let form = thief.open(&world.letter_link(LetterKind::SignInLink).await).await;
        let page = thief.submit(&form, "/sign-in/link", &[]).await;
        assert!(page.url.starts_with("/sign-in/step"), "{} {}", page.url, page.answer.body);
        for (path, fields) in CHANGES {
            let refused = thief.submit(&page, path, fields).await;
            assert!(refused.url.starts_with("/sign-in"), "{path} {fields:?}: {}", refused.url);
        }
    }
}
