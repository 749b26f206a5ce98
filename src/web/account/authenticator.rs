//! `/account/authenticator`: apps that make one-time codes.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::{phone, recovery};
use crate::flows::Internal;
use crate::flows::enrol::{Enroller, FactorSetUp};
use crate::flows::factors::Changed;
use crate::flows::otp::{Enrolled, FirstCode, MAX_DEVICES, Offered};
use crate::flows::recovery::FEW;
use crate::flows::session::SignedIn as Person;
use crate::storage::otp::OtpDevice;
use crate::web::App;
use crate::web::extract::{Form, Recent, Visitor};
use crate::web::respond;
use crate::web::views::{
    self, Alert, AppOffer, AuthenticatorPage, CodeDevice, ErrorKind, FactorSection, Field, Notice,
    Problem,
};

const PAGE: &str = "/account/authenticator";

/// `GET`
pub async fn show(State(app): State<App>, member: Recent<Visitor>) -> Response {
    page(&app, &member, Said::default()).await
}

/// What the page says about what was just done.
#[derive(Default)]
struct Said {
    status: StatusCode,
    notice: Option<Notice>,
    form: views::Form,
    /// The page that came back: its seed is shown again.
    again: Option<FirstCode>,
}

impl Said {
    fn done(notice: Notice) -> Self {
        Self {
            notice: Some(notice),
            ..Self::default()
        }
    }

    fn refused(form: views::Form) -> Self {
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            form,
            ..Self::default()
        }
    }
}

async fn page<From: AsRef<Visitor>>(app: &App, member: &Recent<From>, said: Said) -> Response {
    let visitor = member.visitor();
    let status = said.status;
    match view(app, member, said).await {
        Ok(view) => visitor.show(status, view),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

async fn view<From: AsRef<Visitor>>(
    app: &App,
    member: &Recent<From>,
    said: Said,
) -> Result<AuthenticatorPage, Internal> {
    let known = app.code_factors(member.member.person()).await?;
    let enroller = Enroller::from(member.proof().clone());
    let full = known.apps.len() + known.tokens.len() >= MAX_DEVICES;
    let offer = match said.again {
        _ if full => None,
        Some(first) => Some(again(app, &enroller, first)?),
        None => Some(shown(&app.offer_totp(&enroller)?, String::new())),
    };
    Ok(AuthenticatorPage {
        page: member.visitor().page(),
        notice: said.notice,
        form: said.form,
        apps: known.apps.into_iter().map(device).collect(),
        tokens: known.tokens.into_iter().map(device).collect(),
        offer,
    })
}

fn device(device: OtpDevice) -> CodeDevice {
    CodeDevice {
        id: device.id.to_string(),
        name: device.name,
        since: device.created_at,
        used: device.last_used_at,
    }
}

/// The seed of a page that came back.
///
/// # Errors
/// If it cannot be sealed.
pub fn again(app: &App, enroller: &Enroller, first: FirstCode) -> Result<AppOffer, Internal> {
    Ok(shown(
        &app.offer_totp_again(enroller, &first.state)?,
        first.name,
    ))
}

/// A seed as the page shows it.
#[must_use]
pub fn shown(offered: &Offered, name: String) -> AppOffer {
    let for_app = &offered.provisioning;
    let letters: Vec<char> = for_app.seed.expose().chars().collect();
    let groups: Vec<String> = letters
        .chunks(4)
        .map(|four| four.iter().collect())
        .collect();
    AppOffer {
        side: for_app.qr.side,
        path: for_app.qr.path.expose().clone(),
        seed: groups.join(" "),
        uri: for_app.uri.expose().clone(),
        state: offered.state.clone(),
        name,
    }
}

/// What was typed into the form of it.
#[must_use]
pub fn first_code(form: &Form) -> FirstCode {
    FirstCode {
        state: form.text("state"),
        code: form.text("code"),
        name: form.text("name"),
    }
}

/// What went wrong with it.
#[must_use]
pub fn refusal(outcome: &Enrolled) -> views::Form {
    match outcome {
        Enrolled::WrongCode => views::Form::with_problems(vec![(Field::Code, Problem::WrongCode)]),
        Enrolled::BadName => {
            views::Form::with_problems(vec![(Field::Name, Problem::BadCharacters)])
        }
        _ => views::Form::failed(Alert::Expired),
    }
}

/// `POST`
pub async fn submit(State(app): State<App>, member: Recent<Form>) -> Response {
    match member.member.from.text("change").as_str() {
        "add" => add(&app, &member).await,
        "rename" | "remove" => change(&app, &member).await,
        _ => respond::error_page(member.visitor(), ErrorKind::BadRequest, None),
    }
}

async fn add(app: &App, member: &Recent<Form>) -> Response {
    let visitor = member.visitor();
    let first = first_code(&member.member.from);
    let enroller = Enroller::from(member.proof().clone());
    let outcome = app
        .confirm_totp(
            &enroller,
            first.clone(),
            visitor.visit(),
            visitor.origin.clone(),
        )
        .await;
    let refused = match outcome {
        Ok(Enrolled::Done(done)) => {
            let FactorSetUp {
                signed_in,
                device,
                codes,
            } = done;
            let next = codes.map_or_else(
                || visitor.go(PAGE),
                |codes| recovery::shown(visitor, &codes, "/account", None).into_response(),
            );
            let entered = visitor.enter_with(&signed_in, device.as_ref(), next).await;
            return entered.unwrap_or_else(|error| respond::internal_page(visitor, &error));
        }
        // Sent twice, and the list shows it.
        Ok(Enrolled::Already | Enrolled::TooMany) => return visitor.go(PAGE),
        Ok(refused) => refused,
        Err(error) => return respond::internal_page(visitor, &error),
    };
    let said = Said {
        again: Some(first),
        ..Said::refused(refusal(&refused))
    };
    page(app, member, said).await
}

async fn change(app: &App, member: &Recent<Form>) -> Response {
    let (form, visitor) = (&member.member.from, member.visitor());
    let Ok(id) = form.text("device").parse() else {
        return respond::error_page(visitor, ErrorKind::BadRequest, None);
    };
    let (proof, origin) = (member.proof(), visitor.origin.clone());
    let lang = visitor.lang().tag();
    let (changed, notice) = if form.text("change") == "rename" {
        let name = form.text("name");
        (
            app.rename_app(proof, id, &name, origin).await,
            Notice::FactorRenamed,
        )
    } else {
        (
            app.remove_app(proof, id, lang, origin).await,
            Notice::FactorRemoved,
        )
    };
    match changed {
        Ok(Changed::Done) => page(app, member, Said::done(notice)).await,
        Ok(Changed::BadName) => page(app, member, Said::refused(refusal(&Enrolled::BadName))).await,
        // Removed in another tab, or too late: the page knows.
        Ok(Changed::Unknown | Changed::Expired) => visitor.go(PAGE),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// What the account page says about second factors.
///
/// # Errors
/// If the database does not answer.
pub async fn section(app: &App, person: &Person) -> Result<FactorSection, Internal> {
    let known = app.code_factors(person).await?;
    Ok(FactorSection {
        apps: known.apps.len(),
        tokens: known.tokens.into_iter().map(|token| token.name).collect(),
        recovery_left: known
            .recovery_left
            .map(|left| usize::try_from(left).unwrap_or_default()),
        phone: phone::section(app, person).await?,
        few: known.recovery_left.is_some_and(|left| left <= FEW),
    })
}
