//! On both engines: the oldest events go, one node at a time, and the rest is proved.

use std::sync::Arc;
use std::time::Duration;

use tessera::protocol::audit::{Actor, Event, Kind, Origin};
use tessera::storage::audit::{self, Chain};

use crate::on_both_engines;

const DAY: Duration = Duration::from_hours(24);

on_both_engines! {
    with |config| config.audit.retention = Some(30 * DAY);
    async fn two_nodes_take_the_oldest_events_away_and_the_rest_is_proved(world: World) {
        let happen = async |count: usize| {
            for _ in 0..count {
                let event = Event::new(Kind::SignIn, Actor::Anonymous);
                world.tessera.record_alone(event, Origin::default()).await.expect("works");
            }
            while world.tessera.store.seal_audit().await.expect("works") > 0 {}
            while world.tessera.index_events().await.expect("works") {}
            while world.tessera.count_events().await.expect("works") {}
        };
        happen(220).await;
        world.advance(31 * 24 * 3_600);
        happen(5).await;
        let (one, other) = tokio::join!(world.tessera.prune_audit(), world.tessera.prune_audit());
        let gone = one.expect("works") + other.expect("works");
        while world.tessera.store.seal_audit().await.expect("works") > 0 {}
        let chain = Chain::new(Arc::clone(&world.tessera.master));
        let found = audit::verify(&world.tessera.store, &chain).await.expect("works");
        assert_eq!(found.broken_at, None);
        assert!(gone >= 220 && found.removed == i64::try_from(gone).expect("works"), "{found:?} {gone}");
        assert!(world.audit().await.iter().any(|event| event["kind"] == "audit.pruned" && event["through"] == found.removed));
    }
}
