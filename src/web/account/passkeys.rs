//! `/account/passkeys/new`, `/account/passkeys/{id}`

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use uuid::Uuid;

use super::overview::{self, Said};
use super::recovery;
use crate::crypto::webauthn::Refused;
use crate::flows::Internal;
use crate::flows::enrol::Enroller;
use crate::flows::passkey_settings::{PasskeyAdded, PasskeyRemoved};
use crate::flows::session::SignedIn;
use crate::storage::passkeys::Passkey;
use crate::web::App;
use crate::web::extract::{Form, Recent, Visitor};
use crate::web::pages::fields::problem;
use crate::web::pages::passkey::answer;
use crate::web::respond;
use crate::web::views::{
    self, Alert, ErrorKind, Field, Notice, PasskeyAlert, PasskeyLine, PasskeyNew, PasskeyPage,
    PasskeyPrompt,
};

const NEW: &str = "/account/passkeys/new";

/// The passkeys of a person, for the account page.
///
/// # Errors
/// If the database does not answer.
pub async fn list(app: &App, person: &SignedIn) -> Result<Option<Vec<PasskeyLine>>, Internal> {
    let all = app.passkeys_of(person).await?;
    Ok(all.map(|all| all.iter().map(|one| line(app, one)).collect()))
}

fn line(app: &App, passkey: &Passkey) -> PasskeyLine {
    let credential = &passkey.credential;
    PasskeyLine {
        id: passkey.id.to_string(),
        name: passkey.name.clone(),
        model: app
            .passkey_model(passkey.aaguid)
            .filter(|model| *model != passkey.name),
        synced: credential.is_backup_eligible(),
        verified: credential.is_verified(),
        created: passkey.created_at,
        last_used: passkey.last_used_at,
        suspended: passkey.suspended_at.is_some(),
    }
}

/// `GET /account/passkeys/new`
pub async fn show_new(State(app): State<App>, recent: Recent<Visitor>) -> Response {
    new_page(&app, &recent, StatusCode::OK, views::Form::default()).await
}

