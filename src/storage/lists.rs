//! What administrators look through: each page goes on from a key, by an index, within what they may see.

use uuid::Uuid;

use super::clients::{self, columns};
use super::words::Sought;
use super::{Reader, Row, StorageError, Value, args, users};
use crate::protocol::access::Within;
use crate::protocol::client::Client;

/// One list, for who sees everything and for who sees one organisation: its id is the last parameter.
pub(super) struct List {
    pub everywhere: &'static str,
    pub within: &'static str,
}

impl List {
    pub async fn read(
        &self,
        reader: &mut impl Reader,
        within: Within,
        mut args: Vec<Value>,
    ) -> Result<Vec<Row>, StorageError> {
        match within.organisation() {
            None => reader.rows(self.everywhere, args).await,
            Some(organisation) => {
                args.extend(args![organisation]);
                reader.rows(self.within, args).await
            }
        }
    }
}

const CLIENTS: List = List {
    everywhere: concat!(
        "SELECT ",
        columns!("client"),
        " FROM client WHERE client_id > $1 ORDER BY client_id LIMIT $2"
    ),
    within: concat!(
        "SELECT ",
        columns!("client"),
        " FROM client WHERE organisation_id = $3 AND client_id > $1 ORDER BY client_id LIMIT $2"
    ),
};

const CLIENTS_BY_WORD: List = List {
    everywhere: concat!(
        "SELECT w.word, ",
        columns!("c"),
        " FROM client_word w JOIN client c ON c.client_id = w.client_id \
         WHERE (w.word, w.client_id) > ($1, $2) AND w.word < $3 ORDER BY w.word, w.client_id LIMIT $4"
    ),
    within: concat!(
        "SELECT w.word, ",
        columns!("c"),
        " FROM client_word w JOIN client c ON c.client_id = w.client_id \
         WHERE w.organisation_id = $5 AND (w.word, w.client_id) > ($1, $2) AND w.word < $3 \
         ORDER BY w.word, w.client_id LIMIT $4"
    ),
};

const USERS: List = List {
    everywhere: concat!(
        "SELECT users.*, ",
        users::closed!(),
        " FROM users WHERE id > $1 ORDER BY id LIMIT $2"
    ),
    within: concat!(
        "SELECT users.*, ",
        users::closed!(),
        " FROM users WHERE organisation_id = $3 AND id > $1 ORDER BY id LIMIT $2"
    ),
};

const USERS_BY_WORD: List = List {
    everywhere: concat!(
        "SELECT w.word, users.*, ",
        users::closed!(),
        " FROM user_word w JOIN users ON users.id = w.user_id \
         WHERE (w.word, w.user_id) > ($1, $2) AND w.word < $3 ORDER BY w.word, w.user_id LIMIT $4"
    ),
    within: concat!(
        "SELECT w.word, users.*, ",
        users::closed!(),
        " FROM user_word w JOIN users ON users.id = w.user_id \
         WHERE w.organisation_id = $5 AND (w.word, w.user_id) > ($1, $2) AND w.word < $3 \
         ORDER BY w.word, w.user_id LIMIT $4"
    ),
};

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
    let rows = CLIENTS.read(reader, within, args![after, limit]).await?;
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
    let args = args![after.0, after.1, sought.end(), limit];
    let rows = CLIENTS_BY_WORD.read(reader, within, args).await?;
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
    let rows = USERS.read(reader, within, args![after, limit]).await?;
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
    let args = args![after.0, after.1, sought.end(), limit];
    let rows = USERS_BY_WORD.read(reader, within, args).await?;
    rows.iter()
        .map(|row| Ok((row.text("word")?, users::read(row)?)))
        .collect()
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::base::Entropy;
    use crate::crypto::seal::MasterKey;
    use crate::storage::Store;
    use crate::storage::audit::Chain;

    #[tokio::test]
    async fn no_list_scans_a_table_or_sorts() {
        assert_by_index(&[CLIENTS, CLIENTS_BY_WORD, USERS, USERS_BY_WORD], &[]).await;
    }

    /// Each goes by an index, in its order; and of a table that is named, by this index.
    pub async fn assert_by_index(lists: &[List], by: &[(&str, &str)]) {
        let random = u64::from_le_bytes(Entropy::system().bytes());
        let folder = std::env::temp_dir().join(format!("tessera-lists-{random:x}"));
        let url = format!("sqlite:{}", folder.join("tessera.db").display());
        let chain = Chain::new(Arc::new(MasterKey::generate(&Entropy::seeded(1))));
        let store = Store::open(&url, 1, Duration::from_secs(5), chain).unwrap();
        store.migrate().await.unwrap();
        let all = lists.iter().flat_map(|list| [list.everywhere, list.within]);
        for (i, sql) in all.enumerate() {
            let mut reader = &store;
            let explain: &'static str = Box::leak(format!("EXPLAIN QUERY PLAN {sql}").into());
            let plan: Vec<String> = reader
                .rows(explain, vec![])
                .await
                .unwrap()
                .iter()
                .map(|row| row.text("detail").unwrap())
                .collect();
            // Of what one person has, some rows may be sorted: that is no more than there are.
            let sorts = |step: &str| step.contains("TEMP B-TREE") && !step.contains("LAST TERM");
            let bad = |step: &String| step.contains("SCAN") || sorts(step);
            assert!(!plan.iter().any(bad), "{sql}\n{plan:#?}");
            let wanted = by.get(i / 2).map(|of| if i % 2 == 0 { of.0 } else { of.1 });
            let first = |name: &str| plan[0].contains(&format!(" {name} "));
            assert!(wanted.is_none_or(first), "{sql}\n{plan:#?}");
        }
        store.close().await;
        drop(std::fs::remove_dir_all(folder));
    }
}
