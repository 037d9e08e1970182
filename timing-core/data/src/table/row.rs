//! Rows of every generation as one record: what a generation does not hold is absent, not zero.
//!
//! [`parse_row`](super::parse_row) is strict, because it reads back what this project wrote. This
//! reads what anybody wrote: it takes a row as it is, also one whose end is not start + duration,
//! and names line, column and reason where it cannot.

use std::borrow::Cow;
use std::str::FromStr;

use super::fields::{BYTE_ORDER_MARK, Fields, split};
use super::{Column, Generation, HEADER, RowFault, is_header, plain};
use crate::clock::UtcStamp;
use crate::record::{Sample, is_part};
use crate::shown::excerpt;

/// A row of any generation, as it stands in a file. Texts are without the blanks and quotes around
/// them, and hold no control character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<'a> {
    /// Its shape.
    pub generation: Generation,
    /// When the phase started.
    pub start: UtcStamp,
    /// When it ended, as the file says; not always start + duration.
    pub end: Option<UtcStamp>,
    /// Which phase; the first generation does not say.
    pub phase: Option<Cow<'a, str>>,
    /// In which environment; never empty.
    pub environment: Cow<'a, str>,
    /// Of which build, in whatever spelling.
    pub build_id: Cow<'a, str>,
    /// Whole seconds.
    pub duration_seconds: u64,
    /// 0 is success.
    pub exit_code: i32,
    /// `KEY=VALUE` pairs separated by blanks, unparsed.
    pub flags: Option<Cow<'a, str>>,
    /// What Terraform counted.
    pub resources: Option<Resources>,
    /// The log, relative to the repository.
    pub log_path: Option<Cow<'a, str>>,
    /// The address of a workflow's run, in rows that CI wrote.
    pub workflow_run_url: Option<Cow<'a, str>>,
}

/// How many resources a phase added, changed and destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resources {
    /// Created.
    pub added: u64,
    /// Modified in place.
    pub changed: u64,
    /// Destroyed.
    pub destroyed: u64,
}

impl Resources {
    /// Whether anything was done.
    #[must_use]
    pub fn is_change(self) -> bool {
        self.added > 0 || self.changed > 0 || self.destroyed > 0
    }
}

impl Row<'_> {
    /// Whether the phase exited with 0.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.exit_code == 0
    }

    /// What statistics need of it.
    #[must_use]
    pub fn sample(&self) -> Sample {
        Sample {
            start: self.start,
            duration_seconds: self.duration_seconds,
            exit_code: self.exit_code,
        }
    }

    /// The value of `key` in the flags, as it is encoded there.
    #[must_use]
    pub fn flag(&self, key: &str) -> Option<&str> {
        self.flags.as_deref()?.split_ascii_whitespace().find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            (name == key).then_some(value)
        })
    }

    /// Whether only a part of the phase was carried out, on request: its duration cannot be compared
    /// with that of a whole one.
    #[must_use]
    pub fn is_part(&self) -> bool {
        self.phase.as_deref().is_some_and(|phase| is_part(phase, |key| self.flag(key)))
    }

    /// The same row, which borrows nothing.
    #[must_use]
    pub fn into_owned(self) -> Row<'static> {
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        Row {
            generation: self.generation,
            start: self.start,
            end: self.end,
            phase: self.phase.map(own),
            environment: own(self.environment),
            build_id: own(self.build_id),
            duration_seconds: self.duration_seconds,
            exit_code: self.exit_code,
            flags: self.flags.map(own),
            resources: self.resources,
            log_path: self.log_path.map(own),
            workflow_run_url: self.workflow_run_url.map(own),
        }
    }
}

/// What a line that is not blank says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading<'a> {
    /// The names of columns, wherever it stands.
    Header,
    /// A row.
    Row(Row<'a>),
    /// Neither, and why.
    Fault(RowFault),
}

/// Reads the lines of a file: number (from 1), bytes without the line end, and what they say.
/// Every line that is not blank is one item.
pub fn read(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8], Reading<'_>)> {
    read_part(bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes))
}

/// The same for a part of a file that begins with a line: where it is not the file's beginning,
/// a byte-order mark is text.
pub fn read_part(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8], Reading<'_>)> {
    split(bytes).map(|(number, line)| (number, line, read_line(line)))
}

/// Reads one line without its line end.
#[must_use]
pub fn read_line(line: &[u8]) -> Reading<'_> {
    plain::row(line).map_or_else(|| read_carefully(line), Reading::Row)
}

pub(super) fn read_carefully(line: &[u8]) -> Reading<'_> {
    let mut texts: [Cow<'_, [u8]>; HEADER.len()] = Default::default();
    let mut width = 0;
    for field in Fields::of(line) {
        if let Some(text) = texts.get_mut(width) {
            *text = field;
        }
        width += 1;
    }
    if is_header(line) {
        return Reading::Header;
    }
    let Some(generation) = Generation::of_width(width) else {
        return Reading::Fault(RowFault::NoGeneration(width));
    };
    match (Taker { texts, generation }).row() {
        Ok(row) => Reading::Row(row),
        Err(fault) => Reading::Fault(fault),
    }
}

