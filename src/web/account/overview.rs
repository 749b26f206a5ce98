//! `GET /account`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::passkeys;
use crate::flows::{Internal, clients};
use crate::web::App;
use crate::web::extract::{SignedIn, Visitor};
use crate::web::respond;
use crate::web::views::{Account, AccountSession, Application, FIRST_CLIENT, Form, Notice};

/// `GET`
pub async fn show(State(app): State<App>, member: SignedIn<Visitor>) -> Response {
    page(&app, &member, Said::default()).await
}

/// What the account page says about what was just done.
#[derive(Default)]
pub struct Said {
    status: StatusCode,
    notice: Option<Notice>,
    form: Form,
}

impl Said {
    /// It was done.
    #[must_use]
    pub fn done(notice: Notice) -> Self {
        Self {
            notice: Some(notice),
            ..Self::default()
        }
    }

    /// It was not, and the form says why.
    #[must_use]
    pub fn refused(status: StatusCode, form: Form) -> Self {
        Self {
            status,
            form,
            notice: None,
        }
    }
}

/// The account page, with good news or with what went wrong.
pub async fn page<From: AsRef<Visitor>>(
    app: &App,
    member: &SignedIn<From>,
    said: Said,
) -> Response {
    let visitor = member.visitor();
    let (status, wait) = (said.status, said.form.wait());
    match view(app, member, said).await {
        Ok(view) => respond::come_again(visitor.show(status, view), wait),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

async fn view<From: AsRef<Visitor>>(
    app: &App,
    member: &SignedIn<From>,
    said: Said,
) -> Result<Account, Internal> {
    let person = member.person();
    let passkeys = passkeys::list(app, person).await?;
    let overview = app.overview(person, member.visitor().lang().tag()).await?;
    let user = person.user();
    let here = person.session().id;
    let mut sessions: Vec<_> = overview
        .sessions
        .into_iter()
        .map(|session| AccountSession {
            session_id: session.id.to_string(),
            user_agent: session.user_agent,
            address: session.address,
            last_seen: session.last_seen_at,
            current: session.id == here,
        })
        .collect();
    sessions.sort_by_key(|session| !session.current);
    let lonely = user.is_admin && clients::page(app, "", 1).await?.is_empty();
    Ok(Account {
        page: member.visitor().page(),
        first_steps: lonely.then_some(FIRST_CLIENT),
        notice: said.notice,
        form: said.form,
        username: user.username.clone(),
        name: user.display_name().to_owned(),
        email: Some(user.email.clone()),
        email_verified: user.email_verified,
        applications: overview
            .applications
            .into_iter()
            .map(|application| Application {
                client_id: application.client_id.to_string(),
                name: application.name,
                open: application.open,
                scopes: application.scope.iter().map(str::to_owned).collect(),
                since: application.since,
            })
            .collect(),
        factors: super::authenticator::section(app, person).await?,
        sessions,
        passkeys,
        password_min: app.config.passwords.min_length,
    })
}
