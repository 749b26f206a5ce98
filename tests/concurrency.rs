//! Many requests for one thing in the same moment.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use tessera::storage::audit::{Chain, verify};

use tessera::flows::organisations::Movable;
use tessera::flows::people::UserChanges;
use tessera::protocol::access::Permit;
use tessera::protocol::audit::{Actor, Origin};

use crate::on_both_engines;
use crate::support::{App, World};

on_both_engines! {
    async fn rfc6749_4_1_2_of_a_hundred_redemptions_of_one_code_exactly_one_wins(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let code = app.code("alice").await;
        let answers = join_all((0..100).map(|_| app.redeem(&code))).await;
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 400).count(), 99, "{statuses:?}");
    }
}

on_both_engines! {
    async fn rfc9700_4_14_2_of_a_hundred_refreshes_exactly_one_rotates(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let tokens = app.tokens("alice").await;
        let shared = tokens["refresh_token"].as_str().expect("a token");
        let answers = join_all((0..100).map(|_| app.refresh(shared))).await;
        // One rotated; the others, within the retry window, were told what it had made.
        assert!(answers.iter().all(|answer| answer.status == 200));
        let successors: HashSet<String> = answers
            .iter()
            .map(|answer| answer.json()["refresh_token"].as_str().expect("a token").to_owned())
            .collect();
        assert_eq!(successors.len(), 1);
        let next = app.refresh(successors.iter().next().expect("one")).await;
        assert_eq!(next.status, 200);
        world.advance(31);
        assert_eq!(app.refresh(shared).await.error(), "invalid_grant");
        assert_eq!(app.refresh(next.json()["refresh_token"].as_str().expect("a token")).await.error(), "invalid_grant");
    }
}

async fn without_a_retry_window(world: World) {
    world.user("alice").await;
    let app = App::register(&world, json!({})).await;
    let tokens = app.tokens("alice").await;
    let shared = tokens["refresh_token"].as_str().expect("a token");
    // The window is inclusive and the clock stands still: the same moment is within it.
    let first = app.refresh(shared).await;
    assert_eq!(first.status, 200);
    world.advance(1);
    let answers = join_all((0..100).map(|_| app.refresh(shared))).await;
    assert!(answers.iter().all(|answer| answer.status == 400));
    let successor = first.json()["refresh_token"]
        .as_str()
        .expect("a token")
        .to_owned();
    assert_eq!(
        app.refresh(&successor).await.error(),
        "invalid_grant",
        "the family is revoked"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rfc9700_4_14_2_without_a_retry_window_every_further_use_ends_the_family_sqlite() {
    without_a_retry_window(
        World::sqlite_with(|config| config.tokens.refresh_retry_window = Duration::ZERO).await,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rfc9700_4_14_2_without_a_retry_window_every_further_use_ends_the_family_postgres() {
    if let Some(world) =
        World::postgres_with(|config| config.tokens.refresh_retry_window = Duration::ZERO).await
    {
        without_a_retry_window(world).await;
    }
}

on_both_engines! {
    async fn each_of_fifty_tokens_leaves_one_event_and_the_chain_holds(world: World) {
        let machine = App::register(&world, json!({
            "redirect_uris": [], "grant_types": ["client_credentials"], "response_types": [], "scope": "rows:read"
        })).await;
        let form = [("grant_type", "client_credentials")];
        let answers = join_all((0..50).map(|_| machine.token(&form))).await;
        assert!(answers.iter().all(|answer| answer.status == 200));
        let events = world.audit().await;
        let issued = events.iter().filter(|event| event.to_string().contains("\"token.issued\"")).count();
        assert_eq!(issued, 50);
        let found = verify(&world.tessera.store, &Chain::new(Arc::clone(&world.tessera.master))).await.expect("the chain");
        assert_eq!((found.broken_at, found.unsealed), (None, 0));
        assert!(found.checked >= 50);
    }
}

on_both_engines! {
    async fn who_is_moved_disabled_and_signed_out_at_once_waits_for_nobody_for_ever(world: World) {
        let alice = world.user("alice").await.id;
        let (permit, origin) = (Permit::of_operator, Origin::default);
        let made = world.tessera.create_organisation(permit(), "ours", "Ours", origin()).await;
        let ours = made.expect("the database").expect("a good name").id;
        let disabled = |disabled| UserChanges { disabled: Some(disabled), ..UserChanges::default() };
        for n in 0..20 {
            // All of these lock the account and what guards the last administrator.
            let (moved, changed, switched, closed) = tokio::join!(
                world.tessera.move_to_organisation(permit(), Movable::User(alice), Some(ours), origin()),
                world.tessera.change_user(alice, disabled(n % 2 == 0), Actor::Operator, origin()),
                world.tessera.set_user_disabled(alice, n % 2 == 1, Actor::Operator, origin()),
                world.tessera.change_organisation(permit(), ours, ("Ours", n % 2 == 0), None, origin()),
            );
            moved.expect("no deadlock").expect("moved");
            changed.expect("no deadlock").expect("changed");
            assert!(switched.expect("no deadlock"));
            closed.expect("no deadlock").expect("changed");
        }
    }
}
