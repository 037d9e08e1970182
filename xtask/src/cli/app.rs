//! The command line for clap, built from the tables of targets and variables.

use clap::builder::ValueParser;
use clap::{Arg, ArgAction, Command, value_parser};

use super::{DRAIN, TargetName, budget, exec, record, registry, report, soak, timings};
use crate::settings::{Fallback, Heading, Spec, Variable};

pub(super) const REPO: &str = "repo";
pub(super) const DRY_RUN: &str = "dry-run";
pub(super) const NO_RECORD: &str = "no-record";
pub(super) const BENCH: &str = "bench";
pub(super) const ONLY: &str = "only";
pub(super) const SEED: &str = "seed";
pub(super) const FROM: &str = "from";
pub(super) const TIMEOUT: &str = "timeout";
pub(super) const ASSIGNMENTS: &str = "assignments";

const ABOUT: &str = "Deploys persistent clusters and records how long each phase took";

const AFTER_HELP: &str = "\
Examples:
  cargo xtask deploy-persistent
  cargo xtask deploy-persistent ENV=dev REGION=eu-west-2 --dry-run
  cargo xtask --repo ../infrastructure teardown-persistent ENV=dev CONFIRM_DESTROY=yes

`cargo xtask <COMMAND> --help` lists the variables of a command.";

/// The whole command line.
pub(super) fn app() -> Command {
    Command::new("xtask")
        .bin_name("cargo xtask")
        .about(ABOUT)
        .version(env!("CARGO_PKG_VERSION"))
        // Nothing asked for is a usage error like any other: help on stderr, exit code 2, so that
        // a script that lost its command does not go on as if it had deployed.
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand_help_heading("Commands")
        .after_help(AFTER_HELP)
        .arg(repo())
        .subcommands(TargetName::ALL.map(target))
        .subcommand(exec::command())
        .subcommand(record::command())
        .subcommand(timings::command())
        .subcommand(report::command())
        .subcommand(budget::command())
        .subcommand(registry::command())
        .subcommand(bench())
        .subcommand(soak::command())
        .subcommand(Command::new(DRAIN).hide(true))
}

/// `--repo` means the same to every command, and may stand before it.
fn repo() -> Arg {
    Arg::new(REPO)
        .long(REPO)
        .value_name("DIR")
        .value_parser(value_parser!(std::path::PathBuf))
        .global(true)
        .help("Repository to work on, instead of the one that holds the current directory")
}

/// What the list of commands shows; the flags are built only for the one command that was typed,
/// since every start would pay for those of all.
fn target(name: TargetName) -> Command {
    Command::new(name.as_str()).about(name.help().about).defer(arguments)
}

fn bench() -> Command {
    Command::new(BENCH)
        .about("Measure what capture and recording cost, and what statistics find")
        .defer(measures)
}

fn measures(command: Command) -> Command {
    command
        .long_about(
            "Measure what capture and recording cost, and what statistics find.\n\n\
            Costs are median ratios of pairs that run in turn, against the system's own programs, \
            in directories of their own. \
            Takes about a minute and 2 GiB of disk; exits with 1 when a figure misses its bar.",
        )
        .after_help(
            "Examples:\n  cargo xtask bench\n  cargo xtask bench --only 1,000\n  \
             cargo xtask bench --only change --seed 100",
        )
        .arg(
            Arg::new(ONLY)
                .long(ONLY)
                .value_name("TEXT")
                .help("Measure only what has this text in its name"),
        )
        .arg(
            Arg::new(SEED)
                .long(SEED)
                .value_name("N")
                .default_value("1")
                .value_parser(value_parser!(u64))
                .help("Draw series from this seed and the 19 after it"),
        )
}

/// `--timeout`, of everything that runs something.
pub(super) fn timeout(help: &'static str) -> Arg {
    Arg::new(TIMEOUT)
        .long(TIMEOUT)
        .value_name("TIME")
        .value_parser(ValueParser::string())
        .help(help)
}

/// What takes a deployment up where it failed. No variables: one that is left over in a shell would
/// leave out half of the next deployment.
fn portion() -> [Arg; 2] {
    let phase = |name, help: &'static str| {
        let arg = Arg::new(name).long(name).value_name("PHASE").help(help);
        arg.value_parser(ValueParser::string())
    };
    [
        phase(FROM, "Take up where it failed: leave out the phases before this one"),
        phase(ONLY, "Carry out this phase alone").conflicts_with(FROM),
    ]
}

fn arguments(command: Command) -> Command {
    let Some(name) = TargetName::from_name(command.get_name()) else { return command };
    let portion = match name {
        TargetName::DeployPersistent => portion().to_vec(),
        _ => Vec::new(),
    };
    let help = name.help();
    command
        .long_about(format!("{}\n\n{}", help.about, help.details))
        .after_help(examples(name, help.examples))
        .arg(assignments())
        .args(portion)
        .arg(timeout(
            "Time for the whole run, as 90s, 45m or 1h30m: what runs then is ended as Ctrl-C would, \
            then harder; exit code 124. Each step has limits of its own under [timeouts] in \
            xtask.toml",
        ))
        .args(Variable::ALL.map(|variable| {
            let spec = variable.spec();
            flag(spec).hide(!help.headings.contains(&spec.heading))
        }))
        .arg(
            Arg::new(DRY_RUN)
                .long(DRY_RUN)
                .action(ArgAction::SetTrue)
                .help_heading(Heading::Output.title())
                .help("Print the commands as a tree to paste into a shell; run nothing"),
        )
        .arg(
            Arg::new(NO_RECORD)
                .long(NO_RECORD)
                .action(ArgAction::SetTrue)
                .help_heading(Heading::Output.title())
                .help("Keep neither log nor row [XTASK_RECORD=off]"),
        )
}

fn examples(name: TargetName, examples: &[&str]) -> String {
    let mut text = "Examples:\n".to_owned();
    for words in examples {
        text.push_str(format!("  cargo xtask {} {words}", name.as_str()).trim_end());
        text.push('\n');
    }
    text + "\nThe variables of the other commands are accepted too, and not listed here."
}

fn assignments() -> Arg {
    Arg::new(ASSIGNMENTS)
        .value_name("KEY=VALUE")
        .action(ArgAction::Append)
        .value_parser(ValueParser::string())
        .num_args(0..)
        .help(
            "Variables as make takes them: ENV=dev is --env dev. The command line wins over the \
            environment, that over xtask.toml",
        )
}

/// The flag of a variable. Repeating it is left to the settings, which know whether the values
/// agree.
fn flag(spec: &'static Spec) -> Arg {
    let default = match spec.fallback {
        Fallback::Fixed(text) | Fallback::Derived(text) => format!("[{}={text}]", spec.key),
        Fallback::Unset => format!("[{}]", spec.key),
    };
    Arg::new(spec.key)
        .long(spec.flag)
        .value_name(spec.value_name)
        .value_parser(ValueParser::string())
        .action(ArgAction::Append)
        .help_heading(spec.heading.title())
        .help(format!("{} {default}", spec.help))
}
