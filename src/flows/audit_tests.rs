//! The oldest events go, and the rest is proved; whoever helps himself is found. Exports, too.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::administration::verify_file;
use super::operator_tests::Folder;
use super::{Internal, Tessera, backup};
use crate::base::{Clock, Entropy, Timestamp};
use crate::config::{Config, DatabaseUrl};
use crate::crypto::seal::MasterKey;
use crate::protocol::access::Permit;
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::audit_search::EventSearch;
use crate::storage::audit::{self, Chain, Verification};
use crate::storage::{Reader as _, args};

const DAY: Duration = Duration::from_hours(24);

pub(super) async fn tessera(database: &Path) -> Tessera {
    let mut config = Config::default();
    config.database.url = DatabaseUrl::parse(&format!("sqlite:{}", database.display())).unwrap();
    config.audit.retention = Some(30 * DAY);
    let clock = Clock::manual(Timestamp::from_seconds(1_800_000_000));
    let master = MasterKey::generate(&Entropy::seeded(1));
    let tessera = Tessera::new(config, master, clock, Entropy::system()).unwrap();
    tessera.store.migrate().await.unwrap();
    tessera
}

pub(super) async fn happen(tessera: &Tessera, count: usize) {
    for n in 0..count {
        let event = Event::new(Kind::SignIn, Actor::Anonymous).with("username", format!("u{n}"));
        let origin = Origin {
            request_id: format!("r{n}"),
            ..Origin::default()
        };
        tessera.record_alone(event, origin).await.unwrap();
    }
}

pub(super) async fn settle(tessera: &Tessera) {
    while tessera.index_events().await.unwrap() {}
    while tessera.count_events().await.unwrap() {}
}

pub(super) async fn verify(tessera: &Tessera) -> Verification {
    let chain = Chain::new(Arc::clone(&tessera.master));
    audit::verify(&tessera.store, &chain).await.unwrap()
}

pub(super) async fn run(tessera: &Tessera, sql: &'static str) -> u64 {
    tessera
        .store
        .write(move |tx| {
            Box::pin(async move { Ok::<_, Internal>(tx.execute(sql, args![]).await?) })
        })
        .await
        .unwrap()
}

pub(super) async fn count(tessera: &Tessera, sql: &'static str) -> i64 {
    let mut reader = &tessera.store;
    let row = reader.row(sql, args![]).await.unwrap().unwrap();
    row.get("n").unwrap()
}

async fn find(tessera: &Tessera, request: &str) -> usize {
    let search = EventSearch {
        request_id: Some(request.to_owned()),
        ..EventSearch::default()
    };
    let permit = Permit::of_operator();
    let listed = tessera.search_events(&permit, &search, None, 10).await;
    listed.unwrap().unwrap().items.len()
}

/// 250 old events that are gone, and 20 younger ones and what tells of their going.
async fn pruned(folder: &Folder) -> Tessera {
    let tessera = tessera(&folder.file("t.db")).await;
    happen(&tessera, 250).await;
    tessera.clock.advance(20 * DAY);
    happen(&tessera, 20).await;
    settle(&tessera).await;
    tessera.clock.advance(11 * DAY);
    assert_eq!(tessera.prune_audit().await.unwrap(), 250);
    tessera
}

#[tokio::test]
async fn the_oldest_events_go_with_their_words_and_the_rest_is_proved() {
    let folder = Folder::new();
    let tessera = pruned(&folder).await;
    let found = verify(&tessera).await;
    assert_eq!(found.broken_at, None);
    // 20, and one for each of three transactions.
    assert_eq!((found.removed, found.checked), (250, 23));
    assert_eq!(
        (find(&tessera, "r200").await, find(&tessera, "r3").await),
        (0, 1)
    );
    settle(&tessera).await;
    let left = "SELECT count(*) AS n FROM audit_term t LEFT JOIN audit_event e ON e.id = t.id WHERE e.id IS NULL";
    assert_eq!(count(&tessera, left).await, 0);
    assert_eq!(tessera.prune_audit().await.unwrap(), 0);

    // However old everything is, the newest event stays, and the chain goes on.
    tessera.clock.advance(100 * DAY);
    assert_eq!(tessera.prune_audit().await.unwrap(), 23);
    happen(&tessera, 5).await;
    let found = verify(&tessera).await;
    assert_eq!(
        (found.broken_at, found.removed, found.checked),
        (None, 273, 7)
    );
}

