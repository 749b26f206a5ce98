//! Pages of lists with filters, in bounded time: whatever is asked for, a page looks at so many rows and no
//! more, and says where the next one goes on.

use std::future::Future;

use serde::{Deserialize, Serialize};

use crate::flows::Internal;
use crate::storage::StorageError;

/// A page looks at no more than so many rows to find those that fit. Some 10 ms.
pub(super) const LOOK_AT: usize = 1_000;

/// At least so many at a time, where not all fit.
const AT_LEAST: usize = 200;

/// Where a page ended: the key of the last row that was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The word by which it was found, in a search.
    pub word: String,
    /// Its identifier.
    pub id: String,
}

/// A page.
#[derive(Debug)]
pub struct Listed<T> {
    /// What fits.
    pub items: Vec<T>,
    /// Where the next page goes on; `None` at the end. There may be a next one after an empty one.
    pub next: Option<Position>,
}

impl<T> Listed<T> {
    /// The same page of something else.
    pub fn map<U>(self, to: impl FnMut(T) -> U) -> Listed<U> {
        Listed {
            items: self.items.into_iter().map(to).collect(),
            next: self.next,
        }
    }
}

/// Reads until `limit` rows fit, there are no more, or enough were looked at. `read` gives the rows after a
/// position, at most so many.
pub(super) async fn gather<T, R, F>(
    limit: usize,
    after: Option<Position>,
    is_filtered: bool,
    read: impl Fn(Position, i64) -> R,
    fits: F,
) -> Result<Listed<T>, Internal>
where
    R: Future<Output = Result<Vec<(Position, T)>, StorageError>>,
    F: Fn(&Position, &T) -> bool,
{
    let batch = if is_filtered {
        AT_LEAST.max(limit + 1)
    } else {
        limit + 1
    };
    let mut items: Vec<(Position, T)> = Vec::new();
    let mut at = after.unwrap_or_default();
    let mut looked_at = 0;
    loop {
        let rows = read(at.clone(), i64::try_from(batch).unwrap_or(i64::MAX)).await?;
        let count = rows.len();
        looked_at += count;
        if let Some((last, _)) = rows.last() {
            at = last.clone();
        }
        items.extend(rows.into_iter().filter(|(at, row)| fits(at, row)));
        let next = if items.len() > limit {
            items.truncate(limit);
            items.last().map(|(last, _)| last.clone())
        } else if count < batch {
            None
        } else if looked_at >= LOOK_AT {
            Some(at.clone())
        } else {
            continue;
        };
        let items = items.into_iter().map(|(_, row)| row).collect();
        return Ok(Listed { items, next });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn page(limit: usize, after: Option<Position>, every: u32) -> Listed<u32> {
        let read = |at: Position, limit: i64| async move {
            let from = at.id.parse::<u32>().map_or(0, |id| id + 1);
            let until = (from + u32::try_from(limit).unwrap_or_default()).min(2_500);
            let row = |n: u32| {
                let (word, id) = (String::new(), n.to_string());
                (Position { word, id }, n)
            };
            Ok((from..until).map(row).collect())
        };
        let fits = |_: &Position, row: &u32| row.is_multiple_of(every);
        gather(limit, after, every > 1, read, fits).await.unwrap()
    }

    #[tokio::test]
    async fn every_row_that_fits_comes_once_however_rare() {
        for every in [1, 7, 1_300, 2_400] {
            for limit in [1, 50, 200] {
                let (mut all, mut after, mut pages) = (Vec::new(), None, 0);
                loop {
                    let listed = page(limit, after, every).await;
                    assert!(listed.items.len() <= limit);
                    all.extend(listed.items);
                    pages += 1;
                    after = listed.next;
                    if after.is_none() {
                        break;
                    }
                }
                let wanted: Vec<u32> = (0..2_500).filter(|n| n % every == 0).collect();
                assert_eq!(all, wanted, "{every} {limit} in {pages} pages");
            }
        }
    }

    #[tokio::test]
    async fn a_page_without_a_hit_ends_and_goes_on() {
        let listed = page(
            10,
            Some(Position {
                word: String::new(),
                id: "0".to_owned(),
            }),
            2_400,
        )
        .await;
        assert_eq!(listed.items, Vec::<u32>::new());
        assert_eq!(listed.next.unwrap().id, "1000");
    }
}
