//! The commands about performance budgets.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use timing_core::budget::tune::Loosening;

use super::app::{NO_RECORD, REPO};
use super::timings::Format;
use crate::settings::Span;

pub(super) const BUDGET: &str = "budget";

/// What is asked of the budgets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BudgetCommand {
    /// The metrics and what is asked of them.
    List,
    /// What is overdue or doubtful in the file.
    Lint,
    /// Everything that is known of one metric.
    Explain(String),
    /// What the values are, without judging them.
    Measure(Keeping),
    /// Whether the values hold.
    Check(CheckFormat, Evidence),
    /// What values are compared with, and what of it is accepted.
    Baseline(BaselineChange),
    /// What the file would have flagged in the last so many measurements of each metric.
    Replay(NonZeroUsize),
    /// The budgets in somebody else's form.
    Export(ExportFormat),
    /// Thresholds of what runs, over and over.
    Watch(WatchArgs),
    /// What the measurements say of the limits and of resources.
    Tune(TuneArgs),
}

/// Whose form the budgets are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// Alerting rules of Prometheus.
    Rules,
    /// Measurements and limits, as Prometheus scrapes them.
    Metrics,
    /// A dashboard of Grafana.
    Grafana,
}

impl ExportFormat {
    const ALL: [(&'static str, Self); 3] = [
        ("prometheus-rules", Self::Rules),
        ("prometheus-metrics", Self::Metrics),
        ("grafana", Self::Grafana),
    ];
}

/// How long is watched, and how often is looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WatchArgs {
    /// `--for TIME`
    pub period: Option<Span>,
    /// `--interval TIME`
    pub interval: Span,
}

/// What is to be tuned, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TuneArgs {
    /// Limits, shown as a difference of the file.
    Show(Loosening),
    /// Limits, written into the file.
    Write(Loosening),
    /// `--resources`
    Resources,
}

/// What is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// What is measured now.
    Measured(Keeping),
    /// `--no-measure`, or measurements of a file: the newest there is of each.
    Stored,
}

/// What becomes of measurements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// They are recorded, unless the environment says otherwise.
    Recorded,
    /// `--no-record`
    Forgotten,
}

/// What is to be accepted as a baseline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BaselineChange {
    /// Nothing.
    None,
    /// `--set`: the rolling baseline of every metric that has none accepted.
    Set {
        /// `--why TEXT`
        why: String,
    },
    /// `--accept METRIC --why TEXT`: its newest measurement.
    Accept {
        /// Which metric.
        metric: String,
        /// Why.
        why: String,
    },
}

/// How a check is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckFormat {
    /// As every other answer.
    Plain(Format),
    /// Annotations for GitHub's log.
    Github,
}

/// What all of them are given; unchecked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetArgs {
    /// `--repo DIR`
    pub repo: Option<PathBuf>,
    /// `--file PATH`
    pub file: Option<PathBuf>,
    /// `--measurements PATH`
    pub measurements: Option<PathBuf>,
    /// `--env NAME`
    pub environment: Option<String>,
    /// `--phase NAME`
    pub phase: Option<String>,
    /// `--only GLOB`, as often as it was given.
    pub only: Vec<String>,
    /// `--format NAME`
    pub format: Format,
}

/// A command as the help shows it.
struct Help {
    name: &'static str,
    about: &'static str,
    details: &'static str,
    examples: &'static [&'static str],
}

const LIST: &str = "list";
const LINT: &str = "lint";
const EXPLAIN: &str = "explain";
const MEASURE: &str = "measure";
const CHECK: &str = "check";
const REPLAY: &str = "replay";
const BASELINE: &str = "baseline";
const TUNE: &str = "tune";
const EXPORT: &str = "export";
const WATCH: &str = "watch";
const FOR: &str = "for";
const INTERVAL: &str = "interval";

