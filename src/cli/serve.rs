//! `tessera serve`.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;

use super::patience::Patience;
use super::{Failure, listen, logging, master_key, metrics, output, start};
use crate::config::{Config, ServerConfig};
use crate::flows::letters::{LetterRequest, TextRequest};
use crate::flows::{Tessera, rotate_keys};
use crate::{jobs, web};

/// A client that takes longer to send the head of a request holds a connection for nothing
/// (slow-loris). It is also how long an idle connection is kept.
const HEADER_PATIENCE: Duration = Duration::from_secs(15);

/// hyper refuses a smaller read buffer.
const SMALLEST_BUFFER: usize = 8 * 1024;

pub(super) async fn run(config: Config) -> Result<(), Failure> {
    logging::for_server(&config)?;
    // First of all: a second server on the same port must touch nothing.
    let listener = listen::bind("server.listen", config.server.listen)?;
    let tls = tls(&config.server).await?;
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    let tessera = start::new_or_existing(config).await?;
    rotate_keys::tick(&tessera).await?;
    tessera.load_keys().await?;
    tessera.load_settings().await?;
    let mut jobs = jobs::spawn_all(&tessera);
    deliver_mail(&mut jobs, &tessera);
    deliver_texts(&mut jobs, &tessera);
    metrics::start(tessera.config.server.metrics_listen, &mut jobs)?;
    match announce(&tessera, listener.local_addr().map_err(Failure::new)?).await {
        // `tessera | head` must not stop the server.
        Ok(()) | Err(Failure::HungUp) => {}
        Err(failure) => return Err(failure),
    }
    let served = serve(&tessera, listener, tls).await;
    tracing::info!("stopping");
    jobs.stop(Duration::from_secs(5)).await;
    tessera.store.close().await;
    served.map_err(Failure::new)
}

/// Letters are written upstairs and delivered by a job; the two meet only here.
fn deliver_mail(jobs: &mut jobs::Jobs, tessera: &Tessera) {
    let tessera = tessera.clone();
    jobs.repeat(Duration::from_secs(1), move || {
        let tessera = tessera.clone();
        async move {
            let looks = tessera.looks();
            let write = move |letter: &LetterRequest| web::letters::write(&looks, letter);
            if let Err(error) = tessera.deliver_letters(&write).await {
                tracing::warn!(%error, "letters have to wait");
            }
        }
    });
}

/// As [`deliver_mail`]; apart from it, so that a slow telephone company holds no letter up.
fn deliver_texts(jobs: &mut jobs::Jobs, tessera: &Tessera) {
    if !tessera.texter.can_send() {
        return;
    }
    let tessera = tessera.clone();
    jobs.repeat(Duration::from_secs(1), move || {
        let tessera = tessera.clone();
        async move {
            let (looks, issuer) = (tessera.looks(), tessera.config.server.issuer.clone());
            let write = move |text: &TextRequest| web::letters::write_text(&looks, &issuer, text);
            if let Err(error) = tessera.deliver_texts(&write).await {
                tracing::warn!(%error, "text messages have to wait");
            }
        }
    });
}

/// The certificate and the key that connections are encrypted with, if Tessera is to do it.
pub(super) async fn tls(server: &ServerConfig) -> Result<Option<RustlsConfig>, Failure> {
    let Some((certificate, key)) = server.tls.files() else {
        return Ok(None);
    };
    // Fails only if another part was faster, with the same provider.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    RustlsConfig::from_pem_file(certificate, key)
        .await
        .map(Some)
        .map_err(|error| {
            let (certificate, key) = (certificate.display(), key.display());
            Failure::new(format!(
                "server.tls.certificate {certificate}, server.tls.key {key}: {error}"
            ))
        })
}

async fn announce(tessera: &Tessera, address: SocketAddr) -> Result<(), Failure> {
    output::line(format!("Tessera {}", env!("CARGO_PKG_VERSION")))?;
    output::line(format!("  Address     {}", tessera.issuer()))?;
    output::line(format!("  Listens on  {address}"))?;
    output::line(format!("  Data        {}", tessera.store.describe()))?;
    output::line(format!(
        "  Master key  {} (keep a copy elsewhere)",
        master_key::place(&tessera.config.keys)
    ))?;
    if let Some(link) = tessera.offer_set_up_link().await? {
        output::line("")?;
        output::line("Create the first administrator (30 minutes, one use):")?;
        output::line(format!("  {link}"))?;
    }
    tracing::info!(%address, "ready");
    Ok(())
}

async fn serve(
    tessera: &Tessera,
    listener: TcpListener,
    tls: Option<RustlsConfig>,
) -> std::io::Result<()> {
    let config = &tessera.config.server;
    let handle = Handle::new();
    tokio::spawn(stop_on_signal(handle.clone(), config.shutdown_grace));
    let app = web::router(tessera.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let mut server = axum_server::from_tcp(listener)?.handle(handle);
    limit(server.http_builder(), config);
    let tcp = NoDelayAcceptor::new();
    match tls {
        None => {
            let acceptor = Patience::new(tcp, HEADER_PATIENCE);
            server.acceptor(acceptor).serve(app).await
        }
        Some(tls) => {
            let tls = RustlsAcceptor::new(tls)
                .handshake_timeout(HEADER_PATIENCE)
                .acceptor(tcp);
            let acceptor = Patience::new(tls, HEADER_PATIENCE);
            server.acceptor(acceptor).serve(app).await
        }
    }
}

/// What one connection may take from us.
fn limit(http: &mut Builder<TokioExecutor>, config: &ServerConfig) {
    let max_header = config.max_header.bytes();
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_PATIENCE)
        .max_buf_size(max_header.max(SMALLEST_BUFFER));
    http.http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(max_header).unwrap_or(u32::MAX))
        .max_concurrent_streams(100)
        .keep_alive_interval(HEADER_PATIENCE)
        .keep_alive_timeout(HEADER_PATIENCE);
}

/// The first signal lets running requests end, the second does not.
async fn stop_on_signal(handle: Handle<SocketAddr>, grace: Duration) {
    signal().await;
    tracing::info!("asked to stop: finishing what was accepted");
    handle.graceful_shutdown(Some(grace));
    signal().await;
    handle.shutdown();
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        }
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

#[cfg(not(unix))]
async fn signal() {
    drop(tokio::signal::ctrl_c().await);
}
