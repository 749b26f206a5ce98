//! People over a real SQLite database: their sessions and letters here, the rest by theme.

#[path = "guessing_tests.rs"]
mod guessing;
#[path = "joining_tests.rs"]
mod joining;
#[path = "password_tests.rs"]
mod password;

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use super::Tessera;
use super::account::NewUser;
use super::admission::Visit;
use super::letters::{LetterKind, LetterRequest};
use super::login::{SignInAttempt, SignInOutcome};
use super::password_change::PasswordChange;
use super::reset_password::Reset;
use super::session::SignedIn;
use super::set_up::{SetUp, SetUpLink};
use super::sign_up::{SignUp, SignUpRequest};
use crate::base::ids::SessionId;
use crate::base::{Clock, Digest, Entropy, Secret, Timestamp};
use crate::config::{Config, DatabaseUrl, SignUpMode};
use crate::crypto::seal::MasterKey;
use crate::outside::Message;
use crate::protocol::audit::{Actor, Origin};
use crate::storage::outbox::{self, Channel};
use crate::storage::users::User;

pub(super) const PASSWORD: &str = "correct horse battery";
const WRONG: &str = "incorrect horse";

pub(super) struct World {
    pub(super) tessera: Tessera,
    folder: PathBuf,
}

impl Drop for World {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

pub(super) fn origin(address: &str) -> Origin {
    Origin {
        address: Some(address.parse().unwrap()),
        request_id: "test".to_owned(),
    }
}

pub(super) fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

/// RFC 2544 appendix C.2.2: 198.18.0.0/15, for tests.
pub(super) fn a_thousand_addresses() -> impl Iterator<Item = String> {
    (0..1_000).map(|n| format!("198.18.{}.{}", n / 250, n % 250))
}

pub(super) fn visit(device: Option<&Secret<String>>) -> Visit {
    Visit {
        device: device.cloned(),
        user_agent: "test".to_owned(),
        here: Vec::new(),
        lang: "en".to_owned(),
    }
}

impl World {
    /// How many tries are recorded as not even checked.
    pub(super) async fn slowed(&self) -> usize {
        self.tessera.store.seal_audit().await.unwrap();
        let events = crate::storage::audit::newest(&self.tessera.store, 2_000).await;
        let events = events.unwrap();
        let slowed = |body: &&String| body.contains("\"sign_in.slowed\"");
        events.iter().filter(slowed).count()
    }

    pub(super) async fn new() -> Self {
        let unique = u64::from_ne_bytes(Entropy::system().bytes());
        let folder = std::env::temp_dir().join(format!("tessera-people-{unique}"));
        let database = folder.join("t.db");
        let mut config = Config::default();
        config.database.url =
            DatabaseUrl::parse(&format!("sqlite:{}", database.display())).unwrap();
        config.passwords.memory_kib = 8;
        config.passwords.iterations = 1;
        config.passwords.queue = 1_000;
        config.sign_up.mode = SignUpMode::Open;
        let clock = Clock::manual(Timestamp::from_seconds(1_800_000_000));
        let master = MasterKey::generate(&Entropy::system());
        let tessera = Tessera::new(config, master, clock, Entropy::system()).unwrap();
        tessera.store.migrate().await.unwrap();
        Self { tessera, folder }
    }

    pub(super) async fn user(&self, name: &str) -> User {
        let new = new_user(name);
        let made = self
            .tessera
            .create_user(new, Actor::Operator, Origin::default());
        made.await.unwrap().unwrap()
    }

    pub(super) async fn try_from(
        &self,
        address: &str,
        login: &str,
        password: &str,
        device: Option<&Secret<String>>,
        current: Option<SessionId>,
    ) -> SignInOutcome {
        let attempt = SignInAttempt {
            login: login.to_owned(),
            password: secret(password),
            visit: Visit {
                here: current.into_iter().collect(),
                ..visit(device)
            },
            captcha: None,
        };
        self.tessera
            .sign_in(attempt, origin(address))
            .await
            .unwrap()
    }

    pub(super) async fn sign_in(&self, login: &str) -> (SignedIn, Option<Secret<String>>) {
        match self
            .try_from("192.0.2.1", login, PASSWORD, None, None)
            .await
        {
            SignInOutcome::SignedIn { signed_in, device } => (*signed_in, device),
            other => panic!("{other:?}"),
        }
    }

    async fn lives(&self, signed_in: &SignedIn) -> bool {
        let id = signed_in.session().id;
        self.tessera.resolve_session(id).await.unwrap().is_some()
    }

