//! Bytes to spans.
//!
//! Each line is read by itself, so that a damaged one spoils no other.

use std::fmt;
use std::time::Duration;

use super::{Action, COLUMNS, Kind, Outcome, PhaseSpans, Span};
use crate::record::Phase;

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// The spans of each phase, phases in the order of their first lines.
    pub phases: Vec<PhaseSpans>,
    /// What could not be read.
    pub faults: Vec<Fault>,
}

/// Why a line is not a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Counted from 1.
    pub line: usize,
    /// The column it is about, if it is about one.
    pub column: Option<&'static str>,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.column {
            Some(column) => write!(f, "line {}, column {column}: {}", self.line, self.reason),
            None => write!(f, "line {}: {}", self.line, self.reason),
        }
    }
}

impl std::error::Error for Fault {}

/// What is wrong, and in which column.
type Wrong = (Option<&'static str>, String);

/// Reads what [`write`](super::write()) wrote. Columns are known by the names in the first line;
/// others may stand between them. A line that is not a span is a fault and no more; without a
/// header there is nothing but a fault.
#[must_use]
pub fn read(file: &[u8]) -> Reading {
    let mut reading = Reading::default();
    let mut lines = (1..)
        .zip(file.split(|&byte| byte == b'\n'))
        .filter(|(_, line)| !line.trim_ascii().is_empty());
    let Some((line, header)) = lines.next() else { return reading };
    let places = match fields(header).and_then(|fields| Places::of(&fields)) {
        Ok(places) => places,
        Err((column, reason)) => {
            reading.faults.push(Fault { line, column, reason });
            return reading;
        }
    };
    for (line, text) in lines {
        if let Err((column, reason)) = take(&mut reading.phases, &places, text) {
            reading.faults.push(Fault { line, column, reason });
        }
    }
    reading
}

/// Where each of the columns is.
struct Places([usize; COLUMNS.len()]);

impl Places {
    fn of(header: &csv::StringRecord) -> Result<Self, Wrong> {
        let mut places = [0; COLUMNS.len()];
        for (place, column) in places.iter_mut().zip(COLUMNS) {
            *place = header
                .iter()
                .position(|name| name.trim() == column)
                .ok_or((Some(column), "the header does not have it".to_owned()))?;
        }
        Ok(Self(places))
    }

    /// A line's fields in the order of [`COLUMNS`].
    fn fields<'a>(&self, line: &'a csv::StringRecord) -> Result<[&'a str; COLUMNS.len()], Wrong> {
        let mut fields = [""; COLUMNS.len()];
        for ((field, place), column) in fields.iter_mut().zip(self.0).zip(COLUMNS) {
            let missing = || (Some(column), "the line ends before it".to_owned());
            *field = line.get(place).ok_or_else(missing)?;
        }
        Ok(fields)
    }
}

fn fields(line: &[u8]) -> Result<csv::StringRecord, Wrong> {
    let reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(line.len().max(1))
        .from_reader(line);
    let mut records = reader.into_records();
    let fields = records.next().ok_or((None, "an empty line".to_owned()))?;
    let fields = fields.map_err(|error| (None, error.to_string()))?;
    match records.next() {
        None => Ok(fields),
        Some(_) => Err((None, "a carriage return within the line".to_owned())),
    }
}

fn take(phases: &mut Vec<PhaseSpans>, places: &Places, line: &[u8]) -> Result<(), Wrong> {
    let fields = fields(line)?;
    let [phase, kind, name, action, start, duration, outcome, parent] = places.fields(&fields)?;
    let phase: Phase = phase.parse().map_err(wrong("phase"))?;
    let known = phases.iter().position(|known| known.phase == phase);
    let before = known.and_then(|at| phases.get(at)).map_or(&[][..], |known| &known.spans);
    let span = Span {
        kind: kind_of(kind, action)?,
        name: name.to_owned(),
        start: milliseconds("start_ms", start)?,
        duration: milliseconds("duration_ms", duration)?,
        outcome: Outcome::of_word(outcome).ok_or_else(|| unknown("outcome", outcome))?,
        parent: parent_of(parent, before)?,
    };
    match known.and_then(|at| phases.get_mut(at)) {
        Some(known) => known.spans.push(span),
        None => phases.push(PhaseSpans { phase, spans: vec![span] }),
    }
    Ok(())
}

fn kind_of(kind: &str, action: &str) -> Result<Kind, Wrong> {
    match (kind, action) {
        ("stage", "") => Ok(Kind::Stage),
        ("pass", "") => Ok(Kind::Pass),
        ("step", "") => Ok(Kind::Step),
        ("resource", word) => {
            Action::of_word(word).map(Kind::Resource).ok_or_else(|| unknown("action", word))
        }
        ("stage" | "pass" | "step", _) => {
            Err((Some("action"), "only a resource has one".to_owned()))
        }
        (other, _) => Err(unknown("kind", other)),
    }
}

fn parent_of(parent: &str, before: &[Span]) -> Result<Option<usize>, Wrong> {
    if parent.is_empty() {
        return Ok(None);
    }
    let is_it = |span: &Span| span.name == parent && !matches!(span.kind, Kind::Resource(_));
    match before.iter().rposition(is_it) {
        Some(index) => Ok(Some(index)),
        None => Err((Some("parent"), format!("no line above is called {parent:?}"))),
    }
}

fn milliseconds(column: &'static str, text: &str) -> Result<Duration, Wrong> {
    text.parse().map(Duration::from_millis).map_err(wrong(column))
}

fn wrong<E: fmt::Display>(column: &'static str) -> impl Fn(E) -> Wrong {
    move |error| (Some(column), error.to_string())
}

fn unknown(column: &'static str, word: &str) -> Wrong {
    (Some(column), format!("{word:?} is not known"))
}
