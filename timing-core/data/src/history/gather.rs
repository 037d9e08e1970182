//! Many sources, one set of rows.

use std::collections::HashMap;

use super::Source;
use crate::record::Identity;
use crate::table::{self, Reading, Row, RowFault, read};

/// A line of a source that is no row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFault {
    /// The name of the source.
    pub source: String,
    /// Counted from 1.
    pub line: usize,
    /// Why.
    pub fault: RowFault,
}

impl std::fmt::Display for SourceFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}: {}", self.source, self.line, self.fault.column(), self.fault)
    }
}

/// How many lines, blank ones apart, and what became of each:
/// `lines = headers + rows + repeated + faults`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// All that are not blank.
    pub lines: usize,
    /// Names of columns.
    pub headers: usize,
    /// Rows that were taken.
    pub rows: usize,
    /// Rows that had been taken already.
    pub repeated: usize,
    /// Lines that are no rows.
    pub faults: usize,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, more: Self) {
        self.lines += more.lines;
        self.headers += more.headers;
        self.rows += more.rows;
        self.repeated += more.repeated;
        self.faults += more.faults;
    }
}

/// The rows of all sources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gathered {
    /// The oldest first; rows of one start in the order of their sources.
    pub rows: Vec<Row<'static>>,
    /// What could not be read.
    pub faults: Vec<SourceFault>,
    /// What became of every line.
    pub tally: Tally,
}

/// What becomes of a row that was taken already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicates {
    /// It is left out, and reported where it says something else.
    LeftOut,
    /// It is taken as it stands.
    Kept,
}

/// The rows of all `sources` without duplicates.
#[must_use]
pub fn gather(sources: &[Source]) -> Gathered {
    gathered(sources, Duplicates::LeftOut)
}

/// The rows of one file as it stands, duplicates included.
#[must_use]
pub fn gather_file(source: &Source) -> Gathered {
    gathered(std::slice::from_ref(source), Duplicates::Kept)
}

fn gathered(sources: &[Source], duplicates: Duplicates) -> Gathered {
    let mut rows = Vec::new();
    let (faults, tally) = gather_lines(sources, duplicates, |row, _| rows.push(row.into_owned()));
    rows.sort_by_key(|row| row.start);
    Gathered { rows, faults, tally }
}

/// Hands over each row of `sources` and the line it stands on, without its line end, in their
/// order; says what could not be read, and what became of every line.
pub fn gather_lines<'s>(
    sources: &'s [Source],
    duplicates: Duplicates,
    mut taken: impl FnMut(Row<'s>, &'s [u8]),
) -> (Vec<SourceFault>, Tally) {
    let (mut faults, mut tally) = (Vec::new(), Tally::default());
    let mut known = Known { duplicates, places: HashMap::new() };
    for source in sources {
        for (number, raw, reading) in read(&source.bytes) {
            tally.lines += 1;
            let fault = match reading {
                Reading::Header => {
                    tally.headers += 1;
                    continue;
                }
                Reading::Row(row) => match known.standing(&source.name, number, raw) {
                    Standing::New => {
                        tally.rows += 1;
                        taken(row, raw);
                        continue;
                    }
                    Standing::Repeated => {
                        tally.repeated += 1;
                        continue;
                    }
                    Standing::Contradicted { by } => RowFault::Contradicted { by },
                },
                Reading::Fault(fault) => fault,
            };
            tally.faults += 1;
            faults.push(SourceFault { source: source.name.clone(), line: number, fault });
        }
    }
    (faults, tally)
}

/// The rows that were taken.
struct Known {
    duplicates: Duplicates,
    /// Where each of them is, and what it says.
    places: HashMap<Identity, (String, Vec<u8>)>,
}

/// What is known of a row already.
enum Standing {
    New,
    Repeated,
    Contradicted { by: String },
}

impl Known {
    fn standing(&mut self, source: &str, number: usize, raw: &[u8]) -> Standing {
        if self.duplicates == Duplicates::Kept {
            return Standing::New;
        }
        let Some((identity, content)) = table::identity(raw) else { return Standing::New };
        match self.places.get(&identity) {
            Some((_, taken)) if *taken == content => Standing::Repeated,
            Some((place, _)) => Standing::Contradicted { by: place.clone() },
            None => {
                self.places.insert(identity, (format!("{source}:{number}"), content));
                Standing::New
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "2025-01-15T10:00:00Z,2025-01-15T10:05:00Z,dev,b1,300,0,a.log";
    const NINE: &str = "2025-02-15T10:00:00Z,2025-02-15T10:00:00Z,build,dev,b2,0,255,\"A=1\",b.log";
    const CI: &str = "2025-03-15T10:00:00Z,,build,dev,b3,60,1,1,2,3,https://ci.example/1";
    const OURS: &str = "2026-01-24T14:43:27Z,2026-01-24T14:45:31Z,apply-persistent,dev,persistent,\
                        124,0,RUN=r1,3,1,0,logs/a.log";

    fn source(name: &str, lines: &[&str]) -> Source {
        Source { name: name.to_owned(), bytes: lines.join("\n").into_bytes() }
    }

    #[test]
    fn every_line_is_accounted_for() {
        let header = "start_time_utc,end_time_utc,phase";
        let local = source("local", &[header, OURS, OLD, "", "<<<<<<< HEAD", NINE, header, OLD]);
        let remote = source("remote", &[header, OLD, NINE, CI, &OURS.replace(",124,0", ",125,0")]);
        let gathered = gather(&[local, remote]);
        let phases: Vec<&str> =
            gathered.rows.iter().map(|row| row.phase.as_deref().unwrap_or("-")).collect();
        assert_eq!(phases, ["-", "build", "build", "apply-persistent"], "the oldest first");
        let tally = Tally { lines: 12, headers: 3, rows: 4, repeated: 3, faults: 2 };
        assert_eq!(gathered.tally, tally);
        let faults: Vec<String> = gathered.faults.iter().map(SourceFault::to_string).collect();
        insta::assert_snapshot!(faults.join("\n"), @"
        local:5:1: 1 field where a row has 7, 9, 11 or 12
        remote:5:1: local:2 is the same row and says something else, which is what counts
        ");
    }

    #[test]
    fn a_row_spelled_differently_is_the_same_row() {
        let quoted: Vec<String> = OURS.split(',').map(|field| format!(" \"{field}\"")).collect();
        let gathered = gather(&[source("a", &[OURS]), source("b", &[&quoted.join(",")])]);
        assert_eq!((gathered.tally.rows, gathered.tally.repeated), (1, 1));
    }

    #[test]
    fn a_file_of_its_own_is_taken_as_it_stands() {
        let gathered = gather_file(&source("x.csv", &[OLD, OLD]));
        assert_eq!(gathered.rows.len(), 2);
    }
}
