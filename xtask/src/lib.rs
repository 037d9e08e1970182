//! Deploys persistent clusters and records how long each phase took.
//!
//! Arguments, environment and xtask.toml become settings, settings become a plan, and a plan is
//! shown or carried out; nothing points backwards.

pub mod cli;
pub mod commands;
pub mod export;
pub mod github;
pub mod launch;
pub mod plan;
pub mod regular;
pub mod report;
pub mod run;
pub mod session;
pub mod settings;
pub mod ui;

use std::fmt::Display;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use cli::{Command, TargetName};
use launch::Invocation;
use plan::{Plan, PlanError};
use settings::{EnvSnapshot, Mode, RawArgs, Settings, SettingsError};

/// What was asked for could not be understood; nothing ran.
const USAGE: u8 = 2;
/// It was understood and refused, or could not be done.
const FAILURE: u8 = 1;

/// The program: reads its command line and does what was asked. What it returns is what the process
/// exits with.
#[must_use]
pub fn main() -> ExitCode {
    match cli::parse(std::env::args_os()) {
        Ok(Command::Target(target, raw)) => {
            let variables: launch::Variables = std::env::vars_os().collect();
            let invocation = Invocation::of(std::env::args_os().next(), &variables);
            run_target(target, &RawArgs { invocation, ..raw })
        }
        Ok(Command::Exec(args)) => with(settings::load_exec, &args, |settings| {
            commands::target::execute(&plan::exec(settings), &settings.run)
        }),
        Ok(Command::Record(args)) => with(settings::load_record, &args, commands::record::execute),
        Ok(Command::Registry(command, repo)) => {
            with(settings::load_registry, repo.as_deref(), |settings| {
                commands::registry::execute(command, settings)
            })
        }
        Ok(Command::Export(command, repo)) => {
            with(settings::load_export, repo.as_deref(), |settings| {
                commands::export::execute(command, settings)
            })
        }
        Ok(Command::PublishReport(args)) => {
            with(settings::load_report, args.repo.as_deref(), |settings| {
                commands::registry::publish_report(&args, settings)
            })
        }
        Ok(Command::Timings(command, args)) => {
            with(settings::load_timings, args.repo.as_deref(), |settings| {
                commands::timings::execute(&command, &args, settings)
            })
        }
        Ok(Command::Report(args)) => {
            with(settings::load_report, args.rows.repo.as_deref(), |settings| {
                commands::report::execute(&args, settings)
            })
        }
        Ok(Command::Budget(command, args)) => with(settings::load_budget, &args, |settings| {
            commands::budget::execute(&command, args.format, settings)
        }),
        Ok(Command::Bench(options)) => ExitCode::from(commands::bench::execute(&options).0),
        Ok(Command::Soak(options)) => ExitCode::from(commands::soak::execute(&options).0),
        Ok(Command::Drain) => {
            timing_core::capture::drain_stdin();
            ExitCode::SUCCESS
        }
        Err(error) => {
            // Nobody is left to be told when neither stdout nor stderr can be written to.
            let _ = error.print();
            ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(USAGE))
        }
    }
}

/// Does `work` with the settings of this process.
fn with<A, S>(
    load: fn(A, &EnvSnapshot, &Path) -> Result<S, SettingsError>,
    arguments: A,
    work: impl FnOnce(&S) -> timing_core::record::ExitCode,
) -> ExitCode {
    let settings = std::env::current_dir()
        .map_err(|error| format!("the current directory cannot be used: {error}"))
        .and_then(|directory| {
            load(arguments, &EnvSnapshot::of_process(), &directory)
                .map_err(|error| error.to_string())
        });
    match settings {
        Ok(settings) => ExitCode::from(work(&settings).0),
        Err(error) => refuse(&error, USAGE),
    }
}

fn run_target(target: TargetName, raw: &RawArgs) -> ExitCode {
    let directory = match std::env::current_dir() {
        Ok(directory) => directory,
        Err(error) => {
            return refuse(&format!("the current directory cannot be used: {error}"), USAGE);
        }
    };
    let settings = match settings::load(raw, &EnvSnapshot::of_process(), &directory) {
        Ok(settings) => settings,
        Err(error) => return refuse(&error, USAGE),
    };
    match plan::build(target, &settings) {
        Err(unknown @ PlanError::NoSuchPhase(_)) => refuse(&unknown, USAGE),
        Err(refusal @ PlanError::Unconfirmed(_)) => refuse(&refusal, FAILURE),
        Ok(plan) => match settings.mode {
            Mode::DryRun => show(&plan, &settings),
            Mode::Run => ExitCode::from(commands::target::execute(&plan, &settings.run()).0),
        },
    }
}

fn show(plan: &Plan, settings: &Settings) -> ExitCode {
    let text = ui::plan_tree::render(plan, &plan.directory, settings.recordings);
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        // `| head` has seen enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => refuse(&format!("the plan could not be printed: {error}"), FAILURE),
    }
}

fn refuse(reason: &dyn Display, code: u8) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "error: {reason}");
    ExitCode::from(code)
}
