//! People sign in, sign up and forget their passwords, over a real SQLite database.

#[path = "guessing_tests.rs"]
mod guessing;

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use super::Tessera;
use super::account::{NewUser, PasswordChange};
use super::letters::{LetterKind, LetterRequest};
use super::login::{SignInAttempt, SignInOutcome};
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
use crate::storage::mail;
use crate::storage::users::User;

const PASSWORD: &str = "correct horse battery";
const WRONG: &str = "incorrect horse";

struct World {
    tessera: Tessera,
    folder: PathBuf,
}

impl Drop for World {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

fn origin(address: &str) -> Origin {
    Origin {
        address: Some(address.parse().unwrap()),
        request_id: "test".to_owned(),
    }
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

impl World {
    async fn new() -> Self {
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

    async fn user(&self, name: &str) -> User {
        let new = new_user(name);
        let made = self
            .tessera
            .create_user(new, Actor::Operator, Origin::default());
        made.await.unwrap().unwrap()
    }

    async fn try_from(
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
            device: device.cloned(),
            user_agent: "test".to_owned(),
            current,
        };
        self.tessera
            .sign_in(attempt, origin(address))
            .await
            .unwrap()
    }

    async fn sign_in(&self, login: &str) -> (SignedIn, Option<Secret<String>>) {
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
    async fn letters(&self) -> Vec<LetterRequest> {
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

    async fn link_token(&self, kind: LetterKind) -> Secret<String> {
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
        is_admin: false,
        email_verified: true,
    }
}

fn kind_of(outcome: &SignInOutcome) -> &'static str {
    match outcome {
        SignInOutcome::SignedIn { .. } => "signed in",
        SignInOutcome::Wrong => "wrong",
        SignInOutcome::Slowed { .. } => "slowed",
    }
}

#[tokio::test]
async fn the_same_person_renews_the_session_and_another_one_ends_it() {
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
    assert_eq!(signed_in.session().auth_time, world.tessera.now());
    let other = world
        .try_from("192.0.2.1", "bobby", PASSWORD, None, Some(id))
        .await;
    assert_eq!(kind_of(&other), "signed in");
    assert!(!world.lives(&first).await);
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
async fn a_reset_ends_every_session_works_once_and_frees_the_account() {
    let world = World::new().await;
    world.user("alice").await;
    let (session, _) = world.sign_in("alice").await;
    for _ in 0..6 {
        world
            .try_from("192.0.2.7", "alice", WRONG, None, None)
            .await;
    }
    let tessera = &world.tessera;
    tessera
        .request_reset("alice@example.org", "en", origin("192.0.2.1"))
        .await
        .unwrap();
    let old = world.link_token(LetterKind::ResetPassword).await;
    tessera
        .request_reset("alice", "en", origin("192.0.2.1"))
        .await
        .unwrap();
    let token = world.link_token(LetterKind::ResetPassword).await;
    let reset = async |token: &Secret<String>, password: &str| {
        let reset = tessera.reset_password(token, secret(password), "en", Origin::default());
        reset.await.unwrap()
    };
    assert!(matches!(reset(&token, "alice123").await, Reset::Refused(_)));
    // At once from two browsers: one wins.
    let (one, two) = tokio::join!(
        reset(&token, "a new long one"),
        reset(&token, "another long one")
    );
    assert_eq!(
        [&one, &two]
            .iter()
            .filter(|reset| ***reset == Reset::Changed)
            .count(),
        1
    );
    // And every other link is void.
    assert_eq!(reset(&old, "a third long one").await, Reset::Expired);
    assert!(!world.lives(&session).await);
    let new = if one == Reset::Changed {
        "a new long one"
    } else {
        "another long one"
    };
    let outcome = world.try_from("192.0.2.7", "alice", new, None, None).await;
    assert_eq!(kind_of(&outcome), "signed in");
    let old_password = world
        .try_from("192.0.2.7", "alice", PASSWORD, None, None)
        .await;
    assert_eq!(kind_of(&old_password), "wrong");
    let letters = world.letters().await;
    assert_eq!(letters[0].kind, LetterKind::PasswordChanged);
    assert!(letters[0].link.is_some());
}

#[tokio::test]
async fn a_reset_link_dies_with_its_time_and_strangers_are_sent_nothing() {
    let world = World::new().await;
    world.user("alice").await;
    let tessera = &world.tessera;
    assert_eq!(
        tessera
            .request_reset("nobody", "en", origin("192.0.2.1"))
            .await
            .unwrap(),
        None
    );
    assert!(world.letters().await.is_empty());
    tessera
        .request_reset("alice", "en", origin("192.0.2.1"))
        .await
        .unwrap();
    let token = world.link_token(LetterKind::ResetPassword).await;
    assert!(tessera.peek_reset(&token).await.unwrap().is_some());
    tessera.clock.advance(Duration::from_mins(30));
    assert!(tessera.peek_reset(&token).await.unwrap().is_none());
    // The decoy of a stranger opens nothing, and neither does a link of another purpose.
    assert!(tessera.peek_sign_up(&token).await.unwrap().is_none());
}

#[tokio::test]
async fn a_sign_up_is_confirmed_by_letter_once_and_tells_strangers_nothing() {
    let world = World::new().await;
    let tessera = &world.tessera;
    let here = Digest::of(b"this browser");
    let ask = async |email: &str| {
        let request = SignUpRequest {
            email: email.to_owned(),
            name: "Carol".to_owned(),
            password: secret(PASSWORD),
            lang: "en".to_owned(),
            ticket: Some("ticket".to_owned()),
            browser: here,
        };
        let asked = tessera
            .request_sign_up(request, origin("192.0.2.1"))
            .await
            .unwrap();
        assert!(matches!(asked, SignUp::LetterSent), "{asked:?}");
    };
    ask("carol@example.org").await;
    let first = world.link_token(LetterKind::VerifyEmail).await;
    // An unproven address blocks nobody: its owner may still sign up.
    ask("carol@example.org").await;
    let second = world.link_token(LetterKind::VerifyEmail).await;
    assert_eq!(
        tessera.peek_sign_up(&first).await.unwrap().unwrap(),
        "carol@example.org"
    );
    let confirmed = tessera
        .confirm_sign_up(&second, here, Origin::default())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(confirmed.user.username, "carol@example.org");
    assert!(confirmed.user.email_verified);
    assert_eq!(confirmed.ticket.as_deref(), Some("ticket"));
    for token in [&first, &second] {
        let again = tessera
            .confirm_sign_up(token, here, Origin::default())
            .await
            .unwrap();
        assert!(again.is_none());
    }
    ask("Carol@example.org").await;
    let letters = world.letters().await;
    assert_eq!(letters[0].kind, LetterKind::AccountExists);
    world.sign_in("carol@example.org").await;
}

#[tokio::test]
async fn a_change_of_password_ends_the_other_sessions_and_slows_guesses() {
    let world = World::new().await;
    world.user("alice").await;
    let (here, _) = world.sign_in("alice").await;
    let (there, _) = world.sign_in("alice").await;
    let change = async |current: &str, new: &str| {
        let origin = origin("192.0.2.1");
        let tessera = &world.tessera;
        let changed = tessera.change_password(&here, secret(current), secret(new), "en", origin);
        changed.await.unwrap()
    };
    for _ in 0..10 {
        assert!(matches!(
            change(PASSWORD, "short").await,
            PasswordChange::Refused(_)
        ));
    }
    for _ in 0..5 {
        assert_eq!(
            change(WRONG, "a new long one").await,
            PasswordChange::WrongPassword
        );
    }
    let slowed = change(PASSWORD, "a new long one").await;
    assert!(matches!(slowed, PasswordChange::Slowed(_)));
    world.tessera.clock.advance(Duration::from_secs(31));
    assert_eq!(
        change(PASSWORD, "a new long one").await,
        PasswordChange::Changed
    );
    assert!(world.lives(&here).await);
    assert!(!world.lives(&there).await);
}

#[tokio::test]
async fn the_set_up_link_makes_one_administrator_and_newer_links_void_older_ones() {
    let world = World::new().await;
    let tessera = &world.tessera;
    let offer = async || {
        let link = tessera.offer_set_up_link().await.unwrap();
        link.map(|link| secret(link.split_once("token=").unwrap().1))
    };
    let (old, new) = (offer().await.unwrap(), offer().await.unwrap());
    let create = async |token: &Secret<String>, name: &str| {
        let made = tessera.create_first_admin(token, new_user(name), Origin::default());
        made.await.unwrap()
    };
    assert!(matches!(
        create(&old, "rooty").await,
        SetUp::Refused(SetUpLink::Expired)
    ));
    let (one, two) = tokio::join!(create(&new, "rooty"), create(&new, "toory"));
    let made = |outcome: &SetUp| matches!(outcome, SetUp::Created(user) if user.is_admin);
    assert!(made(&one) != made(&two));
    assert!(offer().await.is_none());
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
            Box::pin(async move { mail::insert(tx, id, "not sealed by us", now, until).await })
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
