//! Exchanging an authorization code (RFC 6749 §4.1.3, RFC 7636 §4.6).

use super::{Issuance, Recipients, target};
use crate::base::Timestamp;
use crate::base::ids::{GrantId, TrialId};
use crate::protocol::client::ClientId;
use crate::protocol::error::OAuthError;
use crate::protocol::grant::Grant;
use crate::protocol::oxide;
use crate::protocol::pkce::CodeVerifier;

/// A code as it is stored.
#[derive(Clone, Debug)]
pub struct StoredCode {
    /// What it stands for.
    pub grant_id: GrantId,
    /// Where it was sent (RFC 6749 §4.1.3 compares it).
    pub redirect_uri: String,
    /// RFC 7636 §4.4.
    pub code_challenge: Option<String>,
    /// For the ID token.
    pub nonce: Option<String>,
    /// The trial that it is for, if it is for one.
    pub trial: Option<TrialId>,
    /// When it stops to work.
    pub valid_until: Timestamp,
    /// When it was spent, if it was.
    pub redeemed_at: Option<Timestamp>,
}

/// What the client sent to exchange a code.
#[derive(Clone, Copy, Debug)]
pub struct Redemption<'a> {
    /// The client, authenticated or public.
    pub client_id: &'a ClientId,
    /// `redirect_uri`
    pub redirect_uri: Option<&'a str>,
    /// `code_verifier`
    pub code_verifier: Option<&'a str>,
    /// `resource`
    pub resources: &'a [String],
    /// The trial that redeems it; `None`: the client itself.
    pub trial: Option<TrialId>,
    /// Whether the client is registered for refresh tokens.
    pub may_refresh: bool,
    /// Whom tokens may be for.
    pub recipients: Recipients<'a>,
}

/// What happens to a code.
#[derive(Debug)]
pub enum Decision {
    /// Spend it and issue tokens.
    Issue(Box<Issuance>),
    /// Refuse. The code, if it is one, stays as it is.
    Refuse(OAuthError),
    /// It was spent before: refuse, and end its grant.
    RefuseAndRevoke(OAuthError),
}

/// Decides about a code that was found, under the lock of its grant.
#[must_use]
pub fn decide(
    code: &StoredCode,
    grant: &Grant,
    redemption: Redemption<'_>,
    now: Timestamp,
) -> Decision {
    // RFC 6749 §4.1.3: "ensure that the authorization code was issued to the authenticated
    // confidential client". First: a thief must not be able to end the owner's grant.
    if grant.client_id != *redemption.client_id {
        return Decision::Refuse(refused());
    }
    // The code of a trial is for the page that shows it. An administrator reads it in the address of that page:
    // with the client's secret it would be worth the tokens of a real sign-in.
    if code.trial != redemption.trial {
        return Decision::Refuse(refused());
    }
    // RFC 6749 §4.1.2: "If an authorization code is used more than once, the authorization server
    // MUST deny the request and SHOULD revoke (when possible) all tokens previously issued based
    // on that authorization code." Before the expiry: a late replay counts too.
    if code.redeemed_at.is_some() {
        return Decision::RefuseAndRevoke(refused());
    }
    // RFC 6749 §4.1.2: "The authorization code MUST expire shortly after it is issued".
    if now >= code.valid_until || grant.ended_at.is_some() {
        return Decision::Refuse(refused());
    }
    match issue(code, grant, redemption) {
        Ok(issuance) => Decision::Issue(Box::new(issuance)),
        Err(error) => Decision::Refuse(error),
    }
}

fn issue(
    code: &StoredCode,
    grant: &Grant,
    redemption: Redemption<'_>,
) -> Result<Issuance, OAuthError> {
    let verifier = redemption
        .code_verifier
        .map(CodeVerifier::parse)
        .transpose()
        .map_err(|_| refused())?;
    // RFC 9700 §2.1.1 (PKCE downgrade): "if there was no code_challenge parameter in the
    // authorization request, a request to the token endpoint containing a code_verifier parameter
    // is rejected."
    if code.code_challenge.is_none() && verifier.is_some() {
        return Err(refused());
    }
    oxide::redeem_code(oxide::Redeem {
        client_id: redemption.client_id,
        grant,
        code,
        redirect_uri: redemption.redirect_uri,
        code_verifier: verifier.as_ref(),
    })?;
    Ok(Issuance {
        client_id: grant.client_id.clone(),
        scope: grant.scope.clone(),
        target: target(
            redemption.resources,
            &grant.resources,
            &grant.scope,
            redemption.recipients,
        )?,
        nonce: code.nonce.clone(),
        with_refresh_token: redemption.may_refresh,
        with_id_token: true,
        grant: Some(grant.clone()),
    })
}

/// One answer for every reason: a thief learns nothing about which part was wrong.
pub(crate) fn refused() -> OAuthError {
    OAuthError::invalid_grant("the code is wrong, expired, spent or another client's")
}
