//! `/account/delete`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::flows::Internal;
use crate::flows::deletion::DeletionAsked;
use crate::web::App;
use crate::web::extract::{Form, Recent, Visitor};
use crate::web::messages;
use crate::web::respond;
use crate::web::views::account::ConfirmDelete;
use crate::web::views::{self, Alert, Told};

/// `GET`
pub async fn show(State(app): State<App>, recent: Recent<Visitor>) -> Response {
    page(&app, &recent, StatusCode::OK, views::Form::default())
}

fn page<From: AsRef<Visitor>>(
    app: &App,
    recent: &Recent<From>,
    status: StatusCode,
    form: views::Form,
) -> Response {
    let visitor = recent.visitor();
    let view = ConfirmDelete {
        page: visitor.page(),
        form,
        username: recent.member.person().user().username.clone(),
        grace: messages::duration(visitor.lang(), app.config.accounts.deletion_grace),
        can_undo: app.mailer.can_send(),
    };
    visitor.show(status, view)
}

/// `POST`
pub async fn submit(State(app): State<App>, recent: Recent<Form>) -> Response {
    let visitor = recent.visitor();
    let asked = app
        .request_deletion(recent.proof(), visitor.lang().tag(), visitor.origin.clone())
        .await;
    let left = match asked {
        Ok(DeletionAsked::Until(_)) => farewell(&app, visitor).await,
        Ok(DeletionAsked::LastAdmin) => {
            let form = views::Form::failed(Alert::LastAdmin);
            return page(&app, &recent, StatusCode::CONFLICT, form);
        }
        Ok(DeletionAsked::Stale) => return visitor.go("/account"),
        Err(error) => Err(error),
    };
    left.unwrap_or_else(|error| respond::internal_page(visitor, &error))
}

async fn farewell(app: &App, visitor: &Visitor) -> Result<Response, Internal> {
    let mut page = visitor.page();
    page.user = None;
    let grace = messages::duration(visitor.lang(), app.config.accounts.deletion_grace);
    let view = Told {
        page,
        title: "deletion-asked-title",
        text: "deletion-asked-text",
        names: vec![("span", grace)],
        onward: None,
    };
    visitor.leave(visitor.show(StatusCode::OK, view)).await
}
