//! Whether what was proven is enough, how to call it, and what to ask for where it is not.

use super::level::{Deficit, Level, Levels};
use super::method::{Capability, Method, Proof, Proofs};
use crate::base::Timestamp;

/// What is asked of somebody.
#[derive(Clone, Debug, Default)]
pub struct Requirement<'a> {
    /// Each of them must be reached: of the client, of the scopes.
    pub minimum: Vec<&'a Level>,
    /// One of them should be reached, the best first.
    pub wanted: Vec<&'a Level>,
    /// One of `wanted` must be.
    pub essential: bool,
    /// Two factors, whatever the level: of somebody who has two.
    pub two_factors: bool,
    /// Nothing older counts (`prompt=login`, `max_age`).
    pub since: Option<Timestamp>,
}

/// What may be said of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The level.
    pub acr: String,
    /// RFC 8176: by which means.
    pub amr: Vec<String>,
    /// Everything that the level rests on was proven then or later. So "how sure" and "how long ago" in
    /// one token are said of the same thing: an old passkey beside a fresh password is no fresh passkey.
    pub auth_time: Timestamp,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assessment {
    /// It is enough.
    Met(Standing),
    /// One of these brings it nearer, the one to offer first at the front. `begun`: some of it is there.
    Missing {
        /// The methods.
        offer: Vec<Method>,
        /// Whether any proof counts already.
        begun: bool,
    },
    /// Whatever this person does, it will not be enough.
    Unreachable,
}

/// Assesses `proofs` by somebody who could give those of `available`.
#[must_use]
pub fn assess(
    levels: &Levels,
    requirement: &Requirement<'_>,
    proofs: &Proofs,
    available: &[Capability],
    now: Timestamp,
) -> Assessment {
    let since = requirement.since;
    let all: Vec<Proof> = available
        .iter()
        .map(|of| Proof { of: *of, at: now })
        .chain(proofs.iter().copied())
        .collect();
    let has = |level: &Level| level.deficit(proofs.iter(), since, now) == Deficit::NONE;
    let could = |level: &Level| level.deficit(all.iter(), since, now) == Deficit::NONE;

    let floor = if requirement.two_factors {
        Level::two_factors()
    } else {
        Level::anything()
    };
    let wanted = requirement.wanted.iter().copied();
    let goal = wanted.clone().find(|level| has(level));
    let goal = goal.or_else(|| wanted.clone().find(|level| could(level)));
    // Core §5.5.1.1: "If the Claim is not Essential [...] the Authorization Server is not required to
    // provide this Claim in its response." Essential: "the Authorization Server MUST return an acr Claim
    // Value that matches one of the requested values".
    if goal.is_none() && requirement.essential {
        return Assessment::Unreachable;
    }
    let demands: Vec<&Level> = requirement
        .minimum
        .iter()
        .copied()
        .chain(goal)
        .chain([&floor])
        .collect();
    if !demands.iter().all(|level| could(level)) {
        return Assessment::Unreachable;
    }
    if demands.iter().all(|level| has(level)) {
        return Assessment::Met(standing(levels, goal, proofs, since, now));
    }
    let deficit = |extra: Option<Proof>| -> usize {
        let with = |level: &&Level| level.deficit(proofs.iter().chain(&extra), since, now).0;
        demands.iter().map(with).sum()
    };
    let before = deficit(None);
    let after = |of: &Capability| deficit(Some(Proof { of: *of, at: now }));
    // Where one of these is needed in any case and is all that is needed, nothing else is asked for: a
    // password before a passkey that would have done alone is one page too many.
    let alone: Vec<Proof> = all
        .iter()
        .copied()
        .filter(|one| after(&one.of) == 0)
        .collect();
    let rest = || all.iter().filter(|one| !alone.contains(one));
    let decides = !demands
        .iter()
        .all(|level| level.deficit(rest(), since, now) == Deficit::NONE);
    let helps = |method: &Method| {
        available
            .iter()
            .filter(|of| of.method == *method)
            .any(|of| after(of) < if decides { 1 } else { before })
    };
    Assessment::Missing {
        offer: Method::ALL.into_iter().filter(helps).collect(),
        begun: floor.deficit(proofs.iter(), since, now) < Deficit(floor.factors),
    }
}

/// How to call a session: by the wanted level, else by the strongest that it has.
fn standing(
    levels: &Levels,
    goal: Option<&Level>,
    proofs: &Proofs,
    since: Option<Timestamp>,
    now: Timestamp,
) -> Standing {
    let reached = |level: &Level| level.deficit(proofs.iter(), since, now) == Deficit::NONE;
    let anything = Level::anything();
    let strongest = levels.iter().rev().find(|level| reached(level));
    let level = goal.or(strongest).unwrap_or(&anything);
    // The newest that are enough together.
    let all: Vec<Proof> = proofs.iter().copied().collect();
    let enough = (1..=all.len())
        .find(|n| level.deficit(all[..*n].iter(), since, now) == Deficit::NONE)
        .unwrap_or(all.len());
    let told = &all[..enough];
    Standing {
        acr: level.name.clone(),
        amr: Proofs::amr(told),
        auth_time: told.last().map_or(now, |oldest| oldest.at),
    }
}