async fn new_page<From: AsRef<Visitor>>(
    app: &App,
    recent: &Recent<From>,
    status: StatusCode,
    form: views::Form,
) -> Response {
    let visitor = recent.visitor();
    let enroller = Enroller::from(recent.proof().clone());
    match app.offer_passkey(&enroller, visitor.browser()).await {
        Ok(Some(prompt)) => visitor.show(
            status,
            PasskeyNew {
                page: visitor.page(),
                form,
                prompt: PasskeyPrompt {
                    options: prompt.options,
                    state: prompt.state,
                    fresh: NEW.to_owned(),
                },
            },
        ),
        Ok(None) => respond::error_page(visitor, ErrorKind::NotFound, None),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// `POST /account/passkeys/new`
pub async fn add(State(app): State<App>, recent: Recent<Form>) -> Response {
    let (visitor, form) = (recent.visitor(), &recent.member.from);
    let enroller = Enroller::from(recent.proof().clone());
    match made(&app, &enroller, form).await {
        Ok(PasskeyAdded::Done(done)) => {
            let notice = Notice::PasskeyAdded;
            let next = match done.codes {
                Some(codes) => {
                    let page = recovery::shown(visitor, &codes, "/account", Some(notice));
                    visitor.show(StatusCode::OK, page)
                }
                None => overview::page(&app, &recent.member, Said::done(notice)).await,
            };
            let renewed = visitor.prove_more(&done.signed_in, next).await;
            let mut response =
                renewed.unwrap_or_else(|error| respond::internal_page(visitor, &error));
            if let Some(device) = &done.device {
                visitor.be_known(&mut response, device);
            }
            response
        }
        Ok(refused) => {
            let form = views::Form::failed(refusal(&refused));
            new_page(&app, &recent, StatusCode::UNPROCESSABLE_ENTITY, form).await
        }
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// Sets up what the browser made.
///
/// # Errors
/// If it could not be written.
pub async fn made(app: &App, enroller: &Enroller, form: &Form) -> Result<PasskeyAdded, Internal> {
    let visitor = &form.visitor;
    // What its model does not say, the device does on which it was made.
    let device = views::account::device(&visitor.user_agent).text(visitor.lang());
    let origin = visitor.origin.clone();
    app.add_passkey(enroller, &answer(form), device, visitor.visit(), origin)
        .await
}

/// Why nothing was set up.
#[must_use]
pub const fn refusal(outcome: &PasskeyAdded) -> Alert {
    Alert::Passkey(match outcome {
        PasskeyAdded::Known => PasskeyAlert::Known,
        PasskeyAdded::TooMany => PasskeyAlert::TooMany,
        PasskeyAdded::Expired | PasskeyAdded::Refused(Refused::AnotherChallenge) => {
            PasskeyAlert::Expired
        }
        PasskeyAdded::Refused(Refused::Model) => PasskeyAlert::Model,
        _ => PasskeyAlert::NotMade,
    })
}

/// `GET /account/passkeys/{id}`
pub async fn show(State(app): State<App>, path: Path<String>, recent: Recent<Visitor>) -> Response {
    one_page(
        &app,
        &recent,
        &path,
        None,
        StatusCode::OK,
        views::Form::default(),
    )
    .await
}

async fn one_page<From: AsRef<Visitor>>(
    app: &App,
    recent: &Recent<From>,
    id: &str,
    typed: Option<String>,
    status: StatusCode,
    form: views::Form,
) -> Response {
    let visitor = recent.visitor();
    match list(app, recent.member.person()).await {
        Ok(all) => match all.unwrap_or_default().into_iter().find(|one| one.id == id) {
            Some(passkey) => visitor.show(
                status,
                PasskeyPage {
                    page: visitor.page(),
                    form,
                    name: typed.unwrap_or_else(|| passkey.name.clone()),
                    passkey,
                },
            ),
            None => respond::error_page(visitor, ErrorKind::NotFound, None),
        },
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// `POST /account/passkeys/{id}`
pub async fn change(State(app): State<App>, path: Path<String>, recent: Recent<Form>) -> Response {
    let (visitor, form) = (recent.visitor(), &recent.member.from);
    let (proof, origin) = (recent.proof(), visitor.origin.clone());
    let Ok(id) = Uuid::parse_str(&path) else {
        return respond::error_page(visitor, ErrorKind::NotFound, None);
    };
    let (typed, again) = match form.text("change").as_str() {
        "rename" => {
            let name = form.text("name");
            match app.rename_passkey(proof, id, &name, origin).await {
                Ok(Ok(true)) => {
                    let said = Said::done(Notice::PasskeyRenamed);
                    return overview::page(&app, &recent.member, said).await;
                }
                Ok(Ok(false)) => return respond::error_page(visitor, ErrorKind::NotFound, None),
                Ok(Err(why)) => (
                    Some(name),
                    views::Form::with_problems(vec![(Field::Name, problem(why))]),
                ),
                Err(error) => return respond::internal_page(visitor, &error),
            }
        }
        "remove" => match app
            .remove_passkey(proof, id, visitor.lang().tag(), origin)
            .await
        {
            Ok(PasskeyRemoved::Done) => {
                let said = Said::done(Notice::PasskeyRemoved);
                return overview::page(&app, &recent.member, said).await;
            }
            Ok(PasskeyRemoved::Unknown) => {
                return respond::error_page(visitor, ErrorKind::NotFound, None);
            }
            Ok(PasskeyRemoved::LastWay) => {
                let why = Alert::Passkey(PasskeyAlert::LastWay);
                (None, views::Form::failed(why))
            }
            Err(error) => return respond::internal_page(visitor, &error),
        },
        _ => return respond::error_page(visitor, ErrorKind::BadRequest, None),
    };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    one_page(&app, &recent, &path, typed, status, again).await
}
