//! `timings …`: questions to the history.
//!
//! Each command is a function from rows to a report. Where rows come from and how reports are
//! written is the same for all of them, and is here.

pub(super) mod check;
mod cost;
mod dora;
mod explain;
mod list;
pub(super) mod origin;
mod reliability;
mod slo;
pub(super) mod slowest;
pub(super) mod spans;
pub(super) mod stages;
pub(super) mod stats;
#[cfg(test)]
mod testing;
pub(super) mod trend;
pub(super) mod verify;

use std::io::Write;

use timing_core::clock::{Clock, SystemClock};
use timing_core::history::{Faults, Gathered};
use timing_core::record::ExitCode;
use timing_core::table::Row;

use crate::cli::{Format, Strictness, TimingsArgs, TimingsCommand};
use crate::commands::registry::Failure;
use crate::settings::{CheckPolicy, GateMode, Query, RegistrySettings, TimingsSettings};
use crate::ui::Surface;
use crate::ui::report::{Report, harmless};

/// A question that cannot be understood.
const USAGE: ExitCode = ExitCode(2);
/// It cannot be answered, or the answer asks for attention.
const ATTENTION: ExitCode = ExitCode(1);

/// How many faults are shown one by one, unless somebody is strict about them.
const FAULTS_SHOWN: usize = 20;

/// What a command found.
pub(super) struct Answer {
    pub(super) body: Body,
    /// Sources of which nothing could be read.
    pub(super) unread: Vec<String>,
    /// Said on stderr, whatever the format.
    pub(super) remarks: Vec<String>,
    exit_code: ExitCode,
}

/// What goes to stdout.
pub(super) enum Body {
    /// In the format that was asked for.
    Report(Report),
    /// In the one format it has.
    Text(String),
}

impl Answer {
    fn well(report: Report) -> Self {
        Self::of(Body::Report(report))
    }

    fn of(body: Body) -> Self {
        Self { body, unread: Vec::new(), remarks: Vec::new(), exit_code: ExitCode::SUCCESS }
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
    let page = (args.format, Surface::of_stdout());
    match answer(command, page, &query, settings) {
        Ok((answer, faults)) => {
            let printed = print(&match answer.body {
                Body::Report(report) => report.render(args.format),
                Body::Text(text) => text,
            });
            let is_complete = faults.count == 0 && answer.unread.is_empty();
            say(&answer.remarks, &answer.unread, &faults, args.strictness);
            match (printed, args.strictness) {
                (Err(error), _) => refuse(&error, ATTENTION),
                (Ok(()), Strictness::Strict) if !is_complete => ATTENTION,
                (Ok(()), _) => answer.exit_code,
            }
        }
        Err(error) => refuse(&error, ATTENTION),
    }
}

fn answer(
    command: &TimingsCommand,
    page: (Format, Surface),
    query: &Query,
    settings: &TimingsSettings,
) -> Result<(Answer, Faults), Failure> {
    if let Some(answer) = unjudged(command, settings) {
        return Ok((answer, Faults::default()));
    }
    let registry = &settings.registry;
    match command {
        TimingsCommand::Stats => stats::answer(query, registry),
        TimingsCommand::Reliability => reliability::answer(query, registry),
        TimingsCommand::List => of_rows(query, registry, |_, rows| Ok(list::answer(rows, query))),
        TimingsCommand::Trend => of_rows(query, registry, |_, rows| Ok(trend::answer(rows, query))),
        TimingsCommand::Check(flags) => {
            of_rows(query, registry, |_, rows| Ok(check::answer(rows, query, flags, settings)))
        }
        TimingsCommand::Slo(mode) => of_rows(query, registry, |_, rows| {
            Ok(slo::answer(rows, query, *mode, &settings.objectives))
        }),
        TimingsCommand::Verify(listing, strictness) => of_rows(query, registry, |all, _| {
            Ok(verify::answer(all, *listing, *strictness, query, registry))
        }),
        TimingsCommand::Dora => of_rows(query, registry, |all, _| Ok(dora::answer(all, query))),
        TimingsCommand::Cost(costs) => {
            of_rows(query, registry, |all, _| cost::answer(all, costs, query))
        }
        TimingsCommand::Stages(wanted, extent) => of_rows(query, registry, |all, _| {
            stages::answer(all, (wanted, *extent), page, query, registry)
        }),
        TimingsCommand::Slowest(by, extent) => of_rows(query, registry, |all, _| {
            slowest::answer(all, (*by, *extent), page, query, registry)
        }),
        TimingsCommand::Explain(wanted) => {
            of_rows(query, registry, |all, _| explain::answer(all, wanted, page, query, settings))
        }
    }
}

/// The answer of a command that looks at rows: at all of them, and at those that match.
fn of_rows(
    query: &Query,
    registry: &RegistrySettings,
    ask: impl FnOnce(&[Row<'static>], &[&Row<'static>]) -> Result<Answer, Failure>,
) -> Result<(Answer, Faults), Failure> {
    let found = origin::gather(&query.origin, registry)?;
    let Gathered { rows, faults, .. } = found.gathered;
    let matching: Vec<_> = rows.iter().filter(|row| query.filter.accepts(row)).collect();
    let mut answer = ask(&rows, &matching)?;
    answer.unread.splice(..0, found.warnings);
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

fn say(remarks: &[String], unread: &[String], faults: &Faults, strictness: Strictness) {
    // Nobody is left to be told when it is closed.
    let mut stderr = std::io::stderr().lock();
    let mut line = |kind: &str, text: &str| {
        // A remark may be of several lines; whatever else moves a cursor is from a file.
        let lines: Vec<_> = text.split('\n').map(harmless).collect();
        let _ = writeln!(stderr, "{kind}: {}", lines.join("\n"));
    };
    remarks.iter().for_each(|remark| line("note", remark));
    unread.iter().for_each(|source| line("warning", source));
    let shown = match strictness {
        Strictness::Strict => faults.first.len(),
        Strictness::Lenient => FAULTS_SHOWN,
    };
    faults.first.iter().take(shown).for_each(|fault| line("warning", &fault.to_string()));
    let more = faults.count.saturating_sub(shown);
    if more > 0 {
        let _ = writeln!(stderr, "warning: and {more} more lines that could not be read");
    }
}

fn refuse(reason: &dyn std::fmt::Display, code: ExitCode) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "error: {reason}");
    code
}
