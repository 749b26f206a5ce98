//! A client made what the file says: its metadata, its secret, where it belongs, whether it is enabled, its roles.

use std::collections::BTreeSet;

use super::apply::{Apply, Stop, refused, touches};
use super::entry;
use crate::flows::clients::{DEFAULT_OVERLAP, stored_secret};
use crate::flows::organisations::Movable;
use crate::protocol::client::{Client, ClientId};
use crate::protocol::declared::{self, Change, MemberChange, What};
use crate::storage::Tx;
use crate::storage::role_grants::Holder;

impl Apply<'_> {
    /// A client that comes, changes or goes.
    pub(super) async fn client(&self, tx: &mut Tx<'_>, change: &Change) -> Result<(), Stop> {
        let (permit, origin, name) = (&self.permits.clients, &self.origin, &change.name);
        let id = ClientId::new(&change.key);
        let Some(one) = entry(self.wish.declared.clients.as_ref(), &change.key) else {
            let seen = (&id, change.version);
            let done = self
                .tessera
                .remove_client_in(tx, permit, seen, origin)
                .await?;
            return done.map_err(|why| refused(name, why));
        };
        match &change.what {
            What::Changed(members) => self.change_client(tx, (&id, change), one, members).await?,
            _ => self.add_client(tx, (&id, change), one).await?,
        }
        let none = BTreeSet::new();
        let old = entry(self.present.declared.clients.as_ref(), &change.key);
        let old = old.map_or(&none, |old| &old.roles);
        self.fit_grants(tx, name, &Holder::Client(id), (old, &one.roles))
            .await
    }

    async fn add_client(
        &self,
        tx: &mut Tx<'_>,
        (id, change): (&ClientId, &Change),
        one: &declared::Client,
    ) -> Result<(), Stop> {
        let (origin, name) = (&self.origin, &change.name);
        let method = one.metadata.token_endpoint_auth_method;
        let secret = match self.wish.secrets.get(&change.key) {
            Some(Ok(secret)) if method.has_secret() => {
                Some(stored_secret(self.tessera, method, secret, None)?)
            }
            _ => None,
        };
        let client = Client {
            id: id.clone(),
            metadata: one.metadata.clone(),
            secrets: secret.into_iter().collect(),
            disabled: false,
            by_stranger: false,
            organisation: None,
            version: 1,
            created_at: self.tessera.now(),
        };
        let permit = &self.permits.clients;
        let inside = match &one.organisation {
            None => None,
            Some(owner) => permit.inside(self.organisation(name, owner)?),
        };
        let permit_here = inside.as_ref().unwrap_or(permit);
        let made = self
            .tessera
            .create_client_in(tx, permit_here, client, origin)
            .await?;
        made.map_err(|why| refused(name, why))?;
        if !one.enabled {
            let seen = (id, None);
            let done = self
                .tessera
                .switch_client_in(tx, permit, seen, true, origin)
                .await?;
            done.map_err(|why| refused(name, why))?;
        }
        Ok(())
    }

    async fn change_client(
        &self,
        tx: &mut Tx<'_>,
        (id, change): (&ClientId, &Change),
        one: &declared::Client,
        members: &[MemberChange],
    ) -> Result<(), Stop> {
        let (permit, origin, name) = (&self.permits.clients, &self.origin, &change.name);
        let given = self
            .wish
            .secrets
            .get(&change.key)
            .and_then(|found| found.as_ref().ok());
        let mut expected = change.version;
        let touched = |wanted: &str| members.iter().any(|change| change.member == wanted);
        let own = ["organisation", "enabled", "roles", "client_secret"];
        let (mut has_new_secret, now) = (false, one.metadata.token_endpoint_auth_method);
        if touches(&change.what, |member| !own.contains(&member)) {
            let seen = (id, expected.take());
            let metadata = one.metadata.clone();
            let done = self
                .tessera
                .replace_client_in(tx, permit, seen, metadata, given, origin)
                .await?;
            has_new_secret = done.map_err(|why| refused(name, why))?.is_some();
        }
        if touched("client_secret") && !has_new_secret && now.has_secret() {
            let with = (given, DEFAULT_OVERLAP);
            let done = self
                .tessera
                .renew_secret_in(tx, permit, id, with, origin)
                .await?;
            done.map_err(|why| refused(name, why))?;
        }
        if touched("organisation") {
            let to = match &one.organisation {
                None => None,
                Some(owner) => Some(self.organisation(name, owner)?),
            };
            let (permit, what) = (&self.permits.organisations, Movable::Client(id.clone()));
            let done = self.tessera.move_in(tx, permit, &what, to, origin).await?;
            done.map_err(|why| refused(name, why))?;
        }
        if touched("enabled") {
            let seen = (id, None);
            let done = self
                .tessera
                .switch_client_in(tx, permit, seen, !one.enabled, origin)
                .await?;
            done.map_err(|why| refused(name, why))?;
        }
        Ok(())
    }
}
