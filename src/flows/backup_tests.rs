//! Backups: what is in them, and which ones are refused.

use std::path::{Path, PathBuf};

use super::operator_tests::{Folder, chain_holds, states, tessera};
use super::{Tessera, backup, master_key, rotate_keys};
use crate::base::Entropy;
use crate::crypto::seal::MasterKey;
use crate::protocol::access::Permit;
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::client::Client;
use crate::protocol::key_lifecycle::KeyState;
use crate::storage::clients;

async fn restore(to: &Tessera, file: &Path) -> Result<backup::Restored, super::Internal> {
    let examined = backup::examine(file, &to.master)?;
    backup::restore(to, examined, Actor::Operator).await
}

async fn all_clients(tessera: &Tessera) -> Vec<Client> {
    let mut reader = &tessera.store;
    clients::page(&mut reader, "", 10).await.unwrap()
}

/// A Tessera with something in it, and its backup.
async fn backed_up(folder: &Folder) -> (Tessera, PathBuf) {
    let tessera = tessera(&folder.file("from.db"), 1).await;
    master_key::check(&tessera).await.unwrap();
    rotate_keys::tick(&tessera).await.unwrap();
    let body = br#"{"redirect_uris": ["https://app.example/cb"]}"#;
    let made = tessera.create_client(Permit::of_operator(), body, Origin::default());
    made.await.unwrap().unwrap();
    let file = folder.file("all.jsonl");
    let backed_up = backup::backup(&tessera, &file, Actor::Operator);
    backed_up.await.unwrap();
    (tessera, file)
}

#[tokio::test]
async fn a_backup_restores_into_an_empty_database_with_its_audit_chain() {
    let folder = Folder::new();
    let (from, file) = backed_up(&folder).await;
    let to = tessera(&folder.file("to.db"), 1).await;
    let restored = restore(&to, &file).await.unwrap();
    assert_eq!(restored.audit.broken_at, None);
    assert!(chain_holds(&to).await);
    master_key::check(&to).await.unwrap();

    to.load_keys().await.unwrap();
    assert_eq!(
        to.keys.current().unwrap().jwks(),
        from.keys.current().unwrap().jwks()
    );
    let (old, new) = (all_clients(&from).await, all_clients(&to).await);
    assert_eq!(old.len(), 1);
    assert_eq!(new[0].metadata, old[0].metadata);
    let client = to.client(&old[0].id).await.unwrap().unwrap();
    assert_eq!(client.secrets.len(), 1);

    let again = restore(&to, &file).await.unwrap_err();
    assert!(again.to_string().contains("not empty"));
}

#[tokio::test]
async fn a_backup_is_private_and_complete_while_others_write() {
    let folder = Folder::new();
    let (from, _) = backed_up(&folder).await;
    let file = folder.file("busy.jsonl");
    let writing = async {
        for _ in 0..50 {
            let event = Event::new(Kind::SignIn, Actor::Anonymous);
            from.record_alone(event, Origin::default()).await.unwrap();
        }
    };
    let (taken, ()) = tokio::join!(backup::backup(&from, &file, Actor::Operator), writing);
    taken.unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let to = tessera(&folder.file("to.db"), 1).await;
    restore(&to, &file).await.unwrap();
    assert!(chain_holds(&to).await);
}

#[tokio::test]
async fn a_backup_of_another_master_key_is_refused_also_where_only_its_keys_tell() {
    let folder = Folder::new();
    let (from, file) = backed_up(&folder).await;
    let other = MasterKey::generate(&Entropy::seeded(2));
    let refused = backup::examine(&file, &other).unwrap_err().to_string();
    assert!(refused.contains("another master key") && refused.contains("nothing was changed"));
    backup::examine(&file, &from.master).unwrap();

    let unbound = tessera(&folder.file("unbound.db"), 1).await;
    rotate_keys::tick(&unbound).await.unwrap();
    let file = folder.file("unbound.jsonl");
    backup::backup(&unbound, &file, Actor::Operator)
        .await
        .unwrap();
    let refused = backup::examine(&file, &other).unwrap_err().to_string();
    assert!(refused.contains("another master key"), "{refused}");
    backup::examine(&file, &from.master).unwrap();
}

#[tokio::test]
async fn a_closed_database_is_one_file_with_everything_in_it_and_private() {
    let folder = Folder::new();
    let open = tessera(&folder.file("t.db"), 1).await;
    rotate_keys::tick(&open).await.unwrap();
    let names = || {
        let entries = std::fs::read_dir(&folder.0).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        names.sort();
        names
    };
    assert_eq!(names().len(), 3, "the file, the log and its index");
    #[cfg(unix)]
    for name in names() {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&name).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", name.display());
    }
    open.store.close().await;
    assert_eq!(names(), [folder.file("t.db")]);
    let late = open.record_alone(
        Event::new(Kind::SignIn, Actor::Anonymous),
        Origin::default(),
    );
    assert!(late.await.is_err(), "what is not written is not said to be");
    let again = tessera(&folder.file("t.db"), 1).await;
    assert_eq!(states(&again).await, [KeyState::Active]);
}

#[tokio::test]
async fn a_damaged_cut_off_or_foreign_backup_restores_nothing() {
    let folder = Folder::new();
    let (_, file) = backed_up(&folder).await;
    let whole = std::fs::read_to_string(&file).unwrap();
    let cut = whole.rfind("{\"rows\"").unwrap();
    let changed = whole.replacen("active", "revoke", 1);
    for (damaged, says) in [
        (&whole[..cut], "damaged"),
        (&whole[..cut - 20], "damaged"),
        (changed.as_str(), "damaged"),
        ("hello", "not a Tessera backup"),
        ("", "not a Tessera backup"),
    ] {
        std::fs::write(&file, damaged).unwrap();
        let to = tessera(&folder.file("to.db"), 1).await;
        let refused = restore(&to, &file).await.unwrap_err();
        assert!(refused.to_string().contains(says), "{refused}");
        assert!(all_clients(&to).await.is_empty());
    }
    std::fs::write(&file, &whole).unwrap();
    let to = tessera(&folder.file("to.db"), 2).await;
    let refused = restore(&to, &file).await.unwrap_err();
    assert!(
        refused.to_string().contains("another master key"),
        "{refused}"
    );
    assert!(all_clients(&to).await.is_empty());
}
