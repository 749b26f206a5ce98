//! `/admin/groups`: sets of people.

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use uuid::Uuid;

use super::by_name::ByName;
use super::{after, frame, frame_after, not_found, refused, shown, value, why};
use crate::base::ids::{GroupId, UserId};
use crate::flows::Internal;
use crate::flows::groups::GroupChange;
use crate::flows::roles::NotChanged;
use crate::protocol::access::power::{ReadGroups, WriteGroups};
use crate::storage::groups::{self, Group};
use crate::storage::role_grants;
use crate::storage::users;
use crate::web::App;
use crate::web::extract::{Admin, AdminForm, Form, Visitor};
use crate::web::messages::Message;
use crate::web::respond;
use crate::web::views::admin::Section;
use crate::web::views::admin::confirm::Confirm;
use crate::web::views::admin::groups::{EditGroup, GroupList, GroupPage, NewGroup};

const PATH: &str = "/admin/groups";
const PAGE: usize = 50;
/// One more than is shown tells whether there are more.
const BATCH: i64 = 51;

fn path(id: GroupId) -> String {
    format!("{PATH}/{id}")
}

/// `GET /admin/groups`
pub async fn list(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    admin: Admin<ReadGroups>,
) -> Response {
    let visitor = admin.visitor();
    let asked = ByName::read(query.as_deref());
    let (sought, after) = (asked.sought(), asked.after.clone());
    let listed = app.list_groups(admin.permit(), sought.as_ref(), after, PAGE);
    match listed.await {
        Ok(listed) => {
            let frame = frame_after(&admin, Section::Groups, query.as_deref());
            shown(
                visitor,
                GroupList {
                    page: visitor.page(),
                    frame,
                    groups: listed.items,
                    next: listed.next.map(|at| asked.link(PATH, &at)),
                    sought: asked.typed,
                },
            )
        }
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// `GET /admin/groups/new`
pub async fn show_new(form: AdminForm<WriteGroups>) -> Response {
    let admin = form.0;
    shown(admin.visitor(), new_page(&admin, String::new(), Vec::new()))
}

fn new_page<From: AsRef<Visitor>>(
    admin: &Admin<WriteGroups, From>,
    name: String,
    problems: Vec<Message>,
) -> NewGroup {
    let mut frame = frame(admin, Section::Groups);
    frame.problems = problems;
    NewGroup {
        page: admin.visitor().page(),
        frame,
        name,
    }
}

/// `POST /admin/groups/new`
pub async fn create(State(app): State<App>, admin: Admin<WriteGroups, Form>) -> Response {
    let (visitor, name) = (admin.visitor(), admin.from.text("name"));
    match app
        .create_group(admin.permit().clone(), &name, visitor.origin.clone())
        .await
    {
        Ok(Ok(group)) => visitor.go(&after(&path(group.id), "created")),
        Ok(Err(refusal)) => refused(visitor, new_page(&admin, name, vec![why(&refusal)])),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// `GET /admin/groups/{id}`
pub async fn show(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    RawQuery(query): RawQuery,
    admin: Admin<ReadGroups>,
) -> Response {
    let visitor = admin.visitor();
    let from = value(query.as_deref(), "after").and_then(|id| id.parse().ok());
    let found = async {
        let found = app.group(admin.permit(), GroupId(id), from.map(UserId), BATCH);
        let Some((group, mut ids)) = found.await? else {
            return Ok(None);
        };
        let more = ids.len() > PAGE;
        ids.truncate(PAGE);
        let next = ids.last().filter(|_| more);
        let next = next.map(|last| format!("{}?after={last}", path(group.id)));
        let members = named(&app, ids).await?;
        let mut reader = &app.store;
        let held = role_grants::held_by_group(&mut reader, group.id).await?;
        let roles = held.into_iter().map(|held| held.role.to_string()).collect();
        Ok::<_, Internal>(Some((group, members, next, roles)))
    };
    match found.await {
        Ok(Some((group, members, next, roles))) => {
            let frame = frame_after(&admin, Section::Groups, query.as_deref());
            let page = visitor.page();
            shown(
                visitor,
                GroupPage {
                    page,
                    frame,
                    group,
                    members,
                    next,
                    roles,
                },
            )
        }
        Ok(None) => not_found(visitor),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// Their user names and display names.
async fn named(app: &App, ids: Vec<UserId>) -> Result<Vec<(String, String, String)>, Internal> {
    let mut reader = &app.store;
    let mut members = Vec::new();
    for id in ids {
        if let Some(user) = users::find(&mut reader, id).await? {
            let name = user.display_name().to_owned();
            members.push((id.to_string(), user.username, name));
        }
    }
    Ok(members)
}

async fn find(
    app: &App,
    admin: &Admin<WriteGroups, impl AsRef<Visitor>>,
    id: Uuid,
) -> Result<Group, Response> {
    let mut reader = &app.store;
    match groups::find(&mut reader, admin.permit().within(), GroupId(id)).await {
        Ok(Some(group)) => Ok(group),
        Ok(None) => Err(not_found(admin.visitor())),
        Err(error) => Err(respond::internal_page(admin.visitor(), &error.into())),
    }
}

/// `GET /admin/groups/{id}/edit`
pub async fn show_edit(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    form: AdminForm<WriteGroups>,
) -> Response {
    let admin = form.0;
    match find(&app, &admin, id).await {
        Ok(group) => {
            edit(
                &app,
                &admin,
                &group,
                [group.name.clone(), String::new()],
                Vec::new(),
            )
            .await
        }
        Err(response) => response,
    }
}

async fn edit<From: AsRef<Visitor>>(
    app: &App,
    admin: &Admin<WriteGroups, From>,
    group: &Group,
    [name, member]: [String; 2],
    problems: Vec<Message>,
) -> Response {
    let visitor = admin.visitor();
    let members = async {
        let mut reader = &app.store;
        let ids = groups::members(&mut reader, group.id, None, 200).await?;
        named(app, ids).await
    };
    let members = match members.await {
        Ok(members) => members,
        Err(error) => return respond::internal_page(visitor, &error),
    };
    let bad = !problems.is_empty();
    let mut frame = frame(admin, Section::Groups);
    frame.problems = problems;
    let view = EditGroup {
        page: visitor.page(),
        frame,
        path: path(group.id),
        version: group.version,
        name,
        member,
        members,
    };
    if bad {
        refused(visitor, view)
    } else {
        shown(visitor, view)
    }
}

/// `POST /admin/groups/{id}/edit`: another name, or somebody more or fewer.
pub async fn change(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    admin: Admin<WriteGroups, Form>,
) -> Response {
    let (visitor, form) = (admin.visitor(), &admin.from);
    let group = match find(&app, &admin, id).await {
        Ok(group) => group,
        Err(response) => return response,
    };
    let (name, member) = (form.text("name"), form.text("member"));
    let change = match form.text("change").as_str() {
        "rename" => Ok(GroupChange::Rename(
            name.clone(),
            form.text("version").parse().ok(),
        )),
        "remove" => match form.text("user_id").parse() {
            Ok(id) => Ok(GroupChange::Remove(UserId(id))),
            Err(_) => Err(why(&NotChanged::Unknown)),
        },
        _ => match app.find_user(member.trim()).await {
            // Of another organisation: answered as if absent.
            Ok(Some(user)) if admin.permit().within().holds(user.organisation) => {
                Ok(GroupChange::Add(user.id))
            }
            Ok(_) => Err(Message::new("admin-why-no-holder").with("name", member.as_str())),
            Err(error) => return respond::internal_page(visitor, &error),
        },
    };
    let refusal = match change {
        Ok(change) => {
            let changed = app.change_group(
                admin.permit().clone(),
                group.id,
                change,
                visitor.origin.clone(),
            );
            match changed.await {
                Ok(Ok(())) => return visitor.go(&after(&path(group.id), "changed")),
                Ok(Err(refusal)) => why(&refusal),
                Err(error) => return respond::internal_page(visitor, &error),
            }
        }
        Err(refusal) => refusal,
    };
    let name = if name.is_empty() {
        group.name.clone()
    } else {
        name
    };
    edit(&app, &admin, &group, [name, member], vec![refusal]).await
}

/// `GET /admin/groups/{id}/delete`
pub async fn show_delete(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    form: AdminForm<WriteGroups>,
) -> Response {
    let admin = form.0;
    match find(&app, &admin, id).await {
        Ok(group) => shown(admin.visitor(), confirm(&admin, &group, Vec::new())),
        Err(response) => response,
    }
}

fn confirm<From: AsRef<Visitor>>(
    admin: &Admin<WriteGroups, From>,
    group: &Group,
    problems: Vec<Message>,
) -> Confirm {
    let mut frame = frame(admin, Section::Groups);
    frame.problems = problems;
    Confirm {
        page: admin.visitor().page(),
        frame,
        title: "admin-group-delete-title",
        text: "admin-group-delete-text",
        name: group.name.clone(),
        button: "admin-delete",
        action: format!("{}/delete", path(group.id)),
        back: path(group.id),
    }
}

/// `POST /admin/groups/{id}/delete`
pub async fn delete(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    admin: Admin<WriteGroups, Form>,
) -> Response {
    let visitor = admin.visitor();
    let group = match find(&app, &admin, id).await {
        Ok(group) => group,
        Err(response) => return response,
    };
    let gone = app.change_group(
        admin.permit().clone(),
        group.id,
        GroupChange::Delete(None),
        visitor.origin.clone(),
    );
    match gone.await {
        Ok(Ok(())) => visitor.go(&after(PATH, "deleted")),
        Ok(Err(refusal)) => refused(visitor, confirm(&admin, &group, vec![why(&refusal)])),
        Err(error) => respond::internal_page(visitor, &error),
    }
}
