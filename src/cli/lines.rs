//! A file read line by line, each of bounded length, with its number and the digest of the whole.

use std::io::{BufRead, Read as _};

use sha2::{Digest as _, Sha256};

/// The longest line: far more than a profile may hold.
const MAX_LINE: u64 = 1024 * 1024;

/// Lines of bounded length, numbered from 1.
pub(super) struct Lines<R> {
    from: R,
    line: Vec<u8>,
    pub number: u64,
    pub bytes: u64,
    sha256: Sha256,
}

impl<R: BufRead> Lines<R> {
    pub fn new(from: R) -> Self {
        Self {
            from,
            line: Vec::new(),
            number: 0,
            bytes: 0,
            sha256: Sha256::new(),
        }
    }

    pub fn length(&self) -> usize {
        self.line.len()
    }

    pub fn digest(&self) -> String {
        let digest = self.sha256.clone().finalize();
        digest
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<Vec<_>>()
            .concat()
    }

    /// The next line that is not empty; `Err` inside: it is none that can be read.
    pub fn next(&mut self) -> std::io::Result<Option<Result<&str, Vec<String>>>> {
        loop {
            self.line.clear();
            let read = (&mut self.from)
                .take(MAX_LINE + 1)
                .read_until(b'\n', &mut self.line)?;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            self.bytes += read as u64;
            self.sha256.update(&self.line);
            if read as u64 > MAX_LINE {
                self.skip_line()?;
                return Ok(Some(Err(vec!["is longer than 1 MiB".to_owned()])));
            }
            let start = if self.number == 1 && self.line.starts_with(b"\xef\xbb\xbf") {
                3
            } else {
                0
            };
            if !self.line[start..].trim_ascii().is_empty() {
                let text = std::str::from_utf8(self.line[start..].trim_ascii());
                return Ok(Some(text.map_err(|_| vec!["is no UTF-8".to_owned()])));
            }
        }
    }

    /// Reads to the end of a line without keeping it.
    fn skip_line(&mut self) -> std::io::Result<()> {
        while self.line.last() != Some(&b'\n') {
            self.line.clear();
            let read = (&mut self.from)
                .take(MAX_LINE)
                .read_until(b'\n', &mut self.line)?;
            self.bytes += read as u64;
            self.sha256.update(&self.line);
            if read == 0 {
                break;
            }
        }
        self.line.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Vec<(u64, Result<String, Vec<String>>)> {
        let mut lines = Lines::new(bytes);
        let mut found = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            let line = line.map(str::to_owned);
            found.push((lines.number, line));
        }
        assert_eq!(lines.bytes, bytes.len() as u64);
        found
    }

    #[test]
    fn lines_are_numbered_as_an_editor_does_and_empty_ones_count() {
        let found = all(b"\xef\xbb\xbfa\r\n\n  \nb");
        assert_eq!(found, [(1, Ok("a".to_owned())), (4, Ok("b".to_owned()))]);
    }

    #[test]
    fn what_is_no_text_is_said_and_the_next_line_is_read() {
        let found = all(b"\xff\xfe\nb\n");
        assert_eq!(found[0], (1, Err(vec!["is no UTF-8".to_owned()])));
        assert_eq!(found[1], (2, Ok("b".to_owned())));
    }

    #[test]
    fn a_line_without_an_end_does_not_fill_the_memory() {
        for extra in [1, 1000, 3 * 1024 * 1024] {
            let mut bytes = vec![b'x'; usize::try_from(MAX_LINE).unwrap() + extra];
            bytes.extend_from_slice(b"\nb\n");
            let found = all(&bytes);
            assert_eq!(found.len(), 2, "{extra}");
            assert!(found[0].1.is_err());
            assert_eq!(found[1], (2, Ok("b".to_owned())));
        }
        let longest = vec![b'x'; usize::try_from(MAX_LINE).unwrap()];
        assert!(all(&longest)[0].1.is_ok());
    }
}
