//! `/users`

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::caller::Allowed;
use super::exchange::{IfMatch, Json, Path, Query, answer, created, done, id, tagged};
use super::page::{Asked, Page, sought};
use super::problem::{Code, Problem};
use crate::base::Secret;
use crate::base::ids::UserId;
use crate::flows::administration::{NewAccount, Refused, UserFilter};
use crate::flows::people::UserChanges;
use crate::protocol::access::power::{ReadUsers, WriteUsers};
use crate::storage::users::User;
use crate::web::App;

/// A person's account.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub(super) struct UserView {
    /// Also the `sub`.
    id: String,
    username: String,
    email: String,
    email_verified: bool,
    /// The organisation that it belongs to; absent: the deployment.
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation_id: Option<String>,
    /// Nobody signs in to it: disabled itself, or of a closed organisation.
    disabled: bool,
    created_at: String,
    updated_at: String,
    /// Its owner asked for its deletion, which is due then.
    #[serde(skip_serializing_if = "Option::is_none")]
    delete_at: Option<String>,
    /// The standard claims (OpenID Connect Core §5.1), and `attributes`, which are the deployment's own.
    profile: Map<String, Value>,
}

impl From<&User> for UserView {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.to_string(),
            username: user.username.clone(),
            email: user.email.clone(),
            email_verified: user.email_verified,
            organisation_id: user.organisation.map(|id| id.to_string()),
            disabled: user.disabled,
            created_at: user.created_at.rfc3339(),
            updated_at: user.updated_at.rfc3339(),
            delete_at: user.delete_at.map(crate::base::Timestamp::rfc3339),
            profile: user.profile.0.clone(),
        }
    }
}

/// Which people.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct UserQuery {
    /// The beginnings of words of the user name, the e-mail address or the name.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Disabled or not.
    disabled: Option<bool>,
    /// Where the page before ended.
    cursor: Option<String>,
    /// How many at most; 50 if absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
}

/// Lists people.
#[utoipa::path(get, path = "/users", tag = "Users", operation_id = "listUsers", params(UserQuery),
    security(("oauth" = ["users:read"])), responses((status = 200, body = Page<UserView>)))]
pub(super) async fn list(
    State(app): State<App>,
    allowed: Allowed<ReadUsers>,
    Query(query): Query<UserQuery>,
) -> Result<Response, Problem> {
    let key = ("users", &query.q, query.disabled);
    let asked = Asked::read(&app, (query.cursor.as_deref(), query.limit), &key)?;
    let filter = UserFilter {
        sought: sought(query.q.as_deref())?,
        disabled: query.disabled,
    };
    let (after, limit) = (asked.after.clone(), asked.limit);
    let listed = app
        .list_users(&allowed.permit, &filter, after, limit)
        .await?;
    Ok(answer(
        &asked.page(&app, listed.map(|user| UserView::from(&user)))?,
    ))
}

/// An account to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewUser {
    username: String,
    email: String,
    /// The address is known to be theirs.
    #[serde(default)]
    email_verified: bool,
    /// The standard claims, with `name`, and `attributes`.
    #[serde(default)]
    profile: Map<String, Value>,
    /// Absent: its owner is invited by a letter to choose one.
    password: Option<String>,
}

/// Makes an account.
///
/// It belongs to the organisation in which the caller acts. Without a password, its owner gets a letter with a link
/// to choose one, which works for a week.
#[utoipa::path(post, path = "/users", tag = "Users", operation_id = "createUser", request_body = NewUser,
    security(("oauth" = ["users:write"])), responses((status = 201, body = UserView)))]
pub(super) async fn create(
    State(app): State<App>,
    allowed: Allowed<WriteUsers>,
    Json(new): Json<NewUser>,
) -> Result<Response, Problem> {
    let new = NewAccount {
        username: new.username,
        email: new.email,
        email_verified: new.email_verified,
        profile: new.profile,
        password: new.password.map(Secret::new),
    };
    let made = app
        .create_account(allowed.permit, new, allowed.origin)
        .await?;
    let user = made.map_err(|why| Problem::refused(why, Code::OrganisationNotFound))?;
    let location = format!("{}/users/{}", app.api(), user.id);
    Ok(created(
        &location,
        Some(user.version),
        &UserView::from(&user),
    ))
}

/// Reads an account.
#[utoipa::path(get, path = "/users/{user_id}", tag = "Users", operation_id = "readUser",
    params(("user_id" = String, Path, description = "The person")),
    security(("oauth" = ["users:read"])), responses((status = 200, body = UserView)))]
