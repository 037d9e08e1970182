//! The commands that ask the history.

mod check;
mod cost;
mod dora;
mod verify;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::app::REPO;
use crate::settings::GateMode;

pub use check::CheckFlags;
pub use cost::CostArgs;
pub use verify::Listing;

pub(super) const TIMINGS: &str = "timings";
const STATS: &str = "stats";
/// The format that only `stats` has.
const RELIABILITY: &str = "reliability";

/// What is asked of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimingsCommand {
    /// The rows.
    List,
    /// When durations changed.
    Trend,
    /// The regression gate.
    Check(CheckFlags),
    /// Objectives, and what a missed one means.
    Slo(GateMode),
    /// Rows against their logs.
    Verify(Listing, Strictness),
    /// How often deployments happen and fail, and how soon that is made good.
    Dora,
    /// Durations, resources and costs side by side.
    Cost(CostArgs),
    /// How long phases take and how often they fail.
    Stats,
    /// `stats` as the shell reader of the registry prints it, which is no other way to write the
    /// same answer: it reads lines, not rows.
    Reliability,
}

/// Which rows, from where, and how the answer is written; unchecked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimingsArgs {
    /// `--repo DIR`
    pub repo: Option<PathBuf>,
    /// `--file PATH`; `-` is stdin.
    pub file: Option<PathBuf>,
    /// `--env NAME`
    pub environment: Option<String>,
    /// `--phase NAME`, as often as it was given.
    pub phases: Vec<String>,
    /// `--build-id ID`
    pub build_id: Option<String>,
    /// `--since WHEN`
    pub since: Option<String>,
    /// `--until WHEN`
    pub until: Option<String>,
    /// `--last N`
    pub last: Option<NonZeroUsize>,
    /// `--format NAME`
    pub format: Format,
    /// `--strict`
    pub strictness: Strictness,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Table,
    /// For a page.
    Markdown,
    /// An array of objects.
    Json,
    /// With a header.
    Csv,
}

impl Format {
    pub(super) const ALL: [(&'static str, Self); 4] = [
        ("table", Self::Table),
        ("markdown", Self::Markdown),
        ("json", Self::Json),
        ("csv", Self::Csv),
    ];

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, format)| *format)
    }
}

/// What a line that cannot be read means for the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// It is reported, and the rows that can be read are the answer.
    Lenient,
    /// It is reported, and the exit code is 1.
    Strict,
}

/// A command as the help shows it.
struct Help {
    name: &'static str,
    about: &'static str,
    details: &'static str,
    examples: &'static [&'static str],
    /// What `--last` counts.
    last: &'static str,
}

const LAST_OF_EACH: &str = "Only the newest N of the matching rows of each environment and phase";

const COMMANDS: [Help; 8] =
    [LIST, STATISTICS, TREND, check::CHECK, check::SLO, verify::HELP, dora::HELP, cost::HELP];

const LIST: Help = Help {
    name: "list",
    about: "Show the rows, newest last",
    details: "Rows of all generations, as one record: what a row does not say is shown as -, and is \
        null in JSON. JSON and CSV have the columns of the registry's file; in rows that CI wrote, \
        log_path is the address of the workflow's run, as it is there.",
    examples: &["--last 10", "--env dev --since 7d --format json", "--file build_timings.csv"],
    last: "Only the newest N of the matching rows",
};

const STATISTICS: Help = Help {
    name: STATS,
    about: "Show how long each phase takes and how often it fails",
    details: "One line for each environment and phase. Durations are those of the runs that \
        succeeded; how many failed is shown with the median duration of those, because a run that \
        fails in 3 s says nothing about how long one takes. Quantiles are exact (Hyndman and Fan's \
        definition 7, as in numpy and R). JSON and CSV have more columns: mean, p90, min, and the \
        same figures of failures.\n\n\
        --format reliability prints what the shell reader of the registry prints: lines split at \
        every comma, eight phases, columns by their place in the first line. A file is read as it \
        stands; with conditions, and from the registry, the lines of the rows that match.",
    examples: &[
        "--env dev",
        "--phase apply-persistent --since 30d --format json",
        "--file build_timings.csv --format reliability",
    ],
    last: LAST_OF_EACH,
};

const TREND: Help = Help {
    name: "trend",
    about: "Show when durations changed, by how much, and how they move in between",
    details: "Of successful runs. Each line is a stretch in which nothing changed: its typical \
        duration (median), the slope within it (Theil-Sen), and the change that it begins with: \
        direction, size, how likely chance would make one as clear, and the commit of the first \
        run after it. Changes are looked for on a logarithmic scale by seeded binary segmentation \
        with t-tests and rank tests; single outliers are none. One is found from 12 runs on, six \
        before and six after it, or with as few as 4 on one side where there are 13 or more. Runs \
        that changed resources and runs that did not are not told apart.",
    examples: &["--env dev --phase deploy-persistent", "--since 90d --format markdown"],
    last: LAST_OF_EACH,
};

/// The names of all commands.
#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|help| help.name)
}

