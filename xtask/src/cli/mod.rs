//! What was typed: a command and its raw arguments. Values are not judged here; whether `dev` is
//! an environment is the settings' business.

mod app;
mod budget;
mod exec;
mod export;
mod record;
mod registry;
mod report;
mod soak;
mod target;
mod timings;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::ArgMatches;

pub use budget::{
    BaselineChange, BudgetArgs, BudgetCommand, CheckFormat, Evidence, ExportFormat, Keeping,
    TuneArgs, WatchArgs,
};
pub use exec::ExecArgs;
pub use export::ExportCommand;
pub use record::RecordArgs;
pub use registry::{BACKGROUND, Presence, PublishArgs, RegistryCommand};
pub use report::{ReportArgs, ReportFormat};
pub use soak::{Keep, SoakOptions};
pub use target::{TargetHelp, TargetName};
pub use timings::{
    CheckFlags, CostArgs, Extent, Format, Listing, Strictness, TimingsArgs, TimingsCommand, Wanted,
};

use crate::launch::Invocation;
use crate::settings::{Given, Mode, Portion, RawArgs, Recordings, Variable};

/// What to do. One variant for each family of commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Run, or show, a deployment target.
    Target(TargetName, RawArgs),
    /// Run and record a command of the user's.
    Exec(ExecArgs),
    /// Record a phase that someone else timed.
    Record(RecordArgs),
    /// Look after the registry of the repository at the path, or of the current one.
    Registry(RegistryCommand, Option<PathBuf>),
    /// Look after what others are told of runs.
    Export(ExportCommand, Option<PathBuf>),
    /// Put a report onto the registry's branch.
    PublishReport(PublishArgs),
    /// Ask the history.
    Timings(TimingsCommand, TimingsArgs),
    /// Make a page of everything that is known.
    Report(ReportArgs),
    /// Ask about performance budgets.
    Budget(BudgetCommand, BudgetArgs),
    /// Measure what capture and recording cost, and what statistics find.
    Bench(BenchOptions),
    /// Run the program through a storm, and count what is lost.
    Soak(SoakOptions),
    /// Read stdin to its end and append it to stdout: what reads the pipe of a process that a step
    /// left behind, once xtask is gone.
    Drain,
}

/// What `bench` measures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BenchOptions {
    /// Only what has this text in its name.
    pub only: Option<String>,
    /// The first seed of what is drawn at random.
    pub seed: u64,
}

/// As it is typed, by nobody but xtask itself.
pub const DRAIN: &str = "drain-left-behind-output";

/// Reads the command line; the first of `args` is the program's name.
///
/// # Errors
///
/// A usage error, or a request for help or the version; clap prints each where it belongs and
/// knows its exit code (2 and 0).
pub fn parse<I, A>(args: I) -> Result<Command, clap::Error>
where
    I: IntoIterator<Item = A>,
    A: Into<OsString> + Clone,
{
    parse_with(app::app(), args)
}

fn parse_with<I, A>(mut app: clap::Command, args: I) -> Result<Command, clap::Error>
where
    I: IntoIterator<Item = A>,
    A: Into<OsString> + Clone,
{
    let matches = app.try_get_matches_from_mut(args)?;
    let command = match matches.subcommand() {
        Some((DRAIN, _)) => Some(Command::Drain),
        Some((exec::EXEC, matches)) => Some(Command::Exec(exec::parse(matches))),
        Some((record::RECORD, matches)) => Some(Command::Record(record::parse(matches))),
        Some((app::BENCH, matches)) => Some(Command::Bench(BenchOptions {
            only: matches.get_one(app::ONLY).cloned(),
            seed: matches.get_one(app::SEED).copied().unwrap_or_default(),
        })),
        Some((soak::SOAK, matches)) => Some(Command::Soak(soak::parse(matches))),
        Some((registry::REGISTRY, matches)) => {
            let repo = matches.get_one::<PathBuf>(app::REPO).cloned();
            let command = registry::parse(matches);
            let command = command.map(|command| Command::Registry(command, repo));
            command.or_else(|| registry::parse_publish(matches).map(Command::PublishReport))
        }
        Some((export::EXPORT, matches)) => {
            let repo = matches.get_one::<PathBuf>(app::REPO).cloned();
            export::parse(matches).map(|command| Command::Export(command, repo))
        }
        Some((timings::TIMINGS, matches)) => {
            timings::parse(matches).map(|(command, args)| Command::Timings(command, args))
        }
        Some((report::REPORT, matches)) => Some(Command::Report(report::parse(matches))),
        Some((budget::BUDGET, matches)) => {
            budget::parse(matches).map(|(command, args)| Command::Budget(command, args))
        }
        Some((name, matches)) => {
            TargetName::from_name(name).map(|target| Command::Target(target, raw_args(matches)))
        }
        None => None,
    };
    // clap has refused what is no command before it comes to this.
    command.ok_or_else(|| app.error(clap::error::ErrorKind::InvalidSubcommand, "no such command"))
}

