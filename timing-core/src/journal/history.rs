//! What the bytes of an entry say of a run: pure, and never in doubt about damage.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::line::{FORMAT, Line, PhaseStarted, RunStarted, Version};
use crate::budget::measurement::{self, Measurement};
use crate::clock::UtcStamp;
use crate::record::{BuildId, Environment, Flags, LogPath, Phase, RunId, TimingRecord};
use crate::stages::{self, PhaseSpans};
use crate::table;

/// What is known of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Its id.
    pub run: RunId,
    /// What was asked for.
    pub target: String,
    /// Where.
    pub environment: Environment,
    /// What log paths are relative to.
    pub repository: PathBuf,
    /// The commit that was deployed.
    pub source_sha: Option<String>,
    /// Its branch.
    pub source_branch: Option<String>,
    /// The phases that ended, in the order in which they did.
    pub ended: Vec<TimingRecord>,
    /// What was seen in them.
    pub spans: Vec<PhaseSpans>,
    /// What was measured.
    pub measurements: Vec<Measurement>,
    /// The phases that had started and not ended, the outermost first.
    pub running: Vec<Running>,
}

/// A phase that had started and not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// The phase.
    pub phase: Phase,
    /// Its build.
    pub build_id: BuildId,
    /// When it started.
    pub start: UtcStamp,
    /// What it was given.
    pub flags: Flags,
    /// Its log, when there is one.
    pub log_path: Option<LogPath>,
}

/// Why an entry cannot be read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A newer xtask wrote it; it is not ours to judge.
    Newer {
        /// Its format.
        format: u32,
    },
    /// A line is not what it should be.
    Damaged {
        /// Counted from 1.
        line: usize,
        /// In what way.
        reason: String,
        /// What the lines before it say, when they say who ran.
        salvaged: Option<Box<History>>,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newer { format } => write!(
                f,
                "it has format {format}, written by a newer xtask than this one, which knows {FORMAT}"
            ),
            Self::Damaged { line, reason, .. } => write!(f, "line {line}: {reason}"),
        }
    }
}

/// Reads an entry.
///
/// A last line without its newline was being written when its writer died; it never happened.
///
/// # Errors
///
/// When the entry is of a newer format, or damaged.
pub fn read(bytes: &[u8]) -> Result<History, Fault> {
    let mut history: Option<History> = None;
    let complete = memchr::memrchr(b'\n', bytes).map_or(&b""[..], |last| &bytes[..last]);
    for (index, line) in complete.split(|&b| b == b'\n').enumerate() {
        if index == 0
            && let Ok(Version { format }) = serde_json::from_slice(line)
            && format > FORMAT
        {
            return Err(Fault::Newer { format });
        }
        if let Err(reason) = take(&mut history, line) {
            let salvaged = history.map(Box::new);
            return Err(Fault::Damaged { line: index + 1, reason, salvaged });
        }
    }
    history.ok_or_else(|| Fault::Damaged {
        line: 1,
        reason: "there is no complete line".to_owned(),
        salvaged: None,
    })
}

fn take(history: &mut Option<History>, line: &[u8]) -> Result<(), String> {
    let line: Line = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    match (line, history.as_mut()) {
        (Line::RunStarted(started), None) => *history = Some(begin(started)?),
        (Line::RunStarted(_), Some(_)) => return Err("the run starts a second time".to_owned()),
        (_, None) => return Err("the run has not started".to_owned()),
        (Line::Measured { row }, Some(history)) => {
            history.measurements.push(measurement::parse_line(row.as_bytes())?);
        }
        (Line::PhaseStarted(phase), Some(history)) => history.running.push(running(&phase)?),
        (Line::PhaseEnded { row, spans }, Some(history)) => {
            let record = table::parse_line(row.as_bytes())?;
            match history.running.pop() {
                Some(running) if running.phase == record.phase => {
                    history.ended.push(record);
                    // Rows do not depend on what else was seen; a line that is no span is passed over.
                    let spans = spans.unwrap_or_default();
                    history.spans.extend(stages::read(spans.as_bytes()).phases);
                }
                other => {
                    history.running.extend(other);
                    return Err(format!("{} ends and was not the last to start", record.phase));
                }
            }
        }
    }
    Ok(())
}

fn begin(started: RunStarted) -> Result<History, String> {
    Ok(History {
        run: parse(&started.run)?,
        target: started.target,
        environment: parse(&started.environment)?,
        repository: started.repository.into(),
        source_sha: started.source_sha,
        source_branch: started.source_branch,
        ended: Vec::new(),
        spans: Vec::new(),
        measurements: Vec::new(),
        running: Vec::new(),
    })
}

fn running(phase: &PhaseStarted) -> Result<Running, String> {
    Ok(Running {
        phase: parse(&phase.phase)?,
        build_id: parse(&phase.build_id)?,
        start: parse(&phase.start)?,
        flags: parse(&phase.flags)?,
        log_path: phase.log_path.as_deref().map(parse).transpose()?,
    })
}

fn parse<T: FromStr<Err: fmt::Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}
