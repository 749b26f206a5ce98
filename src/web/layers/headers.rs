//! Security headers of every response (OWASP ASVS V3.4).

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use url::Url;

use crate::web::App;

/// Where a form on this page may end, besides here: the origin of a proven redirect URI. Chromium
/// applies `form-action` to the redirects that follow a form too.
#[derive(Clone)]
pub struct FormTarget(String);

impl FormTarget {
    /// From a proven redirect URI: its origin, or its scheme where it is an app's own.
    #[must_use]
    pub fn new(redirect_uri: &str) -> Option<Self> {
        source(redirect_uri).map(Self)
    }
}

/// What this page may show in frames: the origins of these addresses, and nothing else.
#[derive(Clone)]
pub struct FrameSources(Vec<String>);

impl FrameSources {
    /// From the addresses.
    #[must_use]
    pub fn new(addresses: &[String]) -> Self {
        let mut sources: Vec<_> = addresses.iter().filter_map(|url| source(url)).collect();
        sources.sort();
        sources.dedup();
        Self(sources)
    }
}

/// What a page loads and frames from a service of somebody else's: the origins of these addresses.
#[derive(Clone)]
pub struct Elsewhere(Vec<String>);

impl Elsewhere {
    /// From the addresses.
    #[must_use]
    pub fn new(addresses: &[String]) -> Self {
        Self(FrameSources::new(addresses).0)
    }
}

/// This page may be framed by anybody: it shows nothing and does nothing that a click could trigger.
#[derive(Clone, Copy)]
pub struct Framable;

/// One source of a policy: the origin of a URI, or its scheme where it is an app's own.
fn source(uri: &str) -> Option<String> {
    let url = Url::parse(uri).ok()?;
    // CSP 3 §2.3.1 has no IPv6 literals, and `;` or `,`, which a URL's host may contain, would
    // begin another directive: such a host is named by its scheme alone.
    let plain = |host: &str| {
        host.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
    };
    let is_web = matches!(url.scheme(), "http" | "https");
    Some(if is_web && url.host_str().is_some_and(plain) {
        url.origin().ascii_serialization()
    } else {
        format!("{}:", url.scheme())
    })
}

/// The policy of a page.
fn policy(response: &mut Response) -> String {
    let extensions = response.extensions_mut();
    if extensions.get::<Framable>().is_some() {
        return "default-src 'none'; script-src 'self'; form-action 'none'; base-uri 'none'"
            .to_owned();
    }
    let target = extensions.remove::<FormTarget>();
    let target = target.map(|FormTarget(target)| target).unwrap_or_default();
    let frames = match extensions.remove::<FrameSources>() {
        Some(FrameSources(sources)) if !sources.is_empty() => {
            format!("frame-src {}; ", sources.join(" "))
        }
        _ => String::new(),
    };
    let elsewhere = extensions.remove::<Elsewhere>();
    let also = elsewhere.map_or_else(String::new, |Elsewhere(of)| format!(" {}", of.join(" ")));
    let frames = match also.as_str() {
        "" => frames,
        also => format!("frame-src{also}; "),
    };
    format!(
        "default-src 'none'; style-src 'self'{also}; script-src 'self'{also}; connect-src 'self'{also}; img-src 'self'; {frames}\
         form-action 'self' {target}; base-uri 'none'; frame-ancestors 'none'"
    )
}

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Leaves the window that opened a page in touch with it. An application may send people here in a popup
/// (OpenID Connect Core §3.1.2.1, display), and its own page there speaks to its opener in the end: one
/// answer on the way with `same-origin` would have cut them apart for good. What a page of another site
/// can do by it is to navigate the popup, which whoever opened one can do anyway.
pub async fn keep_opener(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    set(response.headers_mut(), OPENER_POLICY, "unsafe-none");
    response
}

/// Adds what is missing.
pub async fn secure(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    let policy = if is_page {
        policy(&mut response)
    } else {
        "default-src 'none'; frame-ancestors 'none'".to_owned()
    };
    let framable = response.extensions_mut().remove::<Framable>().is_some();
    let headers = response.headers_mut();
    set(headers, header::CONTENT_SECURITY_POLICY, &policy);
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // For browsers that know no `frame-ancestors` (clickjacking, RFC 9700 §4.16).
    if !framable {
        set(headers, header::X_FRAME_OPTIONS, "DENY");
    }
    // Our URLs carry tickets and one-time tokens: no other site learns them (RFC 9700 §4.2). Not
    // `no-referrer`, which would take the `Origin` of our own forms away.
    set(headers, header::REFERRER_POLICY, "same-origin");
    set(headers, OPENER_POLICY, "same-origin");
    set(
        headers,
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    );
    if app.is_https() {
        set(
            headers,
            header::STRICT_TRANSPORT_SECURITY,
            "max-age=63072000; includeSubDomains",
        );
    }
    if is_page && !headers.contains_key(header::CACHE_CONTROL) {
        set(headers, header::CACHE_CONTROL, "no-store");
    }
    response
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.entry(name).or_insert(value);
    }
}

#[cfg(test)]
mod tests {
    use super::FormTarget;

    #[test]
    fn a_form_target_is_always_one_valid_source() {
        let target = |uri| FormTarget::new(uri).map(|FormTarget(target)| target);
        let cases = [
            (
                "https://app.example:8443/cb?x=1",
                "https://app.example:8443",
            ),
            ("http://127.0.0.1:4711/cb", "http://127.0.0.1:4711"),
            ("http://[::1]:4711/cb", "http:"),
            ("https://a;script-src/cb", "https:"),
            ("com.example.app:/cb", "com.example.app:"),
        ];
        for (uri, expected) in cases {
            assert_eq!(target(uri).as_deref(), Some(expected), "{uri}");
        }
        assert_eq!(target("not a uri"), None);
    }
}
