//! Exchanging a refresh token for new tokens (RFC 6749 §6, RFC 9700 §4.14).

use super::{Issuance, Lifetimes, Recipients, target};
use crate::base::ids::GrantId;
use crate::base::{Digest, Timestamp};
use crate::protocol::client::ClientId;
use crate::protocol::error::OAuthError;
use crate::protocol::grant::Grant;
use crate::protocol::oxide;

/// The recognisable beginning of every refresh token, so that secret scanners find leaked ones.
pub const PREFIX: &str = "tsr_";

/// The SHA-256 of a refresh token: a type of its own, so that storage can never be handed the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshTokenHash(pub Digest);

/// A refresh token as it is stored.
#[derive(Clone, Debug)]
pub struct StoredRefreshToken {
    /// Its family.
    pub grant_id: GrantId,
    /// When it stops to work.
    pub expires_at: Timestamp,
    /// When it was exchanged, if it was.
    pub used_at: Option<Timestamp>,
    /// What its successor was derived with, see `flows::grants`.
    pub successor_salt: Option<[u8; 32]>,
    /// Whether that successor was itself used.
    pub successor_used: bool,
}

/// What the client sent to refresh.
#[derive(Clone, Copy, Debug)]
pub struct Refresh<'a> {
    /// The client, authenticated or public.
    pub client_id: &'a ClientId,
    /// `scope`: may narrow.
    pub scope: Option<&'a str>,
    /// `resource`: may narrow.
    pub resources: &'a [String],
    /// Whom tokens may be for.
    pub recipients: Recipients<'a>,
}

/// What happens to a refresh token.
#[derive(Debug)]
pub enum Decision {
    /// Replace it and issue tokens.
    Issue(Box<Issuance>),
    /// The response to its first use was lost: send the same successor again.
    Reissue(Box<Issuance>),
    /// Refuse; nothing changes.
    Refuse(OAuthError),
    /// Somebody used it before: refuse, and end the family.
    RefuseAndRevoke(OAuthError),
}

/// Decides about a refresh token that was found, under the lock of its grant.
#[must_use]
pub fn decide(
    token: &StoredRefreshToken,
    grant: &Grant,
    refresh: Refresh<'_>,
    lifetimes: &Lifetimes,
    now: Timestamp,
) -> Decision {
    // RFC 6749 §10.4: "the authorization server MUST maintain the binding between a refresh token
    // and the client to whom it was issued". First, as for codes.
    if grant.client_id != *refresh.client_id {
        return Decision::Refuse(refused());
    }
    if grant.ended_at.is_some() || now >= grant.expires_at || now >= token.expires_at {
        return Decision::Refuse(refused());
    }
    let retry = match token.used_at {
        None => false,
        // A response got lost on its way, or two tabs refreshed at once: the successor was never
        // used, and the retry comes soon. Logging people out for that is what they complain about.
        // All of them get the *same* successor: whoever uses it second is a replay like any other,
        // so a thief within the window gains a copy that the next refresh gives away.
        Some(used_at) if !token.successor_used && now.since(used_at) < lifetimes.refresh_retry => {
            true
        }
        // RFC 9700 §4.14.2: "If a refresh token is compromised and subsequently used by both the
        // attacker and the legitimate client, one of them will present an invalidated refresh
        // token, which will inform the authorization server of the breach. [...] it will revoke
        // the active refresh token."
        Some(_) => return Decision::RefuseAndRevoke(refused()),
    };
    match issue(grant, refresh) {
        Err(error) => Decision::Refuse(error),
        Ok(issuance) if retry => Decision::Reissue(Box::new(issuance)),
        Ok(issuance) => Decision::Issue(Box::new(issuance)),
    }
}

fn issue(grant: &Grant, refresh: Refresh<'_>) -> Result<Issuance, OAuthError> {
    let scope = oxide::refresh(refresh.client_id, grant, refresh.scope)?;
    Ok(Issuance {
        client_id: grant.client_id.clone(),
        target: target(
            refresh.resources,
            &grant.resources,
            &scope,
            refresh.recipients,
        )?,
        scope,
        // OpenID Connect Core §12.2: "it SHOULD NOT have a nonce Claim".
        nonce: None,
        with_refresh_token: true,
        with_id_token: true,
        grant: Some(grant.clone()),
    })
}

/// One answer for every reason.
pub(crate) fn refused() -> OAuthError {
    OAuthError::invalid_grant(
        "the refresh token is wrong, expired, used, revoked or another client's",
    )
}
