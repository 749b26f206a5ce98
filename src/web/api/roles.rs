//! `/roles` and `/role-grants`

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::Allowed;
use super::clients::client_id;
use super::exchange::{IfMatch, Json, Path, Query, answer, created, done, id, tagged};
use super::page::{Asked, Page};
use super::problem::{Code, Problem};
use super::users::user_id;
use crate::base::Timestamp;
use crate::base::ids::{GroupId, RoleGrantId};
use crate::flows::administration::Listed;
use crate::flows::roles::{NewGrant, NotChanged};
use crate::protocol::access::power::{ReadRoles, WriteRoles};
use crate::protocol::access::{Pattern, Role, RoleName, Roles, Tenant};
use crate::storage::role_grants::{Holder, RoleGrant};
use crate::web::App;

/// A role.
#[derive(Serialize, ToSchema)]
#[schema(as = Role)]
pub(super) struct RoleView {
    name: String,
    /// What it is for.
    description: String,
    /// What it gives by itself: `clients:write`, `*:read`.
    permissions: Vec<String>,
    /// The roles that it also is.
    inherits: Vec<String>,
    /// It comes with Tessera and cannot be changed.
    built_in: bool,
}

impl From<&Role> for RoleView {
    fn from(role: &Role) -> Self {
        Self {
            name: role.name.to_string(),
            description: role.description.clone(),
            permissions: role.permissions.iter().map(ToString::to_string).collect(),
            inherits: role.inherits.iter().map(ToString::to_string).collect(),
            built_in: Roles::is_built_in(&role.name),
        }
    }
}

/// A role as it is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleBody {
    /// What it is for.
    #[serde(default)]
    description: String,
    /// What it gives by itself: `clients:write`, `*:read`.
    #[serde(default)]
    permissions: Vec<String>,
    /// The roles that it also is.
    #[serde(default)]
    inherits: Vec<String>,
}

/// A role to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRole {
    /// a-z, 0-9 and hyphens.
    name: String,
    /// What it is for.
    #[serde(default)]
    description: String,
    /// What it gives by itself: `clients:write`, `*:read`.
    #[serde(default)]
    permissions: Vec<String>,
    /// The roles that it also is.
    #[serde(default)]
    inherits: Vec<String>,
}

impl RoleBody {
    fn named(self, name: &str) -> Result<Role, Problem> {
        let wrong = |why| {
            Problem::refused(
                crate::flows::administration::Refused::Wrong(vec![why]),
                Code::RoleNotFound,
            )
        };
        let permissions = self.permissions.iter().map(|text| Pattern::parse(text));
        let inherits = self.inherits.iter().map(|text| RoleName::parse(text));
        Ok(Role {
            name: RoleName::parse(name).map_err(wrong)?,
            description: self.description,
            permissions: permissions.collect::<Result<_, _>>().map_err(wrong)?,
            inherits: inherits.collect::<Result<_, _>>().map_err(wrong)?,
        })
    }
}

/// Lists roles.
///
/// Those that are built in and the deployment's own, all of them at once.
#[utoipa::path(get, path = "/roles", tag = "Roles", operation_id = "listRoles",
    security(("oauth" = ["roles:read"])), responses((status = 200, body = Page<RoleView>)))]
pub(super) async fn list(
    State(app): State<App>,
    allowed: Allowed<ReadRoles>,
) -> Result<Response, Problem> {
    let own = app.own_roles(&allowed.permit).await?;
    let roles = Roles::new(own.into_iter().map(|stored| stored.role));
    let items = roles.iter().map(RoleView::from).collect();
    Ok(answer(&Page {
        items,
        next_cursor: None,
    }))
}

/// Defines a role.
#[utoipa::path(post, path = "/roles", tag = "Roles", operation_id = "createRole", request_body = NewRole,
    security(("oauth" = ["roles:write"])), responses((status = 201, body = RoleView)))]
pub(super) async fn create(
    State(app): State<App>,
    allowed: Allowed<WriteRoles>,
    Json(new): Json<NewRole>,
) -> Result<Response, Problem> {
    let body = RoleBody {
        description: new.description,
        permissions: new.permissions,
        inherits: new.inherits,
    };
    let role = body.named(&new.name)?;
    let view = RoleView::from(&role);
    let location = format!("{}/roles/{}", app.api(), role.name);
    let defined = app.define_role(allowed.permit, role, None, allowed.origin);
    defined.await?.map_err(absent)?;
    Ok(created(&location, Some(1), &view))
}

