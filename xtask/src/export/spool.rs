//! Where runs wait until everybody has been told of them: one file for each beside the journal.
//!
//! A file appears whole or not at all, and goes when nobody is left to be told. It is not forced to
//! the disk: the run has its row, and nobody waits for a disk to tell others of it. Senders take
//! turns by a lock that goes with the process. This module knows files, and nobody who is told.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use timing_core::clock::UtcStamp;
use timing_core::journal::Journal;
use timing_core::record::RunId;

use super::run::FinishedRun;
use super::{Pending, Sink, Unreadable, read, write};
use crate::regular::{self, Links};

/// Below the journal's directory.
const DIRECTORY: &str = "exports";

/// Of a run that waits.
const EXTENSION: &str = "json";

/// Of one that is being written.
const UNBORN: &str = "new";

/// No document is longer: 10,000 spans are 2 MB.
const LONGEST: u64 = 16 << 20;

/// No note of ours is longer, in bytes.
const NOTE: u64 = 16 << 10;

/// What the last sender could not do.
const TROUBLE: &str = "trouble.log";

/// For how long somebody can ask to be left alone.
const LONGEST_HOLD: Duration = Duration::from_secs(86_400);

/// How much may wait. What is beyond goes, the oldest first.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// So many runs.
    pub runs: usize,
    /// So many bytes of them.
    pub bytes: u64,
    /// So long.
    pub age: Duration,
}

impl Bounds {
    /// What holds for everybody.
    pub const USUAL: Self =
        Self { runs: 1000, bytes: 64 << 20, age: Duration::from_secs(30 * 86_400) };
}

/// The runs of a repository that wait.
#[derive(Debug, Clone)]
pub struct Spool(PathBuf);

/// A run that waits, unread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its id, by which it is sorted: the oldest first.
    pub run: RunId,
    /// Its document.
    pub path: PathBuf,
    /// How long that is, in bytes.
    pub bytes: u64,
    /// When it was written.
    pub since: SystemTime,
}

/// What a spool holds.
#[derive(Debug, Default)]
pub struct Contents {
    /// Runs, the oldest first.
    pub waiting: Vec<Waiting>,
    /// Files that are no run's.
    pub strangers: usize,
}

/// The right to send; it goes with this value or with the process.
#[derive(Debug)]
pub struct Turn(Option<File>);

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(file) = &self.0 {
            // What fails here ends with the process.
            let _ = flock(file, FlockOperation::Unlock);
        }
    }
}

impl Spool {
    /// The spool beside `journal`; nothing is touched yet.
    #[must_use]
    pub fn beside(journal: &Journal) -> Self {
        Self(journal.directory().join(DIRECTORY))
    }

