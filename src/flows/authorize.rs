//! The authorization endpoint: check, decide, issue the code.

use std::sync::Arc;
use std::time::Duration;

use super::accounts::{Present, view};
use super::answer::Issued;
use super::consent::consented;
use super::session::SignedIn;
use super::ticket::Arrival;
use super::{Internal, Outcome, Tessera};
use crate::base::Timestamp;
use crate::base::ids::{TrialId, UserId};
use crate::protocol::assurance::Method;
use crate::protocol::audit::Origin;
use crate::protocol::authorize::{
    self, AuthorizationRequest, AuthorizationResponse, Circumstances, ConsentView, Decision,
    Delivery, PageError, Policy, Prompt, ReturnPath, SignInReason, UncheckedRequest, WantedSubject,
    decide,
};
use crate::protocol::client::Client;
use crate::protocol::error::{ErrorCode, OAuthError};
use crate::protocol::resource_server::ResourceServers;
use crate::protocol::trial::TrialReturn;

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
    servers: Arc<ResourceServers>,
    query: String,
    trial: Option<TrialReturn>,
}

impl Checked {
    /// The parameters as they came.
    #[must_use]
    pub fn request_query(&self) -> String {
        self.query.clone()
    }

    /// The longest life of an access token that may come of this.
    pub(super) fn longest_token(&self, default: Duration) -> Duration {
        // Resources that contradict each other are refused before.
        let terms = self.servers.terms(self.request.resources());
        terms.map_or(default, |terms| {
            terms.longest_lifetime(default).max(default)
        })
    }

    /// Whether this person may sign in for it: in a trial, who tries. Whoever else is signed in here has not
    /// asked to have their account shown.
    #[must_use]
    pub fn is_for(&self, user: UserId) -> bool {
        let trial = self.trial.as_ref();
        trial.is_none_or(|trial| trial.user_id() == user)
    }

    /// Which trial it belongs to, if to any.
    #[must_use]
    pub fn trial_id(&self) -> Option<TrialId> {
        self.trial.as_ref().map(TrialReturn::id)
    }

    /// The trial that it belongs to, if to any.
    #[must_use]
    pub const fn trial(&self) -> Option<&TrialReturn> {
        self.trial.as_ref()
    }

    /// The resource servers as they were when the request was checked.
    #[must_use]
    pub fn resource_servers(&self) -> &ResourceServers {
        &self.servers
    }
}

