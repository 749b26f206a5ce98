//! What administrators look through: each page goes on from a key, by an index, within what they may see.

use uuid::Uuid;

use super::clients::{self, columns};
use super::words::Sought;
use super::{Reader, StorageError, args, users};
use crate::protocol::access::Within;
use crate::protocol::client::Client;

/// Clients by identifier, after `after`.
///
/// # Errors
/// As the database says.
pub async fn clients(
    reader: &mut impl Reader,
    within: Within,
    after: &str,
    limit: i64,
) -> Result<Vec<Client>, StorageError> {
    let rows = match within.organisation() {
        None => {
            let sql = concat!(
                "SELECT ",
                columns!("client"),
                " FROM client WHERE client_id > $1 ORDER BY client_id LIMIT $2"
            );
            reader.rows(sql, args![after, limit]).await?
        }
        Some(organisation) => {
            let sql = concat!(
                "SELECT ",
                columns!("client"),
                " FROM client WHERE organisation_id = $3 AND client_id > $1 ORDER BY client_id LIMIT $2"
            );
            reader.rows(sql, args![after, limit, organisation]).await?
        }
    };
    rows.iter().map(clients::read).collect()
}

/// Clients by the words that begin with what is sought, each with the word, after `after` (a word and an
/// identifier). Who has two such words comes twice.
///
/// # Errors
/// As the database says.
pub async fn search_clients(
    reader: &mut impl Reader,
    within: Within,
    sought: &Sought,
    after: (&str, &str),
    limit: i64,
) -> Result<Vec<(String, Client)>, StorageError> {
    let rows = match within.organisation() {
        None => {
            let sql = concat!(
                "SELECT w.word, ",
                columns!("c"),
                " FROM client_word w JOIN client c ON c.client_id = w.client_id \
                 WHERE (w.word, w.client_id) > ($1, $2) AND w.word < $3 \
                 ORDER BY w.word, w.client_id LIMIT $4"
            );
            let args = args![after.0, after.1, sought.end(), limit];
            reader.rows(sql, args).await?
        }
        Some(organisation) => {
            let sql = concat!(
                "SELECT w.word, ",
                columns!("c"),
                " FROM client_word w JOIN client c ON c.client_id = w.client_id \
                 WHERE w.organisation_id = $5 AND (w.word, w.client_id) > ($1, $2) AND w.word < $3 \
                 ORDER BY w.word, w.client_id LIMIT $4"
            );
            let args = args![after.0, after.1, sought.end(), limit, organisation];
            reader.rows(sql, args).await?
        }
    };
    rows.iter()
        .map(|row| Ok((row.text("word")?, clients::read(row)?)))
        .collect()
}

/// People in the order in which their accounts were made, after `after`.
///
/// # Errors
/// As the database says.
pub async fn users(
    reader: &mut impl Reader,
    within: Within,
    after: Uuid,
    limit: i64,
) -> Result<Vec<users::User>, StorageError> {
    let rows = match within.organisation() {
        None => {
            let sql = concat!(
                "SELECT users.*, ",
                users::closed!(),
                " FROM users WHERE id > $1 ORDER BY id LIMIT $2"
            );
            reader.rows(sql, args![after, limit]).await?
        }
        Some(organisation) => {
            let sql = concat!(
                "SELECT users.*, ",
                users::closed!(),
                " FROM users WHERE organisation_id = $3 AND id > $1 ORDER BY id LIMIT $2"
            );
            reader.rows(sql, args![after, limit, organisation]).await?
        }
    };
    rows.iter().map(users::read).collect()
}

/// People by the words that begin with what is sought, as [`search_clients`].
///
/// # Errors
/// As the database says.
pub async fn search_users(
    reader: &mut impl Reader,
    within: Within,
    sought: &Sought,
    after: (&str, Uuid),
    limit: i64,
) -> Result<Vec<(String, users::User)>, StorageError> {
    let rows = match within.organisation() {
        None => {
            let sql = concat!(
                "SELECT w.word, users.*, ",
                users::closed!(),
                " FROM user_word w JOIN users ON users.id = w.user_id \
                 WHERE (w.word, w.user_id) > ($1, $2) AND w.word < $3 \
                 ORDER BY w.word, w.user_id LIMIT $4"
            );
            let args = args![after.0, after.1, sought.end(), limit];
            reader.rows(sql, args).await?
        }
        Some(organisation) => {
            let sql = concat!(
                "SELECT w.word, users.*, ",
                users::closed!(),
                " FROM user_word w JOIN users ON users.id = w.user_id \
                 WHERE w.organisation_id = $5 AND (w.word, w.user_id) > ($1, $2) AND w.word < $3 \
                 ORDER BY w.word, w.user_id LIMIT $4"
            );
            let args = args![after.0, after.1, sought.end(), limit, organisation];
            reader.rows(sql, args).await?
        }
    };
    rows.iter()
        .map(|row| Ok((row.text("word")?, users::read(row)?)))
        .collect()
}
