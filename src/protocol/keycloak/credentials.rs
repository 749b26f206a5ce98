//! Ways to prove who one is.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::base::Secret;
use crate::crypto::otp::read_seed;
use crate::protocol::account_rules::check_name;
use crate::protocol::user_import::ImportedSeed;

/// `CredentialRepresentation`: the members in one, or in two documents of JSON as text.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct CredentialExport {
    #[serde(rename = "type")]
    pub kind: String,
    user_label: Option<String>,
    secret_data: Option<Secret<String>>,
    credential_data: Option<String>,
    value: Option<Secret<String>>,
    // Before Keycloak 8.
    hashed_salted_value: Option<Secret<String>>,
    salt: Option<String>,
    hash_iterations: Option<u32>,
    algorithm: Option<String>,
    digits: Option<u8>,
    period: Option<u32>,
}

/// `PasswordCredentialData` or `OTPCredentialData`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Data {
    hash_iterations: Option<u32>,
    algorithm: Option<String>,
    additional_parameters: Map<String, Value>,
    sub_type: Option<String>,
    digits: Option<u8>,
    period: Option<u32>,
    secret_encoding: Option<String>,
}

/// `PasswordSecretData` or `OTPSecretData`.
#[derive(Debug, Deserialize)]
struct SecretData {
    value: Secret<String>,
    #[serde(default)]
    salt: Option<String>,
}

impl CredentialExport {
    fn read(&self) -> Result<(Data, SecretData), &'static str> {
        let bad = "it cannot be read";
        if let (Some(data), Some(secret)) = (&self.credential_data, &self.secret_data) {
            let data = serde_json::from_str(data).map_err(|_| bad)?;
            let secret = serde_json::from_str(secret.expose()).map_err(|_| bad)?;
            return Ok((data, secret));
        }
        if self.value.is_some() {
            return Err("it is in clear text: it may have been read by anybody");
        }
        let data = Data {
            hash_iterations: self.hash_iterations,
            algorithm: self.algorithm.clone(),
            sub_type: Some(self.kind.clone()),
            digits: self.digits,
            period: self.period,
            ..Data::default()
        };
        let value = self.hashed_salted_value.clone().ok_or(bad)?;
        let salt = self.salt.clone();
        Ok((data, SecretData { value, salt }))
    }

    /// The password in the form in which hashes are imported.
    pub fn password(&self) -> Result<Secret<String>, &'static str> {
        let (data, secret) = self.read()?;
        let algorithm = data.algorithm.as_deref().unwrap_or("pbkdf2-sha256");
        // Of a widespread extension: the whole of it is in the value.
        if algorithm == "bcrypt" {
            return Ok(secret.value);
        }
        let bytes = |text: &str| STANDARD.decode(text).map_err(|_| "it cannot be read");
        let hash = STANDARD_NO_PAD.encode(bytes(secret.value.expose())?);
        let salt = secret.salt.as_deref().ok_or("it has no salt")?;
        let salt = STANDARD_NO_PAD.encode(bytes(salt)?);
        let iterations = data.hash_iterations.ok_or("it says no iterations")?;
        let name = match algorithm {
            "pbkdf2" => "pbkdf2-sha1",
            "pbkdf2-sha256" | "pbkdf2-sha512" => algorithm,
            "argon2" => {
                let said = argon2(&data.additional_parameters, iterations)
                    .ok_or("its parameters are unknown")?;
                return Ok(Secret::new(format!("{said}${salt}${hash}")));
            }
            _ => return Err("its algorithm is unknown"),
        };
        let text = format!("${name}$i={iterations}${salt}${hash}");
        Ok(Secret::new(text))
    }

    /// An authenticator app.
    pub fn seed(&self) -> Result<ImportedSeed, &'static str> {
        let (data, secret) = self.read()?;
        if data.sub_type.as_deref() != Some("totp") {
            return Err(
                "it counts instead of reading the clock: hand it out again with tessera user token",
            );
        }
        if data.algorithm.as_deref().unwrap_or("HmacSHA1") != "HmacSHA1" {
            return Err("it does not use SHA-1, as apps here do: it has to be set up again");
        }
        if data.period.unwrap_or(30) != 30 {
            return Err("its codes do not last for 30 seconds: it has to be set up again");
        }
        let digits = data.digits.unwrap_or(6);
        if !matches!(digits, 6..=8) {
            return Err("its codes have an unusual length: it has to be set up again");
        }
        let value = secret.value.expose();
        let seed = match data.secret_encoding.as_deref() {
            // The seed is the text itself.
            None => Some(Secret::new(value.clone().into_bytes())),
            Some(encoding) if encoding.eq_ignore_ascii_case("base32") => read_seed(value),
            Some(_) => None,
        };
        // RFC 4226 §4 R6: "The length of the shared secret MUST be at least 128 bits."
        let seed = seed.filter(|seed| (16..=64).contains(&seed.expose().len()));
        let label = self.user_label.as_deref().unwrap_or_default().trim();
        let name = if check_name(label).is_ok() { label } else { "" };
        Ok(ImportedSeed {
            name: name.to_owned(),
            seed: seed
                .ok_or("its seed is too short or in an unknown form: it has to be set up again")?,
            digits,
        })
    }
}

/// The beginning of the PHC form.
fn argon2(parameters: &Map<String, Value>, iterations: u32) -> Option<String> {
    // Each is a list of texts.
    let first = |name: &str| parameters.get(name)?.get(0)?.as_str();
    let number = |name: &str| first(name)?.parse::<u32>().ok();
    let kind @ ("id" | "i" | "d") = first("type")? else {
        return None;
    };
    let version = match first("version")? {
        "1.3" => 19,
        "1.0" => 16,
        _ => return None,
    };
    let (memory, lanes) = (number("memory")?, number("parallelism")?);
    Some(format!(
        "$argon2{kind}$v={version}$m={memory},t={iterations},p={lanes}"
    ))
}
