//! `/admin/keys`: the signing keys.

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use super::{after, frame, frame_after, not_found, refused, shown, why_refused};
use crate::crypto::jose::KeyAlgorithm;
use crate::flows::administration::{Done, Refused};
use crate::flows::rotate_keys;
use crate::protocol::access::Permit;
use crate::protocol::access::power::{ReadKeys, WriteKeys};
use crate::protocol::key_lifecycle::RotateNow;
use crate::web::App;
use crate::web::extract::{Admin, AdminForm, Form, Visitor};
use crate::web::messages::Message;
use crate::web::respond;
use crate::web::views::admin::Section;
use crate::web::views::admin::confirm::Confirm;
use crate::web::views::admin::keys::{KeyLine, Keys, RotateKeys};

const PATH: &str = "/admin/keys";

/// `GET`
pub async fn list(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    admin: Admin<ReadKeys>,
) -> Response {
    let visitor = admin.visitor();
    match lines(&app, admin.permit()).await {
        Ok(Err(_)) => not_found(visitor),
        Ok(Ok(keys)) => {
            let frame = frame_after(&admin, Section::Keys, query.as_deref());
            shown(
                visitor,
                Keys {
                    page: visitor.page(),
                    frame,
                    keys,
                },
            )
        }
        Err(error) => respond::internal_page(visitor, &error),
    }
}

async fn lines(app: &App, permit: &Permit<ReadKeys>) -> Done<Vec<KeyLine>> {
    let records = match app.list_keys(permit).await? {
        Ok(records) => records,
        Err(refused) => return Ok(Err(refused)),
    };
    let policy = rotate_keys::policy(&app.config)?;
    let mut lines: Vec<_> = records
        .iter()
        .map(|key| KeyLine {
            kid: key.kid.clone(),
            alg: key.alg.as_str(),
            opens: matches!(key.alg, KeyAlgorithm::Encryption(_)),
            state: key.state,
            created: key.created_at,
            next: key.next_step_at(&records, &policy),
        })
        .collect();
    lines.sort_by_key(|line| (line.state as u8, line.alg, std::cmp::Reverse(line.created)));
    Ok(Ok(lines))
}

/// `GET /admin/keys/rotate`
pub async fn show_rotate(State(app): State<App>, form: AdminForm<WriteKeys>) -> Response {
    rotation(&app, &form.0, Vec::new())
}

fn rotation<From: AsRef<Visitor>>(
    app: &App,
    admin: &Admin<WriteKeys, From>,
    problems: Vec<Message>,
) -> Response {
    let visitor = admin.visitor();
    if admin.permit().within().organisation().is_some() {
        return not_found(visitor);
    }
    let mut frame = frame(admin, Section::Keys);
    frame.problems = problems;
    let algorithms = match rotate_keys::algorithms(app) {
        Ok(algorithms) => algorithms,
        Err(error) => return respond::internal_page(visitor, &error),
    };
    let bad = frame.is_bad();
    let view = RotateKeys {
        page: visitor.page(),
        frame,
        algorithms: algorithms.iter().map(|alg| alg.as_str()).collect(),
    };
    if bad {
        refused(visitor, view)
    } else {
        shown(visitor, view)
    }
}

/// `POST /admin/keys/rotate`
pub async fn rotate(State(app): State<App>, admin: Admin<WriteKeys, Form>) -> Response {
    let form = &admin.from;
    let Ok(alg) = form.text("alg").parse() else {
        return not_found(admin.visitor());
    };
    let wish = match form.text("wish").as_str() {
        "scheduled" => RotateNow::Scheduled(alg),
        "now" => RotateNow::AtOnce(alg),
        _ => return rotation(&app, &admin, vec![Message::new("admin-keys-how")]),
    };
    turn(&app, &admin, wish, |problems| {
        rotation(&app, &admin, problems)
    })
    .await
}

async fn turn(
    app: &App,
    admin: &Admin<WriteKeys, Form>,
    wish: RotateNow,
    again: impl FnOnce(Vec<Message>) -> Response,
) -> Response {
    let done = match wish {
        RotateNow::Revoke { .. } => "key-revoked",
        RotateNow::Scheduled(_) | RotateNow::AtOnce(_) => "rotated",
    };
    match app.turn_keys(admin.permit(), wish).await {
        Ok(Ok(actions)) if actions.is_empty() => admin.visitor().go(&after(PATH, "nothing")),
        Ok(Ok(_)) => admin.visitor().go(&after(PATH, done)),
        // Of the whole deployment: nothing for who administers an organisation.
        Ok(Err(Refused::NotHere)) => not_found(admin.visitor()),
        Ok(Err(refusal)) => again(why_refused(&refusal)),
        Err(error) => respond::internal_page(admin.visitor(), &error),
    }
}

/// `GET /admin/keys/{kid}/revoke`
pub async fn show_revoke(
    State(app): State<App>,
    Path(kid): Path<String>,
    form: AdminForm<WriteKeys>,
) -> Response {
    let admin = form.0;
    let here = admin.permit().within().organisation();
    let Some(reading) = admin.who().decide::<ReadKeys>(here) else {
        return not_found(admin.visitor());
    };
    match lines(&app, &reading).await {
        Ok(Ok(keys)) if keys.iter().any(|key| key.kid == kid && key.is_published()) => {
            shown(admin.visitor(), confirm(&admin, kid, Vec::new()))
        }
        Ok(_) => not_found(admin.visitor()),
        Err(error) => respond::internal_page(admin.visitor(), &error),
    }
}

fn confirm<From: AsRef<Visitor>>(
    admin: &Admin<WriteKeys, From>,
    kid: String,
    problems: Vec<Message>,
) -> Confirm {
    let mut frame = frame(admin, Section::Keys);
    frame.problems = problems;
    Confirm {
        page: admin.visitor().page(),
        frame,
        title: "admin-key-revoke-title",
        text: "admin-key-revoke-text",
        action: format!("{PATH}/{kid}/revoke"),
        name: kid,
        button: "admin-key-revoke",
        back: PATH.to_owned(),
    }
}

/// `POST /admin/keys/{kid}/revoke`
pub async fn revoke(
    State(app): State<App>,
    Path(kid): Path<String>,
    admin: Admin<WriteKeys, Form>,
) -> Response {
    let wish = RotateNow::Revoke { kid: kid.clone() };
    turn(&app, &admin, wish, |problems| {
        refused(admin.visitor(), confirm(&admin, kid, problems))
    })
    .await
}
