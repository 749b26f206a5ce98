//! Asks a service whether somebody solved its puzzle. Only a hook: the shape is that of `siteverify`, which the
//! common services share.

use std::net::IpAddr;

use serde::Deserialize;

use super::http::{Fetched, Outbound, OutboundSetupError};
use crate::base::Secret;
use crate::config::{CaptchaConfig, OutboundConfig, WebhookUrl};

/// What the service says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It was a person.
    Passed,
    /// It was not, or nobody can tell.
    Refused,
    /// There is no answer to rely on.
    Unreachable,
}

/// Asks. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Captcha(Option<Service>);

#[derive(Clone, Debug)]
struct Service {
    url: WebhookUrl,
    secret: Secret<String>,
    outbound: Outbound,
}

#[derive(Deserialize)]
struct Verdict {
    success: bool,
    #[serde(default, rename = "error-codes")]
    errors: Vec<String>,
}

impl Captcha {
    /// By configuration: off where no endpoint is named.
    ///
    /// # Errors
    /// If the HTTP client cannot be made.
    pub fn new(
        captcha: &CaptchaConfig,
        outbound: &OutboundConfig,
    ) -> Result<Self, OutboundSetupError> {
        let (Some(url), Some(secret)) = (&captcha.verify_url, &captcha.secret) else {
            return Ok(Self(None));
        };
        let own = OutboundConfig {
            allow_private_networks: captcha.allow_private_networks
                || outbound.allow_private_networks,
            timeout: captcha.timeout,
            ..outbound.clone()
        };
        Ok(Self(Some(Service {
            url: url.clone(),
            secret: secret.clone(),
            outbound: Outbound::new(&own)?,
        })))
    }

    /// Whether there is a puzzle at all.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Whether the answer of the browser at `address` is right.
    pub async fn judge(&self, answer: &str, address: Option<IpAddr>) -> Judgement {
        let Some(service) = &self.0 else {
            return Judgement::Unreachable;
        };
        let body = service.question(answer, address);
        let kind = "application/x-www-form-urlencoded";
        match service.outbound.post(service.url.url(), kind, body).await {
            Ok(fetched) => judgement(&fetched),
            Err(error) => {
                tracing::warn!(%error, "the captcha service cannot be asked");
                Judgement::Unreachable
            }
        }
    }
}

impl Service {
    fn question(&self, answer: &str, address: Option<IpAddr>) -> Vec<u8> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("secret", self.secret.expose());
        form.append_pair("response", answer);
        if let Some(address) = address {
            form.append_pair("remoteip", &address.to_string());
        }
        form.finish().into_bytes()
    }
}

/// A 4xx is about what was sent, which the guesser chooses: it must not count as an outage, or nonsense would
/// be the way past the puzzle.
fn judgement(answer: &Fetched) -> Judgement {
    match answer.status {
        200..=299 => match serde_json::from_slice::<Verdict>(&answer.bytes) {
            Ok(Verdict { success: true, .. }) => Judgement::Passed,
            Ok(Verdict { errors, .. }) => {
                tracing::debug!(?errors, "the captcha service says no");
                Judgement::Refused
            }
            Err(_) => Judgement::Unreachable,
        },
        400..=499 => Judgement::Refused,
        _ => Judgement::Unreachable,
    }
}
