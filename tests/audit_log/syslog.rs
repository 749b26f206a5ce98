//! A real receiver on this machine: what it gets, in which order, and what happens while it is away.

use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use syslog_loose::{Variant, parse_message};
use tessera::config::{Config, SyslogAddress};
use tessera::flows::audit_stream::{Stream, Streamed};
use tessera::protocol::audit::{Actor, Event, Kind, Origin};
use tessera::protocol::audit_line::Line;
use tokio::io::{AsyncRead, AsyncReadExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio_rustls::TlsAcceptor;

use crate::support::World;

/// On SQLite, and on PostgreSQL where there is one.
async fn worlds(change: impl Fn(&mut Config)) -> Vec<World> {
    let mut worlds = vec![World::sqlite_with(&change).await];
    worlds.extend(World::postgres_with(&change).await);
    worlds
}

fn to(config: &mut Config, scheme: &str, port: u16) {
    let host = if scheme == "tls" {
        "localhost"
    } else {
        "127.0.0.1"
    };
    let address = format!("{scheme}://{host}:{port}");
    config.audit.syslog.address = Some(SyslogAddress::parse(&address).expect("works"));
}

/// Returns how many events wait then, those of the start of the world among them.
async fn happen(world: &World, count: usize) -> i64 {
    for n in 0..count {
        let event =
            Event::new(Kind::SignIn, Actor::Anonymous).with("username", format!("\"]\\\nü{n}"));
        let origin = Origin {
            address: Some([192, 0, 2, 1].into()),
            request_id: format!("r{n}"),
        };
        world
            .tessera
            .record_alone(event, origin)
            .await
            .expect("works");
    }
    while world.tessera.store.seal_audit().await.expect("works") > 0 {}
    world.tessera.waiting_for_syslog().await.expect("works")
}

/// One counted message (RFC 6587 §3.4.1).
async fn frame(from: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut length = 0;
    loop {
        match from.read_u8().await.ok()? {
            b' ' => break,
            digit => length = length * 10 + usize::from(digit - b'0'),
        }
    }
    let mut message = vec![0; length];
    from.read_exact(&mut message).await.ok()?;
    Some(String::from_utf8(message).expect("UTF-8"))
}

fn line(message: &str) -> Line {
    let read = parse_message(message, Variant::RFC5424);
    let line = read.msg.trim_start_matches('\u{feff}');
    let line = Line::read(line).expect("a line of the log");
    let told: Vec<_> = read.structured_data[0].params().collect();
    let seq = line.seq.to_string();
    assert!(
        told.iter()
            .any(|(name, value)| **name == "seq" && *value == seq),
        "{told:?}"
    );
    line
}

/// Reads until the last event, or until it hangs up; what it saw, and the connection.
async fn hear(
    listener: &TcpListener,
    last: i64,
    hang_up_after: usize,
) -> (Vec<i64>, BufReader<TcpStream>) {
    let (socket, _) = listener.accept().await.expect("works");
    let mut socket = BufReader::new(socket);
    let mut seen = Vec::new();
    while seen.len() < hang_up_after && seen.last() != Some(&last) {
        match frame(&mut socket).await {
            Some(message) => seen.push(line(&message).seq),
            None => break,
        }
    }
    assert!(
        seen.windows(2).all(|pair| pair[1] == pair[0] + 1),
        "in order"
    );
    (seen, socket)
}

#[tokio::test(flavor = "multi_thread")]
async fn rfc6587_every_event_comes_in_order_and_without_a_gap_when_the_receiver_hangs_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("works");
    let port = listener.local_addr().expect("works").port();
    for world in worlds(|config| to(config, "tcp", port)).await {
        let last = happen(&world, 700).await;
        let mut stream = world.tessera.stream();
        // In the middle of a batch, and just after one.
        let hearing = async {
            let (first, _) = hear(&listener, last, 3).await;
            let (second, _) = hear(&listener, last, 500).await;
            let (third, open) = hear(&listener, last, usize::MAX).await;
            (first, [second, third].concat(), open)
        };
        let sending = async {
            let mut failures = 0;
            while world.tessera.waiting_for_syslog().await.expect("works") > 0 {
                failures += i32::from(world.tessera.stream_events(&mut stream).await.is_err());
                assert!(failures < 5);
            }
            failures
        };
        let ((first, mut rest, _open), failures) = tokio::join!(hearing, sending);
        assert!(failures >= 1, "the first batch was cut off");
        assert_eq!(first, [1, 2, 3]);
        rest.sort_unstable();
        rest.dedup();
        assert_eq!(rest, (1..=last).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rfc5426_a_datagram_holds_a_message_and_the_event_byte_for_byte() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("works");
    let port = socket.local_addr().expect("works").port();
    for world in worlds(|config| to(config, "udp", port)).await {
        let last = happen(&world, 3).await;
        let bodies = tessera::storage::audit::newest(&world.tessera.store, 100)
            .await
            .expect("works");
        let streamed = world
            .tessera
            .stream_events(&mut world.tessera.stream())
            .await;
        assert_eq!(streamed.expect("works"), Streamed::All);
        for seq in 1..=last {
            let message = datagram(&socket).await;
            let line = line(&message);
            assert_eq!(line.seq, seq);
            assert!(bodies.contains(&line.body), "{message}");
            assert!(!message.contains('\n'));
        }
    }
}

async fn datagram(socket: &UdpSocket) -> String {
    let mut datagram = vec![0; 70_000];
    let length = socket.recv(&mut datagram).await.expect("works");
    datagram.truncate(length);
    String::from_utf8(datagram).expect("UTF-8")
}

/// A certificate for `localhost`, and the file of who made it.
fn certificate(folder: &std::path::Path) -> (ServerConfig, std::path::PathBuf) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("works");
    let file = folder.join("ca.pem");
    std::fs::write(&file, made.cert.pem()).expect("works");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("works");
    let chain: Vec<CertificateDer<'static>> = vec![made.cert.der().clone()];
    let server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("works")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("works");
    (server, file)
}

#[tokio::test(flavor = "multi_thread")]
async fn rfc5425_a_receiver_proves_who_it_is() {
    let folder = std::env::temp_dir().join(format!("tessera-tls-{}", std::process::id()));
    let other = folder.join("other");
    std::fs::create_dir_all(&other).expect("works");
    let (server, ca) = certificate(&folder);
    let (_, stranger) = certificate(&other);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("works");
    let port = listener.local_addr().expect("works").port();
    let acceptor = TlsAcceptor::from(Arc::new(server));
    let with = |file: &std::path::Path| {
        let file = file.to_owned();
        World::sqlite_with(move |config| {
            to(config, "tls", port);
            config.audit.syslog.ca_file = Some(file);
        })
    };
    let accept = async || {
        let (socket, _) = listener.accept().await.expect("works");
        acceptor.accept(socket).await.ok()
    };
    let world = with(&stranger).await;
    let last = happen(&world, 1).await;
    let mut stream = world.tessera.stream();
    let (refused, accepted) = tokio::join!(world.tessera.stream_events(&mut stream), accept());
    assert!(refused.is_err() && accepted.is_none());
    assert_eq!(
        world.tessera.waiting_for_syslog().await.expect("works"),
        last
    );

    let world = with(&ca).await;
    let last = happen(&world, 2).await;
    let mut stream = world.tessera.stream();
    let (sent, (_open, seen)) = tokio::join!(world.tessera.stream_events(&mut stream), async {
        let mut socket = accept().await.expect("believed");
        let mut seen = Vec::new();
        while seen.last() != Some(&last) {
            seen.push(line(&frame(&mut socket).await.expect("a message")).seq);
        }
        (socket, seen)
    });
    assert_eq!(sent.expect("works"), Streamed::All);
    assert_eq!(seen, (1..=last).collect::<Vec<_>>());
    drop(std::fs::remove_dir_all(folder));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_receiver_is_away_nothing_is_lost_removed_or_kept_quiet() {
    // A port that nobody listens on any more.
    let gone = TcpListener::bind("127.0.0.1:0").await.expect("works");
    let port = gone.local_addr().expect("works").port();
    drop(gone);
    let change = |config: &mut Config| {
        to(config, "tcp", port);
        config.audit.retention = Some(Duration::from_hours(30 * 24));
    };
    for world in worlds(change).await {
        happen(&world, 3).await;
        let mut stream = world.tessera.stream();
        assert!(world.tessera.stream_events(&mut stream).await.is_err());
        assert_eq!(world.tessera.syslog_warning().await.expect("works"), None);
        world.advance(40 * 24 * 3_600);
        let last = happen(&world, 1).await;
        while world.tessera.index_events().await.expect("works") {}
        while world.tessera.count_events().await.expect("works") {}
        assert_eq!(world.tessera.prune_audit().await.expect("works"), 0);
        let warning = world
            .tessera
            .syslog_warning()
            .await
            .expect("works")
            .expect("works");
        assert!(warning.starts_with(&format!("{last} events")), "{warning}");
        assert!(warning.contains("tcp://127.0.0.1"), "{warning}");

        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("works");
        let (sent, _open) =
            tokio::join!(world.tessera.stream_events(&mut stream), listener.accept());
        assert_eq!(sent.expect("works"), Streamed::All);
        assert_eq!(world.tessera.syslog_warning().await.expect("works"), None);
        assert_eq!(
            i64::try_from(world.tessera.prune_audit().await.expect("works")),
            Ok(last - 1)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_node_streams_and_another_takes_over_where_it_stopped() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("works");
    let port = socket.local_addr().expect("works").port();
    for world in worlds(|config| to(config, "udp", port)).await {
        let turn =
            async |stream: &mut Stream| world.tessera.stream_events(stream).await.expect("works");
        let [mut one, mut other] = [world.tessera.stream(), world.tessera.stream()];
        let first = happen(&world, 2).await;
        assert_eq!(turn(&mut one).await, Streamed::All);
        let more = happen(&world, 2).await;
        assert_eq!((more, turn(&mut other).await), (2, Streamed::Nothing));
        world.advance(61);
        assert_eq!(turn(&mut other).await, Streamed::All);
        happen(&world, 1).await;
        assert_eq!(turn(&mut one).await, Streamed::Nothing);
        for seq in 1..=first + more {
            assert_eq!(line(&datagram(&socket).await).seq, seq);
        }
    }
}
