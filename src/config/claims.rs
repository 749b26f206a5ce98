//! `[[claims.custom]]`: the deployment's own claims, each from an attribute, a constant or a role.

use super::section::section;
use super::tables::Tables;
use super::value::{Raw, Setting, quoted};

/// One claim as it is written. What the names mean, `protocol/custom_claims.rs` knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimMapping {
    /// The name of the claim.
    pub claim: String,
    /// `attribute:NAME`, `constant:JSON` or `role:NAME`.
    pub from: String,
    /// The scope that opens it. Default none: nobody needs to be asked.
    pub scope: Option<String>,
    /// The clients that get it. Default all.
    pub clients: Vec<String>,
    /// Where it appears.
    pub places: Vec<String>,
}

const RIGHT: &str = "a list of tables with claim, from and places, and perhaps scope and clients";

impl Setting for ClaimMapping {
    fn parse(raw: &Raw) -> Result<Self, String> {
        let Raw::Table(members) = raw else {
            return Err(RIGHT.to_owned());
        };
        let known = ["claim", "from", "scope", "clients", "places"];
        if let Some(unknown) = members.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(format!("{RIGHT}, and nothing like {unknown}"));
        }
        let needed = |name: &str| members.get(name).ok_or_else(|| RIGHT.to_owned());
        Ok(Self {
            claim: String::parse(needed("claim")?)?,
            from: String::parse(needed("from")?)?,
            scope: members.get("scope").map_or(Ok(None), Option::parse)?,
            clients: members.get("clients").map_or(Ok(Vec::new()), Vec::parse)?,
            places: Vec::parse(needed("places")?)?,
        })
    }

    fn show(&self) -> String {
        let list = |items: &[String]| items.to_vec().show();
        let mut members = vec![
            format!("claim = {}", quoted(&self.claim)),
            format!("from = {}", quoted(&self.from)),
        ];
        if let Some(scope) = &self.scope {
            members.push(format!("scope = {}", quoted(scope)));
        }
        if !self.clients.is_empty() {
            members.push(format!("clients = {}", list(&self.clients)));
        }
        members.push(format!("places = {}", list(&self.places)));
        format!("{{ {} }}", members.join(", "))
    }
}

section! {
    /// Claims of the deployment's own.
    ClaimsConfig {
        /// Each names a claim, where it comes `from`, the `scope` that opens it, the `clients` that get
        /// it and the `places` where it appears. Default none: what is known of people beyond the
        /// standard claims is nobody's business until somebody says so.
        custom: Tables<ClaimMapping> = Tables::default();
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    const FILE: &str = "[[claims.custom]]\nclaim = \"department\"\nfrom = \"attribute:department\"\n\
        scope = \"work\"\nplaces = [\"id_token\", \"userinfo\"]\n\
        [[claims.custom]]\nclaim = \"tier\"\nfrom = \"constant:\\\"gold\\\"\"\nclients = [\"a\", \"b\"]\n\
        places = [\"access_token\"]\n";

    fn load(file: &str, env: Option<&str>) -> Result<Config, crate::config::ConfigError> {
        let env = env.map(|text| ("TESSERA__CLAIMS__CUSTOM".to_owned(), text.to_owned()));
        Config::from_layers("t.toml", Some(file), env.into_iter())
    }

    #[test]
    fn claims_come_as_tables_are_printed_as_toml_and_read_back() {
        let config = load(FILE, None).unwrap();
        let claims = &config.claims.custom.0;
        assert_eq!(claims.len(), 2);
        assert_eq!(claims[0].scope.as_deref(), Some("work"));
        assert_eq!(claims[0].places, ["id_token", "userinfo"]);
        assert_eq!(claims[1].from, "constant:\"gold\"");
        assert_eq!(claims[1].clients, ["a", "b"]);
        let again = load(&config.print(), None).unwrap();
        assert_eq!(again.claims.custom, config.claims.custom);
    }

    #[test]
    fn the_environment_says_it_in_json() {
        let json =
            r#"[{"claim": "x", "from": "role:super-administrator", "places": ["userinfo"]}]"#;
        let config = load(FILE, Some(json)).unwrap();
        assert_eq!(config.claims.custom.0[0].from, "role:super-administrator");
        assert_eq!(config.claims.custom.0.len(), 1);
        assert!(load(FILE, Some("")).unwrap().claims.custom.0.is_empty());
    }

    #[test]
    fn what_is_missing_or_unknown_is_told() {
        for wrong in [
            "claims.custom = 1",
            "claims.custom = [1]",
            "claims.custom = [{ claim = \"x\" }]",
            "[[claims.custom]]\nclaim = \"x\"\nfrom = \"role:super-administrator\"",
            "[[claims.custom]]\nclaim = \"x\"\nfrom = 1\nplaces = [\"id_token\"]",
            "[[claims.custom]]\nclaim = \"x\"\nfrom = \"y\"\nplaces = [\"id_token\"]\nscopes = \"z\"",
            "[claims]\ncustom.claim = \"x\"",
        ] {
            let error = load(wrong, None).unwrap_err().to_string();
            assert!(error.contains("claims"), "{wrong}: {error}");
        }
    }
}
