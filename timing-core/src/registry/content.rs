//! Which rows are not in a file yet: bytes and rows in, rows out.

use std::collections::{BTreeSet, HashSet};

use memchr::memmem;

use crate::record::{Identity, TimingRecord};

/// Up to so many runs, searching the file for each is faster than reading all of it.
const FEW_RUNS: usize = 8;

/// A row that belongs on the branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Row<'a> {
    /// As it is known.
    Record(&'a TimingRecord),
    /// As it stands in a file, of whatever generation, without its line end.
    Line(&'a [u8]),
}

/// What a row is known by.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Key {
    Identity(Identity),
    /// The fields of a line that is too short to have an identity, without blanks around them.
    Fields(Vec<u8>),
}

impl Row<'_> {
    fn key(&self) -> Option<Key> {
        match self {
            Self::Record(record) => Some(Key::Identity(record.identity())),
            Self::Line(line) => key_in(line),
        }
    }

    fn run(&self) -> Option<String> {
        match self.key()? {
            Key::Identity(Identity::Run { run, .. }) => Some(run),
            _ => None,
        }
    }
}

/// The rows that `existing` does not hold, each once.
pub(super) fn missing<'a>(existing: &[u8], rows: &[Row<'a>]) -> Vec<Row<'a>> {
    let runs: Option<BTreeSet<String>> = rows.iter().map(Row::run).collect();
    let mut known = match runs {
        Some(runs) if runs.len() <= FEW_RUNS => rows_of_runs(existing, &runs),
        _ => all_rows(existing),
    };
    rows.iter().copied().filter(|row| row.key().is_some_and(|key| known.insert(key))).collect()
}

/// The rows of `file` that follow what it has in common with `other`: a few, where one of the two
/// has grown out of the other.
pub(super) fn rows_beyond<'a>(file: &'a [u8], other: &[u8]) -> Vec<Row<'a>> {
    let same = file.iter().zip(other).take_while(|(a, b)| a == b).count();
    let line = if same == file.len() && other.get(same).is_none_or(|b| *b == b'\n') {
        same
    } else {
        memchr::memrchr(b'\n', &file[..same]).map_or(0, |end| end + 1)
    };
    let lines = file[line..].split(|&b| b == b'\n');
    lines.filter(|line| key_in(line).is_some()).map(Row::Line).collect()
}

/// The first line of a file, if that says what its columns are.
pub(super) fn header(file: &[u8]) -> Option<&[u8]> {
    file.split(|&b| b == b'\n').next().filter(|line| is_header(line))
}

fn is_header(line: &[u8]) -> bool {
    let first = line.split(|&b| b == b',').next().unwrap_or_default();
    bare(first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first)) == b"start_time_utc"
}

fn rows_of_runs(existing: &[u8], runs: &BTreeSet<String>) -> HashSet<Key> {
    let rows = runs.iter().flat_map(|run| {
        let phases = phases_of(existing, &format!("RUN={run}")).into_iter();
        phases.map(|phase| Key::Identity(Identity::Run { run: run.clone(), phase }))
    });
    rows.collect()
}

/// Every row, whatever else the file holds.
fn all_rows(existing: &[u8]) -> HashSet<Key> {
    existing.split(|&b| b == b'\n').filter_map(key_in).collect()
}

/// What the row in `line` is known by; `None` for a header or a line of nothing.
fn key_in(line: &[u8]) -> Option<Key> {
    if line.trim_ascii().is_empty() || is_header(line) {
        return None;
    }
    Some(identity_in(line).map_or_else(|| Key::Fields(fields_in(line)), Key::Identity))
}

fn fields_in(line: &[u8]) -> Vec<u8> {
    line.split(|&b| b == b',').map(bare).collect::<Vec<_>>().join(&b","[..])
}

/// A field without what another writer may put around it.
fn bare(field: &[u8]) -> &[u8] {
    let field = field.trim_ascii();
    let quoted = field.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
    quoted.unwrap_or(field).trim_ascii()
}

/// The identity of a line of at least nine fields, in which `flags` stands eighth and the log last.
fn identity_in(line: &[u8]) -> Option<Identity> {
    let text = |field| std::str::from_utf8(bare(field)).ok();
    let fields: Vec<&str> = line.split(|&b| b == b',').map(text).collect::<Option<_>>()?;
    let (flags, log) = (fields.get(7)?, fields.get(8..)?.last()?);
    let field = |index: usize| fields.get(index).copied().unwrap_or_default().to_owned();
    let run = flags.split_ascii_whitespace().find_map(|pair| pair.strip_prefix("RUN="));
    Some(match run {
        Some(run) => Identity::Run { run: run.to_owned(), phase: field(2) },
        None => Identity::Other([field(0), field(2), field(3), field(4), (*log).to_owned()]),
    })
}

/// The phases that have a row whose flags hold the pair `mark`.
fn phases_of(existing: &[u8], mark: &str) -> Vec<String> {
    // A file of many thousand rows is searched, not parsed: a run has a handful of rows.
    let hits = memmem::find_iter(existing, mark.as_bytes());
    hits.filter_map(|at| phase_in(line_around(existing, at), mark)).collect()
}

