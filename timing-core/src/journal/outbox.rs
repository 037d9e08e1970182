//! What is on the local branch and not yet where the push policy wants it.
//!
//! The local branch is only a cache: somebody may reset it, another recorder does so as a matter of
//! course. So an addition stays here until it has been seen where it belongs. Rows are in a CSV file for each
//! table, whatever else there is in a file of JSON lines; each is replaced as a whole, and only the holder
//! of the append lock writes them.

use std::fs::File;
use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::{AppendLock, DAMAGED, Journal};
use crate::addition::{self, Addition, OwnFile};
use crate::budget::measurement::{self, Line};
use crate::table::{self, Table};

/// Where the rows of `table` are. Of the names, only that of the first ends as an older version reads.
const fn file_of(table: Table) -> &'static str {
    match table {
        Table::Timings => "outbox.csv",
        Table::Measurements => "outbox.measurements",
    }
}

/// Files of runs' own. Its name is not that of an entry, which every version would take it for.
const FILES: &str = "outbox.files";

/// How many bytes of files wait at most, or a clone that never sends would take longer with each
/// run. Beyond that the oldest go; they are on the local branch, and each row stays.
const MOST_OF_FILES: usize = 8 << 20;

/// A file of a run's own, on one line.
#[derive(Debug, Serialize, Deserialize)]
struct FileLine {
    /// Where it belongs on the branch.
    path: String,
    text: String,
}

impl Journal {
    /// What waits, and the lines of the files that nobody can read.
    ///
    /// # Errors
    ///
    /// When a file cannot be read; one that is not there holds nothing.
    pub fn outbox(&self) -> io::Result<(Vec<Addition>, Vec<String>)> {
        let mut faults = Vec::new();
        let mut waiting = self.waiting(file_of(Table::Timings), rows_in, &mut faults)?;
        let measured = file_of(Table::Measurements);
        waiting.extend(self.waiting(measured, measurements_in, &mut faults)?);
        waiting.extend(self.waiting(FILES, files_in, &mut faults)?);
        Ok((waiting, faults))
    }

    /// The rows of `table` in the outbox as they stand.
    ///
    /// # Errors
    ///
    /// When the file cannot be read; one that is not there holds nothing.
    pub fn outbox_rows(&self, table: Table) -> io::Result<Vec<u8>> {
        self.outbox_bytes(file_of(table))
    }

    /// The files of runs' own that wait.
    ///
    /// # Errors
    ///
    /// When the file cannot be read; one that is not there holds nothing.
    pub fn outbox_files(&self) -> io::Result<Vec<OwnFile>> {
        let files = files_in(&self.outbox_bytes(FILES)?, &mut Vec::new());
        let file = |addition| match addition {
            Addition::File(file) => Some(file),
            Addition::Row(_) => None,
        };
        Ok(files.into_iter().filter_map(file).collect())
    }

    fn outbox_bytes(&self, file: &str) -> io::Result<Vec<u8>> {
        match std::fs::read(self.directory().join(file)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            read => read,
        }
    }

    /// What `read` finds in `file`. What cannot be read is not written back either; the file as it
    /// was goes to the damaged ones.
    fn waiting(
        &self,
        file: &str,
        read: impl FnOnce(&[u8], &mut Vec<String>) -> Vec<Addition>,
        faults: &mut Vec<String>,
    ) -> io::Result<Vec<Addition>> {
        let bytes = self.outbox_bytes(file)?;
        let mut found = Vec::new();
        let additions = read(&bytes, &mut found);
        if !found.is_empty() {
            let directory = self.directory().join(DAMAGED);
            std::fs::create_dir_all(&directory)?;
            std::fs::write(directory.join(file), bytes)?;
        }
        faults.extend(found.into_iter().map(|fault| format!("{file} {fault}")));
        Ok(additions)
    }

