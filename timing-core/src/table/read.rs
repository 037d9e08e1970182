//! Bytes to records.

use std::fmt;
use std::str::FromStr;

use super::HEADER;
use crate::clock::UtcStamp;
use crate::record::{ExitCode, TimingRecord};

/// A column by its place in [`HEADER`], counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column(pub usize);

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {} ({})", self.0 + 1, HEADER.get(self.0).copied().unwrap_or("unknown"))
    }
}

/// Why a line is not a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowFault {
    /// It has another number of fields than twelve.
    FieldCount(usize),
    /// It has a number of fields that no generation has.
    NoGeneration(usize),
    /// It does not begin with a date.
    NoDate,
    /// A field does not hold what its column holds.
    Field(Column, String),
    /// The end is not start + duration.
    EndContradictsDuration,
}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FieldCount(n) => write!(f, "{n} fields where a row has {}", HEADER.len()),
            Self::NoGeneration(n) => write!(f, "{n} fields where a row has 7, 9, 11 or 12"),
            Self::NoDate => write!(f, "{}: not a date", Column(0)),
            Self::Field(column, reason) => write!(f, "{column}: {reason}"),
            Self::EndContradictsDuration => {
                write!(f, "{}: not start_time_utc + duration_seconds", Column(1))
            }
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
        .map_err(|error: T::Err| RowFault::Field(Column(index), error.to_string()))
}
