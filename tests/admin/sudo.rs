//! What changes something asks for a recent proof; a form that was opened with one may take an hour; and a role
//! that was taken back is gone with the next request.

use tessera::protocol::access::{Permit, Tenant};
use tessera::protocol::audit::Origin;
use tessera::storage::role_grants::Holder;

use super::{administrator, root};
use crate::on_both_engines;
use crate::pages::assert_page;
use crate::support::world::PASSWORD;

on_both_engines! {
    async fn asvs_v7_5_1_a_form_asks_for_a_recent_proof_before_anything_is_typed(world: World) {
        let mut browser = root(&world).await;
        world.advance(301);
        assert_page(&browser.open("/admin/groups").await, 200);
        let page = browser.open("/admin/groups/new").await;
        assert!(page.url.starts_with("/sign-in/step"), "{}", page.url);
        let page = browser.step(&page, "password", "password", PASSWORD).await;
        assert_eq!(page.url, "/admin/groups/new", "{}", page.answer.body);
        // An hour for what is typed; what was opened in time is not lost.
        world.advance(3_500);
        let opened = page.field("opened").expect("what the form carries");
        let made = browser.submit(&page, "/admin/groups/new", &[("opened", &opened), ("name", "Staff")]).await;
        assert!(made.url.starts_with("/admin/groups/"), "{}", made.url);
        // Not for another form, and not for ever.
        let other = browser.submit(&page, "/admin/roles/new", &[("opened", &opened), ("name", "clerk")]).await;
        assert!(other.url.starts_with("/sign-in/step"), "{}", other.url);
        world.advance(101);
        let late = browser.submit(&page, "/admin/groups/new", &[("opened", &opened), ("name", "Late")]).await;
        assert!(late.url.starts_with("/sign-in/step"), "{}", late.url);
    }
}

on_both_engines! {
    async fn what_one_session_opened_is_nothing_in_another(world: World) {
        let mut browser = root(&world).await;
        let page = browser.open("/admin/groups/new").await;
        let opened = page.field("opened").expect("what the form carries");
        let mut other = administrator(&world, "other", Some("super-administrator"), Tenant::Deployment).await;
        world.advance(301);
        let theirs = other.open("/admin/groups").await;
        assert_page(&theirs, 200);
        let account = other.open("/account").await;
        let made = other.submit(&account, "/admin/groups/new", &[("opened", &opened), ("name", "Staff")]).await;
        assert!(made.url.starts_with("/sign-in/step"), "{}", made.url);
    }
}

on_both_engines! {
    async fn a_role_that_was_taken_back_is_gone_with_the_next_request(world: World) {
        let user = world.user("keeper").await;
        let mut browser = administrator(&world, "auditor", Some("auditor"), Tenant::Deployment).await;
        assert_page(&browser.open("/admin/users").await, 200);
        drop(user);
        let auditor = world.tessera.find_user("auditor").await.expect("the database").expect("there");
        let holder = Holder::User(auditor.id);
        let grants = world.tessera.grants_of(&Permit::of_operator(), &holder).await.expect("the database");
        let revoked = world.tessera.revoke_role(Permit::of_operator(), grants[0].id, Origin::default());
        revoked.await.expect("the database").expect("revoked");
        assert_page(&browser.open("/admin/users").await, 403);
        assert_page(&browser.open("/admin").await, 403);
        let denied = world.audit().await.into_iter().filter(|event| event["kind"] == "access.denied").count();
        assert!(denied >= 1);
    }
}