    /// Makes `additions` what waits, durably.
    ///
    /// # Errors
    ///
    /// When a file cannot be written, or not for sure; entries whose rows it holds have to stay.
    pub fn set_outbox(&self, _turn: &AppendLock, additions: &[Addition]) -> io::Result<()> {
        self.replace(FILES, &files_of(additions)?)?;
        for table in Table::ALL {
            let rows = match addition::lines_of(table, additions) {
                none if none.is_empty() => none,
                rows => table.append(b"", &rows),
            };
            self.replace(file_of(table), &rows)?;
        }
        // Entries whose rows are in it go next: they must not be gone before it is there.
        File::open(self.directory())?.sync_data()
    }

    /// Gives `file` this content; without any there is no file.
    fn replace(&self, file: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.directory().join(file);
        if bytes.is_empty() {
            return match std::fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            };
        }
        let next = self.directory().join("outbox.next");
        let mut written = File::create(&next)?;
        written.write_all(bytes)?;
        written.sync_data()?;
        std::fs::rename(&next, &path)
    }
}

/// The lines of the files among `additions`, whose oldest come first.
fn files_of(additions: &[Addition]) -> io::Result<Vec<u8>> {
    let (mut lines, mut size) = (Vec::new(), 0);
    for addition in additions.iter().rev() {
        let Addition::File(file) = addition else { continue };
        let text = String::from_utf8_lossy(&file.bytes).into_owned();
        let mut line = serde_json::to_vec(&FileLine { path: file.path.to_string(), text })?;
        line.push(b'\n');
        size += line.len();
        if size > MOST_OF_FILES {
            break;
        }
        lines.push(line);
    }
    lines.reverse();
    Ok(lines.concat())
}

fn rows_in(bytes: &[u8], faults: &mut Vec<String>) -> Vec<Addition> {
    let reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let row = |(index, fields): (usize, csv::Result<csv::StringRecord>)| {
        let record = fields
            .map_err(|error| error.to_string())
            .and_then(|fields| table::parse_row(&fields).map_err(|fault| fault.to_string()));
        let faulty = |fault| faults.push(format!("line {}: {fault}", index + 2));
        record.map_err(faulty).ok().map(Addition::from)
    };
    reader.into_records().enumerate().filter_map(row).collect()
}

fn measurements_in(bytes: &[u8], faults: &mut Vec<String>) -> Vec<Addition> {
    let measurement = |(number, line)| match line {
        Line::Header => None,
        Line::Row(row) => Some(Addition::from(*row)),
        Line::Fault(fault) => {
            faults.push(format!("line {number}: {fault}"));
            None
        }
    };
    measurement::read(bytes).filter_map(measurement).collect()
}

fn files_in(bytes: &[u8], faults: &mut Vec<String>) -> Vec<Addition> {
    let lines = bytes.split(|&b| b == b'\n').enumerate().filter(|(_, line)| !line.is_empty());
    let file = |(index, line): (usize, &[u8])| {
        let read = || -> Result<OwnFile, String> {
            let line: FileLine = serde_json::from_slice(line).map_err(|e| e.to_string())?;
            let path = line.path.parse().map_err(|error| format!("{error}"))?;
            Ok(OwnFile { path, bytes: line.text.into_bytes() })
        };
        let faulty = |fault| faults.push(format!("line {}: {fault}", index + 1));
        read().map_err(faulty).ok().map(Addition::File)
    };
    lines.filter_map(file).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::UtcStamp;
    use crate::record::{Environment, RunId};
    use crate::stages::SpansPath;

    #[test]
    fn of_files_that_are_too_many_the_newest_wait() {
        let environment: Environment = "dev".parse().unwrap();
        let file = |number: u64| {
            let run: RunId = format!("{number:016x}").parse().unwrap();
            let start = UtcStamp::from_unix_seconds(1_700_000_000 + 60 * number);
            let path = SpansPath::new(&environment, start, None, &run);
            Addition::File(OwnFile { path, bytes: vec![b'x'; 1 << 20] })
        };
        let additions: Vec<Addition> = (0..10).map(file).collect();
        let kept = files_in(&files_of(&additions).unwrap(), &mut Vec::new());
        assert_eq!(kept, additions.get(3..).unwrap());
    }
}
