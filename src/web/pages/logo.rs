//! `/clients/{client_id}/logo`, and ours at `/logo`

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::flows::Internal;
use crate::flows::logo::Logo;
use crate::protocol::client::{Client, ClientId};
use crate::web::App;
use crate::web::messages::{Lang, negotiate};
use crate::web::oauth::discovery::cached;
use crate::web::respond;

/// As long as we keep it ourselves.
const MAX_AGE: u64 = 3600;

/// `GET`: `?lang=` says for whom.
pub async fn logo(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let lang = wanted(request.uri().query().unwrap_or_default());
    match find(&app, id, lang).await {
        Ok(Some(logo)) => show(&headers, &logo),
        Ok(None) => respond::not_found(State(app), headers, request).await,
        Err(error) => respond::internal(&error),
    }
}

/// `GET /logo`: the picture beside our name.
pub async fn ours(State(app): State<App>, headers: HeaderMap, request: Request) -> Response {
    match &app.looks().logo {
        Some(logo) => show(&headers, logo),
        None => respond::not_found(State(app), headers, request).await,
    }
}

/// The URL of a client's logo, if there is one to be shown now.
pub async fn url(app: &App, client: &Arc<Client>, lang: Lang) -> Option<String> {
    let tag = lang.tag();
    let id = client.id.as_str();
    // Ours are letters and digits; an operator's own may be anything.
    let plain = id
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~'));
    (plain && app.has_logo(client, tag).await).then(|| format!("/clients/{id}/logo?lang={tag}"))
}

async fn find(app: &App, id: String, lang: Lang) -> Result<Option<Arc<Logo>>, Internal> {
    let client = app.client(&ClientId::new(id)).await?;
    let Some(client) = client.filter(|client| !client.disabled) else {
        return Ok(None);
    };
    Ok(app.logo(&client, lang.tag()).await)
}

fn wanted(query: &str) -> Lang {
    let tag = form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "lang")
        .map(|(_, value)| value.into_owned());
    negotiate(&Lang::ALL, "", &tag.unwrap_or_default())
}

fn show(headers: &HeaderMap, logo: &Logo) -> Response {
    let etag = URL_SAFE_NO_PAD.encode(&logo.digest.as_bytes()[..12]);
    let mut response = cached(
        headers,
        &format!("\"{etag}\""),
        logo.format.mime(),
        MAX_AGE,
        logo.bytes.clone(),
    );
    let headers = response.headers_mut();
    // We did not make these bytes: opened by themselves they may do nothing at all.
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; sandbox"),
    );
    // Other sites have no use for which clients are registered here.
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    );
    response
}
