//! Measurements on their way to the registry and back.
//!
//! What was measured goes the way of rows: journal, branch, and from there where the push policy
//! wants it. Nothing here returns an error, and none of it changes what a command exits with.

use std::io::Write;

use timing_core::budget::{Commit, Measurement, Version};
use timing_core::capture::Streams;
use timing_core::clock::{Clock, SystemClock, UtcStamp};
use timing_core::deposit;
use timing_core::git::Git;
use timing_core::journal::Work;
use timing_core::record::{Environment, RunId};

use crate::commands::registry::Site;
use crate::commands::share;
use crate::commands::target::sharing;
use crate::launch::{Variables, user_environment};
use crate::session::{Kept, Opening, Report, Session, shield};
use crate::settings::RegistrySettings;
use crate::ui::{self, Decoration, Message, Reporter};

/// What is stored.
#[derive(Debug, Default)]
pub(in crate::commands) struct Stored {
    /// Each once.
    pub(in crate::commands) measurements: Vec<Measurement>,
    /// What could not be read, a line each.
    pub(in crate::commands) faults: Vec<String>,
}

/// All measurements of this clone: as they were last fetched, on the local branch, in the journal;
/// the first that is found is believed. Where there is no repository, there are none.
pub(in crate::commands) fn stored(registry: &RegistrySettings) -> Stored {
    let found = shield("reading measurements", || {
        let site = Site::find(registry)?;
        deposit::measurements(&site.journal, &site.registry).map_err(Into::into)
    });
    let refused = |reason: String| Stored {
        measurements: Vec::new(),
        faults: vec![format!("the registry's measurements were not read: {reason}")],
    };
    match found {
        Ok(Ok(found)) => Stored { measurements: found.measurements, faults: found.warnings },
        Ok(Err(error)) => refused(crate::commands::registry::Failure::to_string(&error)),
        Err(reason) => refused(reason),
    }
}

/// What the measurements of one check have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::commands) struct Stamp {
    /// The check.
    pub(in crate::commands) run: RunId,
    /// When it began.
    pub(in crate::commands) time: UtcStamp,
    /// What is checked out.
    pub(in crate::commands) commit: Option<Commit>,
    /// The tag of that commit; of several the highest version.
    pub(in crate::commands) version: Option<Version>,
}

/// The stamp of a check that begins now; what git does not tell is not known.
pub(in crate::commands) fn stamp(registry: &RegistrySettings) -> Stamp {
    let time = SystemClock.now();
    let git = git(registry, &variables());
    let head = || git.discover().ok()?.into_repository().ok()?.head;
    let head = shield("looking at the commit", head).ok().flatten();
    let tags = head.and_then(|commit| git.tags_at(commit).ok()).unwrap_or_default();
    Stamp {
        run: RunId::generate(time),
        time,
        commit: head.and_then(|commit| commit.to_string().parse().ok()),
        version: tags.iter().find_map(|tag| tag.parse().ok()),
    }
}

/// What became of measurements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) enum Outcome {
    /// There were none.
    Nothing,
    /// They are on the branch.
    OnBranch,
    /// They are in the journal, and the next run takes them along.
    InJournal,
    /// They are in a file, or only in the messages.
    Kept,
}

/// What became of measurements, and what is to be said of it on stderr.
#[derive(Debug)]
pub(in crate::commands) struct Recorded {
    #[cfg_attr(not(test), allow(dead_code, reason = "the messages say it, and tests ask"))]
    pub(in crate::commands) outcome: Outcome,
    pub(in crate::commands) messages: Vec<Message>,
}

impl Recorded {
    /// Says it.
    pub(in crate::commands) fn say(&self) {
        let mut stderr = std::io::stderr().lock();
        for message in &self.messages {
            // Nobody is left to be told when it is closed.
            let _ = match message {
                Message::Note(note) => writeln!(stderr, "{note}"),
                Message::Warning(warning) => writeln!(stderr, "warning: {warning}"),
            };
        }
    }
}

