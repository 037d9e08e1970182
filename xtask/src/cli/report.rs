//! `report` as it is typed.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches, Command, value_parser};

use super::TimingsArgs;
use super::app::REPO;
use super::timings::{Format, Strictness};

pub(super) const REPORT: &str = "report";

/// What `report` takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportArgs {
    /// Which rows.
    pub rows: TimingsArgs,
    /// Where it goes; each format has a default.
    pub out: Option<PathBuf>,
    /// How it is written.
    pub format: ReportFormat,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportFormat {
    /// One page with everything in it.
    Html,
    /// A page for a repository or a pull request.
    Markdown,
    /// Traces, as a collector takes them.
    OtlpJson,
    /// Traces, as a browser's viewer takes them.
    ChromeTrace,
}

impl ReportFormat {
    const ALL: [(&'static str, Self); 4] = [
        ("html", Self::Html),
        ("markdown", Self::Markdown),
        ("otlp-json", Self::OtlpJson),
        ("chrome-trace", Self::ChromeTrace),
    ];

    /// As it is typed.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, format)| *format == self).map_or("", |(name, _)| name)
    }
}

const ENV: &str = "env";
const SINCE: &str = "since";
const UNTIL: &str = "until";
const FILE: &str = "file";
const OUT: &str = "out";
const FORMAT: &str = "format";

pub(super) fn command() -> Command {
    Command::new(REPORT)
        .about("Make a page to look at, of everything that is known")
        .defer(arguments)
}

fn arguments(command: Command) -> Command {
    let option = |name: &'static str, value: &'static str, heading, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help_heading(heading).help(help)
    };
    let (rows, output) = ("Which rows", "Output");
    command
        .long_about(
            "Make a page to look at, of everything that is known: how the last deployments ended, \
            how long phases take and how often they fail, when that changed, the last run in detail, \
            budgets, and whether the registry is sound.\n\n\
            The page is one file that needs nothing else: no network, no other file. Its figures are \
            those of `timings stats`, `trend`, `check`, `stages`, `slowest` and `verify`, `budget \
            check --no-measure` and `registry audit`. Nothing is fetched and nothing is measured.",
        )
        .after_help(
            "Examples:\n  cargo xtask report\n  cargo xtask report --env dev --since 90d --out dev.html\n  \
            cargo xtask report --file build_timings.csv --out -",
        )
        .args([
            option(ENV, "NAME", rows, "Only this environment"),
            option(
                SINCE,
                "WHEN",
                rows,
                "Started then or later: 2026-01-24, 2026-01-24T14:43:27Z, 30d, 12h",
            ),
            option(UNTIL, "WHEN", rows, "Started no later: a day is meant to its end"),
            option(FILE, "PATH", rows, "Read this file as it stands, duplicates included; - is stdin")
                .value_parser(value_parser!(PathBuf)),
            option(
                OUT,
                "FILE",
                output,
                "Where it goes; - is stdout [default: logs/build-timings/report.html, stdout for \
                others than html]",
            )
            .value_parser(value_parser!(PathBuf)),
            option(FORMAT, "FORMAT", output, "How it is written")
                .value_parser(PossibleValuesParser::new(ReportFormat::ALL.map(|(name, _)| name)))
                .default_value("html"),
        ])
}

/// What `matches` of [`command`] ask for.
pub(super) fn parse(matches: &ArgMatches) -> ReportArgs {
    let text = |id: &str| matches.get_one::<String>(id).cloned();
    let path = |id: &str| matches.get_one::<PathBuf>(id).cloned();
    let format = text(FORMAT).unwrap_or_default();
    ReportArgs {
        rows: TimingsArgs {
            repo: path(REPO),
            file: path(FILE),
            environment: text(ENV),
            phases: Vec::new(),
            build_id: None,
            since: text(SINCE),
            until: text(UNTIL),
            last: None,
            format: Format::Table,
            strictness: Strictness::Lenient,
        },
        out: path(OUT),
        format: ReportFormat::ALL
            .iter()
            .find(|(name, _)| *name == format)
            .map_or(ReportFormat::Html, |(_, format)| *format),
    }
}