pub(super) async fn read(
    State(app): State<App>,
    allowed: Allowed<ReadUsers>,
    Path(user): Path<String>,
) -> Result<Response, Problem> {
    let found = app.user_within(&allowed.permit, user_id(&user)?).await?;
    let user = found.ok_or_else(|| Problem::of(Code::UserNotFound))?;
    Ok(tagged(user.version, &UserView::from(&user)))
}

/// What becomes different; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UserPatch {
    /// A new address, known to be theirs.
    email: Option<String>,
    /// A new profile in place of the whole old one.
    profile: Option<Map<String, Value>>,
}

/// Changes an account.
#[utoipa::path(patch, path = "/users/{user_id}", tag = "Users", operation_id = "changeUser",
    params(("user_id" = String, Path, description = "The person")), request_body = UserPatch,
    security(("oauth" = ["users:write"])), responses((status = 200, body = UserView)))]
pub(super) async fn change(
    State(app): State<App>,
    allowed: Allowed<WriteUsers>,
    Path(user): Path<String>,
    IfMatch(version): IfMatch,
    Json(patch): Json<UserPatch>,
) -> Result<Response, Problem> {
    let changes = UserChanges {
        email: patch.email,
        profile: patch.profile,
        ..UserChanges::default()
    };
    apply(&app, allowed, &user, changes, version).await
}

/// Deletes an account.
///
/// At once, with everything that is its owner's.
#[utoipa::path(delete, path = "/users/{user_id}", tag = "Users", operation_id = "deleteUser",
    params(("user_id" = String, Path, description = "The person")),
    security(("oauth" = ["users:write"])), responses((status = 204)))]
pub(super) async fn delete(
    State(app): State<App>,
    allowed: Allowed<WriteUsers>,
    Path(user): Path<String>,
    IfMatch(version): IfMatch,
) -> Result<Response, Problem> {
    let user = user_id(&user)?;
    let removed = app.remove_user(allowed.permit, user, version, allowed.origin);
    removed.await?.map_err(absent)?;
    Ok(done())
}

/// Disables an account.
///
/// Its sessions and all that it allowed end at once.
#[utoipa::path(post, path = "/users/{user_id}/disable", tag = "Users", operation_id = "disableUser",
    params(("user_id" = String, Path, description = "The person")), extensions(("x-if-match" = json!(true))),
    security(("oauth" = ["users:write"])), responses((status = 200, body = UserView)))]
pub(super) async fn disable(
    State(app): State<App>,
    allowed: Allowed<WriteUsers>,
    Path(user): Path<String>,
    IfMatch(version): IfMatch,
) -> Result<Response, Problem> {
    apply(&app, allowed, &user, switched(true), version).await
}

/// Enables an account.
///
/// One that was to be deleted stays.
#[utoipa::path(post, path = "/users/{user_id}/enable", tag = "Users", operation_id = "enableUser",
    params(("user_id" = String, Path, description = "The person")), extensions(("x-if-match" = json!(true))),
    security(("oauth" = ["users:write"])), responses((status = 200, body = UserView)))]
pub(super) async fn enable(
    State(app): State<App>,
    allowed: Allowed<WriteUsers>,
    Path(user): Path<String>,
    IfMatch(version): IfMatch,
) -> Result<Response, Problem> {
    apply(&app, allowed, &user, switched(false), version).await
}

/// Forces a reset of the password.
///
/// The password is gone, the person is signed out everywhere, and a letter has a link to choose another one.
#[utoipa::path(post, path = "/users/{user_id}/password-reset", tag = "Users", operation_id = "resetPassword",
    params(("user_id" = String, Path, description = "The person")),
    security(("oauth" = ["users:write"])), responses((status = 204)))]
pub(super) async fn reset_password(
    State(app): State<App>,
    allowed: Allowed<WriteUsers>,
    Path(user): Path<String>,
) -> Result<Response, Problem> {
    let user = user_id(&user)?;
    let forced = app.force_reset(allowed.permit, user, allowed.origin);
    forced.await?.map_err(absent)?;
    Ok(done())
}

fn switched(disabled: bool) -> UserChanges {
    UserChanges {
        disabled: Some(disabled),
        ..UserChanges::default()
    }
}

async fn apply(
    app: &App,
    allowed: Allowed<WriteUsers>,
    user: &str,
    changes: UserChanges,
    version: Option<i64>,
) -> Result<Response, Problem> {
    let user = user_id(user)?;
    let written = app.change_account(allowed.permit, user, changes, version, allowed.origin);
    let user = written.await?.map_err(absent)?;
    Ok(tagged(user.version, &UserView::from(&user)))
}

pub(super) fn user_id(text: &str) -> Result<UserId, Problem> {
    id(text, Code::UserNotFound).map(UserId)
}

pub(super) fn absent(refused: Refused) -> Problem {
    Problem::refused(refused, Code::UserNotFound)
}
