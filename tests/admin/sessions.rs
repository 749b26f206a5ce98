//! `/admin/sessions`: who is signed in, and the end of it.

use tessera::base::ids::SessionId;
use tessera::flows::administration::SessionFilter;
use tessera::flows::organisations::Movable;
use tessera::protocol::access::{Permit, Tenant};
use tessera::protocol::audit::Origin;
use tessera::storage::role_grants::Holder;

use super::{administrator, root};
use crate::api::support::organisation;
use crate::on_both_engines;
use crate::pages::assert_page;
use crate::support::world::PASSWORD;
use crate::support::{Browser, World};

async fn enter(world: &World, name: &str) -> Browser {
    let mut browser = Browser::new(world);
    let page = browser.open("/sign-in").await;
    assert_eq!(browser.sign_in(&page, name, PASSWORD).await.url, "/account");
    browser
}

async fn session_of(world: &World, name: &str) -> SessionId {
    let user = world
        .tessera
        .find_user(name)
        .await
        .expect("the database")
        .expect("there")
        .id;
    let filter = SessionFilter {
        user: Some(user),
        ..SessionFilter::default()
    };
    let listed = world
        .tessera
        .list_live_sessions(&Permit::of_operator(), &filter, None, 10)
        .await;
    listed.expect("the database").items[0].session.id
}

async fn join(world: &World, name: &str, to: tessera::base::ids::OrganisationId) {
    let what = Movable::User(world.user(name).await.id);
    let moved = world.tessera.move_to_organisation(
        Permit::of_operator(),
        what,
        Some(to),
        Origin::default(),
    );
    moved.await.expect("the database").expect("moved");
}

on_both_engines! {
    async fn a_session_is_found_and_ended_and_its_browser_is_signed_out(world: World) {
        let mut chief = root(&world).await;
        for name in ["alice", "bobby"] {
            world.user(name).await;
        }
        let (mut hers, mut his) = (enter(&world, "alice").await, enter(&world, "bobby").await);
        let list = chief.open("/admin/sessions").await;
        assert_page(&list, 200);
        for name in ["alice Example", "bobby Example", "root Example"] {
            assert!(list.answer.body.contains(name), "{name}: {}", list.answer.body);
        }
        let found = chief.open("/admin/sessions?q=ali").await;
        assert!(found.answer.body.contains("alice Example") && !found.answer.body.contains("bobby Example"));
        assert_page(&chief.open("/admin/sessions?address=nonsense").await, 422);
        let nobody = chief.open("/admin/sessions?q=nobody").await;
        assert!(!nobody.has("sessions") && nobody.has("everybody"), "{}", nobody.answer.body);
        let alice = world.tessera.find_user("alice").await.expect("the database").expect("there").id;
        let hers_alone = chief.open(&format!("/admin/sessions?user={alice}")).await;
        assert!(hers_alone.answer.body.contains("alice Example") && !hers_alone.answer.body.contains("bobby Example"));
        // From her page to it and back; the own session has no button.
        assert!(chief.open(&format!("/admin/users/{alice}")).await.has("all-sessions"));
        assert!(hers_alone.answer.body.contains(&format!("href=\"/admin/users/{alice}\"")));
        let own = session_of(&world, "root").await;
        assert!(!list.answer.body.contains(&format!("/admin/sessions/{own}/end")));
        let end = format!("/admin/sessions/{}/end", session_of(&world, "alice").await);
        assert!(list.answer.body.contains(&end));
        let page = chief.open(&end).await;
        assert_page(&page, 200);
        assert_eq!(hers.open("/account").await.url, "/account", "only asked so far");
        let done = chief.submit(&page, &end, &[]).await;
        assert_eq!(done.url, "/admin/sessions?done=ended");
        assert_eq!(hers.open("/account").await.url, "/sign-in");
        assert_eq!(his.open("/account").await.url, "/account");
        // What has ended meanwhile is not there.
        assert_page(&chief.submit(&page, &end, &[]).await, 404);
        assert_page(&chief.open(&end).await, 404);
    }
}

