//! What rows are held against: the logs of all work trees, and the journal.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use timing_core::journal::{Journal, Life, Seen};
use timing_core::log;
use timing_core::shown::shown;
use timing_core::verify::{Reading, SeenLog, Started};

use crate::commands::registry::{Site, git};
use crate::settings::{Origin, RegistrySettings};

/// What was found, and what is to be said of it.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    pub(super) logs: Vec<SeenLog>,
    pub(super) started: Vec<Started>,
    pub(super) remarks: Vec<String>,
}

impl Evidence {
    /// Everything that is here; what cannot be read is said.
    pub(super) fn gather(settings: &RegistrySettings, origin: &Origin) -> Self {
        let mut evidence = Self::default();
        let mut places: BTreeSet<PathBuf> = BTreeSet::from([settings.repository.clone()]);
        match Site::find(settings) {
            Ok(site) => {
                places.extend(evidence.take_journal(&site.journal, origin));
                match git(settings).work_trees() {
                    Ok(work_trees) => places.extend(work_trees),
                    Err(error) => evidence.remarks.push(format!(
                        "the work trees are not known, so their logs are not looked at: {error}"
                    )),
                }
            }
            // Rows of a file can be held against logs that are in no repository.
            Err(error) => evidence.remarks.push(format!(
                "only the logs below {} are looked at: {error}",
                shown(&settings.repository)
            )),
        }
        // Links may lead to one directory by two ways.
        let places = places.into_iter().filter_map(|place| place.canonicalize().ok());
        for place in places.collect::<BTreeSet<PathBuf>>() {
            evidence.take_logs(&place);
        }
        evidence
    }

    /// The phases that the journal knows; returns the repositories of their runs.
    fn take_journal(&mut self, journal: &Journal, origin: &Origin) -> Vec<PathBuf> {
        let seen = journal.look().unwrap_or_else(|error| {
            self.remarks.push(format!(
                "the journal in {} cannot be read: {error}",
                shown(journal.directory())
            ));
            Vec::new()
        });
        let (mut places, mut left) = (Vec::new(), 0);
        for (path, seen) in seen {
            match seen {
                Ok(seen) => {
                    left += usize::from(seen.life == Life::Gone);
                    self.started.extend(phases(&seen));
                    places.push(seen.history.repository);
                }
                Err(reason) => self.remarks.push(format!(
                    "{} cannot be read, and its run is not counted: {reason}",
                    shown(&path)
                )),
            }
        }
        if left > 0 && *origin == Origin::Registry {
            let runs = if left == 1 { "run that is gone" } else { "runs that are gone" };
            self.remarks.push(format!(
                "the journal alone has the rows of {left} {runs}: `cargo xtask registry sync` puts \
                 them onto the branch"
            ));
        }
        places
    }

    fn take_logs(&mut self, repository: &Path) {
        let paths = log::logs(repository).unwrap_or_else(|error| {
            self.remarks
                .push(format!("the logs below {} cannot be listed: {error}", shown(repository)));
            Vec::new()
        });
        for path in paths {
            let name = path.strip_prefix(repository).unwrap_or(&path).to_string_lossy();
            let reading = match regular(&path).and_then(|mut file| log::frame(&mut file)) {
                Ok(Some(frame)) => Reading::Framed(frame),
                Ok(None) => Reading::Unframed,
                Err(error) => Reading::Unreadable(error.to_string()),
            };
            self.logs.push(SeenLog { path: name.into_owned(), reading });
        }
    }
}

/// Opens a file that can be read to its end: a pipe among the logs would be waited for.
fn regular(path: &Path) -> std::io::Result<File> {
    if std::fs::metadata(path)?.is_file() {
        File::open(path)
    } else {
        Err(std::io::Error::other("it is no regular file"))
    }
}

/// What started, ended or not.
fn phases(seen: &Seen) -> Vec<Started> {
    let history = &seen.history;
    let ended = history.ended.iter().map(|r| (&r.phase, &r.build_id, r.start));
    let running = history.running.iter().map(|r| (&r.phase, &r.build_id, r.start));
    ended
        .chain(running)
        .map(|(phase, build_id, start)| Started {
            run: history.run.clone(),
            phase: phase.clone(),
            environment: history.environment.clone(),
            build_id: build_id.clone(),
            start,
            life: seen.life,
        })
        .collect()
}
