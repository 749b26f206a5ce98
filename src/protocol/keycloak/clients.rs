//! Applications.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::{Plan, PlannedClient};
use crate::base::Secret;

/// `ClientRepresentation`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ClientExport {
    client_id: String,
    name: Option<String>,
    root_url: Option<String>,
    enabled: Option<bool>,
    client_authenticator_type: Option<String>,
    secret: Option<Secret<String>>,
    redirect_uris: Vec<String>,
    web_origins: Vec<String>,
    bearer_only: bool,
    consent_required: bool,
    standard_flow_enabled: Option<bool>,
    implicit_flow_enabled: bool,
    direct_access_grants_enabled: bool,
    service_accounts_enabled: bool,
    authorization_services_enabled: bool,
    public_client: bool,
    protocol: Option<String>,
    attributes: BTreeMap<String, Value>,
    protocol_mappers: Vec<Value>,
    default_client_scopes: Vec<String>,
    optional_client_scopes: Vec<String>,
}

/// Of every realm.
const OWN: [&str; 6] = [
    "account",
    "account-console",
    "admin-cli",
    "broker",
    "realm-management",
    "security-admin-console",
];

/// Scopes that say how Keycloak fills its own tokens.
const OWN_SCOPES: [&str; 8] = [
    "web-origins",
    "acr",
    "basic",
    "roles",
    "microprofile-jwt",
    "role_list",
    "service_account",
    "saml_organization",
];

/// Stored as a SHA-256: shorter ones could be guessed from it. Keycloak's own have 32 characters or more.
const MIN_SECRET: usize = 22;

impl ClientExport {
    fn attribute(&self, name: &str) -> Option<&str> {
        let value = self.attributes.get(name)?.as_str()?;
        (!value.is_empty()).then_some(value)
    }

    /// Addresses that can be compared as a whole; a relative one belongs to the root.
    fn exact(&self, all: &[String], what: &str, at: &str, plan: &mut Plan) -> Vec<String> {
        let mut exact = Vec::new();
        for uri in all {
            if uri.contains('*') {
                plan.leave(
                    at,
                    format!("{what} {uri}: only whole addresses are compared; register each"),
                );
                continue;
            }
            match &self.root_url {
                Some(root) if uri.starts_with('/') && root.starts_with("http") => {
                    exact.push(format!("{}{uri}", root.trim_end_matches('/')));
                }
                _ if uri.starts_with('/') => {
                    plan.leave(at, format!("{what} {uri}: it has no host"));
                }
                _ => exact.push(uri.clone()),
            }
        }
        exact
    }

    fn origins(&self, redirects: &[String], at: &str, plan: &mut Plan) -> Vec<String> {
        let mut origins: Vec<String> = Vec::new();
        for origin in &self.web_origins {
            match origin.as_str() {
                "+" => {
                    let parsed = redirects.iter().filter_map(|uri| Url::parse(uri).ok());
                    let web = parsed.filter(|url| matches!(url.scheme(), "https" | "http"));
                    origins.extend(web.map(|url| url.origin().ascii_serialization()));
                }
                origin if origin.contains('*') => {
                    plan.leave(at, format!("web origin {origin}: name each"));
                }
                origin => origins.push(origin.trim_end_matches('/').to_owned()),
            }
        }
        origins.sort_unstable();
        origins.dedup();
        origins
    }

    fn scope(&self, signs_in: bool) -> String {
        let named = self
            .default_client_scopes
            .iter()
            .chain(&self.optional_client_scopes);
        let mut scope: Vec<&str> = named
            .map(String::as_str)
            .filter(|name| !OWN_SCOPES.contains(name))
            .collect();
        if signs_in {
            scope.insert(0, "openid");
        } else {
            let of_people = [
                "openid",
                "profile",
                "email",
                "address",
                "phone",
                "offline_access",
            ];
            scope.retain(|name| !of_people.contains(name));
        }
        scope.dedup();
        scope.join(" ")
    }

