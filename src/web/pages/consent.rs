//! `/consent`

use axum::extract::State;
use axum::response::Response;
use url::Url;

use super::logo;
use crate::flows::authorize::Checked;
use crate::flows::session::SignedIn;
use crate::web::App;
use crate::web::extract::{Form, Pending, Visitor};
use crate::web::oauth::authorize::{self, path};
use crate::web::respond;
use crate::web::views::{Consent, ErrorKind, ScopeLine};

/// `GET`
pub async fn show(State(app): State<App>, pending: Pending<Visitor>) -> Response {
    let target = pending.target();
    let visitor = &pending.from;
    let Some(checked) = pending.checked() else {
        return nothing_asked(visitor);
    };
    let Some(signed_in) = visitor.signed_in() else {
        return visitor.go(&path(visitor.way_in(), &checked.ticket));
    };
    let view = Consent {
        logo: logo::url(&app, &checked.client, visitor.lang()).await,
        ..view(visitor, checked, signed_in)
    };
    visitor.show_towards(target.as_deref(), view)
}

fn view(visitor: &Visitor, checked: &Checked, signed_in: &SignedIn) -> Consent {
    let (client, lang) = (&checked.client, visitor.lang().tag());
    let web_link = |member| {
        client
            .localized(member, lang)
            .filter(|uri| uri.starts_with("https://") || uri.starts_with("http://"))
            .map(str::to_owned)
    };
    let (servers, resources) = (checked.resource_servers(), checked.request.resources());
    let redirect = checked.request.redirect_uri().as_str();
    Consent {
        page: visitor.page(),
        request: Some(checked.ticket.clone()),
        person: signed_in.session().id.to_string(),
        client: client.name_in(lang).to_owned(),
        logo: None,
        client_uri: web_link("client_uri").and_then(|uri| Some((uri.clone(), host(&uri)?))),
        policy_uri: web_link("policy_uri"),
        tos_uri: web_link("tos_uri"),
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
        redirect_host: place(redirect),
        trial: checked.trial_id().is_some(),
    }
}

/// What people are told of where the browser goes: the host, or the scheme of an app.
pub fn place(uri: &str) -> String {
    let scheme = || uri.split_once(':').map_or(uri, |(scheme, _)| scheme);
    host(uri).unwrap_or_else(|| scheme().to_owned())
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
        return visitor.go(&path(visitor.way_in(), &checked.ticket));
    };
    // Who pressed the button is who was shown: with several accounts in one browser, the one that the
    // request is about can have ended meanwhile, and another must not consent in its place.
    if form.text("person") != signed_in.session().id.to_string() {
        return visitor.go(&path("/consent", &checked.ticket));
    }
    let next = match form.get("decision") {
        Some("allow") => {
            let present = visitor.present();
            app.allow(checked, signed_in, present, &visitor.origin)
                .await
        }
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
