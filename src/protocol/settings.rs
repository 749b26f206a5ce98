//! What administrators choose while the server runs: how its pages look, what they link to, which
//! languages they speak. Whatever the configuration file says stands above it.

use serde::{Deserialize, Serialize};

use super::account_rules::is_unsafe;
use crate::base::looks::{Colour, languages_problem, link_problem};

/// The longest name, in characters: it stands in every title.
pub const MAX_NAME: usize = 64;

/// What was chosen; what is absent is as the configuration says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The name that people see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The colour of buttons and links.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accent: Option<Colour>,
    /// Where help is to be had: `https`, or `mailto`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help_url: Option<String>,
    /// The privacy policy: `https`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub privacy_url: Option<String>,
    /// The terms of service: `https`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms_url: Option<String>,
    /// The languages that are spoken, of [`crate::base::looks::LANGUAGES`], the one for everybody else first; all where none
    /// is named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
}

impl Settings {
    /// What is wrong with it, in words; nothing if it will do.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let links = [
            ("help_url", &self.help_url, ["https", "mailto"].as_slice()),
            ("privacy_url", &self.privacy_url, ["https"].as_slice()),
            ("terms_url", &self.terms_url, ["https"].as_slice()),
        ];
        let mut problems: Vec<String> = links
            .into_iter()
            .filter_map(|(name, url, schemes)| {
                let problem = link_problem(url.as_deref()?, schemes)?;
                Some(format!("{name}: {problem}"))
            })
            .collect();
        if let Some(problem) = self.name.as_deref().and_then(name_problem) {
            problems.insert(0, format!("name: {problem}"));
        }
        if let Some(problem) = languages_problem(&self.languages) {
            problems.push(format!("languages: {problem}"));
        }
        problems
    }
}

/// What is wrong with a name that stands on every page.
#[must_use]
pub fn name_problem(name: &str) -> Option<&'static str> {
    if name.trim().is_empty() {
        Some("it is empty")
    } else if name.chars().count() > MAX_NAME {
        Some("it has more than 64 characters")
    } else if name.chars().any(is_unsafe) {
        Some("it has characters that cannot be seen")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(json: serde_json::Value) -> Vec<String> {
        let settings: Settings = serde_json::from_value(json).unwrap();
        settings.problems()
    }

    #[test]
    fn what_stands_on_every_page_is_no_script_no_riddle_and_no_novel() {
        for (json, member) in [
            (serde_json::json!({"name": " "}), "name"),
            (serde_json::json!({"name": "x".repeat(65)}), "name"),
            (serde_json::json!({"name": "Bank\u{202e}knaB"}), "name"),
            (serde_json::json!({"name": "a\nb"}), "name"),
            (
                serde_json::json!({"help_url": "javascript:alert(1)"}),
                "help_url",
            ),
            (serde_json::json!({"help_url": "/help"}), "help_url"),
            (
                serde_json::json!({"privacy_url": "http://a.example/"}),
                "privacy_url",
            ),
            (
                serde_json::json!({"privacy_url": "mailto:a@b.example"}),
                "privacy_url",
            ),
            (
                serde_json::json!({"terms_url": "data:text/html,x"}),
                "terms_url",
            ),
            (
                serde_json::json!({"terms_url": "https://bank.example@evil.example/"}),
                "terms_url",
            ),
            (
                serde_json::json!({"terms_url": "https://a.example/\u{202e}"}),
                "terms_url",
            ),
            (
                serde_json::json!({"terms_url": format!("https://a.example/{}", "x".repeat(2048))}),
                "terms_url",
            ),
            (serde_json::json!({"languages": ["tlh"]}), "languages"),
            (serde_json::json!({"languages": ["de", "de"]}), "languages"),
        ] {
            let found = problems(json.clone());
            assert_eq!(found.len(), 1, "{json}: {found:?}");
            assert!(found[0].starts_with(&format!("{member}: ")), "{found:?}");
        }
        let good = serde_json::json!({
            "name": "<b>Müller & Söhne</b>", "accent": "#0A7F3f", "help_url": "mailto:help@bank.example",
            "privacy_url": "https://bank.example/privacy", "languages": ["de"],
        });
        assert_eq!(problems(good), Vec::<String>::new());
    }

    #[test]
    fn a_colour_that_is_none_and_a_member_that_is_unknown_are_not_read() {
        for json in [
            r#"{"accent":"red"}"#,
            r##"{"accent":"#fff}"}"##,
            r#"{"logo":"x"}"#,
        ] {
            assert!(serde_json::from_str::<Settings>(json).is_err(), "{json}");
        }
    }
}
