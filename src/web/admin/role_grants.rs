//! `/admin/roles/{name}/grant` and the way back: who holds a role.

use axum::extract::{Path, State};
use axum::response::Response;
use uuid::Uuid;

use super::roles::{find, path};
use super::{after, frame, not_found, refused, shown, why};
use crate::base::Timestamp;
use crate::base::ids::{GroupId, RoleGrantId};
use crate::flows::Internal;
use crate::flows::roles::NewGrant;
use crate::protocol::access::power::WriteRoles;
use crate::protocol::access::{RoleName, Tenant, Within};
use crate::protocol::client::ClientId;
use crate::storage::role_grants::{Holder, RoleGrant};
use crate::storage::{clients, groups, organisations, users};
use crate::web::App;
use crate::web::extract::{Admin, AdminForm, Form, Visitor};
use crate::web::messages::Message;
use crate::web::respond;
use crate::web::views::admin::Section;
use crate::web::views::admin::confirm::Confirm;
use crate::web::views::admin::roles::{GrantRole, HolderLine};

/// A line of the list of those who hold a role.
pub(super) async fn line(
    app: &App,
    within: Within,
    grant: RoleGrant,
) -> Result<HolderLine, Internal> {
    let mut reader = &app.store;
    let (kind, name) = match &grant.holder {
        Holder::User(id) => {
            let user = users::find(&mut reader, *id).await?;
            (
                "admin-person",
                user.map_or_else(|| id.to_string(), |user| user.username),
            )
        }
        Holder::Group(id) => {
            let found = groups::find(&mut reader, within, *id).await?;
            (
                "admin-group",
                found.map_or_else(|| id.to_string(), |group| group.name),
            )
        }
        Holder::Client(id) => {
            let client = clients::find(&mut reader, id, app.now()).await?;
            (
                "admin-client",
                client.map_or_else(|| id.to_string(), |of| of.display_name().to_owned()),
            )
        }
    };
    let organisation = match grant.tenant {
        Tenant::Deployment => String::new(),
        Tenant::Organisation(id) => organisations::find(&mut reader, id)
            .await?
            .map_or_else(|| id.to_string(), |of| of.title),
    };
    Ok(HolderLine {
        id: grant.id.to_string(),
        kind,
        name,
        organisation,
        from: grant.valid_from,
        until: grant.valid_until,
    })
}

/// `GET /admin/roles/{name}/grant`
pub async fn show_grant(
    State(app): State<App>,
    Path(name): Path<String>,
    form: AdminForm<WriteRoles>,
) -> Response {
    let admin = form.0;
    match find(admin.who().roles(), &name) {
        Some(role) => grant_page(&app, &admin, &role.name, Vec::new(), &|_| String::new()).await,
        None => not_found(admin.visitor()),
    }
}

async fn grant_page<From: AsRef<Visitor>>(
    app: &App,
    admin: &Admin<WriteRoles, From>,
    role: &RoleName,
    problems: Vec<Message>,
    typed: &(dyn Fn(&str) -> String + Sync),
) -> Response {
    let visitor = admin.visitor();
    let mut reader = &app.store;
    let organisations = organisations::page(&mut reader, admin.permit().within(), "", 500).await;
    let organisations = match organisations {
        Ok(all) => all.into_iter().map(|of| (of.name, of.title)).collect(),
        Err(error) => return respond::internal_page(visitor, &error.into()),
    };
    let bad = !problems.is_empty();
    let mut frame = frame(admin, Section::Roles);
    frame.problems = problems;
    let view = GrantRole {
        page: visitor.page(),
        frame,
        role: role.to_string(),
        kind: typed("kind"),
        holder: typed("holder"),
        place: typed("place"),
        from: typed("from"),
        until: typed("until"),
        organisations,
    };
    if bad {
        refused(visitor, view)
    } else {
        shown(visitor, view)
    }
}

/// An instant as a browser's date field gives it, in UTC: `2027-01-31T08:00`.
pub(super) fn instant(text: &str) -> Result<Option<Timestamp>, Message> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let whole = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        16 => format!("{text}:00Z"),
        _ => text.to_owned(),
    };
    let at = Timestamp::parse_rfc3339(&whole);
    at.map(Some).ok_or(Message::new("admin-why-no-instant"))
}