/// Reads a role.
#[utoipa::path(get, path = "/roles/{name}", tag = "Roles", operation_id = "readRole",
    params(("name" = String, Path, description = "The role")),
    security(("oauth" = ["roles:read"])), responses((status = 200, body = RoleView)))]
pub(super) async fn read(
    State(app): State<App>,
    allowed: Allowed<ReadRoles>,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let name = role_name(&name)?;
    let own = app.own_roles(&allowed.permit).await?;
    let version = own
        .iter()
        .find(|stored| stored.role.name == name)
        .map(|stored| stored.version);
    let roles = Roles::new(own.into_iter().map(|stored| stored.role));
    let role = roles
        .find(&name)
        .ok_or_else(|| Problem::of(Code::RoleNotFound))?;
    // What is built in never changes.
    Ok(tagged(version.unwrap_or(0), &RoleView::from(role)))
}

/// Defines a role anew.
#[utoipa::path(put, path = "/roles/{name}", tag = "Roles", operation_id = "replaceRole",
    params(("name" = String, Path, description = "The role")), request_body = RoleBody,
    security(("oauth" = ["roles:write"])), responses((status = 204)))]
pub(super) async fn replace(
    State(app): State<App>,
    allowed: Allowed<WriteRoles>,
    Path(name): Path<String>,
    IfMatch(version): IfMatch,
    Json(body): Json<RoleBody>,
) -> Result<Response, Problem> {
    let role = body.named(role_name(&name)?.as_str())?;
    let defined = app.define_role(allowed.permit, role, Some(version), allowed.origin);
    defined.await?.map_err(absent)?;
    Ok(done())
}

/// Removes a role.
///
/// It is taken from everybody.
#[utoipa::path(delete, path = "/roles/{name}", tag = "Roles", operation_id = "deleteRole",
    params(("name" = String, Path, description = "The role")),
    security(("oauth" = ["roles:write"])), responses((status = 204)))]
pub(super) async fn delete(
    State(app): State<App>,
    allowed: Allowed<WriteRoles>,
    Path(name): Path<String>,
    IfMatch(version): IfMatch,
) -> Result<Response, Problem> {
    let name = role_name(&name)?;
    let deleted = app.delete_role(allowed.permit, name, version, allowed.origin);
    deleted.await?.map_err(absent)?;
    Ok(done())
}

/// A role that somebody or something holds.
#[derive(Serialize, ToSchema)]
#[schema(as = RoleGrant)]
pub(super) struct GrantView {
    id: String,
    role: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    /// Where; absent: everywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_until: Option<String>,
    created_at: String,
}

impl From<&RoleGrant> for GrantView {
    fn from(grant: &RoleGrant) -> Self {
        let (user, group, client) = match &grant.holder {
            Holder::User(id) => (Some(id.to_string()), None, None),
            Holder::Group(id) => (None, Some(id.to_string()), None),
            Holder::Client(id) => (None, None, Some(id.to_string())),
        };
        Self {
            id: grant.id.to_string(),
            role: grant.role.to_string(),
            user_id: user,
            group_id: group,
            client_id: client,
            organisation_id: match grant.tenant {
                Tenant::Deployment => None,
                Tenant::Organisation(id) => Some(id.to_string()),
            },
            valid_from: grant.valid_from.map(Timestamp::rfc3339),
            valid_until: grant.valid_until.map(Timestamp::rfc3339),
            created_at: grant.created_at.rfc3339(),
        }
    }
}

/// Whose grants: exactly one of the first four.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct GrantQuery {
    /// Of this role.
    role: Option<String>,
    /// Of this person.
    user_id: Option<String>,
    /// Of this group.
    group_id: Option<String>,
    /// Of this client.
    client_id: Option<String>,
    /// Where the page before ended.
    cursor: Option<String>,
    /// How many at most; 50 if absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
}

/// Lists who holds a role, or what somebody holds.
///
/// What one holder has comes all at once.
#[utoipa::path(get, path = "/role-grants", tag = "Roles", operation_id = "listRoleGrants", params(GrantQuery),
    security(("oauth" = ["roles:read"])), responses((status = 200, body = Page<GrantView>)))]
