//! Reading the audit log, page by page.

use tessera::base::Timestamp;
use tessera::protocol::audit::{Actor, Kind};
use tessera::storage::audit::{Filter, Stored, page};

use crate::on_both_engines;
use crate::support::{App, World};

async fn read(world: &World, filter: &Filter, limit: i64) -> Vec<Stored> {
    let mut reader = &world.tessera.store;
    page(&mut reader, filter, limit).await.expect("a page")
}

on_both_engines! {
    async fn the_audit_log_is_read_newest_first_page_by_page_and_by_kind_and_actor(world: World) {
        world.user("alice").await;
        let app = App::register(&world, serde_json::json!({})).await;
        app.tokens("alice").await;
        let middle = world.tessera.now() + std::time::Duration::from_secs(1);
        world.advance(2);
        app.tokens("alice").await;

        let all = read(&world, &Filter::default(), 1_000).await;
        assert!(all.len() > 6, "{}", all.len());
        assert!(all.is_sorted_by(|newer, older| newer.id > older.id));
        let mut by_pages: Vec<Stored> = Vec::new();
        loop {
            let before = by_pages.last().map(|last| last.id);
            let some = read(&world, &Filter { before, ..Filter::default() }, 2).await;
            if some.is_empty() {
                break;
            }
            by_pages.extend(some);
        }
        let ids = |list: &[Stored]| list.iter().map(|event| event.id).collect::<Vec<_>>();
        assert_eq!(ids(&by_pages), ids(&all), "nothing twice, nothing left out");

        let recent = read(&world, &Filter { since: Some(middle), ..Filter::default() }, 1_000).await;
        assert!(!recent.is_empty() && recent.len() < all.len());
        assert_eq!(ids(&recent), ids(&all[..recent.len()]));
        let future = Timestamp::from_seconds(9_000_000_000);
        assert!(read(&world, &Filter { since: Some(future), ..Filter::default() }, 9).await.is_empty());

        let of = |kind: Option<Kind>, actor: Option<Actor>| Filter {
            kind,
            actor: actor.map(|actor| actor.name()),
            ..Filter::default()
        };
        let codes = read(&world, &of(Some(Kind::CodeIssued), None), 9).await;
        assert_eq!(codes.len(), 2);
        assert!(codes.iter().all(|event| event.body.contains(r#""kind":"code.issued""#)));
        let client = Actor::Client(tessera::protocol::client::ClientId::new(&*app.id));
        let theirs = read(&world, &of(None, Some(client.clone())), 9).await;
        let expected = format!(r#""actor":"client:{}""#, app.id);
        assert!(!theirs.is_empty() && theirs.iter().all(|event| event.body.contains(&expected)));
        assert!(read(&world, &of(Some(Kind::Backup), Some(client)), 9).await.is_empty());
        // Not by a part of the name, and not in another spelling.
        for other in ["client:", "CLIENT:", "%", "_", "\""] {
            let filter = Filter { actor: Some(other.to_owned()), ..Filter::default() };
            assert!(read(&world, &filter, 9).await.is_empty(), "{other}");
        }
    }
}
