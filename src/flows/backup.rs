//! Backup and restore: one file of JSON lines that either engine writes and either reads, so that
//! it also moves an installation from SQLite to PostgreSQL.
//!
//! A header, a line for each row, a trailer. What is sealed stays sealed: the file is useless
//! without the master key, which is not in it.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Internal, Tessera, master_key};
use crate::base::{Digest, Entropy};
use crate::crypto::seal::MasterKey;
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::storage::audit::{self, Chain, Verification};
use crate::storage::{StorageError, Tx, dump};

type Row = Map<String, Value>;

const FORMAT: &str = "tessera-backup";
const VERSION: u32 = 1;

/// The first line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Header {
    format: String,
    version: u32,
    /// The version of the database's schema.
    schema: i64,
    /// Where it came from, for people.
    pub engine: String,
    /// RFC 3339.
    pub taken_at: String,
    /// The issuer that it belongs to.
    pub issuer: String,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Row { table: String, row: Row },
    End { rows: u64, sha256: String },
}

/// Adds a line to the running digest: SHA-256 over the digest so far and the line.
fn extend(digest: Digest, line: &str) -> Digest {
    Digest::of(&[digest.as_bytes(), line.as_bytes()].concat())
}

fn hex(digest: &Digest) -> String {
    use std::fmt::Write as _;
    digest
        .as_bytes()
        .iter()
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

fn on_file(path: &Path) -> impl Fn(io::Error) -> Internal {
    move |error| Internal::other(format!("{}: {error}", path.display()))
}

/// Writes everything into `target`, as it was at one instant, while a server goes on writing.
/// Returns the number of rows. The file appears under its name only when it is complete.
///
/// # Errors
/// If the database cannot be read or the file not be written.
pub async fn backup(tessera: &Tessera, target: &Path, actor: Actor) -> Result<u64, Internal> {
    // Events that wait for their seal would wait in the backup too.
    while tessera.store.seal_audit().await? > 0 {}
    let rows = write(tessera, target).await?;
    let event = Event::new(Kind::Backup, actor)
        .with("action", "taken")
        .with("rows", rows);
    tessera.record_alone(event, Origin::default()).await?;
    Ok(rows)
}

/// A file that appears under its name only when it is complete. Password hashes and personal data: readable by nobody
/// else.
pub struct NewFile {
    target: PathBuf,
    partial: PathBuf,
    out: BufWriter<File>,
    is_whole: bool,
}

impl NewFile {
    /// Begins it, under another name beside.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn create(target: &Path, entropy: &Entropy) -> Result<Self, Internal> {
        let mut partial = target.as_os_str().to_owned();
        partial.push(format!(".{}.partial", u32::from_ne_bytes(entropy.bytes())));
        let partial = PathBuf::from(partial);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&partial).map_err(on_file(&partial))?;
        Ok(Self {
            target: target.to_owned(),
            partial,
            out: BufWriter::new(file),
            is_whole: false,
        })
    }

    /// What is in it.
    pub fn out(&mut self) -> &mut BufWriter<File> {
        &mut self.out
    }

    /// It is whole: on the disk, and then under its name.
    ///
    /// # Errors
    /// If the disk is full, or does not take the name.
    pub fn finish(mut self) -> Result<(), Internal> {
        self.out
            .flush()
            .and_then(|()| self.out.get_ref().sync_all())
            .and_then(|()| std::fs::rename(&self.partial, &self.target))
            .and_then(|()| {
                self.is_whole = true;
                sync_folder(&self.target)
            })
            .map_err(on_file(&self.target))
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.is_whole {
            drop(std::fs::remove_file(&self.partial));
        }
    }
}

