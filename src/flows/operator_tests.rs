//! The operator's flows over a real SQLite database in a folder of its own.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Tessera, clients, master_key, purge, rotate_keys};
use crate::base::{Clock, Entropy, Timestamp};
use crate::config::{Config, DatabaseUrl};
use crate::crypto::jose::{KeyManagementAlgorithm, SigningAlgorithm};
use crate::crypto::seal::MasterKey;
use crate::flows::administration::Refused;
use crate::protocol::access::Permit;
use crate::protocol::audit::{Actor, Origin};
use crate::protocol::client_auth::secret::check_secret;
use crate::protocol::key_lifecycle::{KeyState, RotateNow};
use crate::storage::audit::{self, Chain};

const ES256: SigningAlgorithm = SigningAlgorithm::ES256;

/// Removed when the test ends.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        let unique = u64::from_ne_bytes(Entropy::system().bytes());
        let path = std::env::temp_dir().join(format!("tessera-operator-{unique}"));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

pub(super) async fn tessera(database: &Path, master: u64) -> Tessera {
    let mut config = Config::default();
    config.database.url = DatabaseUrl::parse(&format!("sqlite:{}", database.display())).unwrap();
    let clock = Clock::manual(Timestamp::from_seconds(1_800_000_000));
    let master = MasterKey::generate(&Entropy::seeded(master));
    let tessera = Tessera::new(config, master, clock, Entropy::system()).unwrap();
    tessera.store.migrate().await.unwrap();
    tessera
}

pub(super) async fn states(tessera: &Tessera) -> Vec<KeyState> {
    let mut reader = &tessera.store;
    let records = rotate_keys::records(&mut reader).await.unwrap();
    let of_es256 = records.iter().filter(|record| record.alg == ES256.into());
    of_es256.map(|record| record.state).collect()
}

pub(super) async fn chain_holds(tessera: &Tessera) -> bool {
    let chain = Chain::new(std::sync::Arc::clone(&tessera.master));
    let found = audit::verify(&tessera.store, &chain).await.unwrap();
    found.broken_at.is_none() && found.unsealed == 0 && found.checked > 0
}

#[tokio::test]
async fn keys_are_made_at_first_start_and_move_through_their_life() {
    let folder = Folder::new();
    let tessera = tessera(&folder.file("t.db"), 1).await;
    assert_eq!(rotate_keys::tick(&tessera).await.unwrap().len(), 4);
    assert!(rotate_keys::tick(&tessera).await.unwrap().is_empty());
    let keys = &tessera.config.keys;
    let first = tessera
        .keys
        .current()
        .unwrap()
        .active(ES256)
        .unwrap()
        .kid()
        .to_owned();

    tessera
        .clock
        .advance(keys.rotate_every.saturating_sub(keys.publish_ahead));
    rotate_keys::tick(&tessera).await.unwrap();
    assert_eq!(
        states(&tessera).await,
        [KeyState::Active, KeyState::Pending]
    );

    tessera.clock.advance(tessera.config.keys.publish_ahead);
    rotate_keys::tick(&tessera).await.unwrap();
    assert_eq!(
        states(&tessera).await,
        [KeyState::Retired, KeyState::Active]
    );
    let keyring = tessera.keys.current().unwrap();
    assert_ne!(keyring.active(ES256).unwrap().kid(), first);
    assert!(keyring.verification_key(&first).is_some());

    tessera.clock.advance(tessera.config.keys.retain_for);
    rotate_keys::tick(&tessera).await.unwrap();
    assert_eq!(states(&tessera).await, [KeyState::Active]);
    assert!(chain_holds(&tessera).await);
}

#[tokio::test]
async fn a_key_that_opens_is_known_to_every_node_before_clients_learn_of_it() {
    const ECDH: KeyManagementAlgorithm = KeyManagementAlgorithm::EcdhEs;
    let folder = Folder::new();
    let tessera = tessera(&folder.file("t.db"), 1).await;
    rotate_keys::tick(&tessera).await.unwrap();
    let opening = || {
        let keyring = tessera.keys.current().unwrap();
        let keys = keyring.decryption_keys(ECDH, None);
        keys.map(|key| key.kid().to_owned()).collect::<Vec<_>>()
    };
    let published = |kid: &str| {
        let jwks = tessera.keys.current().unwrap().jwks();
        String::from_utf8_lossy(&jwks).contains(kid)
    };
    let first = opening().remove(0);
    assert!(published(&first));

    let keys = &tessera.config.keys;
    let wait = keys.rotate_every.saturating_sub(keys.publish_ahead);
    tessera.clock.advance(wait);
    rotate_keys::tick(&tessera).await.unwrap();
    let second = opening().remove(1);
    assert!(published(&first) && !published(&second));

    tessera.clock.advance(keys.publish_ahead);
    rotate_keys::tick(&tessera).await.unwrap();
    assert_eq!(opening(), [second.clone(), first.clone()]);
    assert!(published(&second) && !published(&first));

    tessera.clock.advance(keys.retain_for);
    rotate_keys::tick(&tessera).await.unwrap();
    assert_eq!(opening(), [second]);
}

