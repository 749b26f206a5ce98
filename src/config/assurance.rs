//! `[assurance]`: how sure is sure enough.

use std::collections::BTreeMap;
use std::time::Duration;

use super::section::section;
use super::tables::Tables;
use super::value::{Raw, Setting, quoted, words};

words! {
    /// From whom a password is not enough.
    SecondFactor {
        /// From who has set up more.
        WhenEnrolled = "when_enrolled",
        /// From nobody.
        Required = "required",
    }
}

/// A value of `acr` as it is written. What the methods are, `protocol/assurance` knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelSetting {
    /// The value.
    pub name: String,
    /// The methods that count; all if silent.
    pub methods: Option<Vec<String>>,
    /// 1 or 2.
    pub factors: u32,
    /// Only with a key that is bound to our origin.
    pub phishing_resistant: bool,
    /// Only with a key that cannot leave its authenticator.
    pub device_bound: bool,
    /// How old a proof may be.
    pub max_age: Option<Duration>,
}

const LEVEL: &str = "a list of tables with name and perhaps methods, factors, phishing_resistant, device_bound, max_age";

impl Setting for LevelSetting {
    fn parse(raw: &Raw) -> Result<Self, String> {
        let known = [
            "name",
            "methods",
            "factors",
            "phishing_resistant",
            "device_bound",
            "max_age",
        ];
        let members = table(raw, &known, LEVEL)?;
        let truth = |name: &str| members.get(name).map_or(Ok(false), bool::parse);
        Ok(Self {
            name: String::parse(members.get("name").ok_or(LEVEL)?)?,
            methods: members.get("methods").map(Vec::parse).transpose()?,
            factors: members.get("factors").map_or(Ok(1), u32::parse)?,
            phishing_resistant: truth("phishing_resistant")?,
            device_bound: truth("device_bound")?,
            max_age: members.get("max_age").map(Duration::parse).transpose()?,
        })
    }

    fn show(&self) -> String {
        let mut members = vec![format!("name = {}", quoted(&self.name))];
        if let Some(methods) = &self.methods {
            members.push(format!("methods = {}", methods.clone().show()));
        }
        members.push(format!("factors = {}", self.factors));
        members.push(format!("phishing_resistant = {}", self.phishing_resistant));
        members.push(format!("device_bound = {}", self.device_bound));
        if let Some(age) = self.max_age {
            members.push(format!("max_age = {}", age.show()));
        }
        format!("{{ {} }}", members.join(", "))
    }
}

/// The least level for a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeLevel {
    /// The scope.
    pub scope: String,
    /// The name of a level.
    pub level: String,
}

const SCOPE: &str = "a list of tables with scope and level";

impl Setting for ScopeLevel {
    fn parse(raw: &Raw) -> Result<Self, String> {
        let members = table(raw, &["scope", "level"], SCOPE)?;
        let text = |name: &str| String::parse(members.get(name).ok_or(SCOPE)?);
        Ok(Self {
            scope: text("scope")?,
            level: text("level")?,
        })
    }

    fn show(&self) -> String {
        let (scope, level) = (quoted(&self.scope), quoted(&self.level));
        format!("{{ scope = {scope}, level = {level} }}")
    }
}

fn table<'a>(
    raw: &'a Raw,
    known: &[&str],
    right: &str,
) -> Result<&'a BTreeMap<String, Raw>, String> {
    let Raw::Table(members) = raw else {
        return Err(right.to_owned());
    };
    match members.keys().find(|name| !known.contains(&name.as_str())) {
        Some(unknown) => Err(format!("{right}, and nothing like {unknown}")),
        None => Ok(members),
    }
}

section! {
    /// Levels of assurance, and where they are demanded.
    AssuranceConfig {
        /// Whether a password alone is enough. Default `when_enrolled`: who has set up a passkey or codes
        /// is asked for them at every sign-in. With `required`, everybody sets one up at the next sign-in.
        second_factor: SecondFactor = SecondFactor::WhenEnrolled;
        /// The values of `acr`, the weakest first, each with the `methods` that count, how many `factors`
        /// (1 or 2), whether `phishing_resistant` and `device_bound`, and how old a proof may be
        /// (`max_age`). Default none, which means aal1, aal2, phr, phrh and aal3: the levels of NIST SP
        /// 800-63B-4 and of OpenID Connect EAP ACR Values.
        levels: Tables<LevelSetting> = Tables::default();
        /// The least `level` for a `scope`. Default none: what a scope opens, and how much that is worth,
        /// only the deployment knows.
        scopes: Tables<ScopeLevel> = Tables::default();
        /// How long a proof lets people change what matters on their account page. Default 5 min: long
        /// enough for a few changes, short enough that a machine left open is no open account.
        recent: Duration = Duration::from_mins(5);
        /// How long somebody may take from the first proof of a sign-in to the last. Default 10 min: a
        /// telephone has to be found.
        entering: Duration = Duration::from_mins(10);
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    const FILE: &str = "[assurance]\nsecond_factor = \"required\"\n\
        levels = [{ name = \"low\" }, { name = \"high\", methods = [\"passkey\"], factors = 2, \
        phishing_resistant = true, device_bound = true, max_age = \"5m\" }]\n\
        scopes = [{ scope = \"payments\", level = \"high\" }]\n";

    #[test]
    fn levels_are_read_printed_and_read_again() {
        let config = Config::from_layers("t.toml", Some(FILE), std::iter::empty()).unwrap();
        assert_eq!(config.assurance.levels.0.len(), 2);
        assert_eq!(config.assurance.levels.0[0].factors, 1);
        assert_eq!(config.assurance.scopes.0[0].level, "high");
        let printed = config.print();
        let again = Config::from_layers("t.toml", Some(&printed), std::iter::empty()).unwrap();
        assert_eq!(again.assurance.levels, config.assurance.levels);
        assert_eq!(again.assurance.scopes, config.assurance.scopes);
    }

    #[test]
    fn what_is_missing_unknown_or_out_of_range_is_told() {
        for wrong in [
            "levels = [{ factors = 2 }]",
            "levels = [{ name = \"a\", factor = 2 }]",
            "scopes = [{ scope = \"payments\" }]",
            "second_factor = \"sometimes\"",
            "recent = \"2h\"",
            "entering = \"1s\"",
        ] {
            let file = format!("[assurance]\n{wrong}\n");
            let error = Config::from_layers("t.toml", Some(&file), std::iter::empty()).unwrap_err();
            assert!(error.to_string().contains("assurance."), "{wrong}: {error}");
        }
    }
}
