//! Passwords that have leaked, as a compact filter: a binary fuse filter of 16-bit fingerprints (Graf and
//! Lemire, 2022), about 18 bits each. It knows every password of its list; of all others it takes one
//! in 65,536 for one of them, whose owner then chooses another: a list that forgot one would be worse.

use std::io::{self, BufRead, Read, Write};

use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use xorf::{BinaryFuse16, Filter as _};

use crate::base::Secret;

/// What a file begins with; the last character is the version.
const MAGIC: &[u8; 16] = b"tessera-leaked-1";

/// Longer lines are no passwords: what was read by mistake must not fill the memory.
const MAX_LINE: u64 = 4096;

/// Fingerprints that are read at once.
const CHUNK: usize = 32 * 1024;

/// A list of leaked passwords in memory.
pub struct LeakedPasswords {
    filter: BinaryFuse16,
    entries: u64,
}

/// Why there is no filter.
#[derive(Debug, thiserror::Error)]
pub enum FilterError {
    /// It could not be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The file is another one, or of another version.
    #[error("it is no filter that `tessera password-filter build` made")]
    Foreign,
    /// A part of it is missing or was changed.
    #[error("it is damaged: build or copy it again")]
    Damaged,
    /// The list holds no password.
    #[error("the list holds no password")]
    Empty,
    /// More than a filter can be made of.
    #[error("the list is too long: at most 1,000,000,000 passwords go into one filter")]
    TooMany,
    /// No filter came of it.
    #[error("no filter could be made: {0}")]
    Unmade(&'static str),
}

/// Above, the offsets within a filter no longer fit into 32 bits.
const MAX_ENTRIES: usize = 1_000_000_000;

/// Lists are published as SHA-1 (`HASH:COUNT`); of an evenly spread hash, 64 bits tell passwords apart.
fn key_of(password: &[u8]) -> u64 {
    first_64_bits(&Sha1::digest(password))
}

fn first_64_bits(hash: &[u8]) -> u64 {
    hash.iter()
        .take(8)
        .fold(0, |bits, byte| bits << 8 | u64::from(*byte))
}

/// A line of a list: SHA-1 in hexadecimal, with or without `:COUNT`, or a password as it is.
fn key_of_line(line: &[u8]) -> Option<u64> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.is_empty() {
        return None;
    }
    Some(key_of_hex(line).unwrap_or_else(|| key_of(line)))
}

fn key_of_hex(line: &[u8]) -> Option<u64> {
    let (hash, rest) = line.split_at_checked(40)?;
    let counted = rest
        .strip_prefix(b":")
        .is_some_and(|count| !count.is_empty() && count.iter().all(u8::is_ascii_digit));
    if !(rest.is_empty() || counted) || !hash.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let first = std::str::from_utf8(&hash[..16]).ok()?;
    u64::from_str_radix(first, 16).ok()
}

impl LeakedPasswords {
    /// Whether this password is on the list (or, once in 65,536 times, is taken for one that is).
    #[must_use]
    pub fn contains(&self, password: &Secret<String>) -> bool {
        self.filter.contains(&key_of(password.expose().as_bytes()))
    }

    /// How many passwords the list had.
    #[must_use]
    pub const fn entries(&self) -> u64 {
        self.entries
    }

    /// From a list of passwords or of their SHA-1 hashes, one in a line, of which only 8 bytes each are
    /// kept in memory.
    ///
    /// # Errors
    /// If it cannot be read, or is empty or far too long.
    pub fn build(mut list: impl BufRead) -> Result<Self, FilterError> {
        let (mut keys, mut line) = (Vec::new(), Vec::new());
        loop {
            line.clear();
            let read = list.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)?;
            if read == 0 {
                break;
            }
            keys.extend(key_of_line(&line));
            if keys.len() > MAX_ENTRIES {
                return Err(FilterError::TooMany);
            }
        }
        keys.sort_unstable();
        keys.dedup();
        if keys.is_empty() {
            return Err(FilterError::Empty);
        }
        Ok(Self {
            entries: keys.len() as u64,
            filter: BinaryFuse16::try_from(&keys).map_err(FilterError::Unmade)?,
        })
    }

    /// Writes the file that [`LeakedPasswords::read`] reads.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, mut file: impl Write) -> Result<(), FilterError> {
        let mut sum = Sha256::new();
        let mut put = |bytes: &[u8]| {
            sum.update(bytes);
            file.write_all(bytes)
        };
        let shape = &self.filter.descriptor;
        put(MAGIC)?;
        put(&self.entries.to_le_bytes())?;
        put(&shape.seed.to_le_bytes())?;
        put(&shape.segment_length.to_le_bytes())?;
        put(&shape.segment_count_length.to_le_bytes())?;
        for chunk in self.filter.fingerprints.chunks(CHUNK) {
            let bytes: Vec<u8> = chunk.iter().flat_map(|f| f.to_le_bytes()).collect();
            put(&bytes)?;
        }
        file.write_all(&sum.finalize())?;
        file.flush()?;
        Ok(())
    }

    /// Reads what [`LeakedPasswords::write`] wrote.
    ///
    /// # Errors
    /// If it cannot be read, is another file, or is damaged.
    pub fn read(mut file: impl Read) -> Result<Self, FilterError> {
        let mut head = [0; 40];
        let got = read_up_to(&mut file, &mut head)?;
        if got < MAGIC.len() || &head[..MAGIC.len()] != MAGIC {
            return Err(FilterError::Foreign);
        }
        let number = |at: usize, bytes: usize| {
            head[at..at + bytes]
                .iter()
                .rev()
                .fold(0, |number: u64, byte| number << 8 | u64::from(*byte))
        };
        let (entries, seed) = (number(16, 8), number(24, 8));
        let (segment, count) = (number(32, 4), number(36, 4));
        let narrow = |number: u64| u32::try_from(number).map_err(|_| FilterError::Damaged);
        let (segment_length, segment_count_length) = (narrow(segment)?, narrow(count)?);
        // What the filter computes with must stay within the fingerprints, or it would panic.
        let fits = segment_length.is_power_of_two()
            && segment_length <= 1 << 18
            && count > 0
            && count.is_multiple_of(segment);
        if got < head.len() || !fits {
            return Err(FilterError::Damaged);
        }
        let mut sum = Sha256::new();
        sum.update(head);
        let length = count + 2 * segment;
        let fingerprints = fingerprints(&mut file, length, &mut sum)?;
        let (mut written, mut beyond) = ([0; 32], [0; 1]);
        if read_up_to(&mut file, &mut written)? < written.len()
            || written[..] != sum.finalize()[..]
            || read_up_to(&mut file, &mut beyond)? > 0
        {
            return Err(FilterError::Damaged);
        }
        let descriptor = xorf::Descriptor {
            seed,
            segment_length,
            segment_length_mask: segment_length - 1,
            segment_count_length,
        };
        Ok(Self {
            filter: BinaryFuse16 {
                descriptor,
                fingerprints: fingerprints.into_boxed_slice(),
            },
            entries,
        })
    }
}

