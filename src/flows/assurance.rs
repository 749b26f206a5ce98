//! What people could prove, and whether what they proved is enough.

use super::session::SignedIn;
use super::{Internal, Tessera};
use crate::base::Timestamp;
use crate::config::{AssuranceConfig, LevelSetting, SecondFactor};
use crate::protocol::assurance::{
    Assessment, AssurancePolicy, Capability, Level, Levels, MAX_NAME, Method, Proofs, Requirement,
    assess,
};
use crate::storage::users::User;
use crate::storage::{Reader, factors};

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
    ) -> Result<Vec<Capability>, Internal> {
        let mut all = factors::of_user(reader, user.id).await?;
        if user.password_hash.is_some() {
            all.push(Method::Password.into());
        }
        Ok(all)
    }

    /// Whether these proofs are enough to be signed in, and what is missing where they are not.
    pub(super) fn assess_entering(
        &self,
        proofs: &Proofs,
        available: &[Capability],
        since: Option<Timestamp>,
    ) -> Assessment {
        let requirement = Requirement {
            two_factors: self.assurance.wants_two_factors(available),
            since,
            ..Requirement::default()
        };
        assess(
            &self.assurance.levels,
            &requirement,
            proofs,
            available,
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
        let since = self.now() - self.config.assurance.recent;
        let proofs = &signed_in.session().proofs;
        Ok(
            match self.assess_entering(proofs, &available, Some(since)) {
                Assessment::Met(_) => Ok(RecentlyAuthenticated(signed_in.clone())),
                Assessment::Missing { offer, .. } => Err(offer),
                Assessment::Unreachable => Err(Vec::new()),
            },
        )
    }
}
