//! How the deployment looks and speaks: what the configuration says, then what administrators chose, then
//! the defaults.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::logo::Logo;
use super::{Internal, Tessera};
use crate::base::looks::LANGUAGES;
use crate::config::{BrandingConfig, Colour, Config};
use crate::protocol::settings::Settings;
use crate::storage::deployment::{self, Chosen};

/// What the pages are drawn with.
#[derive(Clone, Debug)]
pub struct Looks {
    /// The name that people see.
    pub name: String,
    /// The colour of buttons and links.
    pub accent: Colour,
    /// The picture beside the name.
    pub logo: Option<Arc<Logo>>,
    /// Where help is to be had.
    pub help_url: Option<String>,
    /// The privacy policy.
    pub privacy_url: Option<String>,
    /// The terms of service.
    pub terms_url: Option<String>,
    /// The languages of the pages, the one for everybody else first; never empty.
    pub languages: Vec<String>,
}

impl Default for Looks {
    fn default() -> Self {
        Self::of(&BrandingConfig::default(), None)
    }
}

impl Looks {
    fn of(branding: &BrandingConfig, logo: Option<Arc<Logo>>) -> Self {
        Self {
            name: branding.name.clone(),
            accent: branding.accent,
            logo,
            help_url: branding.help_url.clone(),
            privacy_url: branding.privacy_url.clone(),
            terms_url: branding.terms_url.clone(),
            languages: spoken(&branding.languages),
        }
    }

    /// Takes over what was chosen, but for what is `fixed`.
    #[must_use]
    pub fn chosen(mut self, settings: &Settings, fixed: &Fixed) -> Self {
        let free = |member: &str| !fixed.contains_key(member);
        let take = |to: &mut Option<String>, member: &str, from: &Option<String>| {
            if free(member) && from.is_some() {
                to.clone_from(from);
            }
        };
        take(&mut self.help_url, "help_url", &settings.help_url);
        take(&mut self.privacy_url, "privacy_url", &settings.privacy_url);
        take(&mut self.terms_url, "terms_url", &settings.terms_url);
        if let Some(name) = settings.name.as_ref().filter(|_| free("name")) {
            self.name.clone_from(name);
        }
        if let Some(accent) = settings.accent.filter(|_| free("accent")) {
            self.accent = accent;
        }
        if free("languages") && !settings.languages.is_empty() {
            self.languages.clone_from(&settings.languages);
        }
        self
    }
}

fn spoken(languages: &[String]) -> Vec<String> {
    if languages.is_empty() {
        LANGUAGES.map(str::to_owned).to_vec()
    } else {
        languages.to_vec()
    }
}

/// Members of [`Settings`] (and `logo`) that the configuration decides, and where it says so.
pub type Fixed = BTreeMap<&'static str, String>;

/// Who starts from a copy of `tessera.example.toml` says every default once more, and decides nothing by it.
fn fixed(config: &Config) -> Fixed {
    let (said, default) = (&config.branding, BrandingConfig::default());
    let members = [
        ("name", "branding.name", said.name == default.name),
        ("accent", "branding.accent", said.accent == default.accent),
        ("logo", "branding.logo_file", said.logo_file.is_none()),
        ("help_url", "branding.help_url", said.help_url.is_none()),
        (
            "privacy_url",
            "branding.privacy_url",
            said.privacy_url.is_none(),
        ),
        ("terms_url", "branding.terms_url", said.terms_url.is_none()),
        ("languages", "branding.languages", said.languages.is_empty()),
    ];
    members
        .into_iter()
        .filter(|(.., by_default)| !by_default)
        .filter_map(|(member, key, _)| Some((member, config.said_by(key)?)))
        .collect()
}

/// What is in memory.
pub struct Known {
    from_config: Looks,
    fixed: Fixed,
    current: RwLock<Arc<Looks>>,
}

impl Known {
    /// What the configuration says; the database is asked by [`Tessera::load_settings`].
    ///
    /// # Errors
    /// If `branding.logo_file` is no picture.
    pub fn new(config: &Config) -> Result<Self, Internal> {
        let branding = &config.branding;
        let logo = branding.logo_file.as_ref().map(|path| {
            let read = std::fs::read(path).map_err(|error| error.to_string());
            let logo = read.and_then(|bytes| Logo::of(bytes).map_err(str::to_owned));
            logo.map(Arc::new).map_err(|why| {
                Internal::other(format!("branding.logo_file {}: {why}", path.display()))
            })
        });
        let from_config = Looks::of(branding, logo.transpose()?);
        Ok(Self {
            fixed: fixed(config),
            current: RwLock::new(Arc::new(from_config.clone())),
            from_config,
        })
    }

    /// What the configuration decides.
    #[must_use]
    pub const fn fixed(&self) -> &Fixed {
        &self.fixed
    }

    /// How it would look.
    #[must_use]
    pub fn with(&self, chosen: &Chosen) -> Looks {
        let mut looks = self
            .from_config
            .clone()
            .chosen(&chosen.settings, &self.fixed);
        if let Some(bytes) = chosen
            .logo
            .clone()
            .filter(|_| !self.fixed.contains_key("logo"))
        {
            match Logo::of(bytes) {
                Ok(logo) => looks.logo = Some(Arc::new(logo)),
                Err(why) => tracing::error!(why, "the stored logo cannot be shown"),
            }
        }
        looks
    }
}

impl Tessera {
    /// How the deployment looks now.
    #[must_use]
    pub fn looks(&self) -> Arc<Looks> {
        let current = self.settings.current.read();
        Arc::clone(&current.unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads what administrators chose.
    ///
    /// # Errors
    /// As the database says.
    pub async fn load_settings(&self) -> Result<(), Internal> {
        let mut reader = &self.store;
        let chosen = deployment::find(&mut reader).await?;
        let looks = Arc::new(self.settings.with(&chosen));
        let current = self.settings.current.write();
        *current.unwrap_or_else(PoisonError::into_inner) = looks;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_configuration_says_stands_above_what_was_chosen() {
        let settings: Settings = serde_json::from_value(serde_json::json!({
            "name": "Chosen", "accent": "#123456", "help_url": "https://help.example/", "languages": ["de"],
        }))
        .unwrap();
        let looks = Looks::default().chosen(&settings, &Fixed::new());
        assert_eq!(looks.name, "Chosen");
        assert_eq!(looks.accent.hex(), "#123456");
        assert_eq!(looks.help_url.as_deref(), Some("https://help.example/"));
        assert_eq!(looks.languages, ["de"]);

        let all = ["name", "accent", "help_url", "languages"];
        let fixed = all.map(|member| (member, "tessera.toml".to_owned())).into();
        let fixed = Looks::default().chosen(&settings, &fixed);
        let default = Looks::default();
        assert_eq!(fixed.name, default.name);
        assert_eq!(fixed.accent, default.accent);
        assert_eq!(fixed.help_url, None);
        assert_eq!(fixed.languages, LANGUAGES);
    }
}
