//! Every row of every table, for backups: read in one snapshot, written in one transaction, and
//! the same for both engines.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::TryStreamExt as _;
use serde_json::{Map, Value as Json};
use sqlx::{AssertSqlSafe, Connection as _};

use super::audit::{self, Chain};
use super::store::Engine;
use super::tx::Connection;
use super::value::bind;
use super::{Reader, Row, StorageError, Store, Tx, Value, clients, deployment, keys};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Int,
    Bool,
    Text,
    Blob,
    Id,
}

/// A table with its columns. `revision` is missing: it counts changes of one database. So is the index of the
/// audit log: it is made from the log.
struct Table {
    name: &'static str,
    columns: &'static [(&'static str, Kind)],
}

macro_rules! tables {
    ($($table:ident { $($column:ident: $kind:ident),* $(,)? })*) => {
        /// In an order in which every row comes after those that it refers to.
        const TABLES: &[Table] = &[$(Table {
            name: stringify!($table),
            columns: &[$((stringify!($column), Kind::$kind)),*],
        }),*];
    };
}

tables! {
    setting { name: Text, value: Text }
    deployment { id: Int, settings: Text, logo: Blob, version: Int, changed_at: Int }
    event_count { hour: Int, kind: Text, failed: Int, n: Int }
    client_day { client_id: Text, day: Int, sign_ins: Int, tokens: Int, failures: Int, expires_at: Int }
    gauge { hour: Int, name: Text, value: Int }
    organisation {
        id: Id, name: Text, title: Text, version: Int, created_at: Int, disabled_at: Int,
    }
    role { name: Text, document: Text, version: Int }
    client {
        client_id: Text, metadata: Text, created_at: Int, updated_at: Int, disabled_at: Int,
        registration_hash: Blob, used_at: Int, by_stranger: Bool, organisation_id: Id, version: Int,
    }
    client_secret { id: Id, client_id: Text, hash: Blob, sealed: Text, created_at: Int, expires_at: Int }
    registration_token {
        id: Id, hash: Blob, uses: Int, used: Int, created_at: Int, expires_at: Int,
    }
    client_word { word: Text, client_id: Text, organisation_id: Id }
    resource_server {
        identifier: Text, metadata: Text, created_at: Int, updated_at: Int, version: Int,
    }
    users {
        id: Id, username: Text, username_key: Text, email: Text, email_key: Text,
        email_verified: Bool, profile: Text, password_hash: Text, password_by_mail: Bool,
        created_at: Int,
        updated_at: Int, disabled_at: Int, deletion_asked_at: Int, delete_at: Int,
        organisation_id: Id, version: Int, second_factor_lost_at: Int,
    }
    user_import { user_id: Id, mark: Blob, imported_at: Int }
    user_word { word: Text, user_id: Id, organisation_id: Id }
    user_group {
        id: Id, organisation_id: Id, name: Text, key: Text, version: Int, created_at: Int,
    }
    group_member { group_id: Id, user_id: Id }
    role_grant {
        id: Id, role: Text, user_id: Id, group_id: Id, client_id: Text, organisation_id: Id,
        valid_from: Int, valid_until: Int, created_at: Int,
    }
    account_recovery {
        id: Id, user_id: Id, by_operator: Bool, lang: Text, began_at: Int, ready_at: Int, expires_at: Int,
        next_turn_at: Int,
    }
    email_change {
        id: Id, user_id: Id, old_email: Text, new_email: Text, created_at: Int, old_confirmed_at: Int,
        new_confirmed_at: Int, done_at: Int, expires_at: Int,
    }
    one_time_link {
        hash: Blob, purpose: Text, user_id: Id, payload: Text, created_at: Int, expires_at: Int,
        used_at: Int,
    }
    sso_session {
        id: Id, user_id: Id, proofs: Text, user_agent: Text, address: Text,
        created_at: Int, last_seen_at: Int, idle_expires_at: Int, expires_at: Int, ended_at: Int,
    }
    session_client { session_id: Id, client_id: Text, joined_at: Int }
    logout_delivery {
        id: Id, client_id: Text, user_id: Id, session_id: Id, attempts: Int, next_attempt_at: Int,
        created_at: Int, expires_at: Int,
    }
    browser_session { hash: Blob, data: Text, expires_at: Int }
    passkey {
        id: Id, user_id: Id, credential_id: Blob, credential: Text, name: Text, aaguid: Id,
        user_verified: Bool, backup_eligible: Bool, backed_up: Bool, created_at: Int, last_used_at: Int,
        suspended_at: Int,
    }
    otp_device {
        id: Id, user_id: Id, kind: Text, name: Text, sealed: Text, digits: Int, position: Int,
        created_at: Int, last_used_at: Int,
    }
    recovery_code { user_id: Id, hash: Blob, created_at: Int, used_at: Int }
    phone { user_id: Id, sealed: Text, created_at: Int }
    sent_code {
        id: Id, user_id: Id, purpose: Text, payload: Text, hash: Blob, tries: Int, created_at: Int,
        expires_at: Int, used_at: Int,
    }
    device { id: Id, generation: Int, rotated_at: Int, expires_at: Int }
    known_device { device_id: Id, user_id: Id, created_at: Int, expires_at: Int }
    attempt { bucket: Blob, failures: Int, first_failed_at: Int, blocked_until: Int, expires_at: Int }
    trial {
        id: Id, client_id: Text, user_id: Id, browser: Blob, request: Text, consent: Text, expires_at: Int,
        ended_at: Int,
    }
    consent { user_id: Id, client_id: Text, scope: Text, resources: Text, granted_at: Int }
    grants {
        id: Id, client_id: Text, user_id: Id, session_id: Id, scope: Text, resources: Text,
        claims: Text, auth_time: Int, acr: Text, amr: Text, lock_counter: Int, created_at: Int, expires_at: Int,
        ended_at: Int, ended_reason: Text,
    }
    authorization_code {
        hash: Blob, grant_id: Id, redirect_uri: Text, code_challenge: Text, nonce: Text,
        trial_id: Id, valid_until: Int, redeemed_at: Int, expires_at: Int,
    }
    refresh_token {
        hash: Blob, grant_id: Id, created_at: Int, expires_at: Int, used_at: Int, successor: Blob,
        successor_salt: Blob,
    }
    opaque_token { hash: Blob, claims: Text, expires_at: Int }
    revoked_token { jti: Text, expires_at: Int }
    used_assertion { hash: Blob, expires_at: Int }
    signing_key {
        kid: Text, alg: Text, state: Text, public_jwk: Text, sealed: Text, created_at: Int,
        activated_at: Int, retired_at: Int,
    }
    idempotency { hash: Blob, request: Blob, sealed: Text, created_at: Int, expires_at: Int }
    outbox {
        id: Id, channel: Text, sealed: Text, attempts: Int, next_attempt_at: Int, created_at: Int,
        expires_at: Int,
    }
    audit_checkpoint { one: Int, seq: Int, hash: Blob, at: Int, mac: Blob }
    audit_event { id: Id, at: Int, kind: Text, body: Text, seq: Int, hash: Blob, user_id: Id }
    audit_tenant { id: Id, organisation_id: Id }
}

