//! `timings stages`, `slowest` and `explain` as they are typed.

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Arg, ArgAction, ArgMatches, value_parser};
use timing_core::stats::slowest::By;

use super::Help;

pub(super) const STAGES: Help = Help {
    name: "stages",
    about: "Show one run as a waterfall: phases, their stages, and the resources in these",
    details: "Bars stand where their time was. Under each phase and stage is drawn when a resource \
        was in progress; the rest of its time it waited, or did what its output does not tell. The \
        critical path are the resources that the end waited for: the one that ended last, before \
        it the one that had ended last when that began, and so on. Dependencies are not printed, so \
        this is likely and not certain.\n\n\
        Of many resources those that failed, those on the critical path and the longest are shown, \
        and the rest in one line; --all, JSON and CSV have every one. RUN is the id of a run or its \
        beginning, `last`, or how far back: -1 is the last, -2 the one before. The default is the \
        last that has stages. With --file, stages are read from the directory `stages` beside it.",
    examples: &["", "-2 --env dev", "69d556b3 --all", "last --format json"],
    last: "Only among the newest N runs",
};

pub(super) const SLOWEST: Help = Help {
    name: "slowest",
    about: "Show which stages and resources take most of the time",
    details: "Of the newest runs that have stages (--last; 10 unless given): in how many it was, what \
        it took in all, the median (p50) and the most of a run, and the change of the median against \
        as many runs before those; `-` with fewer than 3 runs on either side. What failed or did not \
        end is counted, and not timed. Resources side by side count each in full, so that totals may \
        exceed the clock. --by module and --by type put resources together.",
    examples: &["--env dev", "--last 20 --by module", "--phase apply-persistent --format json"],
    last: "The newest N runs, and as many before them to compare with; 10 unless given",
};

pub(super) const EXPLAIN: Help = Help {
    name: "explain",
    about: "Explain one run: what became slower and by how much, what was different, why it failed",
    details: "Against the successful run before it of the same environment and target, if there is \
        one that changed resources likewise: the difference by phase, by stage, and by the resources \
        that the stage's end waited for. The lines below one add up to it. The verdicts are those of \
        `timings check`. A run that failed is told with the resources that an error names, or else \
        with the last 40 lines of its log, if that is here. RUN is as for `timings stages`; the \
        default is the last run.",
    examples: &["", "69d556b3", "-2 --env dev --format markdown"],
    last: "Only among the newest N runs",
};

/// Which run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The last that has what is asked about.
    Suitable,
    /// So many from the end; 1 is the last.
    Back(NonZeroUsize),
    /// The one whose id begins like this.
    Id(String),
}

impl FromStr for Wanted {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let back = |text: &str| text.strip_prefix('-')?.parse().ok();
        Ok(match text {
            "last" => Self::Back(NonZeroUsize::MIN),
            _ => back(text).map_or_else(|| Self::Id(text.to_owned()), Self::Back),
        })
    }
}

/// How much of many is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// What matters most, and the sum of the rest.
    Short,
    /// Everything.
    Whole,
}

const RUN: &str = "run";
const ALL: &str = "all";
const BY: &str = "by";
const KINDS: [(&str, By); 3] = [("name", By::Span), ("module", By::Module), ("type", By::Type)];

fn run() -> Arg {
    Arg::new(RUN)
        .value_name("RUN")
        .allow_negative_numbers(true)
        .value_parser(value_parser!(Wanted))
        .help("Which run: an id or its beginning, last, -1, -2, …")
}

fn all() -> Arg {
    Arg::new(ALL).long(ALL).action(ArgAction::SetTrue).help_heading("Output").help("Show every one")
}

/// What `stages`, `slowest` or `explain` take beside the others' flags.
pub(super) fn arguments(command: &str) -> Vec<Arg> {
    let by =
        |name: &str| KINDS.iter().find(|(known, _)| *known == name).map_or(By::Span, |(_, by)| *by);
    let names = PossibleValuesParser::new(KINDS.map(|(name, _)| name));
    match command {
        "stages" => vec![run(), all()],
        "explain" => vec![run()],
        "slowest" => vec![
            all(),
            Arg::new(BY)
                .long(BY)
                .value_name("WHAT")
                .value_parser(names.map(move |name| by(&name)))
                .default_value("name")
                .help_heading("Output")
                .help("What is put together"),
        ],
        _ => Vec::new(),
    }
}

pub(super) fn wanted(matches: &ArgMatches) -> Wanted {
    matches.get_one(RUN).cloned().unwrap_or(Wanted::Suitable)
}

pub(super) fn extent(matches: &ArgMatches) -> Extent {
    if matches.get_flag(ALL) { Extent::Whole } else { Extent::Short }
}

pub(super) fn by(matches: &ArgMatches) -> By {
    matches.get_one(BY).copied().unwrap_or(By::Span)
}
