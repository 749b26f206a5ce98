//! Configurations at random, all of which will do.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tessera::base::looks::Colour;
use tessera::protocol::access::{Pattern, Role, RoleName};
use tessera::protocol::client::ClientMetadata;
use tessera::protocol::declared::{Client, Declared, Given, Group, Organisation};
use tessera::protocol::resource_server::ResourceServer;
use tessera::protocol::settings::Settings;

/// What people may write: also what HTML, TOML, JSON and SQL would take for theirs.
fn text() -> impl Strategy<Value = String> {
    "[A-Za-z<>&\"'\\\\#=äß字é%;{}]([A-Za-z<>&\"'\\\\#=äß字é%;{} ]{0,18}[A-Za-z<>&\"'])?"
}

/// Few names, so that one configuration and the next have some in common.
fn name() -> impl Strategy<Value = String> {
    "[a-e]-?[1-2]"
}

fn organisations() -> impl Strategy<Value = BTreeMap<String, Organisation>> {
    btree_map(name(), (text(), any::<bool>()), 0..4).prop_map(|all| {
        let one = |(name, (title, closed)): (String, _)| {
            let made = Organisation {
                name: name.clone(),
                title,
                closed,
            };
            (name, made)
        };
        all.into_iter().map(one).collect()
    })
}

fn resource_servers() -> impl Strategy<Value = BTreeMap<String, ResourceServer>> {
    let scopes = btree_map("[a-c]{1,2}:(read|write)", text(), 0..4);
    let rest = (text(), scopes, option::of(1..3600_u64), any::<bool>());
    btree_map(name(), rest, 0..4).prop_map(|all| {
        let one = |(name, (title, scopes, access_token_lifetime, published))| {
            let identifier = format!("https://{name}.example/");
            let made = ResourceServer {
                identifier: identifier.clone(),
                name: title,
                scopes,
                access_token_lifetime,
                access_token_signed_response_alg: None,
                access_token_format: None,
                published,
            };
            (identifier, made)
        };
        all.into_iter().map(one).collect()
    })
}

/// Each inherits from some of those before it, in an order that has nothing to do with their names.
fn roles() -> impl Strategy<Value = BTreeMap<String, Role>> {
    let permissions = btree_set("(users|clients|notes):(read|write|\\*)", 0..3);
    let one = (
        name(),
        text(),
        permissions,
        vec(any::<prop::sample::Index>(), 0..3),
    );
    vec(one, 0..5).prop_map(|all| {
        let mut made = BTreeMap::new();
        let mut before = vec![RoleName::parse("auditor").expect("built in")];
        for (name, description, permissions, parents) in all {
            if made.contains_key(&name) {
                continue;
            }
            let parents: BTreeSet<&RoleName> = parents.iter().map(|at| at.get(&before)).collect();
            let role = Role {
                name: RoleName::parse(&name).expect("a name"),
                description,
                permissions: permissions
                    .iter()
                    .map(|one| Pattern::parse(one).expect("one"))
                    .collect(),
                inherits: parents.into_iter().cloned().collect(),
            };
            before.push(role.name.clone());
            made.insert(name, role);
        }
        made
    })
}

type Picked = (prop::sample::Index, prop::sample::Index, bool);

fn picked() -> impl Strategy<Value = Vec<Picked>> {
    let index = any::<prop::sample::Index>;
    vec((index(), index(), any::<bool>()), 0..3)
}

/// Roles that there are, in places that there are.
fn given(picked: &[Picked], roles: &[RoleName], places: &[Option<String>]) -> BTreeSet<Given> {
    let one = |(role, place, ends): &Picked| Given {
        role: role.get(roles).clone(),
        organisation: place.get(places).clone(),
        valid_from: None,
        valid_until: ends.then(|| "2040-01-01T00:00:00.000Z".to_owned()),
    };
    picked.iter().map(one).collect()
}

