//! Forgets what somebody else has changed: another node, or the command line.

use std::time::Duration;

use tokio::sync::mpsc;

use super::Stop;
use crate::flows::Tessera;
use crate::storage::{clients, deployment, keys, watch};

/// Until the keys or the settings are tried again when they could not be read.
const RETRY: Duration = Duration::from_secs(1);

pub(super) async fn run(tessera: Tessera, mut stop: Stop) {
    let (sender, mut changes) = mpsc::channel(16);
    // Ends when `changes` is dropped.
    let watching = tokio::spawn(watch::watch(tessera.store.clone(), sender));
    let (mut keys_are_stale, mut settings_are_stale) = (false, false);
    loop {
        let retry = async {
            if keys_are_stale || settings_are_stale {
                tokio::time::sleep(RETRY).await;
            } else {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = stop.requested() => break,
            change = changes.recv() => match change.as_deref() {
                Some(clients::TOPIC) => tessera.clients.invalidate(),
                Some(deployment::TOPIC) => settings_are_stale = !load_settings(&tessera).await,
                Some(keys::TOPIC) => keys_are_stale = !load_keys(&tessera).await,
                Some(_) => {}
                None => break,
            },
            () = retry => {
                keys_are_stale = keys_are_stale && !load_keys(&tessera).await;
                settings_are_stale = settings_are_stale && !load_settings(&tessera).await;
            }
        }
    }
    drop(changes);
    drop(watching.await);
}

async fn load_keys(tessera: &Tessera) -> bool {
    match tessera.load_keys().await {
        Ok(()) => true,
        Err(error) => {
            tracing::error!(%error, "cannot read the signing keys; trying again");
            false
        }
    }
}

async fn load_settings(tessera: &Tessera) -> bool {
    let loaded = tessera.load_settings().await;
    if let Err(error) = &loaded {
        tracing::error!(%error, "cannot read the settings; trying again");
    }
    loaded.is_ok()
}
