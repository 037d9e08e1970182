//! `timings verify`: rows against their logs.

mod evidence;
mod report;

use timing_core::history::Filter;
use timing_core::record::ExitCode;
use timing_core::table::Row;
use timing_core::verify::{Finding, Subject, Summary, Verdict, summary, verify};

use super::{ATTENTION, Answer};
use crate::cli::{Listing, Strictness};
use crate::settings::{Query, RegistrySettings};
use crate::ui::report::Report;
use evidence::Evidence;

/// How many phases were captured, how many rows are accurate, and what could not be looked at.
pub(in crate::commands) fn figures(
    rows: &[Row<'_>],
    query: &Query,
    settings: &RegistrySettings,
) -> (Summary, Vec<String>) {
    let Evidence { logs, started, remarks } = Evidence::gather(settings, &query.origin);
    (summary(&selected(verify(rows, &logs, &started), query)), remarks)
}

pub(super) fn answer(
    rows: &[Row<'_>],
    listing: Listing,
    strictness: Strictness,
    query: &Query,
    settings: &RegistrySettings,
) -> Answer {
    let Evidence { logs, started, mut remarks } = Evidence::gather(settings, &query.origin);
    let findings = selected(verify(rows, &logs, &started), query);
    let figures = summary(&findings);
    remarks.extend(report::figures(&figures));
    let deviates = findings.iter().any(|finding| finding.verdict.is_deviation());
    let exit_code = match strictness {
        Strictness::Strict if deviates => ATTENTION,
        Strictness::Strict | Strictness::Lenient => ExitCode::SUCCESS,
    };
    let listed = findings.iter().filter(|finding| is_listed(finding, listing));
    let rows = listed.map(report::values).collect();
    let report = Report { columns: report::COLUMNS.to_vec(), rows };
    Answer { remarks, exit_code, ..Answer::well(report) }
}

/// What is asked about, the newest last, and what deviates after all others.
fn selected<'a>(mut findings: Vec<Finding<'a>>, query: &Query) -> Vec<Finding<'a>> {
    findings.retain(|finding| accepts(&query.filter, finding));
    findings.sort_by_key(|finding| finding.subject.start);
    let skipped = query.last.map_or(0, |last| findings.len().saturating_sub(last.get()));
    findings.drain(..skipped);
    findings.sort_by_key(|finding| finding.verdict.is_deviation());
    findings
}

fn accepts(filter: &Filter, finding: &Finding<'_>) -> bool {
    match finding.subject {
        Subject {
            environment: Some(environment), build_id: Some(id), start: Some(start), ..
        } => filter.accepts_run(environment, finding.subject.phase, id, start),
        // Nothing is known of it but that it is there.
        _ => *filter == Filter::default(),
    }
}

fn is_listed(finding: &Finding<'_>, listing: Listing) -> bool {
    match (listing, finding.verdict) {
        (Listing::Judged, Verdict::NoFrame | Verdict::NoLog) => false,
        (Listing::Judged | Listing::Every, _) => true,
    }
}
