//! People.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::credentials::CredentialExport;
use super::roles::RealmRoles;
use super::{Plan, PlannedPerson};
use crate::base::Secret;
use crate::crypto::password::PasswordHash;
use crate::protocol::assurance::MAX_CODE_DEVICES;
use crate::protocol::profile;
use crate::protocol::user_import::{Described, ImportedSeed};

/// `UserRepresentation`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct UserExport {
    id: Option<String>,
    username: String,
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    email_verified: bool,
    enabled: Option<bool>,
    attributes: BTreeMap<String, Value>,
    credentials: Vec<CredentialExport>,
    required_actions: Vec<String>,
    realm_roles: Vec<String>,
    client_roles: BTreeMap<String, Vec<String>>,
    groups: Vec<String>,
    federated_identities: Vec<Map<String, Value>>,
    client_consents: Vec<Value>,
    federation_link: Option<String>,
    service_account_client_id: Option<String>,
}

/// Names that people's claims commonly have there.
#[rustfmt::skip]
const CLAIMS: &[(&str, &str)] = &[
    ("locale", "locale"), ("nickname", "nickname"), ("middleName", "middle_name"), ("gender", "gender"),
    ("birthdate", "birthdate"), ("zoneinfo", "zoneinfo"), ("website", "website"), ("picture", "picture"),
    ("profile", "profile"), ("phoneNumber", "phone_number"),
];

/// The most that one account may have here.
const MAX_APPS: usize = MAX_CODE_DEVICES;

impl UserExport {
    /// The roles that they hold, those of clients as `client/role`.
    fn roles(&self) -> Vec<String> {
        let of_clients = self.client_roles.iter().flat_map(|(client, roles)| {
            // What everybody has by default there.
            let own = matches!(client.as_str(), "account" | "broker");
            roles
                .iter()
                .filter(move |_| !own)
                .map(move |role| format!("{client}/{role}"))
        });
        self.realm_roles.iter().cloned().chain(of_clients).collect()
    }

    fn profile(&mut self, at: &str, plan: &mut Plan) -> Map<String, Value> {
        let mut profile = Map::new();
        let names = [
            ("given_name", &self.first_name),
            ("family_name", &self.last_name),
        ];
        let mut full = Vec::new();
        for (claim, name) in names {
            if let Some(name) = name
                .as_deref()
                .map(str::trim)
                .filter(|name| !name.is_empty())
            {
                full.push(name);
                fit(&mut profile, claim, name.into(), at, plan);
            }
        }
        if !full.is_empty() {
            fit(&mut profile, "name", full.join(" ").into(), at, plan);
        }
        let mut attributes = Map::new();
        for (name, value) in std::mem::take(&mut self.attributes) {
            // A list of texts; older exports have one text.
            let value = match value {
                Value::Array(mut all) if all.len() == 1 => all.remove(0),
                other => other,
            };
            let claim = CLAIMS.iter().find(|(theirs, _)| *theirs == name);
            let good = |claim: &str| {
                let alone = Map::from_iter([(claim.to_owned(), value.clone())]);
                profile::problems(&alone).is_empty()
            };
            match claim {
                Some((_, claim)) if good(claim) => {
                    profile.insert((*claim).to_owned(), value);
                }
                _ => {
                    attributes.insert(name, value);
                }
            }
        }
        attributes.retain(|_, value| !value.is_null() && value != "");
        if !attributes.is_empty() {
            fit(
                &mut profile,
                profile::ATTRIBUTES,
                attributes.into(),
                at,
                plan,
            );
        }
        profile
    }

    /// The password and the apps; what else there is, is told.
    fn proofs(&self, at: &str, plan: &mut Plan) -> (Option<Secret<String>>, Vec<ImportedSeed>) {
        let (mut password_hash, mut seeds) = (None, Vec::new());
        for credential in &self.credentials {
            let refused = match credential.kind.as_str() {
                "password" if password_hash.is_none() => match credential.password() {
                    // How strong it has to be is the import's to say; one that nobody can check helps nobody.
                    Ok(hash) if PasswordHash::import(hash.expose(), true).is_ok() => {
                        password_hash = Some(hash);
                        continue;
                    }
                    Ok(_) => "it is too expensive to check, or in an unknown form",
                    Err(why) => why,
                },
                "otp" | "totp" | "hotp" if seeds.len() >= MAX_APPS => {
                    "one person has at most five here"
                }
                "otp" | "totp" | "hotp" => match credential.seed() {
                    Ok(seed) => {
                        seeds.push(seed);
                        continue;
                    }
                    Err(why) => why,
                },
                "webauthn" | "webauthn-passwordless" => {
                    "passkeys belong to the old address: they are set up again"
                }
                "password-history" => "old passwords are not kept here",
                _ => "there is nothing like it here",
            };
            plan.leave(at, format!("{}: {refused}", credential.kind));
        }
        (password_hash, seeds)
    }
}

/// Takes a claim into the profile, or says that it cannot be.
fn fit(profile: &mut Map<String, Value>, claim: &str, value: Value, at: &str, plan: &mut Plan) {
    let alone = Map::from_iter([(claim.to_owned(), value)]);
    match profile::problems(&alone).first() {
        None => profile.extend(alone),
        Some(why) => plan.leave(at, why.as_str()),
    }
}

pub(super) fn plan(mut user: UserExport, roles: &mut RealmRoles, plan: &mut Plan) {
    let at = super::printable(&format!("user {}", user.username));
    if let Some(client) = &user.service_account_client_id {
        let why = format!("it is the service account of {client}, which acts for itself here");
        plan.leave(&*at, why);
        let mut held = user.roles();
        held.retain(|role| !roles.is_own(role));
        if !held.is_empty() {
            let why = format!(
                "its roles {}: give the client roles of Tessera",
                held.join(", ")
            );
            plan.leave(at, why);
        }
        return;
    }
    let Some(email) = user.email.clone().filter(|email| !email.is_empty()) else {
        plan.people_left += 1;
        return plan.leave(at, "not imported: every account here has an e-mail address");
    };
    roles.hold(user.roles());
    let change_password = user
        .required_actions
        .iter()
        .any(|action| action == "UPDATE_PASSWORD");
    let carried = ["UPDATE_PASSWORD", "VERIFY_EMAIL"];
    for action in &user.required_actions {
        if !carried.contains(&action.as_str()) {
            plan.leave(&*at, format!("the required action {action}"));
        }
    }
    if user.federation_link.is_some() {
        plan.leave(
            &*at,
            "its link to a user store: what is in the export is all there is from now on",
        );
    }
    for identity in &user.federated_identities {
        let provider = identity.get("identityProvider").and_then(Value::as_str);
        plan.leave(
            &*at,
            format!("signing in with {}", provider.unwrap_or("another provider")),
        );
    }
    if !user.client_consents.is_empty() {
        plan.leave(&*at, "what it allowed applications: they ask again");
    }
    let profile = user.profile(&at, plan);
    let (password_hash, seeds) = user.proofs(&at, plan);
    let groups = user
        .groups
        .iter()
        .map(|path| path.trim_start_matches('/').to_owned());
    let described = Described {
        sub: user.id.take(),
        username: user.username,
        email,
        email_verified: user.email_verified,
        profile,
        password_hash,
        enabled: user.enabled.unwrap_or(true),
        organisation: None,
        groups: groups.collect(),
        password_change_required: change_password,
    };
    if change_password {
        plan.leave(&*at, "its password: a new one was required already");
    }
    plan.people.push(PlannedPerson {
        at,
        described,
        seeds,
        roles: roles.that_come(&user.realm_roles),
    });
}