/// The version of the schema in the database: the number of the newest step.
///
/// # Errors
/// As the database says.
pub async fn schema_version(reader: &mut impl Reader) -> Result<i64, StorageError> {
    reader
        .row(
            "SELECT version FROM _sqlx_migrations ORDER BY version DESC LIMIT 1",
            vec![],
        )
        .await?
        .map_or(Ok(0), |row| row.get("version"))
}

/// Hands every row to `take`, all of them from the same instant: writers go on meanwhile.
///
/// # Errors
/// As the database says, or what `take` returns.
pub async fn read_all<F>(store: &Store, mut take: F) -> Result<(), StorageError>
where
    F: FnMut(&'static str, Map<String, Json>) -> Result<(), StorageError> + Send,
{
    match store.engine() {
        // WAL: a reader sees what was committed when it began (https://www.sqlite.org/isolation.html).
        Engine::Sqlite { readers, .. } => {
            let mut snapshot = readers.begin().await?;
            for table in TABLES {
                let mut rows = sqlx::query(table.select()).fetch(&mut *snapshot);
                while let Some(row) = rows.try_next().await? {
                    take(table.name, table.to_json(&Row::Sqlite(row))?)?;
                }
            }
            snapshot.rollback().await?;
        }
        Engine::Postgres { pool, .. } => {
            let mut connection = pool.acquire().await?;
            let mut snapshot = connection
                .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                .await?;
            for table in TABLES {
                let mut rows = sqlx::query(table.select()).fetch(&mut *snapshot);
                while let Some(row) = rows.try_next().await? {
                    take(table.name, table.to_json(&Row::Postgres(row))?)?;
                }
            }
            snapshot.rollback().await?;
        }
    }
    Ok(())
}

/// The first table that holds something that a restore would mix with. What a mere start leaves
/// behind in `setting` does not count.
///
/// # Errors
/// As the database says.
pub async fn first_used_table(tx: &mut Tx<'_>) -> Result<Option<&'static str>, StorageError> {
    for table in TABLES.iter().filter(|table| table.name != "setting") {
        let sql = AssertSqlSafe(format!("SELECT 1 AS one FROM {} LIMIT 1", table.name));
        let used = match &mut tx.connection {
            Connection::Sqlite(c) => sqlx::query(sql).fetch_optional(&mut **c).await?.is_some(),
            Connection::Postgres(c) => sqlx::query(sql).fetch_optional(&mut **c).await?.is_some(),
        };
        if used {
            return Ok(Some(table.name));
        }
    }
    Ok(None)
}

/// Prepares an empty database for [`insert`].
///
/// # Errors
/// As the database says.
pub async fn clear_settings(tx: &mut Tx<'_>) -> Result<(), StorageError> {
    tx.execute("DELETE FROM setting", vec![]).await?;
    Ok(())
}

/// Inserts a row as [`read_all`] gave it out. Columns that it lacks get their default: the backup
/// may be older than the schema.
///
/// # Errors
/// [`StorageError::Unexpected`] for a table, column or value that does not exist; else as the
/// database says.
pub async fn insert(
    tx: &mut Tx<'_>,
    table: &str,
    row: &Map<String, Json>,
) -> Result<(), StorageError> {
    let table = TABLES
        .iter()
        .find(|known| known.name == table)
        .ok_or_else(|| StorageError::unexpected(format!("no table is named {table}")))?;
    let (sql, values) = table.insert(row)?;
    match &mut tx.connection {
        Connection::Sqlite(c) => {
            bind!(sqlx::query(sql), values).execute(&mut **c).await?;
        }
        Connection::Postgres(c) => {
            bind!(sqlx::query(sql), values).execute(&mut **c).await?;
        }
    }
    Ok(())
}

/// Ends a restore: seals the events that had no seal yet, and tells every node.
///
/// # Errors
/// As the database says.
pub async fn finish(tx: &mut Tx<'_>, chain: &Chain) -> Result<(), StorageError> {
    while audit::seal_pending(tx, chain).await? > 0 {}
    tx.bump(clients::TOPIC).await?;
    tx.bump(deployment::TOPIC).await?;
    tx.bump(keys::TOPIC).await
}

impl Table {
    // Made of the fixed names above only.
    fn select(&self) -> AssertSqlSafe<String> {
        let columns: Vec<_> = self.columns.iter().map(|(name, _)| *name).collect();
        AssertSqlSafe(format!("SELECT {} FROM {}", columns.join(", "), self.name))
    }

    fn to_json(&self, row: &Row) -> Result<Map<String, Json>, StorageError> {
        let mut object = Map::new();
        for &(name, kind) in self.columns {
            let value = match kind {
                Kind::Int => row.get::<Option<i64>>(name)?.map(Json::from),
                Kind::Bool => row.get::<Option<bool>>(name)?.map(Json::from),
                Kind::Text => row.get::<Option<String>>(name)?.map(Json::from),
                Kind::Blob => row
                    .get::<Option<Vec<u8>>>(name)?
                    .map(|bytes| STANDARD.encode(bytes).into()),
                Kind::Id => row
                    .get::<Option<uuid::Uuid>>(name)?
                    .map(|id| id.to_string().into()),
            };
            object.insert(name.to_owned(), value.unwrap_or(Json::Null));
        }
        Ok(object)
    }

    fn insert(
        &self,
        row: &Map<String, Json>,
    ) -> Result<(AssertSqlSafe<String>, Vec<Value>), StorageError> {
        let mut values = Vec::with_capacity(row.len());
        let mut columns = Vec::with_capacity(row.len());
        for (name, json) in row {
            let known = self.columns.iter().find(|(known, _)| known == name);
            let wrong = || StorageError::unexpected(format!("{}.{name} cannot be read", self.name));
            let &(name, kind) = known.ok_or_else(wrong)?;
            values.push(value(kind, json).ok_or_else(wrong)?);
            columns.push(name);
        }
        let places: Vec<_> = (1..=columns.len()).map(|i| format!("${i}")).collect();
        // Made of the fixed names above and numbers only.
        let sql = AssertSqlSafe(format!(
            "INSERT INTO {} ({}) VALUES ({})",
            self.name,
            columns.join(", "),
            places.join(", ")
        ));
        Ok((sql, values))
    }
}

/// `None` if the JSON does not fit the column.
fn value(kind: Kind, json: &Json) -> Option<Value> {
    let null = json.is_null();
    Some(match kind {
        Kind::Int if null => Value::Int(None),
        Kind::Int => Value::Int(Some(json.as_i64()?)),
        Kind::Bool => Value::Bool(json.as_bool()?),
        Kind::Text if null => Value::Text(None),
        Kind::Text => Value::Text(Some(json.as_str()?.to_owned())),
        Kind::Blob if null => Value::Blob(None),
        Kind::Blob => Value::Blob(Some(STANDARD.decode(json.as_str()?).ok()?)),
        Kind::Id if null => Value::Id(None),
        Kind::Id => Value::Id(Some(json.as_str()?.parse().ok()?)),
    })
}

#[cfg(test)]
#[path = "dump_tests.rs"]
mod tests;
