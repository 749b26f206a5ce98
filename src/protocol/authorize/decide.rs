//! Which page comes next, or whether the code may be issued.

use crate::base::Timestamp;
use crate::base::ids::{OrganisationId, UserId};
use crate::protocol::assurance::{
    Assessment, AssurancePolicy, Capability, Method, Proofs, Standing,
};
use crate::protocol::client::Client;
use crate::protocol::error::{ErrorCode, OAuthError};
use crate::protocol::scope::Scope;

use super::demand;
use super::request::{AuthorizationRequest, Prompt};

/// What the rules need to know of a signed-in browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionView {
    /// Who it is.
    pub user_id: UserId,
    /// The organisation that they belong to.
    pub organisation: Option<OrganisationId>,
    /// How they proved it, and when.
    pub proofs: Proofs,
    /// What else they could prove.
    pub available: Vec<Capability>,
    /// When they last took this account from the list of this browser.
    pub chosen_at: Option<Timestamp>,
}

impl SessionView {
    /// Signed in since the request arrived.
    #[must_use]
    pub fn is_fresh(&self, asked_at: Timestamp) -> bool {
        self.proofs.latest() >= Some(asked_at)
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
    /// Ask for one more proof, by one of these, the one to offer first at the front.
    StepUp(Vec<Method>),
    /// Tell the person that they have no way to be as sure as is asked for.
    Unmet,
    /// Show the consent page.
    Consent,
    /// Issue the code: this may be said of the session.
    Issue(Standing),
    /// Send this back to the client.
    Refuse(OAuthError),
}

/// What the rules need to know beside the request.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// Who asks.
    pub client: &'a Client,
    /// The levels of assurance.
    pub assurance: &'a AssurancePolicy,
    /// Who is signed in.
    pub session: Option<&'a SessionView>,
    /// What they allowed before.
    pub consent: &'a ConsentView,
    /// When the request first arrived, in full precision.
    pub asked_at: Timestamp,
    /// The session is of whom an `id_token_hint` or a claim request for `sub` names, if any does.
    pub as_hinted: bool,
    /// The present instant.
    pub now: Timestamp,
}

/// Decides what happens next. Asked again after each page, with the same `asked_at`. What a prompt
/// demands is met by what happened at that instant or later, so a prompt is answered once and never loops.
#[must_use]
pub fn decide(request: &AuthorizationRequest, given: Circumstances<'_>) -> Decision {
    let silent = request.prompts().contains(Prompt::None);
    let asked_at = given.asked_at;
    let fresh = given
        .session
        .is_some_and(|session| session.is_fresh(asked_at));
    let chosen = given
        .session
        .is_some_and(|session| session.is_chosen(asked_at));

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
    let assessed = match given.session {
        Some(session) => demand::assessed(request, &given, session, silent),
        None => Err(SignInReason::NoSession),
    };
    let assessment = match assessed {
        Ok(assessment) => assessment,
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
    };
    // OpenID Connect Core §3.1.2.1: "If the End-User identified by the ID Token is already logged in or
    // is logged in as a result of the request [...] then the Authorization Server returns a positive
    // response; otherwise, it MUST return an error, such as login_required."
    if !given.as_hinted {
        if silent || chosen {
            return refuse(ErrorCode::LoginRequired, "somebody else is signed in");
        }
        return Decision::SignIn {
            reason: SignInReason::OtherUser,
        };
    }
    let member_of = given.session.and_then(|session| session.organisation);
    if !given.client.admits(member_of) {
        return refuse(
            ErrorCode::AccessDenied,
            "the application is for the people of another organisation",
        );
    }
    let standing = match assessment {
        Assessment::Met(standing) => standing,
        // OpenID Connect Core Unmet Authentication Requirements 1.0 §2: "The Authorization Server is unable
        // to meet the requirements of the Relying Party for the authentication of the End-User."
        Assessment::Unreachable if silent => return Decision::Refuse(demand::unmet()),
        Assessment::Unreachable => return Decision::Unmet,
        Assessment::Missing { .. } if silent => {
            return refuse(ErrorCode::LoginRequired, "the person has to prove more");
        }
        Assessment::Missing { offer, .. } => return Decision::StepUp(offer),
    };
    if !needs_consent(request, given.client, given.consent, asked_at) {
        return Decision::Issue(standing);
    }
    if silent {
        return refuse(
            ErrorCode::ConsentRequired,
            "the person has not consented to this",
        );
    }
    Decision::Consent
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
    // §3.1.2.4: consent may come "via previous administrative consent". For `offline_access` as well: that
    // is one of the "other conditions for processing the request" of §11.
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
