//! `config print`: the effective configuration, fit to be pasted into a bug report.

use std::fmt::Write as _;

use super::Config;
use super::section::Origin;

impl Config {
    /// Every effective value: its key, itself as TOML, where it comes from; secrets redacted.
    #[must_use]
    pub fn shown(&self) -> Vec<(String, String, String)> {
        let entries = self.entries().iter();
        entries
            .map(|entry| {
                let origin = origin(&entry.origin);
                (entry.key.clone(), entry.shown.clone(), origin)
            })
            .collect()
    }

    /// TOML with every effective value, each with its origin; secrets redacted.
    #[must_use]
    pub fn print(&self) -> String {
        let mut out = String::new();
        let mut section = "";
        for entry in self.entries() {
            let (of, name) = entry.key.rsplit_once('.').unwrap_or(("", &entry.key));
            if of != section {
                let gap = if section.is_empty() { "" } else { "\n" };
                let _ = writeln!(out, "{gap}[{of}]");
                section = of;
            }
            let origin = origin(&entry.origin);
            let _ = writeln!(out, "{name} = {} # {origin}", entry.shown);
        }
        out
    }
}

fn origin(of: &Origin) -> String {
    match of {
        Origin::Default => "default".to_owned(),
        Origin::Follows(key) => format!("default, follows {key}"),
        Origin::File(name) => format!("file {name}"),
        Origin::Variable(name) => format!("environment {name}"),
    }
}
