//! Outgoing mail, and the only user of lettre.

use std::time::Duration;

use lettre::address::AddressError;
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};

use crate::config::{Issuer, MailConfig};

/// How long one step of the conversation with the mail server may take. RFC 5321 §4.5.3.2 allows
/// minutes, but for relays between strangers; ours is near, and the queue tries again.
const STEP_TIMEOUT: Duration = Duration::from_secs(20);

/// A message to one person.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// One address, `name@host`.
    pub to: String,
    /// One line.
    pub subject: String,
    /// The text; complete without the HTML.
    pub text: String,
    /// The same as HTML.
    pub html: Option<String>,
}

/// Bodies carry one-time links, so they do not print.
impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message")
            .field("to", &self.to)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

/// Why a message did not leave.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// Trying again will not help: a bad address, or a refusal with a 5xx code (RFC 5321 §4.2.1).
    #[error("the message cannot be delivered: {0}")]
    Permanent(String),
    /// Trying again later may help: no connection, a timeout, or a 4xx code.
    #[error("the message cannot be delivered now: {0}")]
    Transient(String),
    /// No mail server is configured, and the issuer is not loopback.
    #[error("mail.url is not set, so no mail can be sent")]
    NotConfigured,
}

impl MailError {
    /// Whether a queue should keep the message.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Transient(_))
    }
}

/// Sends messages. Cheap to clone; clones share the connections.
#[derive(Clone, Debug)]
pub struct Mailer {
    from: Mailbox,
    transport: Transport,
}

#[derive(Clone, Debug)]
enum Transport {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    /// On a loopback issuer only: a trial needs no mail server.
    Log,
    None,
}

impl Mailer {
    /// A mailer by `config`. Without `mail.url` it writes messages to the log if `issuer` is
    /// loopback, and otherwise fails every message with [`MailError::NotConfigured`].
    ///
    /// Nothing is connected yet: a mail server that is down must not keep Tessera from starting.
    ///
    /// # Errors
    /// [`MailError::Permanent`] if the URL or the sender cannot be used.
    pub fn new(config: &MailConfig, issuer: &Issuer) -> Result<Self, MailError> {
        let from = config
            .from
            .as_ref()
            .map_or("Tessera <tessera@localhost>", |from| from.as_str())
            .parse()
            .map_err(|error: AddressError| permanent("mail.from", &error))?;
        let transport = match &config.url {
            Some(url) => Transport::Smtp(
                AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose())
                    .map_err(|error| permanent("mail.url", &error))?
                    .timeout(Some(STEP_TIMEOUT))
                    .build(),
            ),
            None if issuer.is_loopback() => Transport::Log,
            None => Transport::None,
        };
        Ok(Self { from, transport })
    }

    /// Whether messages can leave at all: pages that would promise one ask first.
    #[must_use]
    pub const fn can_send(&self) -> bool {
        !matches!(self.transport, Transport::None)
    }

    /// Hands `message` to the mail server, once.
    ///
    /// # Errors
    /// [`MailError`], which says whether to try again.
    pub async fn send(&self, message: Message) -> Result<(), MailError> {
        match &self.transport {
            Transport::Smtp(transport) => {
                let letter = self.letter(message)?;
                transport.send(letter).await.map(drop).map_err(by_code)
            }
            Transport::Log => {
                // Checked all the same, so that a trial shows what a mail server would refuse.
                self.letter(message.clone())?;
                let Message {
                    to, subject, text, ..
                } = message;
                tracing::info!(target: "tessera::mail", %to, %subject, "{text}");
                Ok(())
            }
            Transport::None => Err(MailError::NotConfigured),
        }
    }

    /// Every header is set by its type, which encodes or refuses line breaks: a name or an address
    /// cannot add a header of its own (header injection, CWE-93).
    fn letter(&self, message: Message) -> Result<lettre::Message, MailError> {
        let to = message
            .to
            .parse()
            .map_err(|error: AddressError| permanent("recipient", &error))?;
        let builder = lettre::Message::builder()
            .from(self.from.clone())
            // An address alone, never "Name <address>": the name would be the stranger's choice.
            .to(Mailbox::new(None, to))
            .subject(single_line(&message.subject))
            .message_id(None)
            // RFC 3834 §5: keeps holiday notices from answering.
            .header(AutoSubmitted);
        match message.html {
            Some(html) => builder.multipart(MultiPart::alternative_plain_html(message.text, html)),
            None => builder.singlepart(SinglePart::plain(message.text)),
        }
        .map_err(|error| permanent("message", &error))
    }
}

/// `Auto-Submitted: auto-generated` (RFC 3834 §5).
#[derive(Clone)]
struct AutoSubmitted;

impl lettre::message::header::Header for AutoSubmitted {
    fn name() -> lettre::message::header::HeaderName {
        lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> lettre::message::header::HeaderValue {
        let value = "auto-generated".to_owned();
        lettre::message::header::HeaderValue::new(Self::name(), value)
    }
}

fn single_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

fn permanent(what: &str, error: &dyn std::fmt::Display) -> MailError {
    MailError::Permanent(format!("{what}: {error}"))
}

fn by_code(error: smtp::Error) -> MailError {
    let text = std::error::Error::source(&error)
        .map_or_else(|| error.to_string(), |source| format!("{error}: {source}"));
    // RFC 5321 §4.2.1: 5yz is "Permanent Negative Completion"; `is_client` is a thing that this
    // server cannot do (no STARTTLS, no known mechanism), which stays so.
    if error.is_permanent() || error.is_client() {
        MailError::Permanent(text)
    } else {
        MailError::Transient(text)
    }
}

#[cfg(test)]
#[path = "mail_tests.rs"]
mod tests;
