//! What is there, in the words of a file.

use std::collections::{BTreeMap, BTreeSet};

use super::Permits;
use crate::base::ids::{GroupId, OrganisationId, RoleGrantId};
use crate::base::{Secret, Timestamp};
use crate::flows::{Internal, Tessera};
use crate::protocol::access::Tenant;
use crate::protocol::client::{AuthMethod, ClientSecret};
use crate::protocol::declared::{
    Client, Declared, Given, Group, Key, Organisation, SecretState, Section, THE_SETTINGS,
};
use crate::storage::role_grants::{Holder, RoleGrant};
use crate::storage::{
    Tx, clients, deployment, groups, organisations, resource_servers, role_grants, roles,
};

/// As many rows at once as lists elsewhere read.
const PAGE: i64 = 500;

/// Everything that a file may speak of.
#[derive(Default)]
pub(super) struct Present {
    /// In the words of a file, every section of it.
    pub declared: Declared,
    /// The version of each entry.
    pub versions: BTreeMap<Key, i64>,
    /// Clients that registered themselves.
    pub by_themselves: BTreeSet<Key>,
    /// By short name.
    pub organisations: BTreeMap<String, OrganisationId>,
    /// By key.
    pub groups: BTreeMap<String, GroupId>,
    /// Every grant of a group or a client, in the words of a file.
    pub grants: Vec<(RoleGrant, Given)>,
    secrets: BTreeMap<String, Vec<ClientSecret>>,
}

impl Present {
    /// Reads it.
    pub(super) async fn load(
        tessera: &Tessera,
        tx: &mut Tx<'_>,
        permits: &Permits,
    ) -> Result<Self, Internal> {
        let mut present = Self::default();
        let names = present.load_organisations(tx, permits).await?;
        present.load_grants(tx, &names, tessera.now()).await?;
        present.load_deployment(tx).await?;
        present.load_groups(tx, permits, &names).await?;
        present.load_clients(tx, &names, tessera.now()).await?;
        Ok(present)
    }

