//! The hand-kept list of tables against the schema that the migrations really make: what it lacks,
//! a backup would forget without a word.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, PgPool};

use super::*;
use crate::base::Entropy;
use crate::crypto::seal::MasterKey;

/// `revision` counts the changes of one database, and sqlx its own steps: neither moves with a
/// backup. The index of the audit log is made from the log, wherever that is.
const LEFT_OUT: &[&str] = &[
    "revision",
    "_sqlx_migrations",
    "audit_term",
    "audit_indexed",
];

/// Table -> column -> declared type.
type Schema = BTreeMap<String, BTreeMap<String, String>>;

fn store(url: &str) -> Store {
    let chain = Chain::new(Arc::new(MasterKey::generate(&Entropy::seeded(1))));
    Store::open(url, 2, Duration::from_secs(5), chain).unwrap()
}

async fn schema(mut store: &Store, sql: &'static str) -> Schema {
    let mut schema = Schema::new();
    for row in store.rows(sql, vec![]).await.unwrap() {
        let name: String = row.get("name").unwrap();
        let columns = schema.entry(name).or_default();
        columns.insert(row.get("field").unwrap(), row.get("kind").unwrap());
    }
    for table in LEFT_OUT {
        assert!(schema.remove(*table).is_some(), "{table}");
    }
    schema
}

/// What the list says, in the words of an engine.
fn listed(word: fn(Kind) -> &'static str) -> Schema {
    let columns = |table: &Table| {
        let of = table.columns.iter();
        of.map(|&(name, kind)| (name.to_owned(), word(kind).to_owned()))
            .collect()
    };
    TABLES
        .iter()
        .map(|table| (table.name.to_owned(), columns(table)))
        .collect()
}

/// Pairs of tables (one that refers, one that is referred to) that the list has in the wrong order.
async fn out_of_order(mut store: &Store, sql: &'static str) -> BTreeSet<(String, String)> {
    let place = |name: &str| TABLES.iter().position(|table| table.name == name);
    let rows = store.rows(sql, vec![]).await.unwrap();
    assert!(rows.len() > 5, "the references were found");
    rows.iter()
        .map(|row| (row.get("child").unwrap(), row.get("parent").unwrap()))
        .filter(|(child, parent): &(String, String)| place(child) < place(parent))
        .collect()
}

#[tokio::test]
async fn a_backup_forgets_no_table_and_no_column_of_sqlite() {
    let random = u64::from_le_bytes(Entropy::system().bytes());
    let folder = std::env::temp_dir().join(format!("tessera-dump-{random:x}"));
    let store = store(&format!("sqlite:{}", folder.join("t.db").display()));
    store.migrate().await.unwrap();
    let real = schema(
        &store,
        "SELECT t.name AS name, c.name AS field, c.type AS kind
         FROM sqlite_schema t, pragma_table_info(t.name) c
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'",
    )
    .await;
    let word = |kind| match kind {
        Kind::Int | Kind::Bool => "INTEGER",
        Kind::Text => "TEXT",
        Kind::Blob | Kind::Id => "BLOB",
    };
    assert_eq!(listed(word), real);
    let wrong = out_of_order(
        &store,
        "SELECT t.name AS child, f.\"table\" AS parent
         FROM sqlite_schema t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table'",
    )
    .await;
    assert!(wrong.is_empty(), "{wrong:?}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_backup_forgets_no_table_and_no_column_of_postgresql() {
    let Ok(server) = std::env::var("TESSERA_TEST_POSTGRES_URL") else {
        eprintln!("skipped: TESSERA_TEST_POSTGRES_URL is not set");
        return;
    };
    let random = u64::from_le_bytes(Entropy::system().bytes());
    let name = format!("dump_{random:x}");
    let admin = PgPool::connect(&server).await.unwrap();
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&admin)
        .await
        .unwrap();
    let options: PgConnectOptions = server.parse().unwrap();
    let store = store(options.database(&name).to_url_lossy().as_str());
    store.migrate().await.unwrap();
    let real = schema(
        &store,
        "SELECT table_name::text AS name, column_name::text AS field, data_type::text AS kind
         FROM information_schema.columns WHERE table_schema = 'public'",
    )
    .await;
    let word = |kind| match kind {
        Kind::Int => "bigint",
        Kind::Bool => "boolean",
        Kind::Text => "text",
        Kind::Blob => "bytea",
        Kind::Id => "uuid",
    };
    assert_eq!(listed(word), real);
    let wrong = out_of_order(
        &store,
        "SELECT conrelid::regclass::text AS child, confrelid::regclass::text AS parent
         FROM pg_constraint WHERE contype = 'f'",
    )
    .await;
    assert!(wrong.is_empty(), "{wrong:?}");
}
