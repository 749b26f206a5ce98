//! `/admin/users`: the people.

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use uuid::Uuid;

use super::{frame_after, not_found, shown, value};
use crate::base::ids::UserId;
use crate::flows::Internal;
use crate::flows::administration::{Position, UserFilter};
use crate::protocol::access::Permit;
use crate::protocol::access::power::{ReadRoles, ReadSessions, ReadUsers};
use crate::storage::role_grants::Holder;
use crate::storage::users::User;
use crate::storage::words::Sought;
use crate::storage::{clients, organisations};
use crate::web::App;
use crate::web::extract::Admin;
use crate::web::respond;
use crate::web::views::account::{AccountSession, Application};
use crate::web::views::admin::users::{CredentialLine, UserList, UserPage};
use crate::web::views::admin::{Frame, Section, method_key};

pub(super) const PATH: &str = "/admin/users";
const PAGE: usize = 50;

pub(super) fn path(id: UserId) -> String {
    format!("{PATH}/{id}")
}

/// `GET /admin/users`
pub async fn list(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    admin: Admin<ReadUsers>,
) -> Response {
    let (visitor, query) = (admin.visitor(), query.as_deref());
    let asked = |name| value(query, name).unwrap_or_default();
    let (sought, state) = (asked("q"), asked("state"));
    let filter = UserFilter {
        sought: Sought::parse(&sought),
        disabled: match state.as_str() {
            "disabled" => Some(true),
            "enabled" => Some(false),
            _ => None,
        },
    };
    let from = value(query, "after").map(|id| Position {
        word: asked("word"),
        id,
    });
    let listed = match app.list_users(admin.permit(), &filter, from, PAGE).await {
        Ok(listed) => listed,
        Err(error) => return respond::internal_page(visitor, &error),
    };
    let next = listed.next.map(|at| {
        let mut next = form_urlencoded::Serializer::new(format!("{PATH}?"));
        let pairs = [
            ("q", &sought),
            ("state", &state),
            ("word", &at.word),
            ("after", &at.id),
        ];
        next.extend_pairs(pairs.into_iter().filter(|(_, text)| !text.is_empty()));
        next.finish()
    });
    let frame = frame_after(&admin, Section::Users, query);
    let (page, users) = (visitor.page(), listed.items);
    shown(
        visitor,
        UserList {
            page,
            frame,
            sought,
            state,
            users,
            next,
        },
    )
}

/// `GET /admin/users/{id}`
pub async fn show(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    RawQuery(query): RawQuery,
    admin: Admin<ReadUsers>,
) -> Response {
    let visitor = admin.visitor();
    let frame = frame_after(&admin, Section::Users, query.as_deref());
    match view(&app, &admin, UserId(id), frame).await {
        Ok(Some(view)) => shown(visitor, view),
        Ok(None) => not_found(visitor),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

async fn view(
    app: &App,
    admin: &Admin<ReadUsers>,
    id: UserId,
    frame: Frame,
) -> Result<Option<UserPage>, Internal> {
    let permit = admin.permit();
    let (Some(user), Some(credentials)) = (
        app.user_within(permit, id).await?,
        app.credentials_of(permit, id).await?,
    ) else {
        return Ok(None);
    };
    let devices = credentials
        .devices
        .iter()
        .map(|one| CredentialLine {
            id: one.id.to_string(),
            method: method_key(one.method),
            name: one.name.clone(),
            since: one.created_at,
        })
        .collect();
    Ok(Some(UserPage {
        page: admin.visitor().page(),
        frame,
        organisation: organisation(app, &user).await?,
        roles: roles(app, admin, id).await?,
        devices,
        credentials,
        sessions: sessions(app, admin, id).await?,
        applications: applications(app, permit, id).await?,
        user,
    }))
}

async fn organisation(app: &App, user: &User) -> Result<String, Internal> {
    let Some(id) = user.organisation else {
        return Ok(String::new());
    };
    let mut reader = &app.store;
    let found = organisations::find(&mut reader, id).await?;
    Ok(found.map_or_else(|| id.to_string(), |of| of.title))
}

/// What they hold, for who may see roles where they see the person.
async fn roles(app: &App, admin: &Admin<ReadUsers>, id: UserId) -> Result<Vec<String>, Internal> {
    let Some(permit) = also::<ReadRoles>(admin) else {
        return Ok(Vec::new());
    };
    let grants = app.grants_of(&permit, &Holder::User(id)).await?;
    Ok(grants
        .into_iter()
        .map(|grant| grant.role.to_string())
        .collect())
}

async fn sessions(
    app: &App,
    admin: &Admin<ReadUsers>,
    id: UserId,
) -> Result<Vec<AccountSession>, Internal> {
    let Some(permit) = also::<ReadSessions>(admin) else {
        return Ok(Vec::new());
    };
    let live = app.list_sessions(&permit, id).await?.unwrap_or_default();
    Ok(live
        .into_iter()
        .map(|session| AccountSession {
            session_id: session.id.to_string(),
            user_agent: session.user_agent,
            address: session.address,
            last_seen: session.last_seen_at,
            current: false,
        })
        .collect())
}

/// The same caller's permit for something else, in the same place; `None` if they have it not.
fn also<P: crate::protocol::access::Power>(admin: &Admin<ReadUsers>) -> Option<Permit<P>> {
    let here = admin.permit().within().organisation();
    admin.who().decide::<P>(here)
}

async fn applications(
    app: &App,
    permit: &Permit<ReadUsers>,
    id: UserId,
) -> Result<Vec<Application>, Internal> {
    let mut reader = &app.store;
    let mut all = Vec::new();
    for consent in app.consents_of(permit, id).await?.unwrap_or_default() {
        let client = clients::find(&mut reader, &consent.client_id, app.now()).await?;
        all.push(Application {
            name: client.map_or_else(
                || consent.client_id.to_string(),
                |of| of.display_name().to_owned(),
            ),
            client_id: consent.client_id.to_string(),
            open: None,
            scopes: consent.scope.iter().map(str::to_owned).collect(),
            since: consent.granted_at,
        });
    }
    Ok(all)
}
