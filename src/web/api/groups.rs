//! `/groups`

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::Allowed;
use super::exchange::{IfMatch, Json, Path, Query, answer, created, done, id, tagged};
use super::page::{Asked, Page, sought};
use super::problem::{Code, Problem};
use super::users::user_id;
use crate::base::ids::GroupId;
use crate::flows::groups::GroupChange;
use crate::protocol::access::power::{ReadGroups, WriteGroups};
use crate::storage::groups::Group;
use crate::web::App;

/// A group of people.
#[derive(Serialize, ToSchema)]
#[schema(as = Group)]
pub(super) struct GroupView {
    id: String,
    /// The organisation that it belongs to; absent: the deployment.
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation_id: Option<String>,
    name: String,
    created_at: String,
}

impl From<&Group> for GroupView {
    fn from(group: &Group) -> Self {
        Self {
            id: group.id.to_string(),
            organisation_id: group.organisation.map(|id| id.to_string()),
            name: group.name.clone(),
            created_at: group.created_at.rfc3339(),
        }
    }
}

/// Somebody in a group.
#[derive(Serialize, ToSchema)]
pub(super) struct Member {
    user_id: String,
}

/// The name of a group.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupName {
    name: String,
}

/// What is asked of a list that is found by names.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct NameQuery {
    /// The beginnings of words of the name.
    #[param(max_length = 200)]
    pub(super) q: Option<String>,
    /// Where the page before ended.
    pub(super) cursor: Option<String>,
    /// How many at most; 50 if absent.
    #[param(minimum = 1, maximum = 200)]
    pub(super) limit: Option<u16>,
}

/// What is asked of a list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    /// Where the page before ended.
    pub(super) cursor: Option<String>,
    /// How many at most; 50 if absent.
    #[param(minimum = 1, maximum = 200)]
    pub(super) limit: Option<u16>,
}

/// Lists groups.
#[utoipa::path(get, path = "/groups", tag = "Groups", operation_id = "listGroups", params(NameQuery),
    security(("oauth" = ["groups:read"])), responses((status = 200, body = Page<GroupView>)))]
pub(super) async fn list(
    State(app): State<App>,
    allowed: Allowed<ReadGroups>,
    Query(query): Query<NameQuery>,
) -> Result<Response, Problem> {
    let key = ("groups", &query.q);
    let asked = Asked::read(&app, (query.cursor.as_deref(), query.limit), &key)?;
    let sought = sought(query.q.as_deref())?;
    let (after, limit) = (asked.after.clone(), asked.limit);
    let listed = app.list_groups(&allowed.permit, sought.as_ref(), after, limit);
    let listed = listed.await?.map(|group| GroupView::from(&group));
    Ok(answer(&asked.page(&app, listed)?))
}

/// Makes a group.
///
/// It belongs to the organisation in which the caller acts.
#[utoipa::path(post, path = "/groups", tag = "Groups", operation_id = "createGroup", request_body = GroupName,
    security(("oauth" = ["groups:write"])), responses((status = 201, body = GroupView)))]
pub(super) async fn create(
    State(app): State<App>,
    allowed: Allowed<WriteGroups>,
    Json(new): Json<GroupName>,
) -> Result<Response, Problem> {
    let made = app
        .create_group(allowed.permit, &new.name, allowed.origin)
        .await?;
    let group = made.map_err(|why| Problem::refused(why.into(), Code::OrganisationNotFound))?;
    let location = format!("{}/groups/{}", app.api(), group.id);
    Ok(created(
        &location,
        Some(group.version),
        &GroupView::from(&group),
    ))
}

/// Reads a group.
#[utoipa::path(get, path = "/groups/{group_id}", tag = "Groups", operation_id = "readGroup",
    params(("group_id" = String, Path, description = "The group")),
    security(("oauth" = ["groups:read"])), responses((status = 200, body = GroupView)))]
pub(super) async fn read(
    State(app): State<App>,
    allowed: Allowed<ReadGroups>,
    Path(group): Path<String>,
) -> Result<Response, Problem> {
    let found = app
        .group(&allowed.permit, group_id(&group)?, None, 0)
        .await?;
    let (group, _) = found.ok_or_else(|| Problem::of(Code::GroupNotFound))?;
    Ok(tagged(group.version, &GroupView::from(&group)))
}