#[tokio::test]
async fn nothing_goes_that_is_young_or_not_counted_or_not_in_the_index() {
    let folder = Folder::new();
    let tessera = tessera(&folder.file("t.db")).await;
    happen(&tessera, 10).await;
    settle(&tessera).await;
    tessera.clock.advance(29 * DAY);
    assert_eq!(tessera.prune_audit().await.unwrap(), 0);
    tessera.clock.advance(2 * DAY);
    happen(&tessera, 1).await;
    run(&tessera, "UPDATE audit_indexed SET seq = 4").await;
    assert_eq!(tessera.prune_audit().await.unwrap(), 4);
    settle(&tessera).await;
    assert_eq!(tessera.prune_audit().await.unwrap(), 6);
    assert_eq!(verify(&tessera).await.broken_at, None);
}

#[tokio::test]
async fn what_was_changed_is_not_made_whole_by_taking_it_away() {
    let folder = Folder::new();
    for wrong in [
        "UPDATE audit_event SET body = replace(body, 'u3', 'u4') WHERE seq = 4",
        "DELETE FROM audit_event WHERE seq = 4",
    ] {
        let file = folder.file(&format!("{}.db", wrong.len()));
        let tessera = tessera(&file).await;
        happen(&tessera, 10).await;
        settle(&tessera).await;
        assert_eq!(run(&tessera, wrong).await, 1);
        tessera.clock.advance(40 * DAY);
        let refused = tessera.prune_audit().await.unwrap_err().to_string();
        assert!(refused.contains("broken at event 4"), "{refused}");
        assert!(verify(&tessera).await.broken_at.is_some());
    }
}

