//! `GET /account`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::passkeys;
use crate::base::ids::{SessionId, UserId};
use crate::flows::access::Asking;
use crate::flows::account::AllowedApplication;
use crate::flows::{Internal, clients};
use crate::protocol::access::power;
use crate::storage::sessions::Session;
use crate::web::App;
use crate::web::extract::{SignedIn, Visitor};
use crate::web::messages::duration;
use crate::web::respond;
use crate::web::views::account::{
    Account, AccountSession, Application, EmailSection, FIRST_CLIENT, PasswordSection,
    ProfileSection, Section,
};
use crate::web::views::{Form, Notice};

/// `GET`
pub async fn show(State(app): State<App>, member: SignedIn<Visitor>) -> Response {
    page(&app, &member, Said::default()).await
}

/// What the account page says about what was just done.
#[derive(Default)]
pub struct Said {
    status: StatusCode,
    notice: Option<Notice>,
    refused: Option<(Section, Form)>,
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

    /// It was not, and the form of that section says why.
    #[must_use]
    pub fn refused(status: StatusCode, section: Section, form: Form) -> Self {
        Self {
            status,
            refused: Some((section, form)),
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
    let (status, form) = (said.status, said.refused.as_ref().map(|(_, form)| form));
    let wait = form.and_then(Form::wait);
    match view(app, member, said).await {
        Ok(view) => respond::come_again(visitor.show(status, view), wait),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// As [`page`], with the person as they are now.
pub async fn fresh<From: AsRef<Visitor>>(
    app: &App,
    member: SignedIn<From>,
    said: Said,
) -> Response {
    let id = member.person().session().id;
    match app.resolve_session(id).await {
        Ok(Some(person)) => page(app, &member.renewed(person), said).await,
        Ok(None) => member.visitor().go("/sign-in"),
        Err(error) => respond::internal_page(member.visitor(), &error),
    }
}

/// Whether the administration has anything for them.
async fn administers(app: &App, id: UserId) -> Result<bool, Internal> {
    let who = app.administrator(&Asking::Person(id)).await?;
    Ok(power::ALL.iter().any(|permission| who.may(*permission)))
}

/// How many events are on the page; the others have one of their own.
const EVENTS: i64 = 8;

async fn view<From: AsRef<Visitor>>(
    app: &App,
    member: &SignedIn<From>,
    said: Said,
) -> Result<Account, Internal> {
    let person = member.person();
    let passkeys = passkeys::list(app, person).await?;
    let overview = app.overview(person, member.visitor().lang().tag()).await?;
    let user = person.user();
    let lonely = !clients::are_there_any(app).await? && app.is_administrator(user.id).await?;
    Ok(Account {
        page: member.visitor().page(),
        first_steps: lonely.then_some(FIRST_CLIENT),
        administers: administers(app, user.id).await?,
        recovery: app
            .recovery_under_way(person)
            .await?
            .map(|one| one.ready_at),
        notice: said.notice,
        refused: said.refused,
        profile: ProfileSection {
            username: user.username.clone(),
            name: user.display_name().to_owned(),
            facts: super::profile::facts(&user.profile),
        },
        email: EmailSection {
            address: user.email.clone(),
            verified: user.email_verified,
            pending: app.pending_email(person).await?,
            can_change: app.mailer.can_send(),
        },
        password: PasswordSection {
            username: user.username.clone(),
            exists: user.password_hash.is_some(),
            min: app.config.passwords.min_length,
        },
        passkeys,
        factors: super::authenticator::section(app, person).await?,
        sessions: sessions(overview.sessions, person.session().id),
        applications: applications(overview.applications),
        events: app
            .activity(person, None, EVENTS)
            .await?
            .into_iter()
            .map(super::events::view)
            .collect(),
        grace: duration(member.visitor().lang(), app.config.accounts.deletion_grace),
    })
}

fn sessions(live: Vec<Session>, here: SessionId) -> Vec<AccountSession> {
    let mut sessions: Vec<_> = live
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
    sessions
}

fn applications(allowed: Vec<AllowedApplication>) -> Vec<Application> {
    allowed
        .into_iter()
        .map(|application| Application {
            client_id: application.client_id.to_string(),
            name: application.name,
            open: application.open,
            scopes: application.scope.iter().map(str::to_owned).collect(),
            since: application.since,
        })
        .collect()
}
