//! What a log says of a phase, and what has to be inferred where it has no frame.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use timing_core::clock::UtcStamp;
use timing_core::log::{self, Opened};
use timing_core::record::{ExitCode, LogPath, ResourceCounts, RunId};
use timing_core::scan::ResourceCounter;

use crate::settings::{LogChoice, RecordSettings};

/// How many lines at the beginning of a log are searched for a time.
const HEAD_LINES: usize = 20;

/// What is known without the flags.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    pub(super) start: Option<UtcStamp>,
    pub(super) end: Option<UtcStamp>,
    pub(super) exit_code: Option<ExitCode>,
    pub(super) resources: ResourceCounts,
    pub(super) run: Option<RunId>,
    pub(super) log: Option<LogPath>,
}

/// The evidence, and what was inferred in lines for the person who asked.
pub(super) fn of(s: &RecordSettings) -> Result<(Evidence, Vec<String>), String> {
    let path = match &s.log {
        LogChoice::None => return Ok((Evidence::default(), Vec::new())),
        LogChoice::File(path) => path.clone(),
        LogChoice::Newest => newest(s)?,
    };
    let read = read(s, &path);
    read.map_err(|error| format!("the log {} cannot be read: {error}", path.display()))
}

fn newest(s: &RecordSettings) -> Result<PathBuf, String> {
    let logs = log::logs(&s.registry.repository)
        .map_err(|error| format!("the logs cannot be listed: {error}"))?;
    let newest = logs.into_iter().filter(|path| is_of(s, path)).max_by_key(|path| modified(path));
    newest.ok_or_else(|| {
        format!("no log in logs/build-timings is named *{}*{}*.log", s.phase, s.build_id)
    })
}

/// Whether the name has the phase and, after it, the build; a frame has to say the same.
fn is_of(s: &RecordSettings, path: &Path) -> bool {
    let name = path.file_stem().map(|name| name.to_string_lossy().into_owned());
    let is_named = name.is_some_and(|name| {
        name.split_once(s.phase.as_str())
            .is_some_and(|(_, rest)| rest.contains(s.build_id.as_str()))
    });
    is_named
        && File::open(path)
            .and_then(|mut log| log::frame(&mut log))
            .is_ok_and(|frame| frame.is_none_or(|frame| tells_of(s, &frame.opened)))
}

/// Whether a frame is that of the phase which is recorded.
fn tells_of(s: &RecordSettings, opened: &Opened) -> bool {
    opened.phase == s.phase
        && opened.build_id == s.build_id
        && s.environment.is_called(opened.environment.as_str())
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|data| data.modified()).ok()
}

fn read(s: &RecordSettings, path: &Path) -> io::Result<(Evidence, Vec<String>)> {
    let mut said = Vec::new();
    let mut found = Evidence {
        resources: counts(File::open(path)?)?,
        log: relative(&s.registry.repository, path),
        ..Evidence::default()
    };
    let frame = log::frame(&mut File::open(path)?)?;
    let closed = frame.as_ref().and_then(|frame| frame.closed);
    found.exit_code = closed.map(|closed| closed.exit_code);
    found.end = closed.map(|closed| closed.end);
    let shown = path.display();
    match frame {
        Some(frame) => {
            found.start = Some(frame.opened.start);
            found.run = tells_of(s, &frame.opened).then_some(frame.opened.run);
        }
        None if s.start.is_none() => {
            found.start = first_time(path)?;
            let what = match found.start {
                Some(_) => "the first time in it",
                None => "the time at which it was created",
            };
            found.start =
                found.start.or_else(|| path.metadata().ok()?.created().ok().and_then(stamp));
            said.push(format!("inferred: {shown} has no frame; the start is {what}"));
        }
        None => {}
    }
    if found.end.is_none() && s.end.is_none() {
        found.end = modified(path).and_then(stamp);
        said.push(format!(
            "inferred: {shown} does not say its end, which is taken to be its last change"
        ));
    }
    Ok((found, said))
}

fn stamp(time: SystemTime) -> Option<UtcStamp> {
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    Some(UtcStamp::from_unix_seconds(since.as_secs()))
}

fn first_time(path: &Path) -> io::Result<Option<UtcStamp>> {
    // Of a line without an end no more is read than this.
    let head = BufReader::new(File::open(path)?.take(64 * 1024));
    for line in head.split(b'\n').take(HEAD_LINES) {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        let words = line.split(|c: char| c.is_whitespace() || "[]()=\"'".contains(c));
        if let Some(time) = words.filter(|word| word.len() >= 20).find_map(UtcStamp::from_rfc3339) {
            return Ok(Some(time));
        }
    }
    Ok(None)
}

fn counts(mut log: File) -> io::Result<ResourceCounts> {
    let mut counter = ResourceCounter::default();
    let mut block = vec![0; 64 * 1024];
    loop {
        match log.read(&mut block)? {
            0 => return Ok(counter.finish()),
            length => counter.feed(block.get(..length).unwrap_or_default()),
        }
    }
}

/// The log as a row names it; one outside the repository has no name there.
fn relative(repository: &Path, log: &Path) -> Option<LogPath> {
    log.canonicalize().ok()?.strip_prefix(repository).ok()?.to_str()?.parse().ok()
}
