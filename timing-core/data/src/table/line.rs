//! The lines of a file that several recorders wrote: which are rows, of which generation, and which
//! row each of them is, however it is spelled.
//!
//! A line is judged by itself: a quote that is never closed spoils its own line and no other.

use std::borrow::Cow;

use super::fields::{Fields, physical};
use super::{Column, Generation, RowFault, Table};
use crate::record::Identity;

/// What a line is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineKind {
    /// The names of columns, wherever it stands.
    Header,
    /// A row of timings.
    Row(Generation, Identity),
    /// A row of measurements.
    Measurement(Identity),
    /// Neither.
    Other(RowFault),
}

impl LineKind {
    /// Which row it is, if it is one.
    #[must_use]
    pub fn identity(&self) -> Option<&Identity> {
        match self {
            Self::Row(_, identity) | Self::Measurement(identity) => Some(identity),
            Self::Header | Self::Other(_) => None,
        }
    }
}

/// A line that is not blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'a> {
    /// Counted from 1.
    pub number: usize,
    /// Its bytes without the line end, which is LF or CRLF.
    pub raw: &'a [u8],
    /// What it says, without the blanks and quotes around its fields. Two lines of the same content
    /// are the same line, spelled differently. What is no row is its own content.
    pub content: Vec<u8>,
    /// What it is.
    pub kind: LineKind,
}

/// Between the fields of a line's content: what no line holds.
const BETWEEN: u8 = b'\n';

/// The lines of a file of timings, without the blank ones.
pub fn lines(bytes: &[u8]) -> impl Iterator<Item = Line<'_>> {
    Table::Timings.lines(bytes)
}

impl Table {
    /// The lines of a file of this table, without the blank ones.
    pub fn lines(self, bytes: &[u8]) -> impl Iterator<Item = Line<'_>> {
        physical(bytes).map(move |(number, raw)| self.line(number, raw))
    }

    fn line(self, number: usize, raw: &[u8]) -> Line<'_> {
        // Garbage may have millions of fields, of which only the first tell what it is.
        let fields: Vec<Cow<'_, [u8]>> = Fields::of(raw).take(self.header().len()).collect();
        let kind = match self {
            _ if self.is_header(raw) => LineKind::Header,
            Self::Timings => classify(&fields, Fields::of(raw).count()),
            Self::Measurements => classify_measurement(&fields),
        };
        let content = match kind {
            LineKind::Other(_) => raw.trim_ascii().to_vec(),
            LineKind::Row(..) | LineKind::Measurement(_) => fields.join(&BETWEEN),
            LineKind::Header => Fields::of(raw).collect::<Vec<_>>().join(&BETWEEN),
        };
        Line { number, raw, content, kind }
    }
}

/// Which row a line is and what it says, where it is a row.
#[must_use]
pub fn identity(raw: &[u8]) -> Option<(Identity, Vec<u8>)> {
    let line = lines(raw).next()?;
    match line.kind {
        LineKind::Row(_, identity) => Some((identity, line.content)),
        LineKind::Header | LineKind::Measurement(_) | LineKind::Other(_) => None,
    }
}

impl Line<'_> {
    /// In how many fields two rows of one shape differ; `None` when they are not of one shape.
    #[must_use]
    pub fn fields_changed(&self, other: &Self) -> Option<usize> {
        let is_of_one_shape = match (&self.kind, &other.kind) {
            (LineKind::Row(one, _), LineKind::Row(another, _)) => one == another,
            (LineKind::Measurement(_), LineKind::Measurement(_)) => {
                self.fields().count() == other.fields().count()
            }
            _ => false,
        };
        let changed = self.fields().zip(other.fields()).filter(|(one, another)| one != another);
        is_of_one_shape.then(|| changed.count())
    }

    fn fields(&self) -> impl Iterator<Item = &[u8]> {
        self.content.split(|&b| b == BETWEEN)
    }
}

