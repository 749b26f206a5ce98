//! A name for each request, where it comes from, one log line and its metrics. The log line has the
//! route's pattern and never the URL: URLs carry codes, tickets and tokens.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ipnet::IpNet;
use tracing::Instrument as _;

use crate::protocol::audit::Origin;
use crate::web::App;

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Wraps every request.
pub async fn observe(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let request_id = URL_SAFE_NO_PAD.encode(app.entropy.bytes::<12>());
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(peer)| peer.ip());
    let origin = Origin {
        address: peer.map(|peer| {
            client_address(peer, request.headers(), &app.config.server.trusted_proxies)
        }),
        request_id: request_id.clone(),
    };
    let method = known_method(request.method().as_str());
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!("request", %request_id, method, route);
    request.extensions_mut().insert(origin);
    let mut response = next.run(request).instrument(span.clone()).await;
    let elapsed = started.elapsed();
    let status = response.status().as_u16();
    let micros = elapsed.as_micros();
    span.in_scope(|| {
        if is_noise(&route, status) {
            tracing::debug!(status, micros, "answered");
        } else {
            tracing::info!(status, micros, "answered");
        }
    });
    metrics::histogram!("tessera_http_request_duration_seconds",
        "route" => route, "method" => method, "status" => status_label(status))
    .record(elapsed.as_secs_f64());
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(REQUEST_ID.clone(), value);
    }
    response
}

/// What browsers and monitors fetch all day would bury what people and clients did. A server error
/// is told whoever met it.
fn is_noise(route: &str, status: u16) -> bool {
    let quiet = ["/assets/{*path}", "/favicon.ico", "/healthz", "/readyz"];
    quiet.contains(&route) && status < 500
}

/// Labels of metrics are bounded: a stranger's method names must not grow them.
fn known_method(method: &str) -> &'static str {
    ["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"]
        .into_iter()
        .find(|known| *known == method)
        .unwrap_or("OTHER")
}

const fn status_label(status: u16) -> &'static str {
    match status {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}

/// The address of the client: the peer, or behind trusted proxies the nearest hop that is not one
/// of them, read from the right: what stands further left can be made up.
fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|net| net.contains(&address));
    if !is_trusted(peer) {
        return peer;
    }
    let hops: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let mut nearest = peer;
    for hop in hops.into_iter().rev() {
        let Ok(address) = hop.parse::<IpAddr>() else {
            break;
        };
        nearest = address;
        if !is_trusted(address) {
            break;
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forwarded_address_counts_only_behind_a_trusted_proxy_and_from_the_right() {
        let mut headers = HeaderMap::new();
        headers.insert(
            "x-forwarded-for",
            HeaderValue::from_static("6.6.6.6, 203.0.113.9, 10.0.0.2"),
        );
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
        let address = |peer: &str, trusted: &[IpNet]| {
            client_address(peer.parse().unwrap(), &headers, trusted).to_string()
        };
        assert_eq!(address("10.0.0.1", &trusted), "203.0.113.9");
        assert_eq!(address("192.0.2.1", &trusted), "192.0.2.1");
        assert_eq!(address("10.0.0.1", &[]), "10.0.0.1");
    }
}
