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
    let render: fn(&report::Report) -> Result<String, String> = match args.format {
        ReportFormat::Html => report::html::render,
        ReportFormat::Markdown | ReportFormat::OtlpJson | ReportFormat::ChromeTrace => {
            let name = args.format.name();
            return refuse(&format!("--format: {name} is not there yet; html is"), USAGE);
        }
    };
    let query = match Query::resolve(&args.rows, SystemClock.now()) {
        Ok(query) => query,
        Err(error) => return refuse(&error.to_string(), USAGE),
    };
    let made = found::find(&query, settings).map_err(|error| error.to_string());
    let written = made.and_then(|report| {
        let text = render(&report)?;
        let place = write::Place::of(args, settings);
        write::write(&place, text.as_bytes(), &settings.working_directory)
            .map(|said| (said, report.about))
    });
    match written {
        Ok((said, about)) => {
            // Nobody is left to be told when it is closed.
            let mut stderr = std::io::stderr().lock();
            for remark in &about.remarks {
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
