//! Clients that come from another system, with the identifier and the secret that their applications have.

use serde_json::Value;

use super::client_changes::{IS_A_SUB, is_nobodys};
use super::{Done, Refused};
use crate::base::Secret;
use crate::base::ids::uuid_v7;
use crate::flows::{Internal, Tessera};
use crate::protocol::access::Permit;
use crate::protocol::access::power::WriteClients;
use crate::protocol::audit::{Event, Kind, Origin};
use crate::protocol::client::{AuthMethod, Client, ClientId, ClientSecret};
use crate::storage::{StorageError, clients};

/// A client to be made.
#[derive(Clone, Debug)]
pub struct ClientImport {
    /// Its identifier, as its application sends it.
    pub id: ClientId,
    /// RFC 7591 metadata.
    pub metadata: Value,
    /// The secret that its application has.
    pub secret: Option<Secret<String>>,
    /// It may be used.
    pub enabled: bool,
}

impl Tessera {
    /// Makes a client, of the organisation that the caller acts in; `false`: it is there already, with the
    /// same metadata. Without `write`, only says what would come of it.
    ///
    /// # Errors
    /// If it could not be stored.
    pub async fn import_client(
        &self,
        permit: Permit<WriteClients>,
        new: ClientImport,
        write: bool,
        origin: Origin,
    ) -> Done<bool> {
        let metadata = match self
            .read_metadata(new.metadata.to_string().as_bytes())
            .await
        {
            Ok(metadata) => metadata,
            Err(refused) => return Ok(Err(refused)),
        };
        if !permit.has_all(&self.opened_by(&metadata)) {
            return Ok(Err(Refused::Beyond));
        }
        let now = self.now();
        let mut reader = &self.store;
        if let Some(known) = clients::find(&mut reader, &new.id, now).await? {
            let same =
                known.metadata == metadata && known.organisation == permit.within().organisation();
            return Ok(same
                .then_some(false)
                .ok_or(Refused::Taken("the client's id")));
        }
        if !write {
            return Ok(is_nobodys(&mut reader, &new.id).await?.map(|()| true));
        }
        // The secret of an HMAC would have to be kept in clear: those are made here.
        let keeps = metadata.token_endpoint_auth_method != AuthMethod::ClientSecretJwt;
        let secrets = new.secret.filter(|_| keeps).map(|secret| ClientSecret {
            id: uuid_v7(now, &self.entropy),
            digest: secret.digest(),
            sealed: None,
            expires_at: None,
        });
        let client = Client {
            id: new.id,
            metadata,
            secrets: secrets.into_iter().collect(),
            disabled: !new.enabled,
            by_stranger: false,
            organisation: permit.within().organisation(),
            version: 1,
            created_at: now,
        };
        let event = Event::new(Kind::ClientCreated, permit.actor().clone())
            .with("client_id", &client.id)
            .with("client_name", &client.metadata.client_name)
            .with("organisation_id", client.organisation)
            .with("imported", true);
        let written = self
            .change_registry(event, origin, move |tx| {
                Box::pin(async move {
                    if is_nobodys(tx, &client.id).await?.is_err() {
                        return Ok(false);
                    }
                    clients::insert(tx, &client).await?;
                    if client.disabled {
                        clients::set_disabled(tx, &client.id, Some(now), now).await?;
                    }
                    Ok(true)
                })
            })
            .await;
        match written {
            Ok(true) => Ok(Ok(true)),
            Ok(false) => Ok(Err(Refused::Wrong(vec![IS_A_SUB.to_owned()]))),
            Err(Internal::Storage(StorageError::Conflict)) => {
                Ok(Err(Refused::Taken("the client's id")))
            }
            Err(Internal::Storage(StorageError::InUse)) => Ok(Err(Refused::Absent)),
            Err(error) => Err(error),
        }
    }
}
