//! The log of a phase: a file of its own under `logs/build-timings/`, framed by two lines of ours.
//!
//! A log that cannot be written is one warning and no more: the step goes on. This module knows
//! nothing of processes and nothing of the registry.

mod frame;
mod read;

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub use frame::{Closing, Opening};
pub use read::{Closed, Frame, Opened, frame, logs};

use crate::clock::UtcStamp;
use crate::record::{BuildId, Environment, LogPath, Phase, RunId};

/// Where logs are, relative to the repository. Readers find them by `*<phase>*<build_id>*.log`.
const DIRECTORY: &str = "logs/build-timings";

/// What a log's name is made of.
#[derive(Debug, Clone, Copy)]
pub struct LogName<'a> {
    /// The phase.
    pub phase: &'a Phase,
    /// Its environment.
    pub environment: &'a Environment,
    /// Its build.
    pub build_id: &'a BuildId,
    /// More about it, such as the cluster; free of anything a path could mind.
    pub suffix: Option<&'a str>,
    /// When it started.
    pub start: UtcStamp,
    /// Its run: two runs of one second never share a log.
    pub run: &'a RunId,
}

impl LogName<'_> {
    /// The path relative to the repository.
    ///
    /// # Errors
    ///
    /// When the suffix is not of a path's characters.
    pub fn path(&self) -> Result<LogPath, crate::record::InvalidName> {
        let Self { phase, environment, build_id, suffix, start, run } = self;
        let suffix = suffix.map(|suffix| format!("-{suffix}")).unwrap_or_default();
        let stamp = start.compact();
        format!("{DIRECTORY}/{phase}-{environment}-{build_id}{suffix}-{stamp}-{run}.log").parse()
    }
}

/// The directory of logs below `repository`, made if it is not there, with a `.gitignore` of its
/// own so that a foreign repository stays clean.
///
/// # Errors
///
/// When the directory cannot be made. A `.gitignore` that cannot be written is an error too: logs
/// would show up as untracked files.
pub fn directory(repository: &Path) -> io::Result<PathBuf> {
    // One that was deleted meanwhile stays deleted.
    if !repository.is_dir() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let directory = repository.join(DIRECTORY);
    std::fs::create_dir_all(&directory)?;
    let ignore = directory.join(".gitignore");
    if !ignore.try_exists()? {
        // Whole or not at all: an empty one, left by a full disk or a kill, would ignore nothing,
        // and whoever comes later would take it for the user's own.
        let next = directory.join(format!(".gitignore.{}", std::process::id()));
        let written = std::fs::write(&next, b"*\n").and_then(|()| std::fs::rename(&next, &ignore));
        written.inspect_err(|_| _ = std::fs::remove_file(&next))?;
    }
    Ok(directory)
}

/// An open log. After its first failed write it swallows everything.
#[derive(Debug)]
pub struct Log {
    file: File,
    path: LogPath,
    ends_in_newline: bool,
    failed: bool,
}

impl Log {
    /// Creates the log `path` below `repository`. A file of that name that exists is an error.
    ///
    /// # Errors
    ///
    /// When the directory or the file cannot be made.
    pub fn create(repository: &Path, path: LogPath) -> io::Result<Self> {
        directory(repository)?;
        let file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .open(repository.join(path.as_str()))?;
        Ok(Self { file, path, ends_in_newline: true, failed: false })
    }

    /// Where it is, relative to the repository.
    #[must_use]
    pub fn path(&self) -> &LogPath {
        &self.path
    }

    /// The file, for a process that goes on writing to it.
    #[must_use]
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Appends `bytes`.
    ///
    /// # Errors
    ///
    /// At the first write that fails, and never again: one warning is enough.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.failed || bytes.is_empty() {
            return Ok(());
        }
        self.ends_in_newline = bytes.last() == Some(&b'\n');
        (&self.file).write_all(bytes).inspect_err(|_| self.failed = true)
    }

    /// Appends a line of ours, on a line of its own whatever came before it.
    ///
    /// # Errors
    ///
    /// As [`Log::write`].
    pub fn line(&mut self, line: impl std::fmt::Display) -> io::Result<()> {
        let newline = if self.ends_in_newline { "" } else { "\n" };
        self.write(format!("{newline}{line}\n").as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(suffix: Option<&str>) -> String {
        LogName {
            phase: &"apply-persistent".parse().unwrap(),
            environment: &"dev".parse().unwrap(),
            build_id: &"persistent".parse().unwrap(),
            suffix,
            start: UtcStamp::from_unix_seconds(1_769_265_807),
            run: &"6974d98fdeadbeef".parse().unwrap(),
        }
        .path()
        .unwrap()
        .to_string()
    }

    #[test]
    fn names_match_the_pattern_of_their_readers() {
        insta::assert_snapshot!(name(None), @"logs/build-timings/apply-persistent-dev-persistent-20260124T144327Z-6974d98fdeadbeef.log");
        insta::assert_snapshot!(name(Some("goldenpath-dev-eks")), @"logs/build-timings/apply-persistent-dev-persistent-goldenpath-dev-eks-20260124T144327Z-6974d98fdeadbeef.log");
    }

    #[test]
    fn the_directory_ignores_itself_and_a_log_is_never_overwritten() {
        let repository = tempfile::tempdir().unwrap();
        let path: LogPath = name(None).parse().unwrap();
        let mut log = Log::create(repository.path(), path.clone()).unwrap();
        log.write(b"no newline").unwrap();
        log.line("a line").unwrap();
        assert!(Log::create(repository.path(), path.clone()).is_err());
        let read = |name: &str| std::fs::read_to_string(repository.path().join(name)).unwrap();
        assert_eq!(read(path.as_str()), "no newline\na line\n");
        assert_eq!(read("logs/build-timings/.gitignore"), "*\n");
    }
}
