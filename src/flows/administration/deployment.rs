//! What belongs to the whole deployment: signing keys, resource servers. Who administers one
//! organisation has no part in it.

use super::lists::gather;
use super::{Done, Listed, Position, Refused, is_fresh};
use crate::flows::roles::Replaces;
use crate::flows::{Internal, Tessera, rotate_keys};
use crate::protocol::access::power::{ReadKeys, ReadResources, WriteKeys, WriteResources};
use crate::protocol::access::{Permit, Power};
use crate::protocol::audit::{Event, Kind, Origin};
use crate::protocol::key_lifecycle::{KeyAction, KeyRecord, RotateNow};
use crate::protocol::resource_server::ResourceServer;
use crate::storage::words::Sought;
use crate::storage::{StorageError, Tx, resource_servers};

pub(super) fn everywhere<P: Power>(permit: &Permit<P>) -> Result<(), Refused> {
    match permit.within().organisation() {
        None => Ok(()),
        Some(_) => Err(Refused::NotHere),
    }
}

impl Tessera {
    /// The signing keys, and those that open what is encrypted to us.
    ///
    /// # Errors
    /// As the database says.
    pub async fn list_keys(&self, permit: &Permit<ReadKeys>) -> Done<Vec<KeyRecord>> {
        if let Err(refused) = everywhere(permit) {
            return Ok(Err(refused));
        }
        let mut reader = &self.store;
        Ok(Ok(rotate_keys::records(&mut reader).await?))
    }

    /// Begins a rotation, or does it at once; what was done, nothing if it was done before.
    ///
    /// # Errors
    /// As the database says.
    pub async fn turn_keys(
        &self,
        permit: &Permit<WriteKeys>,
        wish: RotateNow,
    ) -> Done<Vec<KeyAction>> {
        if let Err(refused) = everywhere(permit) {
            return Ok(Err(refused));
        }
        let done = rotate_keys::rotate(self, wish, permit.actor().clone()).await?;
        Ok(done.map_err(|unknown| Refused::Wrong(vec![unknown.to_string()])))
    }

    /// As [`Self::turn_keys`]; the keys as they are then.
    ///
    /// # Errors
    /// As the database says.
    pub async fn rotate_key(
        &self,
        permit: &Permit<WriteKeys>,
        wish: RotateNow,
    ) -> Done<Vec<KeyRecord>> {
        if let Err(refused) = self.turn_keys(permit, wish).await? {
            return Ok(Err(refused));
        }
        let mut reader = &self.store;
        Ok(Ok(rotate_keys::records(&mut reader).await?))
    }

    /// The resource servers, by identifier.
    ///
    /// # Errors
    /// As the database says.
    pub async fn list_resource_servers(
        &self,
        permit: &Permit<ReadResources>,
        sought: Option<&Sought>,
        after: Option<Position>,
        limit: usize,
    ) -> Done<Listed<(ResourceServer, i64)>> {
        if let Err(refused) = everywhere(permit) {
            return Ok(Err(refused));
        }
        let read = |at: Position, limit: i64| async move {
            let mut reader = &self.store;
            let rows = resource_servers::page(&mut reader, &at.id, limit).await?;
            let positioned = |row: (ResourceServer, i64)| {
                let (word, id) = (String::new(), row.0.identifier.clone());
                (Position { word, id }, row)
            };
            Ok(rows.into_iter().map(positioned).collect())
        };
        let fits = |_: &Position, (one, _): &(ResourceServer, i64)| {
            sought.is_none_or(|sought| sought.is_in([&*one.identifier, &*one.name]))
        };
        let listed = gather(limit, after, sought.is_some(), read, fits).await?;
        Ok(Ok(listed))
    }

    /// One resource server with its version.
    ///
    /// # Errors
    /// As the database says.
    pub async fn find_resource_server(
        &self,
        permit: &Permit<ReadResources>,
        identifier: &str,
    ) -> Done<(ResourceServer, i64)> {
        if let Err(refused) = everywhere(permit) {
            return Ok(Err(refused));
        }
        let mut reader = &self.store;
        let found = resource_servers::find(&mut reader, identifier).await?;
        Ok(found.ok_or(Refused::Absent))
    }

