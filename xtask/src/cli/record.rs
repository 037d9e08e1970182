//! `record`: a row for a phase that someone else timed.

use std::path::PathBuf;

use clap::builder::ValueParser;
use clap::{Arg, ArgMatches, Command, value_parser};

use super::app::REPO;

pub(super) const RECORD: &str = "record";
const OF_LOG: &str = "of-log";

/// What was typed, unchecked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordArgs {
    /// Environment, build and phase, as the shell recorder took them: the log says the rest.
    pub of_log: Vec<String>,
    /// `--phase`
    pub phase: Option<String>,
    /// `--build-id`
    pub build_id: Option<String>,
    /// `--env`
    pub environment: Option<String>,
    /// `--start`
    pub start: Option<String>,
    /// `--end`
    pub end: Option<String>,
    /// `--duration`
    pub duration: Option<String>,
    /// `--exit-code`
    pub exit_code: Option<u8>,
    /// `--added`
    pub added: Option<u64>,
    /// `--changed`
    pub changed: Option<u64>,
    /// `--destroyed`
    pub destroyed: Option<u64>,
    /// `--log`
    pub log: Option<PathBuf>,
    /// `--workflow-url`
    pub workflow_url: Option<String>,
    /// `--repo DIR`
    pub repo: Option<PathBuf>,
}

/// What the list of commands shows; the rest is built only when it was typed.
pub(super) fn command() -> Command {
    Command::new(RECORD).about("Record a phase that someone else timed").defer(details)
}

fn details(command: Command) -> Command {
    let text = |name, value, help| option(name, value, help).value_parser(ValueParser::string());
    let number = |name, help| option(name, "N", help).value_parser(value_parser!(u64));
    command
        .long_about(
            "Record a phase that someone else timed.\n\n\
            With ENV, BUILD_ID and PHASE, the newest log in logs/build-timings named \
            *PHASE*BUILD_ID*.log says when it started and ended, how, and what it counted. What a \
            log without a frame does not say is inferred from its first timestamp and its times, \
            and said; an exit code cannot be inferred. Flags win over the log. Recording the same \
            again adds nothing. Exits with 1 when no row reached the branch.",
        )
        .after_help(
            "Examples:\n  cargo xtask record dev persistent apply-persistent\n  \
            cargo xtask record --phase build --build-id 24-01-26-03 --start 2026-01-24T14:43:27Z \
            --duration 90s --exit-code 0",
        )
        .arg(
            Arg::new(OF_LOG)
                .value_names(["ENV", "BUILD_ID", "PHASE"])
                .value_parser(ValueParser::string())
                .num_args(3)
                .help("Take the newest log of this phase, as the shell recorder did")
                .conflicts_with_all(["env", "build-id", "phase", "log"]),
        )
        .arg(text("phase", "NAME", "Phase that the row is for").required_unless_present(OF_LOG))
        .arg(text("build-id", "ID", "Build that it belongs to [default: ad-hoc]"))
        .arg(text("env", "ENV", "Environment that the row is for [ENV=dev]"))
        .arg(text("start", "TIME", "When it started: 2026-01-24T14:43:27Z"))
        .arg(text("end", "TIME", "When it ended").conflicts_with("duration"))
        .arg(text("duration", "SPAN", "How long it took: 90s, 12m"))
        .arg(option("exit-code", "N", "How it ended, 0 to 255").value_parser(value_parser!(u8)))
        .arg(number("added", "Resources that it created"))
        .arg(number("changed", "Resources that it changed"))
        .arg(number("destroyed", "Resources that it destroyed"))
        .arg(
            option("log", "FILE", "Log to read from what no flag says")
                .value_parser(value_parser!(PathBuf)),
        )
        .arg(text("workflow-url", "URL", "Where the run of the workflow is shown"))
}

fn option(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

/// What `matches` of [`command`] say.
pub(super) fn parse(matches: &ArgMatches) -> RecordArgs {
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    let number = |name: &str| matches.get_one::<u64>(name).copied();
    RecordArgs {
        of_log: matches.get_many(OF_LOG).unwrap_or_default().cloned().collect(),
        phase: text("phase"),
        build_id: text("build-id"),
        environment: text("env"),
        start: text("start"),
        end: text("end"),
        duration: text("duration"),
        exit_code: matches.get_one("exit-code").copied(),
        added: number("added"),
        changed: number("changed"),
        destroyed: number("destroyed"),
        log: matches.get_one::<PathBuf>("log").cloned(),
        workflow_url: text("workflow-url"),
        repo: matches.get_one::<PathBuf>(REPO).cloned(),
    }
}
