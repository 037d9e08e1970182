//! Why a run failed, as far as its spans or its log tell.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::Duration;

use timing_core::history::Run;
use timing_core::record::LogPath;
use timing_core::stages::{Outcome, Span};
use timing_core::table::Row;

use super::super::spans::Seen;
use crate::ui::report::harmless;

/// How many lines of a log are shown.
const LINES: usize = 40;

/// In how much of its end they are looked for, in bytes.
const END: u64 = 64 << 10;

/// How many resources of one phase are named.
const NAMED: usize = 20;

/// A phase that failed, with no other within it that did.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) phase: String,
    pub(super) exit_code: i32,
    /// What an error names, then what had not ended.
    pub(super) resources: Vec<Failed>,
    pub(super) log: Log,
}

/// A stage or resource that did not end as it should.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failed {
    pub(super) outcome: Outcome,
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) after: Duration,
}

/// The end of the log.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Log {
    /// Nobody needs it: a resource is named.
    NotNeeded,
    /// Its last lines, without what would move a cursor.
    Lines(String, Vec<String>),
    /// It cannot be read, for this reason.
    Absent(String),
}

pub(super) fn of(run: &Run<'_, '_>, seen: Option<&Seen>, repository: &Path) -> Vec<Failure> {
    let has_failed = |row: &&&Row<'_>| !row.is_success();
    let is_inmost = |row: &&&Row<'_>| run.within(Some(row)).iter().all(|inner| inner.is_success());
    run.rows()
        .iter()
        .filter(has_failed)
        .filter(is_inmost)
        .map(|row| failure(row, seen.map_or(&[], |seen| seen.of(row)), repository))
        .collect()
}

fn failure(row: &Row<'_>, spans: &[Span], repository: &Path) -> Failure {
    let of =
        |outcome: Outcome| spans.iter().filter(move |span| span.outcome == outcome).map(failed);
    let errors = of(Outcome::Errored);
    let resources: Vec<Failed> = errors.chain(of(Outcome::Unfinished)).take(NAMED).collect();
    let is_named = resources.iter().any(|failed| failed.outcome == Outcome::Errored);
    let log = if is_named { Log::NotNeeded } else { log(row, repository) };
    let phase = row.phase.as_deref().unwrap_or("(no phase)").to_owned();
    Failure { phase, exit_code: row.exit_code, resources, log }
}

fn failed(span: &Span) -> Failed {
    let kind = span.kind.action().map_or(span.kind.word(), |action| action.word());
    Failed { outcome: span.outcome, kind, name: span.name.clone(), after: span.duration }
}

fn log(row: &Row<'_>, repository: &Path) -> Log {
    let Some(named) = row.log_path.as_deref() else {
        return Log::Absent("its row names no log".to_owned());
    };
    // A row is anybody's text: only what a log of ours can be called is opened.
    let Ok(path) = named.parse::<LogPath>() else {
        return Log::Absent(format!(
            "its row names {:?}, which is no log of this program",
            harmless(named)
        ));
    };
    let path = repository.join(path.as_str());
    match last_lines(&path) {
        Ok(lines) => Log::Lines(named.to_owned(), lines),
        Err(error) => Log::Absent(format!("its log {named} cannot be read: {error}")),
    }
}

fn last_lines(path: &Path) -> io::Result<Vec<String>> {
    // A pipe would be waited for.
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(END)))?;
    let mut bytes = Vec::new();
    file.take(END).read_to_end(&mut bytes)?;
    Ok(lines(&bytes))
}

/// The last lines of `bytes`, without colours and with what else is no text as escapes. Of a line
/// that was written over and over the last state is shown, as a terminal would; a tab is a blank.
fn lines(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let text = anstream::adapter::strip_str(&text).to_string();
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.get(lines.len().saturating_sub(LINES)..).unwrap_or_default();
    let seen = |line: &&str| {
        let last = line.trim_end().rsplit('\r').next()?.replace('\t', " ");
        Some(harmless(&last).into_owned())
    };
    last.iter().filter_map(seen).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_log_moves_no_cursor() {
        let log = b"first\n10 %\r50 %\r99 %\r\n\x1b[31mred\x1b[0m \x1b]0;title\x07\x9b\x08\xe2\x80\xae\nthe\tlast";
        let lines = lines(log);
        assert_eq!(lines[..2], ["first", "99 %"]);
        assert!(
            lines[2].starts_with("red ") && !lines[2].chars().any(char::is_control),
            "{lines:?}"
        );
        assert!(lines[2].contains("\\u{202e}"), "{lines:?}");
        assert_eq!(lines[3], "the last");
        let many: String = (0..100).map(|n| format!("{n}\n")).collect();
        let lines = super::lines(many.as_bytes());
        assert_eq!((lines.len(), lines[0].as_str()), (LINES, "60"));
    }
}
