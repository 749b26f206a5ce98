//! Changes that must not undo what somebody else changed meanwhile (RFC 9110 §13.1.1, `If-Match`).

/// What came of a change that names the version which it is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It is written; the version is one higher now.
    Done,
    /// There is another version by now. Nothing was changed.
    Stale,
    /// There is none, or none that the caller may see. Nothing was changed.
    Absent,
}

impl Changed {
    /// Of an UPDATE that names the version: `rows` that it changed, and whether there is a row at all.
    #[must_use]
    pub const fn of(rows: u64, exists: bool) -> Self {
        match (rows, exists) {
            (0, false) => Self::Absent,
            (0, true) => Self::Stale,
            _ => Self::Done,
        }
    }
}
