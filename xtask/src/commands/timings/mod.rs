//! `timings …`: questions to the history.
//!
//! Each command is a function from rows to a report. Where rows come from and how reports are
//! written is the same for all of them, and is here.

mod check;
mod cost;
mod dora;
mod list;
mod origin;
mod slo;
mod trend;
mod verify;

use std::io::Write;

use timing_core::clock::{Clock, SystemClock};
use timing_core::history::{Gathered, SourceFault};
use timing_core::record::ExitCode;

use crate::cli::{Strictness, TimingsArgs, TimingsCommand};
use crate::commands::registry::Failure;
use crate::settings::{CheckPolicy, GateMode, Query, TimingsSettings};
use crate::ui::report::Report;

/// A question that cannot be understood.
const USAGE: ExitCode = ExitCode(2);
/// It cannot be answered, or the answer asks for attention.
const ATTENTION: ExitCode = ExitCode(1);

/// How many faults are shown one by one.
const FAULTS_SHOWN: usize = 20;

/// What a command found.
struct Answer {
    report: Report,
    /// Said on stderr, whatever the format.
    remarks: Vec<String>,
    exit_code: ExitCode,
}

impl Answer {
    fn well(report: Report) -> Self {
        Self { report, remarks: Vec::new(), exit_code: ExitCode::SUCCESS }
    }
}

/// Answers `command`.
pub fn execute(
    command: &TimingsCommand,
    args: &TimingsArgs,
    settings: &TimingsSettings,
) -> ExitCode {
    let query = match Query::resolve(args, SystemClock.now()) {
        Ok(query) => query,
        Err(error) => return refuse(&error, USAGE),
    };
    match answer(command, &query, settings) {
        Ok((answer, faults)) => {
            let printed = print(&answer.report.render(args.format));
            say(&answer.remarks, &faults);
            match (printed, args.strictness) {
                (Err(error), _) => refuse(&error, ATTENTION),
                (Ok(()), Strictness::Strict) if !faults.is_empty() => ATTENTION,
                (Ok(()), _) => answer.exit_code,
            }
        }
        Err(error) => refuse(&error, ATTENTION),
    }
}

fn answer(
    command: &TimingsCommand,
    query: &Query,
    settings: &TimingsSettings,
) -> Result<(Answer, Vec<SourceFault>), Failure> {
    if let Some(answer) = unjudged(command, settings) {
        return Ok((answer, Vec::new()));
    }
    let found = origin::gather(&query.origin, &settings.registry)?;
    let Gathered { rows, faults, .. } = found.gathered;
    let matching: Vec<_> = rows.iter().filter(|row| query.filter.accepts(row)).collect();
    let mut answer = match command {
        TimingsCommand::List => list::answer(&matching, query),
        TimingsCommand::Trend => trend::answer(&matching, query),
        TimingsCommand::Check(flags) => check::answer(&matching, query, flags, settings),
        TimingsCommand::Slo(mode) => slo::answer(&matching, query, *mode, &settings.objectives),
        TimingsCommand::Verify(listing, strictness) => {
            verify::answer(&rows, *listing, *strictness, query, &settings.registry)
        }
        TimingsCommand::Dora => dora::answer(&rows, query),
        TimingsCommand::Cost(costs) => cost::answer(&matching, costs, query)?,
    };
    answer.remarks.splice(0..0, found.warnings);
    if matching.is_empty() {
        answer.remarks.push(match rows.len() {
            0 => "there are no rows".to_owned(),
            n => format!("none of the {n} rows match"),
        });
    }
    Ok((answer, faults))
}

/// Whole seconds as statistics take them.
#[expect(clippy::cast_precision_loss, reason = "exact for 285 million years")]
fn seconds(whole: u64) -> f64 {
    whole as f64
}

/// The answer of a judgement that is switched off: nothing is read for it.
fn unjudged(command: &TimingsCommand, settings: &TimingsSettings) -> Option<Answer> {
    let (columns, mode) = match command {
        TimingsCommand::Check(flags) => {
            (check::COLUMNS.to_vec(), CheckPolicy::resolve(flags, &settings.check).mode)
        }
        TimingsCommand::Slo(mode) => (slo::COLUMNS.to_vec(), *mode),
        TimingsCommand::List
        | TimingsCommand::Trend
        | TimingsCommand::Verify(..)
        | TimingsCommand::Dora
        | TimingsCommand::Cost(_) => return None,
    };
    let remark = "the mode is off: nothing was judged".to_owned();
    let report = Report { columns, rows: Vec::new() };
    (mode == GateMode::Off).then(|| Answer { remarks: vec![remark], ..Answer::well(report) })
}

/// Whoever reads may have seen enough.
fn print(text: &str) -> Result<(), String> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(format!("the answer could not be printed: {error}"))
        }
        _ => Ok(()),
    }
}

fn say(remarks: &[String], faults: &[SourceFault]) {
    // Nobody is left to be told when it is closed.
    let mut stderr = std::io::stderr().lock();
    for remark in remarks {
        let _ = writeln!(stderr, "note: {remark}");
    }
    for fault in faults.iter().take(FAULTS_SHOWN) {
        let _ = writeln!(stderr, "warning: {fault}");
    }
    if faults.len() > FAULTS_SHOWN {
        let more = faults.len() - FAULTS_SHOWN;
        let _ = writeln!(stderr, "warning: and {more} more lines that could not be read");
    }
}

fn refuse(reason: &dyn std::fmt::Display, code: ExitCode) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "error: {reason}");
    code
}
