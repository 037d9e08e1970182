//! The commands about performance budgets.

mod arguments;
mod asked;
mod help;

use clap::ArgMatches;
use timing_core::budget::tune::Loosening;

use super::app::{NO_RECORD, REPO};
use super::timings::Format;

pub(super) use arguments::command;
#[cfg(test)]
pub(super) use arguments::names;
pub use asked::*;
use help::*;

pub(super) const BUDGET: &str = "budget";

const FILE: &str = "file";
const MEASUREMENTS: &str = "measurements";
const ENV: &str = "env";
const PHASE: &str = "phase";
const FOR: &str = "for";
const FORMAT: &str = "format";
const GITHUB: &str = "github";
const NAME: &str = "metric";
const INTERVAL: &str = "interval";
const LAST: &str = "last";
const WRITE: &str = "write";
const LOOSEN: &str = "loosen";
const RESOURCES: &str = "resources";
const ONLY: &str = "only";
const NO_MEASURE: &str = "no-measure";
const SET: &str = "set";
const ACCEPT: &str = "accept";
const WHY: &str = "why";

/// What `matches` of [`command`] ask for.
pub(super) fn parse(matches: &ArgMatches) -> Option<(BudgetCommand, BudgetArgs)> {
    let (name, matches) = matches.subcommand()?;
    // A command without an argument does not know its id.
    fn given<T: Clone + Send + Sync + 'static>(matches: &ArgMatches, id: &str) -> Option<T> {
        matches.try_get_one::<T>(id).ok().flatten().cloned()
    }
    let format: String = given(matches, FORMAT).unwrap_or_default();
    let plain = Format::from_name(&format).unwrap_or(Format::Table);
    let args = BudgetArgs {
        repo: given(matches, REPO),
        file: given(matches, FILE),
        measurements: given(matches, MEASUREMENTS),
        environment: given(matches, ENV),
        phase: given(matches, PHASE),
        only: many(matches, ONLY),
        format: plain,
    };
    let command = match name {
        LIST => BudgetCommand::List,
        LINT => BudgetCommand::Lint,
        EXPLAIN => BudgetCommand::Explain(given(matches, NAME)?),
        EXPORT => BudgetCommand::Export(
            ExportFormat::ALL
                .iter()
                .find(|(name, _)| *name == format)
                .map(|(_, format)| *format)?,
        ),
        WATCH => BudgetCommand::Watch(WatchArgs {
            period: given(matches, FOR),
            interval: given(matches, INTERVAL)?,
        }),
        TUNE => BudgetCommand::Tune(tuning(matches)),
        MEASURE => BudgetCommand::Measure(keeping(matches)),
        CHECK if format == GITHUB => BudgetCommand::Check(CheckFormat::Github, evidence(matches)),
        CHECK => BudgetCommand::Check(CheckFormat::Plain(plain), evidence(matches)),
        REPLAY => BudgetCommand::Replay(given(matches, LAST)?),
        BASELINE => BudgetCommand::Baseline(match (given(matches, ACCEPT), given(matches, WHY)) {
            (Some(metric), why) => BaselineChange::Accept { metric, why: why? },
            (None, why) if matches.get_flag(SET) => {
                let why = why.unwrap_or_else(|| "the median of what was measured".to_owned());
                BaselineChange::Set { why }
            }
            (None, _) => BaselineChange::None,
        }),
        _ => return None,
    };
    Some((command, args))
}

fn tuning(matches: &ArgMatches) -> TuneArgs {
    let loosening = if matches.get_flag(LOOSEN) { Loosening::Allowed } else { Loosening::Never };
    match () {
        () if matches.get_flag(RESOURCES) => TuneArgs::Resources,
        () if matches.get_flag(WRITE) => TuneArgs::Write(loosening),
        () => TuneArgs::Show(loosening),
    }
}

fn many(matches: &ArgMatches, id: &str) -> Vec<String> {
    let given = matches.try_get_many::<String>(id).ok().flatten();
    given.into_iter().flatten().cloned().collect()
}

fn keeping(matches: &ArgMatches) -> Keeping {
    if matches.get_flag(NO_RECORD) { Keeping::Forgotten } else { Keeping::Recorded }
}

fn evidence(matches: &ArgMatches) -> Evidence {
    if matches.get_flag(NO_MEASURE) || matches.contains_id(MEASUREMENTS) {
        Evidence::Stored
    } else {
        Evidence::Measured(keeping(matches))
    }
}