const ENV: &str = "env";
const PHASE: &str = "phase";
const BUILD_ID: &str = "build-id";
const SINCE: &str = "since";
const UNTIL: &str = "until";
const LAST: &str = "last";
const FILE: &str = "file";
const FORMAT: &str = "format";
const STRICT: &str = "strict";

pub(super) fn command() -> Command {
    let about = "Ask the history: how long, how often it fails, whether it got slower";
    Command::new(TIMINGS).about(about).defer(questions)
}

fn questions(command: Command) -> Command {
    command
        .long_about(
            "Ask the history: how long, how often it fails, whether it got slower.\n\n\
            Every command reads the local branch, the remote's branch as it was last fetched, and \
            the journal, as one set of rows; or a file with --file. Nothing is fetched.",
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand_help_heading("Commands")
        .after_help("Examples:\n  cargo xtask timings list --last 10")
        .subcommands(
            COMMANDS.iter().map(|help| Command::new(help.name).about(help.about).defer(arguments)),
        )
}

fn arguments(command: Command) -> Command {
    let Some(help) = COMMANDS.iter().find(|help| help.name == command.get_name()) else {
        return command;
    };
    let examples: String = help
        .examples
        .iter()
        .map(|words| format!("\n  cargo xtask timings {} {words}", help.name).trim_end().to_owned())
        .collect();
    command
        .long_about(format!("{}\n\n{}", help.about, help.details))
        .after_help(format!("Examples:{examples}"))
        .args(selection(help))
        .args(output(help))
        .args(own(help.name))
}

/// What only this command takes.
fn own(command: &str) -> Vec<Arg> {
    match command {
        "check" => check::check_args(),
        "slo" => check::slo_args(),
        cost::NAME => cost::arguments(),
        _ => Vec::new(),
    }
}

fn selection(help: &Help) -> [Arg; 7] {
    let option = |name: &'static str, value: &'static str, text: &'static str| {
        Arg::new(name).long(name).value_name(value).help_heading("Which rows").help(text)
    };
    [
        option(ENV, "NAME", "Only this environment"),
        option(PHASE, "NAME", "Only this phase; may be given more than once")
            .action(ArgAction::Append),
        option(BUILD_ID, "ID", "Only this build"),
        option(SINCE, "WHEN", "Started then or later: 2026-01-24, 2026-01-24T14:43:27Z, 30d, 12h"),
        option(UNTIL, "WHEN", "Started no later: a day is meant to its end"),
        option(LAST, "N", help.last).value_parser(value_parser!(NonZeroUsize)),
        option(FILE, "PATH", "Read this file as it stands, duplicates included; - is stdin")
            .value_parser(value_parser!(PathBuf)),
    ]
}

fn output(help: &Help) -> [Arg; 2] {
    let names = Format::ALL.iter().map(|(name, _)| *name);
    let names = names.chain((help.name == STATS).then_some(RELIABILITY));
    [
        Arg::new(FORMAT)
            .long(FORMAT)
            .value_name("FORMAT")
            .value_parser(PossibleValuesParser::new(names))
            .default_value("table")
            .help_heading("Output")
            .help("How the answer is written"),
        Arg::new(STRICT).long(STRICT).action(ArgAction::SetTrue).help_heading("Output").help(
            match help.name {
                verify::NAME => {
                    "Exit with 1 when a row is missing or deviates, or a line could not be read"
                }
                _ => "Exit with 1 when a line could not be read",
            },
        ),
    ]
}

/// What `matches` of [`command`] ask for.
pub(super) fn parse(matches: &ArgMatches) -> Option<(TimingsCommand, TimingsArgs)> {
    let (name, matches) = matches.subcommand()?;
    let format = matches.get_one::<String>(FORMAT).map(String::as_str).unwrap_or_default();
    let text = |id: &str| matches.get_one::<String>(id).cloned();
    let args = TimingsArgs {
        repo: matches.get_one(REPO).cloned(),
        file: matches.get_one(FILE).cloned(),
        environment: text(ENV),
        phases: matches.get_many(PHASE).unwrap_or_default().cloned().collect(),
        build_id: text(BUILD_ID),
        since: text(SINCE),
        until: text(UNTIL),
        last: matches.get_one(LAST).copied(),
        format: Format::from_name(format).unwrap_or(Format::Table),
        strictness: if matches.get_flag(STRICT) { Strictness::Strict } else { Strictness::Lenient },
    };
    let command = match name {
        "list" => TimingsCommand::List,
        STATS if format == RELIABILITY => TimingsCommand::Reliability,
        STATS => TimingsCommand::Stats,
        "trend" => TimingsCommand::Trend,
        "check" => TimingsCommand::Check(check::parse_check(matches)),
        "slo" => TimingsCommand::Slo(check::parse_slo(matches)),
        verify::NAME => TimingsCommand::Verify(Listing::of(args.format), args.strictness),
        dora::NAME => TimingsCommand::Dora,
        cost::NAME => TimingsCommand::Cost(cost::parse(matches)?),
        _ => return None,
    };
    Some((command, args))
}
