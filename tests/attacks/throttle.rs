//! Passwords are guessed, or the guard against it is turned on the owner.

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
