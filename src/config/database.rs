//! `[database]`: the one setting that chooses between embedded and scaled.

use std::fmt;
use std::time::Duration;

use url::Url;

use super::section::section;
use super::value::{Raw, Setting, quoted, text};
use crate::base::Secret;

section! {
    /// The database and its pool.
    DatabaseConfig {
        /// `sqlite:PATH` or `postgres://...`. Default `sqlite:./data/tessera.db`: nothing else to
        /// install.
        url: DatabaseUrl = DatabaseUrl::default();
        /// Connections per node. Default 10: more than the cores of a small node, and ten nodes
        /// still fit into PostgreSQL's own default of 100. On SQLite these are readers; there is
        /// always one writer.
        max_connections: u32 = 10;
        /// How long a request waits for a connection. Default 5 s: a pool that is empty for longer
        /// is an outage, and an early 503 sheds load where a late one only adds to it.
        acquire_timeout: Duration = Duration::from_secs(5);
    }
}

/// Which engine a database URL asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Embedded.
    Sqlite,
    /// Scaled.
    Postgres,
}

/// A database URL. It may hold a password, so it prints without one.
#[derive(Clone)]
pub struct DatabaseUrl {
    engine: Engine,
    text: Secret<String>,
}

const RIGHT: &str = "sqlite:PATH or postgres://user:password@host/database";

impl DatabaseUrl {
    /// Checks the scheme; whether the database is there shows when it is opened.
    ///
    /// # Errors
    /// In words, what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let engine = match text.split_once(':') {
            Some(("sqlite", rest)) if !rest.trim_start_matches('/').is_empty() => Engine::Sqlite,
            Some(("postgres" | "postgresql", rest))
                if rest.starts_with("//") && Url::parse(text).is_ok() =>
            {
                Engine::Postgres
            }
            _ => return Err(RIGHT.to_owned()),
        };
        Ok(Self {
            engine,
            text: Secret::new(text.to_owned()),
        })
    }

    /// The engine it asks for.
    #[must_use]
    pub const fn engine(&self) -> Engine {
        self.engine
    }

    /// The whole URL with its password: for the database driver only.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose()
    }

    /// The URL without a password, for logs and `config print`.
    #[must_use]
    pub fn redacted(&self) -> String {
        match self.engine {
            Engine::Sqlite => self.expose().to_owned(),
            Engine::Postgres => {
                Url::parse(self.expose()).map_or_else(|_| "[secret]".to_owned(), redact)
            }
        }
    }
}

/// Without the password of the authority and without the query, where libpq-style URLs may carry
/// `password` and `sslpassword` too.
fn redact(mut url: Url) -> String {
    let had_password = url.password().is_some();
    let had_query = url.query().is_some();
    url.set_query(None);
    // Fails only for a URL without a host, which then has no password either.
    let _ = url.set_password(None);
    let mut shown = url.to_string();
    if had_password && let Some(at) = shown.find('@') {
        shown.insert_str(at, ":[secret]");
    }
    if had_query {
        shown.push_str("?[secret]");
    }
    shown
}

impl Default for DatabaseUrl {
    fn default() -> Self {
        Self::parse("sqlite:./data/tessera.db").expect("the default is a SQLite URL")
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

impl Setting for DatabaseUrl {
    fn parse(raw: &Raw) -> Result<Self, String> {
        text(raw)
            .ok_or_else(|| RIGHT.to_owned())
            .and_then(Self::parse)
    }

    fn show(&self) -> String {
        quoted(&self.redacted())
    }

    fn show_raw(_: &Raw) -> String {
        "[secret]".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_chooses_the_engine() {
        for (text, engine) in [
            ("sqlite:./data/tessera.db", Engine::Sqlite),
            ("sqlite:///var/lib/tessera.db", Engine::Sqlite),
            ("sqlite::memory:", Engine::Sqlite),
            ("postgres://db/tessera", Engine::Postgres),
            ("postgresql://u:p@db:5432/tessera", Engine::Postgres),
        ] {
            assert_eq!(DatabaseUrl::parse(text).unwrap().engine(), engine, "{text}");
        }
        for text in [
            "",
            "sqlite:",
            "sqlite://",
            "mysql://db",
            "postgres:db",
            "./tessera.db",
        ] {
            assert!(DatabaseUrl::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_password_does_not_print() {
        for text in [
            "postgres://tessera:hunter2@db:5432/tessera",
            "postgres://tessera@db/tessera?password=hunter2",
        ] {
            let url = DatabaseUrl::parse(text).unwrap();
            assert_eq!(url.expose(), text);
            assert!(!format!("{url:?} {}", url.show()).contains("hunter2"));
            assert!(url.redacted().contains("tessera") && url.redacted().contains("@db"));
        }
    }
}
