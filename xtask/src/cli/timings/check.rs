//! `timings check` and `timings slo`: the commands that judge.

use std::num::NonZeroUsize;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Arg, ArgMatches, value_parser};
use timing_core::stats::Percent;

use super::Help;
use super::rows::LAST_OF_EACH;
use crate::settings::{GateMode, Span};

/// What the command line says of the regression gate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckFlags {
    /// `--relative PERCENT`
    pub relative: Option<Percent>,
    /// `--absolute SPAN`
    pub absolute: Option<Span>,
    /// `--minimum-samples N`
    pub minimum_samples: Option<NonZeroUsize>,
    /// `--baseline N`
    pub baseline: Option<NonZeroUsize>,
    /// `--mode MODE`
    pub mode: Option<GateMode>,
}

pub(super) const CHECK: Help = Help {
    name: "check",
    about: "Compare the latest run of each phase with those before it",
    details: "The latest successful run of each environment and phase against the median of the \
        comparable runs before it: successful ones of the same environment and phase. Runs that \
        changed resources, runs that changed none, and runs whose row does not say are kept \
        apart. A regression is longer by more than --relative and by more than --absolute; fewer \
        runs than --minimum-samples are no baseline, and then the verdict is unknown. MAD is the \
        median absolute deviation of the baseline, MADs how many of it the latest run is above \
        the median.\n\n\
        epochs.toml at the root of the repository records accepted changes, after which a baseline \
        starts anew; on a regression the lines to add are printed. xtask.toml sets other \
        defaults under [check].",
    examples: &["--env dev --mode error", "--last 30", "--phase apply-persistent --relative 10%"],
    last: LAST_OF_EACH,
};

pub(super) const SLO: Help = Help {
    name: "slo",
    about: "Show which objectives are attained, and what is left of their error budgets",
    details: "The objectives of xtask.toml, each a [[slo]] with phase, window (\"30d\"), \
        success_rate (\"95%\") and/or duration (\"20m\") with percentile (90), and env; without \
        env every environment is judged apart. The window is counted back from now or from \
        --until; --since begins it elsewhere.\n\n\
        The budget is what may go wrong: with 95% and 40 runs, two may fail. A burn rate of 1 \
        uses it up exactly. The recent rate is that of the last twelfth of the window and decides \
        nothing: of few runs, one failure is a high rate. An objective without runs is unknown.",
    examples: &["--env dev --mode error", "--until 2026-01-31 --format markdown"],
    last: LAST_OF_EACH,
};

const RELATIVE: &str = "relative";
const ABSOLUTE: &str = "absolute";
const MINIMUM_SAMPLES: &str = "minimum-samples";
const BASELINE: &str = "baseline";
const MODE: &str = "mode";

fn option(name: &'static str, value: &'static str, text: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help_heading("Judgement").help(text)
}

fn mode(text: &'static str) -> Arg {
    let modes = [GateMode::Off, GateMode::Warn, GateMode::Error];
    let names = PossibleValuesParser::new(modes.map(GateMode::as_str));
    option(MODE, "MODE", text).value_parser(names.try_map(|name| name.parse::<GateMode>()))
}

pub(super) fn check_args() -> Vec<Arg> {
    vec![
        option(RELATIVE, "PERCENT", "Longer by more than this much of the median [default: 25%]")
            .value_parser(str::parse::<Percent>),
        option(ABSOLUTE, "SPAN", "And by more than this: 5s, 2m [default: 5s]")
            .value_parser(str::parse::<Span>),
        option(MINIMUM_SAMPLES, "N", "How many runs are a baseline [default: 5]")
            .value_parser(value_parser!(NonZeroUsize)),
        option(BASELINE, "N", "Of how many runs it is made at most [default: 20]")
            .value_parser(value_parser!(NonZeroUsize)),
        mode("What a regression means: error makes the exit code 1 [default: warn]"),
    ]
}

pub(super) fn slo_args() -> Vec<Arg> {
    vec![mode("What a missed objective means: error makes the exit code 1 [default: warn]")]
}

pub(super) fn parse_check(matches: &ArgMatches) -> CheckFlags {
    CheckFlags {
        relative: matches.get_one(RELATIVE).copied(),
        absolute: matches.get_one(ABSOLUTE).copied(),
        minimum_samples: matches.get_one(MINIMUM_SAMPLES).copied(),
        baseline: matches.get_one(BASELINE).copied(),
        mode: matches.get_one(MODE).copied(),
    }
}

pub(super) fn parse_slo(matches: &ArgMatches) -> GateMode {
    matches.get_one(MODE).copied().unwrap_or(GateMode::Warn)
}
