//! The newest events are missed when they are cut off, in the database and in a file.

use super::audit_tests::{count, export, happen, prove, run, settle, tessera, verify};
use super::operator_tests::Folder;
use crate::protocol::audit_search::EventSearch;
use crate::storage::audit;

#[tokio::test]
async fn newest_events_that_are_cut_off_are_missed_and_those_that_come_instead_are_not_left_out() {
    for instead in [0, 3, 10, 15] {
        let folder = Folder::new();
        let tessera = tessera(&folder.file("t.db")).await;
        happen(&tessera, 60).await;
        settle(&tessera).await;
        assert_eq!(verify(&tessera).await.broken_at, None);
        assert_eq!(tessera.audit_warning().await.unwrap(), None);
        run(&tessera, "INSERT INTO setting (name, value) VALUES ('audit-syslog', '{\"seq\":60,\"holder\":\"\",\"until\":0}')").await;
        assert_eq!(
            run(&tessera, "DELETE FROM audit_event WHERE seq > 50").await,
            10
        );
        happen(&tessera, instead).await;
        for again in [false, true] {
            let found = verify(&tessera).await;
            assert!(
                found.broken_at.unwrap().1.contains("cut off"),
                "{instead} {again}"
            );
            assert_eq!(found.known, Some(60));
            assert!(
                tessera
                    .audit_warning()
                    .await
                    .unwrap()
                    .unwrap()
                    .contains("60 were known")
            );
            // The log grows on, and what was found stays found.
            settle(&tessera).await;
            let sent = count(&tessera, "SELECT CASE WHEN value LIKE '%\"seq\":60,%' THEN 60 ELSE 0 END AS n FROM setting WHERE name = 'audit-syslog'").await;
            assert_eq!(sent, 0, "{instead}: the stream would leave some out");
            happen(&tessera, 20).await;
            settle(&tessera).await;
        }
        let unindexed =
            "SELECT count(*) AS n FROM audit_event WHERE id NOT IN (SELECT id FROM audit_term)";
        assert_eq!(count(&tessera, unindexed).await, 0);
        let newest = audit::newest_sealed(&mut &tessera.store).await.unwrap();
        let indexed = count(&tessera, "SELECT seq AS n FROM audit_indexed").await;
        assert_eq!(newest, indexed);
    }
}

#[tokio::test]
async fn an_empty_file_and_a_part_of_the_log_are_no_whole_export() {
    let folder = Folder::new();
    let tessera = tessera(&folder.file("t.db")).await;
    happen(&tessera, 30).await;
    let why = |file: &str| prove(&tessera, file).broken_at.expect("broken").1;
    assert_eq!(why(""), "there is no event in it");
    let search = EventSearch {
        request_id: Some("r7".to_owned()),
        ..EventSearch::default()
    };
    let part = export(&tessera, search).await;
    assert!(why(&part).contains("made with filters?"));
    assert!(why("what").contains("no line"));
    let whole = export(&tessera, EventSearch::default()).await;
    assert_eq!(prove(&tessera, &whole).broken_at, None);
}