    /// Where it is.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.0
    }

    /// Puts down a run of which `sinks` are to be told.
    ///
    /// # Errors
    ///
    /// When the directory or the file cannot be made or written; then nothing is left of it.
    pub fn put(&self, run: &FinishedRun, sinks: &[Sink]) -> io::Result<()> {
        // None above it: a repository that was deleted while a run went on must not come back.
        match fs::create_dir(&self.0) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let path = self.0.join(format!("{}.{EXTENSION}", run.run));
        let sinks = sinks.iter().copied().collect();
        replace(&path, &write(&Pending { sinks, run: run.clone() }))
    }

    /// What waits. A directory that is not there holds nothing.
    ///
    /// # Errors
    ///
    /// When the directory cannot be read.
    pub fn contents(&self) -> io::Result<Contents> {
        let mut contents = Contents::default();
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(contents),
            Err(error) => return Err(error),
        };
        for entry in entries {
            let path = entry?.path();
            match waiting(&path) {
                Some(found) => contents.waiting.push(found),
                None if is_ours(&path) => {}
                None => contents.strangers += 1,
            }
        }
        contents.waiting.sort_by(|a, b| a.run.cmp(&b.run));
        Ok(contents)
    }

    /// Notes that `sink` has been told of the run at `path`, or never will be.
    ///
    /// # Errors
    ///
    /// When the file cannot be replaced or removed: then the sink will be told once more.
    pub fn served(&self, path: &Path, pending: &mut Pending, sink: Sink) -> io::Result<()> {
        pending.sinks.remove(&sink);
        if pending.sinks.is_empty() { remove(path) } else { replace(path, &write(pending)) }
    }

    /// Lets go of one that is no run.
    ///
    /// # Errors
    ///
    /// When the file cannot be removed.
    pub fn discard(&self, waiting: &Waiting) -> io::Result<()> {
        remove(&waiting.path)
    }

    /// Notes that `sink` wants to be left alone for so long, of which a day is believed.
    ///
    /// # Errors
    ///
    /// When that cannot be written.
    pub fn hold(&self, sink: Sink, now: SystemTime, after: Duration) -> io::Result<()> {
        let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let until = now.saturating_add(after.min(LONGEST_HOLD)).as_secs();
        replace(&self.hold_of(sink), format!("{until}\n").as_bytes())
    }

    /// Why `sink` is not to be told now, if it is so.
    #[must_use]
    pub fn held(&self, sink: Sink, now: SystemTime) -> Option<String> {
        let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let text = regular::read(&self.hold_of(sink), NOTE).ok()?;
        let until: u64 = text.trim().parse().ok()?;
        // Beyond what anybody can have noted, somebody has set the clock.
        let is_held = until > now && until - now <= LONGEST_HOLD.as_secs();
        let until = UtcStamp::from_unix_seconds(until);
        is_held.then(|| format!("it asked to be left alone until {until}"))
    }

    /// Notes what the last sender could not do, for the end of the next run; `None` when all is well.
    /// That it cannot be noted is no further trouble.
    pub fn note_trouble(&self, trouble: Option<&str>) {
        let path = self.0.join(TROUBLE);
        let _ = match trouble {
            Some(line) => replace(&path, line.as_bytes()),
            None => remove(&path),
        };
    }

    /// What the last sender could not do.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        let text = regular::read(&self.0.join(TROUBLE), NOTE).ok()?;
        Some(text.lines().next()?.to_owned())
    }

    fn hold_of(&self, sink: Sink) -> PathBuf {
        self.0.join(format!("{sink}.after"))
    }

    /// Lets go of the oldest that are beyond `bounds`; returns them.
    ///
    /// # Errors
    ///
    /// When the directory cannot be read, or a file of it not removed.
    pub fn trim(&self, bounds: &Bounds, now: SystemTime) -> io::Result<Vec<Waiting>> {
        let waiting = self.contents()?.waiting;
        let mut kept = (0, 0);
        let mut dropped = Vec::new();
        for run in waiting.into_iter().rev() {
            let age = now.duration_since(run.since).unwrap_or_default();
            kept = (kept.0 + 1, kept.1 + run.bytes);
            if kept.0 > bounds.runs || kept.1 > bounds.bytes || age > bounds.age {
                remove(&run.path)?;
                dropped.push(run);
            }
        }
        self.sweep(now)?;
        Ok(dropped)
    }

    /// Removes what writers left that died while they wrote.
    fn sweep(&self, now: SystemTime) -> io::Result<()> {
        const LONG_AGO: Duration = Duration::from_secs(3600);
        let Ok(entries) = fs::read_dir(&self.0) else { return Ok(()) };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            let is_unborn = path.extension().is_some_and(|extension| extension == UNBORN);
            let since = fs::symlink_metadata(&path).and_then(|known| known.modified());
            let age = since.ok().and_then(|since| now.duration_since(since).ok());
            if is_unborn && age.is_some_and(|age| age > LONG_AGO) {
                remove(&path)?;
            }
        }
        Ok(())
    }

    /// The right to send, or `None` while somebody else has it.
    ///
    /// # Errors
    ///
    /// When the lock's file cannot be made.
    pub fn turn(&self) -> io::Result<Option<Turn>> {
        let path = self.0.join("lock");
        let file = regular::append(&path, Links::Refused)?;
        loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Some(Turn(Some(file)))),
                Err(Errno::WOULDBLOCK) => return Ok(None),
                Err(Errno::INTR) => {}
                // A file system without locks: what is sent twice is the same spans.
                Err(_) => return Ok(Some(Turn(None))),
            }
        }
    }
}

impl Waiting {
    /// Reads it; `None` when it is gone, because another sender was done with it.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is no run.
    pub fn read(&self) -> Result<Option<Pending>, Unreadable> {
        if self.bytes > LONGEST {
            return Err(Unreadable::Damaged(format!("{} bytes are no run", self.bytes)));
        }
        match fs::read(&self.path) {
            Ok(bytes) => read(&bytes).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Unreadable::Damaged(error.to_string())),
        }
    }
}

/// The run that waits at `path`, if one does: a plain file with a run's name.
fn waiting(path: &Path) -> Option<Waiting> {
    let is_document = path.extension().is_some_and(|extension| extension == EXTENSION);
    let run: RunId = path.file_stem().filter(|_| is_document)?.to_str()?.parse().ok()?;
    let known = fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file)?;
    let since = known.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    Some(Waiting { run, path: path.to_owned(), bytes: known.len(), since })
}

/// Whether a file is one of those that help.
fn is_ours(path: &Path) -> bool {
    let has = |extension: &str| path.extension().is_some_and(|found| found == extension);
    path.file_name().is_some_and(|name| name == "lock") || has(UNBORN) || has("log") || has("after")
}

/// Puts `bytes` at `path` in one go.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let unborn = path.with_extension(UNBORN);
    let written = fs::write(&unborn, bytes).and_then(|()| fs::rename(&unborn, path));
    written.inspect_err(|_| _ = fs::remove_file(&unborn))
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
