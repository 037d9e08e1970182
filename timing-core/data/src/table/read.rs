//! Bytes to records.

use std::fmt;
use std::str::FromStr;

use super::{HEADER, Table};
use crate::clock::UtcStamp;
use crate::record::{ExitCode, TimingRecord};

/// A column of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its place, counted from 1.
    pub number: usize,
    /// What it holds.
    pub name: &'static str,
}

impl Column {
    /// A column of a row of twelve fields, by its place in [`HEADER`] counted from 0.
    fn of_twelve(index: usize) -> Self {
        Self::of(Table::Timings, index)
    }

    /// A column of `table`, by its place counted from 0.
    #[must_use]
    pub fn of(table: Table, index: usize) -> Self {
        let name = table.header().get(index).copied();
        Self { number: index + 1, name: name.unwrap_or("unknown") }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {} ({})", self.number, self.name)
    }
}

/// Why a line is not a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowFault {
    /// It has another number of fields than twelve.
    FieldCount(usize),
    /// It has a number of fields that no generation has.
    NoGeneration(usize),
    /// It has so many fields, and a measurement has more.
    TooFew(usize),
    /// It has more bytes than are kept of one line.
    TooLong {
        /// As many are kept.
        limit: usize,
    },
    /// It does not begin with a date.
    NoDate,
    /// Another line is the same row and says something else.
    Contradicted {
        /// Where that line is.
        by: String,
    },
    /// A field does not hold what its column holds.
    Field(Column, String),
    /// The end is not start + duration.
    EndContradictsDuration,
}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FieldCount(n) => write!(f, "{n} fields where a row has {}", HEADER.len()),
            Self::NoGeneration(1) => f.write_str("1 field where a row has 7, 9, 11 or 12"),
            Self::NoGeneration(n) => write!(f, "{n} fields where a row has 7, 9, 11 or 12"),
            Self::TooFew(n) => write!(f, "{n} fields where a measurement has at least 7"),
            Self::TooLong { limit } => write!(f, "a line of more than {limit} bytes"),
            Self::NoDate => write!(f, "{}: not a date", Column::of_twelve(0)),
            Self::Contradicted { by } => {
                write!(f, "{by} is the same row and says something else, which is what counts")
            }
            Self::Field(column, reason) => write!(f, "{column}: {reason}"),
            Self::EndContradictsDuration => {
                write!(f, "{}: not start_time_utc + duration_seconds", Column::of_twelve(1))
            }
        }
    }
}

impl RowFault {
    /// The column it is about, from 1; the first one where it is about the line as a whole.
    #[must_use]
    pub fn column(&self) -> usize {
        match self {
            Self::Field(column, _) => column.number,
            Self::EndContradictsDuration => 2,
            Self::FieldCount(_) | Self::NoGeneration(_) | Self::TooFew(_) | Self::NoDate => 1,
            Self::TooLong { .. } | Self::Contradicted { .. } => 1,
        }
    }
}

impl std::error::Error for RowFault {}

/// Reads one row of twelve fields, the shape that [`super::rows`] writes.
///
/// # Errors
///
/// When the fields are not twelve, one of them is not of its column's kind, or the end contradicts
/// start and duration.
pub fn parse_row(fields: &csv::StringRecord) -> Result<TimingRecord, RowFault> {
    if fields.len() != HEADER.len() {
        return Err(RowFault::FieldCount(fields.len()));
    }
    let end: UtcStamp = field(fields, 1)?;
    let record = TimingRecord {
        start: field(fields, 0)?,
        duration_seconds: field(fields, 5)?,
        phase: field(fields, 2)?,
        environment: field(fields, 3)?,
        build_id: field(fields, 4)?,
        exit_code: ExitCode(field(fields, 6)?),
        flags: field(fields, 7)?,
        resources_added: field(fields, 8)?,
        resources_changed: field(fields, 9)?,
        resources_destroyed: field(fields, 10)?,
        log_path: match fields.get(11).unwrap_or_default() {
            "" => None,
            _ => Some(field(fields, 11)?),
        },
    };
    if record.end() == end { Ok(record) } else { Err(RowFault::EndContradictsDuration) }
}

/// Reads one line, without its line end, as [`parse_row`] reads its fields.
///
/// # Errors
///
/// In words: when the line is no CSV, or no row.
pub fn parse_line(line: &[u8]) -> Result<TimingRecord, String> {
    // For the csv crate that would be where the row ends.
    if line.contains(&b'\r') {
        return Err("a carriage return within the line".to_owned());
    }
    let reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line);
    let fields = reader.into_records().next().ok_or("an empty line")?;
    parse_row(&fields.map_err(|error| error.to_string())?).map_err(|fault| fault.to_string())
}

fn field<T>(fields: &csv::StringRecord, index: usize) -> Result<T, RowFault>
where
    T: FromStr,
    T::Err: fmt::Display,
{
    fields
        .get(index)
        .unwrap_or_default()
        .parse()
        .map_err(|error: T::Err| RowFault::Field(Column::of_twelve(index), error.to_string()))
}