const COMMANDS: [Help; 10] = [
    Help {
        name: LIST,
        about: "Show the metrics, what is asked of them, and where their values come from",
        details: "One line for each metric that is judged in the environment; one that is judged \
            for several environments, whichever is checked, has a line for each.",
        examples: &["", "--env staging", "--format json"],
    },
    Help {
        name: LINT,
        about: "Show what is overdue or doubtful in the file",
        details: "Overdue are waivers that ended, reviews, and targets that the last 10 measurements all missed, or all beat by half. Doubtful is what can hardly \
            be meant, as a warning that begins where the failure does. Exits with 1 when something \
            is overdue or doubtful.",
        examples: &["", "--measurements budget_measurements.csv"],
    },
    Help {
        name: EXPLAIN,
        about: "Show everything that is known of one metric",
        details: "What is asked of it in the environment, by whom, where its value comes from, \
            with what it is compared, and whether a failure would count.",
        examples: &["image-size", "requests-cpu --env production --phase 3.4.4"],
    },
    Help {
        name: MEASURE,
        about: "Measure what the budgets ask for, and record it",
        details: "What cannot be measured is unknown, with the reason. Metrics with the same source \
            are measured together; what takes time of this machine is measured one after the other.",
        examples: &["", "--only 'boot*'", "--no-record --format json"],
    },
    Help {
        name: CHECK,
        about: "Measure, and judge by the budgets",
        details: "Exits with 1 when an enforced budget fails. What cannot be measured is unknown, \
            never a pass. --format github writes a line for each finding that GitHub shows beside \
            the file, and the table to the step's summary. With --measurements or --no-measure \
            nothing is measured, and the newest measurement of each metric is judged.",
        examples: &[
            "",
            "--only 'liveness-*' --phase 3.4.4",
            "--format github",
            "--measurements budget_measurements.csv --format json",
        ],
    },
    Help {
        name: REPLAY,
        about: "Show what the file as it stands would have flagged",
        details: "Each of the last N measurements of a metric is judged as if it were the newest. A \
            flag is a false alarm when the level of its stretch, the median of the measurements \
            between the changes around it, gets none; the rate is that of the false alarms among \
            the measurements whose level gets none.",
        examples: &["--last 50", "--measurements budget_measurements.csv"],
    },
    Help {
        name: BASELINE,
        about: "Show what values are compared with, and accept baselines",
        details: "Without options each metric's baseline, of how many measurements it is made, and \
            their spread, the distance between the quartiles. --accept makes the newest measurement \
            of a metric its accepted baseline; --set does so with the median of the last \
            measurements of every metric that has none. Both write it into the budget file, and \
            nothing else there, and show the lines.",
        examples: &["", "--set", "--accept image-size --why 'the new base image'"],
    },
    Help {
        name: WATCH,
        about: "Watch the thresholds of what runs",
        details: "Measures the metrics with prometheus, http and process sources over and over, and \
            draws each in the terminal with its limit; elsewhere each look is a line. Exits with 1 as \
            soon as an enforced budget fails and goes on failing: for its own time, where its source \
            has `sustained`, otherwise in three looks one after the other. Nothing is recorded.",
        examples: &["--env production --for 10m", "--only 'production-*' --interval 1s"],
    },
    Help {
        name: TUNE,
        about: "Propose limits, and resources, that the measurements support",
        details: "Prints a difference of the budget file, as `git apply` takes it, with what it \
            rests on: the measurements of each metric since its level last changed, at least 20. \
            At most 5 % of them cross a proposed limit. Limits are only tightened, and targets stay, \
            as do comments and layout. stderr says which metrics could be enforced. --resources \
            prints requests, limits and a HorizontalPodAutoscaler instead, so that CPU (by its 95th \
            percentile) is 70 % of what is requested, and memory (the maximum and 15 %) 80 % of its \
            limit.",
        examples: &[
            "--measurements budget_measurements.csv",
            "--measurements budget_measurements.csv --write",
            "--env production --measurements budget_measurements.csv --resources",
        ],
    },
    Help {
        name: EXPORT,
        about: "Write the budgets as alerting rules, as metrics, or as a dashboard",
        details: "prometheus-rules: an alert for each limit of a metric that Prometheus knows, after \
            the time for which it has to be sustained, and one for each regression. \
            prometheus-metrics: the newest measurements with baselines and limits, for a textfile \
            collector; regressions are told from these. grafana: a dashboard with the limits drawn \
            in. All of them are about one environment.",
        examples: &[
            "--env production --format prometheus-rules",
            "--env production --format prometheus-metrics --measurements budget_measurements.csv",
            "--env production --format grafana",
        ],
    },
];

const FILE: &str = "file";
const MEASUREMENTS: &str = "measurements";
const ENV: &str = "env";
const PHASE: &str = "phase";
const FORMAT: &str = "format";
const GITHUB: &str = "github";
const NAME: &str = "metric";
const LAST: &str = "last";
const WRITE: &str = "write";
const LOOSEN: &str = "loosen";
const RESOURCES: &str = "resources";
const ONLY: &str = "only";
const NO_MEASURE: &str = "no-measure";
const SET: &str = "set";
const ACCEPT: &str = "accept";
const WHY: &str = "why";

#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|help| help.name)
}

pub(super) fn command() -> Command {
    let about = "Ask what was promised of performance, and whether it holds";
    Command::new(BUDGET).about(about).defer(questions)
}

