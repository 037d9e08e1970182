//! What an inbox holds, if it is one.

use super::super::layout::{self, Place};
use super::super::snapshot::Snapshot;
use crate::addition::{Addition, OwnFile, Row};
use crate::git::{Git, ObjectId};
use crate::stages::{self, SpansPath};
use crate::table::Table;

const READING: &str = "reading an inbox";

/// More than any workstation leaves in years, and little enough to be read without a thought.
const MOST_FILES: usize = 10_000;
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// What is in the inbox whose commit is `commit`; in words why it is none.
pub(super) fn additions(git: &Git, commit: ObjectId) -> Result<Vec<Addition>, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let tip = commit.to_string();
    let args = ["ls-tree", "-r", "-z", "-l", "--full-tree", &tip];
    let listed = git.run(READING, &args).and_then(|answer| answer.success(READING));
    let paths = paths(&listed.map_err(|error| text(&error))?)?;
    let snapshot = Snapshot::read(git, commit, &paths).map_err(|error| text(&error))?;
    let mut additions = Vec::new();
    for path in &paths {
        let file = snapshot.file(path).ok_or_else(|| format!("{path:?} cannot be read"))?;
        match Place::of(path.as_bytes()) {
            Some(Place::OwnFile(place)) => additions.push(file_of(place, file)?),
            Some(Place::Table(table, _)) => additions.extend(rows_of(table, path, file)?),
            // `paths` has refused it.
            None => return Err(format!("{path:?} does not belong in an inbox")),
        }
    }
    if additions.is_empty() { Err("it holds no rows".to_owned()) } else { Ok(additions) }
}

/// The files that `ls-tree -z -l` lists: `<mode> <kind> <id> <size>`, a tab, the path.
fn paths(listed: &[u8]) -> Result<Vec<String>, String> {
    let mut paths = Vec::new();
    let mut bytes = 0u64;
    for line in listed.split(|b| *b == 0).filter(|line| !line.is_empty()) {
        let tab = memchr::memchr(b'\t', line).unwrap_or(line.len());
        let (facts, path) = (&line[..tab], line.get(tab + 1..).unwrap_or_default());
        let shown = path.escape_ascii();
        if Place::of(path).is_none() {
            return Err(format!("'{shown}' does not belong in an inbox"));
        }
        let facts = String::from_utf8_lossy(facts);
        let facts: Vec<&str> = facts.split_ascii_whitespace().collect();
        let [mode, "blob", _, size] = facts.as_slice() else {
            return Err(format!("'{shown}' is not a file"));
        };
        if !mode.starts_with("100") {
            return Err(format!("'{shown}' is not an ordinary file"));
        }
        bytes = bytes.saturating_add(size.parse().unwrap_or(u64::MAX));
        paths.push(String::from_utf8_lossy(path).into_owned());
    }
    if paths.len() > MOST_FILES || bytes > MOST_BYTES {
        return Err(format!("{} files of {bytes} bytes are too much for an inbox", paths.len()));
    }
    Ok(paths)
}

/// The rows of one file of `table`: the header, and lines each of which is a row of this environment.
fn rows_of(table: Table, path: &str, file: &[u8]) -> Result<Vec<Addition>, String> {
    let body = file.strip_suffix(b"\n").ok_or_else(|| format!("{path:?} is cut short"))?;
    let mut lines = body.split(|&b| b == b'\n');
    if lines.next() != Some(table.header().join(",").as_bytes()) {
        return Err(format!("{path:?} does not start with the header"));
    }
    let row = |(index, line): (usize, &[u8])| {
        let at = |reason: &str| format!("{path:?} line {}: {reason}", index + 2);
        let row = Row::parse(table, line).map_err(|reason| at(&reason))?;
        if layout::table_path(table, row.environment()) != path {
            return Err(at("a row of another environment"));
        }
        Ok(Addition::Row(row))
    };
    lines.enumerate().map(row).collect()
}

/// The file of a run's spans: nothing but spans, and no control character, because names are printed
/// on terminals.
fn file_of(path: SpansPath, file: &[u8]) -> Result<Addition, String> {
    let reading = stages::read(file);
    if let Some(fault) = reading.faults.first() {
        return Err(format!("\"{path}\" {fault}"));
    }
    let is_text = std::str::from_utf8(file)
        .is_ok_and(|text| !text.contains(|c: char| c.is_control() && c != '\n'));
    if reading.phases.is_empty() || !is_text {
        return Err(format!("\"{path}\" is no file of spans"));
    }
    Ok(Addition::File(OwnFile { path, bytes: file.to_vec() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_rows_belong_in_an_inbox() {
        let csv = "environments/development/latest/build_timings.csv";
        let id = "0".repeat(40);
        let line = |mode: &str, kind: &str, size: &str, path: &str| {
            format!("{mode} {kind} {id} {size:>7}\t{path}\0").into_bytes()
        };
        assert_eq!(paths(&line("100644", "blob", "3", csv)).unwrap(), [csv]);
        for (mode, kind, size, path) in [
            ("120000", "blob", "3", csv),
            ("160000", "commit", "-", csv),
            ("100644", "blob", "67108865", csv),
            ("100644", "blob", "3", "environments/../latest/build_timings.csv"),
            ("100644", "blob", "3", "environments/a/b/latest/build_timings.csv"),
            ("100644", "blob", "3", "environments/a\nb/latest/build_timings.csv"),
            ("100644", "blob", "3", "README.md"),
        ] {
            assert!(paths(&line(mode, kind, size, path)).is_err(), "{mode} {kind} {size} {path:?}");
        }
    }

    #[test]
    fn every_line_of_an_inbox_is_a_row_of_its_environment() {
        let header = Table::Timings.header().join(",");
        let row = "2026-01-24T14:43:27Z,2026-01-24T14:43:37Z,build,dev,b,10,0,RUN=r1,0,0,0,";
        let (dev, other) = (
            "environments/development/latest/build_timings.csv",
            "environments/staging/latest/build_timings.csv",
        );
        let whole = format!("{header}\n{row}\n");
        assert_eq!(rows_of(Table::Timings, dev, whole.as_bytes()).unwrap().len(), 1);
        assert!(rows_of(Table::Timings, other, whole.as_bytes()).is_err());
        for broken in [
            String::new(),
            format!("{row}\n"),
            format!("{header}\n{row}"),
            format!("{header}\n{row}\n\n"),
            format!("{header}\n{row},x\n"),
            format!("{header}\n=cmd|x\n"),
        ] {
            assert!(rows_of(Table::Timings, dev, broken.as_bytes()).is_err(), "{broken:?}");
        }
    }
}