/// Records `measurements`: in the journal, on the branch in one commit, and on to where the push
/// policy wants them.
#[cfg(test)]
fn record(
    registry: &RegistrySettings,
    environment: &Environment,
    stamp: &Stamp,
    measurements: &[Measurement],
) -> Recorded {
    let mut recording = Recording::open(registry, environment, stamp);
    measurements.iter().cloned().for_each(|measurement| recording.note(measurement));
    recording.close()
}

/// The recording of one check. What it has noted outlives a check that is killed.
pub(in crate::commands) struct Recording<'a> {
    registry: &'a RegistrySettings,
    environment: &'a Environment,
    variables: Variables,
    session: Option<Session<'a>>,
    messages: Vec<Message>,
    noted: usize,
}

impl<'a> Recording<'a> {
    /// Puts an entry into the journal.
    pub(in crate::commands) fn open(
        registry: &'a RegistrySettings,
        environment: &'a Environment,
        stamp: &'a Stamp,
    ) -> Self {
        static CLOCK: SystemClock = SystemClock;
        let variables = variables();
        let opening = Opening {
            repository: &registry.repository,
            git: git(registry, &variables),
            branch: registry.branch.clone(),
            remote: registry.remote.clone(),
            sharing: sharing(registry.push),
            environment,
            target: "budget",
            run: &stamp.run,
            work: Work::Measuring,
        };
        let opened =
            shield("opening the recording", || Session::open(opening, &CLOCK, CLOCK.now()));
        let (session, messages) = match opened {
            Ok((session, warnings)) => {
                (Some(session), warnings.into_iter().map(Message::Warning).collect())
            }
            Err(reason) => {
                let warning = format!("nothing that is measured is recorded: {reason}");
                (None, vec![Message::Warning(warning)])
            }
        };
        Self { registry, environment, variables, session, messages, noted: 0 }
    }

    /// Puts a measurement into the journal.
    pub(in crate::commands) fn note(&mut self, measurement: Measurement) {
        self.noted += 1;
        let Some(session) = &mut self.session else { return };
        let warning = shield("noting a measurement", || session.measured(measurement));
        self.messages.extend(warning.unwrap_or_else(Some).map(Message::Warning));
    }

    /// Appends what was noted to the branch, and sends it on.
    pub(in crate::commands) fn close(mut self) -> Recorded {
        let session = self.session.take();
        if self.noted == 0 {
            let discarded = shield("closing the recording", || session.and_then(Session::discard));
            self.messages.extend(discarded.unwrap_or_else(Some).map(Message::Warning));
            return Recorded { outcome: Outcome::Nothing, messages: self.messages };
        }
        let report = shield("closing the recording", || session.and_then(Session::close));
        let report = report.unwrap_or_else(|reason| {
            self.messages.push(Message::Warning(reason));
            None
        });
        self.messages.extend(report.iter().flat_map(ui::rows));
        self.share(report.as_ref().map_or(0, Report::waiting));
        let outcome = match report {
            Some(Report::Recorded { .. } | Report::TakenAlong { .. }) => Outcome::OnBranch,
            Some(Report::NotRecorded { kept: Kept::Journal(_), .. }) => Outcome::InJournal,
            Some(Report::NotRecorded { .. }) | None => Outcome::Kept,
        };
        Recorded { outcome, messages: self.messages }
    }

    fn share(&mut self, waiting: usize) {
        let (mut said, environment) = (Vec::new(), self.environment.clone());
        let streams = Streams::of_this_process();
        let mut reporter = Reporter::new(&mut said, Decoration::Plain, environment, streams);
        let shared = shield("sending the rows", || {
            share::after_run(waiting, self.registry, &self.variables, &mut reporter);
        });
        drop(reporter);
        let said = String::from_utf8_lossy(&said);
        self.messages.extend(said.lines().map(|line| Message::Note(line.to_owned())));
        self.messages.extend(shared.err().map(Message::Warning));
    }
}

fn variables() -> Variables {
    user_environment(std::env::vars_os().collect(), env!("CARGO_MANIFEST_DIR"))
}

