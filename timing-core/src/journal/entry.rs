//! The entry of a run that lives: locked, appended to, released.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::line::{self, FORMAT, FORMAT_OF_PHASES, Line};
use super::{EXTENSION, Journal, UNBORN};
use crate::budget::measurement::{self, Measurement};
use crate::clock::UtcStamp;
use crate::record::{BuildId, Environment, Flags, LogPath, Phase, RunId, TimingRecord};
use crate::stages::{self, PhaseSpans, Span};
use crate::table;

/// What is known of a run when it starts.
#[derive(Debug, Clone)]
pub struct RunStart<'a> {
    /// Its id.
    pub run: &'a RunId,
    /// When it started.
    pub start: UtcStamp,
    /// What was asked for: `deploy-persistent`.
    pub target: &'a str,
    /// Where.
    pub environment: &'a Environment,
    /// Who records: `xtask 0.1.0`.
    pub recorder: &'a str,
    /// What log paths are relative to.
    pub repository: &'a Path,
    /// The commit that is deployed.
    pub source_sha: Option<String>,
    /// Its branch.
    pub source_branch: Option<String>,
    /// What it will have to say.
    pub work: Work,
}

/// What a run does, as far as its entry is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// It goes through phases.
    Phases,
    /// It measures, of which older versions know nothing: they leave such an entry alone.
    Measuring,
}

/// What is known of a phase when it starts.
#[derive(Debug, Clone, Copy)]
pub struct PhaseStart<'a> {
    /// The phase.
    pub phase: &'a Phase,
    /// Its build.
    pub build_id: &'a BuildId,
    /// When it started.
    pub start: UtcStamp,
    /// What it was given.
    pub flags: &'a Flags,
    /// Its log, when there is one.
    pub log_path: Option<&'a LogPath>,
}

/// The journal of one run, held by a lock that goes with this value or with the process.
///
/// What cannot be written is tried again with what comes next, so the file always says a beginning
/// of what happened: whatever ended before the first failure is safe there.
#[derive(Debug)]
pub struct Entry {
    file: File,
    path: PathBuf,
    /// What the file does not hold yet, from the byte on at which it stops.
    unwritten: Vec<u8>,
}

/// The entry of a run that has ended.
#[derive(Debug)]
pub enum Finished {
    /// It says all, and is there for whoever has the turn.
    Complete(PathBuf),
    /// It says less than happened: read by itself it would call phases interrupted that ended. So
    /// it stays locked, and the run has to bring its rows elsewhere.
    Incomplete(Entry),
}

impl Journal {
    /// Creates the entry of a run, durably: it is on disk when this returns.
    ///
    /// # Errors
    ///
    /// When the directory or the file cannot be made, locked or written.
    pub fn create(&self, start: &RunStart<'_>) -> io::Result<Entry> {
        self.make_directory()?;
        let path = self.directory().join(format!("{}.{EXTENSION}", start.run));
        if path.exists() {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, "another run has this id"));
        }
        let file = self.bear(start, &path)?;
        File::open(self.directory())?.sync_data()?;
        Ok(Entry { file, path, unwritten: Vec::new() })
    }

    /// The entry at `path`, locked and begun.
    fn bear(&self, start: &RunStart<'_>, path: &Path) -> io::Result<File> {
        let unborn = self.directory().join(format!("{}.{UNBORN}", start.run));
        let file = OpenOptions::new().append(true).create_new(true).open(&unborn)?;
        let born = || -> io::Result<()> {
            // Under its own name only once it is locked: whoever finds an unlocked entry takes its
            // owner for dead. A file system without locks has to do without.
            let locked = flock(&file, FlockOperation::NonBlockingLockExclusive);
            if locked == Err(Errno::WOULDBLOCK) {
                return Err(Errno::WOULDBLOCK.into());
            }
            (&file).write_all(&bytes_of(&Line::RunStarted(run_started(start)))?)?;
            file.sync_data()?;
            std::fs::rename(&unborn, path)
        };
        born().inspect_err(|_| _ = std::fs::remove_file(&unborn))?;
        Ok(file)
    }
}

fn run_started(start: &RunStart<'_>) -> line::RunStarted {
    line::RunStarted {
        format: match start.work {
            Work::Phases => FORMAT_OF_PHASES,
            Work::Measuring => FORMAT,
        },
        run: start.run.to_string(),
        start: start.start.to_string(),
        target: start.target.to_owned(),
        environment: start.environment.to_string(),
        recorder: start.recorder.to_owned(),
        repository: start.repository.to_string_lossy().into_owned(),
        source_sha: start.source_sha.clone(),
        source_branch: start.source_branch.clone(),
    }
}

