//! The words by which people and clients are found: the beginning of any is enough, whatever engine.

use std::collections::BTreeSet;

/// Names have few words; bounds what one row adds to the index.
const MAX_WORDS: usize = 16;

/// The longest word that is kept whole, in characters.
const MAX_WORD: usize = 64;

/// Sorts after everything that begins with what stands before it.
pub const LAST: char = char::MAX;

/// Each text as a whole, and the words in it, lower case.
#[must_use]
pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for text in texts {
        let whole = text.trim().to_lowercase();
        let parts = whole.split(|c: char| !c.is_alphanumeric());
        words.extend(parts.filter(|part| !part.is_empty()).map(cut));
        words.insert(cut(&whole));
    }
    words.remove("");
    words.into_iter().take(MAX_WORDS).collect()
}

fn cut(word: &str) -> String {
    word.chars().take(MAX_WORD).collect()
}

/// What somebody typed to find something: the word to look up, and the others, which must begin words too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought {
    /// The longest: the one that leaves the fewest.
    pub word: String,
    others: Vec<String>,
}

impl Sought {
    /// Reads it; `None` if nothing but space was typed.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let mut words: Vec<String> = typed
            .to_lowercase()
            .split_whitespace()
            .map(cut)
            .take(MAX_WORDS)
            .collect();
        words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
        let word = (!words.is_empty()).then(|| words.remove(0))?;
        Some(Self {
            word,
            others: words,
        })
    }

    /// Where the words that begin with it end.
    #[must_use]
    pub fn end(&self) -> String {
        format!("{}{LAST}", self.word)
    }

    /// The word after which a search goes on: where it ended, or the first that begins with what is sought.
    #[must_use]
    pub fn from<'a>(&'a self, ended: &'a str) -> &'a str {
        if ended.is_empty() { &self.word } else { ended }
    }

    /// Whether something with these words is meant, and this is the one of its words by which it is listed: it
    /// comes once, however many of its words fit.
    #[must_use]
    pub fn meets(&self, by: &str, words: &BTreeSet<String>) -> bool {
        let first = words.iter().find(|word| word.starts_with(&self.word));
        first.is_some_and(|first| first == by) && self.fits(words)
    }

    /// Whether all that is sought begins words of these texts.
    #[must_use]
    pub fn is_in<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> bool {
        let words = of(texts);
        words.iter().any(|word| word.starts_with(&self.word)) && self.fits(&words)
    }

    /// Whether something with these words is meant.
    #[must_use]
    pub fn fits(&self, words: &BTreeSet<String>) -> bool {
        self.others
            .iter()
            .all(|begun| words.iter().any(|word| word.starts_with(begun)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_by_each_of_its_words_and_as_a_whole() {
        let words = of(["Ada Lovelace", "ada@example.org"]);
        let all: Vec<_> = words.iter().map(String::as_str).collect();
        assert_eq!(
            all,
            [
                "ada",
                "ada lovelace",
                "ada@example.org",
                "example",
                "lovelace",
                "org"
            ]
        );
        assert_eq!(of(["", " "]), BTreeSet::new());
    }

    #[test]
    fn every_word_that_is_typed_must_begin_one() {
        let words = of(["Ada Lovelace", "ada@example.org"]);
        let sought = Sought::parse(" LOVE ad ").unwrap();
        assert_eq!(sought.word, "love");
        assert!(sought.fits(&words));
        assert!(!Sought::parse("lovelace bob").unwrap().fits(&words));
        assert_eq!(Sought::parse("  "), None);
    }
}
