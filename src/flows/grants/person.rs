//! Tokens for a person: the common end of a code and of a refresh.

use super::Inside;
use crate::base::{Secret, Timestamp};
use crate::flows::Tessera;
use crate::flows::issue::Prepared;
use crate::protocol::audit::{Event, Origin};
use crate::protocol::client::Client;
use crate::protocol::error::OAuthError;
use crate::protocol::grant::Grant;
use crate::protocol::token::Issuance;
use crate::protocol::token::authorization_code::refused;
use crate::protocol::token::refresh_token::RefreshTokenHash;
use crate::storage::{Tx, tokens, users};

/// The refresh token that goes along with the tokens of a person.
pub(super) enum RefreshToken {
    /// None: the client may not refresh.
    None,
    /// One that storage does not know yet.
    New(Secret<String>),
    /// One that was sent before, in a response that may have been lost.
    Known(Secret<String>),
}

impl Tessera {
    /// A person who may still sign in, a refresh token where one is due, the record.
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a different part of one step"
    )]
    pub(super) async fn issue_for_person(
        &self,
        tx: &mut Tx<'_>,
        client: &Client,
        grant: &Grant,
        (issuance, refresh_token): (Issuance, RefreshToken),
        event: Event,
        origin: &Origin,
        now: Timestamp,
    ) -> Inside<Result<Prepared, OAuthError>> {
        let Some(user) = users::find(tx, grant.user_id)
            .await?
            .filter(|user| !user.disabled && client.admits(user.organisation))
        else {
            return Ok(Err(refused()));
        };
        let refresh_token = match refresh_token {
            RefreshToken::None => None,
            RefreshToken::Known(token) => Some(token),
            RefreshToken::New(token) => {
                self.add_refresh_token(tx, &token, grant, now).await?;
                Some(token)
            }
        };
        let known = self.know(tx, user).await?;
        let prepared = self
            .prepare(tx, client, issuance, refresh_token, Some(known), now)
            .await?;
        let event = event
            .with("grant_id", grant.id)
            .with("user_id", grant.user_id)
            .with("jti", prepared.jti());
        self.record(tx, &event, origin);
        Ok(Ok(prepared))
    }

    async fn add_refresh_token(
        &self,
        tx: &mut Tx<'_>,
        token: &Secret<String>,
        grant: &Grant,
        now: Timestamp,
    ) -> Inside<()> {
        let expires_at = grant
            .expires_at
            .min(now + self.config.tokens.refresh_idle_lifetime);
        let hash = RefreshTokenHash(token.digest());
        tokens::insert_refresh(tx, hash, grant.id, now, expires_at).await?;
        Ok(())
    }
}
