//! A Tessera with a database of its own and a clock that stands still.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, Response, header};
use serde_json::Value;
use tessera::base::{Clock, Entropy, Secret, Timestamp};
use tessera::config::{Config, DatabaseUrl};
use tessera::crypto::seal::MasterKey;
use tessera::flows::account::NewUser;
use tessera::flows::letters::{LetterKind, LetterRequest};
use tessera::flows::{Tessera, rotate_keys};
use tessera::protocol::access::Permit;
use tessera::protocol::audit::{Actor, Origin};
use tessera::protocol::client::ClientId;
use tessera::storage::users::{self, User};
use tower::ServiceExt as _;

/// The password of every person in the tests.
pub const PASSWORD: &str = "correct horse battery staple";

/// The issuer of every test.
pub const ISSUER: &str = "http://localhost:8080";

/// A running Tessera without a socket.
#[derive(Clone)]
pub struct World {
    /// Its use cases.
    pub tessera: Tessera,
    clock: Clock,
    router: Router,
    folder: std::sync::Arc<Folder>,
}

/// Removed when the last clone of the world is gone.
struct Folder(std::path::PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// What came back.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: axum::http::HeaderMap,
    /// The body.
    pub body: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|e| panic!("not JSON ({e}): {} {}", self.status, self.body))
    }

    /// A header as text; empty if it is missing.
    pub fn header(&self, name: &str) -> String {
        self.headers
            .get(name)
            .map(|value| value.to_str().expect("ASCII").to_owned())
            .unwrap_or_default()
    }

    /// The OAuth error code of a JSON body.
    pub fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_default().to_owned()
    }
}

impl World {
    /// On a SQLite file in a folder of its own.
    pub async fn sqlite() -> Self {
        Self::sqlite_with(|_| {}).await
    }