    async fn load_organisations(
        &mut self,
        tx: &mut Tx<'_>,
        permits: &Permits,
    ) -> Result<BTreeMap<OrganisationId, String>, Internal> {
        let (mut all, mut names) = (BTreeMap::new(), BTreeMap::new());
        let mut after = String::new();
        loop {
            let within = permits.organisations.within();
            let page = organisations::page(tx, within, &after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after.clone_from(&last.name);
            for one in page {
                let key = (Section::Organisations, one.name.clone());
                self.versions.insert(key, one.version);
                self.organisations.insert(one.name.clone(), one.id);
                names.insert(one.id, one.name.clone());
                let declared = Organisation {
                    name: one.name.clone(),
                    title: one.title,
                    closed: one.disabled,
                };
                all.insert(one.name, declared);
            }
        }
        self.declared.organisations = Some(all);
        Ok(names)
    }

    async fn load_grants(
        &mut self,
        tx: &mut Tx<'_>,
        names: &BTreeMap<OrganisationId, String>,
        now: Timestamp,
    ) -> Result<(), Internal> {
        let all = role_grants::of_groups_and_clients(tx).await?;
        let lasting = all.into_iter().filter(|grant| {
            // What is over gives nothing, and could not be given again.
            grant.valid_until.is_none_or(|until| now < until)
        });
        self.grants = lasting
            .map(|grant| {
                let organisation = match grant.tenant {
                    Tenant::Deployment => None,
                    Tenant::Organisation(id) => names.get(&id).cloned(),
                };
                let given = Given {
                    role: grant.role.clone(),
                    organisation,
                    valid_from: grant.valid_from.map(Timestamp::rfc3339),
                    valid_until: grant.valid_until.map(Timestamp::rfc3339),
                };
                (grant, given)
            })
            .collect();
        Ok(())
    }

    async fn load_deployment(&mut self, tx: &mut Tx<'_>) -> Result<(), Internal> {
        let mut servers = BTreeMap::new();
        let mut after = String::new();
        loop {
            let page = resource_servers::page(tx, &after, PAGE).await?;
            let Some((last, _)) = page.last() else { break };
            after.clone_from(&last.identifier);
            for (one, version) in page {
                let key = (Section::ResourceServers, one.identifier.clone());
                self.versions.insert(key, version);
                servers.insert(one.identifier.clone(), one);
            }
        }
        self.declared.resource_servers = Some(servers);
        let chosen = deployment::find(tx).await?;
        let key = (Section::Settings, THE_SETTINGS.to_owned());
        self.versions.insert(key, chosen.version);
        self.declared.settings = Some(chosen.settings);
        let mut own = BTreeMap::new();
        for one in roles::all(tx).await? {
            let name = one.role.name.to_string();
            self.versions
                .insert((Section::Roles, name.clone()), one.version);
            own.insert(name, one.role);
        }
        self.declared.roles = Some(own);
        Ok(())
    }

    async fn load_groups(
        &mut self,
        tx: &mut Tx<'_>,
        permits: &Permits,
        names: &BTreeMap<OrganisationId, String>,
    ) -> Result<(), Internal> {
        let mut all = BTreeMap::new();
        let mut after = None;
        loop {
            let page = groups::page(tx, permits.groups.within(), after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            for one in page {
                let declared = Group {
                    organisation: one.organisation.and_then(|id| names.get(&id).cloned()),
                    roles: self.given_to(&Holder::Group(one.id)),
                    name: one.name,
                };
                let key = declared.key();
                self.versions
                    .insert((Section::Groups, key.clone()), one.version);
                self.groups.insert(key.clone(), one.id);
                all.insert(key, declared);
            }
        }
        self.declared.groups = Some(all);
        Ok(())
    }

    async fn load_clients(
        &mut self,
        tx: &mut Tx<'_>,
        names: &BTreeMap<OrganisationId, String>,
        now: Timestamp,
    ) -> Result<(), Internal> {
        let disabled = clients::disabled(tx).await?;
        for (id, secret) in clients::live_secrets(tx, now).await? {
            self.secrets.entry(id.to_string()).or_default().push(secret);
        }
        let mut all = BTreeMap::new();
        let mut after = String::new();
        loop {
            let page = clients::page(tx, &after, PAGE).await?;
            let Some(last) = page.last() else { break };
            last.id.as_str().clone_into(&mut after);
            for one in page {
                let id = one.id.to_string();
                let key = (Section::Clients, id.clone());
                self.versions.insert(key.clone(), one.version);
                if one.by_stranger {
                    self.by_themselves.insert(key);
                }
                let declared = Client {
                    client_id: id.clone(),
                    organisation: one.organisation.and_then(|id| names.get(&id).cloned()),
                    enabled: !disabled.contains(&one.id),
                    client_secret: None,
                    roles: self.given_to(&Holder::Client(one.id)),
                    metadata: one.metadata,
                };
                all.insert(id, declared);
            }
        }
        self.declared.clients = Some(all);
        Ok(())
    }

    fn given_to(&self, holder: &Holder) -> BTreeSet<Given> {
        let theirs = self
            .grants
            .iter()
            .filter(|(grant, _)| grant.holder == *holder);
        theirs.map(|(_, given)| given.clone()).collect()
    }

    /// The grants by which a holder has this.
    pub(super) fn grants_of(&self, holder: &Holder, given: &Given) -> Vec<RoleGrantId> {
        let same = |(grant, one): &&(RoleGrant, Given)| grant.holder == *holder && one == given;
        self.grants
            .iter()
            .filter(same)
            .map(|(grant, _)| grant.id)
            .collect()
    }

    /// Whether this is a secret with which the client can prove itself.
    pub(super) fn state_of(
        &self,
        client: &str,
        secret: &Secret<String>,
        method: AuthMethod,
    ) -> SecretState {
        let digest = secret.digest();
        let mut state = SecretState::Other;
        for one in self.secrets.get(client).into_iter().flatten() {
            // An HMAC needs the secret itself, not its hash alone.
            let usable = method != AuthMethod::ClientSecretJwt || one.sealed.is_some();
            // `&`, not `&&`: the comparison always runs.
            if usable & digest.is(&one.digest) && state != SecretState::Works(None) {
                state = SecretState::Works(one.expires_at.map(Timestamp::rfc3339));
            }
        }
        state
    }
}
