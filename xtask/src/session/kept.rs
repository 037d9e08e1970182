//! Where rows stay that could not be appended.

use std::path::{Path, PathBuf};

use timing_core::addition::{self, Addition, Row};
use timing_core::journal::{Entry, Finished};
use timing_core::record::RunId;
use timing_core::table::Table;

use super::shield;

/// Where rows are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// In the journal's entry.
    Journal(PathBuf),
    /// In a CSV file.
    File(PathBuf),
    /// Nowhere but in what xtask prints, for this reason.
    Printed(String),
}

/// The rows as lines.
pub(super) fn lines(additions: &[Addition]) -> Vec<String> {
    let line = |row: &Row| String::from_utf8_lossy(&row.line()).trim_end().to_owned();
    addition::rows(additions).map(line).collect()
}

/// What `keep` did; should it panic, the rows are printed.
pub(super) fn kept_or_printed(keep: impl FnOnce() -> Kept) -> Kept {
    shield("keeping them", keep).unwrap_or_else(Kept::Printed)
}

/// Keeps the rows of `additions`, which are of one table, in the journal's entry, if it has all of
/// them already, or in a file beside the logs.
pub(super) fn keep(
    entry: Option<Finished>,
    repository: &Path,
    run: &RunId,
    additions: &[Addition],
) -> Kept {
    let incomplete = match entry {
        // The repository may have been deleted while the run went on.
        Some(Finished::Complete(path)) if path.is_file() => return Kept::Journal(path),
        Some(Finished::Incomplete(entry)) => Some(entry),
        Some(Finished::Complete(_)) | None => None,
    };
    let write = || -> std::io::Result<PathBuf> {
        let table = addition::rows(additions).next().map_or(Table::Timings, Row::table);
        let name = match table {
            Table::Timings => "rows",
            Table::Measurements => "measurements",
        };
        let path = timing_core::log::directory(repository)?.join(format!("{name}-{run}.csv"));
        std::fs::write(&path, table.append(b"", &addition::lines_of(table, additions)))?;
        Ok(path)
    };
    match write() {
        Ok(path) => {
            // The file says all, and the entry would be taken for a run that was killed.
            let _ = incomplete.map(Entry::remove);
            Kept::File(path)
        }
        Err(error) => Kept::Printed(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_printed_where_keeping_them_panics() {
        let kept = kept_or_printed(|| panic!("no place"));
        let reason = "keeping them failed by a defect in xtask (no place); please report it";
        assert_eq!(kept, Kept::Printed(reason.to_owned()));
    }
}