/// The new name survives a power cut only when the folder is on the disk too.
fn sync_folder(file: &Path) -> io::Result<()> {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

async fn write(tessera: &Tessera, path: &Path) -> Result<u64, Internal> {
    let mut reader = &tessera.store;
    let header = Header {
        format: FORMAT.to_owned(),
        version: VERSION,
        schema: dump::schema_version(&mut reader).await?,
        engine: tessera.store.describe(),
        taken_at: tessera.now().rfc3339(),
        issuer: tessera.issuer().to_owned(),
    };
    let mut sink = Sink {
        out: NewFile::create(path, &tessera.entropy)?,
        digest: Digest::of(b""),
    };
    sink.line(&header).map_err(on_file(path))?;
    let mut rows = 0;
    dump::read_all(&tessera.store, |table, row| {
        rows += 1;
        let table = table.to_owned();
        sink.line(&Line::Row { table, row })
            .map_err(|error| StorageError::Unavailable(format!("{}: {error}", path.display())))
    })
    .await?;
    let sha256 = hex(&sink.digest);
    sink.line(&Line::End { rows, sha256 })
        .map_err(on_file(path))?;
    sink.out.finish()?;
    Ok(rows)
}

struct Sink {
    out: NewFile,
    digest: Digest,
}

impl Sink {
    fn line(&mut self, value: &impl Serialize) -> io::Result<()> {
        let line = serde_json::to_string(value)?;
        self.digest = extend(self.digest, &line);
        self.out.out().write_all(line.as_bytes())?;
        self.out.out().write_all(b"\n")
    }
}

/// Reads a backup row by row. Only the end tells whether it was whole.
struct Source {
    path: PathBuf,
    lines: io::Lines<BufReader<File>>,
    header: Header,
    digest: Digest,
    rows: u64,
}

impl Source {
    fn open(path: &Path) -> Result<Self, Internal> {
        let file = File::open(path).map_err(on_file(path))?;
        let mut lines = BufReader::new(file).lines();
        let first = lines
            .next()
            .transpose()
            .map_err(on_file(path))?
            .unwrap_or_default();
        let header: Option<Header> = serde_json::from_str(&first).ok();
        let Some(header) = header.filter(|header| header.format == FORMAT) else {
            let path = path.display();
            return Err(Internal::other(format!("{path} is not a Tessera backup")));
        };
        if header.version > VERSION {
            return Err(Internal::other(format!(
                "{} was written by a newer Tessera: restore it with that",
                path.display()
            )));
        }
        Ok(Self {
            path: path.to_owned(),
            lines,
            digest: extend(Digest::of(b""), &first),
            header,
            rows: 0,
        })
    }

    /// The next row; `None` at the end of a whole backup.
    fn next(&mut self) -> Result<Option<(String, Row)>, Internal> {
        let damaged = |path: &Path| {
            let path = path.display();
            Internal::other(format!(
                "{path} is damaged or cut off; nothing was restored"
            ))
        };
        let line = match self.lines.next() {
            Some(line) => line.map_err(on_file(&self.path))?,
            None => return Err(damaged(&self.path)),
        };
        match serde_json::from_str(&line) {
            Ok(Line::Row { table, row }) => {
                self.digest = extend(self.digest, &line);
                self.rows += 1;
                Ok(Some((table, row)))
            }
            Ok(Line::End { rows, sha256 }) if rows == self.rows && sha256 == hex(&self.digest) => {
                Ok(None)
            }
            _ => Err(damaged(&self.path)),
        }
    }
}

/// What a restore did.
#[derive(Debug)]
pub struct Restored {
    /// The backup's first line.
    pub header: Header,
    /// How many rows.
    pub rows: u64,
    /// The audit chain as it is now.
    pub audit: Verification,
}

/// A backup that is whole and that the master key opens.
#[derive(Debug)]
pub struct Examined {
    path: PathBuf,
    header: Header,
    rows: u64,
}

/// Reads a backup to its end before anything is touched: a damaged file is told from a failing
/// database, and a database that nobody could open is never made.
///
/// # Errors
/// A sentence for the operator if the file is damaged or too new, or was sealed under another
/// master key.
pub fn examine(file: &Path, master: &MasterKey) -> Result<Examined, Internal> {
    let mut source = Source::open(file)?;
    let mut fits = true;
    while let Some((table, row)) = source.next()? {
        fits &= master_key::fits_row(master, &table, &row)?;
    }
    if !fits {
        return Err(another_master_key());
    }
    Ok(Examined {
        path: source.path,
        header: source.header,
        rows: source.rows,
    })
}

fn another_master_key() -> Internal {
    Internal::other(
        "the backup was sealed under another master key: restore it with the one that belongs to \
         it (keys.directory, keys.master_key_file or keys.master_key); nothing was changed",
    )
}

/// Fills an empty database from a backup, all or nothing.
///
/// # Errors
/// A sentence for the operator if the backup is newer than this program, the database is not
/// empty, or the file was exchanged since it was examined.
pub async fn restore(
    tessera: &Tessera,
    backup: Examined,
    actor: Actor,
) -> Result<Restored, Internal> {
    let Examined { path, header, rows } = backup;
    let mut reader = &tessera.store;
    if header.schema > dump::schema_version(&mut reader).await? {
        return Err(Internal::other(
            "the backup was taken by a newer Tessera: restore it with that",
        ));
    }
    let event = Event::new(Kind::Backup, actor)
        .with("action", "restored")
        .with("taken_at", &header.taken_at)
        .with("rows", rows);
    let (node, source) = (tessera.clone(), Source::open(&path)?);
    tessera
        .store
        .write(move |tx| Box::pin(async move { fill(&node, tx, source, event).await }))
        .await?;
    tessera.clients.invalidate();
    // The restore's own event too; on PostgreSQL it has no seal yet.
    while tessera.store.seal_audit().await? > 0 {}
    let chain = Chain::new(Arc::clone(&tessera.master));
    let audit = audit::verify(&tessera.store, &chain).await?;
    Ok(Restored {
        header,
        rows,
        audit,
    })
}

async fn fill(
    tessera: &Tessera,
    tx: &mut Tx<'_>,
    mut source: Source,
    event: Event,
) -> Result<(), Internal> {
    if let Some(table) = dump::first_used_table(tx).await? {
        return Err(Internal::other(format!(
            "the database is not empty (table {table}): restore into a new one"
        )));
    }
    dump::clear_settings(tx).await?;
    while let Some((table, row)) = source.next()? {
        dump::insert(tx, &table, &row).await?;
    }
    if master_key::fits(tessera, tx).await? == Some(false) {
        return Err(another_master_key());
    }
    dump::finish(tx, &Chain::new(Arc::clone(&tessera.master))).await?;
    tessera.record(tx, &event, &Origin::default());
    Ok(())
}
