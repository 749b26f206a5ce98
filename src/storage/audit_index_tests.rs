//! How the database goes about it, on both engines.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, PgPool};

use super::*;
use crate::base::Entropy;
use crate::base::ids::OrganisationId;
use crate::crypto::seal::MasterKey;
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::audit_search;
use crate::storage::audit::{Chain, Entry};
use crate::storage::{Store, audit_tenant};

/// Of which every event is.
const HERE: OrganisationId = OrganisationId(Uuid::from_u128(7));

fn open(url: &str) -> Store {
    let chain = Chain::new(Arc::new(MasterKey::generate(&Entropy::seeded(1))));
    Store::open(url, 2, Duration::from_secs(5), chain).unwrap()
}

/// The queries with parameters that stand for what a page asks.
fn queries() -> Vec<(&'static str, Vec<Value>)> {
    let all = Stretch::default();
    let bounds = || args![all.before, all.from()];
    let mut of_term = args![7_i64];
    of_term.extend(bounds());
    of_term.extend(args![200_i64]);
    let mut page = bounds();
    page.extend(args![all.since, all.until, 200_i64]);
    let mut within = args![HERE];
    within.extend(bounds());
    within.extend(args![200_i64]);
    let mut of_term_within = within.clone();
    of_term_within.extend(args![7_i64]);
    vec![
        (PAGE, page),
        (OF_TERM, of_term.clone()),
        (HOW_MANY, of_term),
        (UNSEALED, args![2_000_i64]),
        (SEALED, args![990_i64, 2_000_i64]),
        (OUT, args![7_i64, all.before]),
        (audit_tenant::LOG, within),
        (audit_tenant::OF_TERM, of_term_within),
    ]
}

async fn explain(mut store: &Store, before: &str, column: &str) -> Vec<(String, Vec<String>)> {
    let mut plans = Vec::new();
    for (sql, args) in queries() {
        let explain: &'static str = Box::leak(format!("{before} {sql}").into());
        let rows = store.rows(explain, args).await.unwrap();
        let plan = rows.iter().map(|row| row.text(column).unwrap());
        plans.push((sql.to_owned(), plan.collect()));
    }
    plans
}

/// So many events that a plan matters, all of them in the index.
async fn fill(store: &Store, count: u32) {
    let entropy = Entropy::seeded(3);
    for n in 0..count {
        let now = Timestamp::from_micros(1_800_000_000_000_000 + i64::from(n) * 1_000);
        let event = Event::new(Kind::SignIn, Actor::Anonymous).with("n", format!("{n}"));
        let entry = Entry::new(&event, &Origin::default(), now, &entropy);
        store.record(entry).await.unwrap();
    }
    store.seal_audit().await.unwrap();
    let mut reader = store;
    let events = sealed_after(&mut reader, 0, i64::from(count))
        .await
        .unwrap();
    let terms = events
        .iter()
        .flat_map(|event| {
            let body = serde_json::from_str(&event.body).unwrap();
            let terms = audit_search::terms(&body).into_iter();
            terms.map(|term| (term, event.id))
        })
        .collect();
    let owned = events.iter().map(|event| (event.id, HERE)).collect();
    let last = i64::from(count);
    let added = store
        .write(move |tx| {
            Box::pin(async move {
                audit_tenant::add(tx, owned).await?;
                add(tx, 0, last, terms).await
            })
        })
        .await;
    assert!(added.unwrap());
}

#[tokio::test]
async fn no_page_of_the_audit_log_scans_a_table_or_sorts_on_sqlite() {
    let random = u64::from_le_bytes(Entropy::system().bytes());
    let folder = std::env::temp_dir().join(format!("tessera-audit-{random:x}"));
    let store = open(&format!("sqlite:{}", folder.join("tessera.db").display()));
    store.migrate().await.unwrap();
    for (sql, plan) in explain(&store, "EXPLAIN QUERY PLAN", "detail").await {
        // Of what the index gave: at most so many as are counted.
        let bad = |step: &&String| {
            (step.contains("SCAN") && *step != "SCAN few") || step.contains("TEMP B-TREE")
        };
        assert_eq!(plan.iter().find(bad), None, "{sql}\n{plan:#?}");
    }
    store.close().await;
    drop(std::fs::remove_dir_all(folder));
}

#[tokio::test]
async fn no_page_of_the_audit_log_scans_a_table_or_sorts_on_postgresql() {
    let Ok(server) = std::env::var("TESSERA_TEST_POSTGRES_URL") else {
        eprintln!("skipped: TESSERA_TEST_POSTGRES_URL is not set");
        return;
    };
    let random = u64::from_le_bytes(Entropy::system().bytes());
    let name = format!("audit_{random:x}");
    let admin = PgPool::connect(&server).await.unwrap();
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&admin)
        .await
        .unwrap();
    let options: PgConnectOptions = server.parse().unwrap();
    let store = open(options.database(&name).to_url_lossy().as_str());
    store.migrate().await.unwrap();
    fill(&store, 1_000).await;
    let mut reader = &store;
    for table in [
        "ANALYZE audit_event",
        "ANALYZE audit_term",
        "ANALYZE audit_tenant",
    ] {
        reader.rows(table, vec![]).await.unwrap();
    }
    for (sql, plan) in explain(&store, "EXPLAIN", "QUERY PLAN").await {
        let bad = |step: &&String| step.contains("Seq Scan") || step.contains("Sort");
        assert_eq!(plan.iter().find(bad), None, "{sql}\n{plan:#?}");
    }
}

#[tokio::test]
async fn an_index_moves_on_once_whoever_adds_to_it() {
    let random = u64::from_le_bytes(Entropy::system().bytes());
    let folder = std::env::temp_dir().join(format!("tessera-audit-{random:x}"));
    let store = open(&format!("sqlite:{}", folder.join("tessera.db").display()));
    store.migrate().await.unwrap();
    fill(&store, 3).await;
    let mut reader = &store;
    assert_eq!(position(&mut reader).await.unwrap(), 3);
    let late = store.write(|tx| Box::pin(async move { add(tx, 0, 2, vec![]).await }));
    assert!(!late.await.unwrap());
    assert_eq!(position(&mut reader).await.unwrap(), 3);
    store.close().await;
    drop(std::fs::remove_dir_all(folder));
}
