//! The pages behind the links of letters about one's account: `/not-me`, `/email-change` and
//! `/undo-deletion`. They work without being signed in, and nothing happens before a button is pressed.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::PageQuery;
use crate::base::Secret;
use crate::flows::email_change::{EmailAnswer, EmailQuestion};
use crate::flows::notices::Locked;
use crate::web::App;
use crate::web::extract::{Form, Visitor};
use crate::web::respond;
use crate::web::views::{Answer, Ask, LinkExpired, Told};

/// "It was not me."
pub const LOCK: Answer = Answer {
    id: "lock",
    label: "not-me-button",
};

/// What locking an account does.
const POINTS: [&str; 4] = [
    "not-me-point-sessions",
    "not-me-point-password",
    "not-me-point-changes",
    "not-me-point-factors",
];

/// `GET /not-me`
pub async fn show_not_me(State(app): State<App>, visitor: Visitor, query: PageQuery) -> Response {
    let token = Secret::new(query.token.unwrap_or_default());
    match app.peek_not_me(&token).await {
        Ok(Some(user)) => {
            let view = Ask {
                page: visitor.page(),
                title: "not-me-title",
                text: "not-me-text",
                names: vec![("user", user.username)],
                points: POINTS.to_vec(),
                action: "/not-me",
                token: token.expose().clone(),
                answers: vec![LOCK],
            };
            visitor.show(StatusCode::OK, view)
        }
        Ok(None) => expired(&visitor),
        Err(error) => respond::internal_page(&visitor, &error),
    }
}

/// `POST /not-me`
pub async fn not_me(State(app): State<App>, form: Form) -> Response {
    let (visitor, token) = (&form.visitor, Secret::new(form.text("token")));
    let lang = visitor.lang().tag();
    match app.lock_account(&token, lang, visitor.origin.clone()).await {
        Ok(locked) => is_locked(visitor, locked),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// What locking an account came to.
pub fn is_locked(visitor: &Visitor, locked: Option<Locked>) -> Response {
    let Some(locked) = locked else {
        return expired(visitor);
    };
    let text = if locked.email_restored {
        "locked-restored-text"
    } else {
        "locked-text"
    };
    let onward = Some(("/forgot-password", "locked-button"));
    told(visitor, "locked-title", text, onward)
}

/// `GET /email-change`
pub async fn show_email(State(app): State<App>, visitor: Visitor, query: PageQuery) -> Response {
    let token = Secret::new(query.token.unwrap_or_default());
    match app.peek_email_change(&token).await {
        Ok(Some(question)) => email_question(&visitor, &token, question),
        Ok(None) => expired(&visitor),
        Err(error) => respond::internal_page(&visitor, &error),
    }
}

fn email_question(visitor: &Visitor, token: &Secret<String>, question: EmailQuestion) -> Response {
    let person = visitor.signed_in().map(|person| person.user().id);
    // Mail to a mistyped address reaches a stranger: only the owner's browser says yes for it.
    if !question.by_old && person != Some(question.user.id) {
        let onward = Some(("/sign-in", "sign-in"));
        return told(visitor, "email-sign-in-title", "email-sign-in-text", onward);
    }
    let yes = Answer {
        id: "confirm",
        label: "email-change-yes",
    };
    let names = vec![
        ("user", question.user.username),
        ("address", question.new_email),
    ];
    let (text, answers) = if question.by_old {
        ("email-change-old-text", vec![yes, LOCK])
    } else {
        ("email-change-new-text", vec![yes])
    };
    let view = Ask {
        page: visitor.page(),
        title: "email-change-title",
        text,
        names,
        points: Vec::new(),
        action: "/email-change",
        token: token.expose().clone(),
        answers,
    };
    visitor.show(StatusCode::OK, view)
}

/// `POST /email-change`
pub async fn email(State(app): State<App>, form: Form) -> Response {
    let (visitor, token) = (&form.visitor, Secret::new(form.text("token")));
    let (lang, origin) = (visitor.lang().tag(), visitor.origin.clone());
    let answered = match form.text("decision").as_str() {
        "confirm" => {
            app.confirm_email_change(&token, visitor.signed_in(), lang, origin)
                .await
        }
        "lock" => app.deny_email_change(&token, lang, origin).await,
        // Neither: asked again.
        _ => return visitor.go(&format!("/email-change?{}", query_of(&token))),
    };
    let onward = Some(("/account", "your-account"));
    match answered {
        Ok(EmailAnswer::Done) => told(visitor, "email-done-title", "email-done-text", onward),
        Ok(EmailAnswer::Waiting) => told(visitor, "email-waits-title", "email-waits-text", onward),
        Ok(EmailAnswer::Locked(locked)) => is_locked(visitor, Some(locked)),
        Ok(EmailAnswer::Expired) => expired(visitor),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// `GET /undo-deletion`
pub async fn show_undo(State(app): State<App>, visitor: Visitor, query: PageQuery) -> Response {
    let token = Secret::new(query.token.unwrap_or_default());
    match app.peek_undo_deletion(&token).await {
        Ok(Some(user)) => {
            let keep = Answer {
                id: "keep",
                label: "undo-deletion-keep",
            };
            let view = Ask {
                page: visitor.page(),
                title: "undo-deletion-title",
                text: "undo-deletion-text",
                names: vec![("user", user.username)],
                points: Vec::new(),
                action: "/undo-deletion",
                token: token.expose().clone(),
                answers: vec![keep, LOCK],
            };
            visitor.show(StatusCode::OK, view)
        }
        Ok(None) => expired(&visitor),
        Err(error) => respond::internal_page(&visitor, &error),
    }
}

/// `POST /undo-deletion`
pub async fn undo(State(app): State<App>, form: Form) -> Response {
    let (visitor, token) = (&form.visitor, Secret::new(form.text("token")));
    let (lang, origin) = (visitor.lang().tag(), visitor.origin.clone());
    let done = match form.text("decision").as_str() {
        "keep" => app.undo_deletion(&token, origin).await,
        "lock" => match app.deny_deletion(&token, lang, origin).await {
            Ok(locked) => return is_locked(visitor, locked),
            Err(error) => Err(error),
        },
        _ => return visitor.go(&format!("/undo-deletion?{}", query_of(&token))),
    };
    match done {
        Ok(true) => {
            let onward = Some(("/sign-in", "sign-in"));
            told(
                visitor,
                "deletion-undone-title",
                "deletion-undone-text",
                onward,
            )
        }
        Ok(false) => expired(visitor),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

fn query_of(token: &Secret<String>) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("token", token.expose())
        .finish()
}

/// What came of an answer.
pub fn told(
    visitor: &Visitor,
    title: &'static str,
    text: &'static str,
    onward: Option<(&'static str, &'static str)>,
) -> Response {
    let view = Told {
        page: visitor.page(),
        title,
        text,
        names: Vec::new(),
        onward,
    };
    visitor.show(StatusCode::OK, view)
}

/// The link works no more.
pub fn expired(visitor: &Visitor) -> Response {
    let page = LinkExpired {
        page: visitor.page(),
        setup: false,
    };
    visitor.show(StatusCode::GONE, page)
}