    /// Takes every letter out of the outbox, as the mail job does.
    pub(super) async fn letters(&self) -> Vec<LetterRequest> {
        let seen = std::sync::Arc::new(Mutex::new(Vec::new()));
        let into = std::sync::Arc::clone(&seen);
        let write = move |letter: &LetterRequest| {
            into.lock().unwrap().push(letter.clone());
            Some(Message {
                to: letter.to.clone(),
                subject: "s".to_owned(),
                text: "t".to_owned(),
                html: None,
            })
        };
        let sent = self.tessera.deliver_letters(&write).await.unwrap();
        let letters = std::mem::take(&mut *seen.lock().unwrap());
        assert_eq!(sent, letters.len());
        letters
    }

    pub(super) async fn link_token(&self, kind: LetterKind) -> Secret<String> {
        let letters = self.letters().await;
        assert_eq!(
            letters.iter().map(|letter| letter.kind).collect::<Vec<_>>(),
            [kind]
        );
        let link = letters[0].link.clone().unwrap();
        secret(link.split_once("token=").unwrap().1)
    }
}

fn new_user(name: &str) -> NewUser {
    NewUser {
        username: name.to_owned(),
        email: format!("{name}@example.org"),
        name: String::new(),
        password: secret(PASSWORD),
        administrator: false,
        email_verified: true,
    }
}

fn kind_of(outcome: &SignInOutcome) -> &'static str {
    match outcome {
        SignInOutcome::SignedIn { .. } => "signed in",
        SignInOutcome::More(_) => "more",
        SignInOutcome::Puzzle => "puzzle",
        SignInOutcome::Wrong => "wrong",
        SignInOutcome::Slowed { .. } => "slowed",
    }
}

#[tokio::test]
async fn the_same_person_renews_the_session_and_another_one_begins_their_own() {
    let world = World::new().await;
    world.user("alice").await;
    world.user("bobby").await;
    let (first, _) = world.sign_in("alice").await;
    let id = first.session().id;
    world.tessera.clock.advance(Duration::from_mins(5));
    let again = world
        .try_from("192.0.2.1", "alice", PASSWORD, None, Some(id))
        .await;
    let SignInOutcome::SignedIn { signed_in, .. } = again else {
        panic!()
    };
    assert_eq!(signed_in.session().id, id);
    assert_eq!(
        signed_in.session().proofs.latest(),
        Some(world.tessera.now())
    );
    let other = world
        .try_from("192.0.2.1", "bobby", PASSWORD, None, Some(id))
        .await;
    let SignInOutcome::SignedIn { signed_in, .. } = other else {
        panic!()
    };
    assert_ne!(signed_in.session().id, id);
    assert!(world.lives(&first).await && world.lives(&signed_in).await);
}

#[tokio::test]
async fn a_session_ends_when_idle_and_in_any_case() {
    let world = World::new().await;
    world.user("alice").await;
    let sessions = world.tessera.config.sessions.clone();
    let (idle, _) = world.sign_in("alice").await;
    world.tessera.clock.advance(sessions.idle_lifetime);
    assert!(!world.lives(&idle).await);
    let (used, _) = world.sign_in("alice").await;
    let step = sessions.idle_lifetime / 2;
    let mut lived = Duration::ZERO;
    while world.lives(&used).await {
        world.tessera.clock.advance(step);
        lived += step;
        assert!(lived <= sessions.absolute_lifetime);
    }
    assert_eq!(lived, sessions.absolute_lifetime);
}

#[tokio::test]
async fn a_letter_that_cannot_be_opened_is_dropped_and_holds_up_no_other() {
    let world = World::new().await;
    world.user("alice").await;
    let now = world.tessera.now();
    let id = crate::base::ids::uuid_v7(now, &Entropy::system());
    let until = now + Duration::from_hours(1);
    world
        .tessera
        .store
        .write::<_, crate::storage::StorageError, _>(move |tx| {
            Box::pin(async move {
                let channel = Channel::Letter;
                outbox::insert(tx, id, channel, "not sealed by us", now, until).await
            })
        })
        .await
        .unwrap();
    world
        .tessera
        .request_reset("alice", "en", origin("192.0.2.1"))
        .await
        .unwrap();
    assert_eq!(world.letters().await.len(), 1);
    world.tessera.clock.advance(Duration::from_mins(10));
    assert!(world.letters().await.is_empty());
}
