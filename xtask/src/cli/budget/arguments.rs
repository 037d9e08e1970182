//! What the commands about budgets take.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Command, value_parser};

use super::asked::ExportFormat;
use super::help::*;
use super::{
    ACCEPT, BUDGET, ENV, FILE, FOR, FORMAT, GITHUB, INTERVAL, LAST, LOOSEN, MEASUREMENTS, NAME,
    NO_MEASURE, ONLY, PHASE, RESOURCES, SET, WHY, WRITE,
};
use crate::cli::app::NO_RECORD;
use crate::cli::timings::Format;
use crate::settings::Span;

#[cfg(test)]
pub(in crate::cli) fn names() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|help| help.name)
}

pub(in crate::cli) fn command() -> Command {
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
