//! A report: what is known of all deployments, as one value that pages of any format are made of.
//!
//! Pure data. What is in it was found by the commands whose names the parts bear, by the same
//! functions, so that no figure is computed in two ways; here is only what a page needs besides:
//! which of many points stand for all. It knows no text format, no git and no file.

mod course;
pub mod html;
mod judged;
pub mod markdown;
mod period;
mod phase;
mod run;
#[cfg(test)]
mod tests;

pub use course::{Bucket, Course, Ending, Point, Range, course};
pub use judged::{Audited, BudgetPart, Captured, Health, Unknown};
pub use period::{Period, periods};
pub use phase::{Baseline, EnvironmentPart, LastRow, Outcome, PhasePart, Standing, Stretch};
pub use run::{LastRun, Slowest};

use timing_core::clock::UtcStamp;

/// Columns and values, as the terminal's tables have them.
pub type Table = crate::ui::report::Report;

/// Everything.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// What it is of.
    pub about: About,
    /// `timings stats`, a row for each environment and phase; its JSON is what the page embeds.
    pub statistics: Table,
    /// `timings trend`: a row for each stretch in which nothing changed.
    pub trend: Table,
    /// The environments, in the order of their names.
    pub environments: Vec<EnvironmentPart>,
    /// `timings stages`: the last run that has stages, else the last.
    pub last_run: Option<LastRun>,
    /// `timings slowest`; nothing where no run has stages.
    pub slowest: Option<Slowest>,
    /// `budget check --no-measure`, in the environments above.
    pub budgets: BudgetPart,
    /// The registry itself.
    pub health: Health,
}

/// What a report is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// When it was made.
    pub made: UtcStamp,
    /// Where its rows are from: `governance-registry`, or a file.
    pub source: String,
    /// Only this environment.
    pub environment: Option<String>,
    /// Only what started then or later.
    pub since: Option<UtcStamp>,
    /// Only what started before this.
    pub before: Option<UtcStamp>,
    /// How many rows it is of.
    pub rows: usize,
    /// How many rows there are in all.
    pub all_rows: usize,
    /// How many lines could not be read.
    pub faults: usize,
    /// What else a reader has to know: sources that could not be read, what was left out.
    pub remarks: Vec<String>,
}

impl Report {
    /// The phases of all environments.
    pub fn phases(&self) -> impl Iterator<Item = &PhasePart> {
        self.environments.iter().flat_map(|environment| &environment.phases)
    }
}
