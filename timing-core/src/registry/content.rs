//! Which rows are not in a file yet: bytes and rows in, rows out.

use std::collections::{BTreeSet, HashSet};

use memchr::memmem;

use crate::addition;
use crate::record::Identity;
use crate::table::Table;

/// Up to so many runs, searching the file for each is faster than reading all of it.
const FEW_RUNS: usize = 8;

/// A row that belongs on the branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Row<'a> {
    /// As it is known.
    Known(&'a addition::Row),
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

impl Key {
    fn run(&self) -> Option<&str> {
        match self {
            Self::Identity(identity) => identity.run(),
            Self::Fields(_) => None,
        }
    }
}

impl Row<'_> {
    fn key(&self, table: Table) -> Option<Key> {
        match self {
            Self::Known(row) => Some(Key::Identity(row.identity())),
            Self::Line(line) => key_in(table, line),
        }
    }

    fn run(&self, table: Table) -> Option<String> {
        self.key(table)?.run().map(str::to_owned)
    }
}

/// The rows that `existing`, a file of `table`, does not hold, each once.
pub(super) fn missing<'a>(table: Table, existing: &[u8], rows: &[Row<'a>]) -> Vec<Row<'a>> {
    let runs: Option<BTreeSet<String>> = rows.iter().map(|row| row.run(table)).collect();
    let mut known = match runs {
        Some(runs) if runs.len() <= FEW_RUNS => rows_of_runs(table, existing, &runs),
        _ => all_rows(table, existing),
    };
    rows.iter().copied().filter(|row| row.key(table).is_some_and(|key| known.insert(key))).collect()
}

/// The rows of `file`, which is one of `table`, that follow what it has in common with `other`: a few, where one of the two
/// has grown out of the other.
pub(super) fn rows_beyond<'a>(table: Table, file: &'a [u8], other: &[u8]) -> Vec<Row<'a>> {
    let same = file.iter().zip(other).take_while(|(a, b)| a == b).count();
    let line = if same == file.len() && other.get(same).is_none_or(|b| *b == b'\n') {
        same
    } else {
        memchr::memrchr(b'\n', &file[..same]).map_or(0, |end| end + 1)
    };
    let lines = file[line..].split(|&b| b == b'\n');
    lines.filter(|line| key_in(table, line).is_some()).map(Row::Line).collect()
}

/// The first line of a file, if that says what its columns are.
pub(super) fn header(table: Table, file: &[u8]) -> Option<&[u8]> {
    file.split(|&b| b == b'\n').next().filter(|line| is_header(table, line))
}

fn is_header(table: Table, line: &[u8]) -> bool {
    let first = line.split(|&b| b == b',').next().unwrap_or_default();
    let first = bare(first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first));
    table.header().first().is_some_and(|name| first == name.as_bytes())
}

fn rows_of_runs(table: Table, existing: &[u8], runs: &BTreeSet<String>) -> HashSet<Key> {
    runs.iter().flat_map(|run| rows_of_run(table, existing, run)).collect()
}

/// Every row, whatever else the file holds.
fn all_rows(table: Table, existing: &[u8]) -> HashSet<Key> {
    existing.split(|&b| b == b'\n').filter_map(|line| key_in(table, line)).collect()
}

