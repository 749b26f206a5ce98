//! What administrators choose for the whole deployment: how it looks, what its pages link to.

use super::deployment::everywhere;
use super::{Done, Refused, is_fresh};
use crate::flows::logo::Logo;
use crate::flows::settings::Fixed;
use crate::flows::{Internal, Tessera};
use crate::protocol::access::Permit;
use crate::protocol::access::power::{ReadSettings, WriteSettings};
use crate::protocol::audit::{Event, Kind, Origin};
use crate::protocol::settings::Settings;
use crate::storage::Tx;
use crate::storage::deployment::{self, Chosen};

/// One change of the settings.
#[derive(Clone, Debug)]
pub enum SettingsChange {
    /// These instead of all that was chosen, but for the logo.
    Settings(Settings),
    /// Another logo, or none.
    Logo(Option<Vec<u8>>),
}

impl SettingsChange {
    /// What is wrong with it, in words. What the configuration decides cannot be chosen otherwise: it would
    /// be stored and never seen.
    fn problems(&self, fixed: &Fixed, before: &Chosen) -> Vec<String> {
        let (mut problems, changed) = match self {
            Self::Settings(settings) => (settings.problems(), changed(&before.settings, settings)),
            Self::Logo(logo) => {
                let wrong = logo.clone().and_then(|bytes| Logo::of(bytes).err());
                let wrong = wrong.map(|why| format!("logo: {why}"));
                (wrong.into_iter().collect(), vec!["logo"])
            }
        };
        for member in changed {
            if let Some(by) = fixed.get(member) {
                problems.push(format!("{member}: it is set by the configuration, {by}"));
            }
        }
        problems
    }

    fn apply(self, to: &mut Chosen) -> Vec<&'static str> {
        match self {
            Self::Settings(settings) => {
                let changed = changed(&to.settings, &settings);
                to.settings = settings;
                changed
            }
            Self::Logo(logo) if logo == to.logo => Vec::new(),
            Self::Logo(logo) => {
                to.logo = logo;
                vec!["logo"]
            }
        }
    }
}

/// The members in which they differ.
fn changed(before: &Settings, after: &Settings) -> Vec<&'static str> {
    let all = [
        ("name", before.name == after.name),
        ("accent", before.accent == after.accent),
        ("help_url", before.help_url == after.help_url),
        ("privacy_url", before.privacy_url == after.privacy_url),
        ("terms_url", before.terms_url == after.terms_url),
        ("languages", before.languages == after.languages),
    ];
    let differ = all.into_iter().filter(|(_, same)| !same);
    differ.map(|(member, _)| member).collect()
}

impl Tessera {
    /// What was chosen, with its version.
    ///
    /// # Errors
    /// As the database says.
    pub async fn chosen_settings(&self, permit: &Permit<ReadSettings>) -> Done<Chosen> {
        if let Err(refused) = everywhere(permit) {
            return Ok(Err(refused));
        }
        let mut reader = &self.store;
        Ok(Ok(deployment::find(&mut reader).await?))
    }

    /// Chooses anew, from the version that the caller saw; every node shows it within a second.
    ///
    /// # Errors
    /// If it could not be stored.
    pub async fn choose_settings(
        &self,
        permit: Permit<WriteSettings>,
        change: SettingsChange,
        expected: Option<i64>,
        origin: Origin,
    ) -> Done<Chosen> {
        if let Err(refused) = everywhere(&permit) {
            return Ok(Err(refused));
        }
        let tessera = self.clone();
        let written = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    tessera
                        .choose_within(tx, &permit, change, expected, &origin)
                        .await
                })
            })
            .await?;
        if written.is_ok() {
            self.load_settings().await?;
        }
        Ok(written)
    }

    /// As [`Self::choose_settings`], within a transaction; its node hears of it by the watch.
    ///
    /// # Errors
    /// If it could not be stored.
    pub async fn choose_within(
        &self,
        tx: &mut Tx<'_>,
        permit: &Permit<WriteSettings>,
        change: SettingsChange,
        expected: Option<i64>,
        origin: &Origin,
    ) -> Done<Chosen> {
        let mut chosen = deployment::lock(tx).await?;
        if let Err(refused) = is_fresh(expected, chosen.version) {
            return Ok(Err(refused));
        }
        let problems = change.problems(self.settings.fixed(), &chosen);
        if !problems.is_empty() {
            return Ok(Err(Refused::Wrong(problems)));
        }
        let changed = change.apply(&mut chosen);
        if !changed.is_empty() {
            deployment::put(tx, &chosen, self.now()).await?;
            let event = Event::new(Kind::SettingsChanged, permit.actor().clone())
                .with("changed", changed.join(" "));
            self.record(tx, &event, origin);
            chosen.version += 1;
        }
        Ok(Ok(chosen))
    }
}
