//! `tessera password-filter`: lists of leaked passwords.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::{Failure, output};
use crate::crypto::leaked::LeakedPasswords;

#[derive(Debug, Subcommand)]
pub(super) enum PasswordFilterCommand {
    /// Make the file for `passwords.leaked_filter` from a list
    ///
    /// Each line holds a password, or the SHA-1 of one in hexadecimal, alone or as HASH:COUNT (the format
    /// of Have I Been Pwned). About 40 bytes of memory are needed for each.
    Build {
        /// The list; `-` is standard input
        list: PathBuf,
        /// The file to write, replaced when it is complete
        file: PathBuf,
    },
}

pub(super) fn run(command: PasswordFilterCommand) -> Result<(), Failure> {
    let PasswordFilterCommand::Build { list, file } = command;
    let filter = LeakedPasswords::build(open(&list)?)
        .map_err(|error| Failure::new(format!("{}: {error}", list.display())))?;
    let size = write(&filter, &file)
        .map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
    output::line(format!(
        "{}: {} passwords, {size} bytes; of all others, one in 65536 is taken for one of them",
        file.display(),
        filter.entries(),
    ))
}

fn open(list: &Path) -> Result<Box<dyn BufRead>, Failure> {
    if list == Path::new("-") {
        return Ok(Box::new(std::io::stdin().lock()));
    }
    let file =
        File::open(list).map_err(|error| Failure::new(format!("{}: {error}", list.display())))?;
    Ok(Box::new(BufReader::new(file)))
}

/// Under another name first: a server that starts meanwhile reads the old one or the new one.
fn write(filter: &LeakedPasswords, file: &Path) -> Result<u64, Box<dyn std::error::Error>> {
    let mut unfinished = file.as_os_str().to_owned();
    unfinished.push(".new");
    let unfinished = PathBuf::from(unfinished);
    let written = (|| {
        let mut into = BufWriter::new(File::create(&unfinished)?);
        filter.write(&mut into)?;
        into.flush()?;
        into.get_ref().sync_all()?;
        fs::rename(&unfinished, file)?;
        Ok(fs::metadata(file)?.len())
    })();
    if written.is_err() {
        drop(fs::remove_file(&unfinished));
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Entropy, Secret};
    use crate::config::PasswordsConfig;
    use crate::flows::passwords;

    #[test]
    fn what_is_built_is_what_the_configuration_names() {
        let unique = u64::from_ne_bytes(Entropy::system().bytes());
        let folder = std::env::temp_dir().join(format!("tessera-filter-{unique}"));
        fs::create_dir(&folder).unwrap();
        let (list, file) = (folder.join("list.txt"), folder.join("leaked"));
        fs::write(&list, "four quiet lamps walking\n").unwrap();
        let build = |list: &Path| {
            run(PasswordFilterCommand::Build {
                list: list.to_owned(),
                file: file.clone(),
            })
        };
        let config = PasswordsConfig {
            leaked_filter: Some(file.clone()),
            ..PasswordsConfig::default()
        };
        let missing = passwords::leaked(&config).err().unwrap().to_string();
        assert!(missing.contains("passwords.leaked_filter"), "{missing}");
        build(&list).unwrap();
        let filter = passwords::leaked(&config).unwrap().unwrap();
        assert!(filter.contains(&Secret::new("four quiet lamps walking".to_owned())));
        fs::write(&list, "\n").unwrap();
        let empty = build(&list).err().unwrap().to_string();
        assert!(empty.contains("holds no password"), "{empty}");
        let left = fs::read_dir(&folder).unwrap().count();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(left, 2, "and nothing unfinished");
    }
}
