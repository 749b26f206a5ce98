//! `/organisations`

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::Allowed;
use super::exchange::{IfMatch, Json, Path, Query, answer, created, done, id, tagged};
use super::groups::NameQuery;
use super::page::{Asked, Page, sought};
use super::problem::{Code, Problem};
use crate::base::ids::OrganisationId;
use crate::flows::roles::NotChanged;
use crate::protocol::access::power::{ReadOrganisations, WriteOrganisations};
use crate::storage::organisations::Organisation;
use crate::web::App;

/// An organisation: people and clients with administrators of their own.
#[derive(Serialize, ToSchema)]
#[schema(as = Organisation)]
pub(super) struct OrganisationView {
    id: String,
    /// Its short name.
    name: String,
    /// Its name for people.
    title: String,
    /// Closed: nobody of it signs in, and its clients get nothing.
    disabled: bool,
    created_at: String,
}

impl From<&Organisation> for OrganisationView {
    fn from(one: &Organisation) -> Self {
        Self {
            id: one.id.to_string(),
            name: one.name.clone(),
            title: one.title.clone(),
            disabled: one.disabled,
            created_at: one.created_at.rfc3339(),
        }
    }
}

/// An organisation to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewOrganisation {
    /// Its short name: a-z, 0-9 and hyphens.
    name: String,
    /// Its name for people.
    title: String,
}

/// What of an organisation can change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OrganisationChange {
    /// Its name for people.
    title: String,
    /// Closed: nobody of it signs in, and its clients get nothing.
    disabled: bool,
}

/// Lists organisations.
#[utoipa::path(get, path = "/organisations", tag = "Organisations", operation_id = "listOrganisations", params(NameQuery),
    security(("oauth" = ["organisations:read"])), responses((status = 200, body = Page<OrganisationView>)))]
pub(super) async fn list(
    State(app): State<App>,
    allowed: Allowed<ReadOrganisations>,
    Query(query): Query<NameQuery>,
) -> Result<Response, Problem> {
    let key = ("organisations", &query.q);
    let asked = Asked::read(&app, (query.cursor.as_deref(), query.limit), &key)?;
    let sought = sought(query.q.as_deref())?;
    let (after, limit) = (asked.after.clone(), asked.limit);
    let listed = app.list_organisations(&allowed.permit, sought.as_ref(), after, limit);
    let listed = listed.await?.map(|one| OrganisationView::from(&one));
    Ok(answer(&asked.page(&app, listed)?))
}

/// Makes an organisation.
#[utoipa::path(post, path = "/organisations", tag = "Organisations", operation_id = "createOrganisation",
    request_body = NewOrganisation,
    security(("oauth" = ["organisations:write"])), responses((status = 201, body = OrganisationView)))]
pub(super) async fn create(
    State(app): State<App>,
    allowed: Allowed<WriteOrganisations>,
    Json(new): Json<NewOrganisation>,
) -> Result<Response, Problem> {
    let made = app.create_organisation(allowed.permit, &new.name, &new.title, allowed.origin);
    let one = made.await?.map_err(absent)?;
    let location = format!("{}/organisations/{}", app.api(), one.id);
    Ok(created(
        &location,
        Some(one.version),
        &OrganisationView::from(&one),
    ))
}

/// Reads an organisation.
#[utoipa::path(get, path = "/organisations/{id}", tag = "Organisations", operation_id = "readOrganisation",
    params(("id" = String, Path, description = "The organisation")),
    security(("oauth" = ["organisations:read"])), responses((status = 200, body = OrganisationView)))]
pub(super) async fn read(
    State(app): State<App>,
    allowed: Allowed<ReadOrganisations>,
    Path(one): Path<String>,
) -> Result<Response, Problem> {
    let found = app
        .organisation(&allowed.permit, organisation_id(&one)?)
        .await?;
    let one = found.ok_or_else(|| absent(NotChanged::Unknown))?;
    Ok(tagged(one.version, &OrganisationView::from(&one)))
}

/// Gives an organisation another title, closes or opens it.
#[utoipa::path(put, path = "/organisations/{id}", tag = "Organisations", operation_id = "changeOrganisation",
    params(("id" = String, Path, description = "The organisation")), request_body = OrganisationChange,
    security(("oauth" = ["organisations:write"])), responses((status = 204)))]
pub(super) async fn change(
    State(app): State<App>,
    allowed: Allowed<WriteOrganisations>,
    Path(one): Path<String>,
    IfMatch(version): IfMatch,
    Json(new): Json<OrganisationChange>,
) -> Result<Response, Problem> {
    let (id, what) = (organisation_id(&one)?, (&*new.title, new.disabled));
    let changed = app.change_organisation(allowed.permit, id, what, version, allowed.origin);
    changed.await?.map_err(absent)?;
    Ok(done())
}

/// Removes an organisation that nobody and nothing belongs to any more.
#[utoipa::path(delete, path = "/organisations/{id}", tag = "Organisations", operation_id = "deleteOrganisation",
    params(("id" = String, Path, description = "The organisation")),
    security(("oauth" = ["organisations:write"])), responses((status = 204)))]
pub(super) async fn delete(
    State(app): State<App>,
    allowed: Allowed<WriteOrganisations>,
    Path(one): Path<String>,
    IfMatch(version): IfMatch,
) -> Result<Response, Problem> {
    let id = organisation_id(&one)?;
    let deleted = app.delete_organisation(allowed.permit, id, version, allowed.origin);
    deleted.await?.map_err(absent)?;
    Ok(done())
}

fn organisation_id(text: &str) -> Result<OrganisationId, Problem> {
    id(text, Code::OrganisationNotFound).map(OrganisationId)
}

fn absent(why: NotChanged) -> Problem {
    Problem::refused(why.into(), Code::OrganisationNotFound)
}
