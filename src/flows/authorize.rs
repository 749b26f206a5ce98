//! The authorization endpoint: check, decide, issue the code.

use std::sync::Arc;

use super::session::SignedIn;
use super::ticket::Arrival;
use super::{Internal, Tessera};
use crate::base::Timestamp;
use crate::base::ids::{GrantId, SessionId, UserId};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::authorize::{
    self, AuthorizationRequest, AuthorizationResponse, ConsentView, Decision, Delivery, PageError,
    Policy, ReturnPath, SessionView, SignInReason, decide,
};
use crate::protocol::client::{Client, ClientId};
use crate::protocol::error::{ErrorCode, OAuthError};
use crate::protocol::grant::{Grant, GrantType};
use crate::protocol::oxide;
use crate::protocol::token::authorization_code::StoredCode;
use crate::protocol::token::id_token::HintClaims;
use crate::storage::{Reader, Tx, codes, consents, grants, sessions, users};

/// A code's row outlives the code by a day, so that a late replay is noticed.
const REPLAY_MEMORY: std::time::Duration = std::time::Duration::from_hours(24);

/// A request that passed every check, with the client that makes it.
pub struct Checked {
    /// The client.
    pub client: Arc<Client>,
    /// The request.
    pub request: AuthorizationRequest,
    /// The request as a ticket.
    pub ticket: String,
    /// How it came.
    pub arrival: Arrival,
    query: String,
}

impl Checked {
    /// The parameters as they came.
    #[must_use]
    pub fn request_query(&self) -> String {
        self.query.clone()
    }
}

/// What the browser sees next.
pub enum Next {
    /// An error page: nothing that a redirect could be trusted to.
    Page(PageError),
    /// The sign-in page.
    SignIn(Box<Checked>, SignInReason),
    /// The sign-up page.
    SignUp(Box<Checked>),
    /// The consent page.
    Consent(Box<Checked>),
    /// Back to the client.
    Respond(Delivery, Arc<Client>),
}

