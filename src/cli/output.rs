//! Results on standard output; a reader that hangs up is an end, not a panic.

use std::io::{ErrorKind, Write};

use serde::Serialize;

use super::Failure;

/// A line.
pub(super) fn line(text: impl std::fmt::Display) -> Result<(), Failure> {
    line_to(&mut std::io::stdout().lock(), text)
}

fn line_to(out: &mut impl Write, text: impl std::fmt::Display) -> Result<(), Failure> {
    // In one piece: `println` would write the line and its end apart.
    out.write_all(format!("{text}\n").as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| match error.kind() {
            ErrorKind::BrokenPipe => Failure::HungUp,
            _ => Failure::new(format!("standard output: {error}")),
        })
}

/// Indented JSON.
pub(super) fn json(value: &impl Serialize) -> Result<(), Failure> {
    line(serde_json::to_string_pretty(value).map_err(Failure::new)?)
}

/// Columns, aligned; the first row is the heading.
pub(super) fn table<const N: usize>(rows: &[[String; N]]) -> Result<(), Failure> {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: [usize; N] = std::array::from_fn(|column| width(column).unwrap_or(0));
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        line(cells.join("  ").trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pipe whose reader is in the state that `.0` tells.
    struct Pipe(ErrorKind);

    impl Write for Pipe {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_hangs_up_ends_the_command_without_a_word() {
        let ended = line_to(&mut Pipe(ErrorKind::BrokenPipe), "a").unwrap_err();
        assert!(matches!(ended, Failure::HungUp));
        let full = line_to(&mut Pipe(ErrorKind::StorageFull), "a").unwrap_err();
        assert!(full.to_string().starts_with("standard output: "), "{full}");
        let mut whole = Vec::new();
        line_to(&mut whole, "a").unwrap();
        assert_eq!(whole, b"a\n");
    }
}
