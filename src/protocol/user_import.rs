//! A person as an import describes them: a line of JSON, or what a converter of another format makes. Pure.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::account_rules::{check_email, check_name, check_username};
use super::profile;
use crate::base::Secret;
use crate::base::ids::UserId;
use crate::crypto::password::PasswordHash;

/// As many groups as one person may come with.
const MAX_GROUPS: usize = 64;

/// What an import says of a person. The members that the administration API has for a new account are the same
/// here.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Described {
    /// The `sub` that applications know already; a UUID.
    #[serde(default)]
    pub sub: Option<String>,
    /// User name.
    pub username: String,
    /// E-mail address.
    pub email: String,
    /// The address is known to be theirs.
    #[serde(default)]
    pub email_verified: bool,
    /// The standard claims and the deployment's own attributes.
    #[serde(default)]
    pub profile: Map<String, Value>,
    /// The password, as the other system stored it.
    #[serde(default)]
    pub password_hash: Option<Secret<String>>,
    /// May sign in.
    #[serde(default = "enabled")]
    pub enabled: bool,
    /// The short name of the organisation that the account belongs to.
    #[serde(default)]
    pub organisation: Option<String>,
    /// Names of groups: of the organisation, or else of the deployment.
    #[serde(default)]
    pub groups: Vec<String>,
    /// The password that is known is not to be used any more.
    #[serde(default)]
    pub password_change_required: bool,
}

const fn enabled() -> bool {
    true
}

/// The seed of an authenticator app.
#[derive(Clone, Debug)]
pub struct ImportedSeed {
    /// What its owner calls it.
    pub name: String,
    /// The seed itself.
    pub seed: Secret<Vec<u8>>,
    /// The length of its codes.
    pub digits: u8,
}

/// A person who can be imported, as far as can be told without the database.
#[derive(Clone, Debug)]
pub struct Person {
    /// What was said; its hash is below.
    pub described: Described,
    /// The `sub`, if one was said.
    pub id: Option<UserId>,
    /// The password.
    pub password: Option<PasswordHash>,
    /// Authenticator apps.
    pub seeds: Vec<ImportedSeed>,
}

impl Described {
    /// Reads a line of JSON.
    ///
    /// # Errors
    /// What is wrong, in words that repeat no value: a hash may be in the wrong place.
    pub fn read(line: &str) -> Result<Self, String> {
        serde_json::from_str(line).map_err(|error| {
            let at = error.column();
            let text = error.to_string();
            let of_names = ["unknown field", "missing field", "duplicate field"];
            if !error.is_data() {
                format!("is no JSON, at column {at}")
            } else if of_names.iter().any(|of| text.starts_with(of)) {
                let end = text.find(", expected").or(text.find(" at line"));
                let name: String = text[..end.unwrap_or(text.len())]
                    .chars()
                    .take(100)
                    .collect();
                let name = name.replacen("field", "member", 1);
                name.replace('`', "").replace(|c: char| c.is_control(), "?")
            } else {
                format!("has a value of the wrong type before column {at}")
            }
        })
    }

    /// Checks all of it that needs no database.
    ///
    /// # Errors
    /// Everything that is wrong, by member, without the hash.
    pub fn check(self, seeds: Vec<ImportedSeed>, accept_weak: bool) -> Result<Person, Vec<String>> {
        let mut wrong = Vec::new();
        let name = self.profile.get("name").and_then(Value::as_str);
        for (member, checked) in [
            ("username", check_username(&self.username, &self.email)),
            ("email", check_email(&self.email)),
            ("profile.name", check_name(name.unwrap_or_default())),
        ] {
            wrong.extend(checked.err().map(|why| format!("{member}: {why}")));
        }
        wrong.extend(profile::problems(&self.profile));
        let id = self.sub.as_deref().map(read_sub);
        if let Some(None) = id {
            wrong.push(
                "sub: must be a UUID; an identifier of another form has its place under \
                 profile.attributes"
                    .to_owned(),
            );
        }
        let hash = self.password_hash.as_ref();
        let password = hash.map(|hash| PasswordHash::import(hash.expose(), accept_weak));
        if let Some(Err(why)) = &password {
            wrong.push(format!("password_hash: {why}"));
        }
        let nameless = |name: &String| name.trim().is_empty() || check_name(name).is_err();
        if self.groups.len() > MAX_GROUPS || self.groups.iter().any(nameless) {
            wrong.push("groups: must be at most 64 names of groups".to_owned());
        }
        if self.organisation.as_ref().is_some_and(nameless) {
            wrong.push("organisation: must be the short name of an organisation".to_owned());
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let known = password.and_then(Result::ok);
        Ok(Person {
            id: id.flatten(),
            // Nobody gets in with it: its owner chooses another one by mail.
            password: known.filter(|_| !self.password_change_required),
            described: self,
            seeds,
        })
    }
}

impl Person {
    /// Everything that was said, in one spelling: of two imports of the same person it is the same text.
    #[must_use]
    pub fn canonical(&self) -> Secret<String> {
        let of = &self.described;
        let seeds = self.seeds.iter().map(|of| (&of.name, of.seed.expose()));
        let hash = self.described.password_hash.as_ref();
        let all = json!([
            self.id,
            of.username,
            of.email,
            of.email_verified,
            of.profile,
            hash.map(Secret::expose),
            of.enabled,
            of.organisation,
            of.groups,
            of.password_change_required,
            seeds.collect::<Vec<_>>(),
        ]);
        Secret::new(all.to_string())
    }
}

/// The nil UUID stands before everybody in lists: nobody can have it.
fn read_sub(text: &str) -> Option<UserId> {
    let id: uuid::Uuid = text.parse().ok()?;
    // Other spellings (braces, a URN, without hyphens) would come out of tokens as this one.
    (!id.is_nil() && !id.is_max() && id.to_string() == text).then_some(UserId(id))
}

#[cfg(test)]
#[path = "user_import_tests.rs"]
mod tests;
