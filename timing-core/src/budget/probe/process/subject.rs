//! Something that runs, held to be the same from one reading to the next.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Target, cgroup, linux};
use crate::budget::probe::Unknown;
use crate::shown::shown;

/// A process, or the processes of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// Numbers are given to others once a process is gone: the moment of its start tells them apart.
    Process {
        pid: u32,
        started: u64,
    },
    Cgroup(PathBuf),
}

/// What a subject has of the machine's memory, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Now.
    pub resident: u64,
    /// The most there ever was, where the system says so.
    pub peak: Option<u64>,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Process { pid, .. } => write!(f, "process {pid}"),
            Kind::Cgroup(path) => write!(f, "control group {}", shown(path)),
        }
    }
}

impl Subject {
    /// What `target` names, as long as it is there.
    ///
    /// # Errors
    /// Nobody is there, or the system does not let itself be asked.
    pub fn find(target: &Target) -> Result<Self, Unknown> {
        let process = |pid| {
            linux::start_of(pid)
                .map(|started| Self(Kind::Process { pid, started }))
                .map_err(|why| Unknown::because(format!("process {pid}: {why}")))
        };
        match target {
            Target::Pid(pid) => process(*pid),
            Target::PidFile(path) => process(pid_in(path)?),
            Target::Cgroup(path) => {
                let subject = Self(Kind::Cgroup(path.clone()));
                subject.memory().map(|_| subject)
            }
        }
    }

    /// Whether it is still the one that was found.
    ///
    /// # Errors
    /// It is not.
    pub fn check(&self) -> Result<(), Unknown> {
        let Kind::Process { pid, started } = self.0 else { return Ok(()) };
        match linux::start_of(pid) {
            Ok(now) if now == started => Ok(()),
            Ok(_) => Err(self.unknown("it ended, and its number went to another process")),
            Err(why) => Err(self.unknown(&why)),
        }
    }

    /// Its memory now.
    ///
    /// # Errors
    /// It is gone, or it must not be asked.
    pub fn memory(&self) -> Result<Memory, Unknown> {
        match &self.0 {
            Kind::Process { pid, .. } => linux::memory(*pid),
            Kind::Cgroup(path) => cgroup::memory(path),
        }
        .map_err(|why| self.unknown(&why))
    }

    /// Processor time of all its threads since its start, those that ended included.
    ///
    /// # Errors
    /// It is gone, or it must not be asked.
    pub fn cpu(&self) -> Result<Duration, Unknown> {
        match &self.0 {
            Kind::Process { pid, .. } => linux::cpu(*pid),
            Kind::Cgroup(path) => cgroup::cpu(path),
        }
        .map_err(|why| self.unknown(&why))
    }

    #[cfg(test)]
    pub(super) fn started_at(&self, at: u64) -> Self {
        match &self.0 {
            Kind::Process { pid, .. } => Self(Kind::Process { pid: *pid, started: at }),
            Kind::Cgroup(_) => self.clone(),
        }
    }

    fn unknown(&self, why: &str) -> Unknown {
        Unknown::because(format!("{self}: {why}"))
    }
}

fn pid_in(path: &Path) -> Result<u32, Unknown> {
    let unknown = |why: &str| {
        Unknown::because(format!("the process id in {}: {why}; does it run?", shown(path)))
    };
    if !path.is_file() {
        return Err(unknown("there is no such file"));
    }
    let text = small(path).map_err(|error| unknown(&error.to_string()))?;
    match text.trim().parse() {
        Ok(pid) if pid > 0 => Ok(pid),
        _ => Err(unknown("it holds no number")),
    }
}

/// The text of a file of a few kilobytes.
pub(super) fn small(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(64 * 1024).read_to_string(&mut text)?;
    Ok(text)
}