/// What a line of `width` fields is that is no header; these are the first of them.
fn classify(fields: &[Cow<'_, [u8]>], width: usize) -> LineKind {
    let Some(generation) = Generation::of_width(width) else {
        return LineKind::Other(RowFault::NoGeneration(width));
    };
    if !fields.first().is_some_and(|start| begins_with_date(start)) {
        return LineKind::Other(RowFault::NoDate);
    }
    LineKind::Row(generation, identity_of(generation, fields))
}

/// What a line that is no header is where measurements are kept; these are its fields. It is one
/// as far as the number of samples: what follows may be empty.
fn classify_measurement(fields: &[Cow<'_, [u8]>]) -> LineKind {
    const LEAST: usize = 7;
    if fields.len() < LEAST {
        return LineKind::Other(RowFault::TooFew(fields.len()));
    }
    if !fields.first().is_some_and(|time| begins_with_date(time)) {
        let column = Column::of(Table::Measurements, 0);
        return LineKind::Other(RowFault::Field(column, "not a date".to_owned()));
    }
    let field =
        |index: usize| String::from_utf8_lossy(fields.get(index).map_or(b"", AsRef::as_ref));
    let identity = Identity::of_measurement(&field(0), &field(1), &field(2), &field(9));
    LineKind::Measurement(identity)
}

fn identity_of(generation: Generation, fields: &[Cow<'_, [u8]>]) -> Identity {
    let field = |index: usize| {
        fields
            .get(index)
            .map(|field| String::from_utf8_lossy(field).into_owned())
            .unwrap_or_default()
    };
    let (phase, environment, flags) = match generation {
        Generation::Seven => (String::new(), 2, String::new()),
        Generation::Eleven => (field(2), 3, String::new()),
        Generation::Nine | Generation::Twelve => (field(2), 3, field(7)),
    };
    match flags.split_ascii_whitespace().find_map(|pair| pair.strip_prefix("RUN=")) {
        Some(run) => Identity::Run { run: run.to_owned(), phase },
        None => {
            let log = field(fields.len().saturating_sub(1));
            Identity::Other([field(0), phase, field(environment), field(environment + 1), log])
        }
    }
}

/// Whether the text begins as `2026-01-24` does.
fn begins_with_date(text: &[u8]) -> bool {
    text.len() >= 10
        && text.iter().zip(b"dddd-dd-dd").all(|(byte, shape)| match shape {
            b'd' => byte.is_ascii_digit(),
            shape => byte == shape,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWELVE: &str = "2026-01-24T14:43:27Z,2026-01-24T14:45:31Z,apply-persistent,dev,persistent,\
                          124,0,A=1 RUN=r1,3,1,0,logs/a.log";

    fn kinds(text: &str) -> Vec<String> {
        let kind = |line: Line<'_>| match line.kind {
            LineKind::Header => format!("{}: header", line.number),
            LineKind::Row(generation, identity) => {
                format!("{}: {generation:?} {identity:?}", line.number)
            }
            LineKind::Other(fault) => format!("{}: {fault}", line.number),
            LineKind::Measurement(_) => unreachable!("a file of timings"),
        };
        lines(text.as_bytes()).map(kind).collect()
    }

    #[test]
    fn every_generation_is_known_by_its_shape() {
        let text = format!(
            "\u{feff}start_time_utc,end_time_utc\r\n\
             2025-01-15T10:00:00Z,2025-01-15T10:05:00Z,dev, 20250115-06#####NEEDTOUPDATE### ,300,0,a.log\n\
             2025-01-15T10:00:00Z,2025-01-15T10:00:00Z,build,dev,15-01-25-01,0,255,\"A=1 B=2\",b.log\n\
             2025-01-15T10:00:00Z,x,build,dev,15-01-25-01,0,1,1,2,3,https://ci.example/1\n\
             \n{TWELVE}\n<<<<<<< HEAD\na,b,c,d,e,f,g\n"
        );
        insta::assert_snapshot!(kinds(&text).join("\n"), @r#"
        1: header
        2: Seven Other(["2025-01-15T10:00:00Z", "", "dev", "20250115-06#####NEEDTOUPDATE###", "a.log"])
        3: Nine Other(["2025-01-15T10:00:00Z", "build", "dev", "15-01-25-01", "b.log"])
        4: Eleven Other(["2025-01-15T10:00:00Z", "build", "dev", "15-01-25-01", "https://ci.example/1"])
        6: Twelve Run { run: "r1", phase: "apply-persistent" }
        7: 1 field where a row has 7, 9, 11 or 12
        8: column 1 (start_time_utc): not a date
        "#);
    }

    #[test]
    fn spelling_is_no_content() {
        let content = |text: &str| lines(text.as_bytes()).next().unwrap().content;
        let quoted: Vec<String> = TWELVE.split(',').map(|field| format!("\"{field}\"")).collect();
        let blanks: Vec<String> =
            TWELVE.split(',').map(|field| format!(" \" {field}\"\t")).collect();
        for spelled in [
            quoted.join(","),
            blanks.join(","),
            format!("{TWELVE}\r\n"),
            TWELVE.replace(',', " , "),
        ] {
            assert_eq!(content(&spelled), content(TWELVE), "{spelled}");
        }
        assert_eq!(
            content(&format!("\n\u{feff}{TWELVE}")),
            content(TWELVE),
            "a file behind a file"
        );
        assert_ne!(content(&TWELVE.replace(',', "\u{1f}")), content(TWELVE), "garbage is no row");
        assert_ne!(content(&TWELVE.replace("A=1", "A=2")), content(TWELVE));
        assert_ne!(content(&TWELVE.replace("A=1 ", "A=1  ")), content(TWELVE));
    }
}
