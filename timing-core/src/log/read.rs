//! Logs read back: which there are, and what the frame of one says.
//!
//! Of a log only its beginning and its end are read, however long it is.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::DIRECTORY;
use crate::clock::UtcStamp;
use crate::record::{BuildId, Environment, ExitCode, Phase, RunId};

/// What a log says of its phase in lines of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Its first line.
    pub opened: Opened,
    /// Its last line; a run that was killed has none, and neither is it found when a process that
    /// outlived the run wrote more than 1 MiB behind it.
    pub closed: Option<Closed>,
}

/// What the first line says, but for the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// When the phase started.
    pub start: UtcStamp,
    /// The phase.
    pub phase: Phase,
    /// Its environment.
    pub environment: Environment,
    /// Its build.
    pub build_id: BuildId,
    /// Its run.
    pub run: RunId,
}

/// What the last line says of the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// When the phase ended.
    pub end: UtcStamp,
    /// How it ended.
    pub exit_code: ExitCode,
}

impl Frame {
    /// Whole seconds between the stamps of both lines; negative where the last is the earlier one.
    #[must_use]
    pub fn duration_seconds(&self) -> Option<i64> {
        Some(seconds(self.closed?.end) - seconds(self.opened.start))
    }
}

fn seconds(stamp: UtcStamp) -> i64 {
    // The scale of stamps ends long before this one does.
    i64::try_from(stamp.unix_seconds()).unwrap_or(i64::MAX)
}

/// How much is read of the beginning: what stands before the command is shorter by far.
const HEAD: u64 = 4096;

/// How much is read of the end, until the last line is found.
const TAILS: [u64; 3] = [4096, 64 * 1024, 1024 * 1024];

/// The logs below `repository`, by name; those of other recorders too.
///
/// # Errors
///
/// When the directory cannot be read; one that is not there holds none.
pub fn logs(repository: &Path) -> io::Result<Vec<PathBuf>> {
    let directory = match std::fs::read_dir(repository.join(DIRECTORY)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let mut logs = Vec::new();
    for entry in directory {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "log") {
            logs.push(path);
        }
    }
    logs.sort();
    Ok(logs)
}

/// The frame of `log`; `None` when it does not begin with a line of ours.
///
/// # Errors
///
/// When it cannot be read.
pub fn frame(log: &mut (impl Read + Seek)) -> io::Result<Option<Frame>> {
    let Some(opened) = opened(first_line(&piece(log, 0, HEAD)?)) else { return Ok(None) };
    let length = log.seek(SeekFrom::End(0))?;
    for tail in TAILS {
        let from = length.saturating_sub(tail);
        let closed = closed(&piece(log, from, tail)?, &opened.phase);
        if closed.is_some() || from == 0 {
            return Ok(Some(Frame { opened, closed }));
        }
    }
    Ok(Some(Frame { opened, closed: None }))
}

fn piece(log: &mut (impl Read + Seek), from: u64, length: u64) -> io::Result<Vec<u8>> {
    log.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    log.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn first_line(bytes: &[u8]) -> &[u8] {
    memchr::memchr(b'\n', bytes).map_or(bytes, |end| &bytes[..end])
}

/// The first line, of which the command may be cut off.
fn opened(line: &[u8]) -> Option<Opened> {
    let (start, rest) = stamped(line, "xtask begin ")?;
    // The command comes last, and may hold anything.
    let (names, _) = rest.split_once(" command=")?;
    Some(Opened {
        start,
        phase: value(names, "phase")?,
        environment: value(names, "env")?,
        build_id: value(names, "build_id")?,
        run: value(names, "run")?,
    })
}

/// The last of the lines that close `phase`: what is written behind it is not ours, what is before
/// it may be the log of another run that a step has printed.
fn closed(tail: &[u8], phase: &Phase) -> Option<Closed> {
    let mut lines: Vec<&[u8]> = tail.split(|b| *b == b'\n').collect();
    // One without its newline is still being written, or its writer is dead.
    lines.pop();
    lines.into_iter().rev().find_map(|line| {
        let (end, rest) = stamped(line, "xtask end ")?;
        let of = value::<Phase>(rest, "phase")?;
        (of == *phase).then_some(())?;
        Some(Closed { end, exit_code: ExitCode(value(rest, "exit_code")?) })
    })
}

/// The stamp in brackets at the beginning of a line, and what follows `words` after it.
fn stamped<'a>(line: &'a [u8], words: &str) -> Option<(UtcStamp, &'a str)> {
    let end = memchr::memchr(b']', line)?;
    let stamp = std::str::from_utf8(line.strip_prefix(b"[")?.get(..end - 1)?).ok()?.parse().ok()?;
    let rest = line.get(end + 1..)?.strip_prefix(b" ")?.strip_prefix(words.as_bytes())?;
    // A cut or a command may end within a character; names stand before it.
    let rest = rest.utf8_chunks().next()?.valid();
    Some((stamp, rest))
}

fn value<T: FromStr>(text: &str, key: &str) -> Option<T> {
    text.split(' ').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        (name == key).then(|| value.parse().ok())?
    })
}

#[cfg(test)]
mod tests;
