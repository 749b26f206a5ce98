//! `/admin/organisations`: people and clients with administrators of their own.

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use super::by_name::ByName;
use super::{after, frame, frame_after, not_found, refused, shown, why};
use crate::protocol::access::power::{ReadOrganisations, WriteOrganisations};
use crate::storage::organisations::Organisation;
use crate::web::App;
use crate::web::extract::{Admin, AdminForm, Form, Visitor};
use crate::web::messages::Message;
use crate::web::respond;
use crate::web::views::admin::Section;
use crate::web::views::admin::confirm::Confirm;
use crate::web::views::admin::organisations::{EditOrganisation, OrganisationList};

const PATH: &str = "/admin/organisations";
const PAGE: usize = 50;

/// `GET /admin/organisations`
pub async fn list(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    admin: Admin<ReadOrganisations>,
) -> Response {
    let visitor = admin.visitor();
    let asked = ByName::read(query.as_deref());
    let (sought, after) = (asked.sought(), asked.after.clone());
    let listed = app.list_organisations(admin.permit(), sought.as_ref(), after, PAGE);
    match listed.await {
        Ok(listed) => {
            let frame = frame_after(&admin, Section::Organisations, query.as_deref());
            shown(
                visitor,
                OrganisationList {
                    page: visitor.page(),
                    frame,
                    organisations: listed.items,
                    next: listed.next.map(|at| asked.link(PATH, &at)),
                    sought: asked.typed,
                },
            )
        }
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// `GET /admin/organisations/new`
pub async fn show_new(form: AdminForm<WriteOrganisations>) -> Response {
    let admin = form.0;
    let action = format!("{PATH}/new");
    shown(
        admin.visitor(),
        page(
            &admin,
            action,
            None,
            [String::new(), String::new()],
            false,
            Vec::new(),
        ),
    )
}

fn page<From: AsRef<Visitor>>(
    admin: &Admin<WriteOrganisations, From>,
    action: String,
    version: Option<i64>,
    [name, title]: [String; 2],
    closed: bool,
    problems: Vec<Message>,
) -> EditOrganisation {
    let mut frame = frame(admin, Section::Organisations);
    frame.problems = problems;
    let page = admin.visitor().page();
    EditOrganisation {
        page,
        frame,
        action,
        version,
        name,
        title,
        closed,
    }
}

/// `POST /admin/organisations/new`
pub async fn create(State(app): State<App>, admin: Admin<WriteOrganisations, Form>) -> Response {
    let (visitor, form) = (admin.visitor(), &admin.from);
    let (name, title) = (form.text("name"), form.text("title"));
    let made = app.create_organisation(
        admin.permit().clone(),
        &name,
        &title,
        visitor.origin.clone(),
    );
    match made.await {
        Ok(Ok(_)) => visitor.go(&after(PATH, "created")),
        Ok(Err(refusal)) => {
            let problems = vec![why(&refusal)];
            let action = format!("{PATH}/new");
            refused(
                visitor,
                page(&admin, action, None, [name, title], false, problems),
            )
        }
        Err(error) => respond::internal_page(visitor, &error),
    }
}

async fn find(
    app: &App,
    admin: &Admin<WriteOrganisations, impl AsRef<Visitor>>,
    name: &str,
) -> Result<Organisation, Response> {
    match app.find_organisation(name).await {
        // That of somebody else is answered as if absent.
        Ok(Some(of)) if admin.permit().within().holds(Some(of.id)) => Ok(of),
        Ok(_) => Err(not_found(admin.visitor())),
        Err(error) => Err(respond::internal_page(admin.visitor(), &error)),
    }
}

/// `GET /admin/organisations/{name}/edit`
pub async fn show_edit(
    State(app): State<App>,
    Path(name): Path<String>,
    form: AdminForm<WriteOrganisations>,
) -> Response {
    let admin = form.0;
    match find(&app, &admin, &name).await {
        Ok(of) => {
            let action = format!("{PATH}/{}/edit", of.name);
            let texts = [of.name, of.title];
            let view = page(
                &admin,
                action,
                Some(of.version),
                texts,
                of.disabled,
                Vec::new(),
            );
            shown(admin.visitor(), view)
        }
        Err(response) => response,
    }
}

/// `POST /admin/organisations/{name}/edit`
pub async fn change(
    State(app): State<App>,
    Path(name): Path<String>,
    admin: Admin<WriteOrganisations, Form>,
) -> Response {
    let (visitor, form) = (admin.visitor(), &admin.from);
    let of = match find(&app, &admin, &name).await {
        Ok(of) => of,
        Err(response) => return response,
    };
    let (title, closed) = (form.text("title"), form.text("closed") == "yes");
    let version = form.text("version").parse().ok();
    let changed = app.change_organisation(
        admin.permit().clone(),
        of.id,
        (&title, closed),
        version,
        visitor.origin.clone(),
    );
    match changed.await {
        Ok(Ok(())) => visitor.go(&after(PATH, "changed")),
        Ok(Err(refusal)) => {
            let (action, problems) = (format!("{PATH}/{name}/edit"), vec![why(&refusal)]);
            refused(
                visitor,
                page(&admin, action, version, [name, title], closed, problems),
            )
        }
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// `GET /admin/organisations/{name}/delete`
pub async fn show_delete(
    State(app): State<App>,
    Path(name): Path<String>,
    form: AdminForm<WriteOrganisations>,
) -> Response {
    let admin = form.0;
    match find(&app, &admin, &name).await {
        Ok(of) => shown(admin.visitor(), confirm(&admin, &of, Vec::new())),
        Err(response) => response,
    }
}

fn confirm<From: AsRef<Visitor>>(
    admin: &Admin<WriteOrganisations, From>,
    of: &Organisation,
    problems: Vec<Message>,
) -> Confirm {
    let mut frame = frame(admin, Section::Organisations);
    frame.problems = problems;
    Confirm {
        page: admin.visitor().page(),
        frame,
        title: "admin-organisation-delete-title",
        text: "admin-organisation-delete-text",
        name: of.title.clone(),
        button: "admin-delete",
        action: format!("{PATH}/{}/delete", of.name),
        back: PATH.to_owned(),
    }
}

/// `POST /admin/organisations/{name}/delete`
pub async fn delete(
    State(app): State<App>,
    Path(name): Path<String>,
    admin: Admin<WriteOrganisations, Form>,
) -> Response {
    let visitor = admin.visitor();
    let of = match find(&app, &admin, &name).await {
        Ok(of) => of,
        Err(response) => return response,
    };
    match app
        .delete_organisation(admin.permit().clone(), of.id, None, visitor.origin.clone())
        .await
    {
        Ok(Ok(())) => visitor.go(&after(PATH, "deleted")),
        Ok(Err(refusal)) => refused(visitor, confirm(&admin, &of, vec![why(&refusal)])),
        Err(error) => respond::internal_page(visitor, &error),
    }
}
