//! Bytes to spans.
//!
//! Each line is read by itself, so that a damaged one spoils no other. Phases and parents are found
//! by their names at once: a branch can hold a file of any length.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use super::{Action, COLUMNS, Kind, Outcome, PhaseSpans, Span};
use crate::record::Phase;

/// So many faults of one file are told one by one.
const TOLD: usize = 10;

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

impl Reading {
    /// What could not be read of the file called `name`, one line each and few of them, however much
    /// of it is damaged.
    pub fn warnings(&self, name: &str) -> impl Iterator<Item = String> {
        let told = self.faults.iter().take(TOLD).map(move |fault| format!("{name} {fault}"));
        let further = self.faults.len().saturating_sub(TOLD);
        let rest = format!("{name} {further} more lines are no spans");
        told.chain((further > 0).then_some(rest))
    }
}

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
    let mut known = Known::default();
    for (line, text) in lines {
        if let Err((column, reason)) = take(&mut reading.phases, &mut known, &places, text) {
            reading.faults.push(Fault { line, column, reason });
        }
    }
    reading
}

/// What the lines so far have, by name.
#[derive(Default)]
struct Known(HashMap<Phase, KnownPhase>);

struct KnownPhase {
    /// Its place among the phases.
    place: usize,
    /// The place of the last span of each name that contains others.
    parents: HashMap<String, usize>,
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

fn take(
    phases: &mut Vec<PhaseSpans>,
    known: &mut Known,
    places: &Places,
    line: &[u8],
) -> Result<(), Wrong> {
    let fields = fields(line)?;
    let [phase, kind, name, action, start, duration, outcome, parent] = places.fields(&fields)?;
    let phase: Phase = phase.parse().map_err(wrong("phase"))?;
    let span = Span {
        kind: kind_of(kind, action)?,
        name: name.to_owned(),
        start: milliseconds("start_ms", start)?,
        duration: milliseconds("duration_ms", duration)?,
        outcome: Outcome::of_word(outcome).ok_or_else(|| unknown("outcome", outcome))?,
        parent: parent_of(parent, known.0.get(&phase))?,
    };
    let of_phase = known.0.entry(phase).or_insert_with_key(|phase| {
        phases.push(PhaseSpans { phase: phase.clone(), spans: Vec::new() });
        KnownPhase { place: phases.len() - 1, parents: HashMap::new() }
    });
    if let Some(PhaseSpans { spans, .. }) = phases.get_mut(of_phase.place) {
        if !matches!(span.kind, Kind::Resource(_)) {
            of_phase.parents.insert(span.name.clone(), spans.len());
        }
        spans.push(span);
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

fn parent_of(parent: &str, before: Option<&KnownPhase>) -> Result<Option<usize>, Wrong> {
    if parent.is_empty() {
        return Ok(None);
    }
    match before.and_then(|before| before.parents.get(parent)) {
        Some(index) => Ok(Some(*index)),
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

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    const HEADER: &str = "phase,kind,name,action,start_ms,duration_ms,outcome,parent";

    #[test]
    fn a_parent_far_above_is_found_at_once() {
        const LINES: usize = 200_000;
        let resource = "apply,resource,null_resource.this,create,0,1,complete,FIRST\n";
        let file =
            format!("{HEADER}\napply,stage,FIRST,,0,1,complete,\n{}", resource.repeat(LINES));
        let start = Instant::now();
        let reading = read(file.as_bytes());
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
        let [phase] = &reading.phases[..] else { panic!("{:?}", reading.faults) };
        assert_eq!(phase.spans.len(), LINES + 1);
        assert!(phase.spans[1..].iter().all(|span| span.parent == Some(0)));
    }

    #[test]
    fn the_nearest_of_several_of_one_name_is_the_parent_and_only_in_its_phase() {
        let file = format!(
            "{HEADER}\na,stage,S,,0,1,complete,\na,stage,S,,1,1,complete,\n\
             a,resource,S,create,1,1,complete,S\na,step,T,,1,1,complete,S\nb,step,T,,1,1,complete,S\n"
        );
        let reading = read(file.as_bytes());
        let parents: Vec<_> = reading.phases[0].spans.iter().map(|span| span.parent).collect();
        assert_eq!(parents, [None, None, Some(1), Some(1)]);
        assert_eq!((reading.phases.len(), reading.faults.len()), (1, 1), "{:?}", reading.faults);
    }

    #[test]
    fn a_file_full_of_damage_is_told_in_few_lines() {
        let file = format!("{HEADER}\n{}", "x\n".repeat(1000));
        let told: Vec<String> = read(file.as_bytes()).warnings("it").collect();
        assert_eq!(told.len(), TOLD + 1);
        insta::assert_snapshot!(told[0], @"it line 2, column kind: the line ends before it");
        insta::assert_snapshot!(told[TOLD], @"it 990 more lines are no spans");
    }
}
