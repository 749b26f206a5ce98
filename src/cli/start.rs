//! From a configuration to a Tessera with an open, current database.

use super::{Failure, logging, master_key};
use crate::base::{Clock, Entropy};
use crate::config::Config;
use crate::crypto::seal::MasterKey;
use crate::flows::{Tessera, master_key as sealed};
use crate::storage::presence::{self, Presence};

/// Puts the parts together and brings the schema up to date; nothing is checked against it yet.
pub(super) async fn unchecked(config: Config, master: MasterKey) -> Result<Tessera, Failure> {
    let tessera = Tessera::new(config, master, Clock::system(), Entropy::system())?;
    tessera.store.migrate().await.map_err(|error| {
        let place = tessera.config.database.url.redacted();
        Failure::new(format!("{place}: {error}"))
    })?;
    Ok(tessera)
}

/// For who may start a new Tessera: makes what is missing, and never a second master key.
pub(super) async fn new_or_existing(config: Config) -> Result<Tessera, Failure> {
    let master = match look(&config).await? {
        Presence::Here => master_key::existing(&config.keys, "this database")?,
        _ => master_key::find_or_create(&config.keys, &Entropy::system())?,
    };
    checked(config, master).await
}

/// For a command: does `work` with the Tessera that is there, with a quiet log, and lets go of the
/// database.
pub(super) async fn with_existing(
    config: Config,
    work: impl AsyncFnOnce(&Tessera) -> Result<(), Failure>,
) -> Result<(), Failure> {
    logging::for_command(&config)?;
    let tessera = existing(config).await?;
    let done = work(&tessera).await;
    tessera.store.close().await;
    done
}

/// A command typed in the wrong folder must not make a second, empty Tessera there.
async fn existing(config: Config) -> Result<Tessera, Failure> {
    let place = match look(&config).await? {
        Presence::Here => None,
        Presence::NoFile(path) => Some(format!("{} does not exist", path.display())),
        Presence::Empty => Some(format!(
            "{} has none of its tables",
            config.database.url.redacted()
        )),
    };
    if let Some(place) = place {
        return Err(Failure::Usage(format!(
            "there is no Tessera here: {place}; start one with `tessera serve`, or name the \
             configuration of another with --config"
        )));
    }
    let master = master_key::existing(&config.keys, "this database")?;
    checked(config, master).await
}

/// The master key is lost: the database that it belongs to is here, and it is not.
pub(super) async fn lost_master_key(config: &Config) -> Option<Failure> {
    let missing = matches!(master_key::find(&config.keys), Ok(None));
    // No answer is no proof that there is one.
    let here = missing && matches!(look(config).await, Ok(Presence::Here));
    here.then(|| master_key::existing(&config.keys, "this database").err())?
}

async fn look(config: &Config) -> Result<Presence, Failure> {
    let url = &config.database.url;
    presence::look(url.expose())
        .await
        .map_err(|error| Failure::new(format!("{}: {error}", url.redacted())))
}

/// As [`unchecked`], and the master key is the one that the database was sealed under.
async fn checked(config: Config, master: MasterKey) -> Result<Tessera, Failure> {
    let tessera = unchecked(config, master).await?;
    sealed::check(&tessera).await?;
    Ok(tessera)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::config::DatabaseUrl;

    fn config(folder: &std::path::Path) -> Config {
        let mut config = Config::default();
        let url = format!("sqlite:{}", folder.join("data/tessera.db").display());
        config.database.url = DatabaseUrl::parse(&url).unwrap();
        config.keys.directory = folder.join("keys");
        config
    }

    fn folder() -> PathBuf {
        let unique = u64::from_ne_bytes(Entropy::system().bytes());
        std::env::temp_dir().join(format!("tessera-start-{unique}"))
    }

    #[tokio::test]
    async fn a_command_makes_nothing_and_a_lost_master_key_is_not_replaced() {
        let folder = folder();
        std::fs::create_dir(&folder).unwrap();
        let command = async || existing(config(&folder)).await;
        let refused = command().await.err().unwrap();
        assert!(matches!(refused, Failure::Usage(_)));
        let refused = refused.to_string();
        assert!(
            refused.starts_with("there is no Tessera here: "),
            "{refused}"
        );
        assert!(refused.contains("tessera.db does not exist"), "{refused}");
        assert!(refused.contains("tessera serve") && refused.contains("--config"));
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);

        assert!(lost_master_key(&config(&folder)).await.is_none());
        let tessera = new_or_existing(config(&folder)).await.unwrap();
        assert!(lost_master_key(&config(&folder)).await.is_none());
        tessera.store.close().await;
        drop(tessera);
        command().await.unwrap().store.close().await;

        std::fs::remove_dir_all(folder.join("keys")).unwrap();
        let refused = [
            command().await.err().unwrap().to_string(),
            new_or_existing(config(&folder))
                .await
                .err()
                .unwrap()
                .to_string(),
        ];
        for refused in refused {
            assert!(refused.contains("there is no master key"), "{refused}");
        }
        let told = lost_master_key(&config(&folder)).await.unwrap().to_string();
        assert!(told.contains("there is no master key"), "{told}");
        assert!(!folder.join("keys").exists());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
