//! The one client for outgoing HTTP, and the only user of reqwest.
//!
//! Tessera fetches URLs that strangers may have registered (`jwks_uri`, `request_uri`,
//! `sector_identifier_uri`, logout endpoints). That makes it a tool for reaching what only it can
//! reach (server-side request forgery), unless every address is judged when it is connected to:
//! a check of the name beforehand loses to a name server that changes its answer (DNS rebinding).

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use reqwest::{Certificate, Client, RequestBuilder, Response, redirect};
use url::{Host, Url};

use super::addresses::is_public;
use crate::config::OutboundConfig;

/// What came back, whatever the status: 404 is an answer, and the caller knows what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The HTTP status code.
    pub status: u16,
    /// `Content-Type` without its parameters, in lower case.
    pub content_type: Option<String>,
    /// The body, within the limit.
    pub bytes: Vec<u8>,
    /// How long the response may be kept: `max-age` of `Cache-Control` (RFC 9111 §5.2.2.1), zero
    /// where `no-store` or `no-cache` forbids it, `None` where nothing is said.
    pub max_age: Option<Duration>,
}

/// Why nothing came back. None of it is for an outsider: it would map the network for him.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// The URL is not one that may be fetched.
    #[error("refused to request {url}: {reason}")]
    Refused {
        /// Without user name, password, query and fragment.
        url: String,
        /// Which rule it breaks.
        reason: &'static str,
    },
    /// The name has no address that may be reached.
    #[error("refused to connect: {0} has no public address")]
    NotPublic(String),
    /// The exchange took longer than `outbound.timeout`.
    #[error("no complete answer in time")]
    Timeout,
    /// The body is larger than it may be: `outbound.max_bytes`, or less.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// Name resolution, TCP, TLS or HTTP failed.
    #[error("the request failed: {0}")]
    Failed(String),
}

/// Why the client could not be made.
#[derive(Debug, thiserror::Error)]
#[error("outbound.ca_file: {0}")]
pub struct OutboundSetupError(String);

/// The client. Cheap to clone; clones share its connections.
#[derive(Clone, Debug)]
pub struct Outbound {
    client: Client,
    allow_private_networks: bool,
    max_bytes: usize,
}

