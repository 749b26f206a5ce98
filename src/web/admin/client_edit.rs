//! Registering and changing a client: the guided form, the whole form, a finding mended, a new secret.

use std::time::Duration;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::clients::{PATH, find, members, path};
use super::{after, frame, not_found, refused, shown, value, why_refused};
use crate::base::Secret;
use crate::flows::clients::DEFAULT_OVERLAP;
use crate::protocol::access::power::WriteClients;
use crate::protocol::client::Client;
use crate::protocol::client_grade::finding;
use crate::web::App;
use crate::web::extract::{Admin, AdminForm, Form, Visitor};
use crate::web::messages::Message;
use crate::web::respond;
use crate::web::views::admin::Section;
use crate::web::views::admin::client_form::{self, PARTS};
use crate::web::views::admin::clients::{
    EditClient, FilledPart, Guide, NewClient, RenewSecret, SecretShown,
};

/// `GET /admin/clients/new`
pub async fn show_new(RawQuery(query): RawQuery, form: AdminForm<WriteClients>) -> Response {
    let admin = form.0;
    let guide = value(query.as_deref(), "kind").and_then(|kind| Guide::parse(&kind));
    let scope = match guide {
        Some(Guide::Machine) => "",
        _ => "openid profile email",
    };
    let view = NewClient {
        scope: scope.to_owned(),
        ..new_page(&admin, guide, Vec::new(), |_| String::new())
    };
    shown(admin.visitor(), view)
}

fn new_page<From: AsRef<Visitor>>(
    admin: &Admin<WriteClients, From>,
    guide: Option<Guide>,
    problems: Vec<Message>,
    typed: impl Fn(&str) -> String,
) -> NewClient {
    let mut frame = frame(admin, Section::Clients);
    frame.problems = problems;
    NewClient {
        page: admin.visitor().page(),
        frame,
        guide,
        name: typed("client_name"),
        redirect_uris: typed("redirect_uris"),
        scope: typed("scope"),
        skip_consent: typed("skip_consent") == "yes",
    }
}

