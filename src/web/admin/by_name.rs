//! A list that is found by names: what is looked for, and where the page begins.

use super::value;
use crate::flows::administration::Position;
use crate::storage::words::Sought;

/// What was asked of such a list.
pub(super) struct ByName {
    /// As it was typed.
    pub typed: String,
    /// Where the page before ended.
    pub after: Option<Position>,
}

impl ByName {
    pub(super) fn read(query: Option<&str>) -> Self {
        let after = value(query, "after").map(|id| Position {
            word: String::new(),
            id,
        });
        Self {
            typed: value(query, "q").unwrap_or_default(),
            after,
        }
    }

    pub(super) fn sought(&self) -> Option<Sought> {
        Sought::parse(&self.typed)
    }

    /// Where the list goes on.
    pub(super) fn link(&self, path: &str, next: &Position) -> String {
        let mut link = form_urlencoded::Serializer::new(format!("{path}?"));
        let pairs = [("q", &self.typed), ("after", &next.id)];
        link.extend_pairs(pairs.into_iter().filter(|(_, text)| !text.is_empty()));
        link.finish()
    }
}
