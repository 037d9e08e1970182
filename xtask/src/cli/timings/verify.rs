//! `timings verify` as it is typed.

use super::{Format, Help};

pub(super) const NAME: &str = "verify";

pub(super) const HELP: Help = Help {
    name: NAME,
    about: "Hold the rows against their logs: is any missing, does any say something else?",
    details: "A log of this program begins and ends with a line that says when its \
        phase started and ended, and with which exit code. Every such log in \
        logs/build-timings/ of every work tree, and every phase that the journal knows, \
        should have a row (the capture rate), whose start and duration are within 5 s of the \
        log's and whose exit code is the same (the accuracy). A log without its last line, of \
        a run that was killed, is judged by its start.\n\n\
        Counted apart: logs of another recorder, rows whose log is not here, runs that go on. \
        Tables leave the first two out; JSON and CSV have everything. What deviates comes \
        last.\n\n\
        Both were written by the same run from the same clocks: this finds rows that were lost or \
        altered afterwards, not a clock that was wrong.",
    examples: &["", "--strict", "--file build_timings.csv --format json"],
    last: "Only the newest N of the matching logs and rows",
};

/// Which of the things that were looked at are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// What could be judged here; the rest is counted.
    Judged,
    /// All.
    Every,
}

impl Listing {
    /// People are spared what says nothing to them.
    pub(super) fn of(format: Format) -> Self {
        match format {
            Format::Table | Format::Markdown => Self::Judged,
            Format::Json | Format::Csv => Self::Every,
        }
    }
}
