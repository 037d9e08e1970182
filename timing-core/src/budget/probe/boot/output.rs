//! Reads what a command prints, and keeps what its lines say of the boot.
//!
//! Everything is read, so that the command is never held up by a full pipe; of what is read, the
//! beginning of each line is looked at, and little is kept.

use std::collections::BTreeMap;
use std::io::{ErrorKind, PipeReader, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use regex_lite::Regex;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Longest part of a line that is looked at, in bytes.
const LINE_LIMIT: usize = 4096;
/// Most components that are kept.
const MOST_COMPONENTS: usize = 100;
/// How long the end of the reading takes at most once it is wanted.
const STOP_WITHIN: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// What the output said so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Observed {
    /// What each component took, by the last line that says so.
    pub(super) components: BTreeMap<String, Duration>,
    /// How long after the start the line came that says it is ready, and the address in it.
    pub(super) ready: Option<(Duration, Option<String>)>,
    /// The last line that was not blank.
    pub(super) last: String,
}

/// What is looked for, and what was found.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) ready_line: Option<Regex>,
    pub(super) component_line: Option<Regex>,
    pub(super) started: Instant,
    pub(super) observed: Mutex<Observed>,
    pub(super) over: AtomicBool,
}

impl Watch {
    pub(super) fn observed(&self) -> Observed {
        self.observed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads until the pipe ends or nobody wants more.
    pub(super) fn read(&self, mut pipe: PipeReader) {
        let (mut piece, mut line) = ([0; 16 * 1024], Vec::new());
        while !self.over.load(Ordering::Acquire) {
            let mut wait = [PollFd::new(&pipe, PollFlags::IN)];
            if matches!(poll(&mut wait, Some(&STOP_WITHIN)), Ok(0) | Err(rustix::io::Errno::INTR)) {
                continue;
            }
            match pipe.read(&mut piece) {
                Ok(0) => break,
                Ok(length) => self.bytes(&piece[..length], &mut line),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        self.line(&line);
    }

    fn bytes(&self, bytes: &[u8], line: &mut Vec<u8>) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let room = LINE_LIMIT.saturating_sub(line.len());
            line.extend_from_slice(&part[..part.len().min(room)]);
            if part.ends_with(b"\n") {
                self.line(line);
                line.clear();
            }
        }
    }

    fn line(&self, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        let text = text.trim_end();
        if text.is_empty() {
            return;
        }
        let at = self.started.elapsed();
        let component = self.component_line.as_ref().and_then(|pattern| component(pattern, text));
        let ready = self.ready_line.as_ref().and_then(|pattern| pattern.captures(text));
        let mut observed = self.observed.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = &mut observed.components;
        if let Some((name, took)) = component
            && (kept.len() < MOST_COMPONENTS || kept.contains_key(&name))
        {
            kept.insert(name, took);
        }
        if let (Some(ready), None) = (ready, &observed.ready) {
            let address = ready.name("address").map(|address| address.as_str().to_owned());
            observed.ready = Some((at, address));
        }
        text.clone_into(&mut observed.last);
    }
}

/// The name of a component and what it took, where the line says both.
fn component(pattern: &Regex, line: &str) -> Option<(String, Duration)> {
    let groups = pattern.captures(line)?;
    let name = groups.name("name")?.as_str().to_owned();
    let units = [("s", 1.0), ("ms", 1e3), ("us", 1e6)];
    let number = |(unit, per_second): (&str, f64)| {
        Some(groups.name(unit)?.as_str().parse::<f64>().ok()? / per_second)
    };
    let seconds = units.into_iter().find_map(number)?;
    Some((name, Duration::try_from_secs_f64(seconds).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_are_read_in_each_unit_and_nonsense_is_none() {
        let of = |pattern: &str, line| component(&Regex::new(pattern).unwrap(), line);
        let ms = r"^boot component=(?<name>\S+) duration_ms=(?<ms>\S+)";
        let took = |micros| Some(("db".to_owned(), Duration::from_micros(micros)));
        assert_eq!(of(ms, "boot component=db duration_ms=1.5"), took(1500));
        assert_eq!(of("(?<name>db) (?<s>.*)", "db 2"), took(2_000_000));
        assert_eq!(of("(?<name>db) (?<us>.*)", "db 7"), took(7));
        for line in ["boot component=db duration_ms=-1", "boot component=db duration_ms=x", "db"] {
            assert_eq!(of(ms, line), None, "{line}");
        }
        assert_eq!(of("(?<name>db) (?<s>.*)", "db 1e300"), None);
        assert_eq!(of("(?<name>db) (?<s>.*)", "db NaN"), None);
    }
}
