//! An administrator tries a client: a real sign-in through the real flows, by themselves, in this browser, whose
//! tokens nobody ever gets. What a developer would see on the wire is written down on the way.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::trial_log::Log;
use super::{Done, Refused};
use crate::base::Digest;
use crate::base::ids::TrialId;
use crate::flows::client_auth::{Caller, StandIn};
use crate::flows::session::SignedIn;
use crate::flows::ticket::Arrival;
use crate::flows::{Internal, Tessera};
use crate::protocol::access::Permit;
use crate::protocol::access::power::WriteClients;
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::authorize::{Prompt, UncheckedRequest};
use crate::protocol::client::{Client, ClientId};
use crate::protocol::error::ErrorCode;
use crate::protocol::params::Params;
use crate::protocol::scope::Scope;
use crate::protocol::transcript::{Check, Transcript};
use crate::protocol::trial::{self, Trial, TrialReturn};
use crate::storage::{codes, grants, trials};

/// Which grant is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// Somebody signs in.
    SignIn,
    /// The client acts for itself.
    Machine,
}

/// What is asked for in a trial.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The grant.
    pub tried: Tried,
    /// `scope`; empty: the parameter is left out.
    pub scope: Scope,
    /// `prompt`
    pub prompt: Option<Prompt>,
    /// `acr_values`
    pub acr: Option<String>,
    /// `resource`
    pub resources: Vec<String>,
}

/// How a trial goes on.
pub enum Begun {
    /// The browser goes there.
    Visit(String),
    /// There was nobody to ask.
    Answered(Box<(Arc<Client>, Transcript)>),
}

/// What came of an answer.
pub enum Finished {
    /// This is what was seen.
    Seen(Box<(Arc<Client>, Transcript)>),
    /// It was answered before, or took too long.
    Over,
    /// There is none, it is somebody else's, or the answer is not to what it asked.
    Unknown,
}

/// Proof that a trial was answered just now, and is over with it: what is done in the place of its client, is
/// done once. Made only here.
#[derive(Debug)]
pub struct Spent(TrialId);

impl Spent {
    /// Which trial.
    #[must_use]
    pub const fn id(&self) -> TrialId {
        self.0
    }
}

/// What is sent once and compared.
struct Sent {
    state: String,
    nonce: String,
    verifier: String,
}