fn raw_args(matches: &ArgMatches) -> RawArgs {
    // Each with its place on the command line.
    let texts = |id: &str| -> Vec<(usize, String)> {
        let texts = matches.get_many::<String>(id).unwrap_or_default().cloned();
        matches.indices_of(id).unwrap_or_default().zip(texts).collect()
    };
    let mut given: Vec<(usize, Given)> = Vec::new();
    for variable in Variable::ALL {
        let flags = texts(variable.key()).into_iter();
        given.extend(flags.map(|(place, text)| (place, Given::Flag(variable, text))));
    }
    let assignments = texts(app::ASSIGNMENTS).into_iter();
    given.extend(assignments.map(|(place, text)| (place, Given::Assignment(text))));
    given.sort_by_key(|(place, _)| *place);
    RawArgs {
        given: given.into_iter().map(|(_, given)| given).collect(),
        repo: matches.get_one::<PathBuf>(app::REPO).cloned(),
        mode: if matches.get_flag(app::DRY_RUN) { Mode::DryRun } else { Mode::Run },
        recordings: matches.get_flag(app::NO_RECORD).then_some(Recordings::Off),
        portion: portion(matches),
        timeout: matches.get_one(app::TIMEOUT).cloned(),
        invocation: Invocation::default(),
    }
}

