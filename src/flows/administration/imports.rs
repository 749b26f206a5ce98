//! People who come from another system, many at once. Every batch is one transaction, and what is there
//! already is left as it is: an import that was cut off is run again, and ends with everybody there once.

use std::collections::HashMap;
use std::sync::Arc;

use super::group_imports::GroupNames;
use crate::base::Digest;
use crate::base::ids::{OrganisationId, UserId, uuid_v7};
use crate::flows::groups::of_group;
use crate::flows::otp::SEED;
use crate::flows::{Internal, Tessera};
use crate::protocol::access::power::{WriteGroups, WriteRoles, WriteUsers};
use crate::protocol::access::{Permit, RoleName, Roles};
use crate::protocol::assurance::Method;
use crate::protocol::audit::{Event, Kind, Origin};
use crate::protocol::client::ClientId;
use crate::protocol::user_import::Person;
use crate::storage::groups::Group;
use crate::storage::imports::{self, Namesake};
use crate::storage::otp::{self, OtpDevice};
use crate::storage::role_grants::Holder;
use crate::storage::users::{self, Profile, User, comparable};
use crate::storage::{Reader, StorageError, Tx, clients, groups, organisations, roles};

const MARK: &str = "user-import";

/// Somebody beside us may take a name while a batch is written; then it is judged anew.
const TRIES: usize = 3;

/// What an import needs: it makes people, puts them into groups and gives them roles.
#[derive(Clone, Debug)]
pub struct MayImport {
    /// Makes them.
    pub users: Permit<WriteUsers>,
    /// Puts them into groups.
    pub groups: Permit<WriteGroups>,
    /// Makes the roles of another system, and gives them.
    pub roles: Permit<WriteRoles>,
    /// Whose names of groups these are.
    pub names: GroupNames,
}

/// A person, and where they stand in what is imported.
#[derive(Clone, Debug)]
pub struct Entry {
    /// In words: `line 17`.
    pub at: String,
    /// Who.
    pub person: Person,
    /// The roles that come with them.
    pub roles: Vec<RoleName>,
}

/// What came of some entries.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// How many are new.
    pub made: u64,
    /// How many an earlier run brought.
    pub known: u64,
    /// Who cannot be imported, where they stand and why.
    pub refused: Vec<(String, Vec<String>)>,
    /// What did not come along with somebody, where they stand and why.
    pub left: Vec<(String, String)>,
}

enum Judged {
    New(Place),
    Known,
    Wrong(Vec<String>),
}

struct Place {
    organisation: Option<OrganisationId>,
    /// Each with the name that it was found by.
    groups: Vec<(Group, String)>,
}

/// What comes with somebody who was made.
struct Newcomer<'a> {
    id: UserId,
    groups: Vec<(Group, String)>,
    entry: &'a Entry,
}

/// Names that were looked up in this batch.
#[derive(Default)]
pub(super) struct Looked {
    pub roles: Option<Roles>,
    organisations: HashMap<String, Option<OrganisationId>>,
    pub groups: HashMap<(Option<OrganisationId>, String), Result<Option<Group>, String>>,
}

