//! `/admin/clients`: the applications.

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use serde_json::{Map, Value};

use super::{after, frame, frame_after, not_found, refused, shown, value, why_refused};
use crate::flows::administration::{ClientFilter, ClientKind, Position, Refused};
use crate::flows::statistics::{Series, Week};
use crate::protocol::access::power::{ReadClients, WriteClients};
use crate::protocol::client::{Client, ClientId};
use crate::protocol::client_grade::grade;
use crate::protocol::registration::registration_response;
use crate::storage::words::Sought;
use crate::web::App;
use crate::web::extract::{Admin, AdminForm, Form, Visitor};
use crate::web::messages::Message;
use crate::web::respond;
use crate::web::views::admin::Section;
use crate::web::views::admin::clients::{ClientLine, ClientList, ClientPage, SecretLine};
use crate::web::views::admin::confirm::Confirm;
use crate::web::views::admin::overview::Chart;
use crate::web::views::admin::snippets::snippets;

pub(super) const PATH: &str = "/admin/clients";
const PAGE: usize = 50;

pub(super) fn path(id: &ClientId) -> String {
    format!("{PATH}/{id}")
}

const fn kind_word(kind: ClientKind) -> &'static str {
    match kind {
        ClientKind::Machine => "client-kind-machine",
        ClientKind::Public => "client-kind-public",
        ClientKind::Confidential => "client-kind-confidential",
    }
}

/// `GET /admin/clients`
pub async fn list(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    admin: Admin<ReadClients>,
) -> Response {
    let (visitor, query) = (admin.visitor(), query.as_deref());
    let asked = |name| value(query, name).unwrap_or_default();
    let (sought, kind, state) = (asked("q"), asked("kind"), asked("state"));
    let filter = ClientFilter {
        sought: Sought::parse(&sought),
        disabled: match state.as_str() {
            "disabled" => Some(true),
            "enabled" => Some(false),
            _ => None,
        },
        kind: match kind.as_str() {
            "machine" => Some(ClientKind::Machine),
            "public" => Some(ClientKind::Public),
            "confidential" => Some(ClientKind::Confidential),
            _ => None,
        },
    };
    let from = value(query, "after").map(|id| Position {
        word: asked("word"),
        id,
    });
    let listed = match app.list_clients(admin.permit(), &filter, from, PAGE).await {
        Ok(listed) => listed,
        Err(error) => return respond::internal_page(visitor, &error),
    };
    let next = listed.next.map(|at| {
        let mut next = form_urlencoded::Serializer::new(format!("{PATH}?"));
        let pairs = [
            ("q", &sought),
            ("kind", &kind),
            ("state", &state),
            ("word", &at.word),
            ("after", &at.id),
        ];
        next.extend_pairs(pairs.into_iter().filter(|(_, text)| !text.is_empty()));
        next.finish()
    });
    let clients = listed.items.iter().map(line).collect();
    let frame = frame_after(&admin, Section::Clients, query);
    let page = visitor.page();
    shown(
        visitor,
        ClientList {
            page,
            frame,
            sought,
            kind,
            state,
            clients,
            next,
        },
    )
}

fn line(client: &Client) -> ClientLine {
    ClientLine {
        id: client.id.to_string(),
        name: client.display_name().to_owned(),
        kind: kind_word(ClientKind::of(client)),
        disabled: client.disabled,
        grade: grade(client).0.letter(),
    }
}

