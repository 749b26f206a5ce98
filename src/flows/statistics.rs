//! What the dashboard shows: counted by the clock, read in a few rows.

use super::{Internal, Tessera};
use crate::base::Timestamp;
use crate::protocol::audit::Kind;
use crate::protocol::client::ClientId;
use crate::storage::client_days::{self, Day};
use crate::storage::statistics;

/// So long counts are kept, in hours: a year and a month.
const KEEP: i64 = 24 * 396;

/// How much of one thing happened in each part of a time, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Series(pub Vec<u64>);

impl Series {
    /// All of it.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The most in one part.
    #[must_use]
    pub fn highest(&self) -> u64 {
        self.0.iter().copied().max().unwrap_or(0)
    }
}

/// What happened in a time that is cut into parts of the same length.
#[derive(Clone, Debug)]
pub struct Statistics {
    /// When each part began.
    pub parts: Vec<Timestamp>,
    /// Sign-ins that worked.
    pub sign_ins: Series,
    /// Sign-ins that did not, and steps that did not.
    pub failures: Series,
    /// Tokens that were issued.
    pub tokens: Series,
    /// The most sessions that were live.
    pub sessions: Series,
    /// How many are live now.
    pub live_sessions: u64,
}

/// What a client did in the last seven days.
#[derive(Clone, Debug)]
pub struct Week {
    /// When each day began.
    pub parts: Vec<Timestamp>,
    /// Sign-ins.
    pub sign_ins: Series,
    /// Tokens that it got.
    pub tokens: Series,
    /// What it was refused, as far as it is on record.
    pub failures: Series,
}

/// How long a time, in how many parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// 24 hours, hour by hour.
    Day,
    /// 30 days, day by day.
    Month,
}

impl Span {
    /// How many parts, and how many hours each.
    const fn parts(self) -> (i64, i64) {
        match self {
            Self::Day => (24, 1),
            Self::Month => (30, 24),
        }
    }
}

impl Tessera {
    /// Counts what happened since the last turn, and measures what there is. Returns whether there is more.
    ///
    /// # Errors
    /// As the database says.
    pub async fn count_events(&self) -> Result<bool, Internal> {
        let now = self.now();
        // Outside of the transaction: on SQLite everybody who writes waits for it.
        let mut reader = &self.store;
        let live = statistics::live_sessions(&mut reader, now).await?;
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let more = statistics::count_events(tx).await?;
                    if !more {
                        let keep_from = statistics::hour_of(now) - KEEP;
                        statistics::measure_sessions(tx, now, live, keep_from).await?;
                    }
                    Ok(more)
                })
            })
            .await
    }

    /// What a client did in the last seven days, day by day.
    ///
    /// # Errors
    /// As the database says.
    pub async fn statistics_of(&self, client: &ClientId) -> Result<Week, Internal> {
        let first = client_days::day_of(self.now()) - 6;
        let mut reader = &self.store;
        let days = client_days::since(&mut reader, client, first).await?;
        let series = |of: &dyn Fn(&Day) -> i64| {
            let mut series = Series(vec![0; 7]);
            for day in &days {
                let at = usize::try_from(day.day - first).ok();
                if let Some(slot) = at.and_then(|at| series.0.get_mut(at)) {
                    *slot = u64::try_from(of(day)).unwrap_or(0);
                }
            }
            series
        };
        Ok(Week {
            parts: (first..first + 7).map(client_days::beginning).collect(),
            sign_ins: series(&|day| day.sign_ins),
            tokens: series(&|day| day.tokens),
            failures: series(&|day| day.failures),
        })
    }

    /// What happened lately.
    ///
    /// # Errors
    /// As the database says.
    pub async fn statistics(&self, span: Span) -> Result<Statistics, Internal> {
        let (count, hours) = span.parts();
        let now = self.now();
        // The last part is the one that we are in.
        let first = statistics::hour_of(now).div_euclid(hours) - count + 1;
        let mut reader = &self.store;
        let counts = statistics::counts_since(&mut reader, first * hours).await?;
        let measured = statistics::sessions_since(&mut reader, first * hours).await?;
        let live = statistics::live_sessions(&mut reader, now).await?;
        let part = |hour: i64| usize::try_from(hour.div_euclid(hours) - first).ok();
        let series = |of: &dyn Fn(&statistics::Count) -> bool| {
            let mut series = Series(vec![0; usize::try_from(count).unwrap_or(0)]);
            for found in counts.iter().filter(|found| of(found)) {
                if let Some(slot) = part(found.hour).and_then(|part| series.0.get_mut(part)) {
                    *slot += u64::try_from(found.n).unwrap_or(0);
                }
            }
            series
        };
        let is = |found: &statistics::Count, kind: Kind| found.kind == kind.as_str();
        let mut sessions = Series(vec![0; usize::try_from(count).unwrap_or(0)]);
        for (hour, value) in measured {
            if let Some(slot) = part(hour).and_then(|part| sessions.0.get_mut(part)) {
                *slot = (*slot).max(u64::try_from(value).unwrap_or(0));
            }
        }
        Ok(Statistics {
            parts: (first..first + count)
                .map(|part| statistics::beginning(part * hours))
                .collect(),
            sign_ins: series(&|of| is(of, Kind::SignIn) && !of.failed),
            failures: series(&|of| {
                of.failed && (is(of, Kind::SignIn) || is(of, Kind::StepUp))
                    || is(of, Kind::SignInSlowed)
            }),
            tokens: series(&|of| is(of, Kind::TokenIssued)),
            sessions,
            live_sessions: u64::try_from(live).unwrap_or(0),
        })
    }
}
