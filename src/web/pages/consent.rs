//! `/consent`

use axum::extract::State;
use axum::response::Response;
use url::Url;

use crate::flows::authorize::Checked;
use crate::web::App;
use crate::web::extract::{Form, Pending, Visitor};
use crate::web::oauth::authorize::{self, path};
use crate::web::respond;
use crate::web::views::{Consent, ErrorKind, ScopeLine};

/// `GET`
pub async fn show(pending: Pending<Visitor>) -> Response {
    let target = pending.target();
    let visitor = &pending.from;
    let Some(checked) = pending.checked() else {
        return nothing_asked(visitor);
    };
    if visitor.signed_in().is_none() {
        return visitor.go(&path("/sign-in", &checked.ticket));
    }
    let view = view(visitor, checked);
    visitor.show_towards(target.as_deref(), view)
}

fn view(visitor: &Visitor, checked: &Checked) -> Consent {
    let metadata = &checked.client.metadata;
    let web_link = |uri: &Option<String>| {
        uri.clone()
            .filter(|uri| uri.starts_with("https://") || uri.starts_with("http://"))
    };
    let (servers, resources) = (checked.resource_servers(), checked.request.resources());
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
            .map(|scope| ScopeLine::described(scope, servers.describe(scope, resources)))
            .collect(),
        resources: resources
            .iter()
            .map(|resource| servers.display_name(resource))
            .collect(),
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
pub async fn submit(State(app): State<App>, mut pending: Pending<Form>) -> Response {
    let checked = pending.take();
    let form = &pending.from;
    let visitor = &form.visitor;
    let Some(checked) = checked else {
        return nothing_asked(visitor);
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

/// This page is about a request alone: without one there is nothing to show.
fn nothing_asked(visitor: &Visitor) -> Response {
    respond::error_page(visitor, ErrorKind::ExpiredRequest, None)
}