impl Tessera {
    /// What would come of these entries. Two of them with one name are not told apart from one.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn check_import(
        &self,
        may: &MayImport,
        entries: &[Entry],
    ) -> Result<Tally, Internal> {
        let (mut reader, mut looked) = (&self.store, Looked::default());
        let mut tally = Tally::default();
        for entry in entries {
            let mark = self.mark(&entry.person)?;
            let judged = self
                .judge(&mut reader, may, &mut looked, &entry.person, &mark)
                .await?;
            tally.count(&entry.at, judged);
        }
        Ok(tally)
    }

    /// Makes the accounts of those who can be imported, in one transaction.
    ///
    /// # Errors
    /// If nothing was written.
    pub async fn import_people(
        &self,
        may: &MayImport,
        entries: Arc<Vec<Entry>>,
        origin: &Origin,
    ) -> Result<Tally, Internal> {
        let mut tries = 0;
        loop {
            tries += 1;
            let (tessera, may) = (self.clone(), may.clone());
            let (entries, origin) = (Arc::clone(&entries), origin.clone());
            let written = self
                .store
                .write::<_, Internal, _>(move |tx| {
                    Box::pin(async move { tessera.import_batch(tx, &may, &entries, &origin).await })
                })
                .await;
            match written {
                Err(Internal::Storage(StorageError::Conflict | StorageError::InUse))
                    if tries < TRIES => {}
                done => return done,
            }
        }
    }

    /// Records that an import was finished: of what, and how it ended.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn record_import(
        &self,
        may: &MayImport,
        (digest, made, known, refused): (&str, u64, u64, u64),
        origin: Origin,
    ) -> Result<(), Internal> {
        let event = Event::new(Kind::Import, may.users.actor().clone())
            .with("sha256", digest)
            .with("imported", made)
            .with("already_there", known)
            .with("refused", refused);
        self.record_alone(event, origin).await
    }

    async fn import_batch(
        &self,
        tx: &mut Tx<'_>,
        may: &MayImport,
        entries: &[Entry],
        origin: &Origin,
    ) -> Result<Tally, Internal> {
        let (mut tally, mut looked) = (Tally::default(), Looked::default());
        let mut newcomers = Vec::new();
        for entry in entries {
            let mark = self.mark(&entry.person)?;
            let judged = self
                .judge(tx, may, &mut looked, &entry.person, &mark)
                .await?;
            if let Judged::New(place) = &judged {
                let user = self.imported(&entry.person, place.organisation);
                self.insert_imported(tx, (&user, &entry.person, &mark), may, origin)
                    .await?;
                let (id, groups) = (user.id, place.groups.clone());
                newcomers.push(Newcomer { id, groups, entry });
            }
            tally.count(&entry.at, judged);
        }
        if newcomers
            .iter()
            .any(|one| !one.groups.is_empty() || !one.entry.roles.is_empty())
        {
            // The order of locks: roles after accounts.
            roles::lock(tx).await?;
            self.welcome(tx, may, newcomers, &mut tally, origin).await?;
        }
        Ok(tally)
    }

    /// Puts people into their groups and gives them their roles. Under the lock of roles everything is asked
    /// again: what gave nothing when it was looked up may give something by now.
    async fn welcome(
        &self,
        tx: &mut Tx<'_>,
        may: &MayImport,
        newcomers: Vec<Newcomer<'_>>,
        tally: &mut Tally,
        origin: &Origin,
    ) -> Result<(), Internal> {
        let (brought, mut open) = (self.brought(tx, may).await?, HashMap::new());
        for one in newcomers {
            for (group, name) in one.groups {
                let takes_in = if let Some(known) = open.get(&name) {
                    *known
                } else {
                    let takes_in = self.takes_in(tx, may, (&group, &name)).await?;
                    open.insert(name.clone(), takes_in);
                    takes_in
                };
                if !takes_in {
                    tally.leave(
                        one.entry,
                        format!("the group {name}: it holds a role by now"),
                    );
                    continue;
                }
                groups::add_member(tx, group.id, one.id).await?;
                let event = of_group(&may.groups, &group, "member_added", Some(one.id));
                self.record(tx, &event, origin);
            }
            for role in &one.entry.roles {
                let Some(proof) = brought.find(role) else {
                    tally.leave(
                        one.entry,
                        format!("the role {role}: it means something else here"),
                    );
                    continue;
                };
                let given = (&proof, Holder::User(one.id));
                self.give_brought(tx, may, given, origin).await?;
            }
        }
        Ok(())
    }

    async fn insert_imported(
        &self,
        tx: &mut Tx<'_>,
        (user, person, mark): (&User, &Person, &Digest),
        may: &MayImport,
        origin: &Origin,
    ) -> Result<(), Internal> {
        let now = self.now();
        users::insert(tx, user).await?;
        if user.disabled {
            users::set_disabled(tx, user.id, Some(now), now).await?;
        }
        imports::insert(tx, user.id, mark, now).await?;
        for seed in &person.seeds {
            let device = OtpDevice {
                id: uuid_v7(now, &self.entropy),
                user_id: user.id,
                kind: Method::Totp,
                name: seed.name.clone(),
                sealed: self.master.seal(SEED, seed.seed.expose())?,
                digits: seed.digits.into(),
                position: 0,
                created_at: now,
                last_used_at: None,
            };
            otp::insert(tx, &device).await?;
        }
        let event = Event::new(Kind::UserImported, may.users.actor().clone())
            .with("user_id", user.id)
            .with("organisation_id", user.organisation)
            .with("password", user.password_hash.is_some())
            .with("authenticator_apps", person.seeds.len());
        self.record(tx, &event, origin);
        Ok(())
    }

    fn imported(&self, person: &Person, organisation: Option<OrganisationId>) -> User {
        let (now, of) = (self.now(), &person.described);
        User {
            id: person.id.unwrap_or_else(|| UserId::new(now, &self.entropy)),
            username: of.username.clone(),
            email: of.email.clone(),
            email_verified: of.email_verified,
            profile: Profile(of.profile.clone()),
            password_hash: person
                .password
                .as_ref()
                .map(|hash| hash.as_phc().to_owned()),
            password_by_mail: false,
            organisation,
            version: 1,
            created_at: now,
            updated_at: now,
            disabled: !of.enabled,
            delete_at: None,
        }
    }

    /// Names what was imported, so that it is known again. A MAC: the hash of a password goes into it, and
    /// stays nowhere else once its owner has signed in.
    fn mark(&self, person: &Person) -> Result<Digest, Internal> {
        let text = person.canonical();
        let mac = self.master.mac(MARK, &[text.expose().as_bytes()])?;
        Ok(Digest::of(&mac))
    }

    async fn judge(
        &self,
        reader: &mut impl Reader,
        may: &MayImport,
        looked: &mut Looked,
        person: &Person,
        mark: &Digest,
    ) -> Result<Judged, Internal> {
        let of = &person.described;
        let there = imports::namesakes(reader, &of.username, &of.email, person.id).await?;
        if there.iter().any(|one| one.mark == Some(*mark)) {
            return Ok(Judged::Known);
        }
        let mut wrong = taken(person, &there);
        if let Some(id) = person.id {
            let client = ClientId::new(id.to_string());
            if clients::find(reader, &client, self.now()).await?.is_some() {
                wrong.push("sub: is the client_id of a client".to_owned());
            }
        }
        let organisation = match self.organisation_of(reader, may, looked, person).await? {
            Ok(organisation) => organisation,
            Err(why) => {
                wrong.push(why);
                return Ok(Judged::Wrong(wrong));
            }
        };
        let mut groups = Vec::new();
        for name in &of.groups {
            let asked = (organisation, name.as_str());
            match self.group_named(reader, may, looked, asked).await? {
                Ok(group) => groups.extend(group.map(|group| (group, name.clone()))),
                Err(why) => wrong.push(why),
            }
        }
        Ok(if wrong.is_empty() {
            Judged::New(Place {
                organisation,
                groups,
            })
        } else {
            Judged::Wrong(wrong)
        })
    }

    async fn organisation_of(
        &self,
        reader: &mut impl Reader,
        may: &MayImport,
        looked: &mut Looked,
        person: &Person,
    ) -> Result<Result<Option<OrganisationId>, String>, Internal> {
        let within = may.users.within();
        let Some(name) = &person.described.organisation else {
            return Ok(Ok(within.organisation()));
        };
        let id = if let Some(id) = looked.organisations.get(name) {
            *id
        } else {
            let found = organisations::find_by_name(reader, name).await?;
            let id = found.map(|one| one.id).filter(|id| within.holds(Some(*id)));
            looked.organisations.insert(name.clone(), id);
            id
        };
        Ok(id
            .map(Some)
            .ok_or_else(|| format!("organisation: there is none called {name}")))
    }
}

impl Tally {
    fn leave(&mut self, entry: &Entry, why: String) {
        self.left.push((entry.at.clone(), why));
    }

    fn count(&mut self, at: &str, judged: Judged) {
        match judged {
            Judged::New(_) => self.made += 1,
            Judged::Known => self.known += 1,
            Judged::Wrong(why) => self.refused.push((at.to_owned(), why)),
        }
    }
}

/// Which of their names somebody has already.
fn taken(person: &Person, there: &[Namesake]) -> Vec<String> {
    let (username, email) = (
        comparable(&person.described.username),
        comparable(&person.described.email),
    );
    let has = |key: &str| {
        let mut all = there.iter();
        all.any(|one| one.username_key == key || one.email_key == key)
    };
    let mut wrong = Vec::new();
    if has(&username) && username != email {
        wrong.push("username: is taken".to_owned());
    }
    if has(&email) {
        wrong.push("email: is taken".to_owned());
    }
    if there.iter().any(|one| Some(one.id) == person.id) {
        wrong.push("sub: is taken".to_owned());
    }
    wrong
}
