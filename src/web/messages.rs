//! The message catalogue: every sentence a person reads comes from `locales/`.
//!
//! Names that strangers choose (clients, people, user agents) are never part of a sentence's
//! markup: [`rich`] escapes the sentence first and then sets the names in as isolated `<bdi>`
//! elements, so that neither a tag nor a right-to-left override can rewrite what surrounds it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use askama::filters::HtmlSafe;
use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, StaticLoader};
use unic_langid::langid;

use crate::base::Timestamp;

mod negotiate;

pub use negotiate::negotiate;

fluent_templates::static_loader! {
    static CATALOGUE = {
        locales: "./locales",
        fallback_language: "en",
        // Names are isolated with <bdi>; invisible marks would end up in copied text and in mails.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// A language with a complete catalogue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

impl Lang {
    /// Every language, the default first.
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// The BCP 47 tag, as in `<html lang>` and in `ui_locales_supported`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// Its name, in itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
        }
    }

    /// The direction of writing, as in `<html dir>`.
    #[must_use]
    pub const fn dir(self) -> &'static str {
        match self {
            Self::En | Self::De => "ltr",
        }
    }

    const fn id(self) -> LanguageIdentifier {
        match self {
            Self::En => langid!("en"),
            Self::De => langid!("de"),
        }
    }
}

/// What is filled into a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Words, possibly a stranger's.
    Text(String),
    /// A count, which chooses the plural.
    Number(u64),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

/// A sentence of the catalogue that has not been put into a language yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    key: &'static str,
    args: Vec<(&'static str, Value)>,
}

impl Message {
    /// The sentence `key`.
    #[must_use]
    pub const fn new(key: &'static str) -> Self {
        Self {
            key,
            args: Vec::new(),
        }
    }

    /// Fills in `$name`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.args.push((name, value.into()));
        self
    }

    /// The key in the catalogue.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        self.key
    }

    /// The sentence in `lang`, as plain text.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        lookup(lang, self.key, &self.args)
    }
}

/// Markup that is safe to print as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Html(String);

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Html {}

/// The sentence `key` in `lang`. An unknown key shows itself: ugly, but never a blank page.
#[must_use]
pub fn lookup(lang: Lang, key: &str, args: &[(&'static str, Value)]) -> String {
    let filled: HashMap<Cow<'static, str>, FluentValue<'_>> = args
        .iter()
        .map(|(name, value)| {
            let value = match value {
                Value::Text(text) => FluentValue::from(calm(text)),
                Value::Number(number) => FluentValue::from(*number),
            };
            (Cow::Borrowed(*name), value)
        })
        .collect();
    find(lang, key, &filled).unwrap_or_else(|| key.to_owned())
}

/// The sentence `key` as markup, with each name set in as `<bdi class="name">`.
#[must_use]
pub fn rich(lang: Lang, key: &str, names: &[(&'static str, &str)]) -> Html {
    // Private-use characters stand for the names until the sentence has been escaped.
    let held: HashMap<Cow<'static, str>, FluentValue<'_>> = names
        .iter()
        .enumerate()
        .map(|(index, (name, _))| {
            let place = format!("\u{e000}{index}\u{e001}");
            (Cow::Borrowed(*name), FluentValue::from(place))
        })
        .collect();
    let sentence = escape(&find(lang, key, &held).unwrap_or_else(|| key.to_owned()));
    let mut html = String::with_capacity(sentence.len() + 64);
    let mut parts = sentence.split('\u{e000}');
    html.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (index, rest) = part.split_once('\u{e001}').unwrap_or(("", part));
        if let Some((_, name)) = index.parse().ok().and_then(|i: usize| names.get(i)) {
            html.push_str("<bdi class=\"name\">");
            html.push_str(&escape(&calm(name)));
            html.push_str("</bdi>");
        }
        html.push_str(rest);
    }
    Html(html)
}

/// A span of time in plain words, rounded up: "30 seconds", "2 minutes", "1 hour", "7 days".
#[must_use]
pub fn duration(lang: Lang, span: Duration) -> String {
    let seconds = span.as_secs().max(1);
    let (key, number) = match seconds {
        0..60 => ("duration-seconds", seconds),
        60..3_600 => ("duration-minutes", seconds.div_ceil(60)),
        3_600..172_800 => ("duration-hours", seconds.div_ceil(3_600)),
        _ => ("duration-days", seconds.div_ceil(86_400)),
    };
    lookup(lang, key, &[("n", number.into())])
}

/// How long ago `then` was; a date once it is more than a month.
#[must_use]
pub fn ago(lang: Lang, now: Timestamp, then: Timestamp) -> String {
    let minutes = now.since(then).as_secs() / 60;
    let (key, number) = match minutes {
        0..2 => return lookup(lang, "ago-now", &[]),
        2..60 => ("ago-minutes", minutes),
        60..1_440 => ("ago-hours", minutes / 60),
        1_440..43_200 => ("ago-days", minutes / 1_440),
        _ => return date(lang, then),
    };
    lookup(lang, key, &[("n", number.into())])
}

/// The day of `at` in UTC, written out.
#[must_use]
pub fn date(lang: Lang, at: Timestamp) -> String {
    use chrono::Datelike as _;
    let Some(day) = chrono::DateTime::from_timestamp_micros(at.micros()) else {
        return at.rfc3339();
    };
    let args = [
        ("day", u64::from(day.day()).into()),
        ("month", u64::from(day.month()).into()),
        ("year", day.year().to_string().as_str().into()),
    ];
    lookup(lang, "date", &args)
}

/// Text without control characters and without bidirectional overrides (Unicode TR 36 §2.4):
/// a client called "\u{202e}evil" must not turn the sentence around it.
#[must_use]
pub fn calm(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .filter(|c| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .collect()
}

fn find(
    lang: Lang,
    key: &str,
    args: &HashMap<Cow<'static, str>, FluentValue<'_>>,
) -> Option<String> {
    let loader: &StaticLoader = &CATALOGUE;
    loader
        .lookup_single_language(&lang.id(), key, Some(args))
        .or_else(|_| loader.lookup_single_language(&Lang::default().id(), key, Some(args)))
        .ok()
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests;
