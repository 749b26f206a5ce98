//! `/consent`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use url::Url;

use super::{PageQuery, Pending, speak};
use crate::flows::authorize::Checked;
use crate::web::App;
use crate::web::extract::{Form, Visitor};
use crate::web::oauth::authorize::{self, path};
use crate::web::respond;
use crate::web::views::{Consent, ErrorKind, ScopeLine};

/// `GET`
pub async fn show(
    State(app): State<App>,
    mut visitor: Visitor,
    query: PageQuery,
    headers: HeaderMap,
) -> Response {
    let pending = match Pending::open(&app, &visitor, query.request.as_deref()).await {
        Ok(pending) => pending,
        Err(error) => return respond::internal_page(&visitor, &error),
    };
    speak(&mut visitor, &pending, &headers);
    let target = pending.target();
    match pending {
        Pending::None | Pending::Expired => {
            respond::error_page(&visitor, ErrorKind::ExpiredRequest, None)
        }
        Pending::Elsewhere(next) => authorize::show(&visitor, next),
        Pending::Request(checked) if visitor.signed_in().is_none() => {
            visitor.go(&path("/sign-in", &checked.ticket))
        }
        Pending::Request(checked) => {
            let view = view(&visitor, &checked);
            visitor.show_towards(target.as_deref(), view)
        }
    }
}

fn view(visitor: &Visitor, checked: &Checked) -> Consent {
    let metadata = &checked.client.metadata;
    let web_link = |uri: &Option<String>| {
        uri.clone()
            .filter(|uri| uri.starts_with("https://") || uri.starts_with("http://"))
    };
    let redirect = checked.request.redirect_uri().as_str();
    Consent {
        page: visitor.page(),
        request: Some(checked.ticket.clone()),
        client: checked.client.display_name().to_owned(),
        client_host: metadata.client_uri.as_deref().and_then(host),
        policy_uri: web_link(&metadata.policy_uri),
        tos_uri: web_link(&metadata.tos_uri),
        scopes: checked
            .request
            .consent_scope()
            .iter()
            .map(ScopeLine::new)
            .collect(),
        resources: checked.request.resources().to_vec(),
        redirect_host: host(redirect).unwrap_or_else(|| {
            redirect
                .split_once(':')
                .map_or(redirect, |(scheme, _)| scheme)
                .to_owned()
        }),
    }
}

fn host(uri: &str) -> Option<String> {
    let url = Url::parse(uri).ok()?;
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

/// `POST`
pub async fn submit(State(app): State<App>, form: Form) -> Response {
    let visitor = &form.visitor;
    let checked = match Pending::open(&app, visitor, form.ticket().as_deref()).await {
        Ok(Pending::Request(checked)) => *checked,
        Ok(Pending::Elsewhere(next)) => return authorize::show(visitor, next),
        Ok(Pending::None | Pending::Expired) => {
            return respond::error_page(visitor, ErrorKind::ExpiredRequest, None);
        }
        Err(error) => return respond::internal_page(visitor, &error),
    };
    let Some(signed_in) = visitor.signed_in() else {
        return visitor.go(&path("/sign-in", &checked.ticket));
    };
    let next = match form.get("decision") {
        Some("allow") => app.allow(checked, signed_in, &visitor.origin).await,
        Some("deny") => app.deny(checked, signed_in, visitor.origin.clone()).await,
        _ => return respond::error_page(visitor, ErrorKind::BadRequest, None),
    };
    match next {
        Ok(next) => authorize::show(visitor, next),
        Err(error) => respond::internal_page(visitor, &error),
    }
}
