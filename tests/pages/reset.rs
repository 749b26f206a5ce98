//! `/forgot-password` and `/reset-password`.

use serde_json::json;
use tessera::flows::letters::LetterKind;

use super::{assert_page, signs_in};
use crate::on_both_engines;
use crate::support::world::PASSWORD;
use crate::support::{App, Browser, Page};

const NEW: &str = "a new long passphrase";

async fn ask(browser: &mut Browser, identifier: &str) -> Page {
    let page = browser.open("/forgot-password").await;
    assert_page(&page, 200);
    let fields = [("identifier", identifier)];
    browser.submit(&page, "/forgot-password", &fields).await
}

on_both_engines! {
    async fn asvs_v6_3_8_a_known_a_disabled_and_an_unknown_account_get_the_same_bytes(world: World) {
        use tessera::protocol::audit::{Actor, Origin};
        world.user("alice").await;
        let bobby = world.user("bobby").await;
        world.tessera.set_user_disabled(bobby.id, true, Actor::Operator, Origin::default()).await.expect("disabled");
        let mut seen = Vec::new();
        let mut fresh = Browser::new(&world);
        fresh.open("/forgot-password").await;
        for (name, letters) in [("alice", 1), ("bobby", 0), ("carol", 0)] {
            for identifier in [name.to_owned(), format!("{name}@example.org")] {
                let mut browser = fresh.clone();
                let answer = ask(&mut browser, &identifier).await;
                assert_page(&answer, 200);
                assert_eq!(world.letters().await.len(), letters, "{identifier}");
                let mut headers = answer.answer.headers.clone();
                headers.remove("x-request-id").expect("a name of its own");
                let length = headers.remove("content-length");
                seen.push((answer.answer.body.replace(name, "NAME"), headers, length));
            }
        }
        for pair in 1..3 {
            assert_eq!(seen[0], seen[2 * pair]);
            assert_eq!(seen[1], seen[2 * pair + 1]);
        }
    }
}

on_both_engines! {
    async fn a_reset_link_works_once_and_voids_the_others(world: World) {
        world.user("alice").await;
        let mut browser = Browser::new(&world);
        ask(&mut browser, "alice").await;
        let older = world.letter_link(LetterKind::ResetPassword).await;
        ask(&mut browser, "alice@example.org").await;
        let link = world.letter_link(LetterKind::ResetPassword).await;
        // Looking spends nothing: software follows links in mails.
        for _ in 0..2 {
            assert_page(&Browser::new(&world).open(&link).await, 200);
        }
        let form = browser.open(&link).await;
        assert!(form.answer.body.contains("alice"), "{}", form.answer.body);
        for weak in ["short", "alice123", "password123", ""] {
            let refused = browser.submit(&form, "/reset-password", &[("password", weak)]).await;
            assert_page(&refused, 422);
            assert!(refused.has("password-problem"), "{weak}");
        }
        assert!(signs_in(&world, "alice", PASSWORD).await, "nothing changed yet");
        let fields = [("password", NEW)];
        assert_page(&browser.submit(&form, "/reset-password", &fields).await, 200);
        assert_page(&browser.submit(&form, "/reset-password", &fields).await, 410);
        assert_page(&browser.open(&link).await, 410);
        assert_page(&browser.open(&older).await, 410);
        assert!(signs_in(&world, "alice", NEW).await);
        assert!(!signs_in(&world, "alice", PASSWORD).await);
        world.letter_link(LetterKind::PasswordChanged).await;
    }
}

on_both_engines! {
    async fn an_expired_and_a_made_up_reset_link_are_gone(world: World) {
        world.user("alice").await;
        let mut browser = Browser::new(&world);
        ask(&mut browser, "alice").await;
        let link = world.letter_link(LetterKind::ResetPassword).await;
        world.advance(30 * 60 - 1);
        let form = browser.open(&link).await;
        assert_page(&form, 200);
        world.advance(1);
        let fields = [("password", NEW)];
        assert_page(&browser.open(&link).await, 410);
        assert_page(&browser.submit(&form, "/reset-password", &fields).await, 410);
        assert_page(&browser.open("/reset-password?token=made-up").await, 410);
        assert_page(&browser.open("/reset-password").await, 410);
        assert!(signs_in(&world, "alice", PASSWORD).await);
        assert!(world.letters().await.is_empty());
    }
}

