//! `timings …`: questions to the history.
//!
//! Each command is a function from rows to a report. Where rows come from and how reports are
//! written is the same for all of them, and is here.

mod check;
mod cost;
mod dora;
mod list;
mod origin;
mod reliability;
mod slo;
mod stats;
mod trend;
mod verify;

use std::io::Write;

use timing_core::clock::{Clock, SystemClock};
use timing_core::history::{Faults, Gathered};
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
    body: Body,
    /// Said on stderr, whatever the format.
    remarks: Vec<String>,
    exit_code: ExitCode,
}

/// What goes to stdout.
enum Body {
    /// In the format that was asked for.
    Report(Report),
    /// In the one format it has.
    Text(String),
}

impl Answer {
    fn well(report: Report) -> Self {
        Self { body: Body::Report(report), remarks: Vec::new(), exit_code: ExitCode::SUCCESS }
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
            let printed = print(&match answer.body {
                Body::Report(report) => report.render(args.format),
                Body::Text(text) => text,
            });
            say(&answer.remarks, &faults);
            match (printed, args.strictness) {
                (Err(error), _) => refuse(&error, ATTENTION),
                (Ok(()), Strictness::Strict) if faults.count > 0 => ATTENTION,
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
) -> Result<(Answer, Faults), Failure> {
    if let Some(answer) = unjudged(command, settings) {
        return Ok((answer, Faults::default()));
    }
    match command {
        TimingsCommand::Stats => return stats::answer(query, &settings.registry),
        TimingsCommand::Reliability => return reliability::answer(query, &settings.registry),
        _ => {}
    }
    let found = origin::gather(&query.origin, &settings.registry)?;
    let Gathered { rows, faults, .. } = found.gathered;
    let matching: Vec<_> = rows.iter().filter(|row| query.filter.accepts(row)).collect();
    let mut answer = match command {
        TimingsCommand::Trend => trend::answer(&matching, query),
        TimingsCommand::Check(flags) => check::answer(&matching, query, flags, settings),
        TimingsCommand::Slo(mode) => slo::answer(&matching, query, *mode, &settings.objectives),
        TimingsCommand::Verify(listing, strictness) => {
            verify::answer(&rows, *listing, *strictness, query, &settings.registry)
        }
        TimingsCommand::Dora => dora::answer(&rows, query),
        TimingsCommand::Cost(costs) => cost::answer(&matching, costs, query)?,
        TimingsCommand::List | TimingsCommand::Stats | TimingsCommand::Reliability => {
            list::answer(&matching, query)
        }
    };
    answer.remarks.splice(0..0, found.warnings);
    answer.remarks.extend(nothing_matches(matching.len(), rows.len()));
    Ok((answer, faults.into()))
}

/// What to say when none of `all` rows are the answer.
fn nothing_matches(matching: usize, all: usize) -> Option<String> {
    match (matching, all) {
        (0, 0) => Some("there are no rows".to_owned()),
        (0, n) => Some(format!("none of the {n} rows match")),
        _ => None,
    }
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
        _ => return None,
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

fn say(remarks: &[String], faults: &Faults) {
    // Nobody is left to be told when it is closed.
    let mut stderr = std::io::stderr().lock();
    for remark in remarks {
        let _ = writeln!(stderr, "note: {remark}");
    }
    for fault in faults.first.iter().take(FAULTS_SHOWN) {
        let _ = writeln!(stderr, "warning: {fault}");
    }
    if faults.count > FAULTS_SHOWN {
        let more = faults.count - FAULTS_SHOWN;
        let _ = writeln!(stderr, "warning: and {more} more lines that could not be read");
    }
}

fn refuse(reason: &dyn std::fmt::Display, code: ExitCode) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "error: {reason}");
    code
}
