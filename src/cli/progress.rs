//! How far a long command is: a bar on a terminal, a line now and then elsewhere.

use indicatif::{ProgressBar, ProgressStyle};

/// A line after so many things, where there is no terminal.
const EVERY: u64 = 10_000;

pub(super) struct Progress {
    what: &'static str,
    bar: ProgressBar,
    said: std::cell::Cell<u64>,
}

impl Progress {
    /// Of a file of `length` bytes, if that is known.
    pub fn of(what: &'static str, length: Option<u64>) -> Self {
        let (bar, template) = match length {
            Some(length) => (
                ProgressBar::new(length),
                "{prefix} [{bar:40}] {percent}% {msg}, {eta} left",
            ),
            None => (ProgressBar::new_spinner(), "{prefix} {spinner} {msg}"),
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_prefix(what);
        Self {
            what,
            bar,
            said: std::cell::Cell::new(0),
        }
    }

    /// So many bytes and things are behind us.
    pub fn at(&self, bytes: u64, things: u64) {
        self.bar.set_position(bytes);
        self.bar.set_message(things.to_string());
        if self.bar.is_hidden() && things / EVERY > self.said.get() {
            self.said.set(things / EVERY);
            eprintln!("{}: {things}", self.what);
        }
    }

    /// Says these lines, above the bar.
    pub fn tell(&self, lines: Vec<String>) {
        self.bar
            .suspend(|| lines.iter().for_each(|line| eprintln!("{line}")));
    }

    /// The bar goes.
    pub fn end(self) {
        self.bar.finish_and_clear();
    }
}
