//! `/admin/clients/{id}/try`: a real sign-in, and everything that went over the wire.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path, RawQuery, State};
use axum::http::request::Parts;
use axum::response::Response;

use super::clients::{find, path};
use super::{after, frame, not_found, refused, shown, why_refused};
use crate::base::ids::TrialId;
use crate::flows::administration::{Begun, Finished, Tried, Wish};
use crate::protocol::access::power::WriteClients;
use crate::protocol::authorize::Prompt;
use crate::protocol::client::{AuthMethod, Client, ClientId};
use crate::protocol::grant::GrantType;
use crate::protocol::params::Params;
use crate::protocol::scope::Scope;
use crate::protocol::transcript::Transcript;
use crate::web::App;
use crate::web::extract::{Admin, AdminForm, Form, Visitor};
use crate::web::messages::Message;
use crate::web::respond;
use crate::web::views::admin::Section;
use crate::web::views::admin::trials::{Choice, TriedClient, TryClient};

/// What was typed, when a page comes back.
type Typed<'a> = Option<&'a Form>;

/// `GET`
pub async fn show(
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    form: AdminForm<WriteClients>,
) -> Response {
    let admin = form.0;
    match find(&app, &admin, &id).await {
        Ok(client) => {
            let mut view = page(&app, &admin, &client, None);
            view.frame.notice = super::said(query.as_deref());
            shown(admin.visitor(), view)
        }
        Err(response) => response,
    }
}

fn page<From: AsRef<Visitor>>(
    app: &App,
    admin: &Admin<WriteClients, From>,
    client: &Client,
    typed: Typed<'_>,
) -> TryClient {
    let ticked = |name: String| typed.map(|form| form.text(&name) == "yes");
    let scopes = client.metadata.scope.iter().map(|scope| Choice {
        value: scope.to_owned(),
        on: ticked(format!("scope.{scope}")).unwrap_or(scope != Scope::OFFLINE_ACCESS),
    });
    let resources = client.metadata.resources.iter().map(|resource| Choice {
        value: resource.clone(),
        on: ticked(format!("resource.{resource}")).unwrap_or(false),
    });
    TryClient {
        page: admin.visitor().page(),
        frame: frame(admin, Section::Clients),
        id: client.id.to_string(),
        name: client.display_name().to_owned(),
        tried: can_be_tried(client),
        scopes: scopes.collect(),
        resources: resources.collect(),
        levels: app
            .assurance
            .levels
            .names()
            .into_iter()
            .map(str::to_owned)
            .collect(),
    }
}

fn can_be_tried(client: &Client) -> Vec<Tried> {
    let mut tried = Vec::new();
    if client.may_use(GrantType::AuthorizationCode) {
        tried.push(Tried::SignIn);
    }
    if client.may_use(GrantType::ClientCredentials) {
        tried.push(Tried::Machine);
    }
    tried
}

/// What the client may ask for, and was ticked.
fn wish(app: &App, client: &Client, form: &Form) -> Option<Wish> {
    let on = |name: String| form.text(&name) == "yes";
    let can = can_be_tried(client);
    let tried = match form.text("tried").as_str() {
        "machine" => Tried::Machine,
        _ => Tried::SignIn,
    };
    let signs_in = tried == Tried::SignIn;
    let level = form.text("acr");
    let known = signs_in && app.assurance.levels.find(&level).is_some();
    let scope = client
        .metadata
        .scope
        .filter(|scope| on(format!("scope.{scope}")));
    let resources = client.metadata.resources.iter();
    can.contains(&tried).then(|| Wish {
        tried,
        scope,
        prompt: Prompt::parse(&form.text("prompt")).filter(|_| signs_in),
        acr: known.then_some(level),
        resources: resources
            .filter(|resource| on(format!("resource.{resource}")))
            .cloned()
            .collect(),
    })
}

/// `POST`
pub async fn begin(
    State(app): State<App>,
    Path(id): Path<String>,
    admin: Admin<WriteClients, Form>,
) -> Response {
    let visitor = admin.visitor();
    let client = match find(&app, &admin, &id).await {
        Ok(client) => client,
        Err(response) => return response,
    };
    let again = |problems: Vec<Message>| {
        let mut view = page(&app, &admin, &client, Some(&admin.from));
        view.frame.problems = problems;
        refused(visitor, view)
    };
    let Some(wish) = wish(&app, &client, &admin.from) else {
        return again(vec![Message::new("trial-nothing")]);
    };
    let (permit, origin) = (admin.permit().clone(), visitor.origin.clone());
    let begun = app.begin_trial(
        permit,
        admin.person(),
        client.id.clone(),
        (wish, visitor.browser()),
        origin,
    );
    match begun.await {
        Ok(Ok(Begun::Visit(path))) => visitor.go(&path),
        Ok(Ok(Begun::Answered(seen))) => shown(visitor, result(&admin, &seen.0, seen.1)),
        Ok(Err(refusal)) => again(why_refused(&refusal)),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// The answer in the address of the page.
pub struct Answer(Params);

impl<S: Sync> FromRequestParts<S> for Answer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        // What cannot be read is no answer to anything.
        Ok(Self(Params::parse(query.as_bytes()).unwrap_or_default()))
    }
}

/// `GET /admin/clients/{id}/try/{trial}`: where the browser comes back.
pub async fn finish(
    State(app): State<App>,
    Path((id, trial)): Path<(String, String)>,
    Answer(answer): Answer,
    admin: Admin<WriteClients>,
) -> Response {
    let visitor = admin.visitor();
    let Ok(trial) = trial.parse().map(TrialId) else {
        return not_found(visitor);
    };
    let id = ClientId::new(id);
    let finished = app.finish_trial(
        admin.permit(),
        admin.person(),
        (&id, trial),
        (visitor.browser(), &answer),
        visitor.origin.clone(),
    );
    match finished.await {
        Ok(Finished::Seen(seen)) => shown(visitor, result(&admin, &seen.0, seen.1)),
        Ok(Finished::Over) => visitor.go(&after(&format!("{}/try", path(&id)), "over")),
        Ok(Finished::Unknown) => not_found(visitor),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

fn result<From: AsRef<Visitor>>(
    admin: &Admin<WriteClients, From>,
    client: &Client,
    seen: Transcript,
) -> TriedClient {
    TriedClient {
        page: admin.visitor().page(),
        frame: frame(admin, Section::Clients),
        id: client.id.to_string(),
        name: client.display_name().to_owned(),
        seen,
        proof: match client.metadata.token_endpoint_auth_method {
            AuthMethod::None => None,
            AuthMethod::PrivateKeyJwt => Some("trial-proof-key"),
            _ => Some("trial-proof-secret"),
        },
    }
}