/// Takes the fields of a line by the columns of its generation.
struct Taker<'a> {
    texts: [Cow<'a, [u8]>; HEADER.len()],
    generation: Generation,
}

impl<'a> Taker<'a> {
    fn row(mut self) -> Result<Row<'a>, RowFault> {
        // Where the first columns without a phase stand one further to the left.
        let (phase, left) = match self.generation {
            Generation::Seven => (None, 1),
            _ => (self.text(2)?, 0),
        };
        let start = self.stamp(0)?.ok_or_else(|| self.fault(0, "empty"))?;
        let end = self.stamp(1)?;
        let environment = self.required(3 - left)?;
        let build_id = self.required(4 - left)?;
        let duration_seconds = self.number(5 - left)?;
        let exit_code = self.number(6 - left)?;
        let (mut flags, mut resources, mut log_path, mut workflow_run_url) =
            (None, None, None, None);
        match self.generation {
            Generation::Seven => log_path = self.text(6)?,
            Generation::Nine => (flags, log_path) = (self.text(7)?, self.log_of_nine()?),
            Generation::Eleven => {
                (resources, workflow_run_url) = (self.resources(7)?, self.text(10)?);
            }
            Generation::Twelve => {
                (flags, resources, log_path) = (self.text(7)?, self.resources(8)?, self.text(11)?);
            }
        }
        Ok(Row {
            generation: self.generation,
            start,
            end,
            phase,
            environment,
            build_id,
            duration_seconds,
            exit_code,
            flags,
            resources,
            log_path,
            workflow_run_url,
        })
    }

    fn fault(&self, index: usize, reason: &str) -> RowFault {
        let name = self.generation.columns().get(index).copied().unwrap_or("unknown");
        RowFault::Field(Column { number: index + 1, name }, reason.to_owned())
    }

    /// The text of a field; `None` when it is empty.
    fn text(&mut self, index: usize) -> Result<Option<Cow<'a, str>>, RowFault> {
        let bytes = self.texts.get_mut(index).map(std::mem::take).unwrap_or_default();
        if bytes.is_empty() {
            return Ok(None);
        }
        let text = match bytes {
            Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
        };
        match text {
            None => Err(self.fault(index, "not UTF-8")),
            Some(text) if text.chars().any(char::is_control) => {
                Err(self.fault(index, "holds a control character"))
            }
            Some(text) => Ok(Some(text)),
        }
    }

    /// The log of a row of nine fields. A number there is what a row of twelve is torn off at.
    fn log_of_nine(&mut self) -> Result<Option<Cow<'a, str>>, RowFault> {
        let log = self.text(8)?;
        match &log {
            Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                Err(self.fault(8, "a number, as in a row of 12 fields that ends too early"))
            }
            _ => Ok(log),
        }
    }

    fn required(&mut self, index: usize) -> Result<Cow<'a, str>, RowFault> {
        self.text(index)?.ok_or_else(|| self.fault(index, "empty"))
    }

    fn stamp(&mut self, index: usize) -> Result<Option<UtcStamp>, RowFault> {
        let Some(text) = self.text(index)? else { return Ok(None) };
        match UtcStamp::from_rfc3339(&text) {
            Some(stamp) => Ok(Some(stamp)),
            None => Err(self.fault(index, &format!("{:?} is not a time", excerpt(&text)))),
        }
    }

    fn number<T: FromStr>(&mut self, index: usize) -> Result<T, RowFault> {
        let text = self.required(index)?;
        text.parse()
            .map_err(|_| self.fault(index, &format!("{:?} is not a whole number", excerpt(&text))))
    }

    /// The three counts from `first` on; all of them, or none.
    fn resources(&mut self, first: usize) -> Result<Option<Resources>, RowFault> {
        let counts = self.texts.get(first..first + 3).unwrap_or_default();
        if counts.iter().all(|count| count.is_empty()) {
            return Ok(None);
        }
        Ok(Some(Resources {
            added: self.number(first)?,
            changed: self.number(first + 1)?,
            destroyed: self.number(first + 2)?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &[u8]) -> String {
        let shown = |(number, _, reading): (usize, &[u8], Reading<'_>)| match reading {
            Reading::Header => format!("{number}: header"),
            Reading::Fault(fault) => format!("{number}:{} {fault}", fault.column()),
            Reading::Row(row) => format!(
                "{number}: {:?} {} {:?} {:?} {} {} {} {} {:?} {:?} {:?} {:?}",
                row.generation,
                row.start,
                row.end.map(|end| end.to_string()),
                row.phase,
                row.environment,
                row.build_id,
                row.duration_seconds,
                row.exit_code,
                row.flags,
                row.resources.map(|r| (r.added, r.changed, r.destroyed)),
                row.log_path,
                row.workflow_run_url,
            ),
        };
        read(text).map(shown).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn four_generations_are_one_record_in_which_the_missing_is_absent() {
        let text = "\u{feff}start_time_utc,end_time_utc,phase\r\n\
            2025-01-15T10:00:00Z,2025-01-15T10:05:00Z,dev, 20250115-06#####NEEDTOUPDATE### ,300,0,a.log\r\n\
            2025-01-15T10:00:00Z,2025-01-15T10:00:00Z,build,dev,15-01-25-01,0,255,\"A=1 B=2\",b.log\n\
            2025-01-15T10:00:00Z,2025-01-15T11:00:00Z,teardown,dev,15-01-25-01,60,1,1,2,3,https://ci.example/1\n\
            \n\
            2026-01-24T14:43:27Z,2026-01-24T14:45:31Z,apply-persistent,dev,persistent,124,0,RUN=r1,3,1,0,logs/a.log\n\
            2026-01-24T14:43:27.9+01:00,,apply-persistent,dev,persistent,124,0,,,,,";
        insta::assert_snapshot!(shown(text.as_bytes()), @r#"
        1: header
        2: Seven 2025-01-15T10:00:00Z Some("2025-01-15T10:05:00Z") None dev 20250115-06#####NEEDTOUPDATE### 300 0 None None Some("a.log") None
        3: Nine 2025-01-15T10:00:00Z Some("2025-01-15T10:00:00Z") Some("build") dev 15-01-25-01 0 255 Some("A=1 B=2") None Some("b.log") None
        4: Eleven 2025-01-15T10:00:00Z Some("2025-01-15T11:00:00Z") Some("teardown") dev 15-01-25-01 60 1 None Some((1, 2, 3)) None Some("https://ci.example/1")
        6: Twelve 2026-01-24T14:43:27Z Some("2026-01-24T14:45:31Z") Some("apply-persistent") dev persistent 124 0 Some("RUN=r1") Some((3, 1, 0)) Some("logs/a.log") None
        7: Twelve 2026-01-24T13:43:27Z None Some("apply-persistent") dev persistent 124 0 None None None None
        "#);
    }

    #[test]
    fn what_cannot_be_read_is_named_with_line_column_and_reason() {
        let text = b"<<<<<<< HEAD\n\
            a,b,c,d,e,f,g\n\
            2025-01-15T10:00:00Z,x,build,dev,1,0,0,,a.log\n\
            2025-01-15T10:00:00Z,,bu\0ild,dev,1,0,0,,a.log\n\
            2025-01-15T10:00:00Z,,build,\xff,1,0,0,,a.log\n\
            2025-01-15T10:00:00Z,,build,dev,1,-5,0,,a.log\n\
            2025-01-15T10:00:00Z,,build,dev,1,5,zero,,a.log\n\
            2025-01-15T10:00:00Z,,build,,1,5,0,,a.log\n\
            2025-01-15T10:00:00Z,,build,dev,1,5,0,,3,,0,a.log\n\
            2025-02-30T10:00:00Z,,build,dev,1,5,0,,3,1,0,a.log\n\
            start_time_utc,,build,dev,1,5,0,,a.log\n\
            start_time_utc,end_time_utc,phase2025-01-15T10:00:00Z,x,build,dev,1,5,0,,a.log\n\
            2025-01-15T10:00:00Z,,torn,dev,1,5,0,A=1,3\n\
            2025-01-15T10:00:00Z,,bu\xc2\x9bild,dev,1,5,0,,a.log\n\
            2025-01-15T10:00:00Z,,dev,1,five and a lot of other words that nobody wants to read,0,a.log";
        insta::assert_snapshot!(shown(text), @r#"
        1:1 1 field where a row has 7, 9, 11 or 12
        2:1 column 1 (start_time_utc): "a" is not a time
        3:2 column 2 (end_time_utc): "x" is not a time
        4:3 column 3 (phase): holds a control character
        5:4 column 4 (env): not UTF-8
        6:6 column 6 (duration_seconds): "-5" is not a whole number
        7:7 column 7 (exit_code): "zero" is not a whole number
        8:4 column 4 (env): empty
        9:10 column 10 (resources_changed): empty
        10:1 column 1 (start_time_utc): "2025-02-30T10:00:00Z" is not a time
        11:1 column 1 (start_time_utc): "start_time_utc" is not a time
        12:1 column 1 (start_time_utc): "start_time_utc" is not a time
        13:9 column 9 (log_path): a number, as in a row of 12 fields that ends too early
        14:3 column 3 (phase): holds a control character
        15:5 column 5 (duration_seconds): "five and a lot of other words that nobod" is not a whole number
        "#);
    }
}
