//! `/admin/roles`: what roles there are, and who holds them.

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use super::{after, frame, frame_after, not_found, refused, role_grants, shown, value, why};
use crate::base::ids::RoleGrantId;
use crate::flows::Internal;
use crate::protocol::access::power::{self, ReadRoles, WriteRoles};
use crate::protocol::access::{Pattern, Role, RoleName, Roles};
use crate::web::App;
use crate::web::extract::{Admin, AdminForm, Form, Visitor};
use crate::web::messages::Message;
use crate::web::respond;
use crate::web::views::admin::Section;
use crate::web::views::admin::confirm::Confirm;
use crate::web::views::admin::roles::{EditRole, RoleList, RolePage};

const PATH: &str = "/admin/roles";
const PAGE: i64 = 50;

pub(super) fn path(role: &RoleName) -> String {
    format!("{PATH}/{role}")
}

/// `GET /admin/roles`
pub async fn list(RawQuery(query): RawQuery, admin: Admin<ReadRoles>) -> Response {
    let visitor = admin.visitor();
    let view = RoleList {
        page: visitor.page(),
        frame: frame_after(&admin, Section::Roles, query.as_deref()),
        roles: admin.who().roles().iter().cloned().collect(),
    };
    shown(visitor, view)
}

/// `GET /admin/roles/{name}`
pub async fn show(
    State(app): State<App>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    admin: Admin<ReadRoles>,
) -> Response {
    let visitor = admin.visitor();
    let Some(role) = find(admin.who().roles(), &name) else {
        return not_found(visitor);
    };
    let from = value(query.as_deref(), "after").and_then(|id| id.parse().ok());
    let page = async {
        let from = from.map(RoleGrantId);
        let mut grants = app
            .holders(admin.permit(), &role.name, from, PAGE + 1)
            .await?;
        let more = grants.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
        grants.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
        let next = grants.last().filter(|_| more);
        let next = next.map(|last| format!("{}?after={}", path(&role.name), last.id));
        let mut holders = Vec::new();
        for grant in grants {
            holders.push(role_grants::line(&app, admin.permit().within(), grant).await?);
        }
        Ok::<_, Internal>((holders, next))
    };
    match page.await {
        Ok((holders, next)) => {
            let frame = frame_after(&admin, Section::Roles, query.as_deref());
            shown(
                visitor,
                RolePage {
                    page: visitor.page(),
                    frame,
                    role,
                    holders,
                    next,
                },
            )
        }
        Err(error) => respond::internal_page(visitor, &error),
    }
}

pub(super) fn find(roles: &Roles, name: &str) -> Option<Role> {
    let name = RoleName::parse(name).ok()?;
    roles.find(&name).cloned()
}

/// `GET /admin/roles/new`
pub async fn show_new(form: AdminForm<WriteRoles>) -> Response {
    let admin = form.0;
    let empty = Role {
        name: RoleName::super_administrator(),
        description: String::new(),
        permissions: Vec::new(),
        inherits: Vec::new(),
    };
    let view = EditRole {
        name: String::new(),
        ..edit(&admin, &format!("{PATH}/new"), None, &empty)
    };
    shown(admin.visitor(), view)
}

fn edit<From: AsRef<Visitor>>(
    admin: &Admin<WriteRoles, From>,
    action: &str,
    version: Option<i64>,
    role: &Role,
) -> EditRole {
    let known: Vec<_> = power::ALL.iter().map(ToString::to_string).collect();
    let others = admin
        .who()
        .roles()
        .iter()
        .filter(|other| version.is_none() || other.name != role.name);
    EditRole {
        page: admin.visitor().page(),
        frame: frame(admin, Section::Roles),
        action: action.to_owned(),
        version,
        name: role.name.to_string(),
        description: role.description.clone(),
        permissions: role
            .permissions
            .iter()
            .cloned()
            .map(String::from)
            .collect::<Vec<_>>()
            .join("\n"),
        others: others
            .map(|other| {
                let inherits = role.inherits.contains(&other.name);
                (other.name.to_string(), other.description.clone(), inherits)
            })
            .collect(),
        known: known.join(" "),
    }
}

/// `GET /admin/roles/{name}/edit`
pub async fn show_edit(
    State(app): State<App>,
    Path(name): Path<String>,
    form: AdminForm<WriteRoles>,
) -> Response {
    let admin = form.0;
    let stored = own(&app, &name).await;
    match stored {
        Ok(Some((role, version))) => {
            let action = format!("{}/edit", path(&role.name));
            shown(admin.visitor(), edit(&admin, &action, Some(version), &role))
        }
        Ok(None) => not_found(admin.visitor()),
        Err(error) => respond::internal_page(admin.visitor(), &error),
    }
}

async fn own(app: &App, name: &str) -> Result<Option<(Role, i64)>, Internal> {
    let mut reader = &app.store;
    let all = crate::storage::roles::all(&mut reader).await?;
    let found = all.into_iter().find(|of| of.role.name.as_str() == name);
    Ok(found.map(|of| (of.role, of.version)))
}