/// What the browser sees next.
pub enum Next {
    /// An error page: nothing that a redirect could be trusted to.
    Page(PageError),
    /// The sign-in page.
    SignIn(Arc<Checked>, SignInReason),
    /// The list of accounts.
    SelectAccount(Arc<Checked>),
    /// The sign-up page.
    SignUp(Arc<Checked>),
    /// The page that asks for one more proof.
    StepUp(Arc<Checked>, Vec<Method>),
    /// The page that says that this person cannot be as sure as is asked for.
    Unmet(Arc<Checked>),
    /// The consent page.
    Consent(Arc<Checked>),
    /// Back to the client.
    Respond(Delivery, Arc<Client>),
    /// Back to a client that nobody approved of, with this error: the person says whether.
    ConfirmReturn(Delivery, ErrorCode),
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
        present: Present<'_>,
        origin: &Origin,
    ) -> Result<Next, Internal> {
        let checked = match self.check_request(query, arrival).await? {
            Ok(checked) => checked,
            Err(next) => return Ok(next),
        };
        self.proceed(checked, present, origin).await
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
            Err(error) => return Ok(Err(dead_end(error, None, "the parameters are no form"))),
        };
        let stranger = |error| Ok(Err(dead_end(error, None, unchecked.tell("client_id"))));
        let client = match unchecked.client_id() {
            // Disabled is as good as unknown, before anything is fetched or verified in its name.
            Ok(id) => self.client(&id).await?.filter(|client| !client.disabled),
            Err(error) => return stranger(error),
        };
        let Some(client) = client else {
            return stranger(PageError::UnknownClient);
        };
        let trial = self.trial_behind(&unchecked, &client, arrival).await?;
        // From here on, what the request object says is what was asked: tickets carry that, and its
        // signature is not asked for again.
        let opened = self.open_request_object(unchecked.clone(), &client, arrival);
        let (unchecked, signed) = match opened.await? {
            Ok(opened) => opened,
            Err(error) => {
                return Ok(Err(self.refuse_outer(
                    unchecked,
                    &error,
                    client,
                    trial.as_ref(),
                )));
            }
        };
        let arrival = Arrival { signed, ..arrival };
        let servers = self.resource_servers().await?;
        let (query, silent) = (unchecked.params().encode(), is_silent(&unchecked));
        let ticket = self.make_ticket(unchecked.params(), arrival)?;
        let sent_to = unchecked.tell("redirect_uri");
        let (path, result) = match unchecked.prove_with(Some(&client), trial.as_ref()) {
            Err(error) => return Ok(Err(dead_end(error, Some(&client), sent_to))),
            Ok(proven) => (
                proven.return_path(),
                proven.check(Policy {
                    issuer: self.issuer(),
                    sign_up_open: self.sign_up_is_open(),
                    front_channel_tokens: self.config.protocol.front_channel_tokens,
                    resource_servers: &servers,
                    custom_claims: &self.custom_claims,
                }),
            ),
        };
        Ok(match result {
            Ok(request) => Ok(Checked {
                client,
                request,
                ticket,
                arrival,
                servers,
                query,
                trial,
            }),
            Err(error) => Err(self.refuse_unasked(path, &error, client, silent)),
        })
    }

    /// What one more proof is missing for the request, by the session as it is. `None` where nothing is.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn missing_for(
        &self,
        checked: &Checked,
        present: Present<'_>,
    ) -> Result<Option<Vec<Method>>, Internal> {
        let meant = self.meant_by(checked, present).await?;
        let signed_in = meant.as_ref().or(present.active);
        let chosen_at = signed_in.and_then(|signed_in| present.chosen_at(signed_in));
        Ok(match self.decide(checked, signed_in, chosen_at).await? {
            Ok((Decision::StepUp(offer), _)) => Some(offer),
            _ => None,
        })
    }

    /// The answer to a request that asks for more than this person can prove.
    #[must_use]
    pub fn answer_unmet(&self, checked: Checked) -> Next {
        let path = checked.request.return_path();
        self.refuse(path, &authorize::unmet(), checked.client)
    }

    /// The answer to a request for more than the person wanted to prove now, though they could.
    #[must_use]
    pub fn answer_declined(&self, checked: Checked) -> Next {
        let error = OAuthError::new(
            ErrorCode::AccessDenied,
            "the person did not want to prove more",
        );
        let path = checked.request.return_path();
        self.refuse(path, &error, checked.client)
    }

    /// An error of the request object goes where the parameters outside of it prove that it may.
    fn refuse_outer(
        &self,
        unchecked: UncheckedRequest,
        error: &OAuthError,
        client: Arc<Client>,
        trial: Option<&TrialReturn>,
    ) -> Next {
        let silent = is_silent(&unchecked);
        let path = match unchecked.prove_with(Some(&client), trial) {
            Ok(proven) => proven.return_path(),
            Err(page) => {
                let page = match page {
                    PageError::RedirectUriMissing => PageError::RequestObject,
                    other => other,
                };
                return dead_end(page, Some(&client), error.description());
            }
        };
        self.refuse_unasked(path, error, client, silent)
    }

    /// An error before the person was asked for anything. RFC 9700 §4.11.2: "The authorization server
    /// SHOULD only automatically redirect the user agent if it trusts the redirect URI": anybody could
    /// register a client where registration is open, and send people from our address to theirs with a
    /// request that is wrong on purpose. Silent requests are answered: nobody is there to say yes.
    fn refuse_unasked(
        &self,
        path: ReturnPath,
        error: &OAuthError,
        client: Arc<Client>,
        silent: bool,
    ) -> Next {
        if silent || !client.by_stranger {
            return self.refuse(path, error, client);
        }
        let response = AuthorizationResponse::error(path, error, self.issuer());
        Next::ConfirmReturn(response.deliver(), error.code)
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
        present: Present<'_>,
        origin: &Origin,
    ) -> Result<Next, Internal> {
        let checked = Arc::new(checked);
        let meant = self.meant_by(&checked, present).await?;
        let signed_in = meant.as_ref().or(present.active);
        let chosen_at = signed_in.and_then(|signed_in| present.chosen_at(signed_in));
        // Again if the consent that allowed it was changed a moment ago, in another tab.
        for _ in 0..3 {
            let (decision, consent) = match self.decide(&checked, signed_in, chosen_at).await? {
                Ok(decided) => decided,
                Err(error) => {
                    let (path, client) = (checked.request.return_path(), &checked.client);
                    let silent = checked.request.prompts().contains(Prompt::None);
                    return Ok(self.refuse_unasked(path, &error, Arc::clone(client), silent));
                }
            };
            let path = checked.request.return_path();
            return Ok(match (decision, signed_in) {
                (Decision::SignIn { reason }, _) => Next::SignIn(checked, reason),
                (Decision::SelectAccount, _) => Next::SelectAccount(checked),
                (Decision::SignUp, _) => Next::SignUp(checked),
                (Decision::StepUp(offer), _) => Next::StepUp(checked, offer),
                (Decision::Unmet, _) => Next::Unmet(checked),
                (Decision::Consent, _) => Next::Consent(checked),
                (Decision::Refuse(error), _) => {
                    self.refuse(path, &error, Arc::clone(&checked.client))
                }
                (Decision::Issue(standing), Some(signed_in)) => {
                    let accounts = present.accounts;
                    let issued = self
                        .issue(&checked, (signed_in, standing), consent, accounts, origin)
                        .await?;
                    match issued {
                        Issued::Next(next) => next,
                        Issued::ConsentChanged => continue,
                    }
                }
                (Decision::Issue(_), None) => {
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
        chosen_at: Option<Timestamp>,
    ) -> Result<Result<(Decision, ConsentView), OAuthError>, Internal> {
        let wanted = match self.wanted_subject(checked).await? {
            Ok(wanted) => wanted,
            Err(error) => return Ok(Err(error)),
        };
        let as_hinted = match signed_in {
            Some(signed_in) => {
                let user = signed_in.user().id;
                wanted.is(&self.subject(&checked.client, user)?) && checked.is_for(user)
            }
            None => wanted.is_anybody(),
        };
        let mut reader = &self.store;
        let (view, consent) = match signed_in {
            Some(signed_in) => {
                let user = signed_in.user();
                let available = self.capabilities(&mut reader, user).await?;
                let consent =
                    consented(&mut reader, user.id, &checked.client.id, checked.trial_id()).await?;
                (Some(view(signed_in, available, chosen_at)), consent)
            }
            None => (None, ConsentView::default()),
        };
        let circumstances = Circumstances {
            client: &checked.client,
            assurance: &self.assurance,
            session: view.as_ref(),
            consent: &consent,
            asked_at: checked.arrival.asked_at,
            as_hinted,
            now: self.now(),
        };
        let decision = decide(&checked.request, circumstances);
        Ok(Ok((decision, consent)))
    }

    /// Whom the request is about: by `id_token_hint`, and by a request for values of `sub`.
    pub(super) async fn wanted_subject(&self, checked: &Checked) -> Outcome<WantedSubject> {
        let mut hinted = None;
        if let Some(hint) = checked.request.id_token_hint() {
            let client = checked.client.id.as_str();
            let claims = self.read_hint(hint).await?;
            let Some(claims) = claims.filter(|claims| claims.aud.contains(client)) else {
                return Ok(Err(OAuthError::invalid_request(
                    "id_token_hint is not an ID token of this server for you",
                )));
            };
            hinted = Some(claims.sub);
        }
        Ok(Ok(WantedSubject::of(&checked.request, hinted)))
    }
}

/// Whether the request forbids every page.
fn is_silent(request: &UncheckedRequest) -> bool {
    request.params().get("prompt") == Some("none")
}

/// An error page, and a line in the log for the operator whom somebody will ask about it. The line has
/// the request's id and no more of a stranger's text than [`UncheckedRequest::tell`] lets through.
fn dead_end(error: PageError, client: Option<&Client>, reason: impl AsRef<str>) -> Next {
    let (error_name, reason) = (error.as_str(), reason.as_ref());
    if let Some(client) = client {
        tracing::warn!(
            client_id = %client.id, error = error_name, reason,
            "an authorization request ends at an error page"
        );
    } else {
        // Nobody's mistake that we know of: anybody can send these.
        tracing::info!(
            error = error_name,
            reason,
            "an authorization request of no known client ends at an error page"
        );
    }
    Next::Page(error)
}
