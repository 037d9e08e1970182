//! Entries that nobody owns any more.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};

use super::history::{self, Fault, History};
use super::{DAMAGED, EXTENSION, Journal, UNBORN};

/// An entry whose owner is gone, locked so that nobody else takes it.
#[derive(Debug)]
pub struct Left {
    /// What it says.
    pub history: History,
    path: PathBuf,
    _lock: File,
}

/// An entry that could not be read, and what was done with it.
#[derive(Debug)]
pub struct SetAside {
    /// Where it is now.
    pub path: PathBuf,
    /// Why.
    pub fault: Fault,
}

/// Whether the process of a run is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// It is.
    Living,
    /// It is not.
    Gone,
}

/// An entry that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// What it says.
    pub history: History,
    /// Whether its run goes on.
    pub life: Life,
}

/// All entries of a journal but those of living runs.
#[derive(Debug, Default)]
pub struct Leftovers {
    /// Entries to be taken along.
    pub entries: Vec<Left>,
    /// Entries that stay where they are, or were moved aside.
    pub set_aside: Vec<SetAside>,
    /// How many belong to runs that live.
    pub living: usize,
}

impl Journal {
    /// Takes possession of every entry whose owner is gone. A damaged one is moved aside, and what
    /// could be read of it is taken along; one of a newer format is left alone.
    ///
    /// # Errors
    ///
    /// When the directory cannot be read; one that is not there holds nothing.
    pub fn leftovers(&self) -> io::Result<Leftovers> {
        let mut found = Leftovers::default();
        for path in self.entries()? {
            self.look_at(path, &mut found);
        }
        for path in self.files(UNBORN)? {
            discard_unborn(&path);
        }
        Ok(found)
    }

    /// What the entries say, of runs that live and of runs that are gone, without taking possession
    /// of any. Each with its file; one that cannot be read with the reason in words.
    ///
    /// # Errors
    ///
    /// When the directory cannot be read; one that is not there holds nothing.
    pub fn look(&self) -> io::Result<Vec<(PathBuf, Result<Seen, String>)>> {
        let mut seen = Vec::new();
        for path in self.entries()? {
            // Whether it lives is asked first: what ends in between is then taken for living, and
            // nothing of it for interrupted.
            let life = if Self::is_owned(&path)? { Life::Living } else { Life::Gone };
            let bytes = match std::fs::read(&path) {
                Ok(bytes) => bytes,
                // Its rows went to the branch meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => {
                    seen.push((path, Err(error.to_string())));
                    continue;
                }
            };
            let history = match history::read(&bytes) {
                Err(Fault::Damaged { salvaged: Some(history), .. }) => Ok(*history),
                other => other.map_err(|fault| fault.to_string()),
            };
            seen.push((path, history.map(|history| Seen { history, life })));
        }
        Ok(seen)
    }

    /// The files of all entries, the oldest first.
    pub(super) fn entries(&self) -> io::Result<Vec<PathBuf>> {
        self.files(EXTENSION)
    }

    /// Whether the run of the entry at `path` lives.
    pub(super) fn is_owned(path: &Path) -> io::Result<bool> {
        match File::open(path) {
            Ok(file) => Ok(flock(&file, FlockOperation::NonBlockingLockShared).is_err()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn files(&self, extension: &str) -> io::Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        match std::fs::read_dir(self.directory()) {
            Ok(directory) => {
                for entry in directory {
                    paths.push(entry?.path());
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        paths.retain(|path| path.extension().is_some_and(|found| found == extension));
        // Run ids sort by age, and older rows come first.
        paths.sort();
        Ok(paths)
    }

    fn look_at(&self, path: PathBuf, found: &mut Leftovers) {
        let (lock, bytes) = match possess(&path) {
            Ok(Possession::Ours(lock, bytes)) => (lock, bytes),
            Ok(Possession::Owned) => {
                found.living += 1;
                return;
            }
            Ok(Possession::Gone) => return,
            Err(error) => {
                let reason = format!("it cannot be read: {error}");
                let fault = Fault::Damaged { line: 0, reason, salvaged: None };
                found.set_aside.push(SetAside { path, fault });
                return;
            }
        };
        match history::read(&bytes) {
            Ok(history) => found.entries.push(Left { history, path, _lock: lock }),
            Err(fault @ Fault::Newer { .. }) => found.set_aside.push(SetAside { path, fault }),
            Err(mut fault) => {
                let aside = self.move_aside(&path).unwrap_or(path);
                if let Fault::Damaged { salvaged, .. } = &mut fault
                    && let Some(history) = salvaged.take()
                {
                    let entry = Left { history: *history, path: aside.clone(), _lock: lock };
                    found.entries.push(entry.kept());
                }
                found.set_aside.push(SetAside { path: aside, fault });
            }
        }
    }

    fn move_aside(&self, path: &Path) -> io::Result<PathBuf> {
        let directory = self.directory().join(DAMAGED);
        std::fs::create_dir_all(&directory)?;
        let aside = directory.join(path.file_name().unwrap_or_default());
        std::fs::rename(path, &aside)?;
        Ok(aside)
    }
}

impl Left {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The same, of which no file goes when it is settled.
    fn kept(self) -> Self {
        Self { path: PathBuf::new(), ..self }
    }

    /// Removes it: its rows are where they belong.
    ///
    /// # Errors
    ///
    /// When the file cannot be removed; its rows are then found again, and added to nothing twice.
    pub fn settle(self) -> io::Result<()> {
        if self.path.as_os_str().is_empty() {
            return Ok(());
        }
        std::fs::remove_file(&self.path)
    }
}

enum Possession {
    Ours(File, Vec<u8>),
    /// Its run lives.
    Owned,
    /// Somebody else settled it meanwhile.
    Gone,
}

fn possess(path: &Path) -> io::Result<Possession> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Possession::Gone),
        Err(error) => return Err(error),
    };
    if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
        return Ok(Possession::Owned);
    }
    // Whoever had the lock before may have removed it between our opening and our locking.
    let is_still_there = std::fs::metadata(path)
        .is_ok_and(|now| file.metadata().is_ok_and(|own| own.ino() == now.ino()));
    if !is_still_there {
        return Ok(Possession::Gone);
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(Possession::Ours(file, bytes))
}

/// How old an empty entry has to be before it is taken for one that nobody is making any more:
/// between being made and being locked it looks like one whose run has died.
const ABANDONED: Duration = Duration::from_secs(3600);

/// An entry whose run died before it had started anything.
fn discard_unborn(path: &Path) {
    let is_abandoned = || -> io::Result<bool> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        // Its maker writes only what it has locked, and holds the lock for as long as it lives.
        let was_locked = metadata.len() > 0;
        Ok(if was_locked {
            flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok()
        } else {
            metadata.modified()?.elapsed().is_ok_and(|age| age > ABANDONED)
        })
    };
    if is_abandoned().unwrap_or(false) {
        // What stays is looked at again next time.
        let _ = std::fs::remove_file(path);
    }
}