/// What was typed; the problems are what is none.
fn typed(form: &Form, roles: &Roles, name: &str) -> Result<Role, Vec<Message>> {
    let mut problems = Vec::new();
    let wrong = |problem: String| Message::new("admin-why-wrong").with("problem", problem.as_str());
    let name = RoleName::parse(name).map_err(|problem| problems.push(wrong(problem)));
    let mut permissions = Vec::new();
    for text in form.text("permissions").split_whitespace() {
        match Pattern::parse(text) {
            Ok(pattern) => permissions.push(pattern),
            Err(problem) => problems.push(wrong(problem)),
        }
    }
    let inherits = roles
        .iter()
        .map(|role| role.name.clone())
        .filter(|name| form.text(&format!("inherits.{name}")) == "yes")
        .collect();
    match name {
        Ok(name) if problems.is_empty() => Ok(Role {
            name,
            description: form.text("description").trim().to_owned(),
            permissions,
            inherits,
        }),
        _ => Err(problems),
    }
}

/// The page again, as it was typed.
fn again(
    admin: &Admin<WriteRoles, Form>,
    action: &str,
    name: String,
    problems: Vec<Message>,
) -> Response {
    let form = &admin.from;
    let known: Vec<_> = power::ALL.iter().map(ToString::to_string).collect();
    let mut frame = frame(admin, Section::Roles);
    frame.problems = problems;
    let view = EditRole {
        page: admin.visitor().page(),
        frame,
        action: action.to_owned(),
        version: form.text("version").parse().ok(),
        description: form.text("description"),
        permissions: form.text("permissions"),
        others: admin
            .who()
            .roles()
            .iter()
            .filter(|other| other.name.as_str() != name)
            .map(|other| {
                let on = form.text(&format!("inherits.{}", other.name)) == "yes";
                (other.name.to_string(), other.description.clone(), on)
            })
            .collect(),
        name,
        known: known.join(" "),
    };
    refused(admin.visitor(), view)
}

/// `POST /admin/roles/new`
pub async fn create(State(app): State<App>, admin: Admin<WriteRoles, Form>) -> Response {
    define(
        &app,
        &admin,
        &admin.from.text("name"),
        &format!("{PATH}/new"),
        Replaces::Nothing,
    )
    .await
}

/// `POST /admin/roles/{name}/edit`
pub async fn change(
    State(app): State<App>,
    Path(name): Path<String>,
    admin: Admin<WriteRoles, Form>,
) -> Response {
    let version = admin.from.text("version").parse().ok();
    define(
        &app,
        &admin,
        &name,
        &format!("{PATH}/{name}/edit"),
        Replaces::Version(version),
    )
    .await
}

/// What stands where the role will be.
#[derive(Clone, Copy)]
enum Replaces {
    Nothing,
    /// The role of this name, in the version that was seen.
    Version(Option<i64>),
}

async fn define(
    app: &App,
    admin: &Admin<WriteRoles, Form>,
    name: &str,
    action: &str,
    replaces: Replaces,
) -> Response {
    let role = match typed(&admin.from, admin.who().roles(), name) {
        Ok(role) => role,
        Err(problems) => return again(admin, action, name.to_owned(), problems),
    };
    let (seen, done) = match replaces {
        Replaces::Nothing => (None, "created"),
        Replaces::Version(seen) => (Some(seen), "changed"),
    };
    let to = path(&role.name);
    let origin = admin.visitor().origin.clone();
    match app
        .define_role(admin.permit().clone(), role, seen, origin)
        .await
    {
        Ok(Ok(())) => admin.visitor().go(&after(&to, done)),
        Ok(Err(refusal)) => again(admin, action, name.to_owned(), vec![why(&refusal)]),
        Err(error) => respond::internal_page(admin.visitor(), &error),
    }
}

/// `GET /admin/roles/{name}/delete`
pub async fn show_delete(Path(name): Path<String>, form: AdminForm<WriteRoles>) -> Response {
    let admin = form.0;
    match find(admin.who().roles(), &name) {
        Some(role) => shown(
            admin.visitor(),
            confirm_delete(&admin, &role.name, Vec::new()),
        ),
        None => not_found(admin.visitor()),
    }
}

fn confirm_delete<From: AsRef<Visitor>>(
    admin: &Admin<WriteRoles, From>,
    name: &RoleName,
    problems: Vec<Message>,
) -> Confirm {
    let mut frame = frame(admin, Section::Roles);
    frame.problems = problems;
    Confirm {
        page: admin.visitor().page(),
        frame,
        title: "admin-role-delete-title",
        text: "admin-role-delete-text",
        name: name.to_string(),
        button: "admin-delete",
        action: format!("{}/delete", path(name)),
        back: path(name),
    }
}

/// `POST /admin/roles/{name}/delete`
pub async fn delete(
    State(app): State<App>,
    Path(name): Path<String>,
    admin: Admin<WriteRoles, Form>,
) -> Response {
    let visitor = admin.visitor();
    let Ok(name) = RoleName::parse(&name) else {
        return not_found(visitor);
    };
    let origin = visitor.origin.clone();
    match app
        .delete_role(admin.permit().clone(), name.clone(), None, origin)
        .await
    {
        Ok(Ok(())) => visitor.go(&after(PATH, "deleted")),
        Ok(Err(refusal)) => refused(visitor, confirm_delete(&admin, &name, vec![why(&refusal)])),
        Err(error) => respond::internal_page(visitor, &error),
    }
}