impl Tessera {
    /// Begins a trial. Whoever tries a client has it act: so its roles must be within what the caller has, as for a
    /// change.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn begin_trial(
        &self,
        permit: Permit<WriteClients>,
        who: &SignedIn,
        id: ClientId,
        (wish, browser): (Wish, Digest),
        origin: Origin,
    ) -> Done<Begun> {
        let now = self.now();
        let trial_id = TrialId::new(now, &self.entropy);
        let machine = wish.tried == Tried::Machine;
        let request = if machine {
            Params::default()
        } else {
            self.trial_request(trial_id, &id, &permit, &wish)?
        };
        let trial = Trial {
            id: trial_id,
            client_id: id.clone(),
            user_id: who.user().id,
            browser,
            request: request.encode(),
            expires_at: now + trial::LIFETIME,
            ended_at: machine.then_some(now),
        };
        let (tessera, source, actor) = (self.clone(), origin.clone(), permit.actor().clone());
        let begun = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    match tessera.may_touch(tx, &permit, &id, None).await? {
                        Ok(client) if client.disabled => {
                            return Ok(Err(Refused::Wrong(vec![
                                "a disabled client is refused before anything is looked at"
                                    .to_owned(),
                            ])));
                        }
                        Ok(_) => {}
                        Err(refused) => return Ok(Err(refused)),
                    }
                    trials::insert(tx, &trial).await?;
                    let event = of_trial(Kind::TrialBegun, actor, &trial);
                    tessera.record(tx, &event, &source);
                    Ok(Ok(trial))
                })
            })
            .await?;
        let trial = match begun {
            Ok(trial) => trial,
            Err(refused) => return Ok(Err(refused)),
        };
        if !machine {
            return Ok(Ok(Begun::Visit(format!("/authorize?{}", trial.request))));
        }
        let Some(client) = self.client(&trial.client_id).await? else {
            return Ok(Err(Refused::Absent));
        };
        let seen = self.try_machine(&client, &wish, &trial, origin).await?;
        Ok(Ok(Begun::Answered(Box::new((client, seen)))))
    }

    /// The request behind an authorization request, if it is that of a trial in this browser.
    ///
    /// # Errors
    /// If the database does not answer.
    pub(in crate::flows) async fn trial_behind(
        &self,
        request: &UncheckedRequest,
        client: &Client,
        arrival: Arrival,
    ) -> Result<Option<TrialReturn>, Internal> {
        let Some(uri) = request.single("redirect_uri") else {
            return Ok(None);
        };
        let Some(id) = trial::named_in(uri, self.issuer(), &client.id) else {
            return Ok(None);
        };
        let mut reader = &self.store;
        let found = trials::find(&mut reader, id).await?;
        let (browser, asked) = (arrival.browser, request.params().encode());
        Ok(found.and_then(|trial| trial.admit(&client.id, &browser, &asked, uri, self.now())))
    }

    /// The browser came back with an answer. It is taken once, from the one who began it, where they began it.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn finish_trial(
        &self,
        permit: &Permit<WriteClients>,
        who: &SignedIn,
        (client_id, id): (&ClientId, TrialId),
        (browser, answer): (Digest, &Params),
        origin: Origin,
    ) -> Result<Finished, Internal> {
        let mut reader = &self.store;
        let found = trials::find(&mut reader, id).await?;
        let Some(trial) = found.filter(|trial| {
            trial.client_id == *client_id
                && trial.user_id == who.user().id
                && trial.browser.is(&browser)
        }) else {
            return Ok(Finished::Unknown);
        };
        let client = self.client(client_id).await?;
        let Some(client) =
            client.filter(|client| !client.disabled && permit.within().holds(client.organisation))
        else {
            return Ok(Finished::Unknown);
        };
        let sent = self.sent_in(id)?;
        // RFC 6749 §10.12: an answer that nobody here asked for does not even end the trial.
        if answer.get("state") != Some(sent.state.as_str()) {
            return Ok(Finished::Unknown);
        }
        let Some(spent) = self.spend_trial(&trial).await? else {
            return Ok(Finished::Over);
        };
        let seen = self
            .follow(&client, (&trial, spent), (&sent, answer), origin)
            .await?;
        Ok(Finished::Seen(Box::new((client, seen))))
    }

    async fn spend_trial(&self, trial: &Trial) -> Result<Option<Spent>, Internal> {
        let (id, now) = (trial.id, self.now());
        let spent = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move { Ok(trials::end(tx, id, now).await?) })
            })
            .await?;
        Ok(spent.then_some(Spent(id)))
    }

    /// What the application would do with the answer.
    async fn follow(
        &self,
        client: &Arc<Client>,
        (trial, spent): (&Trial, Spent),
        (sent, answer): (&Sent, &Params),
        origin: Origin,
    ) -> Result<Transcript, Internal> {
        let request = Params::parse(trial.request.as_bytes()).map_err(Internal::other)?;
        let redirect_uri = request.get("redirect_uri").unwrap_or_default();
        let mut log = Log::new(self, client);
        log.sign_in(&request, redirect_uri, answer);
        log.check(Check::State, true);
        log.check(Check::Issuer, answer.get("iss") == Some(self.issuer()));
        if let Some(error) = answer.get("error") {
            log.failed(error);
        }
        if let Some(code) = answer.get("code") {
            let form = Params::parse(
                form_urlencoded::Serializer::new(String::new())
                    .append_pair("grant_type", "authorization_code")
                    .append_pair("code", code)
                    .append_pair("redirect_uri", redirect_uri)
                    .append_pair("code_verifier", &sent.verifier)
                    .finish()
                    .as_bytes(),
            )
            .map_err(Internal::other)?;
            let caller = Caller::StandIn(StandIn::new(Arc::clone(client), &spent));
            let tokens = self.token(caller, &form, origin.clone()).await?;
            log.token_request(&form, &tokens)?;
            log.check_id_token(&sent.nonce);
            if let Ok(tokens) = &tokens
                && tokens.scopes().any(|scope| scope == Scope::OPENID)
            {
                let answer = self.userinfo(tokens.access_token()).await?;
                log.userinfo(answer);
            }
            self.end_grant_of(&spent, code).await?;
        }
        let seen = log.done();
        self.record_finished(trial, &seen, origin).await?;
        Ok(seen)
    }

    /// Nobody is to be asked: the token of a machine, revoked before the page is made.
    async fn try_machine(
        &self,
        client: &Arc<Client>,
        wish: &Wish,
        trial: &Trial,
        origin: Origin,
    ) -> Result<Transcript, Internal> {
        let form = {
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.append_pair("grant_type", "client_credentials");
            wish.write(&mut form);
            Params::parse(form.finish().as_bytes()).map_err(Internal::other)?
        };
        let caller = Caller::StandIn(StandIn::new(Arc::clone(client), &Spent(trial.id)));
        let mut log = Log::new(self, client);
        let tokens = self.token(caller.clone(), &form, origin.clone()).await?;
        if let Ok(tokens) = &tokens {
            self.revoke_token(&caller, tokens.access_token(), origin.clone())
                .await?;
        }
        log.token_request(&form, &tokens)?;
        let seen = log.done();
        self.record_finished(trial, &seen, origin).await?;
        Ok(seen)
    }

    /// What came of the trial ends with it.
    async fn end_grant_of(&self, spent: &Spent, code: &str) -> Result<(), Internal> {
        let (trial, hash, now) = (spent.id(), Digest::of(code.as_bytes()), self.now());
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let grant = grants::lock_by_code(tx, hash).await?;
                    let code = codes::find(tx, hash).await?;
                    let ours = code.is_some_and(|code| code.trial == Some(trial));
                    if let Some(grant) = grant.filter(|_| ours) {
                        grants::end(tx, grant.id, now, "trial_over").await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    async fn record_finished(
        &self,
        trial: &Trial,
        seen: &Transcript,
        origin: Origin,
    ) -> Result<(), Internal> {
        let event = of_trial(Kind::TrialFinished, Actor::User(trial.user_id), trial);
        let event = match &seen.error {
            None => event,
            Some(code) => {
                // Only our own words: the answer came through the browser.
                let mut known = ErrorCode::ALL.iter().map(|known| known.as_str());
                event.failed(known.find(|known| known == code).unwrap_or("other"))
            }
        };
        self.record_alone(event, origin).await
    }

    /// The authorization request of a trial, as an application would send it.
    fn trial_request(
        &self,
        id: TrialId,
        client: &ClientId,
        permit: &Permit<WriteClients>,
        wish: &Wish,
    ) -> Result<Params, Internal> {
        let sent = self.sent_in(id)?;
        let mut redirect_uri = self.url(&trial::return_path(client, id));
        // The page is asked for within the organisation that the trial was begun in.
        if let Some(organisation) = permit.within().organisation() {
            redirect_uri.push_str(&format!("?organisation={organisation}"));
        }
        let challenge = Digest::of(sent.verifier.as_bytes());
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", client.as_str())
            .append_pair("redirect_uri", &redirect_uri);
        wish.write(&mut query);
        query
            .append_pair("state", &sent.state)
            .append_pair("nonce", &sent.nonce)
            .append_pair(
                "code_challenge",
                &URL_SAFE_NO_PAD.encode(challenge.as_bytes()),
            )
            .append_pair("code_challenge_method", "S256");
        Params::parse(query.finish().as_bytes()).map_err(Internal::other)
    }

    /// Derived, so that the database has nothing with which a code could be redeemed.
    fn sent_in(&self, id: TrialId) -> Result<Sent, Internal> {
        let one = |purpose| -> Result<String, Internal> {
            let mac = self.master.mac(purpose, &[id.0.as_bytes()])?;
            Ok(URL_SAFE_NO_PAD.encode(mac))
        };
        Ok(Sent {
            state: one("trial-state")?,
            nonce: one("trial-nonce")?,
            verifier: one("trial-verifier")?,
        })
    }
}

impl Wish {
    fn write(&self, form: &mut form_urlencoded::Serializer<'_, String>) {
        if !self.scope.is_empty() {
            form.append_pair("scope", &self.scope.to_string());
        }
        for resource in &self.resources {
            form.append_pair("resource", resource);
        }
        if let Some(prompt) = self.prompt {
            form.append_pair("prompt", prompt.as_str());
        }
        if let Some(acr) = &self.acr {
            form.append_pair("acr_values", acr);
        }
    }
}

fn of_trial(kind: Kind, actor: Actor, trial: &Trial) -> Event {
    Event::new(kind, actor)
        .with("client_id", &trial.client_id)
        .with("trial_id", trial.id)
}
