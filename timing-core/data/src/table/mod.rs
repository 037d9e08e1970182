//! Rows and records. This module knows bytes and nothing of where they are kept.
//!
//! New rows of timings have the twelve columns of PRD-0006, FR-3. No field of theirs ever needs quotes:
//! two of the three programs that read the file split each line at every comma. Of the measurements
//! of budgets only what tells their lines apart is known here.

pub mod fields;
mod generation;
mod kind;
mod line;
mod plain;
mod read;
mod row;
mod write;

pub use generation::Generation;
pub use kind::MEASUREMENTS;
pub use kind::Table;
pub use line::{Line, LineKind, identity, lines};
pub use read::{Column, RowFault, parse_line, parse_row};
pub use row::{Reading, Resources, Row, read, read_line, read_part};
pub use write::{append, rows};

fn is_header(line: &[u8]) -> bool {
    Table::Timings.is_header(line)
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
