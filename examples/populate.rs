//! Fills a database with people, applications and history, as `bench/lists` wants it: through the storage that
//! the server uses, so that rows, words and the audit chain are its own.
//!
//!     populate DATABASE_URL MASTER_KEY_FILE PEOPLE CLIENTS EVENTS

use std::error::Error;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tessera::base::ids::{UserId, uuid_v7};
use tessera::base::{Clock, Entropy, Timestamp};
use tessera::crypto::seal::MasterKey;
use tessera::protocol::audit::{Actor, Event, Kind, Origin};
use tessera::protocol::client::{Client, ClientId, ClientMetadata};
use tessera::storage::audit::{Chain, Entry};
use tessera::storage::users::{Profile, User};
use tessera::storage::{StorageError, Store, clients, users};

type Fault = Box<dyn Error + Send + Sync>;

/// In one transaction: as many as SQLite writes between two breaths.
const BATCH: usize = 2_000;

const GIVEN: &[&str] = &[
    "Ada",
    "Björn",
    "Chiara",
    "Dmitri",
    "Elif",
    "Fatima",
    "Gaël",
    "Hiroko",
    "Ingrid",
    "João",
    "Kofi",
    "Lucía",
    "Mehmet",
    "Nadia",
    "Oluwaseun",
    "Priya",
    "Quentin",
    "Rosa",
    "Søren",
    "Thandiwe",
    "Uwe",
    "Valentina",
    "Wei",
    "Ximena",
    "Yusuf",
    "Zofia",
];

const FAMILY: &[&str] = &[
    "Abebe",
    "Becker",
    "Castellanos",
    "Dubois",
    "Eriksson",
    "Fernández",
    "García",
    "Hoffmann",
    "Ivanova",
    "Jansen",
    "Kowalski",
    "Lindqvist",
    "Müller",
    "Nakamura",
    "Okafor",
    "Papadopoulos",
    "Quispe",
    "Rossi",
    "Schneider",
    "Tanaka",
    "Ueda",
    "Vasquez",
    "Weber",
    "Xu",
    "Yılmaz",
    "Zimmermann",
];

fn person(n: usize, now: Timestamp, entropy: &Entropy) -> User {
    let (given, family) = (GIVEN[n % GIVEN.len()], FAMILY[n / 7 % FAMILY.len()]);
    let username = format!("{}.{n}", family.to_lowercase());
    let mut profile = Profile::default();
    profile
        .0
        .insert("name".to_owned(), json!(format!("{given} {family}")));
    User {
        id: UserId(uuid_v7(now, entropy)),
        email: format!("{username}@example.com"),
        username,
        email_verified: n.is_multiple_of(3),
        profile,
        password_hash: None,
        password_by_mail: false,
        organisation: None,
        version: 1,
        created_at: now,
        updated_at: now,
        disabled: n.is_multiple_of(97),
        delete_at: None,
    }
}

fn client(n: usize, now: Timestamp) -> Result<Client, Fault> {
    let document = json!({
        "client_name": format!("{} {} {n}", FAMILY[n % FAMILY.len()], ["Portal", "Shop", "Mobile", "Batch"][n % 4]),
        "redirect_uris": [format!("https://app-{n}.example.com/callback")],
    });
    Ok(Client {
        id: ClientId::new(format!("app-{n}")),
        metadata: ClientMetadata::parse_strict(document.to_string().as_bytes())
            .map_err(|problem| format!("{problem:?}"))?,
        secrets: Vec::new(),
        disabled: false,
        by_stranger: false,
        organisation: None,
        version: 1,
        created_at: now,
    })
}

fn event(n: usize, person: UserId) -> (Event, Origin) {
    let kinds = [
        Kind::SignIn,
        Kind::TokenIssued,
        Kind::CodeIssued,
        Kind::SignIn,
    ];
    let event = Event::new(kinds[n % kinds.len()], Actor::User(person))
        .with("client_id", format!("app-{}", n % 1_000));
    // 10.0.0.0/8, one after the other.
    let address = Ipv4Addr::from_bits(0x0a00_0000 | u32::try_from(n & 0xff_ffff).unwrap_or(0));
    let origin = Origin {
        address: Some(address.into()),
        request_id: format!("request-{n}"),
    };
    (event, origin)
}

async fn fill(store: &Store, counts: [usize; 3]) -> Result<(), Fault> {
    let (clock, entropy) = (Clock::system(), Arc::new(Entropy::system()));
    let [people, applications, events] = counts;
    let mut some = Vec::new();
    for from in (0..people).step_by(BATCH) {
        let until = people.min(from + BATCH);
        let all: Vec<User> = (from..until)
            .map(|n| person(n, clock.now(), &entropy))
            .collect();
        some.push(all[0].id);
        store
            .write::<_, StorageError, _>(move |tx| {
                Box::pin(async move {
                    for user in &all {
                        users::insert(tx, user).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        if from.is_multiple_of(100_000) {
            eprintln!("{until} people");
        }
    }
    for from in (0..applications).step_by(BATCH) {
        let range = from..applications.min(from + BATCH);
        let all: Vec<Client> = range
            .map(|n| client(n, clock.now()))
            .collect::<Result<_, _>>()?;
        store
            .write::<_, StorageError, _>(move |tx| {
                Box::pin(async move {
                    for client in &all {
                        clients::insert(tx, client).await?;
                    }
                    Ok(())
                })
            })
            .await?;
    }
    eprintln!("{applications} applications");
    for from in (0..events).step_by(BATCH) {
        let until = events.min(from + BATCH);
        let (some, clock, entropy) = (some.clone(), clock.clone(), Arc::clone(&entropy));
        store
            .write::<_, StorageError, _>(move |tx| {
                Box::pin(async move {
                    for n in from..until {
                        let (event, origin) = event(n, some[n % some.len()]);
                        tx.record(Entry::new(&event, &origin, clock.now(), &entropy));
                    }
                    Ok(())
                })
            })
            .await?;
    }
    eprintln!("{events} events");
    Ok(())
}

fn main() -> Result<(), Fault> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, key, people, applications, events] = arguments.as_slice() else {
        return Err("populate DATABASE_URL MASTER_KEY_FILE PEOPLE CLIENTS EVENTS".into());
    };
    let key = std::fs::read_to_string(key)?;
    let master = MasterKey::from_base64(&key).map_err(|error| error.to_string())?;
    let counts = [people.parse()?, applications.parse()?, events.parse()?];
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let chain = Chain::new(Arc::new(master));
        let store = Store::open(url, 4, Duration::from_mins(1), chain)?;
        fill(&store, counts).await?;
        store.close().await;
        Ok(())
    })
}
