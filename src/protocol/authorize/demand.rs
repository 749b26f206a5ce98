//! How sure a request wants us to be: from its parameters, its client and its scopes.

use std::time::Duration;

use super::decide::{Circumstances, SessionView, SignInReason};
use super::request::{AuthorizationRequest, Prompt};
use crate::base::Timestamp;
use crate::protocol::assurance::{Assessment, Level, Method, Proofs, Requirement, assess};
use crate::protocol::error::{ErrorCode, OAuthError};

/// The refusal where the level cannot be reached.
#[must_use]
pub fn unmet() -> OAuthError {
    OAuthError::new(
        ErrorCode::UnmetAuthenticationRequirements,
        "the person has no way to be as sure as is asked for",
    )
}

/// Assesses the session for the request. `Err`: none of it counts, begin with signing in.
pub(super) fn assessed(
    request: &AuthorizationRequest,
    given: &Circumstances<'_>,
    session: &SessionView,
    silent: bool,
) -> Result<Assessment, SignInReason> {
    let (since, reason) = not_before(request, given);
    let policy = given.assurance;
    let Some(minimum) = policy.minimum(
        request.scope(),
        given.client.metadata.minimum_acr.as_deref(),
    ) else {
        return Ok(Assessment::Unreachable);
    };
    let (wanted, essential) = wanted(request, given);
    let requirement = Requirement {
        minimum,
        wanted,
        essential,
        two_factors: policy.wants_two_factors(&session.available),
        since,
    };
    let run = |requirement: &Requirement<'_>, proofs: &Proofs| {
        assess(
            &policy.levels,
            requirement,
            proofs,
            &session.available.usable,
            given.now,
        )
    };
    let outcome = run(&requirement, &session.proofs);
    match outcome {
        // A wish is not worth an error: what there is without a page is given.
        Assessment::Missing { .. } if silent && !essential => Ok(run(
            &Requirement {
                wanted: Vec::new(),
                ..requirement
            },
            &session.proofs,
        )),
        // Where a password would be of no use, the page of signing in is none either.
        Assessment::Missing {
            begun: false,
            offer,
        } if offer.is_empty() || offer.contains(&Method::Password) => Err(reason),
        other => Ok(other),
    }
}

/// Since when proofs count, and why not before.
fn not_before(
    request: &AuthorizationRequest,
    given: &Circumstances<'_>,
) -> (Option<Timestamp>, SignInReason) {
    // OpenID Connect Core §3.1.2.1: "login: The Authorization Server SHOULD prompt the End-User for
    // reauthentication."
    if request.prompts().contains(Prompt::Login) {
        return (Some(given.asked_at), SignInReason::Prompted);
    }
    // "If the elapsed time is greater than this value, the OP MUST attempt to actively re-authenticate
    // the End-User. [...] max_age=0 is equivalent to prompt=login". Registration §2, default_max_age:
    // "The max_age request parameter overrides this default value." What was proven for this very request
    // stands, however long the pages take.
    let limit = request.max_age().or(given.client.metadata.default_max_age);
    let since = limit.map(|limit| {
        if limit == 0 {
            given.asked_at
        } else {
            given
                .asked_at
                .min(given.now - Duration::from_secs(limit.into()))
        }
    });
    (since, SignInReason::TooLongAgo)
}

/// The levels that are wished for, best first, and whether one of them is a must. OpenID Connect Core
/// §5.5.1.1: an essential `acr` claim request goes before `acr_values`, which is a voluntary one; without
/// either the client's `default_acr_values` (Registration §2).
fn wanted<'a>(request: &AuthorizationRequest, given: &Circumstances<'a>) -> (Vec<&'a Level>, bool) {
    let levels = &given.assurance.levels;
    let find = |name: &str| levels.find(name);
    let claimed: Vec<&str> = request.claims().wanted("acr").collect();
    if !claimed.is_empty() {
        let found = claimed.into_iter().filter_map(find).collect();
        return (found, request.claims().is_essential("acr"));
    }
    let named = if request.acr_values().is_empty() {
        &given.client.metadata.default_acr_values
    } else {
        request.acr_values()
    };
    (named.iter().filter_map(|name| find(name)).collect(), false)
}
