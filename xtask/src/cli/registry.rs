//! The commands about the registry itself.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::app::REPO;
use crate::settings::Mode;

pub(super) const REGISTRY: &str = "registry";
const DRY_RUN: &str = "dry-run";
const ENV: &str = "env";
const PUBLISH_REPORT: &str = "publish-report";

/// What to do with the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistryCommand {
    /// Make the branch, if there is none.
    Init,
    /// Say what is where.
    Status,
    /// Append what runs left, and exchange rows with the remote.
    Sync(Presence),
    /// Merge the inboxes of workstations.
    Drain,
    /// Prove that every commit only appended.
    Audit,
    /// Append again what was lost.
    Recover(Mode),
    /// Look for whatever could be wrong.
    Doctor,
}

/// What `registry publish-report` takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishArgs {
    /// `--repo DIR`
    pub repo: Option<PathBuf>,
    /// `--env NAME`
    pub environment: Option<String>,
    /// `--dry-run`
    pub mode: Mode,
}

/// Whether somebody waits for a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Somebody typed it.
    Foreground,
    /// A run started it at its end, and is gone.
    Background,
}

/// What makes `registry sync` leave the terminal's session; typed by nobody.
pub const BACKGROUND: &str = "background";

/// A command as the help shows it.
struct Help {
    name: &'static str,
    about: &'static str,
    details: &'static str,
}

const COMMANDS: [Help; 8] = [
    Help {
        name: "init",
        about: "Create the registry's branch where there is none",
        details: "Starts from the remote's branch when this clone has fetched one, otherwise anew. \
            Deploying does the same with its first row, so this is needed only by those who want \
            the branch before.",
    },
    Help {
        name: "status",
        about: "Show what is pending, what is local, what the remote has, and the push policy",
        details: "Asks nobody: what the remote has is what was last fetched.",
    },
    Help {
        name: "sync",
        about: "Append what earlier runs left, and exchange rows with the remote",
        details: "Records runs that were killed, appends rows that are pending, fetches the \
            registry's branch, and sends what the push policy lets this machine send. A run does \
            this by itself, in the background on a workstation and in the foreground in CI.",
    },
    Help {
        name: "drain",
        about: "Merge the inboxes of workstations into the registry (for CI)",
        details: "Appends the rows of every branch timing-inbox/* of the remote, pushes, and \
            deletes what it merged. Two of them at once, or one that died half-way, do no harm.",
    },
    Help {
        name: "audit",
        about: "Prove that every commit on the branch only appended",
        details: "Walks the whole history; exits with 1 when a commit did anything else, and names \
            it, its author and the rows concerned.",
    },
    Help {
        name: "recover",
        about: "Append again the rows that some commit dropped",
        details: "One new commit, each row once. Running it again does nothing.",
    },
    Help {
        name: PUBLISH_REPORT,
        about: "Put a report of each environment onto the branch, as Markdown and HTML (for CI)",
        details: "Makes environments/<environment>/latest/BUILD_TIMINGS.md and build_timings.html \
            anew, in one commit that changes nothing else, and none where they say the same as \
            before. Where the push policy sends rows, the commit goes on top of what the remote \
            has; elsewhere it stays on the local branch. Reports are made of rows and may be \
            replaced at any time; rows never are.",
    },
    Help {
        name: "doctor",
        about: "Check everything that could be wrong, and say what to do",
        details: "git, branch, remote (with a time-out), policy, log directory, disk space, \
            journal, and lines of the registry that are no rows. Exits with 1 when something needs \
            attention.",
    },
];

pub(super) fn command() -> Command {
    Command::new(REGISTRY).about("Look after the branch that rows are appended to").defer(commands)
}

fn commands(command: Command) -> Command {
    command
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand_help_heading("Commands")
        .after_help("Examples:\n  cargo xtask registry status\n  cargo xtask registry doctor")
        .subcommands(COMMANDS.iter().map(subcommand))
}

fn subcommand(help: &Help) -> Command {
    let command = Command::new(help.name)
        .about(help.about)
        .long_about(format!("{}\n\n{}", help.about, help.details))
        .after_help(format!("Examples:\n  cargo xtask registry {}", help.name));
    match help.name {
        "recover" => command.arg(dry_run("Show what would be appended; change nothing")),
        PUBLISH_REPORT => command
            .arg(
                Arg::new(ENV)
                    .long(ENV)
                    .value_name("NAME")
                    .help("Only this environment [default: every one that has rows]"),
            )
            .arg(dry_run("Say which files would change, asking nobody; change nothing")),
        "sync" => {
            command.arg(Arg::new(BACKGROUND).long(BACKGROUND).action(ArgAction::SetTrue).hide(true))
        }
        _ => command,
    }
}

fn dry_run(help: &'static str) -> Arg {
    Arg::new(DRY_RUN).long(DRY_RUN).action(ArgAction::SetTrue).help(help)
}

fn mode(matches: &ArgMatches) -> Mode {
    if matches.get_flag(DRY_RUN) { Mode::DryRun } else { Mode::Run }
}

/// What `matches` of [`command`] ask for, if it is a report on the branch.
pub(super) fn parse_publish(matches: &ArgMatches) -> Option<PublishArgs> {
    let (_, matches) = matches.subcommand().filter(|(name, _)| *name == PUBLISH_REPORT)?;
    Some(PublishArgs {
        repo: matches.get_one(REPO).cloned(),
        environment: matches.get_one(ENV).cloned(),
        mode: mode(matches),
    })
}

/// What `matches` of [`command`] ask for.
pub(super) fn parse(matches: &ArgMatches) -> Option<RegistryCommand> {
    let (name, matches) = matches.subcommand()?;
    Some(match name {
        "init" => RegistryCommand::Init,
        "status" => RegistryCommand::Status,
        "sync" if matches.get_flag(BACKGROUND) => RegistryCommand::Sync(Presence::Background),
        "sync" => RegistryCommand::Sync(Presence::Foreground),
        "drain" => RegistryCommand::Drain,
        "audit" => RegistryCommand::Audit,
        "recover" => RegistryCommand::Recover(mode(matches)),
        "doctor" => RegistryCommand::Doctor,
        _ => return None,
    })
}
