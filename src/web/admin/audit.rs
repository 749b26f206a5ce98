//! `/admin/audit`: what happened.

use std::collections::{BTreeSet, HashMap};

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::Value;

use super::{frame, not_found, refused, shown, value, why_refused};
use crate::base::Timestamp;
use crate::base::ids::UserId;
use crate::flows::Internal;
use crate::flows::administration::{Found, Position};
use crate::protocol::access::Within;
use crate::protocol::access::power::{ReadAudit, ReadUsers};
use crate::protocol::audit::{Actor, Kind};
use crate::protocol::audit_search::{self, EventSearch};
use crate::web::App;
use crate::web::extract::{Admin, is_foreign};
use crate::web::messages::Message;
use crate::web::respond;
use crate::web::views::ErrorKind;
use crate::web::views::admin::Section;
use crate::web::views::admin::audit::{AuditLog, EventLine};

const PATH: &str = "/admin/audit";
const PAGE: usize = 50;

const NAMES: [&str; 8] = [
    "kind",
    "outcome",
    "actor",
    "about",
    "address",
    "request_id",
    "since",
    "until",
];

/// What was asked for.
struct Asked(Vec<(&'static str, String)>);

impl Asked {
    fn read(query: Option<&str>) -> Self {
        let asked = |name| value(query, name).map(|text| (name, text.trim().to_owned()));
        Self(NAMES.into_iter().filter_map(asked).collect())
    }

    fn get(&self, name: &str) -> Option<String> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.clone())
    }

    fn link(&self, path: &str, after: Option<&str>) -> String {
        let mut link = form_urlencoded::Serializer::new(format!("{path}?"));
        link.extend_pairs(self.0.iter().map(|(name, value)| (*name, value.as_str())));
        link.extend_pairs(after.map(|id| ("after", id)));
        link.finish()
    }

    /// A user name stands for the person.
    async fn search(&self, app: &App, within: Within) -> Result<EventSearch, Message> {
        let instant = |name| match self.get(name) {
            None => Ok(None),
            Some(text) => super::role_grants::instant(&text),
        };
        Ok(EventSearch {
            kind: self.get("kind").and_then(|text| Kind::parse(&text)),
            actor: match self.get("actor") {
                Some(named) => Some(actor(app, within, named).await),
                None => None,
            },
            about: match self.get("about") {
                Some(named) => Some(subject(app, within, named).await),
                None => None,
            },
            failed: self.get("outcome").map(|outcome| outcome == "failure"),
            address: match self.get("address") {
                Some(text) if !text.is_empty() => {
                    Some(audit_search::address(&text).ok_or(Message::new("admin-why-no-address"))?)
                }
                _ => None,
            },
            request_id: self.get("request_id"),
            since: instant("since")?,
            until: instant("until")?,
        })
    }
}

async fn subject(app: &App, within: Within, named: String) -> String {
    known(app, within, &named)
        .await
        .map_or(named, |id| id.to_string())
}

async fn actor(app: &App, within: Within, named: String) -> String {
    if named.contains(':') {
        return named;
    }
    let found = known(app, within, &named).await;
    found.map_or(named, |id| Actor::User(id).name())
}

/// Whom a name stands for: of one organisation its people alone, or whoever searches would learn who else is here.
async fn known(app: &App, within: Within, named: &str) -> Option<UserId> {
    let user = app.find_user(named).await.ok().flatten();
    user.filter(|user| within.holds(user.organisation))
        .map(|user| user.id)
}

