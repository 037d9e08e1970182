//! Rows and spans for the tests of what shows them.

use std::num::NonZeroUsize;

use timing_core::clock::UtcStamp;
use timing_core::history::{Filter, Source, gather_file};
use timing_core::stages;
use timing_core::table::Row;

use super::spans::Seen;
use crate::settings::{Origin, Query};
use crate::ui::{Decoration, Surface};

pub(super) const FIRST: &str = "6b01f737bf68de78";
pub(super) const SECOND: &str = "6b01f737bf68de79";

pub(super) fn rows(text: &str) -> Vec<Row<'static>> {
    gather_file(&Source { name: "x".to_owned(), bytes: text.into() }).rows
}

/// A row of 2026-01-`day`: a phase that began so many seconds into it.
pub(super) fn row(day: u8, at: u32, phase: &str, seconds: u32, exit: u8, flags: &str) -> String {
    let time = format!("{:02}:{:02}:{:02}", at / 3600, at / 60 % 60, at % 60);
    format!(
        "2026-01-{day:02}T{time}Z,,{phase},dev,persistent,{seconds},{exit},{flags},1,0,0,\
         logs/build-timings/x.log\n"
    )
}

/// The spans of a run, from the lines of their file without its header.
pub(super) fn seen(run: &str, lines: &str) -> Seen {
    let header = stages::COLUMNS.join(",");
    let stages::Reading { phases, faults } = stages::read(format!("{header}\n{lines}").as_bytes());
    assert!(faults.is_empty(), "{faults:?}");
    Seen { run: run.parse().unwrap(), phases }
}

pub(super) fn query(last: Option<usize>) -> Query {
    let now = UtcStamp::from_unix_seconds(1_800_000_000);
    let last = last.and_then(NonZeroUsize::new);
    Query { origin: Origin::Stdin, filter: Filter::default(), end: now, last, now }
}

pub(super) fn surface(width: usize, decoration: Decoration) -> Surface {
    Surface { width, decoration }
}