/// Renames a group.
#[utoipa::path(put, path = "/groups/{group_id}", tag = "Groups", operation_id = "renameGroup",
    params(("group_id" = String, Path, description = "The group")), request_body = GroupName,
    security(("oauth" = ["groups:write"])), responses((status = 204)))]
pub(super) async fn rename(
    State(app): State<App>,
    allowed: Allowed<WriteGroups>,
    Path(group): Path<String>,
    IfMatch(version): IfMatch,
    Json(new): Json<GroupName>,
) -> Result<Response, Problem> {
    change(
        &app,
        allowed,
        &group,
        GroupChange::Rename(new.name, version),
    )
    .await
}

/// Removes a group.
///
/// Its members lose what it gave them.
#[utoipa::path(delete, path = "/groups/{group_id}", tag = "Groups", operation_id = "deleteGroup",
    params(("group_id" = String, Path, description = "The group")),
    security(("oauth" = ["groups:write"])), responses((status = 204)))]
pub(super) async fn delete(
    State(app): State<App>,
    allowed: Allowed<WriteGroups>,
    Path(group): Path<String>,
    IfMatch(version): IfMatch,
) -> Result<Response, Problem> {
    change(&app, allowed, &group, GroupChange::Delete(version)).await
}

/// Lists who is in a group.
#[utoipa::path(get, path = "/groups/{group_id}/members", tag = "Groups", operation_id = "listMembers",
    params(("group_id" = String, Path, description = "The group"), PageQuery),
    security(("oauth" = ["groups:read"])), responses((status = 200, body = Page<Member>)))]
pub(super) async fn members(
    State(app): State<App>,
    allowed: Allowed<ReadGroups>,
    Path(group): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Response, Problem> {
    let key = ("members", &group);
    let asked = Asked::read(&app, (query.cursor.as_deref(), query.limit), &key)?;
    let (after, limit) = (asked.after.clone(), asked.limit);
    let listed = app
        .list_members(&allowed.permit, group_id(&group)?, after, limit)
        .await?;
    let listed = listed.ok_or_else(|| Problem::of(Code::GroupNotFound))?;
    let listed = listed.map(|user| Member {
        user_id: user.to_string(),
    });
    Ok(answer(&asked.page(&app, listed)?))
}

/// Puts somebody into a group.
///
/// They hold its roles then. Who is in it stays.
#[utoipa::path(put, path = "/groups/{group_id}/members/{user_id}", tag = "Groups", operation_id = "addMember",
    params(("group_id" = String, Path, description = "The group"), ("user_id" = String, Path, description = "The person")),
    extensions(("x-no-version" = json!(true))),
    security(("oauth" = ["groups:write"])), responses((status = 204)))]
pub(super) async fn add_member(
    State(app): State<App>,
    allowed: Allowed<WriteGroups>,
    Path((group, user)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let who = user_id(&user)?;
    change(&app, allowed, &group, GroupChange::Add(who)).await
}

/// Takes somebody out of a group.
#[utoipa::path(delete, path = "/groups/{group_id}/members/{user_id}", tag = "Groups", operation_id = "removeMember",
    params(("group_id" = String, Path, description = "The group"), ("user_id" = String, Path, description = "The person")),
    extensions(("x-no-version" = json!(true))),
    security(("oauth" = ["groups:write"])), responses((status = 204)))]
pub(super) async fn remove_member(
    State(app): State<App>,
    allowed: Allowed<WriteGroups>,
    Path((group, user)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let who = user_id(&user)?;
    change(&app, allowed, &group, GroupChange::Remove(who)).await
}

async fn change(
    app: &App,
    allowed: Allowed<WriteGroups>,
    group: &str,
    change: GroupChange,
) -> Result<Response, Problem> {
    let group = group_id(group)?;
    let changed = app
        .change_group(allowed.permit, group, change, allowed.origin)
        .await?;
    changed.map_err(|why| Problem::refused(why.into(), Code::GroupNotFound))?;
    Ok(done())
}

fn group_id(text: &str) -> Result<GroupId, Problem> {
    id(text, Code::GroupNotFound).map(GroupId)
}
