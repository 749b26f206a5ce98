//! Configuration from a file: what is there, what a file would change, and the change, all of it or nothing. Each
//! change is the same function that the API and the pages call, so that no rule is written twice.

mod apply;
mod clients;
mod grants;
mod present;

use std::collections::BTreeMap;

use super::Refused;
use crate::base::Secret;
use crate::flows::clients::problem;
use crate::flows::{Internal, Tessera};
use crate::protocol::access::Permit;
use crate::protocol::access::power::{
    ALL, WriteClients, WriteGroups, WriteOrganisations, WriteResources, WriteRoles, WriteSettings,
};
use crate::protocol::client::AuthMethod;
use crate::protocol::declared::{
    Declared, MemberChange, Note, Plan, Problem, SecretState, Section, Wanted, What, check, plan,
};
use present::Present;

/// A shorter secret could be guessed: 32 characters of the shortest alphabet in use (hexadecimal) are 128 bits.
const MIN_SECRET: usize = 32;

/// RFC 7518 §3.2: as long as the hash of HS512, or longer.
const MIN_HMAC_SECRET: usize = 64;

/// It goes with every request, in a header.
const MAX_SECRET: usize = 512;

/// The right to all of it, in the whole deployment.
#[derive(Clone, Debug)]
pub struct Permits {
    /// To settings.
    pub settings: Permit<WriteSettings>,
    /// To organisations.
    pub organisations: Permit<WriteOrganisations>,
    /// To resource servers.
    pub resources: Permit<WriteResources>,
    /// To roles, and to give them.
    pub roles: Permit<WriteRoles>,
    /// To groups.
    pub groups: Permit<WriteGroups>,
    /// To clients.
    pub clients: Permit<WriteClients>,
}

/// What is to be.
#[derive(Clone, Debug)]
pub struct Wish {
    /// What the file says.
    pub declared: Declared,
    /// What became of its references to secrets, by client: the secret, or why there is none.
    pub secrets: BTreeMap<String, Result<Secret<String>, String>>,
    /// What is not in the file goes.
    pub prune: bool,
}

/// Why nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotApplied {
    /// By now something else would have to be changed.
    Stale,
    /// This change may not be.
    Refused(String, Refused),
    /// Nobody would be left who may do everything.
    LastAdministrator,
    /// It cannot be done so, or not any more.
    Wrong(Vec<Problem>),
}

type Planned = Result<Result<Plan, Vec<Problem>>, Internal>;

impl Tessera {
    /// What is there, with references in the place of secrets. Clients that registered themselves are nobody's
    /// declaration.
    ///
    /// # Errors
    /// As the database says.
    pub async fn export_configuration(&self, permits: &Permits) -> Result<Declared, Internal> {
        let present = self.present(permits).await?;
        let mut declared = present.declared;
        if let Some(clients) = &mut declared.clients {
            clients.retain(|id, _| {
                !present
                    .by_themselves
                    .contains(&(Section::Clients, id.clone()))
            });
        }
        Ok(declared.with_references())
    }

    /// What would have to change.
    ///
    /// # Errors
    /// The inner ones say what is wrong with the wish; the outer one that the database does not answer.
    pub async fn plan_configuration(&self, permits: &Permits, wish: &Wish) -> Planned {
        let present = self.present(permits).await?;
        let plan = match self.plan_from(&present, wish) {
            Ok(plan) => plan,
            Err(problems) => return Ok(Err(problems)),
        };
        let problems = self.problems_here(wish, &plan).await?;
        Ok(if problems.is_empty() {
            Ok(plan)
        } else {
            Err(problems)
        })
    }

