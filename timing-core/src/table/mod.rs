//! Rows and records. This module knows bytes and nothing of where they are kept.
//!
//! New rows have the twelve columns of PRD-0006, FR-3. No field of theirs ever needs quotes: two
//! of the three programs that read the file split each line at every comma.

pub(crate) mod fields;
mod generation;
pub(crate) mod line;
mod plain;
mod read;
mod row;
mod write;

pub use generation::Generation;
pub use line::{Line, LineKind, lines};
pub use read::{Column, RowFault, parse_line, parse_row};
pub use row::{Reading, Resources, Row, read, read_line, read_part};
pub use write::{append, rows};

/// Whether a line is a header: the names of columns and nothing else, so that no row is taken for one
/// because of how it begins.
fn is_header(line: &[u8]) -> bool {
    let is_name = |field: &[u8]| {
        !field.is_empty() && field.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'_'))
    };
    let mut fields = fields::Fields::of(line);
    fields.next().is_some_and(|first| first.as_ref() == HEADER[0].as_bytes())
        && fields.all(|field| is_name(&field))
}

/// The header a new file starts with.
pub const HEADER: [&str; 12] = [
    "start_time_utc",
    "end_time_utc",
    "phase",
    "env",
    "build_id",
    "duration_seconds",
    "exit_code",
    "flags",
    "resources_added",
    "resources_changed",
    "resources_destroyed",
    "log_path",
];
