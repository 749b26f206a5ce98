//! Making and changing people: each path has a page, where who changes something proves first who they are.

use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::users::{PATH, path};
use super::{after, frame, not_found, refused, shown, why_refused};
use crate::base::ids::{SessionId, UserId};
use crate::flows::administration::{Done, NewAccount, Refused};
use crate::flows::people::UserChanges;
use crate::protocol::access::Power;
use crate::protocol::access::power::{WriteSessions, WriteUsers};
use crate::protocol::client::ClientId;
use crate::storage::users::User;
use crate::web::App;
use crate::web::extract::{Admin, AdminForm, Form, Visitor};
use crate::web::messages::Message;
use crate::web::respond;
use crate::web::views::admin::Section;
use crate::web::views::admin::confirm::Confirm;
use crate::web::views::admin::users::{EditUser, NewUser};

/// `GET /admin/users/new`
pub async fn show_new(form: AdminForm<WriteUsers>) -> Response {
    let admin = form.0;
    shown(
        admin.visitor(),
        new_page(&admin, |_| String::new(), Vec::new()),
    )
}

fn new_page<From: AsRef<Visitor>>(
    admin: &Admin<WriteUsers, From>,
    typed: impl Fn(&str) -> String,
    problems: Vec<Message>,
) -> NewUser {
    let mut frame = frame(admin, Section::Users);
    frame.problems = problems;
    NewUser {
        page: admin.visitor().page(),
        frame,
        username: typed("username"),
        email: typed("email"),
        name: typed("name"),
        email_verified: typed("email_verified") == "yes",
    }
}

/// `POST /admin/users/new`: a letter invites them to choose a password.
pub async fn create(State(app): State<App>, admin: Admin<WriteUsers, Form>) -> Response {
    let (visitor, form) = (admin.visitor(), &admin.from);
    let name = form.text("name").trim().to_owned();
    let named = (!name.is_empty()).then(|| ("name".to_owned(), Value::String(name)));
    let new = NewAccount {
        username: form.text("username").trim().to_owned(),
        email: form.text("email").trim().to_owned(),
        email_verified: form.text("email_verified") == "yes",
        profile: named.into_iter().collect(),
        password: None,
    };
    match app
        .create_account(admin.permit().clone(), new, visitor.origin.clone())
        .await
    {
        Ok(Ok(user)) => visitor.go(&after(&path(user.id), "created")),
        Ok(Err(refusal)) => {
            let problems = why_refused(&refusal);
            refused(visitor, new_page(&admin, |name| form.text(name), problems))
        }
        Err(error) => respond::internal_page(visitor, &error),
    }
}

async fn find<P: Power, From: AsRef<Visitor>>(
    app: &App,
    admin: &Admin<P, From>,
    id: Uuid,
) -> Result<User, Response> {
    match app.user_within(admin.permit(), UserId(id)).await {
        Ok(Some(user)) => Ok(user),
        Ok(None) => Err(not_found(admin.visitor())),
        Err(error) => Err(respond::internal_page(admin.visitor(), &error)),
    }
}

/// `GET /admin/users/{id}/edit`
pub async fn show_edit(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    form: AdminForm<WriteUsers>,
) -> Response {
    let admin = form.0;
    match find(&app, &admin, id).await {
        Ok(user) => {
            let profile = serde_json::to_string_pretty(&user.profile.0).unwrap_or_default();
            let texts = [user.email.clone(), profile];
            shown(
                admin.visitor(),
                edit(&admin, &user, user.version, texts, Vec::new()),
            )
        }
        Err(response) => response,
    }
}

fn edit<From: AsRef<Visitor>>(
    admin: &Admin<WriteUsers, From>,
    user: &User,
    version: i64,
    [email, profile]: [String; 2],
    problems: Vec<Message>,
) -> EditUser {
    let mut frame = frame(admin, Section::Users);
    frame.problems = problems;
    EditUser {
        page: admin.visitor().page(),
        frame,
        id: user.id.to_string(),
        username: user.username.clone(),
        version,
        email,
        profile,
    }
}

