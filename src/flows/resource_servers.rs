//! Administration of resource servers. As with clients, what changes takes effect at once here and
//! within a second on other nodes. Tokens that are out stay as they are until they expire.

use super::{Internal, Tessera};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::resource_server::ResourceServer;
use crate::storage::{StorageError, resource_servers};

/// Why a resource server was not written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotWritten {
    /// All that is wrong with it.
    #[error("{}", .0.join("; "))]
    Wrong(Vec<String>),
    /// The identifier is taken.
    #[error("there is a resource server of this identifier already")]
    Taken,
    /// There is none of this identifier.
    #[error("there is no resource server of this identifier")]
    Unknown,
}

pub(super) fn check(
    tessera: &Tessera,
    server: &ResourceServer,
) -> Result<Result<(), NotWritten>, Internal> {
    let problems = tessera.resource_problems(server)?;
    Ok(if problems.is_empty() {
        Ok(())
    } else {
        Err(NotWritten::Wrong(problems))
    })
}

/// Registers a resource server.
///
/// # Errors
/// The inner one says what is wrong with it; the outer one that it could not be stored.
pub async fn create(
    tessera: &Tessera,
    server: ResourceServer,
    actor: Actor,
    origin: Origin,
) -> Result<Result<(), NotWritten>, Internal> {
    if let Err(error) = check(tessera, &server)? {
        return Ok(Err(error));
    }
    let event = Event::new(Kind::ResourceServerCreated, actor).with("resource", &server.identifier);
    let now = tessera.now();
    let written = tessera
        .change_registry(event, origin, move |tx| {
            Box::pin(async move {
                resource_servers::insert(tx, &server, now).await?;
                Ok(true)
            })
        })
        .await;
    match written {
        Ok(_) => Ok(Ok(())),
        Err(Internal::Storage(StorageError::Conflict)) => Ok(Err(NotWritten::Taken)),
        Err(error) => Err(error),
    }
}

/// Replaces the description of the resource server of this identifier.
///
/// # Errors
/// The inner one says what is wrong with it; the outer one that it could not be stored.
pub async fn update(
    tessera: &Tessera,
    server: ResourceServer,
    actor: Actor,
    origin: Origin,
) -> Result<Result<(), NotWritten>, Internal> {
    if let Err(error) = check(tessera, &server)? {
        return Ok(Err(error));
    }
    let event = Event::new(Kind::ResourceServerChanged, actor).with("resource", &server.identifier);
    let now = tessera.now();
    let changed = tessera
        .change_registry(event, origin, move |tx| {
            Box::pin(async move { Ok(resource_servers::update(tx, &server, now).await?) })
        })
        .await?;
    Ok(if changed {
        Ok(())
    } else {
        Err(NotWritten::Unknown)
    })
}

/// Removes a resource server; false if there is none. Clients that list its identifier may go on to
/// ask for it, as for one that was never registered.
///
/// # Errors
/// If it could not be stored.
pub async fn delete(
    tessera: &Tessera,
    identifier: &str,
    actor: Actor,
    origin: Origin,
) -> Result<bool, Internal> {
    let event = Event::new(Kind::ResourceServerDeleted, actor).with("resource", identifier);
    let identifier = identifier.to_owned();
    tessera
        .change_registry(event, origin, move |tx| {
            Box::pin(async move { Ok(resource_servers::delete(tx, &identifier).await?) })
        })
        .await
}

/// All of them as they are stored now, past the cache.
///
/// # Errors
/// If the database does not answer.
pub async fn all(tessera: &Tessera) -> Result<Vec<ResourceServer>, Internal> {
    let mut reader = &tessera.store;
    Ok(resource_servers::all(&mut reader).await?)
}
