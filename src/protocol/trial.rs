//! A trial: an administrator runs a real sign-in of a client, to see what a developer would see on the wire.
//! Its answer comes back to a page of ours, which no client registered. So that address counts for one
//! request alone, and what is shown of tokens is good for nothing.

use std::time::Duration;

use crate::base::ids::{TrialId, UserId};
use crate::base::{Digest, Timestamp};
use crate::protocol::client::ClientId;

/// So long a trial may take, and so long at most what came of it lives.
pub const LIFETIME: Duration = Duration::from_mins(10);

/// A trial that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// Its id.
    pub id: TrialId,
    /// The client that is tried.
    pub client_id: ClientId,
    /// Who tries it, and the only one who may sign in for it.
    pub user_id: UserId,
    /// The browser in which it was begun.
    pub browser: Digest,
    /// The whole of the authorization request, as we made it. Nothing for a machine, which sends none.
    pub request: String,
    /// From then on it is over.
    pub expires_at: Timestamp,
    /// When it was answered, or given up.
    pub ended_at: Option<Timestamp>,
}

/// Proof that an authorization request belongs to a trial, and so may be answered at our own page. Made only
/// by [`Trial::admit`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrialReturn {
    id: TrialId,
    user_id: UserId,
    redirect_uri: String,
}

impl TrialReturn {
    /// Which trial.
    #[must_use]
    pub const fn id(&self) -> TrialId {
        self.id
    }

    /// Who tries: nobody else may sign in for it.
    #[must_use]
    pub const fn user_id(&self) -> UserId {
        self.user_id
    }

    /// Where the answer goes.
    #[must_use]
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }
}

impl Trial {
    /// Whether this request, from this browser, now, is the one that the trial was begun for. To the letter:
    /// with a challenge or a scope of somebody's own it is not, and then our page is no address of the client
    /// (RFC 9700 §2.1: "exact string matching").
    #[must_use]
    pub fn admit(
        &self,
        client_id: &ClientId,
        browser: &Digest,
        request: &str,
        redirect_uri: &str,
        now: Timestamp,
    ) -> Option<TrialReturn> {
        let fits = self.is_open(browser, now)
            && self.client_id == *client_id
            && !request.is_empty()
            && self.request == request;
        fits.then(|| TrialReturn {
            id: self.id,
            user_id: self.user_id,
            redirect_uri: redirect_uri.to_owned(),
        })
    }

    /// Whether it goes on in this browser.
    #[must_use]
    pub fn is_open(&self, browser: &Digest, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.expires_at && self.browser.is(browser)
    }
}

/// The page below which answers come back.
#[must_use]
pub fn return_path(client_id: &ClientId, id: TrialId) -> String {
    format!("/admin/clients/{client_id}/try/{id}")
}

/// Which trial of `client_id` an address of ours names, if any.
#[must_use]
pub fn named_in(uri: &str, issuer: &str, client_id: &ClientId) -> Option<TrialId> {
    let below = format!("{issuer}/admin/clients/{client_id}/try/");
    let rest = uri.strip_prefix(below.as_str())?;
    let id = rest.split('?').next()?;
    id.parse().ok().map(TrialId)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Entropy;

    const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);
    const REQUEST: &str = "response_type=code&client_id=app&code_challenge=x";
    const URI: &str = "https://id.example/admin/clients/app/try/1";

    fn trial() -> Trial {
        let entropy = Entropy::seeded(1);
        Trial {
            id: TrialId::new(NOW, &entropy),
            client_id: ClientId::new("app"),
            user_id: UserId::new(NOW, &entropy),
            browser: Digest::of(b"browser"),
            request: REQUEST.to_owned(),
            expires_at: NOW + LIFETIME,
            ended_at: None,
        }
    }

    #[test]
    fn rfc9700_2_1_the_return_page_counts_for_the_one_request_of_the_trial() {
        let (good, app, here) = (trial(), ClientId::new("app"), Digest::of(b"browser"));
        let admitted = good.admit(&app, &here, REQUEST, URI, NOW).unwrap();
        assert_eq!((admitted.id(), admitted.user_id()), (good.id, good.user_id));
        assert_eq!(admitted.redirect_uri(), URI);
        let refused = |trial: &Trial, client: &str, browser: &[u8], request: &str, now| {
            trial.admit(
                &ClientId::new(client),
                &Digest::of(browser),
                request,
                URI,
                now,
            )
        };
        let another_challenge = "response_type=code&client_id=app&code_challenge=y";
        for (client, browser, request, now) in [
            ("other", &b"browser"[..], REQUEST, NOW),
            ("app", b"another browser", REQUEST, NOW),
            ("app", b"browser", another_challenge, NOW),
            ("app", b"browser", "", NOW),
            ("app", b"browser", REQUEST, NOW + LIFETIME),
        ] {
            assert_eq!(refused(&good, client, browser, request, now), None);
        }
        let over = Trial {
            ended_at: Some(NOW),
            ..trial()
        };
        assert_eq!(over.admit(&app, &here, REQUEST, URI, NOW), None);
        // A machine's trial has no request at all: an empty one is none either.
        let machine = Trial {
            request: String::new(),
            ..trial()
        };
        assert_eq!(machine.admit(&app, &here, "", URI, NOW), None);
    }

    #[test]
    fn only_an_address_of_ours_below_the_client_names_a_trial() {
        let (app, id) = (ClientId::new("app"), trial().id);
        let path = return_path(&app, id);
        let named = |uri: &str| named_in(uri, "https://id.example", &app);
        assert_eq!(named(&format!("https://id.example{path}")), Some(id));
        let within = format!("https://id.example{path}?organisation={id}");
        assert_eq!(named(&within), Some(id));
        for other in [
            format!("https://evil.example{path}"),
            format!("https://id.example.evil{path}"),
            format!("https://id.example/x{path}"),
            format!("https://id.example{path}/"),
            format!("https://id.example/admin/clients/other/try/{id}"),
            "https://id.example/admin/clients/app/try/".to_owned(),
        ] {
            assert_eq!(named(&other), None, "{other}");
        }
    }
}
