//! `timings cost` as it is typed: what it is given beside the selection of rows.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Arg, ArgMatches, value_parser};
use timing_core::stats::Span;

use super::Help;

pub(super) const NAME: &str = "cost";

pub(super) const HELP: Help = Help {
    name: NAME,
    about: "Show durations, resources and costs side by side",
    details: "Costs come from a CSV with a header, in which a column `date` \
        (2026-01-24) and a column `cost` or `amount` are looked for; several lines of a day \
        add up. A `currency` has to be the same everywhere.\n\n\
        A run belongs to the period in which it started (days, weeks of ISO 8601 and months \
        of UTC). Unless --phase is given, a run is counted once, with what its outermost \
        phase took. The median is of successful runs. A period without costs has none, which \
        is not 0.\n\n\
        Below the table stand Spearman's rank correlations over the periods that have both runs \
        and costs, if these are at least 5. They say whether two things rise and fall together, \
        and not that one causes the other.",
    examples: &["--costs costs.csv", "--costs costs.csv --by month --env dev --since 365d"],
    last: "Only the newest N periods",
};

/// Where costs come from, and how they are put together; unchecked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostArgs {
    /// `--costs FILE`; `-` is stdin.
    pub costs: PathBuf,
    /// `--by NAME`
    pub span: Span,
}

const SPANS: [(&str, Span); 3] = [("day", Span::Day), ("week", Span::Week), ("month", Span::Month)];

fn span(name: &str) -> Span {
    SPANS.iter().find(|(known, _)| *known == name).map_or(Span::Week, |(_, span)| *span)
}

const COSTS: &str = "costs";
const BY: &str = "by";

pub(super) fn arguments() -> Vec<Arg> {
    let names = PossibleValuesParser::new(SPANS.map(|(name, _)| name));
    vec![
        Arg::new(COSTS)
            .long(COSTS)
            .value_name("FILE")
            .required(true)
            .value_parser(value_parser!(PathBuf))
            .help_heading("Costs")
            .help("A CSV of costs by day; - is stdin"),
        Arg::new(BY)
            .long(BY)
            .value_name("PERIOD")
            .value_parser(names.map(|name| span(&name)))
            .default_value("week")
            .help_heading("Costs")
            .help("What is put together"),
    ]
}

pub(super) fn parse(matches: &ArgMatches) -> Option<CostArgs> {
    Some(CostArgs {
        costs: matches.get_one::<PathBuf>(COSTS)?.clone(),
        span: matches.get_one(BY).copied().unwrap_or(Span::Week),
    })
}
