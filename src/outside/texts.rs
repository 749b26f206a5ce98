//! Outgoing text messages: posted, signed, to an endpoint of the operator's that hands them to a
//! telephone company.

use serde::Serialize;

use super::http::{Outbound, OutboundError, OutboundSetupError};
use crate::base::{Secret, Timestamp};
use crate::config::{OutboundConfig, SmsConfig, WebhookUrl};
use crate::crypto::webhook;

/// A message to one telephone, as the endpoint gets it.
#[derive(Clone, Serialize)]
pub struct TextMessage {
    /// The same for every attempt: what was taken once need not be sent twice.
    pub id: String,
    /// What it is about.
    pub kind: &'static str,
    /// The number, E.164 with its `+`.
    pub to: String,
    /// What stands in it.
    pub text: String,
    /// The language of it.
    pub lang: String,
    /// The code alone, for companies that want their own words around it.
    pub code: String,
    /// From when on nobody wants it any more, in seconds since 1970.
    pub expires_at: i64,
}

/// It holds a code that opens an account, so it does not print.
impl std::fmt::Debug for TextMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TextMessage")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// Why a message did not leave.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// Trying again will not help: the endpoint said so with a 4xx status, or may not be reached.
    #[error("the text message cannot be delivered: {0}")]
    Permanent(String),
    /// Trying again may help.
    #[error("the text message cannot be delivered now: {0}")]
    Transient(String),
}

impl TextError {
    /// Whether a queue should keep the message.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Transient(_))
    }
}

/// Sends text messages. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Texter(Option<Webhook>);

#[derive(Clone, Debug)]
struct Webhook {
    url: WebhookUrl,
    secret: Secret<String>,
    outbound: Outbound,
}

impl Texter {
    /// By configuration: nothing can be sent where no endpoint or no secret is named.
    ///
    /// # Errors
    /// If the HTTP client cannot be made.
    pub fn new(sms: &SmsConfig, outbound: &OutboundConfig) -> Result<Self, OutboundSetupError> {
        let (Some(url), Some(secret)) = (&sms.url, &sms.secret) else {
            return Ok(Self(None));
        };
        let own = OutboundConfig {
            allow_private_networks: sms.allow_private_networks || outbound.allow_private_networks,
            timeout: sms.timeout,
            ..outbound.clone()
        };
        Ok(Self(Some(Webhook {
            url: url.clone(),
            secret: secret.clone(),
            outbound: Outbound::new(&own)?,
        })))
    }

    /// Whether messages can leave at all: pages that would promise one ask first.
    #[must_use]
    pub const fn can_send(&self) -> bool {
        self.0.is_some()
    }

    /// Hands `message` to the endpoint, once, signed for `now`.
    ///
    /// # Errors
    /// [`TextError`], which says whether to try again.
    pub async fn send(&self, message: &TextMessage, now: Timestamp) -> Result<(), TextError> {
        let Some(webhook) = &self.0 else {
            return Err(TextError::Permanent("sms.url is not set".to_owned()));
        };
        let body = serde_json::to_vec(message).map_err(|e| TextError::Permanent(e.to_string()))?;
        let signature = webhook::signature(&webhook.secret, now, &body);
        let headers = [
            (webhook::HEADER, signature.as_str()),
            ("Idempotency-Key", message.id.as_str()),
        ];
        let answer = webhook
            .outbound
            .post_with(webhook.url.url(), "application/json", body, &headers)
            .await;
        match answer {
            Ok(answer) => taken(answer.status),
            Err(error @ (OutboundError::Refused { .. } | OutboundError::NotPublic(_))) => {
                Err(TextError::Permanent(error.to_string()))
            }
            // The status came first: what a large body would have said matters to nobody.
            Err(error) => Err(TextError::Transient(error.to_string())),
        }
    }
}

/// 408 and 429 say "not now" (RFC 9110 §15.5.9, RFC 6585 §4), every other 4xx "never".
fn taken(status: u16) -> Result<(), TextError> {
    let said = format!("the endpoint answered {status}");
    match status {
        200..=299 => Ok(()),
        408 | 429 => Err(TextError::Transient(said)),
        400..=499 => Err(TextError::Permanent(said)),
        _ => Err(TextError::Transient(said)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_for_good_and_trouble_is_not() {
        for status in [200, 201, 202, 204] {
            assert!(taken(status).is_ok(), "{status}");
        }
        for (status, transient) in [(400, false), (401, false), (422, false)]
            .into_iter()
            .chain([
                (408, true),
                (429, true),
                (302, true),
                (500, true),
                (503, true),
            ])
        {
            let error = taken(status).unwrap_err();
            assert_eq!(error.is_transient(), transient, "{status}");
        }
    }

    #[tokio::test]
    async fn an_endpoint_inside_is_reached_only_where_the_configuration_says_so() {
        let message = TextMessage {
            id: "1".to_owned(),
            kind: "sign_in_code",
            to: "+4915112345678".to_owned(),
            text: "123456".to_owned(),
            lang: "en".to_owned(),
            code: "123456".to_owned(),
            expires_at: 0,
        };
        assert!(!format!("{message:?}").contains("123456"));
        let mut sms = SmsConfig {
            // Nobody listens there: who is let through finds a closed door.
            url: WebhookUrl::parse("http://127.0.0.1:1/").ok(),
            secret: Some(Secret::new("x".repeat(32))),
            ..SmsConfig::default()
        };
        let now = Timestamp::from_seconds(1);
        for (allowed, transient) in [(false, false), (true, true)] {
            sms.allow_private_networks = allowed;
            let texter = Texter::new(&sms, &OutboundConfig::default()).unwrap();
            let error = texter.send(&message, now).await.unwrap_err();
            assert_eq!(error.is_transient(), transient, "{error}");
        }
        sms.secret = None;
        let texter = Texter::new(&sms, &OutboundConfig::default()).unwrap();
        assert!(!texter.can_send() && texter.send(&message, now).await.is_err());
    }
}
