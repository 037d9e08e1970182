//! `report`: a page of everything that is known.
//!
//! Found here by the functions behind the other commands, put together as [`report::Report`], and
//! written by a renderer that knows nothing of where it is from.

mod budgets;
mod found;
mod health;
mod phases;
#[cfg(test)]
mod tests;
mod traces;
mod write;

use std::io::Write;

use timing_core::clock::{Clock, SystemClock};
use timing_core::record::ExitCode;

use crate::cli::{ReportArgs, ReportFormat};
use crate::report;
use crate::settings::{Query, ReportSettings};
use crate::ui::report::harmless;

/// A question that cannot be understood.
const USAGE: ExitCode = ExitCode(2);
/// It cannot be answered.
const ATTENTION: ExitCode = ExitCode(1);

/// Makes the report.
pub fn execute(args: &ReportArgs, settings: &ReportSettings) -> ExitCode {
    let query = match Query::resolve(&args.rows, SystemClock.now()) {
        Ok(query) => query,
        Err(error) => return refuse(&error.to_string(), USAGE),
    };
    let found = || found::find(&query, settings).map_err(|error| error.to_string());
    let made = match args.format {
        ReportFormat::Html => found().and_then(|report| {
            report::html::render(&report).map(|text| (text, report.about.remarks))
        }),
        ReportFormat::Markdown => {
            return refuse("--format: markdown is not there yet; html is", USAGE);
        }
        ReportFormat::OtlpJson | ReportFormat::ChromeTrace => {
            traces::render(&query, args.format, settings).map_err(|error| error.to_string())
        }
    };
    let written = made.and_then(|(text, remarks)| {
        let place = write::Place::of(args, settings);
        write::write(&place, text.as_bytes(), &settings.working_directory)
            .map(|said| (said, remarks))
    });
    match written {
        Ok((said, remarks)) => {
            // Nobody is left to be told when it is closed.
            let mut stderr = std::io::stderr().lock();
            for remark in &remarks {
                let _ = writeln!(stderr, "warning: {}", harmless(remark));
            }
            let _ = said.map(|said| writeln!(stderr, "{said}"));
            ExitCode::SUCCESS
        }
        Err(error) => refuse(&error, ATTENTION),
    }
}

fn refuse(reason: &str, code: ExitCode) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "error: {}", harmless(reason));
    code
}
