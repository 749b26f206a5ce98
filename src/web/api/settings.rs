//! `/settings`: what administrators choose while the server runs.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::Allowed;
use super::exchange::{IfMatch, Json, tagged};
use super::problem::{Code, Problem};
use crate::flows::administration::{Refused, SettingsChange};
use crate::protocol::access::power::{ReadSettings, WriteSettings};
use crate::protocol::settings::Settings;
use crate::storage::deployment::Chosen;
use crate::web::App;
use crate::web::extract::form::has_type;

/// What was chosen; what is absent is as the configuration says, or by default.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Settings)]
pub(super) struct SettingsBody {
    /// The name that people see; at most 64 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The colour of buttons and links: `#rrggbb`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    accent: Option<String>,
    /// Where help is to be had: `https:` or `mailto:`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    help_url: Option<String>,
    /// The privacy policy: `https:`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    privacy_url: Option<String>,
    /// The terms of service: `https:`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    terms_url: Option<String>,
    /// The languages of the pages, `en` and `de`, the one for everybody else first; all if absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    languages: Vec<String>,
}

impl SettingsBody {
    fn read(self) -> Result<Settings, Problem> {
        let read = serde_json::to_value(self).and_then(serde_json::from_value);
        read.map_err(unread)
    }
}

fn shown(chosen: &Chosen) -> Response {
    tagged(chosen.version, &chosen.settings)
}

fn refused(refused: Refused) -> Problem {
    Problem::refused(refused, Code::NotFound)
}

/// Reads the settings that were chosen.
#[utoipa::path(get, path = "/settings", tag = "Deployment", operation_id = "readSettings",
    security(("oauth" = ["settings:read"])), responses((status = 200, body = SettingsBody)))]
pub(super) async fn read(
    State(app): State<App>,
    allowed: Allowed<ReadSettings>,
) -> Result<Response, Problem> {
    let chosen = app.chosen_settings(&allowed.permit).await?;
    Ok(shown(&chosen.map_err(refused)?))
}

/// Chooses the settings anew.
///
/// What the configuration file or the environment decides cannot be chosen here.
#[utoipa::path(put, path = "/settings", tag = "Deployment", operation_id = "replaceSettings",
    request_body = SettingsBody,
    security(("oauth" = ["settings:write"])), responses((status = 200, body = SettingsBody)))]
pub(super) async fn replace(
    State(app): State<App>,
    allowed: Allowed<WriteSettings>,
    IfMatch(expected): IfMatch,
    Json(body): Json<SettingsBody>,
) -> Result<Response, Problem> {
    let change = SettingsChange::Settings(body.read()?);
    choose(&app, allowed, change, expected).await
}

/// A picture.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Logo {
    /// PNG, JPEG, WebP or GIF, at most 256 KiB, in base64. Which one it is its first bytes say.
    image: String,
}

impl FromRequest<App> for Logo {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        if !has_type(request.headers(), "application/json") {
            return Err(Problem::of(Code::UnsupportedMediaType));
        }
        // Larger than other bodies: the route has a limit of its own.
        let bytes = Bytes::from_request(request, app).await;
        let bytes = bytes.map_err(|_| Problem::of(Code::BodyTooLarge))?;
        serde_json::from_slice(&bytes).map_err(unread)
    }
}

fn unread(error: serde_json::Error) -> Problem {
    let words = format!("the body cannot be read: {error}");
    Problem::new(Code::InvalidRequest, words)
}

/// Chooses the logo.
#[utoipa::path(put, path = "/settings/logo", tag = "Deployment", operation_id = "replaceLogo",
    request_body = Logo,
    security(("oauth" = ["settings:write"])), responses((status = 200, body = SettingsBody)))]
pub(super) async fn replace_logo(
    State(app): State<App>,
    allowed: Allowed<WriteSettings>,
    IfMatch(expected): IfMatch,
    logo: Logo,
) -> Result<Response, Problem> {
    let bytes = STANDARD.decode(&logo.image);
    let bytes =
        bytes.map_err(|_| Problem::new(Code::InvalidRequest, "image is not written in base64"))?;
    let change = SettingsChange::Logo(Some(bytes));
    choose(&app, allowed, change, expected).await
}

/// Removes the logo that was chosen.
#[utoipa::path(delete, path = "/settings/logo", tag = "Deployment", operation_id = "deleteLogo",
    security(("oauth" = ["settings:write"])), responses((status = 200, body = SettingsBody)))]
pub(super) async fn delete_logo(
    State(app): State<App>,
    allowed: Allowed<WriteSettings>,
    IfMatch(expected): IfMatch,
) -> Result<Response, Problem> {
    choose(&app, allowed, SettingsChange::Logo(None), expected).await
}

async fn choose(
    app: &App,
    allowed: Allowed<WriteSettings>,
    change: SettingsChange,
    expected: Option<i64>,
) -> Result<Response, Problem> {
    let chosen = app.choose_settings(allowed.permit, change, expected, allowed.origin);
    Ok(shown(&chosen.await?.map_err(refused)?))
}
