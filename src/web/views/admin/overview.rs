//! How things are: charts that are drawn here, and what wants attention.

use askama::Template;
use askama_web::WebTemplate;

use super::Frame;
use crate::base::Timestamp;
use crate::flows::statistics::Series;
use crate::web::messages::Message;
use crate::web::views::Page;

/// The size of a chart, in its own units.
const WIDTH: u64 = 720;
const HEIGHT: u64 = 120;

/// A chart of bars, one for each part of the time.
pub struct Chart {
    /// What it counts: a key of the catalogue.
    pub title: &'static str,
    /// The bars.
    pub series: Series,
    /// When each part began.
    pub parts: Vec<Timestamp>,
    /// Its colour: a class of the stylesheet.
    pub tone: &'static str,
    /// The number above it.
    pub figure: u64,
}

/// A bar, as it is drawn.
pub struct Bar {
    /// From the left.
    pub x: u64,
    /// From the top.
    pub y: u64,
    /// How wide.
    pub width: u64,
    /// How high.
    pub height: u64,
    /// How much it stands for.
    pub n: u64,
    /// When it began.
    pub at: Timestamp,
}

impl Chart {
    /// The bars, the highest as high as the chart.
    #[must_use]
    pub fn bars(&self) -> Vec<Bar> {
        let highest = self.series.highest().max(1);
        let step = WIDTH / u64::try_from(self.parts.len().max(1)).unwrap_or(1);
        let drawn = self.parts.iter().zip(&self.series.0).zip(0_u64..);
        drawn
            .map(|((at, n), i)| {
                // What is there at all can be seen.
                let height = if *n == 0 {
                    0
                } else {
                    (n * HEIGHT / highest).max(3)
                };
                Bar {
                    x: i * step + 1,
                    y: HEIGHT - height,
                    width: step.saturating_sub(3).max(2),
                    height,
                    n: *n,
                    at: *at,
                }
            })
            .collect()
    }

    /// What the chart is as wide and as high as.
    #[must_use]
    pub fn view_box(&self) -> String {
        let step = WIDTH / u64::try_from(self.parts.len().max(1)).unwrap_or(1);
        format!("0 0 {} {HEIGHT}", step * self.parts.len() as u64)
    }

    /// The most in one part.
    #[must_use]
    pub fn highest(&self) -> u64 {
        self.series.highest()
    }
}

/// `GET /admin`
#[derive(Template, WebTemplate)]
#[template(path = "admin/overview.html")]
pub struct Overview {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// Whether the charts are of a month, not of a day.
    pub month: bool,
    /// The charts; none for who may not read the audit log of the whole deployment.
    pub charts: Vec<Chart>,
    /// What wants attention.
    pub warnings: Vec<String>,
    /// The keys that sign: algorithm, since when, until when.
    pub keys: Vec<(&'static str, Timestamp, Option<Timestamp>)>,
}

impl Overview {
    /// The times that can be chosen.
    fn spans(&self) -> [(&'static str, Message, bool); 2] {
        [
            ("/admin", Message::new("admin-span-day"), !self.month),
            (
                "/admin?span=month",
                Message::new("admin-span-month"),
                self.month,
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_bar_fills_the_chart_and_the_lowest_can_be_seen() {
        let parts: Vec<_> = (0..4)
            .map(|hour| Timestamp::from_seconds(hour * 3600))
            .collect();
        let series = Series(vec![0, 1, 1_000, 500]);
        let chart = Chart {
            title: "",
            series,
            parts,
            tone: "",
            figure: 0,
        };
        let heights: Vec<_> = chart.bars().iter().map(|bar| bar.height).collect();
        assert_eq!(heights, [0, 3, 120, 60]);
        assert!(chart.bars().iter().all(|bar| bar.y + bar.height == 120));
    }
}
