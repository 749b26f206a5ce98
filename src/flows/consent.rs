//! A person allows or denies what a client asks for.

use super::accounts::Present;
use super::authorize::{Checked, Next};
use super::session::SignedIn;
use super::ticket::Arrival;
use super::{Internal, Tessera};
use crate::base::ids::{TrialId, UserId};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::authorize::ConsentView;
use crate::protocol::client::ClientId;
use crate::protocol::error::{ErrorCode, OAuthError};
use crate::storage::consents::{self, Consent};
use crate::storage::{Reader, trials, users};

impl Tessera {
    /// The request behind a consent page, checked anew. The error is what to show instead.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn consent_request(
        &self,
        query: &str,
        arrival: Arrival,
    ) -> Result<Result<Checked, Next>, Internal> {
        self.check_request(query.as_bytes(), arrival).await
    }

    /// Remembers what was allowed, together with what was allowed before, and goes on.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn allow(
        &self,
        checked: Checked,
        signed_in: &SignedIn,
        present: Present<'_>,
        origin: &Origin,
    ) -> Result<Next, Internal> {
        let (user, client) = (signed_in.user().id, checked.client.id.clone());
        let request = &checked.request;
        let (asked, at) = (
            request.consent_scope().clone(),
            request.resources().to_vec(),
        );
        let event = Event::new(Kind::Consent, Actor::User(user))
            .with("client_id", client.as_str())
            .with("scope", asked.to_string())
            .with("trial_id", checked.trial_id());
        let trial = checked.trial_id();
        if !checked.is_for(user) {
            // Who allows is not whom the trial is about: decided anew, they are asked to sign in.
            let query = checked.request_query();
            let next = self.authorize(query.as_bytes(), checked.arrival, present, origin);
            return next.await;
        }
        let (tessera, source, now) = (self.clone(), origin.clone(), self.now());
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    // Under the lock of the account: what is taken back at the same time in another
                    // tab does not come back with the union.
                    users::lock(tx, user).await?;
                    let before = consented(tx, user, &client, trial).await?;
                    let mut resources = before.resources;
                    resources.extend(at);
                    resources.sort_unstable();
                    resources.dedup();
                    let (scope, granted_at) = (before.scope.union(&asked), now);
                    match trial {
                        // Of no weight for the application itself.
                        Some(trial) => {
                            let allowed = ConsentView {
                                scope,
                                resources,
                                granted_at,
                            };
                            trials::allow(tx, trial, &allowed).await?;
                        }
                        None => {
                            let consent = Consent {
                                client_id: client,
                                scope,
                                resources,
                                granted_at,
                            };
                            consents::put(tx, user, &consent).await?;
                        }
                    }
                    tessera.record(tx, &event, &source);
                    Ok(())
                })
            })
            .await?;
        // Decided anew: `max_age` may have run out while the page was open.
        let query = checked.request_query();
        self.authorize(query.as_bytes(), checked.arrival, present, origin)
            .await
    }

    /// Tells the client that the person said no. Nothing is remembered.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn deny(
        &self,
        checked: Checked,
        signed_in: &SignedIn,
        origin: Origin,
    ) -> Result<Next, Internal> {
        let event = Event::new(Kind::Consent, Actor::User(signed_in.user().id))
            .failed("denied")
            .with("client_id", checked.client.id.as_str())
            .with("trial_id", checked.trial_id());
        self.record_alone(event, origin).await?;
        let error = OAuthError::new(ErrorCode::AccessDenied, "the person did not allow it");
        Ok(self.refuse(checked.request.return_path(), &error, checked.client))
    }
}

/// What this person allowed this client before. In a trial, what they allowed in it, once they were asked there.
pub(super) async fn consented(
    reader: &mut impl Reader,
    user: UserId,
    client: &ClientId,
    trial: Option<TrialId>,
) -> Result<ConsentView, Internal> {
    if let Some(trial) = trial
        && let Some(allowed) = trials::allowed(reader, trial).await?
    {
        return Ok(allowed);
    }
    let consent = consents::find(reader, user, client).await?;
    Ok(
        consent.map_or_else(ConsentView::default, |consent| ConsentView {
            scope: consent.scope,
            resources: consent.resources,
            granted_at: consent.granted_at,
        }),
    )
}
