//! Claims in several languages and scripts (OpenID Connect Core §5.2): `family_name#ja-Kana-JP`. Pure.

use oxilangtag::LanguageTag;
use serde_json::{Map, Value};

/// The claims that people read, or that point to something that they read.
const READABLE: [&str; 10] = [
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "profile",
    "picture",
    "website",
    "gender",
    "address",
];

/// The claim and the language of a name that has one; `None` where the claim has no languages.
#[must_use]
pub fn split(name: &str) -> Option<(&str, &str)> {
    name.split_once('#')
        .filter(|(claim, _)| READABLE.contains(claim))
}

/// The claim that a name is about.
pub(super) fn base(name: &str) -> &str {
    split(name).map_or(name, |(claim, _)| claim)
}

/// Checks the name of a claim with a language, as an operator wrote it.
///
/// # Errors
/// In words, what is wrong.
pub(super) fn check(name: &str) -> Result<(), String> {
    let Some((_, tag)) = split(name) else {
        return Err(format!("{name}: this claim has no languages"));
    };
    match LanguageTag::parse_and_normalize(tag) {
        Err(_) => Err(format!("{name}: not a language tag of BCP 47")),
        // §5.2: "it is RECOMMENDED that language tag values used in Claim Names be spelled using the
        // character case with which they are registered": so one language never comes twice.
        Ok(spelled) if spelled.as_str() != tag => {
            Err(format!("{name}: the language is spelled {spelled}"))
        }
        Ok(_) => Ok(()),
    }
}

/// Which languages a request may remember: those that are languages.
pub(super) fn known(wished: &[String]) -> Vec<String> {
    let is_tag = |tag: &&String| LanguageTag::parse(tag.as_str()).is_ok();
    wished.iter().filter(is_tag).cloned().collect()
}

/// A claim as it is due under its own name, for somebody who prefers these languages. §5.2: "it is
/// RECOMMENDED that OPs return Claims without language tags when they employ this language and
/// script". Without a wish, or where none can be met, it is the one without a language; and every other
/// under its full name where there is no such one.
pub(super) fn due(
    all: &Map<String, Value>,
    claim: &str,
    wished: &[String],
) -> Vec<(String, Value)> {
    let found = wished.iter().find_map(|wish| nearest(all, claim, wish));
    if let Some(value) = found.and_then(|name| all.get(&name)) {
        return vec![(claim.to_owned(), value.clone())];
    }
    match all.get(claim) {
        Some(value) => vec![(claim.to_owned(), value.clone())],
        None => variants(all, claim)
            .map(|(name, _, value)| (name.clone(), value.clone()))
            .collect(),
    }
}

/// A claim that was asked for in one language (§5.5.2), under the name that was asked for if there is
/// one in it. Else "any versions of those Claims returned that do not use the requested language and
/// script SHOULD use a language tag in the Claim Name": the nearest under its full name, or the one
/// whose language nobody knows.
pub(super) fn in_language(
    all: &Map<String, Value>,
    asked: &str,
    (claim, language): (&str, &str),
) -> Option<(String, Value)> {
    let Some(name) = nearest(all, claim, language) else {
        return all
            .get(claim)
            .map(|value| (claim.to_owned(), value.clone()));
    };
    let value = all.get(&name)?.clone();
    // "BCP47 [...] language tags are case insensitive; however, Claim Names are case sensitive": so the
    // client's own spelling.
    let exact = name.eq_ignore_ascii_case(asked);
    Some((if exact { asked.to_owned() } else { name }, value))
}

fn variants<'a>(
    all: &'a Map<String, Value>,
    claim: &'a str,
) -> impl Iterator<Item = (&'a String, &'a str, &'a Value)> {
    all.iter().filter_map(move |(name, value)| {
        let (of, tag) = split(name)?;
        (of == claim).then_some((name, tag, value))
    })
}

/// The name of the claim in a language: in this very one, or else in what it is a kind of (`de` for
/// `de-AT`; RFC 4647 §3.4), or else in a kind of it (`ja-Kana-JP` for `ja`; RFC 4647 §3.3.1). Of several
/// kinds the first in order of the alphabet, so that it is always the same.
fn nearest(all: &Map<String, Value>, claim: &str, language: &str) -> Option<String> {
    let mut variants: Vec<_> = variants(all, claim).collect();
    variants.sort_unstable_by_key(|(name, ..)| *name);
    let mut range = language;
    loop {
        let exact = variants
            .iter()
            .find(|(_, tag, _)| tag.eq_ignore_ascii_case(range));
        if let Some((name, ..)) = exact {
            return Some((*name).clone());
        }
        let Some((shorter, _)) = range.rsplit_once('-') else {
            break;
        };
        // "If the remaining language tag ends in a single-letter subtag, that is removed as well."
        range = match shorter.rsplit_once('-') {
            Some((rest, last)) if last.len() == 1 => rest,
            _ => shorter,
        };
    }
    let kind = |tag: &str| {
        tag.get(..language.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(language))
            && tag[language.len()..].starts_with('-')
    };
    let (name, ..) = variants.iter().find(|(_, tag, _)| kind(tag))?;
    Some((*name).clone())
}

#[cfg(test)]
#[path = "claim_languages_tests.rs"]
mod tests;
