//! How the deployment is set up, and how it looks.

use askama::Template;
use askama_web::WebTemplate;

use super::Frame;
use crate::config::Colour;
use crate::flows::settings::{Fixed, Looks};
use crate::web::messages::{Lang, Message};
use crate::web::views::{Brand, Page};

/// The values of one section of the configuration.
pub struct SettingGroup {
    /// Its name.
    pub name: String,
    /// Key, value as in TOML, where it comes from.
    pub entries: Vec<(String, String, String)>,
}

/// `GET /admin/settings`
#[derive(Template, WebTemplate)]
#[template(path = "admin/settings.html")]
pub struct Settings {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// How people see it.
    pub sample: Sample,
    /// Every value; no secret.
    pub groups: Vec<SettingGroup>,
}

/// A sign-in page as it looks, or would look, in both schemes.
pub struct Sample {
    /// The address of its colours.
    pub colours: String,
    /// The name, the logo, the links.
    pub brand: Brand,
}

impl Sample {
    /// Of these looks.
    #[must_use]
    pub fn of(looks: &Looks) -> Self {
        Self {
            colours: Self::colours(looks.accent),
            brand: Brand::of(looks),
        }
    }

    /// Where the style sheet of a sample in this colour is.
    #[must_use]
    pub fn colours(accent: Colour) -> String {
        let hex = accent.hex();
        format!("/admin/settings/sample.css?accent=%23{}", &hex[1..])
    }
}

/// `/admin/settings/looks`
#[derive(Template, WebTemplate)]
#[template(path = "admin/edit_looks.html")]
pub struct EditLooks {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// How it looks with what was typed.
    pub sample: Sample,
    /// The version that was changed.
    pub version: i64,
    /// The name as it was typed.
    pub name: String,
    /// The colour as it was typed.
    pub accent: String,
    /// The links as they were typed: member, value.
    pub links: [(&'static str, String); 3],
    /// The languages that are spoken, the one for everybody else first.
    pub languages: Vec<String>,
    /// What the configuration decides.
    pub fixed: Fixed,
    /// What stands in a field that is left empty.
    pub defaults: Looks,
}

impl EditLooks {
    /// Where the configuration decides a member.
    fn by(&self, member: &str) -> &str {
        self.fixed.get(member).map_or("", String::as_str)
    }

    /// What stands in an empty field, as an attribute's value.
    fn default_of(&self, member: &str) -> String {
        match member {
            "name" => self.defaults.name.clone(),
            "accent" => self.defaults.accent.hex(),
            _ => "https://".to_owned(),
        }
    }

    /// The label of a field.
    #[must_use]
    pub fn label(&self, member: &str) -> String {
        let key = match member {
            "name" => "looks-name",
            "accent" => "looks-accent",
            "help_url" => "looks-help",
            "privacy_url" => "looks-privacy",
            "languages" => "looks-languages",
            _ => "looks-terms",
        };
        self.page.t(key)
    }

    /// What helps with a field.
    fn hint(&self, member: &str) -> String {
        if !self.by(member).is_empty() {
            return self.page.with("looks-fixed", "by", self.by(member));
        }
        match member {
            "accent" => self.page.t("looks-accent-hint"),
            "help_url" => self.page.t("looks-help-hint"),
            _ => String::new(),
        }
    }

    /// Each language: its tag, its own name, whether it is spoken, whether it is the first.
    fn spoken(&self) -> Vec<(&'static str, &'static str, bool, bool)> {
        let first = self.languages.first();
        Lang::ALL
            .iter()
            .map(|lang| {
                let tag = lang.tag();
                let on = self.languages.iter().any(|one| one == tag);
                (tag, lang.name(), on, first.is_some_and(|one| one == tag))
            })
            .collect()
    }
}

/// `/admin/settings/logo`
#[derive(Template, WebTemplate)]
#[template(path = "admin/edit_logo.html")]
pub struct EditLogo {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// The version that is changed.
    pub version: i64,
    /// Whether there is one that can be taken away.
    pub removable: bool,
    /// Where the configuration decides it.
    pub by: String,
}

/// What was not understood of a form, before the settings were asked.
pub const BAD_COLOUR: Message = Message::new("looks-accent-bad");