/// Only one target has the flags.
fn portion(matches: &ArgMatches) -> Portion {
    let phase = |name| matches.try_get_one::<String>(name).ok().flatten().cloned();
    match (phase(app::FROM), phase(app::ONLY)) {
        (Some(phase), _) => Portion::From(phase),
        (None, Some(phase)) => Portion::Only(phase),
        (None, None) => Portion::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{CheckPolicy, Span};

    /// What clap prints for `words`, at a fixed width, and its exit code.
    fn printed(words: &[&str]) -> String {
        let app = app::app().term_width(100);
        let args = std::iter::once("xtask").chain(words.iter().copied());
        let error = parse_with(app, args).unwrap_err();
        let stream = if error.use_stderr() { "stderr" } else { "stdout" };
        format!("{}exit code {}, on {stream}\n", error.render(), error.exit_code())
    }

    fn target(words: &[&str]) -> RawArgs {
        let args = std::iter::once("xtask").chain(words.iter().copied());
        let Command::Target(_, raw) = parse(args).unwrap() else { panic!("{words:?}") };
        raw
    }

    #[test]
    fn the_definition_is_sound() {
        app::app().debug_assert();
    }

    #[test]
    fn the_help_of_every_command() {
        insta::assert_snapshot!("help", printed(&["--help"]));
        for name in TargetName::ALL {
            insta::assert_snapshot!(
                format!("help_{}", name.as_str()),
                printed(&[name.as_str(), "--help"])
            );
        }
    }

    #[test]
    fn the_help_of_what_other_callers_use() {
        for name in ["exec", "record", "report"] {
            insta::assert_snapshot!(format!("help_{name}"), printed(&[name, "--help"]));
        }
    }

    #[test]
    fn the_help_of_exports() {
        insta::assert_snapshot!("help_export", printed(&["export", "--help"]));
        for name in export::names() {
            let help = printed(&["export", name, "--help"]);
            insta::assert_snapshot!(format!("help_export_{name}"), help);
        }
    }

    #[test]
    fn the_help_of_every_question() {
        insta::assert_snapshot!("help_timings", printed(&["timings", "--help"]));
        for name in timings::names() {
            insta::assert_snapshot!(
                format!("help_timings_{name}"),
                printed(&["timings", name, "--help"])
            );
        }
    }

    #[test]
    fn the_help_of_every_question_about_budgets() {
        insta::assert_snapshot!("help_budget", printed(&["budget", "--help"]));
        for name in budget::names() {
            let help = printed(&["budget", name, "--help"]);
            insta::assert_snapshot!(format!("help_budget_{name}"), help);
        }
    }

    #[test]
    fn the_thresholds_that_the_help_promises_are_the_defaults() {
        let help = printed(&["timings", "check", "--help"]);
        let CheckPolicy { thresholds, baseline, mode } = CheckPolicy::DEFAULT;
        for (flag, default) in [
            ("--relative <PERCENT>", thresholds.relative.to_string()),
            ("--absolute <SPAN>", Span::of_seconds(thresholds.absolute_seconds).to_string()),
            ("--minimum-samples <N>", thresholds.minimum_samples.to_string()),
            ("--baseline <N>", baseline.to_string()),
            ("--mode <MODE>", mode.to_string()),
        ] {
            let (_, after) = help.split_once(flag).unwrap();
            let (_, after) = after.split_once("[default: ").unwrap();
            assert!(after.starts_with(&format!("{default}]")), "{flag}: {default}");
        }
    }

    #[test]
    fn no_command_prints_the_commands() {
        let help = printed(&["--help"]);
        let alone = printed(&[]);
        assert_eq!(
            alone.replace("exit code 2, on stderr", "exit code 0, on stdout"),
            help,
            "the same text, elsewhere"
        );
        assert!(alone.ends_with("exit code 2, on stderr\n"));
    }

    #[test]
    fn what_is_mistyped_gets_a_suggestion() {
        let shown = [
            &["deploy-persistant"][..],
            &["deploy-persistent", "--regoin", "x"],
            &["deploy-persistent", "--env"],
            &["deploy-persistent", "--dry-run=maybe"],
            &["--dry-runs"],
        ]
        .map(printed)
        .join("----\n");
        insta::assert_snapshot!(shown);
    }

    #[test]
    fn a_command_behind_two_dashes_is_kept_as_typed() {
        let words =
            ["xtask", "exec", "--phase=x", "--no-record", "--", "A=b", "--phase", "--", "-h"];
        let Command::Exec(args) = parse(words).unwrap() else { panic!("{words:?}") };
        assert_eq!(args.command, ["A=b", "--phase", "--", "-h"]);
        assert_eq!((args.phase.as_str(), args.recordings), ("x", Some(Recordings::Off)));
        let refused =
            [&["exec", "--phase", "x"][..], &["exec", "--", "a"], &["exec", "--phase", "x", "a"]];
        for words in refused {
            assert!(printed(words).ends_with("exit code 2, on stderr\n"), "{words:?}");
        }
    }

    #[test]
    fn flags_and_assignments_are_kept_as_typed() {
        let raw = target(&[
            "--repo",
            "up",
            "verify",
            "ENV=dev",
            "--region",
            "a",
            "X",
            "--region=b",
            "--dry-run",
        ]);
        assert_eq!(
            raw,
            RawArgs {
                given: vec![
                    Given::Assignment("ENV=dev".to_owned()),
                    Given::Flag(Variable::Region, "a".to_owned()),
                    Given::Assignment("X".to_owned()),
                    Given::Flag(Variable::Region, "b".to_owned()),
                ],
                repo: Some(PathBuf::from("up")),
                mode: Mode::DryRun,
                recordings: None,
                portion: Portion::Whole,
                timeout: None,
                invocation: Invocation::default(),
            }
        );
        let raw = target(&["verify", "--no-record", "--env", "", "--repo", "late"]);
        assert_eq!(raw.given, [Given::Flag(Variable::Env, String::new())]);
        assert_eq!(raw.recordings, Some(Recordings::Off));
        assert_eq!(raw.repo, Some(PathBuf::from("late")));
    }
}
