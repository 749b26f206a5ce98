//! `/admin/keys`: the signing keys.

use axum::extract::{RawQuery, State};
use axum::response::Response;

use super::{after, frame, frame_after, not_found, refused, shown, why_refused};
use crate::crypto::jose::KeyAlgorithm;
use crate::flows::administration::{Done, Refused};
use crate::flows::rotate_keys;
use crate::protocol::access::Permit;
use crate::protocol::access::power::{ReadKeys, WriteKeys};
use crate::protocol::key_lifecycle::RotateNow;
use crate::web::App;
use crate::web::extract::{Admin, AdminForm, Form};
use crate::web::messages::Message;
use crate::web::respond;
use crate::web::views::admin::Section;
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
    page(&app, &form.0, Vec::new()).await
}

async fn page<From: AsRef<crate::web::extract::Visitor>>(
    app: &App,
    admin: &Admin<WriteKeys, From>,
    problems: Vec<Message>,
) -> Response {
    let visitor = admin.visitor();
    let mut frame = frame(admin, Section::Keys);
    frame.problems = problems;
    let here = admin.permit().within().organisation();
    let Some(reading) = admin.who().decide::<ReadKeys>(here) else {
        return not_found(visitor);
    };
    match (rotate_keys::algorithms(app), lines(app, &reading).await) {
        (_, Ok(Err(_))) => not_found(visitor),
        (Ok(algorithms), Ok(Ok(keys))) => {
            let bad = frame.is_bad();
            let view = RotateKeys {
                page: visitor.page(),
                frame,
                algorithms: algorithms.iter().map(|alg| alg.as_str()).collect(),
                keys,
            };
            if bad {
                refused(visitor, view)
            } else {
                shown(visitor, view)
            }
        }
        (Err(error), _) | (_, Err(error)) => respond::internal_page(visitor, &error),
    }
}

/// `POST /admin/keys/rotate`
pub async fn rotate(State(app): State<App>, admin: Admin<WriteKeys, Form>) -> Response {
    let form = &admin.from;
    let wish = match form.text("wish").as_str() {
        "revoke" => RotateNow::Revoke {
            kid: form.text("kid"),
        },
        how @ ("scheduled" | "now") => {
            let Ok(alg) = form.text("alg").parse() else {
                return not_found(admin.visitor());
            };
            if how == "now" {
                RotateNow::AtOnce(alg)
            } else {
                RotateNow::Scheduled(alg)
            }
        }
        _ => return page(&app, &admin, vec![Message::new("admin-keys-how")]).await,
    };
    match app.turn_keys(admin.permit(), wish).await {
        Ok(Ok(done)) if done.is_empty() => admin.visitor().go(&after(PATH, "nothing")),
        Ok(Ok(_)) => admin.visitor().go(&after(PATH, "rotated")),
        // Of the whole deployment: nothing for who administers an organisation.
        Ok(Err(Refused::NotHere)) => not_found(admin.visitor()),
        Ok(Err(refusal)) => page(&app, &admin, why_refused(&refusal)).await,
        Err(error) => respond::internal_page(admin.visitor(), &error),
    }
}