    /// Registers a resource server, or describes one anew from the version that the caller saw.
    ///
    /// # Errors
    /// If it could not be stored.
    pub async fn put_resource_server(
        &self,
        permit: Permit<WriteResources>,
        server: ResourceServer,
        replaces: Option<Option<i64>>,
        origin: Origin,
    ) -> Done<(ResourceServer, i64)> {
        let tessera = self.clone();
        let written = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let replaces = replaces.map_or(Replaces::Nothing, Replaces::Version);
                    tessera
                        .put_resource_server_in(tx, &permit, &server, replaces, &origin)
                        .await
                })
            })
            .await;
        self.clients.invalidate();
        match written {
            Err(Internal::Storage(StorageError::Conflict)) => {
                Ok(Err(Refused::Taken("the identifier")))
            }
            other => other,
        }
    }

    /// Everything that is wrong with a resource server here.
    ///
    /// # Errors
    /// If the algorithms of the configuration cannot be used.
    pub(in crate::flows) fn resource_problems(
        &self,
        server: &ResourceServer,
    ) -> Result<Vec<String>, Internal> {
        let algorithms = rotate_keys::signing(&self.config)?;
        let mut problems = server.problems(self.issuer(), &algorithms);
        // A token must not outlive the key that verifies it.
        let kept = self.config.keys.retain_for.as_secs();
        if server
            .access_token_lifetime
            .is_some_and(|life| life >= kept)
        {
            problems.push("access_token_lifetime: must be shorter than keys.retain_for".to_owned());
        }
        Ok(problems)
    }

    /// As [`Self::put_resource_server`], as a part of a transaction.
    pub(super) async fn put_resource_server_in(
        &self,
        tx: &mut Tx<'_>,
        permit: &Permit<WriteResources>,
        server: &ResourceServer,
        replaces: Replaces,
        origin: &Origin,
    ) -> Done<(ResourceServer, i64)> {
        if let Err(refused) = everywhere(permit) {
            return Ok(Err(refused));
        }
        let problems = self.resource_problems(server)?;
        if !problems.is_empty() {
            return Ok(Err(Refused::Wrong(problems)));
        }
        let now = self.now();
        let known = resource_servers::lock(tx, &server.identifier).await?;
        let kind = match (replaces, known) {
            (Replaces::Nothing, _) => {
                resource_servers::insert(tx, server, now).await?;
                Kind::ResourceServerCreated
            }
            (Replaces::Version(_), None) => return Ok(Err(Refused::Absent)),
            (Replaces::Version(expected), Some((_, version))) => {
                if let Err(refused) = is_fresh(expected, version) {
                    return Ok(Err(refused));
                }
                resource_servers::update(tx, server, now).await?;
                Kind::ResourceServerChanged
            }
        };
        let event = Event::new(kind, permit.actor().clone()).with("resource", &server.identifier);
        self.record(tx, &event, origin);
        let now_there = resource_servers::find(tx, &server.identifier).await?;
        Ok(now_there.ok_or(Refused::Absent))
    }

    /// Removes a resource server, from the version that the caller saw.
    ///
    /// # Errors
    /// If it could not be stored.
    pub async fn remove_resource_server(
        &self,
        permit: Permit<WriteResources>,
        identifier: String,
        expected: Option<i64>,
        origin: Origin,
    ) -> Done<()> {
        let tessera = self.clone();
        let written = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    tessera
                        .remove_resource_server_in(tx, &permit, &identifier, expected, &origin)
                        .await
                })
            })
            .await;
        self.clients.invalidate();
        written
    }

    /// As [`Self::remove_resource_server`], as a part of a transaction.
    pub(super) async fn remove_resource_server_in(
        &self,
        tx: &mut Tx<'_>,
        permit: &Permit<WriteResources>,
        identifier: &str,
        expected: Option<i64>,
        origin: &Origin,
    ) -> Done<()> {
        if let Err(refused) = everywhere(permit) {
            return Ok(Err(refused));
        }
        let Some((_, version)) = resource_servers::lock(tx, identifier).await? else {
            return Ok(Err(Refused::Absent));
        };
        if let Err(refused) = is_fresh(expected, version) {
            return Ok(Err(refused));
        }
        resource_servers::delete(tx, identifier).await?;
        let event = Event::new(Kind::ResourceServerDeleted, permit.actor().clone())
            .with("resource", identifier);
        self.record(tx, &event, origin);
        Ok(Ok(()))
    }
}
