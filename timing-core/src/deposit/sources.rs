//! Everything that was recorded, wherever it is: on the local branch, at the remote as it was last
//! fetched, and in the journal. Reads, takes possession of nothing and asks no network.

use super::evidence;
use crate::git::GitError;
use crate::history::Source;
use crate::journal::{self, Journal, Life};
use crate::registry::Registry;
use crate::table::{self, Table};

/// Where rows are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    /// In the order in which they are believed.
    pub sources: Vec<Source>,
    /// What could not be read at all.
    pub warnings: Vec<String>,
}

/// All rows of `registry` and `journal`. A run that goes on has those of its phases that ended; one
/// that was killed has those, too, that the next run will record as interrupted.
///
/// # Errors
///
/// When git fails. A journal that cannot be read is a warning: it holds the least of the rows.
pub fn sources(journal: &Journal, registry: &Registry) -> Result<Sources, GitError> {
    let mut found = Sources::default();
    for file in registry.files(Table::Timings)? {
        match file.bytes {
            Some(bytes) => found.sources.push(Source { name: file.name, bytes }),
            None => found.warnings.push(format!(
                "{} is not in this clone, and nothing is known of its rows: `git fetch` brings it",
                file.name
            )),
        }
    }
    for taken in [found.take_outbox(journal), found.take_entries(journal)] {
        if let Err(error) = taken {
            let journal = journal.directory().display();
            found.warnings.push(format!("the journal in {journal} cannot be read: {error}"));
        }
    }
    Ok(found)
}

impl Sources {
    fn take_outbox(&mut self, journal: &Journal) -> std::io::Result<()> {
        let bytes = journal.outbox_rows(Table::Timings)?;
        self.sources.push(Source { name: "journal:outbox.csv".to_owned(), bytes });
        Ok(())
    }

    fn take_entries(&mut self, journal: &Journal) -> std::io::Result<()> {
        for (path, seen) in journal.look()? {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let name = format!("journal:{name}");
            match seen {
                Ok(seen) => {
                    let bytes = table::rows(&records(seen));
                    self.sources.push(Source { name, bytes });
                }
                Err(reason) => self.warnings.push(format!("{name} cannot be read: {reason}")),
            }
        }
        Ok(())
    }
}

fn records(seen: journal::Seen) -> Vec<crate::record::TimingRecord> {
    match seen.life {
        Life::Living => seen.history.ended,
        Life::Gone => journal::records(&seen.history, |running| {
            evidence::of(&seen.history.repository, running)
        }),
    }
}