/// `GET`
pub async fn list(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    admin: Admin<ReadAudit>,
) -> Response {
    let (visitor, asked) = (admin.visitor(), Asked::read(query.as_deref()));
    let mut frame = frame(&admin, Section::Audit);
    let after = value(query.as_deref(), "after").map(|id| Position {
        word: String::new(),
        id,
    });
    let listed = match asked.search(&app, admin.permit().within()).await {
        Ok(search) => match app
            .search_events(admin.permit(), &search, after, PAGE)
            .await
        {
            Ok(Ok(listed)) => Some(listed),
            Ok(Err(refusal)) => {
                frame.problems = why_refused(&refusal);
                None
            }
            Err(error) => return respond::internal_page(visitor, &error),
        },
        Err(problem) => {
            frame.problems = vec![problem];
            None
        }
    };
    let names = match listed.as_ref() {
        Some(listed) => match names(&app, &admin, &listed.items).await {
            Ok(names) => names,
            Err(error) => return respond::internal_page(visitor, &error),
        },
        None => HashMap::new(),
    };
    let bad = frame.is_bad();
    let (items, next) = listed.map_or((Vec::new(), None), |listed| (listed.items, listed.next));
    let view = AuditLog {
        page: visitor.page(),
        frame,
        events: items
            .into_iter()
            .map(|item| line(item.body, &names))
            .collect(),
        next: next.map(|at| asked.link(PATH, Some(&at.id))),
        first: asked.link(PATH, None),
        export: asked.link("/admin/audit/export", None),
        asked: asked.0,
    };
    if bad {
        refused(visitor, view)
    } else {
        shown(visitor, view)
    }
}

fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The user names behind the actors of these events, for who may see people.
async fn names(
    app: &App,
    admin: &Admin<ReadAudit>,
    events: &[Found],
) -> Result<HashMap<String, String>, Internal> {
    let mut names = HashMap::new();
    let here = admin.permit().within().organisation();
    let Some(permit) = admin.who().decide::<ReadUsers>(here) else {
        return Ok(names);
    };
    let actors = events
        .iter()
        .filter_map(|found| found.body.get("actor")?.as_str());
    for actor in actors.collect::<BTreeSet<_>>() {
        let id = actor.strip_prefix("user:").and_then(|id| id.parse().ok());
        if let Some(id) = id
            && let Some(user) = app.user_within(&permit, UserId(id)).await?
        {
            names.insert(actor.to_owned(), user.username);
        }
    }
    Ok(names)
}

fn line(event: Value, names: &HashMap<String, String>) -> EventLine {
    let mut facts = match event {
        Value::Object(facts) => facts,
        _ => serde_json::Map::new(),
    };
    let actor = facts.get("actor").cloned().map(text).unwrap_or_default();
    // Whose name is shown has the id among the facts.
    let actor = if let Some(name) = names.get(&actor) {
        name.clone()
    } else {
        facts.remove("actor");
        actor
    };
    let mut take = |name: &str| facts.remove(name).map(text).unwrap_or_default();
    let [id, at, kind, outcome, reason, address] =
        ["id", "at", "kind", "outcome", "reason", "address"].map(&mut take);
    EventLine {
        id,
        at: Timestamp::parse_rfc3339(&at).map_or(at, short),
        kind,
        actor,
        failed: (outcome == "failure").then_some(reason),
        address,
        facts: facts
            .into_iter()
            .map(|(name, value)| (name, text(value)))
            .collect(),
    }
}

/// To the second: the rest is in the file.
fn short(at: Timestamp) -> String {
    let text = at.rfc3339();
    text.split_once('.')
        .map_or(text.clone(), |(whole, _)| format!("{whole}Z"))
}

/// `GET /admin/audit/export`: the same events as a file of JSON lines, in parts as they are read.
pub async fn export(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    admin: Admin<ReadAudit>,
) -> Response {
    let (visitor, asked) = (admin.visitor(), Asked::read(query.as_deref()));
    // A link on another site would put a file with everything on the disk of who follows it.
    if is_foreign(&app, &headers) {
        return respond::error_page(visitor, ErrorKind::Forged, None);
    }
    let within = admin.permit().within();
    let Ok(search) = asked.search(&app, within).await else {
        return not_found(visitor);
    };
    let permit = admin.permit().clone();
    let export = match app
        .export_events(permit, search, visitor.origin.clone())
        .await
    {
        Ok(Ok(export)) => export,
        Ok(Err(_)) => return not_found(visitor),
        Err(error) => return respond::internal_page(visitor, &error),
    };
    let parts = stream::try_unfold(export, |mut export| async move {
        let part = export.next().await;
        if let Err(error) = &part {
            // The file is cut off in the middle of the transfer: the browser says that it failed.
            tracing::error!(%error, "an export of the audit log was cut off");
        }
        Ok::<_, Internal>(part?.map(|lines| (lines, export)))
    });
    let headers = [
        (header::CONTENT_TYPE, "application/jsonl"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"audit.jsonl\"",
        ),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, Body::from_stream(parts)).into_response()
}
