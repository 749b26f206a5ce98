//! Tickets: an authorization request on its way through the sign-in pages, carried by the browser
//! and authenticated by us. No row is written for a stranger, and any number of tabs works.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Internal, Tessera};
use crate::base::{Digest, Timestamp};
use crate::protocol::params::Params;

/// How long a person may take from the first page to the last. An hour covers a lunch break and a
/// mail that comes late; the client's own state rarely lives longer.
const LIFETIME: Duration = Duration::from_hours(1);

/// How a request came: when, and in which browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When it first arrived: prompts are answered by what happened since.
    pub asked_at: Timestamp,
    /// The browser's own cookie, hashed.
    pub browser: Digest,
    /// Whether a signed request object said what was asked. Its signature is verified once, so tickets
    /// remember it: else a client that must sign could not get past the first page, or could be asked
    /// for anything with a ticket that was made for another page.
    pub signed: bool,
}

/// A request that was checked once and is checked again when it comes back.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// The parameters as they came.
    pub query: String,
    /// How they came. In another browser than the one that it was made for, a ticket is no more than
    /// the link that it began as: it arrives now. Else a stranger could keep one ready and have it
    /// answered by what the person does for another request.
    pub arrival: Arrival,
}

impl Tessera {
    /// A ticket for a request.
    ///
    /// # Errors
    /// If the MAC cannot be computed.
    pub fn make_ticket(&self, params: &Params, arrival: Arrival) -> Result<String, Internal> {
        let signed = if arrival.signed { SIGNED } else { UNSIGNED };
        let micros = arrival.asked_at.micros();
        let body = format!("{micros}.{signed}.{}", params.encode());
        let mac = self.master.mac("ticket", &[body.as_bytes()])?;
        let bound = self
            .master
            .mac(BOUND, &bound_parts(&body, &arrival.browser))?;
        Ok([body.as_bytes(), &mac, &bound]
            .map(|part| URL_SAFE_NO_PAD.encode(part))
            .join("."))
    }

    /// Opens a ticket in `browser`; `None` if it is not ours, was changed or is too old.
    ///
    /// # Errors
    /// If the MAC cannot be computed.
    pub fn open_ticket(&self, text: &str, browser: Digest) -> Result<Option<Ticket>, Internal> {
        // All of it or nothing: what is appended to a ticket would travel on in our redirects.
        let parts: Option<Vec<Vec<u8>>> = text
            .split('.')
            .map(|part| URL_SAFE_NO_PAD.decode(part).ok())
            .collect();
        let parts = parts.unwrap_or_default();
        let [body, mac, bound] = &parts[..] else {
            return Ok(None);
        };
        if !self.master.mac_is("ticket", &[body], mac)? {
            return Ok(None);
        }
        let Ok(body) = std::str::from_utf8(body) else {
            return Ok(None);
        };
        let mut parts = body.splitn(3, '.');
        let (Some(asked_at), Some(signed), Some(query)) =
            (parts.next(), parts.next(), parts.next())
        else {
            return Ok(None);
        };
        let Ok(micros) = asked_at.parse() else {
            return Ok(None);
        };
        let (asked_at, now) = (Timestamp::from_micros(micros), self.now());
        if now.since(asked_at) >= LIFETIME {
            return Ok(None);
        }
        let same = self
            .master
            .mac_is(BOUND, &bound_parts(body, &browser), bound)?;
        Ok(Some(Ticket {
            query: query.to_owned(),
            arrival: Arrival {
                asked_at: if same { asked_at } else { now },
                browser,
                signed: signed == SIGNED,
            },
        }))
    }
}

const BOUND: &str = "ticket-browser";

const SIGNED: &str = "signed";
const UNSIGNED: &str = "unsigned";

fn bound_parts<'a>(body: &'a str, browser: &'a Digest) -> [&'a [u8]; 2] {
    [body.as_bytes(), browser.as_bytes()]
}