impl Tessera {
    /// Takes an authorization request as far as it goes without asking the person.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn authorize(
        &self,
        query: &[u8],
        arrival: Arrival,
        signed_in: Option<&SignedIn>,
        origin: &Origin,
    ) -> Result<Next, Internal> {
        let checked = match self.check_request(query, arrival).await? {
            Ok(checked) => checked,
            Err(next) => return Ok(next),
        };
        self.proceed(checked, signed_in, origin).await
    }

    /// Checks a request that came without the session cookie (a cross-site POST) and gives the
    /// ticket with which it goes on.
    ///
    /// # Errors
    /// If the database does not answer. The inner error is what to show instead.
    pub async fn accept_request(
        &self,
        query: &[u8],
        arrival: Arrival,
    ) -> Result<Result<String, Next>, Internal> {
        let checked = self.check_request(query, arrival).await?;
        Ok(checked.map(|checked| checked.ticket))
    }

    /// Both stages of checks. The error is what to show instead.
    pub(super) async fn check_request(
        &self,
        query: &[u8],
        arrival: Arrival,
    ) -> Result<Result<Checked, Next>, Internal> {
        let unchecked = match authorize::read(query) {
            Ok(unchecked) => unchecked,
            Err(error) => return Ok(Err(Next::Page(error))),
        };
        let query = unchecked.params().encode();
        let ticket = self.make_ticket(unchecked.params(), arrival)?;
        let client = match unchecked.client_id() {
            Ok(id) => self.client(&id).await?,
            Err(error) => return Ok(Err(Next::Page(error))),
        };
        let Some(client) = client else {
            return Ok(Err(Next::Page(PageError::UnknownClient)));
        };
        let (path, result) = match unchecked.prove(Some(&client)) {
            Err(error) => return Ok(Err(Next::Page(error))),
            Ok(proven) => (
                proven.return_path(),
                proven.check(Policy {
                    issuer: self.issuer(),
                    sign_up_open: self.sign_up_is_open(),
                }),
            ),
        };
        Ok(match result {
            Ok(request) => Ok(Checked {
                client,
                request,
                ticket,
                arrival,
                query,
            }),
            Err(error) => Err(self.refuse(path, &error, client)),
        })
    }

    /// Whether people may make accounts for themselves.
    #[must_use]
    pub fn sign_up_is_open(&self) -> bool {
        self.config.sign_up.mode == crate::config::SignUpMode::Open
    }

    pub(super) fn refuse(&self, path: ReturnPath, error: &OAuthError, client: Arc<Client>) -> Next {
        let response = AuthorizationResponse::error(path, error, self.issuer());
        Next::Respond(response.deliver(), client)
    }

    async fn proceed(
        &self,
        checked: Checked,
        signed_in: Option<&SignedIn>,
        origin: &Origin,
    ) -> Result<Next, Internal> {
        // Again if the consent that allowed it was changed a moment ago, in another tab.
        for _ in 0..3 {
            let (decision, consent) = match self.decide(&checked, signed_in).await? {
                Ok(decided) => decided,
                Err(error) => (Decision::Refuse(error), ConsentView::default()),
            };
            let path = checked.request.return_path();
            return Ok(match (decision, signed_in) {
                (Decision::SignIn { reason }, _) => Next::SignIn(Box::new(checked), reason),
                (Decision::SignUp, _) => Next::SignUp(Box::new(checked)),
                (Decision::Consent, _) => Next::Consent(Box::new(checked)),
                (Decision::Refuse(error), _) => self.refuse(path, &error, checked.client),
                (Decision::Issue, Some(signed_in)) => {
                    let issued = self
                        .issue_code(&checked, signed_in, consent, origin)
                        .await?;
                    match issued {
                        Issued::Code(next) | Issued::Refused(next) => next,
                        Issued::ConsentChanged => continue,
                    }
                }
                (Decision::Issue, None) => {
                    return Err(Internal::other("a code was to be issued for nobody"));
                }
            });
        }
        Err(Internal::Busy)
    }

    /// What comes next, and the remembered consent that it rests on.
    async fn decide(
        &self,
        checked: &Checked,
        signed_in: Option<&SignedIn>,
    ) -> Result<Result<(Decision, ConsentView), OAuthError>, Internal> {
        let hint = match self.hinted_user(checked) {
            Ok(hint) => hint,
            Err(error) => return Ok(Err(error)),
        };
        let view = signed_in.map(view);
        let consent = match signed_in {
            Some(signed_in) => {
                let mut reader = &self.store;
                remembered(&mut reader, signed_in.user().id, &checked.client.id).await?
            }
            None => ConsentView::default(),
        };
        let decision = decide(
            &checked.request,
            &checked.client,
            view.as_ref(),
            &consent,
            checked.arrival.asked_at,
            hint,
            self.now(),
        );
        Ok(Ok((decision, consent)))
    }

    /// Whom `id_token_hint` names. OpenID Connect Core §3.1.2.1 lets it be expired: it is a hint
    /// about who, not a proof of now.
    fn hinted_user(&self, checked: &Checked) -> Result<Option<UserId>, OAuthError> {
        let Some(hint) = checked.request.id_token_hint() else {
            return Ok(None);
        };
        let refused = || {
            OAuthError::invalid_request("id_token_hint is not an ID token of this server for you")
        };
        let claims: HintClaims = self.our_jwt(hint, "JWT").ok_or_else(refused)?;
        if claims.iss != self.issuer() || !claims.aud.contains(checked.client.id.as_str()) {
            return Err(refused());
        }
        claims
            .sub
            .parse()
            .map(|id| Some(UserId(id)))
            .map_err(|_| refused())
    }

    /// Makes the grant and its code, and sends the code to the client.
    async fn issue_code(
        &self,
        checked: &Checked,
        signed_in: &SignedIn,
        consent: ConsentView,
        origin: &Origin,
    ) -> Result<Issued, Internal> {
        let now = self.now();
        let refuse = |error| {
            let path = checked.request.return_path();
            Ok(Issued::Refused(self.refuse(
                path,
                &error,
                Arc::clone(&checked.client),
            )))
        };
        if let Err(error) = oxide::authorize(&checked.request) {
            return refuse(error);
        }
        let code = self.entropy.token();
        let grant = self.new_grant(checked, signed_in, now);
        let stored = StoredCode {
            grant_id: grant.id,
            redirect_uri: checked.request.redirect_uri().as_str().to_owned(),
            code_challenge: checked
                .request
                .code_challenge()
                .map(|challenge| challenge.as_str().to_owned()),
            nonce: checked.request.nonce().map(str::to_owned),
            valid_until: now + self.config.tokens.code_lifetime,
            redeemed_at: None,
        };
        let (tessera, hash, origin) = (self.clone(), code.digest(), origin.clone());
        let session = signed_in.session().id;
        let standing = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let standing = standing(tx, &grant, session, &consent, now).await?;
                    if standing != Standing::Good {
                        return Ok(standing);
                    }
                    grants::insert(tx, &grant).await?;
                    codes::insert(tx, hash, &stored, now + REPLAY_MEMORY).await?;
                    let event = Event::new(Kind::CodeIssued, Actor::User(grant.user_id))
                        .with("client_id", grant.client_id.as_str())
                        .with("grant_id", grant.id)
                        .with("scope", grant.scope.to_string());
                    tessera.record(tx, &event, &origin);
                    Ok(standing)
                })
            })
            .await?;
        match standing {
            Standing::ConsentChanged => Ok(Issued::ConsentChanged),
            Standing::SessionEnded => refuse(OAuthError::new(
                ErrorCode::LoginRequired,
                "the session has ended",
            )),
            Standing::Good => {
                let path = checked.request.return_path();
                let response = AuthorizationResponse::success(path, &code, self.issuer());
                let client = Arc::clone(&checked.client);
                Ok(Issued::Code(Next::Respond(response.deliver(), client)))
            }
        }
    }

    fn new_grant(&self, checked: &Checked, signed_in: &SignedIn, now: Timestamp) -> Grant {
        let tokens = &self.config.tokens;
        let lifetime = if checked.client.may_use(GrantType::RefreshToken) {
            tokens.refresh_lifetime
        } else {
            // As long as what the code gives can live.
            tokens.code_lifetime + tokens.access_token_lifetime
        };
        let session = signed_in.session();
        Grant {
            id: GrantId::new(now, &self.entropy),
            client_id: checked.client.id.clone(),
            user_id: signed_in.user().id,
            session_id: Some(session.id),
            scope: checked.request.scope().clone(),
            resources: checked.request.resources().to_vec(),
            auth_time: session.auth_time,
            acr: session.acr.clone(),
            amr: session.amr.clone(),
            created_at: now,
            expires_at: now + lifetime,
            ended_at: None,
        }
    }
}

