//! `tessera health`: for container health checks, where no curl is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Failure, output};
use crate::config::Config;

/// A container's health check commonly gives up after a few seconds.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn run(config: &Config) -> Result<(), Failure> {
    let address = reachable(config.server.listen);
    let status = tokio::time::timeout(PATIENCE, ask(address, config))
        .await
        .map_err(|_| Failure::new(format!("{address} does not answer")))?
        .map_err(|error| Failure::new(format!("{address}: {error}")))?;
    match status {
        Some(200) => output::line("ready"),
        Some(status) => Err(Failure::new(format!("not ready: {address} says {status}"))),
        None => Err(Failure::new(format!("{address} does not speak HTTP"))),
    }
}

/// Who listens on every address is asked on loopback.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(ip, listen.port())
}

/// The status of `GET /readyz`. With TLS it is enough that the listener accepts: whether the
/// certificate is good is the concern of whoever connects by name.
async fn ask(address: SocketAddr, config: &Config) -> std::io::Result<Option<u16>> {
    let mut stream = TcpStream::connect(address).await?;
    if config.server.tls.files().is_some() {
        return Ok(Some(200));
    }
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut head = Vec::new();
    stream.take(4_096).read_to_end(&mut head).await?;
    Ok(status(&head))
}

/// RFC 9112 §4: `HTTP/1.1 200 OK`.
fn status(head: &[u8]) -> Option<u16> {
    let line = head.split(|byte| *byte == b'\r').next()?;
    let line = std::str::from_utf8(line).ok()?;
    let rest = line.strip_prefix("HTTP/1.")?;
    rest.split(' ').nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_line_is_read_and_nothing_else() {
        assert_eq!(status(b"HTTP/1.1 200 OK\r\nx: y\r\n\r\n"), Some(200));
        assert_eq!(status(b"HTTP/1.1 503 Service Unavailable\r\n"), Some(503));
        for other in [&b""[..], b"SSH-2.0", b"HTTP/1.1", b"HTTP/1.1 x", b"\xff"] {
            assert_eq!(status(other), None);
        }
    }

    #[test]
    fn a_listener_on_every_address_is_asked_on_loopback() {
        let of = |text: &str| reachable(text.parse().unwrap()).to_string();
        assert_eq!(of("0.0.0.0:80"), "127.0.0.1:80");
        assert_eq!(of("[::]:80"), "[::1]:80");
        assert_eq!(of("192.0.2.1:80"), "192.0.2.1:80");
    }
}
