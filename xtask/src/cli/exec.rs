//! `exec`: any command, timed and recorded.

use std::path::PathBuf;

use clap::builder::ValueParser;
use clap::{Arg, ArgAction, ArgMatches, Command};

use super::app::{self, NO_RECORD, REPO, TIMEOUT};
use crate::settings::Recordings;

pub(super) const EXEC: &str = "exec";
const PHASE: &str = "phase";
const BUILD_ID: &str = "build-id";
const ENV: &str = "env";
const COMMAND: &str = "command";

/// What was typed, unchecked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExecArgs {
    /// `--phase`
    pub phase: String,
    /// `--build-id`
    pub build_id: Option<String>,
    /// `--env`
    pub environment: Option<String>,
    /// What stands behind `--`, word for word.
    pub command: Vec<String>,
    /// `--repo DIR`
    pub repo: Option<PathBuf>,
    /// `--timeout`
    pub timeout: Option<String>,
    /// `--no-record`: [`Recordings::Off`]; `None` leaves it to the environment.
    pub recordings: Option<Recordings>,
}

/// What the list of commands shows; the rest is built only when it was typed.
pub(super) fn command() -> Command {
    Command::new(EXEC).about("Run any command, and record it as a phase").defer(details)
}

fn details(command: Command) -> Command {
    command
        .long_about(
            "Run any command, and record it as a phase.\n\n\
            It runs in the current directory, with the environment, the stdin and the terminal \
            that it would have had; its output goes where it would have gone, and xtask exits \
            with its exit code. What stands behind -- is the command, word for word: no shell \
            reads it, and KEY=VALUE there is an argument like any other. Arguments that look \
            secret are masked in all that is shown and stored.",
        )
        .after_help(
            "Examples:\n  \
            cargo xtask exec --phase build --build-id 24-01-26-03 -- docker build .\n  \
            cargo xtask exec --phase helm --env staging -- bash -c 'helm upgrade --install app .'",
        )
        .arg(phase())
        .arg(build_id("Build that it belongs to [default: ad-hoc]"))
        .arg(environment())
        .arg(app::timeout(
            "Time that it has, as 90s, 45m or 1h30m: then it is ended as Ctrl-C would, then \
            harder; exit code 124",
        ))
        .arg(
            Arg::new(NO_RECORD)
                .long(NO_RECORD)
                .action(ArgAction::SetTrue)
                .help("Keep neither log nor row [XTASK_RECORD=off]"),
        )
        .arg(
            Arg::new(COMMAND)
                .value_name("COMMAND")
                .value_parser(ValueParser::string())
                .num_args(1..)
                .required(true)
                .last(true)
                .help("The program and its arguments"),
        )
}

fn phase() -> Arg {
    value(PHASE, "NAME", "Phase that the row is for: lower-case letters, digits and '-'")
        .required(true)
}

fn build_id(help: &'static str) -> Arg {
    value(BUILD_ID, "ID", help)
}

fn environment() -> Arg {
    value(ENV, "ENV", "Environment that the row is for [ENV=dev]")
}

fn value(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).value_parser(ValueParser::string()).help(help)
}

/// What `matches` of [`command`] say.
pub(super) fn parse(matches: &ArgMatches) -> ExecArgs {
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    ExecArgs {
        // clap has refused a call without one.
        phase: text(PHASE).unwrap_or_default(),
        build_id: text(BUILD_ID),
        environment: text(ENV),
        timeout: text(TIMEOUT),
        command: matches.get_many(COMMAND).unwrap_or_default().cloned().collect(),
        repo: matches.get_one::<PathBuf>(REPO).cloned(),
        recordings: matches.get_flag(NO_RECORD).then_some(Recordings::Off),
    }
}