async fn wanted(
    app: &App,
    admin: &Admin<WriteRoles, Form>,
    role: RoleName,
) -> Result<Result<NewGrant, Message>, Internal> {
    let form = &admin.from;
    let (named, mut reader) = (form.text("holder"), &app.store);
    let unknown = Ok(Err(
        Message::new("admin-why-no-holder").with("name", named.as_str())
    ));
    let holder = match form.text("kind").as_str() {
        "client" => Holder::Client(ClientId::new(named.trim())),
        "group" => {
            let within = admin.permit().within();
            match groups::find_by_name(&mut reader, within, &named).await? {
                Some(group) => Holder::Group(group.id),
                None => match named.trim().parse() {
                    Ok(id) => Holder::Group(GroupId(id)),
                    Err(_) => return unknown,
                },
            }
        }
        _ => match app.find_user(named.trim()).await? {
            // Of another organisation: answered as if absent.
            Some(user) if admin.permit().within().holds(user.organisation) => Holder::User(user.id),
            _ => return unknown,
        },
    };
    let place = form.text("place");
    let tenant = if place.is_empty() {
        admin
            .permit()
            .within()
            .organisation()
            .map_or(Tenant::Deployment, Tenant::Organisation)
    } else {
        match app.find_organisation(&place).await? {
            Some(of) if admin.permit().within().holds(Some(of.id)) => Tenant::Organisation(of.id),
            _ => return unknown,
        }
    };
    let times =
        instant(&form.text("from")).and_then(|from| Ok((from, instant(&form.text("until"))?)));
    Ok(times.map(|(valid_from, valid_until)| NewGrant {
        role,
        holder,
        tenant,
        valid_from,
        valid_until,
    }))
}

/// `POST /admin/roles/{name}/grant`
pub async fn grant(
    State(app): State<App>,
    Path(name): Path<String>,
    admin: Admin<WriteRoles, Form>,
) -> Response {
    let visitor = admin.visitor();
    let Some(role) = find(admin.who().roles(), &name) else {
        return not_found(visitor);
    };
    let typed = |field: &str| admin.from.text(field);
    let refusal = match wanted(&app, &admin, role.name.clone()).await {
        Ok(Ok(new)) => {
            let origin = visitor.origin.clone();
            match app.grant_role(admin.permit().clone(), new, origin).await {
                Ok(Ok(_)) => return visitor.go(&after(&path(&role.name), "granted")),
                Ok(Err(refusal)) => why(&refusal),
                Err(error) => return respond::internal_page(visitor, &error),
            }
        }
        Ok(Err(problem)) => problem,
        Err(error) => return respond::internal_page(visitor, &error),
    };
    grant_page(&app, &admin, &role.name, vec![refusal], &typed).await
}

/// `GET /admin/roles/{name}/holders/{id}/revoke`
pub async fn show_revoke(
    Path((name, id)): Path<(String, Uuid)>,
    form: AdminForm<WriteRoles>,
) -> Response {
    let admin = form.0;
    match find(admin.who().roles(), &name) {
        Some(role) => shown(
            admin.visitor(),
            confirm_revoke(&admin, &role.name, id, Vec::new()),
        ),
        None => not_found(admin.visitor()),
    }
}

fn confirm_revoke<From: AsRef<Visitor>>(
    admin: &Admin<WriteRoles, From>,
    name: &RoleName,
    id: Uuid,
    problems: Vec<Message>,
) -> Confirm {
    let mut frame = frame(admin, Section::Roles);
    frame.problems = problems;
    Confirm {
        page: admin.visitor().page(),
        frame,
        title: "admin-role-revoke-title",
        text: "admin-role-revoke-text",
        name: name.to_string(),
        button: "admin-role-revoke",
        action: format!("{}/holders/{id}/revoke", path(name)),
        back: path(name),
    }
}

/// `POST /admin/roles/{name}/holders/{id}/revoke`
pub async fn revoke(
    State(app): State<App>,
    Path((name, id)): Path<(String, Uuid)>,
    admin: Admin<WriteRoles, Form>,
) -> Response {
    let visitor = admin.visitor();
    let Ok(name) = RoleName::parse(&name) else {
        return not_found(visitor);
    };
    let origin = visitor.origin.clone();
    match app
        .revoke_role(admin.permit().clone(), RoleGrantId(id), origin)
        .await
    {
        Ok(Ok(())) => visitor.go(&after(&path(&name), "revoked")),
        Ok(Err(refusal)) => refused(
            visitor,
            confirm_revoke(&admin, &name, id, vec![why(&refusal)]),
        ),
        Err(error) => respond::internal_page(visitor, &error),
    }
}
