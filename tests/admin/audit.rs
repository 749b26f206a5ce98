//! The page of the audit log, and what is taken away from it.

use axum::body::Body;
use axum::http::Request;
use tessera::flows::access::Asking;
use tessera::flows::roles::NewGrant;
use tessera::protocol::access::power::ReadAudit;
use tessera::protocol::access::{Permit, RoleName, Tenant};
use tessera::protocol::audit::{Actor, Event, Kind, Origin};
use tessera::protocol::audit_search::EventSearch;
use tessera::storage::role_grants::Holder;

use super::root;
use crate::api::support::Caller;
use crate::on_both_engines;

on_both_engines! {
    async fn another_site_cannot_make_a_browser_download_the_log(world: World) {
        let mut root = root(&world).await;
        for (site, status) in [("cross-site", 403), ("same-origin", 200), ("none", 200)] {
            let request = Request::get("/admin/audit/export").header("sec-fetch-site", site);
            let answer = root.send(request.body(Body::empty()).expect("a request")).await;
            assert_eq!(answer.status, status, "{site}");
            let exported = world.audit().await;
            let exported = exported.iter().filter(|event| event["kind"] == "audit.exported").count();
            assert_eq!(exported > 0, status == 200, "{site}");
        }
    }
}

on_both_engines! {
    async fn what_is_no_address_is_refused_and_not_an_empty_list(world: World) {
        let mut browser = root(&world).await;
        let page = browser.open("/admin/audit?address=foo").await;
        assert_eq!(page.answer.status, 422);
        assert!(page.answer.body.contains("That is no IP address"));
        assert_eq!(browser.open("/admin/audit?address=192.0.2.1").await.answer.status, 200);
        assert_eq!(browser.open("/admin/audit?address=").await.answer.status, 200);
        let machine = Caller::root(&world).await;
        assert_eq!(machine.get("/audit-events?address=foo").await.status, 400);
        assert_eq!(machine.get("/audit-events?address=192.0.2.1").await.status, 200);
    }
}

on_both_engines! {
    async fn a_download_ends_when_the_right_to_it_does(world: World) {
        for n in 0..1_100 {
            let event = Event::new(Kind::SignIn, Actor::Anonymous).with("n", n);
            world.tessera.record_alone(event, Origin::default()).await.expect("an event");
        }
        let user = world.user("ada").await;
        let grant = NewGrant {
            role: RoleName::parse("auditor").expect("a role"),
            holder: Holder::User(user.id),
            tenant: Tenant::Deployment,
            valid_from: None,
            valid_until: Some(world.tessera.now() + std::time::Duration::from_mins(1)),
        };
        let given = world.tessera.grant_role(Permit::of_operator(), grant, Origin::default());
        given.await.expect("the database").expect("given");
        let permit = || async {
            let asking = Asking::Person(user.id);
            let who = world.tessera.administrator(&asking).await.expect("the database");
            who.decide::<ReadAudit>(None).expect("a permit")
        };
        let begin = |permit| world.tessera.export_events(permit, EventSearch::default(), Origin::default());
        let mut whole = begin(permit().await).await.expect("the database").expect("begun");
        while whole.next().await.expect("a part").is_some() {}
        let mut cut = begin(permit().await).await.expect("the database").expect("begun");
        assert!(cut.next().await.expect("the first part").is_some());
        world.advance(61);
        let why = cut.next().await.expect_err("no more of it").to_string();
        assert!(why.contains("may not be read any more"), "{why}");
        assert!(cut.next().await.expect("the end").is_none());
    }
}
