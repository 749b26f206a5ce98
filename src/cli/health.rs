//! `tessera health`: for container health checks, where no curl is.

use std::io::{Error, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, SignatureScheme};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

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

/// The status of `GET /readyz`.
async fn ask(address: SocketAddr, config: &Config) -> std::io::Result<Option<u16>> {
    let host = config.server.issuer.url().authority();
    let stream = TcpStream::connect(address).await?;
    match config.server.tls.files() {
        None => get(stream, host).await,
        Some((certificate, _)) => {
            let name = config.server.issuer.url().host_str().unwrap_or_default();
            get(handshake(stream, name, certificate).await?, host).await
        }
    }
}

async fn get<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    host: &str,
) -> std::io::Result<Option<u16>> {
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut head = Vec::new();
    match stream.take(4_096).read_to_end(&mut head).await {
        Err(error) if head.is_empty() => Err(error),
        _ => Ok(status(&head)),
    }
}

/// Whoever listens must be who was given this certificate: neither its names nor its issuer say
/// anything about a listener on this machine.
async fn handshake(
    stream: TcpStream,
    name: &str,
    file: &Path,
) -> std::io::Result<impl AsyncRead + AsyncWrite + Unpin> {
    let ours = CertificateDer::from_pem_file(file)
        .map_err(|error| Error::other(format!("{}: {error}", file.display())))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let client = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(Error::other)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Ours { ours, provider }))
        .with_no_client_auth();
    let name =
        ServerName::try_from(name.trim_matches(['[', ']']).to_owned()).map_err(Error::other)?;
    let connected = TlsConnector::from(Arc::new(client))
        .connect(name, stream)
        .await;
    connected.map_err(|error| match error.get_ref().and_then(|inner| inner.downcast_ref()) {
        Some(rustls::Error::InvalidCertificate(_)) => Error::new(
            ErrorKind::InvalidData,
            format!(
                "the server presents another certificate than {}: if it was renewed, start the server \
                 again",
                file.display()
            ),
        ),
        _ => error,
    })
}

/// Accepts one certificate, and only from who has its key.
#[derive(Debug)]
struct Ours {
    ours: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Ours {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if *end_entity == self.ours {
            return Ok(ServerCertVerified::assertion());
        }
        Err(CertificateError::ApplicationVerificationFailure.into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
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

    struct Folder(std::path::PathBuf);

    impl Folder {
        fn new() -> Self {
            let unique = u64::from_ne_bytes(crate::base::Entropy::system().bytes());
            let path = std::env::temp_dir().join(format!("tessera-health-{unique}"));
            std::fs::create_dir(&path).unwrap();
            Self(path)
        }

        /// A certificate and its key, for `id.example`.
        fn certificate(&self, name: &str) -> (std::path::PathBuf, std::path::PathBuf) {
            let made = rcgen::generate_simple_self_signed(["id.example".to_owned()]).unwrap();
            let paths = (
                self.0.join(format!("{name}.pem")),
                self.0.join(format!("{name}.key")),
            );
            std::fs::write(&paths.0, made.cert.pem()).unwrap();
            std::fs::write(&paths.1, made.signing_key.serialize_pem()).unwrap();
            paths
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            drop(std::fs::remove_dir_all(&self.0));
        }
    }

    /// A server with this certificate that answers `/readyz` with this status.
    async fn server(
        (certificate, key): &(std::path::PathBuf, std::path::PathBuf),
        status: u16,
    ) -> SocketAddr {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let mut config = crate::config::ServerConfig::default();
        config.tls.certificate = Some(certificate.clone());
        config.tls.key = Some(key.clone());
        let tls = super::super::serve::tls(&config).await.unwrap().unwrap();
        let status = axum::http::StatusCode::from_u16(status).unwrap();
        let router =
            axum::Router::new().route("/readyz", axum::routing::get(move || async move { status }));
        let server = axum_server::from_tcp_rustls(listener, tls).unwrap();
        tokio::spawn(server.serve(router.into_make_service()));
        address
    }

    #[tokio::test]
    async fn over_tls_the_server_is_asked_and_must_have_the_key_of_the_configured_certificate() {
        let folder = Folder::new();
        let (ours, theirs) = (folder.certificate("ours"), folder.certificate("theirs"));
        let mut config = Config::default();
        config.server.issuer = "https://id.example".parse().unwrap();
        config.server.tls.certificate = Some(ours.0.clone());
        config.server.tls.key = Some(ours.1.clone());
        config.server.listen = server(&ours, 200).await;
        run(&config).await.unwrap();

        config.server.listen = server(&ours, 503).await;
        let refused = run(&config).await.unwrap_err().to_string();
        assert!(
            refused.contains("not ready") && refused.ends_with("503"),
            "{refused}"
        );

        config.server.listen = server(&theirs, 200).await;
        let refused = run(&config).await.unwrap_err().to_string();
        assert!(refused.contains("another certificate than"), "{refused}");

        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        config.server.listen = silent.local_addr().unwrap();
        drop(silent);
        assert!(run(&config).await.is_err());
    }
}