    /// As [`World::sqlite`], with other settings.
    pub async fn sqlite_with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = folder();
        let url = format!("sqlite:{}", folder.0.join("tessera.db").display());
        Self::start(folder, &url, change).await
    }

    /// On a PostgreSQL database of its own, if there is a server.
    pub async fn postgres_with(change: impl FnOnce(&mut Config)) -> Option<Self> {
        let server = std::env::var("TESSERA_TEST_POSTGRES_URL").ok()?;
        let folder = folder();
        let name = format!(
            "test_{}",
            folder
                .0
                .file_name()?
                .to_str()?
                .replace('-', "_")
                .to_lowercase()
        );
        let admin = sqlx::PgPool::connect(&server).await.expect("PostgreSQL");
        sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .execute(&admin)
            .await
            .expect("a database for the test");
        admin.close().await;
        let (base, _) = server.rsplit_once('/').expect("a database in the URL");
        Some(Self::start(folder, &format!("{base}/{name}"), change).await)
    }

    async fn start(folder: Folder, url: &str, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::default();
        config.database.url = DatabaseUrl::parse(url).expect("a database URL");
        config.database.max_connections = 8;
        // The cost of a password is not what is tested.
        config.passwords.memory_kib = 64;
        config.passwords.iterations = 1;
        config.outbound.allow_private_networks = true;
        change(&mut config);
        let clock = Clock::manual(Timestamp::from_seconds(1_800_000_000));
        let entropy = Entropy::system();
        let master = MasterKey::generate(&entropy);
        let tessera = Tessera::new(config, master, clock.clone(), entropy).expect("the parts fit");
        tessera.store.migrate().await.expect("the schema");
        rotate_keys::tick(&tessera).await.expect("keys");
        tessera.load_keys().await.expect("keys");
        Self {
            router: tessera::web::router(tessera.clone()),
            tessera,
            clock,
            folder: std::sync::Arc::new(folder),
        }
    }

    /// Another node on the same database with the same keys and clock, and other settings.
    pub async fn beside(&self, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = self.tessera.config.clone();
        change(&mut config);
        let (master, entropy) = ((*self.tessera.master).clone(), Entropy::system());
        let tessera =
            Tessera::new(config, master, self.clock.clone(), entropy).expect("the parts fit");
        tessera.load_keys().await.expect("keys");
        Self {
            router: tessera::web::router(tessera.clone()),
            tessera,
            ..self.clone()
        }
    }

    /// A file that goes when the world goes.
    pub fn file(&self, name: &str) -> std::path::PathBuf {
        self.folder.0.join(name)
    }

    /// Moves the clock.
    pub fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Sends a request through the whole router, from 192.0.2.1.
    pub async fn send(&self, mut request: Request<Body>) -> Answer {
        let peer: std::net::SocketAddr = "192.0.2.1:4000".parse().expect("an address");
        if request
            .extensions()
            .get::<ConnectInfo<std::net::SocketAddr>>()
            .is_none()
        {
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        let response: Response<Body> = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("the router answers");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 8 << 20).await.expect("a body");
        let is_picture = parts
            .headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|value| value.as_bytes().starts_with(b"image/"));
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: if is_picture {
                String::from_utf8_lossy(&bytes).into_owned()
            } else {
                String::from_utf8(bytes.to_vec()).expect("UTF-8")
            },
        }
    }

    /// `GET`
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).expect("a request"))
            .await
    }

    /// `POST` of a form with further headers.
    pub async fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        form: &[(&str, &str)],
    ) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        self.post_raw(path, headers, body.into_bytes()).await
    }

    /// `POST` of bytes that say that they are a form.
    pub async fn post_raw(&self, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let mut request =
            Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body)).expect("a request"))
            .await
    }

    /// Registers a client from RFC 7591 metadata; its id and secret (empty for none).
    pub async fn client(&self, metadata: Value) -> (String, String) {
        let (body, permit) = (metadata.to_string(), Permit::of_operator());
        let made = self
            .tessera
            .create_client(permit, body.as_bytes(), Origin::default());
        let (client, secret) = made.await.expect("the database").expect("registered");
        (
            client.id.to_string(),
            secret.map(|s| s.expose().clone()).unwrap_or_default(),
        )
    }

    /// Disables or enables a client, as the operator.
    pub async fn switch_client(&self, id: &str, disabled: bool) {
        let (permit, id) = (Permit::of_operator(), ClientId::new(id));
        let switched = self
            .tessera
            .switch_client(permit, id, disabled, None, Origin::default());
        switched.await.expect("the database").expect("there");
    }

    /// Gives a client another secret, as the operator.
    pub async fn renew_secret(&self, id: &str, overlap: Duration) -> String {
        let (permit, id) = (Permit::of_operator(), ClientId::new(id));
        let renewed = self
            .tessera
            .renew_secret(permit, id, overlap, Origin::default());
        let (_, secret) = renewed.await.expect("the database").expect("a secret");
        secret.expose().clone()
    }

    /// Makes an account with [`PASSWORD`].
    pub async fn user(&self, username: &str) -> User {
        let new = NewUser {
            username: username.to_owned(),
            email: format!("{username}@example.org"),
            name: format!("{username} Example"),
            password: Secret::new(PASSWORD.to_owned()),
            administrator: false,
            email_verified: true,
        };
        self.tessera
            .create_user(new, Actor::Operator, Origin::default())
            .await
            .expect("the database")
            .expect("a good account")
    }

    /// Gives somebody another password, as from another place.
    pub async fn set_password(&self, user: &User, password: &str) {
        let tessera = &self.tessera;
        let (password, salt) = (Secret::new(password.to_owned()), tessera.entropy.bytes());
        let hash = tessera
            .passwords
            .hash(password, salt)
            .await
            .expect("a hash");
        let (id, now) = (user.id, tessera.now());
        let write = tessera
            .store
            .write::<_, tessera::flows::Internal, _>(move |tx| {
                Box::pin(async move { Ok(users::set_password(tx, id, hash.as_phc(), now).await?) })
            });
        write.await.expect("written");
    }

    /// Takes every letter out of the outbox, as the mail job does; but for those about new devices, which
    /// come with every second browser of a test.
    pub async fn letters(&self) -> Vec<LetterRequest> {
        let mut letters = self.all_letters().await;
        letters.retain(|letter| letter.kind != LetterKind::NewDevice);
        letters
    }

    /// Takes every letter out of the outbox.
    pub async fn all_letters(&self) -> Vec<LetterRequest> {
        let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let into = std::sync::Arc::clone(&seen);
        let looks = self.tessera.looks();
        let write = move |letter: &LetterRequest| {
            into.lock().expect("the letters").push(letter.clone());
            tessera::web::letters::write(&looks, letter)
        };
        self.tessera.deliver_letters(&write).await.expect("sent");
        std::mem::take(&mut *seen.lock().expect("the letters"))
    }

    /// The link of the only letter in the outbox, which is of this kind.
    pub async fn letter_link(&self, kind: LetterKind) -> String {
        let letters = self.letters().await;
        let kinds: Vec<_> = letters.iter().map(|letter| letter.kind).collect();
        assert_eq!(kinds, [kind]);
        letters[0].link.clone().expect("a link")
    }

    /// The newest audit events, newest first.
    pub async fn audit(&self) -> Vec<Value> {
        self.tessera.store.seal_audit().await.expect("sealed");
        tessera::storage::audit::newest(&self.tessera.store, 100)
            .await
            .expect("events")
            .iter()
            .map(|body| serde_json::from_str(body).expect("JSON"))
            .collect()
    }
}

fn folder() -> Folder {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let random = u64::from_le_bytes(Entropy::system().bytes());
    let folder = std::env::temp_dir().join(format!("tessera-{number}-{random:x}"));
    std::fs::create_dir_all(&folder).expect("a folder");
    Folder(folder)
}