/// What an application of this kind registers: no more than it needs, and as RFC 9700 wants it.
fn guided(guide: Guide, form: &Form) -> Value {
    let lines = |name: &str| -> Vec<String> {
        let text = form.text(name);
        text.lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let mut members = json!({
        "client_name": form.text("client_name").trim(),
        "scope": form.text("scope").split_whitespace().collect::<Vec<_>>().join(" "),
    });
    let more = match guide {
        Guide::Web => {
            json!({ "require_pkce": true, "grant_types": ["authorization_code", "refresh_token"] })
        }
        Guide::SinglePage => {
            let origins = lines("redirect_uris")
                .iter()
                .filter_map(|uri| origin(uri))
                .collect::<std::collections::BTreeSet<_>>();
            json!({ "token_endpoint_auth_method": "none", "allowed_origins": origins,
                "grant_types": ["authorization_code", "refresh_token"] })
        }
        Guide::Native => {
            json!({ "token_endpoint_auth_method": "none", "application_type": "native",
            "grant_types": ["authorization_code", "refresh_token"] })
        }
        Guide::Machine => json!({ "grant_types": ["client_credentials"], "response_types": [] }),
    };
    merge(&mut members, more);
    if guide != Guide::Machine {
        let skip = form.text("skip_consent") == "yes";
        merge(
            &mut members,
            json!({ "redirect_uris": lines("redirect_uris"), "skip_consent": skip }),
        );
    }
    members
}

fn origin(uri: &str) -> Option<String> {
    url::Url::parse(uri)
        .ok()
        .filter(url::Url::has_host)
        .map(|url| url.origin().ascii_serialization())
}

fn merge(into: &mut Value, more: Value) {
    if let (Some(into), Value::Object(more)) = (into.as_object_mut(), more) {
        into.extend(more);
    }
}

/// `POST /admin/clients/new`
pub async fn create(State(app): State<App>, admin: Admin<WriteClients, Form>) -> Response {
    let (visitor, form) = (admin.visitor(), &admin.from);
    let Some(guide) = Guide::parse(&form.text("kind")) else {
        return not_found(visitor);
    };
    let body = guided(guide, form).to_string();
    match app
        .create_client(
            admin.permit().clone(),
            body.as_bytes(),
            visitor.origin.clone(),
        )
        .await
    {
        Ok(Ok((client, Some(secret)))) => secret_page(&admin, &client, &secret),
        Ok(Ok((client, None))) => visitor.go(&after(&path(&client.id), "created")),
        Ok(Err(refusal)) => {
            let problems = why_refused(&refusal);
            refused(
                visitor,
                new_page(&admin, Some(guide), problems, |name| form.text(name)),
            )
        }
        Err(error) => respond::internal_page(visitor, &error),
    }
}

fn secret_page(
    admin: &Admin<WriteClients, Form>,
    client: &Client,
    secret: &Secret<String>,
) -> Response {
    let view = SecretShown {
        page: admin.visitor().page(),
        frame: frame(admin, Section::Clients),
        id: client.id.to_string(),
        name: client.display_name().to_owned(),
        secret: secret.expose().clone(),
    };
    shown(admin.visitor(), view)
}

/// `GET /admin/clients/{id}/edit`
pub async fn show_edit(
    State(app): State<App>,
    Path(id): Path<String>,
    form: AdminForm<WriteClients>,
) -> Response {
    let admin = form.0;
    match find(&app, &admin, &id).await {
        Ok(client) => {
            let version = client.version;
            shown(
                admin.visitor(),
                edit(&admin, &client, version, &members(&client), Vec::new()),
            )
        }
        Err(response) => response,
    }
}

fn edit<From: AsRef<Visitor>>(
    admin: &Admin<WriteClients, From>,
    client: &Client,
    version: i64,
    metadata: &Map<String, Value>,
    problems: Vec<Message>,
) -> EditClient {
    let mut frame = frame(admin, Section::Clients);
    frame.problems = problems;
    let parts = PARTS.iter().map(|part| FilledPart {
        title: part.title,
        fields: client_form::fields(part, metadata),
    });
    EditClient {
        page: admin.visitor().page(),
        frame,
        id: client.id.to_string(),
        name: client.display_name().to_owned(),
        version,
        parts: parts.collect(),
    }
}

/// `POST /admin/clients/{id}/edit`
pub async fn change(
    State(app): State<App>,
    Path(id): Path<String>,
    admin: Admin<WriteClients, Form>,
) -> Response {
    let (visitor, form) = (admin.visitor(), &admin.from);
    let client = match find(&app, &admin, &id).await {
        Ok(client) => client,
        Err(response) => return response,
    };
    let seen = form.text("version").parse().unwrap_or(client.version);
    let new = match client_form::read(&members(&client), |name| form.text(name)) {
        Ok(new) => new,
        Err((field, typed)) => {
            let problem = Message::new("client-no-json").with("field", field);
            return refused(visitor, edit(&admin, &client, seen, &typed, vec![problem]));
        }
    };
    replace(&app, &admin, &client, seen, &new).await
}

async fn replace(
    app: &App,
    admin: &Admin<WriteClients, Form>,
    client: &Client,
    seen: i64,
    new: &Map<String, Value>,
) -> Response {
    let visitor = admin.visitor();
    let body = Value::Object(new.clone()).to_string();
    let written = app.replace_client(
        admin.permit().clone(),
        client.id.clone(),
        body.as_bytes(),
        Some(seen),
        visitor.origin.clone(),
    );
    match written.await {
        Ok(Ok((client, Some(secret)))) => secret_page(admin, &client, &secret),
        Ok(Ok((client, None))) => visitor.go(&after(&path(&client.id), "changed")),
        Ok(Err(refusal)) => refused(
            visitor,
            edit(admin, client, seen, new, why_refused(&refusal)),
        ),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// `GET /admin/clients/{id}/mend`: for who had to prove who they are on the way; the page has the buttons.
pub async fn show_mend(Path(id): Path<String>, form: AdminForm<WriteClients>) -> Response {
    form.0.visitor().go(&format!("{PATH}/{id}"))
}

/// `POST /admin/clients/{id}/mend`: does what a finding asks for.
pub async fn mend(
    State(app): State<App>,
    Path(id): Path<String>,
    admin: Admin<WriteClients, Form>,
) -> Response {
    let client = match find(&app, &admin, &id).await {
        Ok(client) => client,
        Err(response) => return response,
    };
    let change = finding(&admin.from.text("finding")).and_then(|found| found.mend(&client));
    let Some(change) = change else {
        return not_found(admin.visitor());
    };
    let mut new = members(&client);
    new.extend(change);
    replace(&app, &admin, &client, client.version, &new).await
}

/// `GET /admin/clients/{id}/secret`
pub async fn show_renew(
    State(app): State<App>,
    Path(id): Path<String>,
    form: AdminForm<WriteClients>,
) -> Response {
    let admin = form.0;
    match find(&app, &admin, &id).await {
        Ok(client) => shown(admin.visitor(), renew_page(&admin, &client, Vec::new())),
        Err(response) => response,
    }
}

fn renew_page<From: AsRef<Visitor>>(
    admin: &Admin<WriteClients, From>,
    client: &Client,
    problems: Vec<Message>,
) -> RenewSecret {
    let mut frame = frame(admin, Section::Clients);
    frame.problems = problems;
    RenewSecret {
        page: admin.visitor().page(),
        frame,
        id: client.id.to_string(),
        name: client.display_name().to_owned(),
    }
}

/// `POST /admin/clients/{id}/secret`
pub async fn renew(
    State(app): State<App>,
    Path(id): Path<String>,
    admin: Admin<WriteClients, Form>,
) -> Response {
    let visitor = admin.visitor();
    let client = match find(&app, &admin, &id).await {
        Ok(client) => client,
        Err(response) => return response,
    };
    let overlap = match admin.from.text("overlap").as_str() {
        "now" => Duration::ZERO,
        "week" => Duration::from_hours(24 * 7),
        _ => DEFAULT_OVERLAP,
    };
    let renewed = app.renew_secret(
        admin.permit().clone(),
        client.id.clone(),
        overlap,
        visitor.origin.clone(),
    );
    match renewed.await {
        Ok(Ok((client, secret))) => secret_page(&admin, &client, &secret),
        Ok(Err(refusal)) => refused(visitor, renew_page(&admin, &client, why_refused(&refusal))),
        Err(error) => respond::internal_page(visitor, &error),
    }
}
