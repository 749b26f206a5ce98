//! What belongs to a person: sessions, ways to sign in, and what they allowed.

use uuid::Uuid;

use super::{Done, Refused};
use crate::base::Timestamp;
use crate::base::ids::{SessionId, UserId};
use crate::flows::factors::By;
use crate::flows::session::Ending;
use crate::flows::{Internal, Tessera};
use crate::protocol::access::Permit;
use crate::protocol::access::power::{ReadSessions, ReadUsers, WriteSessions, WriteUsers};
use crate::protocol::assurance::Method;
use crate::protocol::audit::{Event, Kind, Origin};
use crate::protocol::client::ClientId;
use crate::storage::consents::{self, Consent};
use crate::storage::endings::Which;
use crate::storage::sessions::{self, Session};
use crate::storage::{grants, otp, passkeys, phones, recovery, users};

/// A way to sign in that a person set up.
#[derive(Clone, Debug)]
pub struct Credential {
    /// Names it.
    pub id: Uuid,
    /// What it is.
    pub method: Method,
    /// What its owner calls it.
    pub name: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When it last opened a door.
    pub last_used_at: Option<Timestamp>,
}

/// All ways in which a person can prove who they are.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// There is a password.
    pub password: bool,
    /// There is a telephone for codes.
    pub phone: bool,
    /// How many recovery codes are left.
    pub recovery_codes: i64,
    /// Passkeys, and what makes one-time codes.
    pub devices: Vec<Credential>,
}

impl Tessera {
    /// The live sessions of a person whom the caller may see.
    ///
    /// # Errors
    /// As the database says.
    pub async fn list_sessions(
        &self,
        permit: &Permit<ReadSessions>,
        user: UserId,
    ) -> Result<Option<Vec<Session>>, Internal> {
        if self.user_within(permit, user).await?.is_none() {
            return Ok(None);
        }
        let mut reader = &self.store;
        Ok(Some(
            sessions::of_user(&mut reader, user, self.now()).await?,
        ))
    }

    /// Ends one session of a person, or all.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn end_sessions_of(
        &self,
        permit: Permit<WriteSessions>,
        user: UserId,
        session: Option<SessionId>,
        origin: Origin,
    ) -> Done<()> {
        let tessera = self.clone();
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    // Nobody keeps those out who could take their roles.
                    if let Err(refused) = tessera.may_change(tx, &permit, user, None).await? {
                        return Ok(Err(refused));
                    }
                    let which = session.map_or(Which::AllOf(user), |id| Which::One(id, user));
                    let ending = Ending::EndedByOperator;
                    let actor = permit.actor();
                    let ended = tessera
                        .end_sessions(tx, which, ending, actor, &origin)
                        .await?;
                    Ok(if session.is_some() && ended.is_empty() {
                        Err(Refused::Absent)
                    } else {
                        Ok(())
                    })
                })
            })
            .await
    }

    /// How a person whom the caller may see can prove who they are.
    ///
    /// # Errors
    /// As the database says.
    pub async fn credentials_of(
        &self,
        permit: &Permit<ReadUsers>,
        id: UserId,
    ) -> Result<Option<Credentials>, Internal> {
        let Some(user) = self.user_within(permit, id).await? else {
            return Ok(None);
        };
        let mut reader = &self.store;
        let keys = passkeys::of_user(&mut reader, id).await?;
        let codes = otp::of_user(&mut reader, id).await?;
        let keys = keys.into_iter().map(|key| Credential {
            id: key.id,
            method: Method::Passkey,
            name: key.name,
            created_at: key.created_at,
            last_used_at: key.last_used_at,
        });
        let codes = codes.into_iter().map(|device| Credential {
            id: device.id,
            method: device.kind,
            name: device.name,
            created_at: device.created_at,
            last_used_at: device.last_used_at,
        });
        Ok(Some(Credentials {
            password: user.password_hash.is_some(),
            phone: phones::find(&mut reader, id).await?.is_some(),
            recovery_codes: recovery::left(&mut reader, id).await?,
            devices: keys.chain(codes).collect(),
        }))
    }

    /// Takes a passkey or a device away from a person, with what it proved. They are told by a letter.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn remove_credential(
        &self,
        permit: Permit<WriteUsers>,
        id: UserId,
        credential: Uuid,
        origin: Origin,
    ) -> Done<()> {
        let tessera = self.clone();
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let user = match tessera.may_change(tx, &permit, id, None).await? {
                        Ok(user) => user,
                        Err(refused) => return Ok(Err(refused)),
                    };
                    let locale = user.profile.0.get("locale").and_then(|one| one.as_str());
                    let by = By {
                        actor: permit.actor().clone(),
                        lang: locale.unwrap_or("en"),
                        origin: &origin,
                    };
                    let keys = passkeys::of_user(tx, id).await?;
                    if let Some(key) = keys.iter().find(|key| key.id == credential) {
                        passkeys::delete(tx, key.id).await?;
                        let gone = (Method::Passkey, Some(key.id));
                        tessera.factor_gone(tx, &user, gone, by).await?;
                        return Ok(Ok(()));
                    }
                    let devices = otp::of_user(tx, id).await?;
                    let Some(device) = devices.iter().find(|device| device.id == credential) else {
                        return Ok(Err(Refused::Absent));
                    };
                    tessera.remove_device(tx, &user, device, by).await?;
                    Ok(Ok(()))
                })
            })
            .await
    }

    /// What a person whom the caller may see allowed applications.
    ///
    /// # Errors
    /// As the database says.
    pub async fn consents_of(
        &self,
        permit: &Permit<ReadUsers>,
        user: UserId,
    ) -> Result<Option<Vec<Consent>>, Internal> {
        if self.user_within(permit, user).await?.is_none() {
            return Ok(None);
        }
        let mut reader = &self.store;
        Ok(Some(consents::of_user(&mut reader, user).await?))
    }

    /// Takes back what a person allowed an application, with everything that came from it.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn revoke_consent(
        &self,
        permit: Permit<WriteUsers>,
        id: UserId,
        client: ClientId,
        origin: Origin,
    ) -> Done<()> {
        let (tessera, now) = (self.clone(), self.now());
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let locked = users::lock(tx, id).await?;
                    if !locked.is_some_and(|user| permit.within().holds(user.organisation)) {
                        return Ok(Err(Refused::Absent));
                    }
                    let remembered = consents::delete(tx, id, &client).await?;
                    let reason = "consent_revoked";
                    let ended = grants::end_for_client(tx, id, &client, now, reason).await?;
                    if !remembered && ended == 0 {
                        return Ok(Err(Refused::Absent));
                    }
                    let event = Event::new(Kind::ConsentRevoked, permit.actor().clone())
                        .with("user_id", id)
                        .with("client_id", &client);
                    tessera.record(tx, &event, &origin);
                    Ok(Ok(()))
                })
            })
            .await
    }
}