/// What came of issuing a code.
enum Issued {
    Code(Next),
    Refused(Next),
    /// Decide again.
    ConsentChanged,
}

/// Whether what was decided on still stands when the code is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Good,
    SessionEnded,
    ConsentChanged,
}

/// Looked at again inside the transaction: signed out, disabled or taken back in another tab a
/// moment ago, there is no code any more. The lock of the account comes first, as everywhere.
async fn standing(
    tx: &mut Tx<'_>,
    grant: &Grant,
    session: SessionId,
    consent: &ConsentView,
    now: Timestamp,
) -> Result<Standing, Internal> {
    let user = users::lock(tx, grant.user_id).await?;
    if user.is_none_or(|user| user.disabled) || !sessions::lock_live(tx, session, now).await? {
        return Ok(Standing::SessionEnded);
    }
    Ok(
        if remembered(tx, grant.user_id, &grant.client_id).await? == *consent {
            Standing::Good
        } else {
            Standing::ConsentChanged
        },
    )
}

/// What this person allowed this client before.
pub(super) async fn remembered(
    reader: &mut impl Reader,
    user: UserId,
    client: &ClientId,
) -> Result<ConsentView, Internal> {
    let consent = consents::find(reader, user, client).await?;
    Ok(
        consent.map_or_else(ConsentView::default, |consent| ConsentView {
            scope: consent.scope,
            resources: consent.resources,
            granted_at: consent.granted_at,
        }),
    )
}

fn view(signed_in: &SignedIn) -> SessionView {
    let session = signed_in.session();
    SessionView {
        user_id: signed_in.user().id,
        auth_time: session.auth_time,
        acr: Some(session.acr.clone()),
        amr: session.amr.clone(),
    }
}