impl Outbound {
    /// A client that follows `config`.
    ///
    /// # Errors
    /// If `ca_file` cannot be read or holds no certificate, or TLS cannot be set up.
    pub fn new(config: &OutboundConfig) -> Result<Self, OutboundSetupError> {
        let mut builder = Client::builder()
            // A redirect would lead around the check of the first address.
            .redirect(redirect::Policy::none())
            // A proxy from the environment would resolve names itself, out of our sight.
            .no_proxy()
            .referer(false)
            .timeout(config.timeout)
            .https_only(!config.allow_private_networks)
            .user_agent(concat!("Tessera/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::new(GuardedResolver {
                allow_private_networks: config.allow_private_networks,
            }));
        if let Some(path) = &config.ca_file {
            let certificates = std::fs::read(path)
                .map_err(|error| OutboundSetupError(error.to_string()))
                .and_then(|pem| Certificate::from_pem_bundle(&pem).map_err(setup))?;
            if certificates.is_empty() {
                return Err(OutboundSetupError("holds no certificate".to_owned()));
            }
            builder = builder.tls_certs_merge(certificates);
        }
        Ok(Self {
            client: builder.build().map_err(setup)?,
            allow_private_networks: config.allow_private_networks,
            max_bytes: config.max_bytes.bytes(),
        })
    }

    /// Fetches `url`, asking for `accept`.
    ///
    /// # Errors
    /// [`OutboundError`]; a status other than 200 is not one.
    pub async fn get(&self, url: &Url, accept: &str) -> Result<Fetched, OutboundError> {
        self.get_at_most(url, accept, self.max_bytes).await
    }

    /// Fetches `url` if it has no more than `limit` bytes, and no more than `outbound.max_bytes`.
    ///
    /// # Errors
    /// [`OutboundError`]; a status other than 200 is not one.
    pub async fn get_at_most(
        &self,
        url: &Url,
        accept: &str,
        limit: usize,
    ) -> Result<Fetched, OutboundError> {
        self.check(url)?;
        let request = self.client.get(url.clone());
        let limit = limit.min(self.max_bytes);
        self.exchange(request.header(ACCEPT, accept), limit).await
    }

    /// Sends `body` to `url`. Not repeated on failure: that is for the caller's queue to decide.
    ///
    /// # Errors
    /// [`OutboundError`]; a status other than 200 is not one.
    pub async fn post(
        &self,
        url: &Url,
        content_type: &str,
        body: Vec<u8>,
    ) -> Result<Fetched, OutboundError> {
        self.post_with(url, content_type, body, &[]).await
    }

    /// As [`Self::post`], with further headers.
    ///
    /// # Errors
    /// [`OutboundError`]; a status other than 200 is not one.
    pub async fn post_with(
        &self,
        url: &Url,
        content_type: &str,
        body: Vec<u8>,
        headers: &[(&'static str, &str)],
    ) -> Result<Fetched, OutboundError> {
        self.check(url)?;
        let request = self.client.post(url.clone());
        let request = request.header(CONTENT_TYPE, content_type).body(body);
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        self.exchange(request, self.max_bytes).await
    }

    /// Whether `url` may be requested at all, by its text: to refuse it at registration already.
    /// What its name resolves to is checked when it is connected to.
    ///
    /// # Errors
    /// [`OutboundError::Refused`] or, for an address in the URL, [`OutboundError::NotPublic`].
    pub fn check(&self, url: &Url) -> Result<(), OutboundError> {
        let refused = |reason| {
            let mut url = url.clone();
            url.set_query(None);
            url.set_fragment(None);
            // Neither can fail for a URL with a host, and without one there is nothing to hide.
            let _ = url.set_password(None);
            let _ = url.set_username("");
            Err(OutboundError::Refused {
                url: url.to_string(),
                reason,
            })
        };
        match url.scheme() {
            "https" => {}
            "http" if self.allow_private_networks => {}
            "http" => return refused("plain http"),
            _ => return refused("not https"),
        }
        // Credentials in a URL end up in logs, and "https://known.example@evil.example" misleads.
        if !url.username().is_empty() || url.password().is_some() {
            return refused("user name or password in the URL");
        }
        // An address needs no resolver, so the guard there would never see it.
        let literal = match url.host() {
            Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
            Some(Host::Domain(_)) => None,
            None => return refused("no host"),
        };
        match literal {
            Some(ip) if !self.allow_private_networks && !is_public(ip) => {
                Err(OutboundError::NotPublic(ip.to_string()))
            }
            _ => Ok(()),
        }
    }

    async fn exchange(
        &self,
        request: RequestBuilder,
        limit: usize,
    ) -> Result<Fetched, OutboundError> {
        let mut response = request.send().await.map_err(failed)?;
        let status = response.status().as_u16();
        let content_type = content_type(&response);
        let max_age = max_age(response.headers().get_all(CACHE_CONTROL).iter());
        // Believed only to refuse early: the stream is counted whatever the header says.
        let announced = response.content_length().unwrap_or(0);
        if announced > limit as u64 {
            return Err(OutboundError::TooLarge(limit));
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if bytes.len() + chunk.len() > limit {
                return Err(OutboundError::TooLarge(limit));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Fetched {
            status,
            content_type,
            bytes,
            max_age,
        })
    }
}

fn setup(error: reqwest::Error) -> OutboundSetupError {
    OutboundSetupError(innermost(&error))
}

fn content_type(response: &Response) -> Option<String> {
    let value = response.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    let essence = value.split(';').next()?.trim();
    (!essence.is_empty()).then(|| essence.to_ascii_lowercase())
}

fn max_age<'a>(headers: impl Iterator<Item = &'a HeaderValue>) -> Option<Duration> {
    let mut age = None;
    for header in headers.filter_map(|header| header.to_str().ok()) {
        for directive in header.split(',').map(|d| d.trim().to_ascii_lowercase()) {
            match directive.split_once('=') {
                None if directive == "no-store" || directive == "no-cache" => {
                    return Some(Duration::ZERO);
                }
                Some(("max-age", seconds)) => {
                    let seconds = seconds.trim_matches('"').parse().ok();
                    age = age.or(seconds.map(Duration::from_secs));
                }
                _ => {}
            }
        }
    }
    age
}

fn failed(error: reqwest::Error) -> OutboundError {
    // Without the URL: a query may carry what does not belong in a log.
    let error = error.without_url();
    let mut cause: &(dyn std::error::Error + 'static) = &error;
    loop {
        if let Some(NotPublicName(name)) = cause.downcast_ref() {
            return OutboundError::NotPublic(name.clone());
        }
        match cause.source() {
            Some(source) => cause = source,
            None if error.is_timeout() => return OutboundError::Timeout,
            None => return OutboundError::Failed(cause.to_string()),
        }
    }
}

/// The cause at the bottom, which says what happened; those above say only where.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// Resolves names and drops every address that may not be reached, at the only moment when the
/// answer cannot change any more: what is returned is what is connected to.
struct GuardedResolver {
    allow_private_networks: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("{0} has no public address")]
struct NotPublicName(String);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private_networks = self.allow_private_networks;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found
                .filter(|address| allow_private_networks || is_public(address.ip()))
                .collect();
            if allowed.is_empty() {
                return Err(NotPublicName(name.as_str().to_owned()).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
#[path = "http_tests.rs"]
mod tests;