impl Entry {
    /// Where the entry is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Notes that a phase has started.
    ///
    /// # Errors
    ///
    /// When the file cannot be written, and was not known to be so.
    pub fn phase_started(&mut self, phase: &PhaseStart<'_>) -> io::Result<()> {
        let line = Line::PhaseStarted(line::PhaseStarted {
            phase: phase.phase.to_string(),
            build_id: phase.build_id.to_string(),
            start: phase.start.to_string(),
            flags: phase.flags.to_string(),
            log_path: phase.log_path.map(LogPath::to_string),
        });
        self.append(&line)
    }

    /// Notes that the innermost running phase has ended, as its row, and what was seen in it.
    ///
    /// # Errors
    ///
    /// When the file cannot be written, and was not known to be so.
    pub fn phase_ended(&mut self, record: &TimingRecord, spans: &[Span]) -> io::Result<()> {
        let row = table::rows(std::slice::from_ref(record));
        let row = String::from_utf8_lossy(&row).trim_end().to_owned();
        self.append(&Line::PhaseEnded { row, spans: spans_of(record, spans) })
    }

    /// Notes what was measured, as its row.
    ///
    /// # Errors
    ///
    /// When the file cannot be written, and was not known to be so.
    pub fn measured(&mut self, measurement: &Measurement) -> io::Result<()> {
        let row = measurement::rows([measurement]);
        self.append(&Line::Measured { row: String::from_utf8_lossy(&row).trim_end().to_owned() })
    }

    /// Lets go of it, if it says all that happened.
    #[must_use]
    pub fn finish(mut self) -> Finished {
        match self.write() {
            Ok(()) => Finished::Complete(self.path),
            Err(_) => Finished::Incomplete(self),
        }
    }

    /// Removes it: its rows are where they belong, or its run ended before any phase of it started.
    /// It stays locked until it is gone, so that nobody takes it for one that was left behind.
    ///
    /// # Errors
    ///
    /// When the file cannot be removed.
    pub fn remove(self) -> io::Result<()> {
        std::fs::remove_file(&self.path)
    }

    fn append(&mut self, line: &Line) -> io::Result<()> {
        let failed_before = !self.unwritten.is_empty();
        self.unwritten.extend(bytes_of(line)?);
        match self.write() {
            Err(_) if failed_before => Ok(()),
            other => other,
        }
    }

    /// Writes what is not written. Usually it is one write of one line: a reader finds whole lines,
    /// but for the last one of a full disk or a power cut.
    fn write(&mut self) -> io::Result<()> {
        while !self.unwritten.is_empty() {
            match self.file.write(&self.unwritten) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => drop(self.unwritten.drain(..written)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// The spans of the phase as text; `None` when there are none.
fn spans_of(record: &TimingRecord, spans: &[Span]) -> Option<String> {
    if spans.is_empty() {
        return None;
    }
    let phase = PhaseSpans { phase: record.phase.clone(), spans: spans.to_vec() };
    String::from_utf8(stages::write(&[phase])).ok()
}

fn bytes_of(line: &Line) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(row: &str) -> Line {
        Line::PhaseEnded { row: row.to_owned(), spans: None }
    }

    #[test]
    fn what_a_full_disk_refused_is_written_when_there_is_room() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("entry");
        let open = || OpenOptions::new().append(true).create(true).open(&path).unwrap();
        let full = || OpenOptions::new().write(true).open("/dev/full");
        let Ok(no_room) = full() else {
            eprintln!("SKIPPED: there is no /dev/full here");
            return;
        };
        let mut entry = Entry { file: open(), path: path.clone(), unwritten: Vec::new() };
        entry.append(&line("one")).unwrap();
        let room = std::mem::replace(&mut entry.file, no_room);
        assert!(entry.append(&line("two")).is_err(), "the first failure is said");
        assert!(entry.append(&line("three")).is_ok(), "and no other");
        // Half of a line had found room.
        let half = bytes_of(&line("two")).unwrap().len() / 2;
        let bytes: Vec<u8> = entry.unwritten.drain(..half).collect();
        (&room).write_all(&bytes).unwrap();
        let Finished::Incomplete(mut entry) = entry.finish() else { panic!("it lacks two lines") };
        entry.file = room;
        entry.append(&line("four")).unwrap();
        entry.file = full().unwrap();
        assert!(entry.append(&line("five")).is_err(), "a failure after a success is news");
        entry.file = open();
        assert!(matches!(entry.finish(), Finished::Complete(_)));
        let whole: Vec<u8> = ["one", "two", "three", "four", "five"]
            .iter()
            .flat_map(|row| bytes_of(&line(row)).unwrap())
            .collect();
        assert_eq!(std::fs::read(&path).unwrap(), whole);
    }
}
