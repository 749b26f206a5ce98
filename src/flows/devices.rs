//! Devices that signed in before: the cookie that says which one, and the accounts it is known for.
//!
//! The cookie is a MAC over the device and the number of the value, so that a made-up one is refused before
//! any look-up. Each sign-in gives it the next value. One that was replaced comes back only from a copy.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::admission::Visit;
use super::{Internal, Tessera};
use crate::base::Secret;
use crate::base::ids::{UserId, uuid_v7};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::device::{Rotation, Standing, standing};
use crate::storage::{Tx, devices};

/// A device is known for as long as its cookie can live.
const LIFETIME: Duration = Duration::from_hours(9600);

/// What the cookie is for: a MAC of anything else is none of its values.
const PURPOSE: &str = "known-device";

/// A value that is certainly ours.
#[derive(Clone, Copy)]
struct Shown {
    id: Uuid,
    generation: i64,
}

/// How a sign-in left the device.
#[derive(Default)]
pub(super) struct Met {
    /// What its cookie is from now on, where that changed.
    pub cookie: Option<Secret<String>>,
    /// It was not known for this account before.
    pub new: bool,
}

impl Tessera {
    fn device_cookie(&self, id: Uuid, generation: i64) -> Result<Secret<String>, Internal> {
        let (id, generation) = (id.as_bytes(), generation.to_be_bytes());
        let mac = self.master.mac(PURPOSE, &[id, &generation])?;
        let value = [id.as_slice(), &generation, &mac].concat();
        Ok(Secret::new(URL_SAFE_NO_PAD.encode(value)))
    }

    /// What a cookie says, if it is one of ours.
    fn shown(&self, cookie: Option<&Secret<String>>) -> Result<Option<Shown>, Internal> {
        let decoded = cookie.and_then(|cookie| URL_SAFE_NO_PAD.decode(cookie.expose()).ok());
        let Some((id, rest)) = decoded.as_deref().and_then(<[u8]>::split_first_chunk) else {
            return Ok(None);
        };
        let Some((generation, mac)) = rest.split_first_chunk() else {
            return Ok(None);
        };
        let is_ours = self.master.mac_is(PURPOSE, &[id, generation], mac)?;
        Ok(is_ours.then(|| Shown {
            id: Uuid::from_bytes(*id),
            generation: i64::from_be_bytes(*generation),
        }))
    }

    /// Which device a cookie names, whether it is known or not.
    ///
    /// # Errors
    /// If the MAC cannot be computed.
    pub(super) fn named_device(
        &self,
        cookie: Option<&Secret<String>>,
    ) -> Result<Option<Uuid>, Internal> {
        Ok(self.shown(cookie)?.map(|shown| shown.id))
    }

    /// The device of a visit, if this person signed in on it before. A copy of an old cookie ends it: for
    /// whoever holds the newer value too, because nobody can tell which of the two is the thief.
    ///
    /// # Errors
    /// If the database does not answer.
    pub(super) async fn known_device(
        &self,
        user: Option<UserId>,
        visit: &Visit,
        origin: &Origin,
    ) -> Result<Option<Uuid>, Internal> {
        let Some(shown) = self.shown(visit.device.as_ref())? else {
            return Ok(None);
        };
        let (mut reader, now) = (&self.store, self.now());
        let Some(known) = devices::find(&mut reader, shown.id, now).await? else {
            return Ok(None);
        };
        if standing(shown.generation, known, now) == Standing::Replayed {
            let (tessera, origin) = (self.clone(), origin.clone());
            self.store
                .write::<_, Internal, _>(move |tx| {
                    Box::pin(async move { tessera.end_device(tx, shown.id, &origin).await })
                })
                .await?;
            return Ok(None);
        }
        let Some(user) = user else {
            return Ok(None);
        };
        let is_theirs = devices::knows(&mut reader, shown.id, user, now).await?;
        Ok(is_theirs.then_some(shown.id))
    }

    /// Remembers that somebody signed in here, and gives the cookie its next value. Who goes on in a session
    /// that they have (`renewed`) keeps it.
    ///
    /// # Errors
    /// If it could not be written.
    pub(super) async fn meet_device(
        &self,
        tx: &mut Tx<'_>,
        user: UserId,
        (visit, renewed): (&Visit, bool),
        origin: &Origin,
    ) -> Result<Met, Internal> {
        let now = self.now();
        let mut next = Shown {
            id: uuid_v7(now, &self.entropy),
            generation: 1,
        };
        let (mut is_known, mut is_next) = (false, true);
        if let Some(shown) = self.shown(visit.device.as_ref())?
            && let Some(known) = devices::lock(tx, shown.id, now).await?
        {
            let stands = standing(shown.generation, known, now);
            if stands == Standing::Replayed {
                self.end_device(tx, shown.id, origin).await?;
            } else {
                is_known = devices::knows(tx, shown.id, user, now).await?;
                if is_known && renewed {
                    return Ok(Met::default());
                }
                is_next = stands == Standing::Newest;
                next = Shown {
                    id: shown.id,
                    generation: if is_next {
                        shown.generation + 1
                    } else {
                        // The same for both tabs, in whichever order the answers arrive.
                        known.generation
                    },
                };
            }
        }
        if is_next {
            self.rotate_device(tx, next).await?;
        }
        devices::know(tx, next.id, user, now, now + LIFETIME).await?;
        Ok(Met {
            cookie: Some(self.device_cookie(next.id, next.generation)?),
            new: !is_known,
        })
    }

    /// A device that is new, known for one account.
    ///
    /// # Errors
    /// If it could not be written.
    pub(super) async fn introduce_device(
        &self,
        tx: &mut Tx<'_>,
        user: UserId,
    ) -> Result<Secret<String>, Internal> {
        let new = Shown {
            id: uuid_v7(self.now(), &self.entropy),
            generation: 1,
        };
        self.rotate_device(tx, new).await?;
        let now = self.now();
        devices::know(tx, new.id, user, now, now + LIFETIME).await?;
        self.device_cookie(new.id, new.generation)
    }

    async fn rotate_device(&self, tx: &mut Tx<'_>, device: Shown) -> Result<(), Internal> {
        let now = self.now();
        let to = Rotation {
            generation: device.generation,
            rotated_at: now,
        };
        Ok(devices::rotate(tx, device.id, to, now + LIFETIME).await?)
    }

    /// Its cookie was copied: it is known for nobody any more, and everybody whom it was known for sees it
    /// among their events.
    async fn end_device(
        &self,
        tx: &mut Tx<'_>,
        device: Uuid,
        origin: &Origin,
    ) -> Result<(), Internal> {
        for user in devices::end(tx, device).await? {
            let event = Event::new(Kind::DeviceReplayed, Actor::Anonymous).with("user_id", user);
            self.record(tx, &event, origin);
        }
        metrics::counter!("tessera_device_replays_total").increment(1);
        Ok(())
    }
}
