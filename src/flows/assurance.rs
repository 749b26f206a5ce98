//! What people could prove, and whether what they proved is enough.

use super::session::SignedIn;
use super::{Internal, Tessera};
use crate::base::Timestamp;
use crate::config::{AssuranceConfig, LevelSetting, SecondFactor};
use crate::protocol::assurance::{
    Assessment, AssurancePolicy, Capabilities, Level, Levels, MAX_NAME, Method, Proofs,
    Requirement, assess,
};
use crate::storage::users::{self, User};
use crate::storage::{Reader, Tx, factors, sessions};

/// Reads the configured levels.
///
/// # Errors
/// A sentence for the operator about the first that cannot be used.
pub fn read(config: &AssuranceConfig) -> Result<AssurancePolicy, Internal> {
    let wrong = |why: String| Internal::other(format!("assurance.levels: {why}"));
    let levels = if config.levels.0.is_empty() {
        Levels::default()
    } else {
        let read: Result<Vec<_>, _> = config.levels.0.iter().map(level).collect();
        Levels::new(read.map_err(wrong)?)
    };
    let names = levels.names();
    if let Some(twice) = (1..names.len()).find(|i| names[..*i].contains(&names[*i])) {
        return Err(wrong(format!("{} is there twice", names[twice])));
    }
    let mut scopes = Vec::new();
    for setting in &config.scopes.0 {
        if levels.find(&setting.level).is_none() {
            return Err(Internal::other(format!(
                "assurance.scopes: {} wants {}, which is no level; there are {}",
                setting.scope,
                setting.level,
                names.join(", ")
            )));
        }
        scopes.push((setting.scope.clone(), setting.level.clone()));
    }
    Ok(AssurancePolicy {
        levels,
        scopes,
        second_factor_required: config.second_factor == SecondFactor::Required,
    })
}

fn level(setting: &LevelSetting) -> Result<Level, String> {
    let name = &setting.name;
    let methods = match &setting.methods {
        None => Method::ALL.to_vec(),
        Some(names) => {
            let known = |text: &String| {
                Method::parse(text).ok_or_else(|| {
                    let all: Vec<_> = Method::ALL.iter().map(|m| m.as_str()).collect();
                    format!("{name}: {text} is no method; there are {}", all.join(", "))
                })
            };
            names.iter().map(known).collect::<Result<_, _>>()?
        }
    };
    // Core §3.1.2.1, acr_values: "space-separated string".
    if name.len() > MAX_NAME || !name.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(format!(
            "{name}: a name is 1 to {MAX_NAME} visible ASCII characters"
        ));
    }
    if !(1..=2).contains(&setting.factors) {
        return Err(format!("{name}: factors must be 1 or 2"));
    }
    Ok(Level {
        name: name.clone(),
        methods,
        factors: setting.factors as usize,
        phishing_resistant: setting.phishing_resistant,
        device_bound: setting.device_bound,
        max_age: setting.max_age,
    })
}

/// A person who proved a moment ago who they are, with all that the account asks for: only they change
/// what matters (OWASP ASVS 5.0 V7.5.1). Made only by [`Tessera::recently`].
#[derive(Clone, Debug)]
pub struct RecentlyAuthenticated(SignedIn);

impl RecentlyAuthenticated {
    /// Who.
    #[must_use]
    pub const fn person(&self) -> &SignedIn {
        &self.0
    }
}

impl Tessera {
    /// Everything by which this person could prove who they are here.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn capabilities(
        &self,
        reader: &mut impl Reader,
        user: &User,
    ) -> Result<Capabilities, Internal> {
        let mut all = factors::of_user(reader, user.id).await?;
        let usable = &mut all.usable;
        if self.relying_party.is_none() {
            usable.retain(|factor| factor.method != Method::Passkey);
        }
        if !self.sends_texts() {
            usable.retain(|factor| factor.method != Method::SmsCode);
        }
        if user.password_hash.is_some() {
            usable.push(Method::Password.into());
        }
        let sendable = self.sendable(user, &all);
        all.usable.extend(sendable);
        Ok(all)
    }

    /// Whether these proofs are enough to be signed in, and what is missing where they are not.
    pub(super) fn assess_entering(
        &self,
        proofs: &Proofs,
        available: &Capabilities,
        since: Option<Timestamp>,
    ) -> Assessment {
        let two_factors = self.assurance.wants_two_factors(available);
        self.assess_own(two_factors, proofs, available, since)
    }

    /// Whether these proofs are recent enough, and enough, to change what matters. Who has no second
    /// factor is asked for what they have, also where everybody shall have one: they come to set it up.
    ///
    /// A code by e-mail lets somebody in who has lost a factor; it changes nothing. Else the mailbox alone,
    /// by way of a new password, would take the real factor away and put another in its place.
    fn assess_recent(&self, proofs: &Proofs, available: &Capabilities) -> Assessment {
        let two_factors = available.has_second_factor();
        let since = self.now() - self.config.assurance.recent;
        let (mut proofs, mut available) = (proofs.clone(), available.clone());
        proofs.forget(Method::EmailCode);
        available.usable.retain(|of| of.method != Method::EmailCode);
        self.assess_own(two_factors, &proofs, &available, Some(since))
    }

    fn assess_own(
        &self,
        two_factors: bool,
        proofs: &Proofs,
        available: &Capabilities,
        since: Option<Timestamp>,
    ) -> Assessment {
        let requirement = Requirement {
            two_factors,
            since,
            ..Requirement::default()
        };
        assess(
            &self.assurance.levels,
            &requirement,
            proofs,
            &available.usable,
            self.now(),
        )
    }

    /// The proof that somebody proved it in the last minutes. `Err` says what to ask for.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn recently(
        &self,
        signed_in: &SignedIn,
    ) -> Result<Result<RecentlyAuthenticated, Vec<Method>>, Internal> {
        let mut reader = &self.store;
        let available = self.capabilities(&mut reader, signed_in.user()).await?;
        Ok(
            match self.assess_recent(&signed_in.session().proofs, &available) {
                Assessment::Met(_) => Ok(RecentlyAuthenticated(signed_in.clone())),
                Assessment::Missing { offer, .. } => Err(offer),
                Assessment::Unreachable => Err(Vec::new()),
            },
        )
    }

    /// The account, locked, if the proof still holds: its session may have ended meanwhile, or the account
    /// got a second factor that a thief of the password does not have.
    ///
    /// # Errors
    /// If the database does not answer.
    pub(super) async fn lock_recent(
        &self,
        tx: &mut Tx<'_>,
        recent: &RecentlyAuthenticated,
    ) -> Result<Option<User>, Internal> {
        let user = users::lock(tx, recent.person().user().id).await?;
        let Some(user) = user.filter(|user| !user.disabled) else {
            return Ok(None);
        };
        let id = recent.person().session().id;
        let Some(session) = sessions::find_live(tx, id, self.now()).await? else {
            return Ok(None);
        };
        let available = self.capabilities(tx, &user).await?;
        let assessed = self.assess_recent(&session.proofs, &available);
        Ok(matches!(assessed, Assessment::Met(_)).then_some(user))
    }
}

#[cfg(test)]
#[path = "assurance_tests.rs"]
mod tests;
