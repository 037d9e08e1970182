//! The commands about what others are told of runs.

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::registry::{BACKGROUND, Presence};

pub(super) const EXPORT: &str = "export";

/// What to do about exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportCommand {
    /// Tell others of the runs that wait for it.
    Send(Presence),
    /// Say who is to be told, and what waits.
    Status,
}

/// A command as the help shows it.
struct Help {
    name: &'static str,
    about: &'static str,
    details: &'static str,
}

const COMMANDS: [Help; 2] = [
    Help {
        name: "send",
        about: "Send what waits to be exported, and say what came of it",
        details: "A run does this by itself when it has ended, in a process of its own that nobody \
            waits for, and takes along what earlier runs could not send. In CI, where such a \
            process may end with the job, this is a job's last step. Exits with 1 when something \
            still waits or was given up.",
    },
    Help {
        name: "status",
        about: "Show who is to be told of runs, and what waits for it",
        details: "Asks nobody. Runs wait beside the journal, 1000 of them, 64 MiB and 30 days at \
            most; beyond that the oldest go, and `export send` says so.",
    },
];

/// The names of all commands.
#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|help| help.name)
}

pub(super) fn command() -> Command {
    Command::new(EXPORT)
        .about("Traces and metrics: send what waits, and see what does")
        .defer(commands)
}

fn commands(command: Command) -> Command {
    command
        .long_about(
            "Traces and metrics: send what waits, and see what does.\n\n\
            Nothing is exported unless [export] in xtask.toml or the variables of OpenTelemetry \
            (OTEL_EXPORTER_OTLP_ENDPOINT) say so.",
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand_help_heading("Commands")
        .after_help("Examples:\n  cargo xtask export status\n  cargo xtask export send")
        .subcommands(COMMANDS.iter().map(subcommand))
}

fn subcommand(help: &Help) -> Command {
    let command = Command::new(help.name)
        .about(help.about)
        .long_about(format!("{}\n\n{}", help.about, help.details))
        .after_help(format!("Examples:\n  cargo xtask export {}", help.name));
    match help.name {
        "send" => {
            command.arg(Arg::new(BACKGROUND).long(BACKGROUND).action(ArgAction::SetTrue).hide(true))
        }
        _ => command,
    }
}

/// What `matches` of [`command`] ask for.
pub(super) fn parse(matches: &ArgMatches) -> Option<ExportCommand> {
    let (name, matches) = matches.subcommand()?;
    match name {
        "send" if matches.get_flag(BACKGROUND) => Some(ExportCommand::Send(Presence::Background)),
        "send" => Some(ExportCommand::Send(Presence::Foreground)),
        "status" => Some(ExportCommand::Status),
        _ => None,
    }
}
