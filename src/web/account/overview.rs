//! `GET /account`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::flows::session::SignedIn;
use crate::web::App;
use crate::web::extract::Visitor;
use crate::web::respond;
use crate::web::views::{Account, AccountSession, Application, Form, Notice};

/// `GET`
pub async fn show(State(app): State<App>, visitor: Visitor) -> Response {
    page(&app, &visitor, StatusCode::OK, None, Form::default()).await
}

/// The account page, with good news or with what went wrong.
pub async fn page(
    app: &App,
    visitor: &Visitor,
    status: StatusCode,
    notice: Option<Notice>,
    form: Form,
) -> Response {
    let Some(signed_in) = visitor.signed_in() else {
        return visitor.go("/sign-in");
    };
    match view(app, visitor, signed_in, notice, form).await {
        Ok(view) => visitor.show(status, view),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

async fn view(
    app: &App,
    visitor: &Visitor,
    signed_in: &SignedIn,
    notice: Option<Notice>,
    form: Form,
) -> Result<Account, crate::flows::Internal> {
    let overview = app.overview(signed_in).await?;
    let user = signed_in.user();
    let here = signed_in.session().id;
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
    Ok(Account {
        page: visitor.page(),
        notice,
        form,
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
                scopes: application.scope.iter().map(str::to_owned).collect(),
                since: application.since,
            })
            .collect(),
        sessions,
        password_min: app.config.passwords.min_length,
    })
}
