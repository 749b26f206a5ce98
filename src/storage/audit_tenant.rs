//! The audit log of one organisation: which events belong to it, and reading those alone.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::audit_index::{Stored, Stretch};
use super::{Reader, StorageError, Tx, Value, args};
use crate::base::ids::{EventId, OrganisationId, UserId};
use crate::protocol::audit_search::Term;
use crate::protocol::audit_tenant::Belonging;

pub(super) const LOG: &str = "SELECT e.id, e.at, e.kind, e.seq, e.hash, e.body \
     FROM audit_tenant o JOIN audit_event e ON e.id = o.id \
     WHERE o.organisation_id = $1 AND o.id < $2 AND o.id >= $3 ORDER BY o.id DESC LIMIT $4";

/// Of the rows of a word, as it is known inside, those that really belong. The word leads: SQLite takes a CROSS
/// JOIN in the order in which it is written.
pub(super) const OF_TERM: &str = "SELECT e.id, e.at, e.kind, e.seq, e.hash, e.body \
     FROM audit_term t CROSS JOIN audit_tenant o CROSS JOIN audit_event e \
     WHERE t.term = $5 AND t.id < $2 AND t.id >= $3 \
     AND o.id = t.id AND o.organisation_id = $1 AND e.id = t.id ORDER BY t.id DESC LIMIT $4";

/// At most `limit` events of this organisation, newest first; of those with this word, if one is given. What the
/// index does not know yet is missing.
///
/// # Errors
/// As the database says.
pub async fn page(
    reader: &mut impl Reader,
    organisation: OrganisationId,
    term: Option<Term>,
    of: &Stretch,
    limit: i64,
) -> Result<Vec<Stored>, StorageError> {
    let mut args = args![organisation, of.before, of.from(), limit];
    let rows = match term {
        None => reader.rows(LOG, args).await?,
        Some(term) => {
            args.extend(args![term.stored()]);
            reader.rows(OF_TERM, args).await?
        }
    };
    rows.iter().map(Stored::read).collect()
}

/// So many at a time, in one statement: what is missing repeats the last one.
const AT_ONCE: usize = 16;

const PEOPLE: &str = "SELECT id, organisation_id FROM users WHERE organisation_id IS NOT NULL AND id IN \
     ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";

const CLIENTS: &str = "SELECT client_id, organisation_id FROM client WHERE organisation_id IS NOT NULL AND client_id IN \
     ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";

async fn owners(
    reader: &mut impl Reader,
    sql: &'static str,
    values: Vec<Value>,
) -> Result<Vec<(super::Row, OrganisationId)>, StorageError> {
    let mut found = Vec::new();
    for chunk in values.chunks(AT_ONCE) {
        let last = chunk.last().cloned();
        let padded = chunk
            .iter()
            .cloned()
            .chain(std::iter::repeat_n(last, AT_ONCE).flatten());
        for row in reader.rows(sql, padded.take(AT_ONCE).collect()).await? {
            let organisation = OrganisationId(row.id("organisation_id")?);
            found.push((row, organisation));
        }
    }
    Ok(found)
}

/// To which organisations these events belong, by where those are now whom they tell of.
///
/// # Errors
/// As the database says.
pub async fn of_events(
    reader: &mut impl Reader,
    events: &[(EventId, Vec<Belonging>)],
) -> Result<Vec<(EventId, OrganisationId)>, StorageError> {
    let any = reader.row("SELECT 1 AS one FROM organisation LIMIT 1", vec![]);
    if any.await?.is_none() {
        return Ok(Vec::new());
    }
    let named = || events.iter().flat_map(|(_, named)| named);
    let people: BTreeSet<Uuid> = named()
        .filter_map(|one| match one {
            Belonging::User(UserId(id)) => Some(*id),
            _ => None,
        })
        .collect();
    let clients: BTreeSet<&str> = named()
        .filter_map(|one| match one {
            Belonging::Client(id) => Some(id.as_str()),
            _ => None,
        })
        .collect();
    let mut of_person = BTreeMap::new();
    let values = people.into_iter().map(Value::from).collect();
    for (row, organisation) in owners(reader, PEOPLE, values).await? {
        of_person.insert(row.id("id")?, organisation);
    }
    let mut of_client = BTreeMap::new();
    let values = clients.into_iter().map(Value::from).collect();
    for (row, organisation) in owners(reader, CLIENTS, values).await? {
        of_client.insert(row.text("client_id")?, organisation);
    }
    let owner = |one: &Belonging| match one {
        Belonging::Organisation(id) => Some(*id),
        Belonging::User(id) => of_person.get(&id.0).copied(),
        Belonging::Client(id) => of_client.get(id.as_str()).copied(),
    };
    let first =
        |(id, named): &(EventId, Vec<Belonging>)| Some((*id, named.iter().find_map(owner)?));
    Ok(events.iter().filter_map(first).collect())
}

const KNOWN: &str =
    "SELECT id, organisation_id FROM audit_tenant WHERE id >= $1 AND id <= $2 ORDER BY id";

/// To which organisations the events between these two belong, as it was noted.
///
/// # Errors
/// As the database says.
pub async fn known(
    reader: &mut impl Reader,
    first: EventId,
    last: EventId,
) -> Result<Vec<(EventId, OrganisationId)>, StorageError> {
    let rows = reader.rows(KNOWN, args![first, last]).await?;
    rows.iter()
        .map(|row| {
            Ok((
                EventId(row.id("id")?),
                OrganisationId(row.id("organisation_id")?),
            ))
        })
        .collect()
}

/// Notes to which organisations events belong. Where an event has been noted it stays: its person may have moved on.
///
/// # Errors
/// As the database says.
pub async fn add(
    tx: &mut Tx<'_>,
    owned: Vec<(EventId, OrganisationId)>,
) -> Result<(), StorageError> {
    for (id, organisation) in owned {
        tx.execute(
            "INSERT INTO audit_tenant (id, organisation_id) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING",
            args![id, organisation],
        )
        .await?;
    }
    Ok(())
}
