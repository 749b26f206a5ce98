//! `/admin/settings`: what this server runs with. Nothing is changed here: the file and the environment are the
//! one source, the same on every node.

use axum::extract::State;
use axum::response::Response;

use super::{frame, not_found, shown};
use crate::protocol::access::power::ReadSettings;
use crate::web::App;
use crate::web::extract::Admin;
use crate::web::views::admin::Section;
use crate::web::views::admin::settings::{SettingGroup, Settings};

/// `GET`
pub async fn show(State(app): State<App>, admin: Admin<ReadSettings>) -> Response {
    let visitor = admin.visitor();
    // Of the whole deployment: no business of who administers one organisation.
    if admin.permit().within().organisation().is_some() {
        return not_found(visitor);
    }
    let mut groups: Vec<SettingGroup> = Vec::new();
    for (key, value, origin) in app.config.shown() {
        let (section, name) = key.rsplit_once('.').unwrap_or(("", &key));
        if groups.last().is_none_or(|group| group.name != section) {
            groups.push(SettingGroup {
                name: section.to_owned(),
                entries: Vec::new(),
            });
        }
        if let Some(group) = groups.last_mut() {
            group.entries.push((name.to_owned(), value, origin));
        }
    }
    let frame = frame(&admin, Section::Settings);
    shown(
        visitor,
        Settings {
            page: visitor.page(),
            frame,
            groups,
        },
    )
}
