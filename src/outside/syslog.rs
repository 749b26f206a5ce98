//! A syslog receiver: by UDP, TCP or TLS.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket, lookup_host};
use tokio_rustls::TlsConnector;

use crate::config::{SyslogAddress, SyslogConfig, Transport};
use crate::protocol::syslog::{counted, cut};

/// The time to reach the receiver, and to hand it a batch.
const PATIENCE: Duration = Duration::from_secs(15);

/// A syslog receiver answers nothing. So long a connection must outlive what was written to it before that counts as
/// sent: one that was closed at the other end says so within a round trip, and what it swallowed is sent again.
const OUTLIVE: Duration = Duration::from_millis(100);

/// RFC 5426 §3.2 names no limit; this is what a datagram over IPv4 takes.
const DATAGRAM: usize = 65_507;

/// Where to, and whom to believe there. Cheap to clone.
#[derive(Clone)]
pub struct Receiver {
    address: SyslogAddress,
    tls: Option<TlsConnector>,
}

impl Receiver {
    /// The receiver of the configuration, if there is one.
    ///
    /// # Errors
    /// If the CA file cannot be read or holds no certificate.
    pub fn new(config: &SyslogConfig) -> Result<Option<Self>, String> {
        let Some(address) = config.address.clone() else {
            return Ok(None);
        };
        let tls = match address.transport {
            Transport::Tls => Some(connector(config)?),
            Transport::Udp | Transport::Tcp => None,
        };
        Ok(Some(Self { address, tls }))
    }

    /// Reaches it.
    ///
    /// # Errors
    /// If it does not answer, or proves nothing.
    pub async fn connect(&self) -> io::Result<Connection> {
        let connected = tokio::time::timeout(PATIENCE, self.reach()).await;
        connected.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    async fn reach(&self) -> io::Result<Connection> {
        let place = (self.address.host.as_str(), self.address.port);
        if self.address.transport == Transport::Udp {
            let to = lookup_host(place).await?.next();
            let to = to.ok_or(io::ErrorKind::NotFound)?;
            let any: SocketAddr = match to {
                SocketAddr::V4(_) => ([0, 0, 0, 0], 0).into(),
                SocketAddr::V6(_) => ([0; 8], 0).into(),
            };
            let socket = UdpSocket::bind(any).await?;
            socket.connect(to).await?;
            return Ok(Connection::Datagrams(socket));
        }
        let stream = TcpStream::connect(place).await?;
        Ok(Connection::Stream(match &self.tls {
            None => Box::new(stream),
            Some(tls) => {
                let name =
                    ServerName::try_from(self.address.host.clone()).map_err(io::Error::other)?;
                Box::new(tls.connect(name, stream).await?)
            }
        }))
    }
}

impl std::fmt::Display for Receiver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.address.as_str())
    }
}

fn connector(config: &SyslogConfig) -> Result<TlsConnector, String> {
    let mut roots = RootCertStore::empty();
    let certificates: Vec<CertificateDer<'static>> = match &config.ca_file {
        Some(file) => CertificateDer::pem_file_iter(file)
            .and_then(Iterator::collect)
            .map_err(|error| format!("audit.syslog.ca_file: {error}"))?,
        None => rustls_native_certs::load_native_certs().certs,
    };
    roots.add_parsable_certificates(certificates);
    if roots.is_empty() {
        return Err("audit.syslog.ca_file: there is no certificate to believe".to_owned());
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(client)))
}

/// Both ways, because only reading tells that the other end is gone.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// An open way to a receiver. After an error it is of no use.
pub enum Connection {
    /// A message in each datagram.
    Datagrams(UdpSocket),
    /// Counted messages.
    Stream(Box<dyn Wire>),
}

impl Connection {
    /// Hands over messages, in order.
    ///
    /// # Errors
    /// If one of them may not have arrived: then all are to be sent again.
    pub async fn send(&mut self, messages: &[String]) -> io::Result<()> {
        let sent = tokio::time::timeout(PATIENCE, self.write(messages)).await;
        sent.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?;
        match tokio::time::timeout(OUTLIVE, self.ends()).await {
            Ok(error) => Err(error),
            Err(_) => Ok(()),
        }
    }

    async fn write(&mut self, messages: &[String]) -> io::Result<()> {
        match self {
            Self::Datagrams(socket) => {
                for message in messages {
                    socket.send(cut(message, DATAGRAM).as_bytes()).await?;
                }
            }
            Self::Stream(stream) => {
                let all: String = messages.iter().map(|message| counted(message)).collect();
                stream.write_all(all.as_bytes()).await?;
                stream.flush().await?;
            }
        }
        Ok(())
    }

    /// Returns when the other end is gone, and why. What it says meanwhile means nothing.
    async fn ends(&mut self) -> io::Error {
        let mut said = [0; 512];
        loop {
            let read = match self {
                Self::Datagrams(socket) => socket.recv(&mut said).await.map(|n| n.max(1)),
                Self::Stream(stream) => stream.read(&mut said).await,
            };
            match read {
                Ok(0) => return io::ErrorKind::ConnectionAborted.into(),
                Ok(_) => {}
                Err(error) => return error,
            }
        }
    }
}
