//! `/admin/settings`: what this server runs with, and how it looks. The file and the environment are the one
//! source of the former, the same on every node; the latter is chosen here, as far as they leave it open.

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::{after, frame, frame_after, not_found, refused, shown, value, why_refused};
use crate::base::looks::{Colour, LANGUAGES};
use crate::flows::administration::{Refused, SettingsChange};
use crate::flows::settings::{Fixed, Looks};
use crate::protocol::access::power::{ReadSettings, WriteSettings};
use crate::protocol::settings::Settings as Choice;
use crate::storage::deployment::Chosen;
use crate::web::App;
use crate::web::assets::hashed_name;
use crate::web::extract::form::Fields as _;
use crate::web::extract::{Admin, AdminForm, Form, Upload, Visitor};
use crate::web::messages::Message;
use crate::web::oauth::discovery::cached;
use crate::web::respond;
use crate::web::views::admin::Section;
use crate::web::views::admin::settings::{
    BAD_COLOUR, EditLogo, EditLooks, Sample, SettingGroup, Settings,
};
use crate::web::views::brand::sample_css;

const PATH: &str = "/admin/settings";

/// `GET /admin/settings`
pub async fn show(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    admin: Admin<ReadSettings>,
) -> Response {
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
    let frame = frame_after(&admin, Section::Settings, query.as_deref());
    shown(
        visitor,
        Settings {
            page: visitor.page(),
            frame,
            sample: Sample::of(&app.looks()),
            groups,
        },
    )
}

/// `GET /admin/settings/sample.css`: the colours of a sample.
pub async fn sample(
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    admin: Admin<ReadSettings>,
) -> Response {
    let accent = value(query.as_deref(), "accent").map(Colour::try_from);
    let accent = accent.unwrap_or_else(|| Ok(Looks::default().accent));
    let (Ok(accent), None) = (accent, admin.permit().within().organisation()) else {
        return not_found(admin.visitor());
    };
    let css = sample_css(&accent.hex()).into_bytes();
    let etag = format!("\"{}\"", hashed_name("sample.css", &css));
    cached(&headers, &etag, "text/css; charset=utf-8", 300, css)
}

/// What was chosen, for who may change it.
async fn chosen<From: AsRef<Visitor>>(
    app: &App,
    admin: &Admin<WriteSettings, From>,
) -> Result<Chosen, Response> {
    let visitor = admin.visitor();
    let here = admin.permit().within().organisation();
    let Some(reading) = admin.who().decide::<ReadSettings>(here) else {
        return Err(not_found(visitor));
    };
    match app.chosen_settings(&reading).await {
        Ok(Ok(chosen)) => Ok(chosen),
        Ok(Err(_)) => Err(not_found(visitor)),
        Err(error) => Err(respond::internal_page(visitor, &error)),
    }
}

/// The form with what was chosen, or typed.
fn looks_page<From: AsRef<Visitor>>(
    app: &App,
    admin: &Admin<WriteSettings, From>,
    of: &Chosen,
    accent: Option<String>,
    problems: Vec<Message>,
) -> EditLooks {
    let mut frame = frame(admin, Section::Settings);
    frame.problems = problems;
    let chosen = &of.settings;
    let looks = app.settings.with(of);
    let fixed = app.settings.fixed();
    let text = |member: &str, chosen: Option<&String>, looks: Option<&String>| {
        let from = if fixed.contains_key(member) {
            looks
        } else {
            chosen
        };
        from.cloned().unwrap_or_default()
    };
    EditLooks {
        page: admin.visitor().page(),
        frame,
        version: of.version,
        name: text("name", chosen.name.as_ref(), Some(&looks.name)),
        accent: accent.unwrap_or_else(|| {
            let accent = chosen.accent.map(Colour::hex);
            text("accent", accent.as_ref(), Some(&looks.accent.hex()))
        }),
        links: [
            ("help_url", &chosen.help_url, &looks.help_url),
            ("privacy_url", &chosen.privacy_url, &looks.privacy_url),
            ("terms_url", &chosen.terms_url, &looks.terms_url),
        ]
        .map(|(member, chosen, looks)| (member, text(member, chosen.as_ref(), looks.as_ref()))),
        languages: looks.languages.clone(),
        fixed: fixed.clone(),
        defaults: Looks::default(),
        sample: Sample::of(&looks),
    }
}

/// `GET /admin/settings/looks`
pub async fn show_edit(State(app): State<App>, form: AdminForm<WriteSettings>) -> Response {
    let admin = form.0;
    match chosen(&app, &admin).await {
        Ok(of) => shown(
            admin.visitor(),
            looks_page(&app, &admin, &of, None, Vec::new()),
        ),
        Err(response) => response,
    }
}