/// The members of a client's metadata that can be registered anew.
pub(super) fn members(client: &Client) -> Map<String, Value> {
    let mut members = match registration_response(client, None, None) {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    for ours in ["client_id", "client_id_issued_at", "software_statement"] {
        members.remove(ours);
    }
    members
}

/// `GET /admin/clients/{id}`
pub async fn show(
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    admin: Admin<ReadClients>,
) -> Response {
    let visitor = admin.visitor();
    let client = match app.find_client(admin.permit(), &ClientId::new(id)).await {
        Ok(Some(client)) => client,
        Ok(None) => return not_found(visitor),
        Err(error) => return respond::internal_page(visitor, &error),
    };
    let week = match app.statistics_of(&client.id).await {
        Ok(week) => week,
        Err(error) => return respond::internal_page(visitor, &error),
    };
    let (grade, findings) = grade(&client);
    let view = ClientPage {
        page: visitor.page(),
        frame: frame_after(&admin, Section::Clients, query.as_deref()),
        kind: kind_word(ClientKind::of(&client)),
        grade,
        findings,
        secrets: client
            .secrets
            .iter()
            .map(|secret| SecretLine {
                id: secret.id.to_string(),
                expires: secret.expires_at,
            })
            .collect(),
        week: charts(week),
        snippets: snippets(&client, app.issuer()),
        json: serde_json::to_string_pretty(&members(&client)).unwrap_or_default(),
        client,
    };
    shown(visitor, view)
}

fn charts(of: Week) -> Vec<Chart> {
    let parts = of.parts;
    let chart = |title, tone, series: Series| Chart {
        title,
        figure: series.total(),
        series,
        parts: parts.clone(),
        tone,
    };
    vec![
        chart("admin-chart-sign-ins", "calm", of.sign_ins),
        chart("admin-chart-tokens", "calm", of.tokens),
        chart("client-chart-refused", "bad", of.failures),
    ]
}

/// The client that a form is about, if the caller may change it.
pub(super) async fn find<From: AsRef<Visitor>>(
    app: &App,
    admin: &Admin<WriteClients, From>,
    id: &str,
) -> Result<Client, Response> {
    let mut reader = &app.store;
    match crate::storage::clients::find(&mut reader, &ClientId::new(id), app.now()).await {
        Ok(Some(client)) if admin.permit().within().holds(client.organisation) => Ok(client),
        Ok(_) => Err(not_found(admin.visitor())),
        Err(error) => Err(respond::internal_page(admin.visitor(), &error.into())),
    }
}

fn confirm<From: AsRef<Visitor>>(
    admin: &Admin<WriteClients, From>,
    client: &Client,
    what: &'static str,
    problems: Vec<Message>,
) -> Confirm {
    let mut frame = frame(admin, Section::Clients);
    frame.problems = problems;
    let (title, text, button) = match what {
        "delete" => ("client-delete-title", "client-delete-text", "admin-delete"),
        "disable" => (
            "client-disable-title",
            "client-disable-text",
            "admin-disable",
        ),
        _ => ("client-enable-title", "client-enable-text", "admin-enable"),
    };
    Confirm {
        page: admin.visitor().page(),
        frame,
        title,
        text,
        name: client.display_name().to_owned(),
        button,
        action: format!("{}/{what}", path(&client.id)),
        back: path(&client.id),
    }
}

/// `GET /admin/clients/{id}/delete`, `/disable`, `/enable`
pub async fn show_confirm(
    State(app): State<App>,
    Path((id, what)): Path<(String, String)>,
    form: AdminForm<WriteClients>,
) -> Response {
    let admin = form.0;
    let Some(what) = known(&what) else {
        return not_found(admin.visitor());
    };
    match find(&app, &admin, &id).await {
        Ok(client) => shown(admin.visitor(), confirm(&admin, &client, what, Vec::new())),
        Err(response) => response,
    }
}

fn known(what: &str) -> Option<&'static str> {
    ["delete", "disable", "enable"]
        .into_iter()
        .find(|known| *known == what)
}

/// `POST /admin/clients/{id}/delete`, `/disable`, `/enable`
pub async fn confirmed(
    State(app): State<App>,
    Path((id, what)): Path<(String, String)>,
    admin: Admin<WriteClients, Form>,
) -> Response {
    let visitor = admin.visitor();
    let Some(what) = known(&what) else {
        return not_found(visitor);
    };
    let client = match find(&app, &admin, &id).await {
        Ok(client) => client,
        Err(response) => return response,
    };
    let (permit, origin) = (admin.permit().clone(), visitor.origin.clone());
    let done = if what == "delete" {
        app.remove_client(permit, client.id.clone(), None, origin)
            .await
    } else {
        let disabled = what == "disable";
        let switched = app.switch_client(permit, client.id.clone(), disabled, None, origin);
        switched.await.map(|done| done.map(drop))
    };
    match done {
        Ok(Ok(())) if what == "delete" => visitor.go(&after(PATH, "deleted")),
        Ok(Ok(())) => visitor.go(&after(&path(&client.id), "changed")),
        Ok(Err(Refused::Absent)) => not_found(visitor),
        Ok(Err(refusal)) => refused(
            visitor,
            confirm(&admin, &client, what, why_refused(&refusal)),
        ),
        Err(error) => respond::internal_page(visitor, &error),
    }
}
