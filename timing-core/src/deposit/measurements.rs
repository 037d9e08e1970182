//! Every measurement, wherever it is: as it was last fetched, on the local branch, in the journal.
//! Reads, takes possession of nothing and asks no network.

use std::collections::HashSet;

use crate::budget::measurement::{self, Line, Measurement};
use crate::git::GitError;
use crate::journal::Journal;
use crate::record::Identity;
use crate::registry::Registry;
use crate::table::Table;

/// What was measured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundMeasurements {
    /// Each once, as it was found first.
    pub measurements: Vec<Measurement>,
    /// What could not be read.
    pub warnings: Vec<String>,
}

/// All measurements of `registry` and `journal`, in the order in which they are believed: what was
/// last fetched, the local branch, the outbox, the entries of runs.
///
/// # Errors
///
/// When git fails. A journal that cannot be read is a warning: it holds the least of them.
pub fn measurements(journal: &Journal, registry: &Registry) -> Result<FoundMeasurements, GitError> {
    let (mut found, mut seen) = (FoundMeasurements::default(), HashSet::new());
    for file in registry.files(Table::Measurements)? {
        match file.bytes {
            Some(bytes) => found.take(&file.name, &bytes, &mut seen),
            None => found.warnings.push(format!(
                "{} is not in this clone, and nothing is known of its measurements: `git fetch` \
                 brings it",
                file.name
            )),
        }
    }
    if let Err(error) = found.take_journal(journal, &mut seen) {
        let journal = journal.directory().display();
        found.warnings.push(format!("the journal in {journal} cannot be read: {error}"));
    }
    Ok(found)
}

impl FoundMeasurements {
    fn take(&mut self, name: &str, bytes: &[u8], seen: &mut HashSet<Identity>) {
        for (number, line) in measurement::read(bytes) {
            match line {
                Line::Header => {}
                Line::Row(row) if seen.insert(row.identity()) => self.measurements.push(*row),
                Line::Row(_) => {}
                Line::Fault(fault) => self.warnings.push(format!("{name} line {number}: {fault}")),
            }
        }
    }

    fn take_journal(
        &mut self,
        journal: &Journal,
        seen: &mut HashSet<Identity>,
    ) -> std::io::Result<()> {
        let outbox = journal.outbox_rows(Table::Measurements)?;
        self.take("journal:outbox.measurements", &outbox, seen);
        for (_, entry) in journal.look()? {
            // One that cannot be read is reported with the rows of timings, where it counts more.
            let rows = entry.map(|entry| entry.history.measurements).unwrap_or_default();
            self.measurements.extend(rows.into_iter().filter(|row| seen.insert(row.identity())));
        }
        Ok(())
    }
}