    async fn present(&self, permits: &Permits) -> Result<Present, Internal> {
        let (tessera, permits) = (self.clone(), permits.clone());
        // Under the lock of a writer: SQLite then shows one moment.
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move { Present::load(&tessera, tx, &permits).await })
            })
            .await
    }

    /// The plan by what was read: nothing else is asked.
    fn plan_from(&self, present: &Present, wish: &Wish) -> Result<Plan, Vec<Problem>> {
        let mut declared = wish.declared.clone();
        declared.forget_what_is_over(self.now());
        let mut problems = check(&declared, &present.declared, wish.prune);
        let mut secrets = BTreeMap::new();
        for (id, client) in declared.clients.iter().flatten() {
            let Some(found) = wish.secrets.get(id) else {
                continue;
            };
            let state = match found {
                Err(why) => SecretState::Unresolved(why.clone()),
                Ok(secret) => {
                    let method = client.metadata.token_endpoint_auth_method;
                    let state = present.state_of(id, secret, method);
                    if state == SecretState::Other
                        && let Some(what) = weakness(secret, method)
                    {
                        problems.push(Problem::of(Section::Clients, id, what));
                    }
                    state
                }
            };
            secrets.insert(id.clone(), state);
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut plan = plan(&Wanted {
            declared: &declared,
            present: &present.declared,
            versions: &present.versions,
            by_themselves: &present.by_themselves,
            secrets: &secrets,
            prune: wish.prune,
        })?;
        plan.notes
            .extend(self.unknown_resources(&declared, &present.declared));
        plan.notes.extend(unknown_permissions(&declared));
        Ok(plan)
    }

    /// What is wrong with what would come or change, as far as it depends on this installation or on what the clients
    /// publish. What stays as it is was right when it was made.
    async fn problems_here(&self, wish: &Wish, plan: &Plan) -> Result<Vec<Problem>, Internal> {
        let mut problems = Vec::new();
        for change in plan
            .changes
            .iter()
            .filter(|change| change.what != What::Removed)
        {
            let section = change.section;
            let found = match section {
                Section::ResourceServers => {
                    match entry(wish.declared.resource_servers.as_ref(), &change.key) {
                        Some(server) => self.resource_problems(server)?,
                        None => Vec::new(),
                    }
                }
                Section::Clients => match entry(wish.declared.clients.as_ref(), &change.key) {
                    Some(client) => {
                        let problem = problem(self, &client.metadata).await;
                        problem.into_iter().collect()
                    }
                    None => Vec::new(),
                },
                Section::Settings => self.fixed_elsewhere(&change.what),
                _ => Vec::new(),
            };
            problems.extend(
                found
                    .into_iter()
                    .map(|what| Problem::of(section, &change.name, what)),
            );
        }
        Ok(problems)
    }

    /// What would be written and never seen: the server's own file stands above it.
    fn fixed_elsewhere(&self, what: &What) -> Vec<String> {
        let What::Changed(members) = what else {
            return Vec::new();
        };
        let fixed = self.settings.fixed();
        let by = |change: &MemberChange| {
            let by = fixed.get(change.member.as_str())?;
            Some(format!(
                "{}: it is set by the configuration, {by}",
                change.member
            ))
        };
        members.iter().filter_map(by).collect()
    }

    /// Clients may ask for what nobody registered. It is more often a slip of the pen.
    fn unknown_resources(&self, wanted: &Declared, present: &Declared) -> Vec<Note> {
        let known = |identifier: &String| {
            *identifier == self.api()
                || [wanted, present].iter().any(|one| {
                    let servers = one.resource_servers.as_ref();
                    servers.is_some_and(|all| all.contains_key(identifier))
                })
        };
        let mut notes = Vec::new();
        for (id, client) in wanted.clients.iter().flatten() {
            for resource in client.metadata.resources.iter().filter(|one| !known(one)) {
                notes.push(Note {
                    section: Section::Clients,
                    name: id.clone(),
                    note: format!("resources: {resource} is no resource server that is registered"),
                });
            }
        }
        notes
    }
}

/// What a role may do elsewhere is not ours to know; of our own resources there is only so much to do.
fn unknown_permissions(wanted: &Declared) -> Vec<Note> {
    let all = ALL;
    let mut notes = Vec::new();
    for (name, role) in wanted.roles.iter().flatten() {
        for pattern in role.permissions.iter().filter(|one| !one.is_open()) {
            let text = pattern.to_string();
            let resource = text.split_once(':').map_or("", |(resource, _)| resource);
            let is_ours = all.iter().any(|one| one.resource() == resource);
            if is_ours && !all.iter().any(|one| pattern.gives(*one)) {
                notes.push(Note {
                    section: Section::Roles,
                    name: name.clone(),
                    note: format!("permissions: {text} is nothing that can be done here"),
                });
            }
        }
    }
    notes
}

fn entry<'a, T>(entries: Option<&'a BTreeMap<String, T>>, key: &str) -> Option<&'a T> {
    entries?.get(key)
}

/// Why a secret will not do, without a word of it.
fn weakness(secret: &Secret<String>, method: AuthMethod) -> Option<String> {
    let text = secret.expose();
    let least = match method {
        AuthMethod::ClientSecretJwt => MIN_HMAC_SECRET,
        _ => MIN_SECRET,
    };
    // RFC 6749 A.2: client-secret = *VSCHAR; a space would be lost at the next copy.
    let fits = (least..=MAX_SECRET).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic());
    (!fits).then(|| {
        format!("client_secret: the secret of the reference must be {least} to {MAX_SECRET} visible ASCII characters")
    })
}
