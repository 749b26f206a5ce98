//! The end of a granted authorization request: the grant, and what its `response_type` sends back.

use std::sync::Arc;
use std::time::Duration;

use super::authorize::{Checked, Next};
use super::consent::consented;
use super::issue::{Prepared, ScopeClaims};
use super::session::SignedIn;
use super::{Internal, Tessera};
use crate::base::ids::{GrantId, SessionId};
use crate::base::{Digest, Secret, Timestamp};
use crate::crypto::jose::Recipient;
use crate::protocol::accounts::Accounts;
use crate::protocol::assurance::Standing;
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::authorize::response::{FrontChannelToken, Granted};
use crate::protocol::authorize::{AuthorizationResponse, ConsentView, ResponseType};
use crate::protocol::error::{ErrorCode, OAuthError};
use crate::protocol::grant::{Grant, GrantType};
use crate::protocol::oxide;
use crate::protocol::scope::Scope;
use crate::protocol::token::authorization_code::StoredCode;
use crate::protocol::token::front_channel;
use crate::protocol::token::id_token::Companions;
use crate::protocol::trial;
use crate::storage::users::User;
use crate::storage::{Tx, codes, grants, sessions, users};

/// A code's row outlives the code by a day, so that a late replay is noticed.
const REPLAY_MEMORY: Duration = Duration::from_hours(24);

/// What came of issuing.
pub(super) enum Issued {
    /// An answer for the client.
    Next(Next),
    /// Decide again.
    ConsentChanged,
}

/// What the transaction came to.
enum Written {
    Granted(Box<Option<Prepared>>),
    SessionEnded,
    ConsentChanged,
    Refused(OAuthError),
}

/// All that the transaction needs to know of the request.
struct Answer {
    checked: Arc<Checked>,
    grant: Grant,
    consent: ConsentView,
    session: SessionId,
    code: Option<(Digest, StoredCode)>,
    person: User,
}

