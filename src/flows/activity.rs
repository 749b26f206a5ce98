//! What happened to an account, for its owner; and everything that is kept about a person.

use serde_json::{Map, Value, json};

use super::assurance::RecentlyAuthenticated;
use super::session::SignedIn;
use super::{Internal, Tessera};
use crate::base::Timestamp;
use crate::base::ids::EventId;
use crate::protocol::assurance::Method;
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::storage::events::{self, Stored};
use crate::storage::{consents, devices, groups, organisations, passkeys, sessions};

/// One thing that happened.
#[derive(Clone, Debug)]
pub struct Happening {
    /// Which: the next page begins after it.
    pub id: EventId,
    /// When.
    pub at: Timestamp,
    /// What: the stable name of a [`Kind`].
    pub kind: String,
    /// Whether it worked.
    pub worked: bool,
    /// From which address.
    pub address: Option<String>,
    /// Further facts, by name.
    pub facts: Map<String, Value>,
}

/// How many events are read at once for an export.
const BATCH: i64 = 500;

impl Tessera {
    /// At most `limit` things that happened to the person's account, newest first, those before `before`.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn activity(
        &self,
        signed_in: &SignedIn,
        before: Option<EventId>,
        limit: i64,
    ) -> Result<Vec<Happening>, Internal> {
        let mut reader = &self.store;
        let stored = events::of_user(&mut reader, signed_in.user().id, before, limit).await?;
        Ok(stored.into_iter().filter_map(read).collect())
    }

    /// Everything that is kept about the person, in a form that machines read (GDPR Art. 15 and 20). No
    /// secret: neither hashes nor tokens.
    ///
    /// # Errors
    /// If the database does not answer, or the export could not be recorded.
    pub async fn export(
        &self,
        recent: &RecentlyAuthenticated,
        origin: Origin,
    ) -> Result<Value, Internal> {
        let signed_in = recent.person();
        let user = signed_in.user();
        let mut reader = &self.store;
        let event = Event::new(Kind::DataExported, Actor::User(user.id));
        self.record_alone(event, origin).await?;
        let live = sessions::of_user(&mut reader, user.id, self.now()).await?;
        let sessions: Vec<Value> = live
            .iter()
            .map(|session| {
                json!({
                    "id": session.id,
                    "device": session.user_agent,
                    "address": session.address,
                    "proofs": session.proofs,
                    "began_at": session.created_at.rfc3339(),
                    "last_seen_at": session.last_seen_at.rfc3339(),
                    "ends_at": session.expires_at.rfc3339(),
                })
            })
            .collect();
        let ways: Vec<&str> = self
            .capabilities(&mut reader, user)
            .await?
            .usable
            .iter()
            .map(|way| way.method.as_str())
            .collect();
        let devices: Vec<Value> = devices::of_user(&mut reader, user.id, self.now())
            .await?
            .into_iter()
            .map(|(known_since, until)| {
                json!({ "known_since": known_since.rfc3339(), "until": until.rfc3339() })
            })
            .collect();
        let mut applications = Vec::new();
        for consent in consents::of_user(&mut reader, user.id).await? {
            let client = self.client(&consent.client_id).await?;
            applications.push(json!({
                "client_id": consent.client_id.as_str(),
                "name": client.map(|client| client.name_in("en").to_owned()),
                "scope": consent.scope.to_string(),
                "resources": consent.resources,
                "allowed_at": consent.granted_at.rfc3339(),
            }));
        }
        let organisation = match user.organisation {
            Some(id) => organisations::find(&mut reader, id).await?,
            None => None,
        };
        let groups = groups::of_user(&mut reader, user.id).await?;
        let groups: Vec<String> = groups.into_iter().map(|group| group.name).collect();
        Ok(json!({
            "issuer": self.issuer(),
            "exported_at": self.now().rfc3339(),
            "account": {
                "sub": user.id,
                "username": user.username,
                "email": user.email,
                "email_verified": user.email_verified,
                "pending_email": self.pending_email(signed_in).await?,
                "created_at": user.created_at.rfc3339(),
                "updated_at": user.updated_at.rfc3339(),
                "organisation": organisation.map(|of| json!({ "name": of.name, "title": of.title })),
                "groups": groups,
                "roles": self.roles_of(user.id).await?,
            },
            "profile": user.profile,
            "ways_to_sign_in": ways,
            "factors": self.factors_of(signed_in).await?,
            "sessions": sessions,
            "devices": devices,
            "applications": applications,
            "events": self.all_events(signed_in).await?,
        }))
    }

    /// What the person has set up, without what is secret of it.
    async fn factors_of(&self, person: &SignedIn) -> Result<Value, Internal> {
        let (mut reader, user) = (&self.store, person.user().id);
        let time = |at: Option<Timestamp>| at.map(Timestamp::rfc3339);
        let passkeys = passkeys::of_user(&mut reader, user).await?;
        let passkeys: Vec<Value> = passkeys
            .into_iter()
            .map(|one| {
                json!({
                    "name": one.name,
                    "model": self.passkey_model(one.aaguid),
                    "on_several_devices": one.credential.is_backup_eligible(),
                    "since": one.created_at.rfc3339(),
                    "last_used_at": time(one.last_used_at),
                    "blocked_at": time(one.suspended_at),
                })
            })
            .collect();
        let (mut apps, mut hardware) = (Vec::new(), Vec::new());
        for one in self.code_devices(user).await? {
            let told = json!({
                "name": one.name,
                "since": one.created_at.rfc3339(),
                "last_used_at": time(one.last_used_at),
            });
            match one.kind {
                Method::Totp => apps.push(told),
                _ => hardware.push(told),
            }
        }
        let telephone = self.telephone(&mut reader, user).await?;
        let recovery = self.recovery_under_way(person).await?;
        Ok(json!({
            "passkeys": passkeys,
            "authenticator_apps": apps,
            "hardware_tokens": hardware,
            "telephone": telephone.map(|telephone| json!({
                "number": telephone.number.as_str(),
                "since": telephone.since.rfc3339(),
            })),
            "recovery_codes_left": self.recovery_codes_left(user).await?,
            "recovery_under_way": recovery.map(|one| json!({
                "by_operator": one.by_operator,
                "began_at": one.began_at.rfc3339(),
                "ready_at": one.ready_at.rfc3339(),
                "expires_at": one.expires_at.rfc3339(),
            })),
        }))
    }

    async fn all_events(&self, signed_in: &SignedIn) -> Result<Vec<Value>, Internal> {
        let mut reader = &self.store;
        let (mut all, mut before) = (Vec::new(), None);
        loop {
            let page = events::of_user(&mut reader, signed_in.user().id, before, BATCH).await?;
            before = page.last().map(|last| last.id);
            all.extend(
                page.iter()
                    .filter_map(|event| serde_json::from_str(&event.body).ok()),
            );
            if before.is_none() {
                return Ok(all);
            }
        }
    }
}

fn read(stored: Stored) -> Option<Happening> {
    let mut facts: Map<String, Value> = serde_json::from_str(&stored.body).ok()?;
    let mut text = |name: &str| match facts.remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    Some(Happening {
        id: stored.id,
        at: stored.at,
        kind: text("kind")?,
        worked: text("outcome")? == "success",
        address: text("address"),
        facts,
    })
}
