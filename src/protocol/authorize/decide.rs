//! Which page comes next, or whether the code may be issued.

use crate::base::Timestamp;
use crate::base::ids::UserId;
use crate::protocol::client::Client;
use crate::protocol::error::{ErrorCode, OAuthError};
use crate::protocol::scope::Scope;

use super::request::{AuthorizationRequest, Prompt};

/// What the rules need to know of a signed-in browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionView {
    /// Who it is.
    pub user_id: UserId,
    /// When they last proved it.
    pub auth_time: Timestamp,
    /// How well they proved it.
    pub acr: Option<String>,
    /// By which means (RFC 8176).
    pub amr: Vec<String>,
    /// When they last took this account from the list of this browser.
    pub chosen_at: Option<Timestamp>,
}

impl SessionView {
    /// Signed in since the request arrived.
    #[must_use]
    pub fn is_fresh(&self, asked_at: Timestamp) -> bool {
        self.auth_time >= asked_at
    }

    /// Signed in or chosen since the request arrived: the person has said for it who they are.
    #[must_use]
    pub fn is_chosen(&self, asked_at: Timestamp) -> bool {
        self.is_fresh(asked_at) || self.chosen_at.is_some_and(|at| at >= asked_at)
    }
}

/// What the person allowed this client before. The default is: nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentView {
    /// The scopes.
    pub scope: Scope,
    /// The resources.
    pub resources: Vec<String>,
    /// When the person last pressed "allow".
    pub granted_at: Timestamp,
}

impl Default for ConsentView {
    fn default() -> Self {
        Self {
            scope: Scope::default(),
            resources: Vec::new(),
            granted_at: Timestamp::from_micros(i64::MIN),
        }
    }
}

/// Why the person has to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInReason {
    /// Nobody is signed in.
    NoSession,
    /// `prompt=login`.
    Prompted,
    /// `max_age` or `default_max_age`.
    TooLongAgo,
    /// `id_token_hint` names somebody else.
    OtherUser,
}

/// What happens next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Show the sign-in page.
    SignIn {
        /// Why.
        reason: SignInReason,
    },
    /// Show the list of accounts.
    SelectAccount,
    /// Show the page that makes an account.
    SignUp,
    /// Show the consent page.
    Consent,
    /// Issue the code.
    Issue,
    /// Send this back to the client.
    Refuse(OAuthError),
}

/// Decides what happens next. Asked again after each page, with the same `asked_at`: the instant at
/// which the request first arrived, in full precision. What a prompt demands is met by what happened
/// at that instant or later, so a prompt is answered once and never loops.
///
/// `as_hinted` says whether the session is of whom an `id_token_hint` or a claim request for `sub`
/// names, if any does.
#[must_use]
pub fn decide(
    request: &AuthorizationRequest,
    client: &Client,
    session: Option<&SessionView>,
    consent: &ConsentView,
    asked_at: Timestamp,
    as_hinted: bool,
    now: Timestamp,
) -> Decision {
    let silent = request.prompts().contains(Prompt::None);
    let fresh = session.is_some_and(|session| session.is_fresh(asked_at));
    let chosen = session.is_some_and(|session| session.is_chosen(asked_at));

    // Initiating User Registration §4: "create: the Client is hinting to the authorization server that
    // the End-User intends to make a new account". Whoever signed in since may go on.
    if request.prompts().contains(Prompt::Create) && !fresh {
        return Decision::SignUp;
    }
    // OpenID Connect Core §3.1.2.1: "select_account: The Authorization Server SHOULD prompt the End-User to
    // select a user account." Before anything else is asked of an account that may not be the one.
    if request.prompts().contains(Prompt::SelectAccount) && !chosen {
        return Decision::SelectAccount;
    }
    match standing(request, client, session, fresh, now) {
        Ok(()) => {}
        // OpenID Connect Core §3.1.2.1: "none: The Authorization Server MUST NOT display any
        // authentication or consent user interface pages. An error is returned if an End-User is not
        // already Authenticated".
        Err(_) if silent => {
            return refuse(
                ErrorCode::LoginRequired,
                "nobody is signed in, or too long ago",
            );
        }
        Err(reason) => return Decision::SignIn { reason },
    }
    // OpenID Connect Core §3.1.2.1: "If the End-User identified by the ID Token is already logged in or
    // is logged in as a result of the request [...] then the Authorization Server returns a positive
    // response; otherwise, it MUST return an error, such as login_required."
    if !as_hinted {
        if silent || chosen {
            return refuse(ErrorCode::LoginRequired, "somebody else is signed in");
        }
        return Decision::SignIn {
            reason: SignInReason::OtherUser,
        };
    }
    if !needs_consent(request, client, consent, asked_at) {
        return Decision::Issue;
    }
    if silent {
        return refuse(
            ErrorCode::ConsentRequired,
            "the person has not consented to this",
        );
    }
    Decision::Consent
}

/// Whether the session is good enough for the request.
fn standing(
    request: &AuthorizationRequest,
    client: &Client,
    session: Option<&SessionView>,
    fresh: bool,
    now: Timestamp,
) -> Result<(), SignInReason> {
    let session = session.ok_or(SignInReason::NoSession)?;
    if fresh {
        return Ok(());
    }
    // OpenID Connect Core §3.1.2.1: "login: The Authorization Server SHOULD prompt the End-User for
    // reauthentication."
    if request.prompts().contains(Prompt::Login) {
        return Err(SignInReason::Prompted);
    }
    // "If the elapsed time is greater than this value, the OP MUST attempt to actively re-authenticate
    // the End-User. [...] max_age=0 is equivalent to prompt=login". Registration §2, default_max_age:
    // "The max_age request parameter overrides this default value."
    let limit = request.max_age().or(client.metadata.default_max_age);
    if limit.is_some_and(|limit| {
        limit == 0 || now.since(session.auth_time).as_secs_f64() > f64::from(limit)
    }) {
        return Err(SignInReason::TooLongAgo);
    }
    Ok(())
}

/// OpenID Connect Core §3.1.2.4: "the Authorization Server MUST obtain an authorization decision
/// before releasing information to the Relying Party".
fn needs_consent(
    request: &AuthorizationRequest,
    client: &Client,
    consent: &ConsentView,
    asked_at: Timestamp,
) -> bool {
    let just_given = consent.granted_at >= asked_at;
    // "consent: The Authorization Server SHOULD prompt the End-User for consent before returning
    // information to the Client." Also where the operator would not ask.
    if request.prompts().contains(Prompt::Consent) && !just_given {
        return true;
    }
    // RFC 6749 §10.2: the server "MUST NOT process repeated authorization requests automatically
    // (without active resource owner interaction) without authenticating the client or relying on
    // other measures to ensure that the repeated request comes from the original client". RFC 8252
    // §8.6 names the other measure: a claimed https redirect URI.
    if client.is_public() && !request.redirect_uri().assures_identity() && !just_given {
        return true;
    }
    if client.metadata.skip_consent {
        return false;
    }
    // OpenID Connect Core §11, offline_access: "MUST ensure that the prompt parameter contains consent
    // unless other conditions for processing the request permitting offline access to the requested
    // resources are in place". The other condition is that it was consented to by name.
    let covered = request.consent_scope().is_within(&consent.scope)
        && request
            .resources()
            .iter()
            .all(|resource| consent.resources.contains(resource));
    !covered
}

fn refuse(code: ErrorCode, description: &'static str) -> Decision {
    Decision::Refuse(OAuthError::new(code, description))
}

#[cfg(test)]
mod tests;
