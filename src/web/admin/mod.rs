//! The administration's pages: what the API and the command line do too, through the same flows.

pub mod audit;
mod by_name;
pub mod client_edit;
pub mod clients;
pub mod groups;
pub mod keys;
pub mod organisations;
pub mod overview;
pub mod resources;
pub mod role_grants;
pub mod roles;
pub mod sessions;
pub mod settings;
pub mod trials;
pub mod user_edit;
pub mod users;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::extract::{Admin, Visitor};
use super::messages::Message;
use super::respond;
use super::views::ErrorKind;
use super::views::admin::{Frame, Section};
use crate::flows::administration::Refused;
use crate::flows::roles::NotChanged;
use crate::protocol::access::Power;

/// What a page says was done just before it: only these words, whatever stands in its address.
const DONE: &[(&str, &str)] = &[
    ("created", "admin-done-created"),
    ("changed", "admin-done-changed"),
    ("deleted", "admin-done-deleted"),
    ("rotated", "admin-done-rotated"),
    ("key-revoked", "admin-done-key-revoked"),
    ("nothing", "admin-done-nothing"),
    ("granted", "admin-done-granted"),
    ("revoked", "admin-done-revoked"),
    ("ended", "admin-done-ended"),
    ("everybody", "admin-done-everybody"),
    ("goes-on", "admin-done-goes-on"),
    ("sent", "admin-done-sent"),
    ("over", "trial-over"),
];

/// The address of a page that says what was done.
fn after(path: &str, done: &'static str) -> String {
    format!("{path}?done={done}")
}

fn said(query: Option<&str>) -> Option<Message> {
    let word = value(query, "done")?;
    let known = DONE.iter().find(|(known, _)| *known == word);
    known.map(|(_, key)| Message::new(key))
}

/// The first value of this name in a query.
fn value(query: Option<&str>, name: &str) -> Option<String> {
    form_urlencoded::parse(query?.as_bytes())
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
        .filter(|value| !value.is_empty())
}

/// What stands around a page.
fn frame<P: Power, From: AsRef<Visitor>>(admin: &Admin<P, From>, here: Section) -> Frame {
    let mut frame = Frame::new(here, admin.who().clone(), admin.chosen().clone());
    admin.opened().clone_into(&mut frame.opened);
    frame
}

/// As [`frame`], with what was done just before.
fn frame_after<P: Power>(admin: &Admin<P>, here: Section, query: Option<&str>) -> Frame {
    let mut frame = frame(admin, here);
    frame.notice = said(query);
    frame
}

/// A page whose form was refused.
fn refused(visitor: &Visitor, page: impl IntoResponse) -> Response {
    visitor.show(StatusCode::UNPROCESSABLE_ENTITY, page)
}

fn shown(visitor: &Visitor, page: impl IntoResponse) -> Response {
    visitor.show(StatusCode::OK, page)
}

fn not_found(visitor: &Visitor) -> Response {
    respond::error_page(visitor, ErrorKind::NotFound, None)
}

/// Why nothing was changed, in the reader's language.
fn why(refusal: &NotChanged) -> Message {
    match refusal {
        NotChanged::Wrong(problem) => {
            Message::new("admin-why-wrong").with("problem", problem.to_string().as_str())
        }
        NotChanged::Taken => Message::new("admin-why-taken"),
        NotChanged::Unknown => Message::new("admin-why-unknown"),
        NotChanged::Stale => Message::new("admin-why-stale"),
        NotChanged::Beyond => Message::new("admin-why-beyond"),
        NotChanged::NotHere => Message::new("admin-why-not-here"),
        NotChanged::Inherited(by) => Message::new("admin-why-inherited").with("by", by.as_str()),
        NotChanged::LastAdministrator => Message::new("admin-why-last-administrator"),
        NotChanged::BadName => Message::new("admin-why-bad-name"),
        NotChanged::InUse => Message::new("admin-why-in-use"),
        NotChanged::Never => Message::new("admin-why-never"),
    }
}

/// As [`why`], for what the API does too.
fn why_refused(refusal: &Refused) -> Vec<Message> {
    let one = match refusal {
        Refused::Wrong(problems) => {
            let said = problems.iter();
            return said
                .map(|problem| Message::new("admin-why-wrong").with("problem", problem.as_str()))
                .collect();
        }
        Refused::Absent => Message::new("admin-why-unknown"),
        Refused::Stale => Message::new("admin-why-stale"),
        Refused::Beyond => Message::new("admin-why-beyond"),
        Refused::NotHere => Message::new("admin-why-not-here"),
        Refused::Taken(_) => Message::new("admin-why-taken"),
        Refused::InUse(_) => Message::new("admin-why-in-use"),
        Refused::LastAdministrator => Message::new("admin-why-last-administrator"),
    };
    vec![one]
}
