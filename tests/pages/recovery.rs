//! Recovery codes.

use super::assert_page;
use super::authenticator::{at_the_step, signed_in};
use crate::on_both_engines;
use crate::support::authenticator::{Authenticator, recovery_codes};
use crate::support::{App, World};

const PAGE: &str = "/account/recovery";

async fn use_one(world: &World, code: &str) -> crate::support::Page {
    let (mut browser, page) = at_the_step(world, "alice").await;
    assert!(page.has("with-recovery_code"), "{}", page.answer.body);
    let page = browser.open("/sign-in/step?with=recovery_code").await;
    browser.step(&page, "recovery_code", "code", code).await
}

on_both_engines! {
    async fn each_recovery_code_opens_one_door_however_it_is_typed(world: World) {
        let alice = world.user("alice").await;
        let codes = Authenticator::of(&world, &alice).await.recovery;
        assert_eq!(codes.len(), 10);
        let shown: std::collections::BTreeSet<_> = codes.iter().collect();
        assert_eq!(shown.len(), 10);
        let typed = codes[0].to_lowercase().replace('-', " ").replace('0', "o");
        assert_eq!(use_one(&world, &typed).await.url, "/account");
        assert_page(&use_one(&world, &codes[0]).await, 401);
        assert_eq!(use_one(&world, &codes[1]).await.url, "/account");
        assert_page(&use_one(&world, "").await, 401);
        assert_page(&use_one(&world, "0000-0000-0000-0000").await, 401);
    }
}

on_both_engines! {
    async fn they_are_kept_as_hashes_and_somebody_elses_open_nothing(world: World) {
        let (alice, bobby) = (world.user("alice").await, world.user("bobby").await);
        Authenticator::of(&world, &alice).await;
        let others = Authenticator::of(&world, &bobby).await.recovery;
        assert_page(&use_one(&world, &others[0]).await, 401);
        let mut rows = Vec::new();
        tessera::storage::dump::read_all(&world.tessera.store, |table, row| {
            if table == "recovery_code" {
                rows.push(serde_json::to_string(&row).expect("JSON"));
            }
            Ok(())
        }).await.expect("rows");
        assert_eq!(rows.len(), 20);
        let dump = rows.join(" ");
        assert!(others.iter().all(|code| !dump.contains(code) && !dump.contains(&code.replace('-', ""))));
    }
}

on_both_engines! {
    async fn when_few_are_left_it_is_said_and_new_ones_void_the_old(world: World) {
        let alice = world.user("alice").await;
        let codes = Authenticator::of(&world, &alice).await.recovery;
        for code in &codes[..6] {
            assert_eq!(use_one(&world, code).await.url, "/account");
        }
        // The seventh leaves three; the request that waits is not lost over it.
        let app = App::register(&world, serde_json::json!({})).await;
        let mut browser = crate::support::Browser::new(&world);
        let page = browser.open(&app.request(&[])).await;
        let page = browser.sign_in(&page, "alice", crate::support::world::PASSWORD).await;
        let said = browser.step(&page, "recovery_code", "code", &codes[6]).await;
        assert!(said.url.starts_with("/sign-in/recovery-left?request="), "{}", said.url);
        assert_page(&said, 200);
        assert!(said.answer.body.contains("3 codes are left"), "{}", said.answer.body);
        let next = said.url.replace("/sign-in/recovery-left", "/continue");
        assert!(browser.open(&next).await.has("allow"));
        let account = browser.open("/account").await;
        assert!(account.answer.body.contains("3 codes are left"), "{}", account.answer.body);
        let page = browser.open(PAGE).await;
        assert_page(&page, 200);
        let fresh = recovery_codes(&browser.submit(&page, PAGE, &[]).await);
        assert_eq!(fresh.len(), 10);
        assert!(!fresh.contains(&codes[9]));
        assert_page(&use_one(&world, &codes[9]).await, 401);
        assert_eq!(use_one(&world, &fresh[9]).await.url, "/account");
        assert!(browser.open("/account").await.answer.body.contains("9 codes are left"));
    }
}

on_both_engines! {
    async fn they_stand_in_for_something_or_there_are_none(world: World) {
        world.user("alice").await;
        let mut browser = signed_in(&world, "alice").await;
        let page = browser.open(PAGE).await;
        assert_page(&page, 200);
        assert!(!page.has("renew"));
        let none = browser.submit(&browser.clone().open("/account").await, PAGE, &[]).await;
        assert!(recovery_codes(&none).is_empty());
    }
}

on_both_engines! {
    async fn guesses_at_a_recovery_code_have_a_counter_of_their_own(world: World) {
        let alice = world.user("alice").await;
        let app = Authenticator::of(&world, &alice).await;
        let (mut browser, page) = at_the_step(&world, "alice").await;
        for _ in 0..5 {
            assert_page(&browser.step(&page, "recovery_code", "code", "0000-0000-0000-0000").await, 401);
        }
        assert_page(&browser.step(&page, "recovery_code", "code", &app.recovery[0]).await, 429);
        world.advance(30);
        assert_eq!(browser.step(&page, "recovery_code", "code", &app.recovery[0]).await.url, "/account");
    }
}
