//! From a configuration to a Tessera with an open, current database.

use super::{Failure, logging, master_key};
use crate::base::{Clock, Entropy};
use crate::config::Config;
use crate::flows::{Tessera, master_key as sealed};

/// Puts the parts together and brings the schema up to date; nothing is checked against it yet.
pub(super) async fn unchecked(config: Config) -> Result<Tessera, Failure> {
    let entropy = Entropy::system();
    let master = master_key::load(&config.keys, &entropy)?;
    let tessera = Tessera::new(config, master, Clock::system(), entropy)?;
    tessera.store.migrate().await.map_err(|error| {
        let place = tessera.config.database.url.redacted();
        Failure::new(format!("{place}: {error}"))
    })?;
    Ok(tessera)
}

/// As [`unchecked`], and the master key is the one that the database was sealed under.
pub(super) async fn checked(config: Config) -> Result<Tessera, Failure> {
    let tessera = unchecked(config).await?;
    sealed::check(&tessera).await?;
    Ok(tessera)
}

/// For a command: with a quiet log.
pub(super) async fn open(config: Config) -> Result<Tessera, Failure> {
    logging::for_command(&config)?;
    checked(config).await
}
