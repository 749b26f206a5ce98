//! Pages of lists. A cursor is sealed: nobody makes one, and one of another list or filter is refused.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::problem::{Code, Problem};
use crate::flows::Internal;
use crate::flows::administration::{Listed, Position};
use crate::storage::words::Sought;
use crate::web::App;

const PURPOSE: &str = "api-cursor";
const DEFAULT_LIMIT: usize = 50;
const MAX_LIMIT: usize = 200;

/// A page of a list.
#[derive(Serialize, ToSchema)]
pub struct Page<T: ToSchema> {
    /// What is on it. There may be fewer than `limit`, or none, before the end.
    pub items: Vec<T>,
    /// The cursor of the next page; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Cursor {
    list: String,
    at: Position,
}

/// What is asked of a list, checked.
pub struct Asked {
    /// How many at most.
    pub limit: usize,
    /// Where it goes on.
    pub after: Option<Position>,
    list: String,
}

impl Asked {
    /// Reads the cursor and the limit of a list; `filter` is everything else that makes it another list.
    pub fn read(
        app: &App,
        (cursor, limit): (Option<&str>, Option<u16>),
        filter: &impl Serialize,
    ) -> Result<Self, Problem> {
        let limit = limit.map_or(DEFAULT_LIMIT, usize::from);
        if !(1..=MAX_LIMIT).contains(&limit) {
            let words =
                format!("limit must be from 1 to {MAX_LIMIT}, or absent for {DEFAULT_LIMIT}");
            return Err(Problem::new(Code::InvalidRequest, words));
        }
        let list = serde_json::to_string(filter).map_err(Internal::other)?;
        let after = cursor.map(|cursor| open(app, cursor, &list)).transpose()?;
        Ok(Self { limit, after, list })
    }

    /// The page as it is sent.
    pub fn page<T: ToSchema>(&self, app: &App, listed: Listed<T>) -> Result<Page<T>, Problem> {
        let sealed = |at: Position| {
            let cursor = Cursor {
                list: self.list.clone(),
                at,
            };
            let plain = serde_json::to_vec(&cursor).map_err(Internal::other)?;
            app.master.seal(PURPOSE, &plain).map_err(Internal::from)
        };
        Ok(Page {
            items: listed.items,
            next_cursor: listed.next.map(sealed).transpose()?,
        })
    }
}

fn open(app: &App, text: &str, list: &str) -> Result<Position, Problem> {
    let opened = app.master.open(PURPOSE, text).ok();
    let cursor = opened.and_then(|plain| serde_json::from_slice::<Cursor>(plain.expose()).ok());
    cursor
        .filter(|cursor| cursor.list == list)
        .map(|cursor| cursor.at)
        .ok_or_else(|| Problem::of(Code::InvalidCursor))
}

/// What somebody typed to find something; nothing where only space was typed.
pub fn sought(q: Option<&str>) -> Result<Option<Sought>, Problem> {
    let Some(q) = q else { return Ok(None) };
    if q.contains(char::is_control) || q.chars().count() > 200 {
        let words = "q must be a text of at most 200 characters, without control characters";
        return Err(Problem::new(Code::InvalidRequest, words));
    }
    Ok(Sought::parse(q))
}
