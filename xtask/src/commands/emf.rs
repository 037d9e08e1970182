//! Lines for CloudWatch on our own stdout, each when its phase has ended.
//!
//! Nobody waits for whoever reads them, and what is wrong with stdout is no part of how a run ends.

use std::io::{self, ErrorKind};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use timing_core::capture::Streams;
use timing_core::clock::{Clock, SystemClock};
use timing_core::record::{Environment, RunId};

use crate::export::metrics::emf::{Phase, line};
use crate::export::run::PipelineResult;
use crate::run::PhaseEnded;

/// How long a reader may take until there is room for a line.
const PATIENCE: Duration = Duration::from_millis(50);

/// The lines of one run.
pub(super) struct EmfLines<'a> {
    environment: &'a Environment,
    run: &'a RunId,
    sha: Option<String>,
    streams: Streams,
    /// Whether a step may have left stdout in the middle of a line.
    may_be_in_a_line: bool,
}

impl<'a> EmfLines<'a> {
    pub(super) fn new(
        environment: &'a Environment,
        run: &'a RunId,
        sha: Option<String>,
        streams: Streams,
    ) -> Self {
        Self { environment, run, sha, streams, may_be_in_a_line: false }
    }

    /// Takes notice of what a step printed.
    pub(super) fn output(&mut self, bytes: &[u8]) {
        match self.streams {
            // The report of the phase, which comes first, is on the same lines, and ends its own.
            Streams::Merged => {}
            // Which of the two it is on is not told.
            Streams::Apart => self.may_be_in_a_line |= !bytes.is_empty(),
        }
    }

    /// Writes the line of `phase`; returns what went wrong.
    pub(super) fn phase_ended(&mut self, phase: &PhaseEnded) -> Option<String> {
        let line = line(&Phase {
            end_millis: u64::try_from(SystemClock.since_epoch().as_millis()).unwrap_or(u64::MAX),
            environment: self.environment.as_str(),
            phase: phase.phase.as_str(),
            ending: PipelineResult::of_phase(phase),
            duration: phase.duration,
            exit_code: phase.exit_code,
            resources: phase.resources,
            run: self.run.as_str(),
            sha: self.sha.as_deref(),
        });
        // A reader of lines passes an empty one over, and would not find one behind a step's words.
        let start = if std::mem::take(&mut self.may_be_in_a_line) { "\n" } else { "" };
        let written = line
            .map_err(io::Error::from)
            .and_then(|line| write_to(io::stdout(), format!("{start}{line}").as_bytes(), PATIENCE));
        match written {
            Ok(()) => None,
            // Whoever went away has seen enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => None,
            Err(error) => Some(format!(
                "the line for CloudWatch about {} was not written to stdout: {error}",
                phase.phase
            )),
        }
    }
}

/// Writes all of `bytes`, if there is room for them in time. Pieces of this size do not block where
/// there is room for any.
fn write_to(out: impl AsFd, bytes: &[u8], patience: Duration) -> io::Result<()> {
    const PIECE: usize = 4096;
    let deadline = Instant::now() + patience;
    let mut rest = bytes;
    while !rest.is_empty() {
        wait_for_room(&out, deadline)?;
        let piece = rest.get(..PIECE).unwrap_or(rest);
        match rustix::io::write(&out, piece) {
            Ok(written) => rest = rest.get(written..).unwrap_or_default(),
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn wait_for_room(out: &impl AsFd, deadline: Instant) -> io::Result<()> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let left = Timespec::try_from(left).map_err(|_| ErrorKind::InvalidInput)?;
        let mut asked = [PollFd::new(out, PollFlags::OUT)];
        match poll(&mut asked, Some(&left)) {
            Ok(0) => {
                return Err(io::Error::new(ErrorKind::TimedOut, "nobody reads it"));
            }
            Ok(_) => return Ok(()),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn a_line_is_written_where_somebody_reads() {
        let (mut reader, writer) = io::pipe().unwrap();
        let text = "x".repeat(10_000);
        write_to(&writer, text.as_bytes(), PATIENCE).unwrap();
        drop(writer);
        let mut read = String::new();
        reader.read_to_string(&mut read).unwrap();
        assert_eq!(read, text);
    }

    #[test]
    fn nobody_waits_for_a_reader_that_does_not_read() {
        let (_reader, writer) = io::pipe().unwrap();
        let started = Instant::now();
        let error = write_to(&writer, &vec![b'x'; 1 << 20], PATIENCE).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    }

    #[test]
    fn a_reader_that_went_away_and_a_full_disk_are_errors_and_no_more() {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let gone = write_to(&writer, b"x", PATIENCE).unwrap_err();
        assert_eq!(gone.kind(), ErrorKind::BrokenPipe);
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        assert_eq!(write_to(&full, b"x", PATIENCE).unwrap_err().kind(), ErrorKind::StorageFull);
    }
}
