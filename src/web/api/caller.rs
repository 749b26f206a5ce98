//! Who calls, and the proof that they may: handlers that take [`Allowed`] cannot be reached without.

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;

use super::problem::{Code, Problem};
use crate::base::ids::OrganisationId;
use crate::flows::access::Asking;
use crate::protocol::access::{Permit, Power, Reason};
use crate::protocol::audit::Origin;
use crate::web::App;
use crate::web::extract::bearer;

/// Names the organisation in which the caller acts.
pub const ORGANISATION: &str = "organisation_id";

/// A caller who may do `P`.
pub struct Allowed<P> {
    /// The proof.
    pub permit: Permit<P>,
    /// From where they call.
    pub origin: Origin,
}

impl<P: Power> FromRequestParts<App> for Allowed<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let asking = asking(app, parts).await?;
        let origin = parts
            .extensions
            .get::<Origin>()
            .cloned()
            .unwrap_or_default();
        let wanted = organisation(&parts.uri)?;
        let decision = app
            .authorize_administration::<P>(&asking, wanted, &origin)
            .await?;
        let Some(permit) = decision.permit else {
            return Err(not_allowed(app, &decision.reasons));
        };
        // Who administers everything may name what is not there.
        if let Some(id) = wanted
            && !app.is_organisation(id).await?
        {
            return Err(Problem::of(Code::OrganisationNotFound));
        }
        Ok(Self { permit, origin })
    }
}

/// Who calls: the access token in the header (RFC 6750 §2.1) and nowhere else.
pub async fn asking(app: &App, parts: &Parts) -> Result<Asking, Problem> {
    let token = bearer(&parts.headers)
        .map_err(|error| Problem::new(Code::InvalidRequest, error.description().to_owned()))?;
    let Some(token) = token else {
        // RFC 6750 §3.1: no error code for who came without a token.
        return Err(Problem::of(Code::TokenMissing).challenging(challenge(app, "")));
    };
    app.who_asks(&token).await?.map_err(|problem| {
        Problem::from(problem).challenging(challenge(app, ", error=\"invalid_token\""))
    })
}

/// RFC 9728 §5.1: where to learn which server gives tokens for this.
fn challenge(app: &App, error: &str) -> String {
    let metadata = app.url(super::METADATA);
    format!("Bearer resource_metadata=\"{metadata}\"{error}")
}

fn not_allowed(app: &App, reasons: &[Reason]) -> Problem {
    let words: Vec<String> = reasons.iter().map(ToString::to_string).collect();
    let problem = Problem::new(Code::InsufficientPermissions, words.join("; "));
    let missing = reasons.iter().find_map(|reason| match reason {
        Reason::NoScope(permission) => Some(permission),
        _ => None,
    });
    match missing {
        Some(scope) => {
            let error = format!(", error=\"insufficient_scope\", scope=\"{scope}\"");
            problem.challenging(challenge(app, &error))
        }
        None => problem,
    }
}

fn organisation(uri: &Uri) -> Result<Option<OrganisationId>, Problem> {
    let wrong = || Problem::new(Code::InvalidRequest, "organisation_id must be one UUID");
    let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let mut named = pairs.filter(|(name, _)| name == ORGANISATION);
    match (named.next(), named.next()) {
        (None, _) => Ok(None),
        (Some((_, id)), None) => id
            .parse()
            .map(|id| Some(OrganisationId(id)))
            .map_err(|_| wrong()),
        _ => Err(wrong()),
    }
}
