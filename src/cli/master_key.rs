//! Where the master key comes from: the configuration, or a file that is made at first start and
//! never again.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::Failure;
use crate::base::{Entropy, Secret};
use crate::config::KeysConfig;
use crate::crypto::seal::MasterKey;

/// The master key of this configuration; `None` if it would have to be made.
pub(super) fn find(keys: &KeysConfig) -> Result<Option<MasterKey>, Failure> {
    if let Some(key) = &keys.master_key {
        let text = Secret::new(STANDARD_NO_PAD.encode(key.expose()));
        return MasterKey::from_base64(text.expose())
            .map(Some)
            .map_err(Failure::new);
    }
    let path = keys.master_key_path();
    match read(&path)? {
        // A mounted secret that is missing must not be replaced by a key that dies with the container.
        None if keys.master_key_file.is_some() => Err(Failure::Usage(format!(
            "keys.master_key_file: there is no file {}; make one with: openssl rand -base64 32",
            path.display()
        ))),
        found => Ok(found),
    }
}

/// The master key that something was sealed under already: a new one would open none of it.
pub(super) fn existing(keys: &KeysConfig, what: &str) -> Result<MasterKey, Failure> {
    find(keys)?.ok_or_else(|| {
        Failure::Usage(format!(
            "there is no master key {}: put the one that belongs to {what} there, or give it by \
             keys.master_key_file or keys.master_key",
            keys.master_key_path().display()
        ))
    })
}

/// The master key of this configuration, made if this is the first start.
pub(super) fn find_or_create(keys: &KeysConfig, entropy: &Entropy) -> Result<MasterKey, Failure> {
    match find(keys)? {
        Some(key) => Ok(key),
        None => create(&keys.master_key_path(), entropy),
    }
}

/// In words, where the key is.
pub(super) fn place(keys: &KeysConfig) -> String {
    match keys.master_key {
        Some(_) => "given by keys.master_key".to_owned(),
        None => keys.master_key_path().display().to_string(),
    }
}

fn on(path: &Path) -> impl Fn(std::io::Error) -> Failure {
    move |error| Failure::new(format!("the master key {}: {error}", path.display()))
}

fn read(path: &Path) -> Result<Option<MasterKey>, Failure> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => Secret::new(text),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(on(path)(error)),
    };
    warn_if_open(path);
    MasterKey::from_base64(text.expose())
        .map(Some)
        .map_err(|error| Failure::new(format!("{}: {error}", path.display())))
}

/// A mounted secret often belongs to another user, with a mode that cannot be changed: so this
/// warns, and does not refuse.
fn warn_if_open(path: &Path) {
    #[cfg(unix)]
    if let Ok(metadata) = std::fs::metadata(path) {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o007 != 0 {
            tracing::warn!(
                "anybody on this machine can read the master key: chmod 600 {}",
                path.display()
            );
        }
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// Writes the whole key under another name first and then links it to its own: a second process
/// finds either no file or a complete one, and whoever links second takes the first one's key.
fn create(path: &Path, entropy: &Entropy) -> Result<MasterKey, Failure> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    make_folder(folder).map_err(on(folder))?;
    let key = MasterKey::generate(entropy);
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}", u64::from_ne_bytes(entropy.bytes())));
    let draft = PathBuf::from(draft);
    let result = write(&draft, &key).and_then(|()| std::fs::hard_link(&draft, path));
    drop(std::fs::remove_file(&draft));
    match result {
        Ok(()) => {
            let synced = std::fs::File::open(folder).and_then(|folder| folder.sync_all());
            synced.map_err(on(folder))?;
            Ok(key)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => read(path)?
            .ok_or_else(|| Failure::new(format!("the master key {} vanished", path.display()))),
        Err(error) => Err(on(path)(error)),
    }
}

fn write(path: &Path, key: &MasterKey) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(key.to_base64().expose().as_bytes())?;
    file.write_all(b"\n")?;
    // Whatever is sealed under it must not outlive it.
    file.sync_all()
}

fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let unique = u64::from_ne_bytes(Entropy::system().bytes());
        std::env::temp_dir().join(format!("tessera-{name}-{unique}"))
    }

    #[test]
    fn processes_that_race_for_the_first_start_end_with_the_same_key() {
        let folder = folder("race");
        let path = folder.join("keys/master.key");
        let keys: Vec<String> = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..16)
                .map(|_| scope.spawn(|| create(&path, &Entropy::system()).unwrap()))
                .collect();
            racers
                .into_iter()
                .map(|racer| racer.join().unwrap().to_base64().expose().clone())
                .collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]));
        let left: Vec<_> = std::fs::read_dir(path.parent().unwrap()).unwrap().collect();
        assert_eq!(left.len(), 1, "no draft is left behind");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&path), 0o600);
            assert_eq!(mode(path.parent().unwrap()), 0o700);
        }
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_named_file_must_exist_and_hold_a_key() {
        let folder = folder("named");
        let path = folder.join("secret");
        let keys = KeysConfig {
            master_key_file: Some(path.clone()),
            ..KeysConfig::default()
        };
        let entropy = Entropy::system();
        let refused = find_or_create(&keys, &entropy);
        assert!(matches!(refused, Err(Failure::Usage(_))));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(&path, "hunter2").unwrap();
        let failure = find(&keys).unwrap_err().to_string();
        assert!(failure.contains("32 bytes") && !failure.contains("hunter2"));
        std::fs::write(&path, MasterKey::generate(&entropy).to_base64().expose()).unwrap();
        assert!(find(&keys).unwrap().is_some());
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_key_that_something_was_sealed_under_is_never_made_anew() {
        let folder = folder("sealed");
        let keys = KeysConfig {
            directory: folder.clone(),
            ..KeysConfig::default()
        };
        let refused = existing(&keys, "this backup").unwrap_err().to_string();
        assert!(refused.contains("belongs to this backup"), "{refused}");
        assert!(!folder.exists(), "nothing is made");
        let made = find_or_create(&keys, &Entropy::system()).unwrap();
        let found = existing(&keys, "this backup").unwrap();
        assert_eq!(found.to_base64().expose(), made.to_base64().expose());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
