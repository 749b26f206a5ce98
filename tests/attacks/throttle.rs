//! Passwords are guessed, or the guard against it is turned on the owner.

use tessera::flows::letters::LetterKind;

use crate::on_both_engines;
use crate::support::Browser;
use crate::support::world::PASSWORD;

on_both_engines! {
    async fn nist_800_63b_3_2_2_a_hundred_guesses_at_once_get_the_budget_and_no_more(world: World) {
        world.user("alice").await;
        let mut known = Browser::new(&world);
        let page = known.open("/sign-in").await;
        known.sign_in(&page, "alice", PASSWORD).await;
        let guesses = futures_util::future::join_all((0..100).map(|number| {
            let mut browser = Browser::new(&world);
            async move {
                let page = browser.open("/sign-in").await;
                browser.sign_in(&page, "alice", &format!("guess {number}")).await.answer.status
            }
        })).await;
        assert_eq!(guesses.iter().filter(|status| **status == 401).count(), 5);
        assert_eq!(guesses.iter().filter(|status| **status == 429).count(), 95);
        // Not even the right password helps a stranger now; the owner's device is not locked out.
        let mut stranger = Browser::new(&world);
        let page = stranger.open("/sign-in").await;
        assert_eq!(stranger.sign_in(&page, "alice", PASSWORD).await.answer.status, 429);
        let page = known.open("/sign-in/another").await;
        assert_eq!(known.sign_in(&page, "alice", PASSWORD).await.url, "/account");
        world.advance(31);
        let page = stranger.open("/sign-in").await;
        assert_eq!(stranger.sign_in(&page, "alice", PASSWORD).await.url, "/account");
    }
}

on_both_engines! {
    async fn asvs_v6_3_8_an_emptied_user_name_does_not_tell_which_address_belongs_to_it(world: World) {
        world.user("alice").await;
        for (name, address) in [("alice", "alice@example.org"), ("nobody", "nobody@example.org")] {
            let mut seen = Vec::new();
            for login in [name, name, name, name, name, name, address] {
                let mut browser = Browser::new(&world);
                let page = browser.open("/sign-in").await;
                seen.push(browser.sign_in(&page, login, "a guess").await.answer.status);
            }
            assert_eq!(seen, [401, 401, 401, 401, 401, 429, 401], "{name}");
        }
    }
}

on_both_engines! {
    async fn who_reset_the_password_is_no_stranger_on_that_device(world: World) {
        world.user("alice").await;
        let mut owner = Browser::new(&world);
        let page = owner.open("/forgot-password").await;
        owner.submit(&page, "/forgot-password", &[("identifier", "alice")]).await;
        let form = owner.open(&world.letter_link(LetterKind::ResetPassword).await).await;
        let done = owner.submit(&form, "/reset-password", &[("password", "a new long passphrase")]).await;
        assert_eq!(done.answer.status, 200);
        let mut stranger = Browser::new(&world);
        for _ in 0..6 {
            let page = stranger.open("/sign-in").await;
            stranger.sign_in(&page, "alice", "a guess").await;
        }
        for (browser, status) in [(&mut stranger, 429), (&mut owner, 200)] {
            let page = browser.open("/sign-in").await;
            let page = browser.sign_in(&page, "alice", "a new long passphrase").await;
            assert_eq!(page.answer.status, status);
        }
    }
}
