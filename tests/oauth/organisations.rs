//! Organisations: a client of one is for its people; of a closed one, nothing works.

use serde_json::json;
use tessera::base::ids::OrganisationId;
use tessera::flows::organisations::Movable;
use tessera::flows::roles::NewGrant;
use tessera::protocol::access::{Permit, RoleName, Tenant};
use tessera::protocol::audit::Origin;
use tessera::protocol::client::ClientId;
use tessera::storage::role_grants::Holder;
use tessera::storage::users::User;

use crate::on_both_engines;
use crate::support::world::PASSWORD;
use crate::support::{App, Browser, World};

async fn organisation(world: &World, name: &str) -> OrganisationId {
    let made =
        world
            .tessera
            .create_organisation(Permit::of_operator(), name, name, Origin::default());
    made.await.expect("the database").expect("a good name").id
}

async fn put(world: &World, what: Movable, to: Option<OrganisationId>) {
    let done =
        world
            .tessera
            .move_to_organisation(Permit::of_operator(), what, to, Origin::default());
    done.await.expect("the database").expect("moved");
}

async fn close(world: &World, id: OrganisationId, closed: bool) {
    let done = world.tessera.change_organisation(
        Permit::of_operator(),
        id,
        ("Ours", closed),
        None,
        Origin::default(),
    );
    done.await.expect("the database").expect("changed");
}

fn client(app: &App) -> Movable {
    Movable::Client(ClientId::new(app.id.as_str()))
}

/// Where a sign-in at the application leads: its error, or `None` if there is a code.
async fn error_for(world: &World, app: &App, user: &User) -> Option<String> {
    let mut browser = Browser::new(world);
    let page = browser.pass(&app.request(&[]), &user.username).await;
    let error = page.parameter("error");
    assert_eq!(
        error.is_none(),
        page.parameter("code").is_some(),
        "{}",
        page.answer.body
    );
    error
}

on_both_engines! {
    async fn a_client_of_an_organisation_is_for_its_people_alone(world: World) {
        let (ours, theirs) = (organisation(&world, "ours").await, organisation(&world, "theirs").await);
        let (alice, bobby, carol) = (world.user("alice").await, world.user("bobby").await, world.user("carol").await);
        put(&world, Movable::User(alice.id), Some(ours)).await;
        put(&world, Movable::User(bobby.id), Some(theirs)).await;
        let everybodys = App::register(&world, json!({"skip_consent": true})).await;
        let app = App::register(&world, json!({"skip_consent": true})).await;
        put(&world, client(&app), Some(ours)).await;
        assert_eq!(error_for(&world, &app, &alice).await, None);
        for stranger in [&bobby, &carol] {
            assert_eq!(error_for(&world, &app, stranger).await.as_deref(), Some("access_denied"));
        }
        for person in [&alice, &bobby, &carol] {
            assert_eq!(error_for(&world, &everybodys, person).await, None);
        }
    }
}

on_both_engines! {
    async fn who_leaves_an_organisation_leaves_its_tokens_and_roles_there(world: World) {
        let ours = organisation(&world, "ours").await;
        let alice = world.user("alice").await;
        put(&world, Movable::User(alice.id), Some(ours)).await;
        let app = App::register(&world, json!({"skip_consent": true, "grant_types": ["authorization_code", "refresh_token"]})).await;
        put(&world, client(&app), Some(ours)).await;
        let role = NewGrant {
            role: RoleName::parse("auditor").expect("a role"), holder: Holder::User(alice.id),
            tenant: Tenant::Organisation(ours), valid_from: None, valid_until: None,
        };
        world.tessera.grant_role(Permit::of_operator(), role, Origin::default()).await.expect("the database").expect("given");
        let offline = [("scope", Some("openid offline_access"))];
        let code = app.code_with("alice", &offline).await;
        let tokens = app.redeem(&code).await.json();
        let (access, refresh) = (tokens["access_token"].as_str().expect("a token"), tokens["refresh_token"].as_str().expect("a token"));
        assert_eq!(app.userinfo(access).await.status, 200);
        put(&world, Movable::User(alice.id), None).await;
        assert_eq!(app.userinfo(access).await.status, 401);
        assert_eq!(app.refresh(refresh).await.error(), "invalid_grant");
        assert_eq!(world.tessera.roles_of(alice.id).await.expect("the database"), []);
        assert_eq!(error_for(&world, &app, &alice).await.as_deref(), Some("access_denied"));
    }
}

on_both_engines! {
    async fn of_a_closed_organisation_nobody_signs_in_and_no_token_works_until_it_opens(world: World) {
        let ours = organisation(&world, "ours").await;
        let alice = world.user("alice").await;
        let bobby = world.user("bobby").await;
        put(&world, Movable::User(alice.id), Some(ours)).await;
        let everybodys = App::register(&world, json!({"skip_consent": true})).await;
        let app = App::register(&world, json!({"skip_consent": true})).await;
        put(&world, client(&app), Some(ours)).await;
        let tokens = everybodys.redeem(&everybodys.code_with("alice", &[]).await).await.json();
        let access = tokens["access_token"].as_str().expect("a token");
        let mut there = Browser::new(&world);
        let page = there.open("/sign-in").await;
        assert_eq!(there.sign_in(&page, "alice", PASSWORD).await.url, "/account");
        let mut outside = Browser::new(&world);
        let page = outside.open("/sign-in").await;
        outside.sign_in(&page, "bobby", PASSWORD).await;
        close(&world, ours, true).await;
        assert_eq!(everybodys.userinfo(access).await.status, 401);
        // Who is in is out, and applications are told.
        assert_eq!(there.open("/account").await.url, "/sign-in");
        assert_eq!(outside.open("/account").await.url, "/account");
        let ended: Vec<_> = world.audit().await.into_iter().filter(|event| event["kind"] == "session.ended").collect();
        assert_eq!(ended.len(), 2, "{ended:?}");
        assert!(ended.iter().all(|event| event["how"] == "organisation_closed" && event["user_id"] == json!(alice.id)));
        let mut browser = Browser::new(&world);
        let page = browser.open(&everybodys.request(&[])).await;
        let refused = browser.sign_in(&page, "alice", PASSWORD).await;
        assert_eq!((refused.answer.status, refused.parameter("code")), (401, None));
        // Its client is answered as if it did not exist.
        assert_eq!(browser.open(&app.request(&[])).await.answer.status, 400);
        assert_eq!(error_for(&world, &everybodys, &bobby).await, None);
        close(&world, ours, false).await;
        // What ended stays ended.
        assert_eq!(everybodys.userinfo(access).await.status, 401);
        assert_eq!(there.open("/account").await.url, "/sign-in");
        assert_eq!(error_for(&world, &app, &alice).await, None);
    }
}
