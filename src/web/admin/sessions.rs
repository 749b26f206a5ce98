//! `/admin/sessions`: who is signed in, and the end of it.

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use uuid::Uuid;

use super::{after, frame, frame_after, not_found, refused, shown, value, why_refused};
use crate::base::ids::{SessionId, UserId};
use crate::flows::Internal;
use crate::flows::administration::{Position, Refused, SessionFilter, Sweep};
use crate::protocol::access::power::{ReadSessions, WriteSessions};
use crate::protocol::audit_search;
use crate::protocol::client::{Client, ClientId};
use crate::storage::live_sessions::LiveSession;
use crate::storage::organisations;
use crate::storage::words::Sought;
use crate::web::App;
use crate::web::extract::{Admin, AdminForm, Form, Visitor};
use crate::web::messages::Message;
use crate::web::respond;
use crate::web::views::account::AccountSession;
use crate::web::views::admin::confirm::Confirm;
use crate::web::views::admin::sessions::{EndSession, SessionLine, SessionList};
use crate::web::views::admin::{Section, method_key};

const PATH: &str = "/admin/sessions";
const PAGE: usize = 50;

const NAMES: [&str; 4] = ["q", "address", "client", "user"];

/// `GET /admin/sessions`
pub async fn list(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    admin: Admin<ReadSessions>,
) -> Response {
    let (visitor, query) = (admin.visitor(), query.as_deref());
    let asked = NAMES.map(|name| value(query, name).unwrap_or_default().trim().to_owned());
    let mut frame = frame_after(&admin, Section::Sessions, query);
    let view = async {
        let (lines, next) = match filter(&asked) {
            Ok(filter) => {
                let from = value(query, "after").map(|id| Position {
                    word: value(query, "word").unwrap_or_default(),
                    id,
                });
                let listed = app
                    .list_live_sessions(admin.permit(), &filter, from, PAGE)
                    .await?;
                let lines = lines(&app, &admin, listed.items).await?;
                (lines, listed.next.map(|at| link(&asked, &at)))
            }
            Err(problem) => {
                frame.problems = vec![problem];
                (Vec::new(), None)
            }
        };
        let whose = whose(&app, &admin, &asked[3]).await?;
        let [sought, address, client, user] = asked;
        Ok::<_, Internal>(SessionList {
            page: visitor.page(),
            frame,
            sought,
            address,
            client,
            user,
            whose,
            lines,
            next,
        })
    };
    match view.await {
        Ok(view) if view.frame.is_bad() => refused(visitor, view),
        Ok(view) => shown(visitor, view),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

fn filter([q, address, client, user]: &[String; 4]) -> Result<SessionFilter, Message> {
    let no_address = || Message::new("admin-why-no-address");
    let address = (!address.is_empty())
        .then(|| audit_search::address(address).ok_or_else(no_address))
        .transpose()?;
    Ok(SessionFilter {
        sought: Sought::parse(q),
        address,
        client: (!client.is_empty()).then(|| ClientId::new(client.as_str())),
        // What cannot be a person's is nobody's.
        user: (!user.is_empty()).then(|| UserId(user.parse().unwrap_or(Uuid::nil()))),
    })
}

fn link(asked: &[String; 4], at: &Position) -> String {
    let mut next = form_urlencoded::Serializer::new(format!("{PATH}?"));
    let pairs = NAMES.into_iter().zip(asked.iter().map(String::as_str));
    let pairs = pairs.chain([("word", &*at.word), ("after", &*at.id)]);
    next.extend_pairs(pairs.filter(|(_, text)| !text.is_empty()));
    next.finish()
}

/// The name of the one person whose sessions are shown.
async fn whose(app: &App, admin: &Admin<ReadSessions>, user: &str) -> Result<String, Internal> {
    let Ok(id) = user.parse() else {
        return Ok(user.to_owned());
    };
    let found = app.user_within(admin.permit(), UserId(id)).await?;
    Ok(found.map_or_else(|| user.to_owned(), |of| of.display_name().to_owned()))
}

async fn lines<P: crate::protocol::access::Power, From: AsRef<Visitor>>(
    app: &App,
    admin: &Admin<P, From>,
    all: Vec<LiveSession>,
) -> Result<Vec<SessionLine>, Internal> {
    let (here, within) = (admin.person().session().id, admin.permit().within());
    let mut lines = Vec::with_capacity(all.len());
    for one in all {
        let mut clients = Vec::with_capacity(one.clients.len());
        for id in &one.clients {
            // What belongs to another organisation by now has no name here.
            let inside = |of: &Client| of.organisation.is_none() || within.holds(of.organisation);
            let client = app.client(id).await?.filter(|of| inside(of));
            let name = client.map_or_else(|| id.to_string(), |of| of.display_name().to_owned());
            clients.push((id.to_string(), name));
        }
        let name = one.display_name().to_owned();
        let LiveSession {
            session, username, ..
        } = one;
        let mut methods: Vec<String> = Vec::new();
        for proof in session.proofs.iter() {
            let key = method_key(proof.of.method);
            if !methods.contains(&key) {
                methods.push(key);
            }
        }
        lines.push(SessionLine {
            user: session.user_id.to_string(),
            name,
            username,
            methods,
            clients,
            began: session.created_at,
            ends: session.expires_at.min(session.idle_expires_at),
            browser: AccountSession {
                session_id: session.id.to_string(),
                user_agent: session.user_agent,
                address: session.address,
                last_seen: session.last_seen_at,
                current: session.id == here,
            },
        });
    }
    Ok(lines)
}

/// One that the caller may end, as it is shown.
async fn find<From: AsRef<Visitor>>(
    app: &App,
    admin: &Admin<WriteSessions, From>,
    id: Uuid,
) -> Result<SessionLine, Response> {
    let found = async {
        let found = app.session_to_end(admin.permit(), SessionId(id)).await?;
        lines(app, admin, found.into_iter().collect()).await
    };
    match found.await {
        Ok(mut lines) => lines.pop().ok_or_else(|| not_found(admin.visitor())),
        Err(error) => Err(respond::internal_page(admin.visitor(), &error)),
    }
}

/// `GET /admin/sessions/{id}/end`
pub async fn show_end(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    form: AdminForm<WriteSessions>,
) -> Response {
    let admin = form.0;
    match find(&app, &admin, id).await {
        Ok(line) => shown(admin.visitor(), ending(&admin, line, Vec::new())),
        Err(response) => response,
    }
}

fn ending<From: AsRef<Visitor>>(
    admin: &Admin<WriteSessions, From>,
    line: SessionLine,
    problems: Vec<Message>,
) -> EndSession {
    let mut frame = frame(admin, Section::Sessions);
    frame.problems = problems;
    EndSession {
        page: admin.visitor().page(),
        frame,
        line,
    }
}

/// `POST /admin/sessions/{id}/end`
pub async fn end(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    admin: Admin<WriteSessions, Form>,
) -> Response {
    let visitor = admin.visitor();
    let (permit, origin) = (admin.permit().clone(), visitor.origin.clone());
    match app.end_live_session(permit, SessionId(id), origin).await {
        Ok(Ok(())) => visitor.go(&after(PATH, "ended")),
        Ok(Err(Refused::Absent)) => not_found(visitor),
        Ok(Err(refusal)) => match find(&app, &admin, id).await {
            Ok(line) => refused(visitor, ending(&admin, line, why_refused(&refusal))),
            Err(response) => response,
        },
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// `GET /admin/sessions/end-all`
pub async fn show_end_all(State(app): State<App>, form: AdminForm<WriteSessions>) -> Response {
    let admin = form.0;
    let visitor = admin.visitor();
    let mut title = "sessions-end-all-title";
    let mut name = String::new();
    if let Some(id) = admin.permit().within().organisation() {
        let mut reader = &app.store;
        match organisations::find(&mut reader, id).await {
            Ok(Some(of)) => (title, name) = ("sessions-end-here-title", of.title),
            Ok(None) => return not_found(visitor),
            Err(error) => return respond::internal_page(visitor, &error.into()),
        }
    }
    shown(
        visitor,
        Confirm {
            page: visitor.page(),
            frame: frame(&admin, Section::Sessions),
            title,
            text: "sessions-end-all-text",
            name,
            button: "sessions-end-all",
            action: format!("{PATH}/end-all"),
            back: PATH.to_owned(),
        },
    )
}

/// `POST /admin/sessions/end-all`: but for the one that it comes from.
pub async fn end_all(State(app): State<App>, admin: Admin<WriteSessions, Form>) -> Response {
    let visitor = admin.visitor();
    let (permit, origin) = (admin.permit().clone(), visitor.origin.clone());
    let here = admin.person().session().id;
    match app.end_everybody(permit, Some(here), origin).await {
        Ok(Sweep::Ended(_)) => visitor.go(&after(PATH, "everybody")),
        Ok(Sweep::GoesOn) => visitor.go(&after(PATH, "goes-on")),
        Err(error) => respond::internal_page(visitor, &error),
    }
}