/// What was typed. What the configuration decides stays as it is stored: its fields send nothing.
fn typed(form: &Form, fixed: &Fixed, before: &Choice) -> (Choice, Option<Message>) {
    let text = |member: &str, before: &Option<String>| {
        if fixed.contains_key(member) {
            return before.clone();
        }
        Some(form.text(member).trim().to_owned()).filter(|text| !text.is_empty())
    };
    let mut choice = Choice {
        name: text("name", &before.name),
        accent: before.accent,
        help_url: text("help_url", &before.help_url),
        privacy_url: text("privacy_url", &before.privacy_url),
        terms_url: text("terms_url", &before.terms_url),
        languages: before.languages.clone(),
    };
    if !fixed.contains_key("languages") {
        choice.languages = languages(form);
    }
    let accent = text("accent", &before.accent.map(Colour::hex));
    match accent.map(Colour::try_from).transpose() {
        Ok(accent) => choice.accent = accent,
        Err(_) => return (choice, Some(BAD_COLOUR)),
    }
    (choice, None)
}

/// Those that are ticked, the default first; nothing where that is what is spoken anyway.
fn languages(form: &Form) -> Vec<String> {
    let first = form.text("default_language");
    let mut ticked: Vec<String> = LANGUAGES
        .into_iter()
        .filter(|tag| *tag == first || form.text(&format!("speaks-{tag}")) == "yes")
        .map(str::to_owned)
        .collect();
    ticked.sort_by_key(|tag| *tag != first);
    if ticked == LANGUAGES {
        ticked.clear();
    }
    ticked
}

/// `POST /admin/settings/looks`: shows how it would look, or makes it so.
pub async fn change(State(app): State<App>, admin: Admin<WriteSettings, Form>) -> Response {
    let (visitor, form) = (admin.visitor(), &admin.from);
    let before = match chosen(&app, &admin).await {
        Ok(before) => before,
        Err(response) => return response,
    };
    let (settings, unread) = typed(form, app.settings.fixed(), &before.settings);
    let version = form.text("version").parse().unwrap_or(before.version);
    let asked = Chosen {
        settings,
        version,
        ..before
    };
    if let Some(problem) = unread {
        let accent = Some(form.text("accent"));
        return refused(
            visitor,
            looks_page(&app, &admin, &asked, accent, vec![problem]),
        );
    }
    if form.text("act") == "preview" {
        return shown(visitor, looks_page(&app, &admin, &asked, None, Vec::new()));
    }
    let change = SettingsChange::Settings(asked.settings.clone());
    let (permit, origin) = (admin.permit().clone(), visitor.origin.clone());
    match app
        .choose_settings(permit, change, Some(version), origin)
        .await
    {
        Ok(Ok(_)) => visitor.go(&after(PATH, "changed")),
        Ok(Err(refusal)) => {
            let mut page = looks_page(&app, &admin, &asked, None, Vec::new());
            page.frame.problems = in_words(&page, &refusal);
            refused(visitor, page)
        }
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// Why nothing was changed, with each field by its label.
fn in_words(page: &EditLooks, refusal: &Refused) -> Vec<Message> {
    let Refused::Wrong(problems) = refusal else {
        return why_refused(refusal);
    };
    let labelled = |problem: &String| match problem.split_once(": ") {
        Some((member, rest)) => format!("{}: {rest}", page.label(member)),
        None => problem.clone(),
    };
    why_refused(&Refused::Wrong(problems.iter().map(labelled).collect()))
}

fn logo_page<From: AsRef<Visitor>>(
    app: &App,
    admin: &Admin<WriteSettings, From>,
    of: &Chosen,
    problems: Vec<Message>,
) -> EditLogo {
    let mut frame = frame(admin, Section::Settings);
    frame.problems = problems;
    let by = app.settings.fixed().get("logo").cloned();
    EditLogo {
        page: admin.visitor().page(),
        frame,
        version: of.version,
        removable: by.is_none() && of.logo.is_some(),
        by: by.unwrap_or_default(),
    }
}

/// `GET /admin/settings/logo`
pub async fn show_logo(State(app): State<App>, form: AdminForm<WriteSettings>) -> Response {
    let admin = form.0;
    match chosen(&app, &admin).await {
        Ok(of) => shown(admin.visitor(), logo_page(&app, &admin, &of, Vec::new())),
        Err(response) => response,
    }
}

/// `POST /admin/settings/logo`
pub async fn change_logo(State(app): State<App>, admin: Admin<WriteSettings, Upload>) -> Response {
    let (visitor, upload) = (admin.visitor(), &admin.from);
    let before = match chosen(&app, &admin).await {
        Ok(before) => before,
        Err(response) => return response,
    };
    let logo = match (&upload.file, upload.text("act").as_str()) {
        (_, "remove") => None,
        (Some(bytes), _) => Some(bytes.to_vec()),
        (None, _) => {
            let problems = vec![Message::new("logo-none-chosen")];
            return refused(visitor, logo_page(&app, &admin, &before, problems));
        }
    };
    let version = upload.text("version").parse().unwrap_or(before.version);
    let (permit, origin) = (admin.permit().clone(), visitor.origin.clone());
    let change = SettingsChange::Logo(logo);
    match app
        .choose_settings(permit, change, Some(version), origin)
        .await
    {
        Ok(Ok(_)) => visitor.go(&after(PATH, "changed")),
        Ok(Err(refusal)) => refused(
            visitor,
            logo_page(&app, &admin, &before, why_refused(&refusal)),
        ),
        Err(error) => respond::internal_page(visitor, &error),
    }
}
