//! Reading the audit log, page by page.

use tessera::base::Timestamp;
use tessera::flows::administration::{Found, Position};
use tessera::protocol::access::Permit;
use tessera::protocol::audit::{Actor, Kind};
use tessera::protocol::audit_search::EventSearch;

use crate::on_both_engines;
use crate::support::{App, World};

async fn page(
    world: &World,
    of: &EventSearch,
    after: Option<Position>,
    limit: usize,
) -> (Vec<Found>, Option<Position>) {
    let permit = Permit::of_operator();
    let listed = world.tessera.search_events(&permit, of, after, limit).await;
    let listed = listed.expect("a page").expect("for the operator");
    (listed.items, listed.next)
}

async fn read(world: &World, of: &EventSearch, limit: usize) -> Vec<Found> {
    page(world, of, None, limit).await.0
}

on_both_engines! {
    async fn the_audit_log_is_read_newest_first_page_by_page_and_by_kind_and_actor(world: World) {
        world.user("alice").await;
        let app = App::register(&world, serde_json::json!({})).await;
        app.tokens("alice").await;
        let middle = world.tessera.now() + std::time::Duration::from_secs(1);
        world.advance(2);
        app.tokens("alice").await;

        let all = read(&world, &EventSearch::default(), 1_000).await;
        assert!(all.len() > 6, "{}", all.len());
        assert!(all.is_sorted_by(|newer, older| newer.stored.id > older.stored.id));
        let mut by_pages: Vec<Found> = Vec::new();
        loop {
            let after = by_pages.last().map(|last| last.stored.id.into());
            let (some, _) = page(&world, &EventSearch::default(), after, 2).await;
            if some.is_empty() {
                break;
            }
            by_pages.extend(some);
        }
        let ids = |list: &[Found]| list.iter().map(|event| event.stored.id).collect::<Vec<_>>();
        assert_eq!(ids(&by_pages), ids(&all), "nothing twice, nothing left out");

        let recent = read(&world, &EventSearch { since: Some(middle), ..EventSearch::default() }, 1_000).await;
        assert!(!recent.is_empty() && recent.len() < all.len());
        assert_eq!(ids(&recent), ids(&all[..recent.len()]));
        let future = Timestamp::from_seconds(9_000_000_000);
        assert!(read(&world, &EventSearch { since: Some(future), ..EventSearch::default() }, 9).await.is_empty());

        let of = |kind: Option<Kind>, actor: Option<Actor>| EventSearch {
            kind,
            actor: actor.map(|actor| actor.name()),
            ..EventSearch::default()
        };
        let codes = read(&world, &of(Some(Kind::CodeIssued), None), 9).await;
        assert_eq!(codes.len(), 2);
        assert!(codes.iter().all(|event| event.stored.body.contains(r#""kind":"code.issued""#)));
        let client = Actor::Client(tessera::protocol::client::ClientId::new(&*app.id));
        let theirs = read(&world, &of(None, Some(client.clone())), 9).await;
        let expected = format!(r#""actor":"client:{}""#, app.id);
        assert!(!theirs.is_empty() && theirs.iter().all(|event| event.stored.body.contains(&expected)));
        assert!(read(&world, &of(Some(Kind::Backup), Some(client)), 9).await.is_empty());
        // Not by a part of the name, and not in another spelling.
        for other in ["client:", "CLIENT:", "%", "_", "\""] {
            let filter = EventSearch { actor: Some(other.to_owned()), ..EventSearch::default() };
            assert!(read(&world, &filter, 9).await.is_empty(), "{other}");
        }
    }
}
