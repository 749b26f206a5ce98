//! Documents that a command is given: a file, or standard input.

use std::io::Read as _;
use std::path::Path;

use super::Failure;

/// The bytes of a file; `-` is standard input.
pub(super) fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    if file != Path::new("-") {
        return std::fs::read(file)
            .map_err(|error| Failure::new(format!("{}: {error}", file.display())));
    }
    let mut bytes = Vec::new();
    std::io::stdin()
        .read_to_end(&mut bytes)
        .map_err(Failure::new)?;
    Ok(bytes)
}

/// As [`read`], a JSON document.
pub(super) fn json<T: serde::de::DeserializeOwned>(file: &Path) -> Result<T, Failure> {
    serde_json::from_slice(&read(file)?)
        .map_err(|error| Failure::new(format!("{}: {error}", file.display())))
}