on_both_engines! {
    async fn nobody_ends_a_session_of_another_tenant_nor_with_a_role_that_was_taken_back(world: World) {
        let (ours, theirs) = (organisation(&world, "ours").await, organisation(&world, "theirs").await);
        join(&world, "alice", ours).await;
        join(&world, "mallory", theirs).await;
        let (mut alice, mut foreign) = (enter(&world, "alice").await, enter(&world, "mallory").await);
        let mut here = administrator(&world, "here", Some("user-manager"), Tenant::Organisation(ours)).await;
        let list = here.open("/admin/sessions").await;
        assert_page(&list, 200);
        assert!(list.answer.body.contains("alice Example"));
        for other in ["mallory Example", "here Example"] {
            assert!(!list.answer.body.contains(other), "{other}");
        }
        let account = here.open("/account").await;
        for name in ["mallory", "here"] {
            let end = format!("/admin/sessions/{}/end", session_of(&world, name).await);
            assert_page(&here.open(&end).await, 404);
            assert_page(&here.submit(&account, &end, &[]).await, 404);
        }
        assert_eq!(foreign.open("/account").await.url, "/account");
        let end = format!("/admin/sessions/{}/end", session_of(&world, "alice").await);
        let (page, all) = (here.open(&end).await, here.open("/admin/sessions/end-all").await);
        assert_page(&page, 200);
        assert!(all.answer.body.contains("ours"), "{}", all.answer.body);
        // Without a recent proof, nothing.
        world.advance(301);
        for path in [&*end, "/admin/sessions/end-all"] {
            let account = here.open("/account").await;
            let sent = here.submit(&account, path, &[]).await;
            assert!(sent.url.starts_with("/sign-in/step"), "{}", sent.url);
        }
        // A second ago they lost the role.
        let holder = Holder::User(world.tessera.find_user("here").await.expect("the database").expect("there").id);
        let grants = world.tessera.grants_of(&Permit::of_operator(), &holder).await.expect("the database");
        let revoked = world.tessera.revoke_role(Permit::of_operator(), grants[0].id, Origin::default());
        revoked.await.expect("the database").expect("revoked");
        for (page, path) in [(&page, &*end), (&all, "/admin/sessions/end-all")] {
            let opened = page.field("opened").expect("what the form carries");
            assert_page(&here.submit(page, path, &[("opened", &opened)]).await, 403);
        }
        assert_page(&here.open("/admin/sessions").await, 403);
        assert_eq!(alice.open("/account").await.url, "/account");
    }
}

on_both_engines! {
    async fn the_end_of_all_leaves_the_one_that_it_comes_from(world: World) {
        let mut chief = root(&world).await;
        let ours = organisation(&world, "ours").await;
        join(&world, "alice", ours).await;
        world.user("bobby").await;
        let (mut hers, mut his) = (enter(&world, "alice").await, enter(&world, "bobby").await);
        let mut elsewhere = enter(&world, "root").await;
        // Of one organisation first.
        let path = format!("/admin/sessions/end-all?organisation={ours}");
        let page = chief.open(&path).await;
        assert_page(&page, 200);
        let within = ours.to_string();
        let opened = page.field("opened").expect("what the form carries");
        let done = chief.submit(&page, &path, &[("opened", &opened), ("organisation", &within)]).await;
        assert!(done.url.starts_with("/admin/sessions?done=everybody"), "{}", done.url);
        assert_eq!(hers.open("/account").await.url, "/sign-in");
        assert_eq!(his.open("/account").await.url, "/account");
        world.advance(1);
        let page = chief.open("/admin/sessions/end-all").await;
        let opened = page.field("opened").expect("what the form carries");
        let done = chief.submit(&page, "/admin/sessions/end-all", &[("opened", &opened)]).await;
        assert_page(&done, 200);
        assert_eq!(his.open("/account").await.url, "/sign-in");
        assert_eq!(elsewhere.open("/account").await.url, "/sign-in");
        assert_eq!(chief.open("/admin").await.answer.status, 200);
        let audit = world.audit().await;
        let counts: Vec<_> = audit.iter().filter(|event| event["kind"] == "sessions.ended").map(|event| (event["count"].as_u64(), event["organisation_id"].as_str() == Some(&within))).collect();
        assert_eq!(counts, [(Some(2), false), (Some(1), true)], "the newest first");
    }
}

on_both_engines! {
    async fn nobody_keeps_those_out_who_may_do_more_than_they(world: World) {
        let mut chief = root(&world).await;
        let mut manager = administrator(&world, "manager", Some("user-manager"), Tenant::Deployment).await;
        world.user("bobby").await;
        let mut his = enter(&world, "bobby").await;
        let end = format!("/admin/sessions/{}/end", session_of(&world, "root").await);
        let page = manager.open(&end).await;
        let opened = page.field("opened").unwrap_or_default();
        let refused = manager.submit(&page, &end, &[("opened", &opened)]).await;
        assert_page(&refused, 422);
        assert!(refused.has("problems"), "why not is said: {}", refused.answer.body);
        let page = manager.open("/admin/sessions/end-all").await;
        let opened = page.field("opened").expect("what the form carries");
        assert_page(&manager.submit(&page, "/admin/sessions/end-all", &[("opened", &opened)]).await, 200);
        assert_eq!(his.open("/account").await.url, "/sign-in");
        assert_eq!(chief.open("/account").await.url, "/account");
        let audit = world.audit().await;
        let swept = audit.iter().find(|event| event["kind"] == "sessions.ended").expect("on record");
        assert_eq!((&swept["count"], &swept["spared"]), (&1.into(), &1.into()));
        // The form of one organisation does not act on everything when it lost its name.
        let ours = organisation(&world, "ours").await;
        let path = format!("/admin/sessions/end-all?organisation={ours}");
        let page = chief.open(&path).await;
        let opened = page.field("opened").expect("what the form carries");
        assert!(chief.submit(&page, &path, &[("opened", &opened)]).await.answer.status >= 400);
        assert_eq!(manager.open("/account").await.url, "/account");
    }
}