#[tokio::test]
async fn nodes_that_tick_at_once_make_one_key_of_each_algorithm() {
    let folder = Folder::new();
    let nodes = [
        tessera(&folder.file("t.db"), 1).await,
        tessera(&folder.file("t.db"), 1).await,
    ];
    let (a, b) = tokio::join!(rotate_keys::tick(&nodes[0]), rotate_keys::tick(&nodes[1]));
    assert_eq!(a.unwrap().len() + b.unwrap().len(), 4);
    assert_eq!(states(&nodes[0]).await, [KeyState::Active]);
}

#[tokio::test]
async fn a_compromised_key_is_gone_at_once_and_its_private_half_is_wiped() {
    let folder = Folder::new();
    let tessera = tessera(&folder.file("t.db"), 1).await;
    rotate_keys::tick(&tessera).await.unwrap();
    let kid = tessera
        .keys
        .current()
        .unwrap()
        .active(ES256)
        .unwrap()
        .kid()
        .to_owned();
    let revoke = RotateNow::Revoke { kid: kid.clone() };
    rotate_keys::rotate(&tessera, revoke, Actor::Operator)
        .await
        .unwrap()
        .unwrap();
    let keyring = tessera.keys.current().unwrap();
    assert!(keyring.verification_key(&kid).is_none());
    assert_ne!(keyring.active(ES256).unwrap().kid(), kid);
    let mut reader = &tessera.store;
    let stored = crate::storage::keys::all(&mut reader).await.unwrap();
    let wiped = stored.iter().find(|key| key.kid == kid).unwrap();
    assert_eq!(
        (wiped.state.as_str(), wiped.sealed.as_str()),
        ("revoked", "")
    );

    let unknown = RotateNow::Revoke {
        kid: "unknown".to_owned(),
    };
    let refused = rotate_keys::rotate(&tessera, unknown, Actor::Operator)
        .await
        .unwrap();
    assert!(refused.is_err());
}

#[tokio::test]
async fn a_rotated_secret_and_its_predecessor_work_side_by_side_until_the_overlap_ends() {
    let folder = Folder::new();
    let tessera = tessera(&folder.file("t.db"), 1).await;
    let body = br#"{
        "redirect_uris": ["https://app.example/cb"],
        "token_endpoint_auth_method": "client_secret_jwt"
    }"#;
    let (client, old) = tessera
        .create_client(Permit::of_operator(), body, Origin::default())
        .await
        .unwrap()
        .unwrap();
    let old = old.unwrap();
    assert!(old.expose().starts_with(clients::SECRET_PREFIX));
    let sealed = client.secrets[0].sealed.as_deref().unwrap();
    let opened = tessera
        .master
        .open(clients::SECRET_PURPOSE, sealed)
        .unwrap();
    assert_eq!(opened.expose(), old.expose().as_bytes());

    let overlap = Duration::from_hours(1);
    let renew = async |overlap| {
        let (permit, id) = (Permit::of_operator(), client.id.clone());
        let renewed = tessera.renew_secret(permit, id, overlap, Origin::default());
        renewed.await.unwrap().unwrap().1
    };
    let new = renew(overlap).await;
    let works = async |secret: &_| {
        let client = tessera.client(&client.id).await.unwrap().unwrap();
        check_secret(&client, secret, tessera.now()).is_some()
    };
    assert!(works(&old).await && works(&new).await);
    tessera.clock.advance(overlap);
    assert!(!works(&old).await && works(&new).await);
    purge::run(&tessera).await.unwrap();

    let newest = renew(Duration::ZERO).await;
    assert!(!works(&new).await && works(&newest).await);

    let (permit, id) = (Permit::of_operator(), client.id.clone());
    let switched = tessera.switch_client(permit, id.clone(), true, None, Origin::default());
    assert!(switched.await.unwrap().unwrap().disabled);
    assert!(tessera.client(&id).await.unwrap().unwrap().disabled);
    let remove = async || {
        let permit = Permit::of_operator();
        let removed = tessera.remove_client(permit, id.clone(), None, Origin::default());
        removed.await.unwrap()
    };
    assert_eq!(remove().await, Ok(()));
    assert!(tessera.client(&id).await.unwrap().is_none());
    assert_eq!(remove().await, Err(Refused::Absent));
}

#[tokio::test]
async fn a_database_knows_its_master_key() {
    let folder = Folder::new();
    let database = folder.file("t.db");
    master_key::check(&tessera(&database, 1).await)
        .await
        .unwrap();
    master_key::check(&tessera(&database, 1).await)
        .await
        .unwrap();
    let refused = master_key::check(&tessera(&database, 2).await)
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("another master key"));
}