#[tokio::test]
async fn removal_without_a_checkpoint_and_every_wrong_checkpoint_are_found() {
    let cases: [(&str, &[&'static str], i64, &str); 8] = [
        (
            "no checkpoint",
            &["DELETE FROM audit_checkpoint"],
            1,
            "missing",
        ),
        (
            "more gone than it says",
            &["DELETE FROM audit_event WHERE seq <= 255"],
            251,
            "missing",
        ),
        (
            "moved on to hide more",
            &[
                "UPDATE audit_checkpoint SET seq = 255, hash = (SELECT hash FROM audit_event WHERE seq = 255)",
                "DELETE FROM audit_event WHERE seq <= 255",
            ],
            255,
            "checkpoint",
        ),
        (
            "another hash",
            &["UPDATE audit_checkpoint SET hash = x'00'"],
            250,
            "checkpoint",
        ),
        (
            "another time",
            &["UPDATE audit_checkpoint SET at = at + 1"],
            250,
            "checkpoint",
        ),
        (
            "another tag",
            &["UPDATE audit_checkpoint SET mac = x'00'"],
            250,
            "checkpoint",
        ),
        (
            "everything after it gone",
            &["DELETE FROM audit_event"],
            251,
            "missing",
        ),
        (
            "an older event put back",
            &[
                "INSERT INTO audit_event (id, at, kind, body, seq, hash) SELECT x'00', at, kind, body, 7, hash FROM audit_event WHERE seq = 251",
            ],
            7,
            "was removed",
        ),
    ];
    for (what, wrongs, seq, word) in cases {
        let folder = Folder::new();
        let tessera = pruned(&folder).await;
        for wrong in wrongs {
            assert!(run(&tessera, wrong).await > 0, "{what}");
        }
        let (at, why) = verify(&tessera).await.broken_at.expect(what);
        assert!(at == seq && why.contains(word), "{what}: {at} {why}");
        // A wrong checkpoint is no ground to go on from either.
        if word == "checkpoint" {
            tessera.clock.advance(100 * DAY);
            settle(&tessera).await;
            assert!(tessera.prune_audit().await.is_err(), "{what}");
        }
    }
}

#[tokio::test]
async fn a_checkpoint_that_is_rolled_back_is_found() {
    let folder = Folder::new();
    let tessera = pruned(&folder).await;
    run(
        &tessera,
        "CREATE TABLE kept AS SELECT * FROM audit_checkpoint",
    )
    .await;
    settle(&tessera).await;
    tessera.clock.advance(20 * DAY);
    happen(&tessera, 1).await;
    assert_eq!(tessera.prune_audit().await.unwrap(), 20);
    assert_eq!(verify(&tessera).await.broken_at, None);
    run(&tessera, "DELETE FROM audit_checkpoint").await;
    run(&tessera, "INSERT INTO audit_checkpoint SELECT * FROM kept").await;
    assert_eq!(
        verify(&tessera).await.broken_at,
        Some((251, "an event is missing"))
    );
}

#[tokio::test]
async fn a_restored_log_is_proved_from_its_checkpoint_and_searched_anew() {
    let folder = Folder::new();
    let from = pruned(&folder).await;
    let file = folder.file("all.jsonl");
    backup::backup(&from, &file, Actor::Operator).await.unwrap();
    let to = tessera(&folder.file("to.db")).await;
    let examined = backup::examine(&file, &to.master).unwrap();
    let restored = backup::restore(&to, examined, Actor::Operator)
        .await
        .unwrap();
    assert_eq!(
        (restored.audit.broken_at, restored.audit.removed),
        (None, 250)
    );
    assert_eq!(find(&to, "r3").await, 1);
    assert_eq!(count(&to, "SELECT count(*) AS n FROM audit_term").await, 0);
    settle(&to).await;
    assert_eq!(find(&to, "r3").await, 1);
}

pub(super) async fn export(tessera: &Tessera, search: EventSearch) -> String {
    let permit = Permit::of_operator();
    let export = tessera
        .export_events(permit, search, Origin::default())
        .await;
    let (mut export, mut all) = (export.unwrap().unwrap(), String::new());
    while let Some(lines) = export.next().await.unwrap() {
        all.push_str(&lines);
    }
    all
}

pub(super) fn prove(tessera: &Tessera, file: &str) -> Verification {
    verify_file(file.as_bytes(), Arc::clone(&tessera.master)).unwrap()
}

#[tokio::test]
async fn a_whole_export_is_proved_without_the_database_and_every_change_is_found() {
    let folder = Folder::new();
    let tessera = tessera(&folder.file("t.db")).await;
    happen(&tessera, 1_205).await;
    let file = export(&tessera, EventSearch::default()).await;
    let lines: Vec<&str> = file.lines().collect();
    // That it was taken is in it.
    assert_eq!(lines.len(), 1_206);
    assert!(
        lines[1_205].contains("audit.exported") && lines[1_205].contains("\"actor\":\"operator\"")
    );
    let whole = prove(&tessera, &file);
    assert_eq!((whole.checked, whole.broken_at), (1_206, None));

    let other = MasterKey::generate(&Entropy::seeded(2));
    let found = verify_file(file.as_bytes(), Arc::new(other)).unwrap();
    assert_eq!(found.broken_at.map(|(seq, _)| seq), Some(1));
    let without = |n: usize| {
        let mut some = lines.clone();
        some.remove(n);
        some.join("\n")
    };
    let cases = [
        (file.replacen("\"u700\"", "\"u7000\"", 1), 701),
        (file.replacen("\"seq\":9,", "\"seq\":10,", 1), 9),
        (without(0), 1),
        (without(600), 601),
        (format!("{}\nnot a line\n{}", lines[0], lines[1]), 2),
        (lines[1].to_owned(), 1),
    ];
    for (changed, seq) in cases {
        let found = prove(&tessera, &changed).broken_at.map(|(seq, _)| seq);
        assert_eq!(found, Some(seq));
    }
}

#[tokio::test]
async fn an_export_of_a_pruned_log_begins_with_its_checkpoint() {
    let folder = Folder::new();
    let tessera = pruned(&folder).await;
    let file = export(&tessera, EventSearch::default()).await;
    let found = prove(&tessera, &file);
    assert_eq!(
        (found.removed, found.checked, found.broken_at),
        (250, 24, None)
    );
    let (checkpoint, rest) = file.split_once('\n').unwrap();
    assert!(checkpoint.starts_with("{\"checkpoint\":"));
    assert!(prove(&tessera, rest).broken_at.is_some());
    assert!(prove(&tessera, checkpoint).broken_at.is_some());
    let moved = file.replacen("\"seq\":250", "\"seq\":249", 1);
    assert!(
        prove(&tessera, &moved)
            .broken_at
            .unwrap()
            .1
            .contains("checkpoint")
    );
}

#[tokio::test]
async fn a_filtered_export_has_what_the_list_has_and_says_what_was_asked() {
    let folder = Folder::new();
    let tessera = tessera(&folder.file("t.db")).await;
    happen(&tessera, 30).await;
    tessera.clock.advance(DAY);
    let search = EventSearch {
        request_id: Some("r7".to_owned()),
        ..EventSearch::default()
    };
    let file = export(&tessera, search).await;
    assert_eq!(file.lines().count(), 1);
    assert!(file.contains("\"u7\"") && file.starts_with("{\"seq\":8,"));
    let newest = audit::newest(&tessera.store, 1).await.unwrap();
    assert!(
        newest[0].contains(r#""search":{"request_id":"r7"}"#),
        "{newest:?}"
    );
}
