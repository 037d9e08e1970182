//! `timings stats --format reliability`: what the registry's shell reader prints.

use std::collections::HashMap;
use std::num::NonZeroUsize;

use timing_core::history::reliability::Reliability;
use timing_core::history::{Duplicates, Faults, Filter, Source, gather_lines};
use timing_core::table::{HEADER, Row};

use super::{ATTENTION, Answer, Body, origin};
use crate::commands::registry::Failure;
use crate::settings::{Query, RegistrySettings};

pub(super) fn answer(
    query: &Query,
    settings: &RegistrySettings,
) -> Result<(Answer, Faults), Failure> {
    let found = origin::sources(&query.origin, settings)?;
    let duplicates = origin::duplicates(&query.origin);
    let mut rows = Vec::new();
    let (faults, tally) = gather_lines(&found.sources, duplicates, |row, raw| {
        if query.filter.accepts(&row) {
            rows.push((row, raw));
        }
    });
    let mut remarks: Vec<String> =
        super::nothing_matches(rows.len(), tally.rows).into_iter().collect();
    let figures = match found.sources.as_slice() {
        [file] if duplicates == Duplicates::Kept && is_everything(query) => of_file(file),
        [file] if duplicates == Duplicates::Kept => of_rows(first_line(file), rows, query.last),
        _ => of_rows(HEADER.join(",").as_bytes(), rows, query.last),
    };
    let mut exit_code = timing_core::record::ExitCode::SUCCESS;
    if !figures.missing.is_empty() {
        exit_code = ATTENTION;
        remarks.push(format!(
            "the first line has no {}: this reader takes columns by their names there, and counts \
             nothing",
            figures.missing.join(", ")
        ));
    }
    let body = Body::Text(figures.to_string());
    let answer = Answer { unread: found.warnings, remarks, exit_code, ..Answer::of(body) };
    Ok((answer, faults.into()))
}

fn is_everything(query: &Query) -> bool {
    query.filter == Filter::default() && query.last.is_none()
}

/// Every line of a file as it stands, whether it is a row or not.
fn of_file(file: &Source) -> Reliability {
    Reliability::of(lines(file))
}

fn lines(file: &Source) -> impl Iterator<Item = &[u8]> {
    let lines = file.bytes.split_inclusive(|&byte| byte == b'\n');
    lines.map(|line| line.strip_suffix(b"\n").unwrap_or(line))
}

fn first_line(file: &Source) -> &[u8] {
    lines(file).next().unwrap_or_default()
}

/// The lines of rows, of each environment and phase the newest `last`, as they are spelled.
fn of_rows(
    header: &[u8],
    mut rows: Vec<(Row<'_>, &[u8])>,
    last: Option<NonZeroUsize>,
) -> Reliability {
    rows.sort_by_key(|(row, _)| row.start);
    let mut seen: HashMap<_, usize> = HashMap::new();
    let newest = rows.iter().rev().filter(|(row, _)| {
        let count = seen.entry((&row.environment, &row.phase)).or_default();
        *count += 1;
        last.is_none_or(|last| *count <= last.get())
    });
    Reliability::of(std::iter::once(header).chain(newest.map(|(_, raw)| *raw)))
}