on_both_engines! {
    async fn asvs_v7_4_3_a_reset_ends_the_sessions_in_every_browser(world: World) {
        world.user("alice").await;
        let mut thief = Browser::new(&world);
        let page = thief.open("/sign-in").await;
        assert_eq!(thief.sign_in(&page, "alice", PASSWORD).await.url, "/account");
        let mut owner = Browser::new(&world);
        ask(&mut owner, "alice").await;
        let form = owner.open(&world.letter_link(LetterKind::ResetPassword).await).await;
        assert_eq!(thief.open("/account").await.url, "/account");
        assert_page(&owner.submit(&form, "/reset-password", &[("password", NEW)]).await, 200);
        assert_eq!(thief.open("/account").await.url, "/sign-in");
    }
}

on_both_engines! {
    async fn cwe_79_what_was_typed_comes_back_as_text_and_nothing_typed_is_refused(world: World) {
        let mut browser = Browser::new(&world);
        let answer = ask(&mut browser, "<b>x</b>\"><script>alert(1)</script>").await;
        assert_page(&answer, 200);
        assert!(!answer.answer.body.contains("<b>x") && !answer.answer.body.contains("<script>alert"));
        let answer = ask(&mut browser, "  ").await;
        assert_page(&answer, 422);
        assert!(answer.has("identifier-problem"));
    }
}

on_both_engines! {
    async fn a_refused_form_still_leads_back_to_the_login_that_waits(world: World) {
        let app = App::register(&world, json!({})).await;
        let mut browser = Browser::new(&world);
        let sign_in = browser.open(&app.request(&[])).await;
        let ticket = sign_in.field("request").expect("a ticket");
        let page = browser.open(&format!("/forgot-password?request={ticket}")).await;
        let refused = browser.submit(&page, "/forgot-password", &[("identifier", " ")]).await;
        assert_page(&refused, 422);
        assert_eq!(refused.field("request").as_ref(), Some(&ticket));
        assert!(refused.answer.body.contains(&format!("/sign-in?request={ticket}")));
    }
}

on_both_engines! {
    with |config| config.server.issuer = tessera::config::Issuer::parse("https://id.example").expect("an issuer");
    async fn where_no_mail_can_be_sent_no_reset_is_promised(world: World) {
        let mut browser = Browser::new(&world);
        assert_page(&browser.open("/forgot-password").await, 404);
        let page = browser.open("/sign-in").await;
        assert!(!page.answer.body.contains("/forgot-password"));
    }
}

on_both_engines! {
    async fn rfc6585_4_letters_are_slowed_alike_whether_the_account_exists_or_not(world: World) {
        world.user("alice").await;
        for name in ["alice", "carol"] {
            let mut browser = Browser::new(&world);
            for _ in 0..5 {
                assert_page(&ask(&mut browser, name).await, 200);
            }
            let slowed = ask(&mut browser, name).await;
            assert_page(&slowed, 429);
            assert_eq!(slowed.answer.header("retry-after"), "30");
            assert!(slowed.answer.body.contains("Please wait"), "{}", slowed.answer.body);
        }
    }
}

on_both_engines! {
    async fn one_mailbox_gets_no_more_letters_by_two_names_and_nobody_sees_that_they_are_one(world: World) {
        world.user("alice").await;
        let mut seen = Vec::new();
        for names in [["alice", "alice@example.org"], ["carol", "carol@example.org"]] {
            let mut statuses = Vec::new();
            for name in names {
                for _ in 0..6 {
                    let page = ask(&mut Browser::new(&world), name).await;
                    statuses.push(page.answer.status);
                }
            }
            seen.push(statuses);
        }
        assert_eq!(seen[0], seen[1]);
        assert_eq!(seen[0], [200, 200, 200, 200, 200, 429, 200, 200, 200, 200, 200, 429]);
        let letters = world.letters().await;
        assert_eq!(letters.len(), 5);
        // Those that came are young, and open the account.
        let mut owner = Browser::new(&world);
        let form = owner.open(letters[0].link.as_deref().expect("a link")).await;
        assert_page(&owner.submit(&form, "/reset-password", &[("password", NEW)]).await, 200);
    }
}

on_both_engines! {
    async fn asvs_v6_4_3_a_reset_signs_nobody_in_and_goes_around_no_second_factor(world: World) {
        let alice = world.user("alice").await;
        crate::support::authenticator::Authenticator::of(&world, &alice).await;
        let mut browser = Browser::new(&world);
        ask(&mut browser, "alice").await;
        let link = world.letter_link(LetterKind::ResetPassword).await;
        let form = browser.open(&link).await;
        assert_page(&browser.submit(&form, "/reset-password", &[("password", NEW)]).await, 200);
        let page = browser.open("/account").await;
        assert_eq!(page.url, "/sign-in");
        let page = browser.sign_in(&page, "alice", NEW).await;
        assert_eq!(page.url, "/sign-in/step");
        assert_eq!(browser.open("/account").await.url, "/sign-in");
    }
}
