//! `budget …`: what was promised of performance, and whether it holds.
//!
//! Each command is a function from budgets and measurements to a report.

mod baseline;
mod check;
mod explain;
mod export;
mod lint;
mod list;
mod measure;
mod measured;
pub(super) mod phases;
mod replay;
mod store;
#[cfg(test)]
mod tests;
mod tune;
mod watch;

use std::io::Write;
use std::path::Path;

use timing_core::budget::measurement::{Line, read};
use timing_core::budget::{Amount, History, Unit};
use timing_core::capture::Signal;
use timing_core::clock::{Clock, SystemClock};
use timing_core::record::ExitCode;
use timing_core::shown::shown;

use crate::cli::{BudgetCommand, ExportFormat, Format};
use crate::settings::{BudgetSettings, RegistrySettings};
use crate::ui::report::{Value, harmless};

pub(super) use check::{Found, newest as judge_stored, report as judged_table};

/// It cannot be answered, or the answer asks for attention.
const ATTENTION: ExitCode = ExitCode(1);

/// How many faults are shown one by one.
const FAULTS_SHOWN: usize = 20;

/// What a command found.
struct Answer {
    text: String,
    /// Said on stderr.
    remarks: Vec<String>,
    exit_code: ExitCode,
}

/// Why there is no answer.
enum Refusal {
    /// It cannot be answered.
    Impossible(String),
    /// Somebody wanted everything to end.
    Ended(Signal),
}

impl From<String> for Refusal {
    fn from(reason: String) -> Self {
        Self::Impossible(reason)
    }
}

/// Answers `command`.
pub fn execute(command: &BudgetCommand, format: Format, settings: &BudgetSettings) -> ExitCode {
    let today = SystemClock.now().date();
    let (history, faults) = match history(command, settings) {
        Ok(found) => found,
        Err(error) => return refuse(&error),
    };
    let answer = match command {
        BudgetCommand::List => Ok(list::answer(settings, format)),
        BudgetCommand::Lint => Ok(lint::answer(settings, &history, today, format)),
        BudgetCommand::Explain(name) => {
            explain::answer(settings, name, today).map_err(Refusal::Impossible)
        }
        BudgetCommand::Measure(keeping) => measured::measure(settings, *keeping, format),
        BudgetCommand::Check(format, evidence) => {
            measured::check(settings, &history, today, *format, *evidence)
        }
        BudgetCommand::Baseline(change) => {
            baseline::answer(settings, &history, change, format).map_err(Refusal::Impossible)
        }
        BudgetCommand::Export(format) => {
            export::answer(settings, &history, *format).map_err(Refusal::Impossible)
        }
        BudgetCommand::Watch(asked) => watch::watch(settings, *asked),
        BudgetCommand::Tune(asked) => {
            tune::answer(settings, &history, *asked).map_err(Refusal::Impossible)
        }
        BudgetCommand::Replay(last) => Ok(replay::answer(settings, &history, last.get(), format)),
    };
    match answer {
        Ok(answer) => {
            say(&answer.remarks, &faults);
            match std::io::stdout().write_all(answer.text.as_bytes()) {
                Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                    refuse(&format!("the answer could not be printed: {error}"))
                }
                _ => answer.exit_code,
            }
        }
        Err(Refusal::Impossible(error)) => refuse(&error),
        Err(Refusal::Ended(signal)) => {
            refuse(&format!("ended by {signal} before everything was measured"));
            signal.exit_code()
        }
    }
}

/// What `command` compares with: the measurements of the file that was named, else the registry's.
fn history(
    command: &BudgetCommand,
    settings: &BudgetSettings,
) -> Result<(History, Vec<String>), String> {
    match (command, &settings.measurements) {
        (_, Some(path)) => read_measurements(path),
        (
            BudgetCommand::List
            | BudgetCommand::Explain(_)
            | BudgetCommand::Measure(_)
            | BudgetCommand::Watch(_)
            | BudgetCommand::Export(ExportFormat::Rules | ExportFormat::Grafana),
            None,
        ) => Ok((History::default(), Vec::new())),
        (_, None) => Ok(stored_history(&settings.registry)),
    }
}

/// The registry's measurements, and what of them could not be read.
pub(super) fn stored_history(registry: &RegistrySettings) -> (History, Vec<String>) {
    let stored = store::stored(registry);
    (History::new(stored.measurements), stored.faults)
}

/// The measurements in the file at `path`, and what of it could not be read.
fn read_measurements(path: &Path) -> Result<(History, Vec<String>), String> {
    let bytes = std::fs::read(path)
        .map_err(|error| format!("the measurements in {} cannot be read: {error}", shown(path)))?;
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    for (number, line) in read(&bytes) {
        match line {
            Line::Header => {}
            Line::Row(row) => rows.push(*row),
            Line::Fault(fault) => faults.push(format!("{} line {number}: {fault}", shown(path))),
        }
    }
    Ok((History::new(rows), faults))
}

fn say(remarks: &[String], faults: &[String]) {
    // Nobody is left to be told when it is closed.
    let mut stderr = std::io::stderr().lock();
    for remark in remarks {
        let _ = writeln!(stderr, "note: {}", harmless(remark));
    }
    for fault in faults.iter().take(FAULTS_SHOWN) {
        let _ = writeln!(stderr, "warning: {}", harmless(fault));
    }
    let more = faults.len().saturating_sub(FAULTS_SHOWN);
    if more > 0 {
        let _ = writeln!(stderr, "warning: and {more} more lines that could not be read");
    }
}

fn refuse(reason: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "error: {}", harmless(reason));
    ATTENTION
}

/// `amount` as programs read it, in the base of its unit.
fn number(amount: Amount) -> Value {
    Value::Number(amount.as_f64(), 9)
}

/// `amount` as people read it.
fn quantity(unit: Unit, amount: Amount) -> Value {
    Value::Text(unit.short(amount))
}
