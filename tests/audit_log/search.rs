//! An index finds what looking at every event finds.

use std::collections::BTreeMap;

use serde_json::Value;
use tessera::base::{Entropy, Timestamp};
use tessera::flows::administration::Position;
use tessera::protocol::access::Permit;
use tessera::protocol::audit::{Actor, Event, Kind, Origin};
use tessera::protocol::audit_search::EventSearch;
use tessera::protocol::client::ClientId;

use crate::on_both_engines;
use crate::support::World;

/// Small numbers that look random and are the same each time.
struct Dice(Entropy);

impl Dice {
    fn up_to(&self, n: usize) -> usize {
        usize::from(u16::from_le_bytes(self.0.bytes())) % n
    }

    fn word(&self) -> String {
        ["ada", "bob", "c:1", "\"quoted\"", "ünï", "192.0.2.1"][self.up_to(6)].to_owned()
    }

    fn maybe(&self) -> Option<String> {
        (self.up_to(3) == 0).then(|| self.word())
    }
}

const KINDS: [Kind; 3] = [Kind::SignIn, Kind::TokenIssued, Kind::ClientChanged];

async fn happen(world: &World, dice: &Dice, count: usize) {
    for _ in 0..count {
        let actor = match dice.up_to(3) {
            0 => Actor::Client(ClientId::new(dice.word())),
            1 => Actor::Anonymous,
            _ => Actor::Operator,
        };
        let mut event = Event::new(KINDS[dice.up_to(3)], actor).with("username", dice.maybe());
        if dice.up_to(4) == 0 {
            event = event
                .with("resources", [dice.word(), dice.word()])
                .failed("wrong");
        }
        let last = u8::try_from(dice.up_to(3)).expect("works");
        let origin = Origin {
            address: Some([192, 0, 2, last].into()),
            request_id: dice.word(),
        };
        world
            .tessera
            .record_alone(event, origin)
            .await
            .expect("works");
        // Several events in one millisecond, too.
        if dice.up_to(4) == 0 {
            world.advance(1);
        }
    }
}

fn search(dice: &Dice, times: &[Timestamp]) -> EventSearch {
    let time = |()| times[dice.up_to(times.len())];
    EventSearch {
        kind: (dice.up_to(3) == 0).then(|| KINDS[dice.up_to(3)]),
        actor: (dice.up_to(4) == 0).then(|| format!("client:{}", dice.word())),
        about: dice.maybe(),
        failed: (dice.up_to(3) == 0).then(|| dice.up_to(2) == 0),
        address: (dice.up_to(4) == 0).then(|| "192.0.2.1".to_owned()),
        request_id: dice.maybe(),
        since: (dice.up_to(4) == 0).then_some(()).map(time),
        until: (dice.up_to(4) == 0).then_some(()).map(time),
    }
}

/// What is asked for, in other words than the program's.
fn wanted(of: &EventSearch, event: &Value) -> bool {
    let at = Timestamp::parse_rfc3339(event["at"].as_str().expect("works")).expect("works");
    let about = |sought: &String| {
        event["actor"].as_str() == Some(&format!("client:{sought}"))
            || event["username"] == **sought
            || event["resources"]
                .as_array()
                .is_some_and(|all| all.iter().any(|one| one == sought))
    };
    of.kind.is_none_or(|kind| event["kind"] == kind.as_str())
        && of
            .actor
            .as_ref()
            .is_none_or(|actor| event["actor"] == **actor)
        && of.about.as_ref().is_none_or(about)
        && of
            .failed
            .is_none_or(|failed| event["reason"].is_string() == failed)
        && of
            .address
            .as_ref()
            .is_none_or(|address| event["address"] == **address)
        && of
            .request_id
            .as_ref()
            .is_none_or(|id| event["request_id"] == **id)
        && of.since.is_none_or(|since| at >= since)
        && of.until.is_none_or(|until| at < until)
}

async fn found(world: &World, of: &EventSearch, limit: usize) -> Vec<Value> {
    let (mut all, mut after): (Vec<Value>, Option<Position>) = (Vec::new(), None);
    let permit = Permit::of_operator();
    loop {
        let page = world
            .tessera
            .search_events(&permit, of, after, limit)
            .await
            .expect("works")
            .expect("works");
        assert!(page.items.len() <= limit);
        all.extend(page.items.into_iter().map(Value::from));
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

on_both_engines! {
    async fn an_indexed_search_finds_what_looking_at_every_event_finds(world: World) {
        let dice = Dice(Entropy::seeded(7));
        happen(&world, &dice, 300).await;
        world.tessera.store.seal_audit().await.expect("works");
        while world.tessera.index_events().await.expect("works") {}
        // Sealed and not in the index, and not even sealed (on PostgreSQL).
        happen(&world, &dice, 90).await;
        world.tessera.store.seal_audit().await.expect("works");
        happen(&world, &dice, 30).await;

        let all = tessera::storage::audit::newest(&world.tessera.store, 10_000).await.expect("works");
        let all: Vec<Value> = all.iter().map(|body| serde_json::from_str(body).expect("works")).collect();
        let times: Vec<Timestamp> = all.iter().map(|event| Timestamp::parse_rfc3339(event["at"].as_str().expect("works")).expect("works")).collect();
        let mut hits = BTreeMap::new();
        for round in 0..300 {
            let of = search(&dice, &times);
            let naive: Vec<&Value> = all.iter().filter(|event| wanted(&of, event)).collect();
            let limit = [1, 7, 50, 500][round % 4];
            assert_eq!(found(&world, &of, limit).await.iter().collect::<Vec<_>>(), naive, "{of:?}");
            *hits.entry(naive.len().min(3)).or_insert(0) += 1;
        }
        assert!(hits.len() == 4, "none, one and many were found: {hits:?}");
    }
}

on_both_engines! {
    async fn a_rare_event_is_on_the_first_page_however_old_it_is(world: World) {
        let rare = Origin { address: Some([198, 51, 100, 1].into()), request_id: "the one".to_owned() };
        world.tessera.record_alone(Event::new(Kind::SignIn, Actor::Anonymous), rare).await.expect("works");
        world.advance(1);
        let dice = Dice(Entropy::seeded(8));
        happen(&world, &dice, 1_500).await;
        while world.tessera.store.seal_audit().await.expect("works") > 0 {}
        while world.tessera.index_events().await.expect("works") {}
        let permit = Permit::of_operator();
        for of in [
            EventSearch { address: Some("198.51.100.1".to_owned()), ..EventSearch::default() },
            EventSearch { request_id: Some("the one".to_owned()), kind: Some(Kind::SignIn), ..EventSearch::default() },
        ] {
            let page = world.tessera.search_events(&permit, &of, None, 50).await.expect("works").expect("works");
            assert_eq!((page.items.len(), page.next), (1, None));
        }
        // Nothing like it: known at once.
        let of = EventSearch { actor: Some("user:nobody".to_owned()), ..EventSearch::default() };
        let page = world.tessera.search_events(&permit, &of, None, 50).await.expect("works").expect("works");
        assert_eq!((page.items.len(), page.next), (0, None));
    }
}
