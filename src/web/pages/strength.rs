//! `/password-strength`: what the form would say about a password, while it is typed.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::fields::problem;
use crate::base::Secret;
use crate::web::App;
use crate::web::extract::Form;
use crate::web::messages::Message;
use crate::web::respond;

const WORDS: [Message; 5] = [
    Message::new("strength-0"),
    Message::new("strength-1"),
    Message::new("strength-2"),
    Message::new("strength-3"),
    Message::new("strength-4"),
];

/// `POST`. Only from our own pages, like every form. Nothing of it is stored.
pub async fn rate(State(app): State<App>, form: Form) -> Response {
    let visitor = &form.visitor;
    let password = Secret::new(form.text("password"));
    let about = ["username", "email", "name"].map(|field| form.text(field));
    let person = visitor.signed_in().map(|person| {
        let user = person.user();
        [&*user.username, &*user.email, user.display_name()]
    });
    let about: Vec<&str> = about
        .iter()
        .map(String::as_str)
        .chain(person.into_iter().flatten())
        .collect();
    match app.rate_password(&password, &about, &visitor.origin) {
        Ok(rating) => {
            let strength = usize::from(rating.strength).min(WORDS.len() - 1);
            let words = rating
                .problem
                .map_or(WORDS[strength].clone(), |why| problem(why).message());
            let body = json!({
                "strength": strength,
                "good": rating.problem.is_none(),
                "words": words.text(visitor.lang()),
            });
            let headers = [
                (header::CONTENT_TYPE, "application/json"),
                (header::CACHE_CONTROL, "no-store"),
            ];
            (headers, body.to_string()).into_response()
        }
        Err(wait) => respond::come_again(StatusCode::TOO_MANY_REQUESTS.into_response(), Some(wait)),
    }
}