/// `POST /admin/users/{id}/edit`
pub async fn change(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    admin: Admin<WriteUsers, Form>,
) -> Response {
    let (visitor, form) = (admin.visitor(), &admin.from);
    let user = match find(&app, &admin, id).await {
        Ok(user) => user,
        Err(response) => return response,
    };
    let texts = [form.text("email"), form.text("profile")];
    let seen = form.text("version").parse().unwrap_or(user.version);
    let Ok(profile) = serde_json::from_str::<Map<String, Value>>(&texts[1]) else {
        let problem = Message::new("client-no-json").with("field", "profile");
        return refused(visitor, edit(&admin, &user, seen, texts, vec![problem]));
    };
    let email = texts[0].trim().to_owned();
    let changes = UserChanges {
        email: (email != user.email).then_some(email),
        profile: Some(profile),
        ..UserChanges::default()
    };
    let written = app.change_account(
        admin.permit().clone(),
        user.id,
        changes,
        Some(seen),
        visitor.origin.clone(),
    );
    match written.await {
        Ok(Ok(_)) => visitor.go(&after(&path(user.id), "changed")),
        Ok(Err(refusal)) => refused(
            visitor,
            edit(&admin, &user, seen, texts, why_refused(&refusal)),
        ),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// What can be done to a person after one more question: the words of the page, and what it says afterwards.
fn deed(what: &str) -> Option<(&'static str, [&'static str; 3], &'static str)> {
    Some(match what {
        "delete" => (
            "delete",
            ["user-delete-title", "user-delete-text", "admin-delete"],
            "deleted",
        ),
        "disable" => (
            "disable",
            ["user-disable-title", "user-disable-text", "admin-disable"],
            "changed",
        ),
        "enable" => (
            "enable",
            ["user-enable-title", "user-enable-text", "admin-enable"],
            "changed",
        ),
        "reset" => (
            "reset",
            ["user-reset-title", "user-reset-text", "user-reset"],
            "sent",
        ),
        _ => return None,
    })
}

fn confirm<P: Power, From: AsRef<Visitor>>(
    admin: &Admin<P, From>,
    user: &User,
    (what, [title, text, button]): (&str, [&'static str; 3]),
    problems: Vec<Message>,
) -> Confirm {
    let mut frame = frame(admin, Section::Users);
    frame.problems = problems;
    Confirm {
        page: admin.visitor().page(),
        frame,
        title,
        text,
        name: user.display_name().to_owned(),
        button,
        action: format!("{}/{what}", path(user.id)),
        back: path(user.id),
    }
}

/// `GET /admin/users/{id}/delete`, `/disable`, `/enable`, `/reset`
pub async fn show_confirm(
    State(app): State<App>,
    Path((id, what)): Path<(Uuid, String)>,
    form: AdminForm<WriteUsers>,
) -> Response {
    let admin = form.0;
    let Some((what, words, _)) = deed(&what) else {
        return not_found(admin.visitor());
    };
    match find(&app, &admin, id).await {
        Ok(user) => shown(
            admin.visitor(),
            confirm(&admin, &user, (what, words), Vec::new()),
        ),
        Err(response) => response,
    }
}

/// `POST /admin/users/{id}/delete`, `/disable`, `/enable`, `/reset`
pub async fn confirmed(
    State(app): State<App>,
    Path((id, what)): Path<(Uuid, String)>,
    admin: Admin<WriteUsers, Form>,
) -> Response {
    let Some((what, words, done)) = deed(&what) else {
        return not_found(admin.visitor());
    };
    let user = match find(&app, &admin, id).await {
        Ok(user) => user,
        Err(response) => return response,
    };
    let (permit, origin) = (admin.permit().clone(), admin.visitor().origin.clone());
    let switch = |disabled| UserChanges {
        disabled: Some(disabled),
        ..UserChanges::default()
    };
    let outcome = match what {
        "delete" => app.remove_user(permit, user.id, None, origin).await,
        "reset" => app.force_reset(permit, user.id, origin).await,
        _ => {
            let changes = switch(what == "disable");
            let written = app
                .change_account(permit, user.id, changes, None, origin)
                .await;
            written.map(|done| done.map(drop))
        }
    };
    let to = if what == "delete" {
        PATH.to_owned()
    } else {
        path(user.id)
    };
    answer(&admin, outcome, &after(&to, done), |problems| {
        confirm(&admin, &user, (what, words), problems)
    })
}

fn answer<P: Power, V: axum::response::IntoResponse>(
    admin: &Admin<P, Form>,
    outcome: Done<()>,
    to: &str,
    again: impl FnOnce(Vec<Message>) -> V,
) -> Response {
    let visitor = admin.visitor();
    match outcome {
        Ok(Ok(())) => visitor.go(to),
        Ok(Err(Refused::Absent)) => not_found(visitor),
        Ok(Err(refusal)) => refused(visitor, again(why_refused(&refusal))),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// `GET` of the paths below: for who had to prove who they are on the way; the person's page has the buttons.
pub async fn back(Path(id): Path<Uuid>, visitor: Visitor) -> Response {
    visitor.go(&path(UserId(id)))
}

fn cannot<P: Power>(admin: &Admin<P, Form>, user: &User, problems: Vec<Message>) -> Confirm {
    let words = ["user-not-touched", "user-not-touched-text", "admin-back"];
    confirm(admin, user, ("", words), problems)
}

/// `POST /admin/users/{id}/credentials`: takes a way to sign in away.
pub async fn remove_credential(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    admin: Admin<WriteUsers, Form>,
) -> Response {
    let user = match find(&app, &admin, id).await {
        Ok(user) => user,
        Err(response) => return response,
    };
    let Ok(credential) = admin.from.text("credential").parse() else {
        return not_found(admin.visitor());
    };
    let (permit, origin) = (admin.permit().clone(), admin.visitor().origin.clone());
    let outcome = app
        .remove_credential(permit, user.id, credential, origin)
        .await;
    answer(
        &admin,
        outcome,
        &after(&path(user.id), "deleted"),
        |problems| cannot(&admin, &user, problems),
    )
}

/// `POST /admin/users/{id}/consents`: takes back what they allowed a client.
pub async fn revoke_consent(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    admin: Admin<WriteUsers, Form>,
) -> Response {
    let user = match find(&app, &admin, id).await {
        Ok(user) => user,
        Err(response) => return response,
    };
    let client = ClientId::new(admin.from.text("client_id"));
    let (permit, origin) = (admin.permit().clone(), admin.visitor().origin.clone());
    let outcome = app.revoke_consent(permit, user.id, client, origin).await;
    answer(
        &admin,
        outcome,
        &after(&path(user.id), "changed"),
        |problems| cannot(&admin, &user, problems),
    )
}

/// `POST /admin/users/{id}/sessions`: signs them out, of one browser or everywhere.
pub async fn end_sessions(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    admin: Admin<WriteSessions, Form>,
) -> Response {
    let user = match find(&app, &admin, id).await {
        Ok(user) => user,
        Err(response) => return response,
    };
    let session = admin.from.text("session_id");
    let one = session.parse().ok().map(SessionId);
    if one.is_none() && !session.is_empty() {
        return not_found(admin.visitor());
    }
    let (permit, origin) = (admin.permit().clone(), admin.visitor().origin.clone());
    let outcome = app.end_sessions_of(permit, user.id, one, origin).await;
    answer(
        &admin,
        outcome,
        &after(&path(user.id), "ended"),
        |problems| cannot(&admin, &user, problems),
    )
}