pub(super) async fn list_grants(
    State(app): State<App>,
    allowed: Allowed<ReadRoles>,
    Query(query): Query<GrantQuery>,
) -> Result<Response, Problem> {
    let asked = Asked::read(
        &app,
        (query.cursor.as_deref(), query.limit),
        &("grants", &query.role),
    )?;
    let named = holder(
        query.user_id.as_deref(),
        query.group_id.as_deref(),
        query.client_id.as_deref(),
    );
    let listed = match (&query.role, named) {
        (Some(role), Ok(None)) => {
            let (role, after) = (role_name(role)?, asked.after.clone());
            app.list_holders(&allowed.permit, &role, after, asked.limit)
                .await?
        }
        (None, Ok(Some(holder))) => Listed {
            items: app.grants_of(&allowed.permit, &holder).await?,
            next: None,
        },
        (_, Err(problem)) => return Err(problem),
        _ => return Err(one_of("role, user_id, group_id and client_id")),
    };
    let listed = listed.map(|grant| GrantView::from(&grant));
    Ok(answer(&asked.page(&app, listed)?))
}

/// A role to be given, to exactly one of a person, a group and a client.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRoleGrant {
    role: String,
    user_id: Option<String>,
    group_id: Option<String>,
    client_id: Option<String>,
    /// RFC 3339; absent: at once.
    valid_from: Option<String>,
    /// RFC 3339; absent: without an end.
    valid_until: Option<String>,
}

/// Gives a role.
///
/// Where the caller acts: in their organisation, or everywhere. Nobody gives what they have not themselves.
#[utoipa::path(post, path = "/role-grants", tag = "Roles", operation_id = "grantRole", request_body = NewRoleGrant,
    security(("oauth" = ["roles:write"])), responses((status = 201, body = GrantView)))]
pub(super) async fn grant(
    State(app): State<App>,
    allowed: Allowed<WriteRoles>,
    Json(new): Json<NewRoleGrant>,
) -> Result<Response, Problem> {
    let holder = holder(
        new.user_id.as_deref(),
        new.group_id.as_deref(),
        new.client_id.as_deref(),
    )?;
    let within = allowed.permit.within().organisation();
    let grant = NewGrant {
        role: role_name(&new.role)?,
        holder: holder.ok_or_else(|| one_of("user_id, group_id and client_id"))?,
        tenant: within.map_or(Tenant::Deployment, Tenant::Organisation),
        valid_from: instant(new.valid_from.as_deref())?,
        valid_until: instant(new.valid_until.as_deref())?,
    };
    let given = app
        .grant_role(allowed.permit, grant, allowed.origin)
        .await?;
    let grant = given.map_err(|why| Problem::refused(why.into(), Code::NotFound))?;
    let location = format!("{}/role-grants/{}", app.api(), grant.id);
    Ok(created(&location, None, &GrantView::from(&grant)))
}

/// Takes a role back.
#[utoipa::path(delete, path = "/role-grants/{grant_id}", tag = "Roles", operation_id = "revokeRole",
    params(("grant_id" = String, Path, description = "The grant")), extensions(("x-no-version" = json!(true))),
    security(("oauth" = ["roles:write"])), responses((status = 204)))]
pub(super) async fn revoke(
    State(app): State<App>,
    allowed: Allowed<WriteRoles>,
    Path(grant): Path<String>,
) -> Result<Response, Problem> {
    let grant = id(&grant, Code::NotFound).map(RoleGrantId)?;
    let revoked = app
        .revoke_role(allowed.permit, grant, allowed.origin)
        .await?;
    revoked.map_err(|why| Problem::refused(why.into(), Code::NotFound))?;
    Ok(done())
}

fn holder(
    user: Option<&str>,
    group: Option<&str>,
    client: Option<&str>,
) -> Result<Option<Holder>, Problem> {
    match (user, group, client) {
        (None, None, None) => Ok(None),
        (Some(user), None, None) => user_id(user).map(|id| Some(Holder::User(id))),
        (None, Some(group), None) => {
            id(group, Code::GroupNotFound).map(|id| Some(Holder::Group(GroupId(id))))
        }
        (None, None, Some(client)) => client_id(client).map(|id| Some(Holder::Client(id))),
        _ => Err(one_of("user_id, group_id and client_id")),
    }
}

fn one_of(names: &str) -> Problem {
    Problem::new(
        Code::InvalidRequest,
        format!("exactly one of {names} is needed"),
    )
}

fn instant(text: Option<&str>) -> Result<Option<Timestamp>, Problem> {
    let wrong = || Problem::new(Code::InvalidRequest, "an instant must be RFC 3339 text");
    text.map(|text| Timestamp::parse_rfc3339(text).ok_or_else(wrong))
        .transpose()
}

fn role_name(text: &str) -> Result<RoleName, Problem> {
    RoleName::parse(text).map_err(|_| Problem::of(Code::RoleNotFound))
}

fn absent(why: NotChanged) -> Problem {
    Problem::refused(why.into(), Code::RoleNotFound)
}