/// What the row in `line` is known by; `None` for a header or a line of nothing.
fn key_in(table: Table, line: &[u8]) -> Option<Key> {
    if line.trim_ascii().is_empty() || is_header(table, line) {
        return None;
    }
    Some(identity_in(table, line).map_or_else(|| Key::Fields(fields_in(line)), Key::Identity))
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

fn identity_in(table: Table, line: &[u8]) -> Option<Identity> {
    let text = |field| std::str::from_utf8(bare(field)).ok();
    let fields: Vec<&str> = line.split(|&b| b == b',').map(text).collect::<Option<_>>()?;
    match table {
        Table::Timings => identity_of_timing(&fields),
        Table::Measurements => identity_of_measurement(&fields),
    }
}

/// The identity of a line of at least nine fields, in which `flags` stands eighth and the log last.
fn identity_of_timing(fields: &[&str]) -> Option<Identity> {
    let (flags, log) = (fields.get(7)?, fields.get(8..)?.last()?);
    let field = |index: usize| fields.get(index).copied().unwrap_or_default().to_owned();
    let run = flags.split_ascii_whitespace().find_map(|pair| pair.strip_prefix("RUN="));
    Some(match run {
        Some(run) => Identity::Run { run: run.to_owned(), phase: field(2) },
        None => Identity::Other([field(0), field(2), field(3), field(4), (*log).to_owned()]),
    })
}

/// The identity of a line of at least three fields, in which the run stands tenth.
fn identity_of_measurement(fields: &[&str]) -> Option<Identity> {
    let [time, metric, environment, ..] = fields else { return None };
    let run = fields.get(9).copied().unwrap_or_default();
    Some(Identity::of_measurement(time, metric, environment, run))
}

/// The rows of `run`.
fn rows_of_run(table: Table, existing: &[u8], run: &str) -> Vec<Key> {
    let mark = match table {
        Table::Timings => format!("RUN={run}"),
        Table::Measurements => run.to_owned(),
    };
    // A file of many thousand rows is searched, not parsed: a run has a handful of rows.
    let hits = memmem::find_iter(existing, mark.as_bytes());
    let keys = hits.filter_map(|at| key_in(table, line_around(existing, at)));
    keys.filter(|key| key.run() == Some(run)).collect()
}

fn line_around(bytes: &[u8], at: usize) -> &[u8] {
    let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |before| before + 1);
    let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |after| at + after);
    &bytes[start..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::TimingRecord;

    fn record(run: &str, phase: &str) -> addition::Row {
        addition::Row::Timing(TimingRecord {
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
        })
    }

    const TIMINGS: Table = Table::Timings;

    fn file(rows: &[addition::Row]) -> Vec<u8> {
        TIMINGS.append(b"", &rows.iter().flat_map(addition::Row::line).collect::<Vec<_>>())
    }

    #[test]
    fn few_runs_and_many_come_to_the_same() {
        for count in [1, FEW_RUNS, FEW_RUNS + 1, 40] {
            let known: Vec<_> = (0..count).map(|n| record(&format!("RUN=r{n}"), "build")).collect();
            let csv = file(&known);
            let new = record("RUN=r0", "apply");
            let twice = [&new, &new];
            let all: Vec<Row<'_>> = known.iter().chain(twice).map(Row::Known).collect();
            assert_eq!(missing(TIMINGS, &csv, &all), [Row::Known(&new)], "{count} runs");
        }
    }

    #[test]
    fn rows_of_others_are_known_by_their_fields() {
        let (own, other) = (record("A=1", "build"), record("A=2", "apply"));
        let csv = file(std::slice::from_ref(&own));
        let both = [Row::Known(&own), Row::Known(&other)];
        assert_eq!(missing(TIMINGS, &csv, &both), [Row::Known(&other)]);
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
        assert_eq!(rows_beyond(TIMINGS, file.as_bytes(), b"").len(), lines.len());
        for line in lines {
            let spelled = line.replace(',', " , ").replace("\"", "") + "\r";
            assert!(
                missing(TIMINGS, file.as_bytes(), &[Row::Line(spelled.as_bytes())]).is_empty(),
                "{line}"
            );
            let other = line.replace("s,", "t,").replace("r1", "r2");
            let other = Row::Line(other.as_bytes());
            assert_eq!(missing(TIMINGS, file.as_bytes(), &[other]), [other]);
        }
        let garbage = Row::Line(b"\xff\xfe");
        assert_eq!(missing(TIMINGS, file.as_bytes(), &[garbage, garbage]), [garbage]);
    }

    #[test]
    fn only_what_follows_the_common_lines_is_looked_at() {
        let beyond = |file: &'static [u8], other: &[u8]| -> Vec<&[u8]> {
            let line = |row| match row {
                Row::Line(line) => line,
                Row::Known(_) => unreachable!("a file holds lines"),
            };
            rows_beyond(TIMINGS, file, other).into_iter().map(line).collect()
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
        let phases = |file: &str, run: &str| -> Vec<String> {
            let phase = |key| match key {
                Key::Identity(Identity::Run { phase, .. }) => phase,
                other => panic!("{other:?}"),
            };
            rows_of_run(TIMINGS, file.as_bytes(), run).into_iter().map(phase).collect()
        };
        assert_eq!(phases(csv, "r1"), ["apply-persistent", "rds-apply"]);
        assert!(phases(csv, "r").is_empty());
        assert!(phases(csv, "r11").is_empty());
        assert!(phases("", "r1").is_empty());
        assert!(phases("RUN=r1", "r1").is_empty());
    }

    #[test]
    fn a_measurement_is_known_by_its_run_metric_and_environment() {
        const TABLE: Table = Table::Measurements;
        let row = "2026-01-24T14:43:27Z,boot,dev,seconds,p95,1,3,,,r1,";
        let file = format!("time_utc,metric,env\n{row}\n").replace(',', " , ");
        let is_missing =
            |line: &str| !missing(TABLE, file.as_bytes(), &[Row::Line(line.as_bytes())]).is_empty();
        assert!(!is_missing(row));
        assert!(!is_missing(&row.replace("43:27", "43:28")), "a run measures once");
        for other in [row.replace("boot", "size"), row.replace("dev", "qa"), row.replace("r1", "")]
        {
            assert!(is_missing(&other), "{other}");
        }
        // The run's id elsewhere in a line is not its run.
        assert!(is_missing(&row.replace("r1", "r").replace("p95", "r1")));
        assert_eq!(header(TABLE, file.as_bytes()), file.lines().next().map(str::as_bytes));
        assert_eq!(header(TIMINGS, file.as_bytes()), None);
    }
}
