//! Rows that are on the local branch and not yet where the push policy wants them.
//!
//! The local branch is only a cache: somebody may reset it, another recorder does so as a matter of
//! course. So a row stays here until it has been seen where it belongs. One CSV file, replaced as a
//! whole; only the holder of the append lock writes it.

use std::fs::File;
use std::io::{self, Write};

use super::{AppendLock, DAMAGED, Journal};
use crate::record::TimingRecord;
use crate::table;

const FILE: &str = "outbox.csv";

impl Journal {
    /// The rows that wait, and the lines of the file that are no rows.
    ///
    /// # Errors
    ///
    /// When the file cannot be read; one that is not there holds nothing.
    pub fn outbox(&self) -> io::Result<(Vec<TimingRecord>, Vec<String>)> {
        let bytes = self.outbox_bytes()?;
        let (mut records, mut others) = (Vec::new(), Vec::new());
        let reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes.as_slice());
        for (index, fields) in reader.into_records().enumerate() {
            let fault = match fields {
                Ok(fields) => match table::parse_row(&fields) {
                    Ok(record) => {
                        records.push(record);
                        continue;
                    }
                    Err(fault) => fault.to_string(),
                },
                Err(error) => error.to_string(),
            };
            others.push(format!("{FILE} line {}: {fault}", index + 2));
        }
        if !others.is_empty() {
            self.keep_copy(&bytes)?;
        }
        Ok((records, others))
    }

    /// The outbox as it stands.
    ///
    /// # Errors
    ///
    /// When the file cannot be read; one that is not there holds nothing.
    pub fn outbox_bytes(&self) -> io::Result<Vec<u8>> {
        match std::fs::read(self.directory().join(FILE)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            read => read,
        }
    }

    /// What cannot be read is not written back either; the file as it was goes to the damaged ones.
    fn keep_copy(&self, bytes: &[u8]) -> io::Result<()> {
        let directory = self.directory().join(DAMAGED);
        std::fs::create_dir_all(&directory)?;
        std::fs::write(directory.join(FILE), bytes)
    }

    /// Makes `records` the rows that wait, durably.
    ///
    /// # Errors
    ///
    /// When the file cannot be written, or not for sure; entries whose rows it holds have to stay.
    pub fn set_outbox(&self, _turn: &AppendLock, records: &[TimingRecord]) -> io::Result<()> {
        let path = self.directory().join(FILE);
        if records.is_empty() {
            return match std::fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            };
        }
        let next = self.directory().join("outbox.next");
        let mut file = File::create(&next)?;
        file.write_all(&table::append(b"", &table::rows(records)))?;
        file.sync_data()?;
        std::fs::rename(&next, &path)?;
        // Entries whose rows are in it go next: they must not be gone before it is there.
        File::open(self.directory())?.sync_data()
    }
}
