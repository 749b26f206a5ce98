//! Fills a database with people, applications and history, as `bench/lists` wants it: through the storage that
//! the server uses, so that rows, words and the audit chain are its own.
//!
//!     populate DATABASE_URL MASTER_KEY_FILE PEOPLE CLIENTS EVENTS
//!
//! Three people of ten are signed in; one of five belongs to one of a hundred organisations, the last of which is
//! small.

use std::error::Error;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tessera::base::ids::{OrganisationId, SessionId, UserId, uuid_v7};
use tessera::base::{Clock, Entropy, Timestamp};
use tessera::crypto::seal::MasterKey;
use tessera::protocol::assurance::{Method, Proof, Proofs};
use tessera::protocol::audit::{Actor, Event, Kind, Origin};
use tessera::protocol::client::{Client, ClientId, ClientMetadata};
use tessera::storage::audit::{Chain, Entry};
use tessera::storage::organisations::{self, Organisation};
use tessera::storage::sessions::{self, Session};
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

/// One of five belongs to one; of ten thousand of those, one to the last.
fn organisation_of(n: usize, all: &[OrganisationId]) -> Option<OrganisationId> {
    let (few, many) = all.split_last()?;
    let k = n / 5;
    n.is_multiple_of(5).then(|| {
        if k.is_multiple_of(10_000) {
            *few
        } else {
            many[k % many.len()]
        }
    })
}

fn person(n: usize, all: &[OrganisationId], now: Timestamp, entropy: &Entropy) -> User {
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
        organisation: organisation_of(n, all),
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

fn session(n: usize, person: UserId, now: Timestamp, entropy: &Entropy) -> Session {
    let agents = [
        "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
    ];
    let methods = [Method::Password, Method::Password, Method::Passkey];
    let mut proofs = Proofs::of(Proof {
        of: methods[n % methods.len()].into(),
        at: now,
    });
    if n.is_multiple_of(4) {
        proofs.add(Proof {
            of: Method::Totp.into(),
            at: now,
        });
    }
    let address = Ipv4Addr::from_bits(0x0a00_0000 | u32::try_from(n % 100_000).unwrap_or(0));
    Session {
        id: SessionId(uuid_v7(now, entropy)),
        user_id: person,
        proofs,
        user_agent: agents[n % agents.len()].to_owned(),
        address: address.to_string(),
        created_at: now,
        last_seen_at: now,
        idle_expires_at: now + Duration::from_hours(20),
        expires_at: now + Duration::from_hours(7 * 24),
    }
}

/// Everybody uses some of the first applications.
async fn fill_sessions(
    store: &Store,
    people: Vec<UserId>,
    applications: usize,
) -> Result<(), Fault> {
    let (clock, entropy) = (Clock::system(), Arc::new(Entropy::system()));
    let count = people.len();
    let mut n = 0;
    for some in people.chunks(BATCH) {
        let all: Vec<(usize, Session)> = some
            .iter()
            .enumerate()
            .map(|(i, person)| (n + i, session(n + i, *person, clock.now(), &entropy)))
            .collect();
        n += some.len();
        store
            .write::<_, StorageError, _>(move |tx| {
                Box::pin(async move {
                    for (n, session) in &all {
                        sessions::insert(tx, session).await?;
                        for k in 0..n % 5 {
                            let client = ClientId::new(format!(
                                "app-{}",
                                n * (k + 1) % 1_000.min(applications)
                            ));
                            sessions::join(tx, session.id, &client, session.created_at).await?;
                        }
                    }
                    Ok(())
                })
            })
            .await?;
    }
    eprintln!("{count} sessions");
    Ok(())
}

async fn fill_organisations(store: &Store) -> Result<Vec<OrganisationId>, Fault> {
    let (clock, entropy) = (Clock::system(), Entropy::system());
    let all: Vec<Organisation> = (0..100)
        .map(|n| Organisation {
            id: OrganisationId(uuid_v7(clock.now(), &entropy)),
            name: format!("organisation-{n}"),
            title: format!("{} and Sons {n}", FAMILY[n % FAMILY.len()]),
            version: 1,
            created_at: clock.now(),
            disabled: false,
        })
        .collect();
    let ids = all.iter().map(|one| one.id).collect();
    store
        .write::<_, StorageError, _>(move |tx| {
            Box::pin(async move {
                for one in &all {
                    organisations::insert(tx, one).await?;
                }
                Ok(())
            })
        })
        .await?;
    Ok(ids)
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
    let (mut some, mut signed_in) = (Vec::new(), Vec::new());
    let within = fill_organisations(store).await?;
    for from in (0..people).step_by(BATCH) {
        let until = people.min(from + BATCH);
        let all: Vec<User> = (from..until)
            .map(|n| person(n, &within, clock.now(), &entropy))
            .collect();
        some.push(all[0].id);
        let here = (from..until).zip(&all).filter(|(n, _)| n % 10 < 3);
        signed_in.extend(here.map(|(_, user)| user.id));
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
    fill_sessions(store, signed_in, applications).await?;
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
