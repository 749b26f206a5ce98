//! Tickets: an authorization request on its way through the sign-in pages, carried by the browser
//! and authenticated by us. No row is written for a stranger, and any number of tabs works.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Internal, Tessera};
use crate::base::Timestamp;
use crate::protocol::params::Params;

/// How long a person may take from the first page to the last. An hour covers a lunch break and a
/// mail that comes late; the client's own state rarely lives longer.
const LIFETIME: Duration = Duration::from_hours(1);

/// A request that was checked once and is checked again when it comes back.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// The parameters as they came.
    pub query: String,
    /// When the request first arrived: prompts are answered by what happened since.
    pub asked_at: Timestamp,
}

impl Tessera {
    /// A ticket for a request that arrived at `asked_at`.
    ///
    /// # Errors
    /// If the MAC cannot be computed.
    pub fn make_ticket(&self, params: &Params, asked_at: Timestamp) -> Result<String, Internal> {
        let body = format!("{}.{}", asked_at.micros(), params.encode());
        let mac = self.master.mac("ticket", &[body.as_bytes()])?;
        Ok(format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(body),
            URL_SAFE_NO_PAD.encode(mac)
        ))
    }

    /// Opens a ticket; `None` if it is not ours, was changed or is too old.
    ///
    /// # Errors
    /// If the MAC cannot be computed.
    pub fn open_ticket(&self, text: &str) -> Result<Option<Ticket>, Internal> {
        let Some((body, mac)) = text.split_once('.') else {
            return Ok(None);
        };
        let (Ok(body), Ok(mac)) = (URL_SAFE_NO_PAD.decode(body), URL_SAFE_NO_PAD.decode(mac))
        else {
            return Ok(None);
        };
        if !self.master.mac_is("ticket", &[&body], &mac)? {
            return Ok(None);
        }
        let parsed = String::from_utf8(body).ok().and_then(|body| {
            let (asked_at, query) = body.split_once('.')?;
            Some(Ticket {
                query: query.to_owned(),
                asked_at: Timestamp::from_micros(asked_at.parse().ok()?),
            })
        });
        Ok(parsed.filter(|ticket| self.now().since(ticket.asked_at) < LIFETIME))
    }
}