    /// How it proves itself; `Err` where it could not at all.
    fn method(
        &self,
        at: &str,
        plan: &mut Plan,
    ) -> Result<(&'static str, Option<Secret<String>>), &'static str> {
        if self.public_client {
            return Ok(("none", None));
        }
        match self
            .client_authenticator_type
            .as_deref()
            .unwrap_or("client-secret")
        {
            "client-secret" => {
                let long = |secret: &&Secret<String>| secret.expose().len() >= MIN_SECRET;
                let secret = self.secret.as_ref().filter(long).cloned();
                if secret.is_none() {
                    let why = "its secret: missing, masked or too short; make one with tessera client rotate-secret";
                    plan.leave(at, why);
                }
                Ok(("client_secret_basic", secret))
            }
            "client-jwt" if self.attribute("jwks.url").is_some() => Ok(("private_key_jwt", None)),
            "client-jwt" => {
                Err("not imported: its keys are not at an address; register it with its jwks")
            }
            _ => Err("not imported: its way to prove itself is not carried over"),
        }
    }

    fn after_logout(&self, redirects: &[String], at: &str, plan: &mut Plan) -> Vec<String> {
        let logout = self
            .attribute("post.logout.redirect.uris")
            .unwrap_or_default();
        match logout {
            "+" => redirects.to_vec(),
            other => {
                let all: Vec<String> = other
                    .split("##")
                    .filter(|uri| !uri.is_empty())
                    .map(str::to_owned)
                    .collect();
                self.exact(&all, "address after logout", at, plan)
            }
        }
    }

    fn metadata(
        &self,
        at: &str,
        plan: &mut Plan,
    ) -> Result<(Value, Option<Secret<String>>), &'static str> {
        let redirect_uris = self.exact(&self.redirect_uris, "redirect URI", at, plan);
        let signs_in = self.standard_flow_enabled.unwrap_or(true) && !redirect_uris.is_empty();
        let machine = self.service_accounts_enabled && !self.public_client;
        if !signs_in && !machine {
            return Err("not imported: no way to use it is left");
        }
        let (method, secret) = self.method(at, plan)?;
        let mut grants = Vec::new();
        if signs_in {
            grants.extend(["authorization_code", "refresh_token"]);
        }
        if machine {
            grants.push("client_credentials");
        }
        // RFC 8252 §8.6: whoever has no secret may be anybody, so that its people are asked.
        let trusted = !self.consent_required && !self.public_client;
        if !self.consent_required && !trusted {
            let why = "signing in without a question: it has no secret, so that people are asked once what it may \
                       have; tessera client update says otherwise (skip_consent)";
            plan.leave(at, why);
        }
        let logout = self.after_logout(&redirect_uris, at, plan);
        let mut metadata = json!({
            "client_name": self.name.as_deref().filter(|name| !name.is_empty() && !name.starts_with("${")).unwrap_or(&self.client_id),
            "token_endpoint_auth_method": method,
            "grant_types": grants,
            "scope": self.scope(signs_in),
            "skip_consent": trusted,
            "require_pkce": self.attribute("pkce.code.challenge.method") == Some("S256"),
            "allowed_origins": self.origins(&redirect_uris, at, plan),
            "response_types": if signs_in { vec!["code"] } else { Vec::new() },
        });
        if signs_in {
            let native = redirect_uris.iter().any(|uri| !uri.starts_with("http"));
            metadata["application_type"] = if native { "native" } else { "web" }.into();
            metadata["redirect_uris"] = redirect_uris.into();
            metadata["post_logout_redirect_uris"] = logout.into();
        }
        for (theirs, ours) in [
            ("jwks.url", "jwks_uri"),
            ("backchannel.logout.url", "backchannel_logout_uri"),
            ("frontchannel.logout.url", "frontchannel_logout_uri"),
        ] {
            let wanted = ours != "jwks_uri" || method == "private_key_jwt";
            if let Some(value) = self.attribute(theirs).filter(|_| wanted) {
                metadata[ours] = value.into();
            }
        }
        Ok((metadata, secret))
    }
}

pub(super) fn plan(client: ClientExport, realm: &str, plan: &mut Plan) {
    let at = super::printable(&format!("client {}", client.client_id));
    let own =
        OWN.contains(&client.client_id.as_str()) || client.client_id == format!("{realm}-realm");
    if own {
        return plan.leave(at, "it is Keycloak's own");
    }
    if client.protocol.as_deref().unwrap_or("openid-connect") != "openid-connect" {
        return plan.leave(at, "not imported: it does not speak OpenID Connect");
    }
    if client.bearer_only {
        return plan.leave(
            at,
            "not imported: it only takes tokens; register it with tessera resource",
        );
    }
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    if client.client_id.is_empty()
        || client.client_id.len() > 128
        || !client.client_id.bytes().all(unreserved)
    {
        return plan.leave(
            at,
            "not imported: its id has characters beside letters, digits, '-', '.', '_' and '~'",
        );
    }
    for (there, why) in [
        (
            client.implicit_flow_enabled,
            "the implicit flow: it uses the code flow from now on",
        ),
        (
            client.direct_access_grants_enabled,
            "the password grant: OAuth 2.1 has none",
        ),
        (
            client.authorization_services_enabled,
            "its policies of authorization",
        ),
        (
            !client.protocol_mappers.is_empty(),
            "its protocol mappers: see claims in tessera.toml",
        ),
    ] {
        if there {
            plan.leave(&*at, why);
        }
    }
    match client.metadata(&at, plan) {
        Err(why) => plan.leave(at, why),
        Ok((metadata, secret)) => plan.clients.push(PlannedClient {
            at,
            id: client.client_id,
            metadata,
            secret,
            enabled: client.enabled.unwrap_or(true),
        }),
    }
}