/// Grows as the file is read: what a damaged head promises is not believed.
fn fingerprints(
    file: &mut impl Read,
    length: u64,
    sum: &mut Sha256,
) -> Result<Vec<u16>, FilterError> {
    let mut fingerprints = Vec::new();
    let mut chunk = vec![0; 2 * CHUNK];
    let mut left = length;
    while left > 0 {
        let now = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
        let bytes = &mut chunk[..2 * now];
        if read_up_to(file, bytes)? < bytes.len() {
            return Err(FilterError::Damaged);
        }
        sum.update(&*bytes);
        let pairs = bytes.chunks_exact(2);
        fingerprints.extend(pairs.map(|pair| u16::from_le_bytes([pair[0], pair[1]])));
        left -= now as u64;
    }
    Ok(fingerprints)
}

/// Fills `buffer` as far as the file goes.
fn read_up_to(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while got < buffer.len() {
        match file.read(&mut buffer[got..]) {
            Ok(0) => break,
            Ok(more) => got += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(got)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(list: &str) -> LeakedPasswords {
        LeakedPasswords::build(list.as_bytes()).unwrap()
    }

    fn knows(filter: &LeakedPasswords, password: &str) -> bool {
        filter.contains(&Secret::new(password.to_owned()))
    }

    #[test]
    fn a_list_of_passwords_and_one_of_their_hashes_are_the_same_list() {
        let list = "correct horse battery staple\r\n\nsésame ouvre-toi\nlast line";
        // SHA-1 of "password", of "correct horse battery staple"; in either case, with and without a count.
        let hashes = "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:9659365\n\
                      abf7aad6438836dbe526aa231abde2d0eef74d42\n";
        let filter = built(list);
        for password in [
            "correct horse battery staple",
            "sésame ouvre-toi",
            "last line",
        ] {
            assert!(knows(&filter, password), "{password}");
        }
        assert!(!knows(&filter, "password"));
        assert_eq!(filter.entries(), 3);
        let filter = built(hashes);
        assert!(knows(&filter, "password"));
        assert!(knows(&filter, "correct horse battery staple"));
        assert!(!knows(&filter, "last line"));
    }

    #[test]
    fn lists_of_every_size_forget_nothing_and_take_few_others_for_theirs() {
        for size in [1, 2, 3, 5, 100, 5_000] {
            let words: Vec<String> = (0..size).map(|n| format!("word number {n}")).collect();
            let mut file = Vec::new();
            built(&(words.join("\n") + "\n" + &words[0]))
                .write(&mut file)
                .unwrap();
            let filter = LeakedPasswords::read(file.as_slice()).unwrap();
            assert_eq!(filter.entries(), size);
            assert!(words.iter().all(|word| knows(&filter, word)), "{size}");
            let others = (0..65_536).filter(|n| knows(&filter, &format!("other {n}")));
            assert!(others.count() < 12, "{size}");
        }
    }

    #[test]
    fn a_file_that_is_foreign_cut_or_changed_is_refused() {
        let mut file = Vec::new();
        built("one\ntwo\nthree").write(&mut file).unwrap();
        let read = |bytes: &[u8]| LeakedPasswords::read(bytes).err();
        assert!(read(&file).is_none());
        assert!(matches!(read(b""), Some(FilterError::Foreign)));
        assert!(matches!(
            read(b"one\ntwo\nthree\nfour\n"),
            Some(FilterError::Foreign)
        ));
        for cut in 16..file.len() {
            assert!(
                matches!(read(&file[..cut]), Some(FilterError::Damaged)),
                "{cut}"
            );
        }
        for at in 16..file.len() {
            let mut changed = file.clone();
            changed[at] ^= 0x41;
            assert!(matches!(read(&changed), Some(FilterError::Damaged)), "{at}");
        }
        file.push(0);
        assert!(matches!(read(&file), Some(FilterError::Damaged)));
        let empty = LeakedPasswords::build(&b"\n\r\n"[..]).err();
        assert!(matches!(empty, Some(FilterError::Empty)));
    }
}