fn git(registry: &RegistrySettings, variables: &Variables) -> Git {
    Git::new(&registry.repository, variables.iter().cloned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::settings::{Place, Push};
    use timing_core::budget::{Amount, Statistic, Unit};
    use timing_core::record::Flags;

    #[expect(clippy::disallowed_types, reason = "a repository to record in")]
    fn git(directory: &Path, arguments: &[&str]) {
        let identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"];
        let mut git = std::process::Command::new("git");
        git.args(identity).args(arguments).current_dir(directory);
        let done = git.output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    fn settings(directory: &Path) -> RegistrySettings {
        RegistrySettings {
            repository: directory.canonicalize().unwrap(),
            branch: "governance-registry".parse().unwrap(),
            remote: "origin".parse().unwrap(),
            push: Push::Never,
            place: Place::Workstation,
        }
    }

    fn measurement(metric: &str, stamp: &Stamp) -> Measurement {
        Measurement {
            time: stamp.time,
            metric: metric.parse().unwrap(),
            environment: "dev".parse().unwrap(),
            unit: Unit::Seconds,
            statistic: Statistic::Last,
            value: Amount::whole(3),
            samples: 1,
            commit: stamp.commit.clone(),
            version: stamp.version.clone(),
            run: Some(stamp.run.clone()),
            flags: Flags::default(),
        }
    }

    #[test]
    fn what_is_recorded_is_stored_once_with_its_commit_and_tag() {
        let directory = tempfile::tempdir().unwrap();
        git(directory.path(), &["init", "-q", "-b", "main"]);
        git(directory.path(), &["commit", "-q", "--allow-empty", "-m", "The platform"]);
        git(directory.path(), &["tag", "v1.9.0"]);
        git(directory.path(), &["tag", "v1.10.0"]);
        let (registry, environment) = (settings(directory.path()), "dev".parse().unwrap());
        let stamp = stamp(&registry);
        assert!(stamp.commit.is_some());
        assert_eq!(stamp.version.as_ref().map(Version::as_str), Some("v1.10.0"));
        assert_eq!(record(&registry, &environment, &stamp, &[]).outcome, Outcome::Nothing);
        let rows = [measurement("boot", &stamp), measurement("size", &stamp)];
        let recorded = record(&registry, &environment, &stamp, &rows);
        assert_eq!(recorded.outcome, Outcome::OnBranch, "{:?}", recorded.messages);
        assert_eq!(recorded.messages.len(), 1, "{:?}", recorded.messages);
        let again = record(&registry, &environment, &stamp, &rows);
        assert_eq!(again.outcome, Outcome::OnBranch, "{:?}", again.messages);
        let stored = stored(&registry);
        assert_eq!((stored.measurements, stored.faults), (rows.to_vec(), Vec::new()));
    }

    #[test]
    fn a_check_that_is_killed_has_measured_all_the_same() {
        let directory = tempfile::tempdir().unwrap();
        git(directory.path(), &["init", "-q", "-b", "main"]);
        let (registry, environment) = (settings(directory.path()), "dev".parse().unwrap());
        let (first, second) = (stamp(&registry), stamp(&registry));
        let mut killed = Recording::open(&registry, &environment, &first);
        killed.note(measurement("boot", &first));
        drop(killed);
        let recorded = record(&registry, &environment, &second, &[measurement("size", &second)]);
        assert!(
            matches!(&recorded.messages[..], [_, Message::Note(note)] if note.contains("took along 1 row")),
            "{:?}",
            recorded.messages
        );
        assert_eq!(stored(&registry).measurements.len(), 2);
    }

    #[test]
    fn where_there_is_no_repository_nothing_fails() {
        let directory = tempfile::tempdir().unwrap();
        let (registry, environment) = (settings(directory.path()), "dev".parse().unwrap());
        let stamp = stamp(&registry);
        assert_eq!((&stamp.commit, &stamp.version), (&None, &None));
        let rows = [measurement("boot", &stamp)];
        assert_eq!(record(&registry, &environment, &stamp, &rows).outcome, Outcome::Kept);
        assert_eq!(stored(&registry).faults.len(), 1);
    }
}
