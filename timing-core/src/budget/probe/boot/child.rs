//! A command that boots: started, read, looked at, and stopped with all that it started.
//!
//! `capture` runs steps to their end and passes the user's signals on; this one ends its command
//! itself. It stays in our process group, so that Ctrl-C ends it as it ends us. A process is looked
//! up while its parent lives, and is known by its start from then on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::output::{Observed, Watch};
use super::settings::{Checked, Flag};
use crate::budget::probe::Unknown;
use crate::budget::probe::process::{Subject, Target};
use crate::capture::{self, descendants};

/// How long SIGTERM has, and then SIGKILL.
const GRACE: Duration = Duration::from_secs(3);
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// A command that runs; stopped when it is dropped.
#[derive(Debug)]
pub(super) struct Child {
    handle: duct::Handle,
    watch: Arc<Watch>,
    reader: Option<JoinHandle<()>>,
    /// It and all descendants that were ever seen.
    seen: Vec<Seen>,
}

#[derive(Debug)]
struct Seen {
    pid: i32,
    /// `None` where the system does not tell one process of a number from the next.
    subject: Option<Subject>,
}

impl Child {
    /// Starts the command with the flags that are `on`.
    pub(super) fn start(checked: &Checked<'_>, on: &[&Flag]) -> Result<Self, Unknown> {
        let failed = |error: std::io::Error| checked.unknown(&format!("starting it: {error}"));
        let command = capture::Command {
            program: checked.program,
            arguments: checked.arguments,
            environment: &checked.environment(on),
            directory: &checked.settings.directory,
        };
        let (reader, writer) = std::io::pipe().map_err(failed)?;
        let watch = Arc::new(Watch {
            ready_line: checked.ready_line.clone(),
            component_line: checked.component_line.clone(),
            started: Instant::now(),
            observed: std::sync::Mutex::default(),
            over: AtomicBool::new(false),
        });
        let expression =
            capture::expression(&command).stdin_null().stderr_to_stdout().stdout_file(writer);
        let handle = expression.start();
        // It holds our copy of the pipe's write end; the pipe ends only once that is gone.
        drop(expression);
        let mut child =
            Self { handle: handle.map_err(failed)?, watch, reader: None, seen: Vec::new() };
        let watch = Arc::clone(&child.watch);
        let reading = std::thread::Builder::new().spawn(move || watch.read(reader));
        child.reader = Some(reading.map_err(failed)?);
        child.look();
        Ok(child)
    }

    /// What its output said so far.
    pub(super) fn observed(&self) -> Observed {
        self.watch.observed()
    }

    /// The last line of its output, to be put behind a reason.
    pub(super) fn last_words(&self) -> String {
        // What it wrote last may still be on its way.
        std::thread::sleep(LOOK_EVERY * 4);
        match self.observed().last {
            last if last.is_empty() => "; it printed nothing".to_owned(),
            last => format!("; its last line: {}", last.chars().take(150).collect::<String>()),
        }
    }

    /// How it ended, if it has.
    pub(super) fn ended(&self) -> Option<String> {
        match self.handle.try_wait() {
            Ok(None) => None,
            Ok(Some(output)) => Some(output.status.to_string()),
            Err(error) => Some(error.to_string()),
        }
    }

    /// Looks for processes that it started since.
    pub(super) fn look(&mut self) {
        for pid in descendants::of(&self.handle.pids()) {
            let subject =
                u32::try_from(pid).ok().and_then(|pid| Subject::find(&Target::Pid(pid)).ok());
            let known = |seen: &Seen| seen.pid == pid && seen.subject == subject;
            if !self.seen.iter().any(known) {
                self.seen.push(Seen { pid, subject });
            }
        }
    }

    /// Resident bytes of all of its processes together.
    pub(super) fn memory(&self) -> Option<u64> {
        let living = self.seen.iter().filter_map(|seen| seen.subject.as_ref());
        let of = |subject: &Subject| subject.memory().ok().map(|memory| memory.resident);
        living.filter(|subject| subject.check().is_ok()).filter_map(of).reduce(u64::saturating_add)
    }

    fn stop(&mut self) {
        for signal in [Signal::TERM, Signal::KILL] {
            self.look();
            for pid in self.living().into_iter().filter_map(Pid::from_raw) {
                // It may have ended by itself.
                let _ = kill_process(pid, signal);
            }
            let begun = Instant::now();
            while begun.elapsed() < GRACE {
                if self.ended().is_some() && self.living().is_empty() {
                    break;
                }
                std::thread::sleep(LOOK_EVERY);
            }
        }
        self.watch.over.store(true, Ordering::Release);
        if let Some(reader) = self.reader.take() {
            // It ends within the time of one poll; what became of it concerns nobody any more.
            let _ = reader.join();
        }
    }

    /// Those that run, as far as one can tell.
    fn living(&self) -> Vec<i32> {
        let own = descendants::of(&self.handle.pids());
        let lives = |seen: &&Seen| match &seen.subject {
            Some(subject) => subject.check().is_ok(),
            None => own.contains(&seen.pid),
        };
        self.seen.iter().filter(lives).map(|seen| seen.pid).collect()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.stop();
    }
}