impl Tessera {
    /// Makes the grant, and sends what the response type says to the client.
    pub(super) async fn issue(
        &self,
        checked: &Arc<Checked>,
        (signed_in, standing): (&SignedIn, Standing),
        consent: ConsentView,
        accounts: &Accounts,
        origin: &Origin,
    ) -> Result<Issued, Internal> {
        let kind = checked.request.response_type();
        if kind.has_code()
            && let Err(error) = oxide::authorize(&checked.request)
        {
            return Ok(self.refused(checked, &error));
        }
        let recipient = if kind.has_id_token() {
            match self.id_token_recipient(&checked.client).await {
                Ok(recipient) => recipient,
                Err(error) => return Ok(self.refused(checked, &error)),
            }
        } else {
            None
        };
        let (now, code) = (self.now(), self.entropy.token());
        let grant = self.new_grant(checked, signed_in, standing, now);
        let stored = kind
            .has_code()
            .then(|| (code.digest(), self.stored_code(checked, &grant, now)));
        let answer = Answer {
            checked: Arc::clone(checked),
            grant,
            consent,
            session: signed_in.session().id,
            code: stored,
            person: signed_in.user().clone(),
        };
        let (tessera, origin) = (self.clone(), origin.clone());
        let written = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move { tessera.write_answer(tx, answer, &origin, now).await })
            })
            .await?;
        match written {
            Written::ConsentChanged => Ok(Issued::ConsentChanged),
            Written::SessionEnded => {
                let error = OAuthError::new(ErrorCode::LoginRequired, "the session has ended");
                Ok(self.refused(checked, &error))
            }
            Written::Refused(error) => Ok(self.refused(checked, &error)),
            Written::Granted(prepared) => {
                // A client of the front channel alone never comes to the token endpoint. Nobody uses it who
                // only tries it.
                if checked.trial().is_none() {
                    self.note_use(&checked.client.id).await;
                }
                let code = kind.has_code().then_some(code);
                let granted = self.sign_answer(checked, code, *prepared, recipient.as_ref())?;
                self.granted(checked, granted, accounts)
            }
        }
    }

    fn granted(
        &self,
        checked: &Checked,
        mut granted: Granted,
        accounts: &Accounts,
    ) -> Result<Issued, Internal> {
        // Session Management §2: for requests of OpenID Connect.
        if checked.request.scope().contains(Scope::OPENID) {
            let redirect_uri = checked.request.redirect_uri().as_str();
            granted.session_state =
                Some(self.session_state(&checked.client, redirect_uri, accounts)?);
        }
        let path = checked.request.return_path();
        let response = AuthorizationResponse::success(path, granted, self.issuer());
        let client = Arc::clone(&checked.client);
        Ok(Issued::Next(Next::Respond(response.deliver(), client)))
    }

    fn refused(&self, checked: &Checked, error: &OAuthError) -> Issued {
        let path = checked.request.return_path();
        Issued::Next(self.refuse(path, error, Arc::clone(&checked.client)))
    }

    async fn write_answer(
        &self,
        tx: &mut Tx<'_>,
        answer: Answer,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Written, Internal> {
        // Looked at again inside the transaction: signed out, disabled or taken back in another tab
        // a moment ago, there is nothing any more. The lock of the account comes first, as everywhere.
        let Answer { checked, grant, .. } = &answer;
        let user = users::lock(tx, grant.user_id).await?;
        if user.is_none_or(|user| user.disabled)
            || !checked.is_for(grant.user_id)
            || !sessions::lock_live(tx, answer.session, now).await?
        {
            return Ok(Written::SessionEnded);
        }
        let (user, client) = (grant.user_id, &grant.client_id);
        if consented(tx, user, client, checked.trial_id()).await? != answer.consent {
            return Ok(Written::ConsentChanged);
        }
        let kind = checked.request.response_type();
        grants::insert(tx, grant).await?;
        // Who got anything that tells of this session is told when it ends. Of a trial the client gets nothing.
        if kind != ResponseType::None && checked.trial().is_none() {
            sessions::join(tx, answer.session, &grant.client_id, now).await?;
        }
        if let Some((hash, code)) = &answer.code {
            codes::insert(tx, *hash, code, now + REPLAY_MEMORY).await?;
        }
        let issued = match kind {
            ResponseType::Code | ResponseType::None => Kind::CodeIssued,
            _ => Kind::TokenIssued,
        };
        let event = Event::new(issued, Actor::User(grant.user_id))
            .with("client_id", grant.client_id.as_str())
            .with("grant_id", grant.id)
            .with("response_type", kind.as_str())
            .with("scope", grant.scope.to_string())
            .with("trial_id", checked.trial_id());
        if !kind.is_front_channel() {
            self.record(tx, &event, origin);
            return Ok(Written::Granted(Box::new(None)));
        }
        let issuance = match front_channel::decide(
            &checked.request,
            grant,
            self.recipients(checked.resource_servers()),
        ) {
            Ok(issuance) => issuance,
            Err(error) => return Ok(Written::Refused(error)),
        };
        let person = self.know(tx, answer.person.clone()).await?;
        let (client, person) = (&checked.client, Some(person));
        let prepared = if kind.has_token() {
            self.prepare(tx, client, issuance, None, person, now)
                .await?
        } else {
            self.prepare_jwt(client, issuance, None, person, now)?
        };
        self.record(tx, &event.with("jti", prepared.jti()), origin);
        Ok(Written::Granted(Box::new(Some(prepared))))
    }

    /// After the commit: nothing leaves without its record.
    fn sign_answer(
        &self,
        checked: &Checked,
        code: Option<Secret<String>>,
        prepared: Option<Prepared>,
        recipient: Option<&Recipient>,
    ) -> Result<Granted, Internal> {
        let kind = checked.request.response_type();
        let Some(prepared) = prepared else {
            return Ok(Granted {
                code,
                ..Granted::default()
            });
        };
        let token = if kind.has_token() {
            Some(FrontChannelToken {
                access_token: self.sign_access_token(&checked.client, &prepared)?,
                expires_in: prepared.expires_in(),
                scope: prepared.access_token_scope().to_owned(),
            })
        } else {
            None
        };
        let companions = Companions {
            access_token: token.as_ref().map(|token| token.access_token.as_str()),
            code: code.as_ref().map(|code| code.expose().as_str()),
        };
        let scope_claims = if kind == ResponseType::IdToken {
            ScopeClaims::Here
        } else {
            ScopeClaims::AtUserinfo
        };
        let id_token = if kind.has_id_token() {
            let client = &checked.client;
            Some(self.sign_id_token(client, &prepared, companions, scope_claims, recipient)?)
        } else {
            None
        };
        Ok(Granted {
            code,
            id_token,
            token,
            session_state: None,
        })
    }

    fn stored_code(&self, checked: &Checked, grant: &Grant, now: Timestamp) -> StoredCode {
        let request = &checked.request;
        let challenge = request.code_challenge();
        StoredCode {
            grant_id: grant.id,
            redirect_uri: request.redirect_uri().as_str().to_owned(),
            code_challenge: challenge.map(|challenge| challenge.as_str().to_owned()),
            nonce: request.nonce().map(str::to_owned),
            trial: checked.trial_id(),
            valid_until: now + self.config.tokens.code_lifetime,
            redeemed_at: None,
        }
    }

    fn new_grant(
        &self,
        checked: &Checked,
        signed_in: &SignedIn,
        standing: Standing,
        now: Timestamp,
    ) -> Grant {
        let tokens = &self.config.tokens;
        let may_refresh = checked.request.response_type().has_code()
            && checked.client.may_use(GrantType::RefreshToken);
        let longest = checked.longest_token(tokens.access_token_lifetime);
        let lifetime = if checked.trial().is_some() {
            trial::LIFETIME
        } else if may_refresh {
            tokens.refresh_lifetime
        } else {
            // As long as what the code gives can live.
            tokens.code_lifetime + longest
        };
        let session = signed_in.session();
        Grant {
            id: GrantId::new(now, &self.entropy),
            client_id: checked.client.id.clone(),
            user_id: signed_in.user().id,
            session_id: Some(session.id),
            scope: checked.request.scope().clone(),
            resources: checked.request.resources().to_vec(),
            claims: checked
                .request
                .claims()
                .clone()
                .in_languages(checked.request.claims_locales()),
            auth_time: standing.auth_time,
            acr: standing.acr,
            amr: standing.amr,
            created_at: now,
            expires_at: now + lifetime,
            ended_at: None,
        }
    }
}
