//! `/account/profile`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::overview::{self, Said};
use crate::flows::profile::EDITABLE;
use crate::web::App;
use crate::web::extract::{Form, SignedIn, Visitor};
use crate::web::messages::Message;
use crate::web::respond;
use crate::web::views::account::{EditProfile, ProfileField};
use crate::web::views::{self, Field, Notice, Problem};

/// Claim -> its field, how browsers fill it in, and how it is written where that is not plain.
#[rustfmt::skip]
const FIELDS: [(&str, Field, &str, Option<&str>); 10] = [
    ("name",        Field::Name,       "name",        None),
    ("given_name",  Field::GivenName,  "given-name",  None),
    ("family_name", Field::FamilyName, "family-name", None),
    ("nickname",    Field::Nickname,   "nickname",    None),
    ("birthdate",   Field::Birthdate,  "bday",        Some("hint-birthdate")),
    ("gender",      Field::Gender,     "sex",         None),
    ("locale",      Field::Locale,     "language",    Some("hint-locale")),
    ("zoneinfo",    Field::Zoneinfo,   "off",         Some("hint-zoneinfo")),
    ("website",     Field::Website,    "url",         Some("hint-website")),
    ("picture",     Field::Picture,    "photo",       Some("hint-website")),
];

/// What the section shows beside the name.
#[must_use]
pub fn facts(profile: &crate::storage::users::Profile) -> Vec<(Message, String)> {
    FIELDS
        .iter()
        .skip(1)
        .filter_map(|(claim, field, ..)| Some((field.label(), text(profile, claim)?)))
        .collect()
}

fn text(profile: &crate::storage::users::Profile, claim: &str) -> Option<String> {
    let value = profile.0.get(claim)?;
    value.as_str().map(str::to_owned)
}

fn page(
    visitor: &Visitor,
    status: StatusCode,
    form: views::Form,
    value: impl Fn(&str) -> String,
) -> Response {
    let field =
        |(claim, field, autocomplete, hint): &(&str, Field, &'static str, Option<&'static str>)| {
            ProfileField {
                field: *field,
                value: value(claim),
                autocomplete,
                hint: hint.map(Message::new),
            }
        };
    let view = EditProfile {
        page: visitor.page(),
        form,
        fields: FIELDS.iter().map(field).collect(),
    };
    visitor.show(status, view)
}

/// `GET`
pub async fn show(State(_): State<App>, member: SignedIn<Visitor>) -> Response {
    let profile = &member.person().user().profile;
    page(
        member.visitor(),
        StatusCode::OK,
        views::Form::default(),
        |claim| text(profile, claim).unwrap_or_default(),
    )
}

/// `POST`
pub async fn submit(State(app): State<App>, member: SignedIn<Form>) -> Response {
    let (form, visitor) = (&member.from, member.visitor());
    // The form replaces all of them: what it leaves empty goes.
    let typed = EDITABLE.map(|claim| (claim, form.text(claim))).to_vec();
    match app
        .edit_profile(member.person(), typed, visitor.origin.clone())
        .await
    {
        Ok(Ok(())) => overview::fresh(&app, member, Said::done(Notice::ProfileChanged)).await,
        Ok(Err(wrong)) => {
            let problems = FIELDS
                .iter()
                .filter(|(claim, ..)| wrong.contains(claim))
                .map(|(_, field, ..)| (*field, Problem::NotRight))
                .collect();
            let again = views::Form::with_problems(problems);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            page(visitor, status, again, |claim| form.text(claim))
        }
        Err(error) => respond::internal_page(visitor, &error),
    }
}
