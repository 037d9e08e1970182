//! The tables of the branch: which file of an environment holds which, and how such a file begins.

use super::fields::Fields;

/// A table that only grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Table {
    /// A row for each phase that ended.
    Timings,
    /// A row for each value that was measured for a budget.
    Measurements,
}

impl Table {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Timings, Self::Measurements];

    /// The name of its file.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Timings => "build_timings.csv",
            Self::Measurements => "budget_measurements.csv",
        }
    }

    /// The header that a new file starts with.
    #[must_use]
    pub const fn header(self) -> &'static [&'static str] {
        match self {
            Self::Timings => &super::HEADER,
            Self::Measurements => &MEASUREMENTS,
        }
    }

    /// What must follow `existing` so that it ends with `rows`: the header for an empty file, a line
    /// end where the last line has none, then the rows. Not one existing byte is part of the result.
    #[must_use]
    pub fn append(self, existing: &[u8], rows: &[u8]) -> Vec<u8> {
        let mut tail = Vec::with_capacity(rows.len() + 256);
        if existing.is_empty() {
            tail.extend_from_slice(self.header().join(",").as_bytes());
            tail.push(b'\n');
        } else if existing.last() != Some(&b'\n') {
            tail.push(b'\n');
        }
        tail.extend_from_slice(rows);
        tail
    }

    /// Whether a line is a header: the names of columns and nothing else, so that no row is taken for
    /// one because of how it begins.
    #[must_use]
    pub fn is_header(self, line: &[u8]) -> bool {
        let is_name = |field: &[u8]| {
            !field.is_empty() && field.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'_'))
        };
        let mut fields = Fields::of(line);
        let first = fields.next();
        first.zip(self.header().first()).is_some_and(|(field, name)| *field == *name.as_bytes())
            && fields.all(|field| is_name(&field))
    }
}

/// The header of the table of measurements.
pub const MEASUREMENTS: [&str; 11] = [
    "time_utc",
    "metric",
    "env",
    "unit",
    "statistic",
    "value",
    "samples",
    "commit",
    "version",
    "run_id",
    "flags",
];
