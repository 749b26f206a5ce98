use super::*;

use wiremock::matchers::{body_string, header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::config::{ByteSize, Config};

fn client(change: impl FnOnce(&mut OutboundConfig)) -> Outbound {
    let mut config = Config::default().outbound;
    config.allow_private_networks = true;
    change(&mut config);
    Outbound::new(&config).unwrap()
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

async fn server(answer: ResponseTemplate) -> (MockServer, Url) {
    let server = MockServer::start().await;
    Mock::given(path("/x"))
        .respond_with(answer)
        .mount(&server)
        .await;
    let target = url(&format!("{}/x", server.uri()));
    (server, target)
}

#[tokio::test]
async fn an_answer_comes_with_its_status_type_and_age() {
    let answer = ResponseTemplate::new(404)
        .insert_header("cache-control", "public, Max-Age=300")
        .set_body_raw("{}", "Application/JSON; charset=utf-8");
    let (_server, target) = server(answer).await;
    let fetched = client(|_| {})
        .get(&target, "application/json")
        .await
        .unwrap();
    assert_eq!(fetched.status, 404);
    assert_eq!(fetched.content_type.as_deref(), Some("application/json"));
    assert_eq!(fetched.bytes, b"{}");
    assert_eq!(fetched.max_age, Some(Duration::from_mins(5)));
}

#[tokio::test]
async fn a_post_carries_its_body_and_type_and_no_cookie_or_referer() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(header("content-type", "application/x-www-form-urlencoded"))
        .and(body_string("logout_token=a"))
        .respond_with(ResponseTemplate::new(204).insert_header("set-cookie", "a=b"))
        .mount(&server)
        .await;
    let client = client(|_| {});
    let target = url(&server.uri());
    for _ in 0..2 {
        let kind = "application/x-www-form-urlencoded";
        let answer = client.post(&target, kind, b"logout_token=a".to_vec());
        assert_eq!(answer.await.unwrap().status, 204);
    }
    for request in server.received_requests().await.unwrap() {
        assert!(!request.headers.contains_key("cookie"));
        assert!(!request.headers.contains_key("referer"));
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_and_one_at_the_limit_is_not() {
    let (_server, target) = server(ResponseTemplate::new(200).set_body_bytes(vec![0; 1_024])).await;
    let limit = |kib| client(move |config| config.max_bytes = ByteSize::kib(kib));
    assert_eq!(
        limit(1).get(&target, "*/*").await.unwrap().bytes.len(),
        1_024
    );
    let answer = limit(0).get(&target, "*/*").await;
    assert!(
        matches!(answer, Err(OutboundError::TooLarge(0))),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_body_without_a_length_is_counted_while_it_streams() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = url(&format!("http://{}", listener.local_addr().unwrap()));
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 1_024]).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        // Endless: only the client's limit ends it.
        while stream.write_all(&[b'x'; 1_024]).await.is_ok() {}
    });
    let answer = client(|_| {}).get(&target, "*/*").await;
    assert!(
        matches!(answer, Err(OutboundError::TooLarge(_))),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let (server, target) =
        server(ResponseTemplate::new(302).insert_header("location", "/elsewhere")).await;
    let fetched = client(|_| {}).get(&target, "*/*").await.unwrap();
    assert_eq!(fetched.status, 302);
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    let (_server, target) =
        server(ResponseTemplate::new(200).set_delay(Duration::from_mins(1))).await;
    let impatient = client(|config| config.timeout = Duration::from_millis(100));
    let answer = impatient.get(&target, "*/*").await;
    assert!(matches!(answer, Err(OutboundError::Timeout)), "{answer:?}");
}

#[tokio::test]
async fn what_resolves_to_loopback_is_refused_when_connecting() {
    let strict = client(|config| config.allow_private_networks = false);
    for target in ["https://localhost/", "https://localhost:8443/jwks"] {
        let answer = strict.get(&url(target), "*/*").await;
        assert!(
            matches!(answer, Err(OutboundError::NotPublic(ref name)) if name == "localhost"),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn urls_that_may_not_be_requested_are_refused_before_anything_is_sent() {
    let strict = client(|config| config.allow_private_networks = false);
    for target in [
        "http://example.com/",
        "file:///etc/passwd",
        "ftp://example.com/",
        "https://user@example.com/",
        "https://user:hunter2@example.com/",
        "https://127.0.0.1/",
        // The spellings that the URL standard turns into addresses.
        "https://2130706433/",
        "https://0x7f.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://169.254.169.254/latest/meta-data/",
    ] {
        let answer = strict.get(&url(target), "*/*").await;
        let refused = matches!(
            answer,
            Err(OutboundError::Refused { .. } | OutboundError::NotPublic(_))
        );
        assert!(refused, "{target}: {answer:?}");
        assert!(!format!("{answer:?}").contains("hunter2"));
    }
    assert!(strict.check(&url("https://example.com/jwks?a=b")).is_ok());
    assert!(strict.check(&url("https://8.8.8.8/")).is_ok());
}

#[test]
fn rfc9111_5_2_2_the_age_is_read_and_a_prohibition_wins() {
    let age = |texts: &[&'static str]| {
        let headers: Vec<_> = texts.iter().map(|t| HeaderValue::from_static(t)).collect();
        max_age(headers.iter())
    };
    assert_eq!(age(&[]), None);
    assert_eq!(age(&["public"]), None);
    assert_eq!(age(&["public, max-age=60"]), Some(Duration::from_mins(1)));
    assert_eq!(
        age(&["max-age=\"60\"", "max-age=1"]),
        Some(Duration::from_mins(1))
    );
    assert_eq!(age(&["max-age=60", "No-Store"]), Some(Duration::ZERO));
    assert_eq!(age(&["max-age=-1"]), None);
    assert_eq!(age(&["s-maxage=60"]), None);
}

#[test]
fn a_ca_file_without_a_certificate_is_an_error() {
    let mut config = Config::default().outbound;
    config.ca_file = Some("Cargo.toml".into());
    assert!(Outbound::new(&config).is_err());
}