fn questions(command: Command) -> Command {
    command
        .long_about(
            "Ask what was promised of performance, and whether it holds.\n\n\
            The promises are in budgets.toml at the platform's root.",
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand_help_heading("Commands")
        .after_help("Examples:\n  cargo xtask budget list")
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
        .map(|words| format!("\n  cargo xtask budget {} {words}", help.name).trim_end().to_owned())
        .collect();
    command
        .long_about(format!("{}\n\n{}", help.about, help.details))
        .after_help(format!("Examples:{examples}"))
        .args(own(help.name))
        .args(common(help.name))
}

fn own(command: &str) -> Vec<Arg> {
    match command {
        EXPLAIN => vec![
            Arg::new(NAME).value_name("METRIC").required(true).help("Its name in budgets.toml"),
        ],
        REPLAY => vec![
            Arg::new(LAST)
                .long(LAST)
                .value_name("N")
                .default_value("50")
                .value_parser(value_parser!(NonZeroUsize))
                .help("How many measurements of each metric"),
        ],
        WATCH => {
            let time = |name: &'static str, text: &'static str| {
                Arg::new(name)
                    .long(name)
                    .value_name("TIME")
                    .value_parser(value_parser!(Span))
                    .help(text)
            };
            vec![
                time(FOR, "How long, as 10m or 1h30m [default: until Ctrl-C]"),
                time(INTERVAL, "From one look to the next").default_value("5s"),
            ]
        }
        EXPORT => vec![
            Arg::new(FORMAT)
                .long(FORMAT)
                .value_name("FORMAT")
                .value_parser(PossibleValuesParser::new(ExportFormat::ALL.map(|(name, _)| name)))
                .required(true)
                .help("Whose form"),
        ],
        TUNE => {
            let switch = |name: &'static str, text: &'static str| {
                Arg::new(name).long(name).action(ArgAction::SetTrue).help(text)
            };
            vec![
                switch(WRITE, "Write the proposed limits into the budget file"),
                switch(LOOSEN, "Move out limits that more than 5 % of the measurements cross"),
                switch(RESOURCES, "Propose Kubernetes resources, as YAML")
                    .conflicts_with_all([WRITE, LOOSEN]),
            ]
        }
        MEASURE => vec![no_record()],
        CHECK => vec![
            no_record(),
            Arg::new(NO_MEASURE)
                .long(NO_MEASURE)
                .action(ArgAction::SetTrue)
                .help("Judge the newest measurements that are recorded"),
        ],
        BASELINE => vec![
            Arg::new(SET)
                .long(SET)
                .action(ArgAction::SetTrue)
                .conflicts_with(ACCEPT)
                .help("Accept the baseline of every metric that has none accepted"),
            Arg::new(ACCEPT)
                .long(ACCEPT)
                .value_name("METRIC")
                .requires(WHY)
                .help("Accept the newest measurement of this metric"),
            Arg::new(WHY)
                .long(WHY)
                .value_name("TEXT")
                .value_parser(reason)
                .help("Why it is accepted, in one line"),
        ],
        _ => Vec::new(),
    }
}

fn no_record() -> Arg {
    Arg::new(NO_RECORD)
        .long(NO_RECORD)
        .action(ArgAction::SetTrue)
        .help("Record nothing of what is measured")
}

fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    match () {
        () if text.is_empty() => Err("say why".to_owned()),
        () if text.contains(char::is_control) => Err("has to be one line".to_owned()),
        () => Ok(text.to_owned()),
    }
}

fn common(command: &str) -> Vec<Arg> {
    let path = |name: &'static str, text: &'static str| {
        Arg::new(name).long(name).value_name("PATH").value_parser(value_parser!(PathBuf)).help(text)
    };
    let option = |name: &'static str, text: &'static str| {
        Arg::new(name).long(name).value_name("NAME").help(text)
    };
    let formats = Format::ALL.iter().map(|(name, _)| *name);
    let formats = formats.chain((command == CHECK).then_some(GITHUB));
    let mut args = vec![
        option(ENV, "Environment [default: ENV, then default_env of xtask.toml, then dev]"),
        option(PHASE, "As if this phase of the rollout were active"),
        path(FILE, "Budget file [default: budgets.toml at the platform's root]"),
    ];
    if matches!(command, LINT | CHECK | REPLAY | BASELINE | TUNE | EXPORT) {
        let help = match command {
            CHECK => "Judge these, in the form of the registry's file, instead of measuring",
            _ => "Measurements, in the form of the registry's file [default: the registry's]",
        };
        let measurements = path(MEASUREMENTS, help);
        args.push(match command {
            CHECK => measurements.conflicts_with(NO_MEASURE),
            _ => measurements,
        });
    }
    if matches!(command, MEASURE | CHECK | WATCH) {
        args.push(
            Arg::new(ONLY)
                .long(ONLY)
                .value_name("GLOB")
                .action(ArgAction::Append)
                .help("Only metrics of this name, in which * stands for anything"),
        );
    }
    if !matches!(command, EXPLAIN | TUNE | EXPORT | WATCH) {
        args.push(
            Arg::new(FORMAT)
                .long(FORMAT)
                .value_name("FORMAT")
                .value_parser(PossibleValuesParser::new(formats))
                .default_value("table")
                .help("How the answer is written"),
        );
    }
    args
}

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