fn metadata() -> impl Strategy<Value = ClientMetadata> {
    let kinds = prop::sample::select(vec![
        json!({"redirect_uris": ["https://spa.example/cb"], "token_endpoint_auth_method": "none", "allowed_origins": ["https://spa.example"]}),
        json!({"redirect_uris": ["https://web.example/cb", "https://web.example/cb2"], "grant_types": ["authorization_code", "refresh_token"]}),
        json!({"redirect_uris": ["https://web.example/cb"], "token_endpoint_auth_method": "client_secret_post", "default_max_age": 60}),
        json!({"grant_types": ["client_credentials"], "token_endpoint_auth_method": "client_secret_jwt"}),
        json!({"grant_types": ["client_credentials"], "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://web.example/jwks"}),
        json!({"redirect_uris": ["http://127.0.0.1/cb"], "application_type": "native", "token_endpoint_auth_method": "none"}),
        json!({"grant_types": [], "resource_identifiers": ["https://a-1.example/"]}),
    ]);
    let scope = prop::sample::select(vec!["openid", "openid profile a:read", "b:write"]);
    let texts = (option::of(text()), option::of(text()), vec(text(), 0..3));
    (kinds, scope, texts, any::<[bool; 3]>()).prop_map(|(kind, scope, texts, switches)| {
        let mut members: Map<String, Value> = kind.as_object().cloned().expect("an object");
        let (client_name, german, contacts) = texts;
        members.insert("scope".to_owned(), json!(scope));
        members.insert("client_name".to_owned(), json!(client_name));
        if let Some(german) = german {
            members.insert("client_name#de".to_owned(), json!(german));
        }
        members.insert("contacts".to_owned(), json!(contacts));
        members.insert("require_pkce".to_owned(), json!(switches[0]));
        members.insert("skip_consent".to_owned(), json!(switches[1]));
        members.insert("claims_in_id_token".to_owned(), json!(switches[2]));
        ClientMetadata::from_members_strict(members).unwrap_or_else(|wrong| panic!("{wrong:?}"))
    })
}

fn settings() -> impl Strategy<Value = Settings> {
    let accent = option::of("#[0-9a-f]{6}");
    let languages = prop::sample::select(vec![vec![], vec!["de"], vec!["de", "en"]]);
    let help = prop::sample::select(vec![
        None,
        Some("mailto:help@a.example"),
        Some("https://a.example/?a&b#c"),
    ]);
    (option::of(text()), accent, help, languages).prop_map(|(name, accent, help, languages)| {
        Settings {
            name,
            accent: accent.map(|text| Colour::try_from(text).expect("a colour")),
            help_url: help.map(str::to_owned),
            privacy_url: None,
            terms_url: help
                .filter(|url| url.starts_with("https"))
                .map(str::to_owned),
            languages: languages.into_iter().map(str::to_owned).collect(),
        }
    })
}

/// A whole configuration.
pub(super) fn declared() -> impl Strategy<Value = Declared> {
    let index = any::<prop::sample::Index>;
    let groups = vec((text(), index(), picked()), 0..4);
    let clients = btree_map(name(), (index(), any::<bool>(), picked(), metadata()), 0..5);
    let all = (
        settings(),
        organisations(),
        resource_servers(),
        roles(),
        groups,
        clients,
    );
    all.prop_map(
        |(settings, organisations, resource_servers, roles, groups, clients)| {
            let places: Vec<Option<String>> = organisations
                .keys()
                .cloned()
                .map(Some)
                .chain([None])
                .collect();
            let own = roles.values().map(|role| role.name.clone());
            let names: Vec<RoleName> = own.chain([RoleName::super_administrator()]).collect();
            let group = |(name, place, roles): (String, prop::sample::Index, Vec<Picked>)| {
                let made = Group {
                    name: name.trim().to_owned(),
                    organisation: place.get(&places).clone(),
                    roles: given(&roles, &names, &places),
                };
                (made.key(), made)
            };
            let client = |(client_id, (place, enabled, roles, metadata)): (
                String,
                (prop::sample::Index, _, Vec<Picked>, _),
            )| {
                let made = Client {
                    client_id: client_id.clone(),
                    organisation: place.get(&places).clone(),
                    enabled,
                    client_secret: None,
                    roles: given(&roles, &names, &places),
                    metadata,
                };
                (client_id, made)
            };
            Declared {
                settings: Some(settings),
                groups: Some(groups.into_iter().map(group).collect()),
                clients: Some(clients.into_iter().map(client).collect()),
                organisations: Some(organisations),
                resource_servers: Some(resource_servers),
                roles: Some(roles),
            }
            .with_references()
        },
    )
}
