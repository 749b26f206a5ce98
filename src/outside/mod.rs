//! Floor 3, beside storage: the ways in which Tessera speaks first.
//!
//! `http` is the only user of reqwest and `mail` the only user of lettre.

pub mod addresses;
pub mod captcha;
pub mod http;
pub mod mail;
pub mod syslog;
pub mod texts;

pub use addresses::is_public;
pub use captcha::Captcha;
pub use http::{Fetched, Outbound, OutboundError};
pub use mail::{MailError, Mailer, Message};
pub use texts::{TextMessage, Texter};
