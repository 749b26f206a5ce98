//! `/admin/resources`: APIs that take our access tokens. An identifier is a URI: in addresses it is base64url.

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::by_name::ByName;
use super::{after, frame, frame_after, not_found, refused, shown, why_refused};
use crate::flows::administration::{Done, Refused};
use crate::protocol::access::Permit;
use crate::protocol::access::power::{ReadResources, WriteResources};
use crate::protocol::resource_server::ResourceServer;
use crate::web::App;
use crate::web::extract::{Admin, AdminForm, Form, Visitor};
use crate::web::messages::Message;
use crate::web::respond;
use crate::web::views::admin::Section;
use crate::web::views::admin::confirm::Confirm;
use crate::web::views::admin::resources::{EditResource, ResourceList};

const PATH: &str = "/admin/resources";
const PAGE: usize = 50;

fn slug(identifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(identifier)
}

fn unslug(slug: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(slug).ok()?).ok()
}

/// `GET /admin/resources`
pub async fn list(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    admin: Admin<ReadResources>,
) -> Response {
    let visitor = admin.visitor();
    let asked = ByName::read(query.as_deref());
    let (sought, after) = (asked.sought(), asked.after.clone());
    let listed = app.list_resource_servers(admin.permit(), sought.as_ref(), after, PAGE);
    match listed.await {
        Ok(Ok(listed)) => {
            let next = listed.next.map(|at| asked.link(PATH, &at));
            let resources = listed.items.into_iter();
            let resources = resources
                .map(|(of, _)| (slug(&of.identifier), of))
                .collect();
            let frame = frame_after(&admin, Section::Resources, query.as_deref());
            shown(
                visitor,
                ResourceList {
                    page: visitor.page(),
                    frame,
                    resources,
                    next,
                    sought: asked.typed,
                },
            )
        }
        Ok(Err(_)) => not_found(visitor),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// `GET /admin/resources/new`
pub async fn show_new(form: AdminForm<WriteResources>) -> Response {
    let admin = form.0;
    let action = format!("{PATH}/new");
    shown(
        admin.visitor(),
        page(&admin, (action, None), |_| String::new(), Vec::new()),
    )
}

fn page<From: AsRef<Visitor>>(
    admin: &Admin<WriteResources, From>,
    (action, version): (String, Option<i64>),
    typed: impl Fn(&str) -> String,
    problems: Vec<Message>,
) -> EditResource {
    let mut frame = frame(admin, Section::Resources);
    frame.problems = problems;
    EditResource {
        page: admin.visitor().page(),
        frame,
        action,
        version,
        identifier: typed("identifier"),
        name: typed("name"),
        scopes: typed("scopes"),
        lifetime: typed("lifetime"),
        signing: typed("signing"),
        format: typed("format"),
        published: typed("published") == "yes",
    }
}

/// What was typed, through the same door as a file of the command line.
fn read(form: &Form, identifier: &str) -> Result<ResourceServer, Message> {
    let scopes: Map<String, Value> = form
        .text("scopes")
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| {
            let (scope, words) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            (scope.to_owned(), Value::String(words.trim().to_owned()))
        })
        .collect();
    let mut document = json!({
        "identifier": identifier, "name": form.text("name").trim(), "scopes": scopes,
        "published": form.text("published") == "yes",
    });
    let lifetime = form.text("lifetime").trim().to_owned();
    let members = [
        (
            "access_token_lifetime",
            lifetime
                .parse::<u64>()
                .map_or(Value::String(lifetime), Value::from),
        ),
        (
            "access_token_signed_response_alg",
            Value::String(form.text("signing")),
        ),
        ("access_token_format", Value::String(form.text("format"))),
    ];
    for (name, value) in members {
        if value.as_str() != Some("") {
            document[name] = value;
        }
    }
    serde_json::from_value(document).map_err(|error| {
        Message::new("admin-why-wrong").with("problem", error.to_string().as_str())
    })
}

async fn write(
    app: &App,
    admin: &Admin<WriteResources, Form>,
    identifier: &str,
    at: (String, Option<i64>),
) -> Response {
    let (visitor, form) = (admin.visitor(), &admin.from);
    let typed = |name: &str| match name {
        "identifier" => identifier.to_owned(),
        name => form.text(name),
    };
    let server = match read(form, identifier) {
        Ok(server) => server,
        Err(problem) => return refused(visitor, page(admin, at, typed, vec![problem])),
    };
    let replaces = at.1.map(Some);
    let (permit, origin) = (admin.permit().clone(), visitor.origin.clone());
    match app
        .put_resource_server(permit, server, replaces, origin)
        .await
    {
        Ok(Ok(_)) => visitor.go(&after(
            PATH,
            if at.1.is_some() { "changed" } else { "created" },
        )),
        Ok(Err(refusal)) => refused(visitor, page(admin, at, typed, why_refused(&refusal))),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// `POST /admin/resources/new`
pub async fn create(State(app): State<App>, admin: Admin<WriteResources, Form>) -> Response {
    let identifier = admin.from.text("identifier").trim().to_owned();
    write(&app, &admin, &identifier, (format!("{PATH}/new"), None)).await
}

async fn find<From: AsRef<Visitor>>(
    app: &App,
    admin: &Admin<WriteResources, From>,
    slug: &str,
) -> Result<(ResourceServer, i64), Response> {
    let visitor = admin.visitor();
    let (Some(identifier), Some(permit)) = (unslug(slug), reading(admin)) else {
        return Err(not_found(visitor));
    };
    let found: Done<_> = app.find_resource_server(&permit, &identifier).await;
    match found {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(_)) => Err(not_found(visitor)),
        Err(error) => Err(respond::internal_page(visitor, &error)),
    }
}

fn reading<From: AsRef<Visitor>>(
    admin: &Admin<WriteResources, From>,
) -> Option<Permit<ReadResources>> {
    admin.who().decide(admin.permit().within().organisation())
}

/// `GET /admin/resources/{name}/edit`
pub async fn show_edit(
    State(app): State<App>,
    Path(name): Path<String>,
    form: AdminForm<WriteResources>,
) -> Response {
    let admin = form.0;
    let (of, version) = match find(&app, &admin, &name).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let lines: Vec<_> = of
        .scopes
        .iter()
        .map(|(scope, words)| format!("{scope} {words}"))
        .collect();
    let word = |value: Value| value.as_str().unwrap_or_default().to_owned();
    let typed = |field: &str| match field {
        "identifier" => of.identifier.clone(),
        "name" => of.name.clone(),
        "scopes" => lines.join("\n"),
        "lifetime" => of
            .access_token_lifetime
            .map(|seconds| seconds.to_string())
            .unwrap_or_default(),
        "signing" => word(json!(of.access_token_signed_response_alg)),
        "format" => word(json!(of.access_token_format)),
        _ => {
            if of.published {
                "yes".to_owned()
            } else {
                String::new()
            }
        }
    };
    let action = format!("{PATH}/{name}/edit");
    shown(
        admin.visitor(),
        page(&admin, (action, Some(version)), typed, Vec::new()),
    )
}

/// `POST /admin/resources/{name}/edit`
pub async fn change(
    State(app): State<App>,
    Path(name): Path<String>,
    admin: Admin<WriteResources, Form>,
) -> Response {
    let (of, version) = match find(&app, &admin, &name).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let seen = admin.from.text("version").parse().unwrap_or(version);
    write(
        &app,
        &admin,
        &of.identifier,
        (format!("{PATH}/{name}/edit"), Some(seen)),
    )
    .await
}

fn confirm<From: AsRef<Visitor>>(
    admin: &Admin<WriteResources, From>,
    of: &ResourceServer,
    problems: Vec<Message>,
) -> Confirm {
    let mut frame = frame(admin, Section::Resources);
    frame.problems = problems;
    Confirm {
        page: admin.visitor().page(),
        frame,
        title: "resource-delete-title",
        text: "resource-delete-text",
        name: of.name.clone(),
        button: "admin-delete",
        action: format!("{PATH}/{}/delete", slug(&of.identifier)),
        back: PATH.to_owned(),
    }
}

/// `GET /admin/resources/{name}/delete`
pub async fn show_delete(
    State(app): State<App>,
    Path(name): Path<String>,
    form: AdminForm<WriteResources>,
) -> Response {
    let admin = form.0;
    match find(&app, &admin, &name).await {
        Ok((of, _)) => shown(admin.visitor(), confirm(&admin, &of, Vec::new())),
        Err(response) => response,
    }
}

/// `POST /admin/resources/{name}/delete`
pub async fn delete(
    State(app): State<App>,
    Path(name): Path<String>,
    admin: Admin<WriteResources, Form>,
) -> Response {
    let visitor = admin.visitor();
    let (of, _) = match find(&app, &admin, &name).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let (permit, origin) = (admin.permit().clone(), visitor.origin.clone());
    match app
        .remove_resource_server(permit, of.identifier.clone(), None, origin)
        .await
    {
        Ok(Ok(())) => visitor.go(&after(PATH, "deleted")),
        Ok(Err(Refused::Absent)) => not_found(visitor),
        Ok(Err(refusal)) => refused(visitor, confirm(&admin, &of, why_refused(&refusal))),
        Err(error) => respond::internal_page(visitor, &error),
    }
}
