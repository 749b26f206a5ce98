//! How much each client did on a day, for its page: a row for a client that did something, kept for a month.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value as Json;

use super::{Reader, StorageError, Tx, args};
use crate::base::Timestamp;
use crate::protocol::audit::Kind;
use crate::protocol::client::ClientId;

/// Microseconds.
const DAY: i64 = 86_400_000_000;

/// Longer than what is shown, so that a chart can become longer; the rows are as many as the clients that are
/// used, times this.
const KEEP: Duration = Duration::from_hours(24 * 31);

/// What one client did on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// The day, counted from 1970.
    pub day: i64,
    /// Authorization requests that were granted.
    pub sign_ins: i64,
    /// Tokens that it got.
    pub tokens: i64,
    /// What it was refused, and proofs of it that failed, as far as they are on record.
    pub failures: i64,
}

/// The day of an instant, counted from 1970.
#[must_use]
pub fn day_of(at: Timestamp) -> i64 {
    at.micros().div_euclid(DAY)
}

/// When a day began.
#[must_use]
pub fn beginning(day: i64) -> Timestamp {
    Timestamp::from_micros(day * DAY)
}

/// Whom an event of this kind is counted for, and as what. A trial is no use of the client.
fn counted(kind: Kind, body: &Json) -> Option<(String, Day)> {
    if body.get("trial_id").is_some() {
        return None;
    }
    let text = |name: &str| body.get(name).and_then(Json::as_str);
    let client = match text("client_id") {
        Some(id) => id,
        None => text("actor")?.strip_prefix("client:")?,
    };
    let mut day = Day::default();
    match kind {
        Kind::CodeIssued => day.sign_ins = 1,
        Kind::TokenIssued => {
            day.tokens = 1;
            // In the front channel the sign-in and its token are one event.
            day.sign_ins = i64::from(text("response_type").is_some());
        }
        Kind::TokenRefused | Kind::ClientAuthenticationFailed => day.failures = 1,
        _ => return None,
    }
    Some((client.to_owned(), day))
}

/// Counts the sealed events after `from` up to `to`. Called once for each, under the lock of whoever counts.
///
/// # Errors
/// As the database says.
pub async fn count(tx: &mut Tx<'_>, from: i64, to: i64) -> Result<(), StorageError> {
    let rows = tx
        .rows(
            "SELECT at, kind, body FROM audit_event WHERE seq > $1 AND seq <= $2 AND kind IN \
             ('code.issued', 'token.issued', 'token.refused', 'client_authentication.failed')",
            args![from, to],
        )
        .await?;
    let mut days: BTreeMap<(String, i64), Day> = BTreeMap::new();
    for row in &rows {
        let kind = Kind::parse(&row.text("kind")?);
        let body: Json = row.json("body")?;
        if let Some((client, one)) = kind.and_then(|kind| counted(kind, &body)) {
            let sum = days.entry((client, day_of(row.time("at")?))).or_default();
            sum.sign_ins += one.sign_ins;
            sum.tokens += one.tokens;
            sum.failures += one.failures;
        }
    }
    for ((client, day), sum) in days {
        tx.execute(
            "INSERT INTO client_day (client_id, day, sign_ins, tokens, failures, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (client_id, day) DO UPDATE SET \
             sign_ins = client_day.sign_ins + excluded.sign_ins, tokens = client_day.tokens + excluded.tokens, \
             failures = client_day.failures + excluded.failures",
            args![
                client,
                day,
                sum.sign_ins,
                sum.tokens,
                sum.failures,
                beginning(day) + KEEP
            ],
        )
        .await?;
    }
    Ok(())
}

/// What a client did since a day, oldest first; a day without anything is left out.
///
/// # Errors
/// As the database says.
pub async fn since(
    reader: &mut impl Reader,
    client: &ClientId,
    day: i64,
) -> Result<Vec<Day>, StorageError> {
    reader
        .rows(
            "SELECT day, sign_ins, tokens, failures FROM client_day WHERE client_id = $1 AND day >= $2 \
             ORDER BY day",
            args![client.as_str(), day],
        )
        .await?
        .iter()
        .map(|row| {
            Ok(Day {
                day: row.get("day")?,
                sign_ins: row.get("sign_ins")?,
                tokens: row.get("tokens")?,
                failures: row.get("failures")?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_are_counted_for_the_client_that_they_are_about_and_trials_are_not() {
        let seen = |kind, body: Json| {
            counted(kind, &body).map(|(client, of)| (client, of.sign_ins, of.tokens, of.failures))
        };
        let one = |sign_ins, tokens, failures| Some(("a".to_owned(), sign_ins, tokens, failures));
        let by_client = json!({"actor": "client:a"});
        let about = json!({"actor": "user:1", "client_id": "a"});
        let front = json!({"actor": "user:1", "client_id": "a", "response_type": "id_token"});
        for (kind, body, expected) in [
            (Kind::TokenIssued, &by_client, one(0, 1, 0)),
            (Kind::TokenIssued, &front, one(1, 1, 0)),
            (Kind::CodeIssued, &about, one(1, 0, 0)),
            (Kind::TokenRefused, &by_client, one(0, 0, 1)),
            (Kind::ClientAuthenticationFailed, &about, one(0, 0, 1)),
            (Kind::Consent, &about, None),
            (Kind::TokenIssued, &json!({"actor": "user:1"}), None),
            (
                Kind::TokenIssued,
                &json!({"actor": "client:a", "trial_id": "1"}),
                None,
            ),
        ] {
            assert_eq!(seen(kind, body.clone()), expected, "{body}");
        }
    }
}
