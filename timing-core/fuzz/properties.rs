//! What the readers of registry files owe every input. Shared by the fuzz target, which looks for
//! inputs, and the test that runs the kept ones; it knows nothing of where an input comes from.

use std::fmt;

use timing_core::record::Identity;
use timing_core::table::{self, Generation, LineKind, Reading, RowFault};

/// The readers under test: this array, their functions and [`Row`] alone know what they are called
/// and return.
const READERS: [Reader; 2] = [told_by_lines, told_by_read];

type Reader = fn(&[u8]) -> Vec<Told<'_>>;

/// What a reader makes of a row: equal for two readings of the same row.
#[derive(Debug, PartialEq)]
enum Row {
    Line(Generation, Identity, Vec<u8>),
    Record(table::Row<'static>),
}

fn told_by_lines(file: &[u8]) -> Vec<Told<'_>> {
    let told = table::lines(file).map(|line| {
        let said = match line.kind {
            LineKind::Header => Said::Header,
            LineKind::Row(generation, row) => Said::Row(Row::Line(generation, row, line.content)),
            LineKind::Measurement(_) => unreachable!("a file of timings"),
            LineKind::Other(fault) => Said::Fault(fault),
        };
        Told { number: line.number, raw: line.raw, said }
    });
    told.collect()
}

fn told_by_read(file: &[u8]) -> Vec<Told<'_>> {
    let told = table::read(file).map(|(number, raw, reading)| {
        let said = match reading {
            Reading::Header => Said::Header,
            Reading::Row(row) => Said::Row(Row::Record(row.into_owned())),
            Reading::Fault(fault) => Said::Fault(fault),
        };
        Told { number, raw, said }
    });
    told.collect()
}

/// What a reader tells of one line.
struct Told<'a> {
    number: usize,
    raw: &'a [u8],
    said: Said,
}

#[derive(Debug, PartialEq)]
enum Said {
    Header,
    Row(Row),
    Fault(RowFault),
}

/// A row of each generation, oldest first, with what real ones have: blanks, quotes, a URL.
const GOOD: [&str; 4] = [
    "2025-01-15T10:00:00Z,2025-01-15T10:05:00Z,dev, 20250115-06#####NEEDTOUPDATE### ,300,0,a.log",
    "2025-01-16T10:00:00Z,2025-01-16T10:00:00Z,build,dev,16-01-25-01,0,255,\"A=1 B=2\",b.log",
    "2025-01-17T10:00:00Z,2025-01-17T10:00:07Z,bootstrap,dev,17-01-25-01,7,0,1,2,3,https://ci.example/1",
    "2026-01-24T14:43:27Z,2026-01-24T14:45:31Z,rds-apply,dev,rds,124,0,A=1 RUN=r1,3,1,0,logs/c.log",
];

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Panics where a reader breaks a promise, with the lines it broke it on.
pub(crate) fn hold_for(input: &[u8]) {
    for told in READERS {
        let told_of_input = told(input);
        every_line_is_told_once(input, &told_of_input);
        a_row_says_the_same_alone(told, &told_of_input);
        good_rows_survive_around(told, input, &told_of_input);
    }
    the_readers_agree(input);
}

/// The header, row or fault of each line that is not blank, in order, with the bytes of that line.
fn every_line_is_told_once(file: &[u8], told: &[Told<'_>]) {
    let told: Vec<_> =
        told.iter().map(|line| Place { number: line.number, raw: line.raw }).collect();
    assert_eq!(told, places(file), "lines told (left) are not the lines of the file (right)");
}

/// A row or a header is one whatever stands before and behind it.
fn a_row_says_the_same_alone(told: Reader, told_of_input: &[Told<'_>]) {
    for line in told_of_input.iter().filter(|line| !matches!(line.said, Said::Fault(_))) {
        let alone = told(line.raw);
        let said: Vec<_> = alone.iter().map(|line| &line.said).collect();
        assert_eq!(said, [&line.said], "alone (left), {} says something else", shown(line.raw));
    }
}

/// Whatever stands between good rows, they are read, and it is read as it was without them.
fn good_rows_survive_around(told: Reader, input: &[u8], told_of_input: &[Told<'_>]) {
    let good = GOOD.join("\n");
    let (before, after) = GOOD.split_at(2);
    let (before, after) = (before.join("\n"), after.join("\n"));
    let file = [before.as_bytes(), input, after.as_bytes()].join(&b'\n');

    let told_of_file = told(&file);
    every_line_is_told_once(&file, &told_of_file);
    let good = told(good.as_bytes());
    let said = |line: &Told<'_>| matches!(line.said, Said::Row(_));
    assert!(good.len() == GOOD.len() && good.iter().all(said), "a good row is none");

    let (first, rest) = told_of_file.split_at(2);
    let (between, last) = rest.split_at(rest.len() - 2);
    for (good, line) in good.iter().zip(first.iter().chain(last)) {
        assert_eq!(line.said, good.said, "beside the input (left), {} is lost", shown(good.raw));
    }
    // A mark is one at the beginning of a file only.
    if !input.starts_with(BYTE_ORDER_MARK) {
        let between: Vec<_> = between.iter().map(|line| &line.said).collect();
        let alone: Vec<_> = told_of_input.iter().map(|line| &line.said).collect();
        assert_eq!(between, alone, "between good rows (left), the input says something else");
    }
}

/// The second reader asks more of a row than the first: what it reads, the first knows as well.
fn the_readers_agree(input: &[u8]) {
    for (line, record) in told_by_lines(input).iter().zip(told_by_read(input)) {
        let agree = match (&line.said, &record.said) {
            (Said::Row(Row::Line(one, ..)), Said::Row(Row::Record(other))) => {
                *one == other.generation
            }
            (Said::Header, other) => *other == Said::Header,
            (_, other) => matches!(other, Said::Fault(_)),
        };
        assert!(agree, "{} is {:?}, and {:?}", shown(line.raw), line.said, record.said);
    }
}

/// A line's number, counted from 1, and its bytes.
#[derive(PartialEq)]
struct Place<'a> {
    number: usize,
    raw: &'a [u8],
}

/// The lines that are not blank. Looks at one byte after the other, so that it errs in no way that
/// the reader could err in as well.
fn places(file: &[u8]) -> Vec<Place<'_>> {
    let file = file.strip_prefix(BYTE_ORDER_MARK).unwrap_or(file);
    let (mut places, mut number, mut start) = (Vec::new(), 1, 0);
    for end in 0..=file.len() {
        if end < file.len() && file[end] != b'\n' {
            continue;
        }
        let crlf = end > start && file[end - 1] == b'\r';
        let raw = &file[start..end - usize::from(crlf)];
        if raw.iter().any(|byte| !byte.is_ascii_whitespace()) {
            places.push(Place { number, raw });
        }
        (number, start) = (number + 1, end + 1);
    }
    places
}

impl fmt::Debug for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.number, shown(self.raw))
    }
}

/// The beginning of a line, with escapes for what a terminal would not show.
fn shown(raw: &[u8]) -> impl fmt::Display {
    raw[..raw.len().min(200)].escape_ascii()
}
