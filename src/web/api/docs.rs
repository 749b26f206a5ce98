//! The page about the API: the OpenAPI document for people, without a script.

use std::collections::BTreeMap;

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use super::openapi::codes;
use crate::web::App;
use crate::web::extract::Visitor;
use crate::web::views::Page;

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "api/docs.html")]
struct Docs {
    page: Page,
    api: String,
    groups: Vec<Group>,
    schemas: Vec<Schema>,
    codes: Vec<(&'static str, u16, &'static str)>,
}

/// The operations on one kind of thing.
struct Group {
    name: String,
    operations: Vec<Operation>,
}

struct Operation {
    method: String,
    path: String,
    id: String,
    summary: String,
    description: String,
    scope: String,
    takes: Vec<Member>,
    body: Option<String>,
    answer: Option<String>,
}

struct Schema {
    name: String,
    description: String,
    members: Vec<Member>,
}

/// A parameter or a member of a body.
struct Member {
    name: String,
    place: String,
    kind: String,
    required: bool,
    description: String,
}

/// `GET /api/v1/docs`
pub async fn show(State(app): State<App>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    Docs {
        page: Visitor::stranger(&app, &parts).page(),
        api: app.api(),
        groups: groups(&app.api.value),
        schemas: schemas(&app.api.value),
        codes: codes(),
    }
    .into_response()
}

fn text(of: &Value) -> String {
    of.as_str().unwrap_or_default().to_owned()
}

fn groups(document: &Value) -> Vec<Group> {
    let mut groups: BTreeMap<String, Vec<Operation>> = BTreeMap::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let group = groups.entry(text(&operation["tags"][0])).or_default();
            group.push(read(path, method, operation));
        }
    }
    let named = |(name, operations)| Group { name, operations };
    groups.into_iter().map(named).collect()
}

fn read(path: &str, method: &str, operation: &Value) -> Operation {
    let takes = operation["parameters"].as_array().into_iter().flatten();
    let answers = operation["responses"].as_object().into_iter().flatten();
    let body = |of: &Value| {
        let schema = &of["content"]["application/json"]["schema"];
        (!schema.is_null()).then(|| kind(schema))
    };
    Operation {
        method: method.to_uppercase(),
        path: path.to_owned(),
        id: text(&operation["operationId"]),
        summary: text(&operation["summary"]),
        description: text(&operation["description"]),
        scope: text(&operation["security"][0]["oauth"][0]),
        takes: takes.map(parameter).collect(),
        body: body(&operation["requestBody"]),
        answer: answers
            .filter(|(status, _)| status.starts_with('2'))
            .find_map(|(_, answer)| body(answer)),
    }
}

fn parameter(of: &Value) -> Member {
    Member {
        name: text(&of["name"]),
        place: text(&of["in"]),
        kind: kind(&of["schema"]),
        required: of["required"].as_bool().unwrap_or_default(),
        description: text(&of["description"]),
    }
}

fn schemas(document: &Value) -> Vec<Schema> {
    let all = document["components"]["schemas"].as_object();
    let schema = |(name, of): (&String, &Value)| {
        let needed = of["required"].as_array().cloned().unwrap_or_default();
        let members = of["properties"].as_object().into_iter().flatten();
        Schema {
            name: name.clone(),
            description: text(&of["description"]),
            members: members
                .map(|(name, of)| Member {
                    name: name.clone(),
                    place: String::new(),
                    kind: kind(of),
                    required: needed.contains(&Value::from(name.as_str())),
                    description: text(&of["description"]),
                })
                .collect(),
        }
    };
    all.into_iter().flatten().map(schema).collect()
}

/// A schema in a word or two.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str() {
        return name.rsplit('/').next().unwrap_or_default().to_owned();
    }
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<_> = words.iter().filter_map(Value::as_str).collect();
        return words.join(" | ");
    }
    if let Some(several) = schema["oneOf"].as_array().or(schema["allOf"].as_array()) {
        let kinds: Vec<_> = several
            .iter()
            .map(kind)
            .filter(|one| one != "null")
            .collect();
        return kinds.join(" | ");
    }
    let name = match &schema["type"] {
        Value::Array(types) => {
            let words: Vec<_> = types.iter().filter_map(Value::as_str).collect();
            words
                .into_iter()
                .find(|word| *word != "null")
                .unwrap_or_default()
                .to_owned()
        }
        one => text(one),
    };
    if name == "array" {
        return format!("{}[]", kind(&schema["items"]));
    }
    name
}