fn line_around(bytes: &[u8], at: usize) -> &[u8] {
    let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |before| before + 1);
    let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |after| at + after);
    &bytes[start..end]
}

fn phase_in(line: &[u8], mark: &str) -> Option<String> {
    match identity_in(line)? {
        Identity::Run { run, phase } if mark.strip_prefix("RUN=") == Some(&run) => Some(phase),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(run: &str, phase: &str) -> TimingRecord {
        TimingRecord {
            start: crate::clock::UtcStamp::from_unix_seconds(1_769_265_807),
            duration_seconds: 1,
            phase: phase.parse().unwrap(),
            environment: "dev".parse().unwrap(),
            build_id: "persistent".parse().unwrap(),
            exit_code: crate::record::ExitCode(0),
            flags: run.parse().unwrap(),
            resources_added: 0,
            resources_changed: 0,
            resources_destroyed: 0,
            log_path: None,
        }
    }

    #[test]
    fn few_runs_and_many_come_to_the_same() {
        for count in [1, FEW_RUNS, FEW_RUNS + 1, 40] {
            let known: Vec<_> = (0..count).map(|n| record(&format!("RUN=r{n}"), "build")).collect();
            let csv = crate::table::append(b"", &crate::table::rows(&known));
            let new = record("RUN=r0", "apply");
            let twice = [&new, &new];
            let all: Vec<Row<'_>> = known.iter().chain(twice).map(Row::Record).collect();
            assert_eq!(missing(&csv, &all), [Row::Record(&new)], "{count} runs");
        }
    }

    #[test]
    fn rows_of_others_are_known_by_their_fields() {
        let (own, other) = (record("A=1", "build"), record("A=2", "apply"));
        let csv = crate::table::append(b"", &crate::table::rows(std::slice::from_ref(&own)));
        let both = [Row::Record(&own), Row::Record(&other)];
        assert_eq!(missing(&csv, &both), [Row::Record(&other)]);
    }

    #[test]
    fn lines_of_every_generation_are_known_again_however_they_are_spelled() {
        let lines = [
            "s,e,dev,b,1,0,log",
            "s,e,build,dev,b,1,0,\"A=1 B=2\",log",
            "s,e,build,dev,b,1,0,1,0,0,https://example.org/1",
            "s,e,build,dev,b,1,0,RUN=r1,0,0,0,log",
        ];
        let file = format!("start_time_utc,x\n\n{}\n", lines.join("\n"));
        assert_eq!(rows_beyond(file.as_bytes(), b"").len(), lines.len());
        for line in lines {
            let spelled = line.replace(',', " , ").replace("\"", "") + "\r";
            assert!(
                missing(file.as_bytes(), &[Row::Line(spelled.as_bytes())]).is_empty(),
                "{line}"
            );
            let other = line.replace("s,", "t,").replace("r1", "r2");
            let other = Row::Line(other.as_bytes());
            assert_eq!(missing(file.as_bytes(), &[other]), [other]);
        }
        let garbage = Row::Line(b"\xff\xfe");
        assert_eq!(missing(file.as_bytes(), &[garbage, garbage]), [garbage]);
    }

    #[test]
    fn only_what_follows_the_common_lines_is_looked_at() {
        let beyond = |file: &'static [u8], other: &[u8]| -> Vec<&[u8]> {
            let line = |row| match row {
                Row::Line(line) => line,
                Row::Record(_) => unreachable!("a file holds lines"),
            };
            rows_beyond(file, other).into_iter().map(line).collect()
        };
        let none: [&[u8]; 0] = [];
        assert_eq!(beyond(b"a\nb\nc\n", b"a\nb\n"), [b"c"]);
        assert_eq!(beyond(b"a\nbc", b"a\nbd\n"), [b"bc"]);
        assert_eq!(beyond(b"a\nb", b"a\nbc\n"), [b"b"]);
        assert_eq!(beyond(b"a\nbc\n", b"a\nb"), [b"bc"]);
        assert_eq!(beyond(b"a\nb", b"a\nb\nc"), none);
        assert_eq!(beyond(b"", b"a"), none);
    }

    #[test]
    fn a_row_is_known_by_its_run_and_phase() {
        let csv = "header\na,b,apply-persistent,d,e,1,0,A=1 RUN=r1 B=2,0,0,0,l\r\n\
                   a,b,rds-apply,d,e,1,0,\tRUN=r1,0,0,0,l";
        assert_eq!(phases_of(csv.as_bytes(), "RUN=r1"), ["apply-persistent", "rds-apply"]);
        assert!(phases_of(csv.as_bytes(), "RUN=r").is_empty());
        assert!(phases_of(csv.as_bytes(), "RUN=r11").is_empty());
        assert!(phases_of(b"", "RUN=r1").is_empty());
        assert!(phases_of(b"RUN=r1", "RUN=r1").is_empty());
    }
}
