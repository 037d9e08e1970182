//! Measurements as they are kept: records, and the rows of `budget_measurements.csv`.
//!
//! The file lies beside the timings of its environment and follows their rules: no field ever
//! needs quotes, a row is written once, and what cannot be read is named and passed over.
//!
//! | column | holds |
//! | --- | --- |
//! | `time_utc` | when it was measured, `2026-01-24T14:43:27Z` |
//! | `metric` | its name in the budget file |
//! | `env` | the environment it was measured in, or for |
//! | `unit` | `seconds`, `bytes`, `cpu`, `ratio`, `count` |
//! | `statistic` | which of the samples: `p95`, `median`, … |
//! | `value` | a decimal number of the unit, with at most nine decimals; may be negative |
//! | `samples` | how many values it is the statistic of |
//! | `commit` | the commit that was checked out; empty when not known |
//! | `version` | the version or tag; empty when not known |
//! | `run_id` | which invocation measured; empty when not known |
//! | `flags` | `KEY=VALUE` pairs, encoded as those of timings |

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use super::amount::Amount;
use super::model::MetricName;
use super::statistic::Statistic;
use super::unit::Unit;
use crate::clock::UtcStamp;
use crate::names;
use crate::record::{Environment, Flags, Identity, RunId, is_word};
use crate::table::fields::{Fields, physical};
use crate::table::{self, Column, MEASUREMENTS, Table};

/// The name of the file, in the directory of its environment.
pub const FILE_NAME: &str = Table::Measurements.file_name();

/// The header a new file starts with.
pub const HEADER: [&str; 11] = MEASUREMENTS;

names! {
    /// A commit, or as much of its name as was written.
    Commit, "commit", "7 to 64 lower-case hexadecimal digits",
    |text| (7..=64).contains(&text.len()) && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));

    /// A version or a tag: `v1.4.0`.
    Version, "version",
    "letters, digits, '-', '_', '.', '+' and '/', at most 128, starting with a letter or digit",
    |text| is_word(text, b"-_.+/", 128);
}

/// One value that was measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measurement {
    /// When.
    pub time: UtcStamp,
    /// What.
    pub metric: MetricName,
    /// Where, or for where.
    pub environment: Environment,
    /// What the value is a number of.
    pub unit: Unit,
    /// Which of the samples it is.
    pub statistic: Statistic,
    /// The value.
    pub value: Amount,
    /// Of how many samples.
    pub samples: u64,
    /// What was checked out.
    pub commit: Option<Commit>,
    /// Which version that was.
    pub version: Option<Version>,
    /// Which invocation measured.
    pub run: Option<RunId>,
    /// What else is to be known of it.
    pub flags: Flags,
}

impl Measurement {
    /// Which row it is.
    #[must_use]
    pub fn identity(&self) -> Identity {
        let run = self.run.as_ref().map_or("", RunId::as_str);
        let (metric, environment) = (self.metric.as_str(), self.environment.as_str());
        Identity::of_measurement(&self.time.to_string(), metric, environment, run)
    }
}

/// The rows of `measurements`, one line each, without a header.
#[must_use]
pub fn rows<'a>(measurements: impl IntoIterator<Item = &'a Measurement>) -> Vec<u8> {
    fn optional(name: Option<&impl fmt::Display>) -> String {
        name.map(ToString::to_string).unwrap_or_default()
    }
    // QuoteStyle::Never states what the types guarantee; the property test holds it to account.
    let mut writer =
        csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Never).from_writer(Vec::new());
    for row in measurements {
        // Writing to memory cannot fail.
        let _ = writer.write_record([
            row.time.to_string(),
            row.metric.to_string(),
            row.environment.to_string(),
            row.unit.to_string(),
            row.statistic.to_string(),
            row.value.to_string(),
            row.samples.to_string(),
            optional(row.commit.as_ref()),
            optional(row.version.as_ref()),
            optional(row.run.as_ref()),
            row.flags.to_string(),
        ]);
    }
    writer.into_inner().unwrap_or_default()
}

/// What a line that is not blank says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// The names of columns, wherever it stands.
    Header,
    /// A measurement.
    Row(Box<Measurement>),
    /// Neither, and why.
    Fault(RowFault),
}

/// Why a line is no measurement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    /// The column, as the header names it.
    pub column: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.column, self.reason)
    }
}

/// Reads the lines of a file, with their numbers (from 1). Leniently: quotes, blanks around fields,
/// other line ends and further columns do no harm.
pub fn read(bytes: &[u8]) -> impl Iterator<Item = (usize, Line)> {
    physical(bytes).map(|(number, line)| (number, read_line(line)))
}

fn read_line(line: &[u8]) -> Line {
    let fields: Vec<Cow<'_, [u8]>> = Fields::of(line).take(HEADER.len()).collect();
    if fields.iter().zip(HEADER).take(3).all(|(field, name)| field.as_ref() == name.as_bytes()) {
        return Line::Header;
    }
    match measurement(&fields) {
        Ok(measurement) => Line::Row(Box::new(measurement)),
        Err(fault) => Line::Fault(fault),
    }
}

/// Whether `line`, which is no header, is a measurement.
///
/// # Errors
///
/// Why it is none.
pub(crate) fn check(line: &[u8]) -> Result<(), table::RowFault> {
    match read_line(line) {
        Line::Row(_) | Line::Header => Ok(()),
        Line::Fault(RowFault { column, reason }) => {
            let index = HEADER.iter().position(|name| *name == column).unwrap_or_default();
            Err(table::RowFault::Field(Column::of(Table::Measurements, index), reason))
        }
    }
}

/// Reads a line that was written by [`rows`], and nothing else: for places that only our own rows
/// reach.
///
/// # Errors
///
/// What is wrong with it, in words.
pub fn parse_line(line: &[u8]) -> Result<Measurement, String> {
    let row = match read_line(line) {
        Line::Row(row) => *row,
        Line::Header => return Err("a header".to_owned()),
        Line::Fault(fault) => return Err(fault.to_string()),
    };
    match rows([&row]).strip_suffix(b"\n") == Some(line) {
        true => Ok(row),
        false => Err("not spelled as it is written".to_owned()),
    }
}

fn measurement(fields: &[Cow<'_, [u8]>]) -> Result<Measurement, RowFault> {
    let flags = text(fields, 10)?;
    Ok(Measurement {
        time: parsed(fields, 0)?,
        metric: parsed(fields, 1)?,
        environment: parsed(fields, 2)?,
        unit: word(fields, 3)?,
        statistic: parsed(fields, 4)?,
        value: Amount::from_decimal(text(fields, 5)?)
            .ok_or_else(|| fault(5, "not a decimal number of at most nine decimals".to_owned()))?,
        samples: parsed(fields, 6)?,
        commit: optional(fields, 7)?,
        version: optional(fields, 8)?,
        run: optional(fields, 9)?,
        flags: flags.parse().map_err(|error| fault(10, format!("{error}")))?,
    })
}

fn fault(column: usize, reason: String) -> RowFault {
    RowFault { column: HEADER.get(column).copied().unwrap_or("row"), reason }
}

fn text<'a>(fields: &'a [Cow<'_, [u8]>], column: usize) -> Result<&'a str, RowFault> {
    let bytes = fields.get(column).map_or(&[][..], AsRef::as_ref);
    std::str::from_utf8(bytes).map_err(|_| fault(column, "not UTF-8".to_owned()))
}

fn parsed<T: FromStr<Err: fmt::Display>>(
    fields: &[Cow<'_, [u8]>],
    column: usize,
) -> Result<T, RowFault> {
    text(fields, column)?.parse().map_err(|error: T::Err| fault(column, error.to_string()))
}

fn optional<T: FromStr<Err: fmt::Display>>(
    fields: &[Cow<'_, [u8]>],
    column: usize,
) -> Result<Option<T>, RowFault> {
    if text(fields, column)?.is_empty() { Ok(None) } else { parsed(fields, column).map(Some) }
}

fn word(fields: &[Cow<'_, [u8]>], column: usize) -> Result<Unit, RowFault> {
    let text = text(fields, column)?;
    let known = Unit::WORDS.iter().find(|(word, _)| *word == text);
    known.map(|(_, unit)| *unit).ok_or_else(|| fault(column, "not a unit".to_owned()))
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(in crate::budget) fn measurement(metric: &str, day: u64, value: u64) -> Measurement {
        Measurement {
            time: UtcStamp::from_unix_seconds(1_769_000_000 + day * 86_400),
            metric: metric.parse().unwrap(),
            environment: "local".parse().unwrap(),
            unit: Unit::Seconds,
            statistic: Statistic::Permille(500),
            value: Amount::whole(value),
            samples: 5,
            commit: Some("0123abc".parse().unwrap()),
            version: Some("v1.4.0".parse().unwrap()),
            run: None,
            flags: Flags::default(),
        }
    }

    #[test]
    fn a_row_has_eleven_columns_and_no_quotes() {
        let mut row = measurement("image-size", 0, 118);
        row.flags.set("NOTE", "a, \"b\"");
        let text = String::from_utf8(rows([&row])).unwrap();
        insta::assert_snapshot!(text, @"2026-01-21T12:53:20Z,image-size,local,seconds,median,118,5,0123abc,v1.4.0,,NOTE=a%2C%20%22b%22");
    }

    #[test]
    fn a_file_that_others_touched_is_read() {
        let text = "\u{feff}time_utc,metric,env,unit,statistic,value,samples,commit,version,run_id,flags\r\n\
            2026-01-24T14:43:27Z, boot ,\"local\",seconds,p95,-0.5,3,,,,,more,columns\r\n\
            \n\
            2026-01-24T14:43:27Z,boot,local,seconds,p95,1\n\
            2026-01-24T14:43:27Z,boot,local,furlongs,p95,1,1\n\
            2026-01-24T14:43:27Z,boot,local,seconds,p95,1e9,1\n\
            2026-01-24T14:43:27Z,../x,local,seconds,p95,1,1\n\
            <<<<<<< HEAD\n\
            \u{0}\n\
            2026-01-24T14:43:27Z,boot,local,seconds,p95,1,1,zz";
        let shown: Vec<String> = read(text.as_bytes())
            .map(|(number, line)| match line {
                Line::Header => format!("{number}: header"),
                Line::Fault(fault) => format!("{number}: {fault}"),
                Line::Row(row) => {
                    format!("{number}: {}", String::from_utf8_lossy(&rows([&*row])).trim_end())
                }
            })
            .collect();
        insta::assert_snapshot!(shown.join("\n"), @r#"
        1: header
        2: 2026-01-24T14:43:27Z,boot,local,seconds,p95,-0.5,3,,,,
        4: samples: cannot parse integer from empty string
        5: unit: not a unit
        6: value: not a decimal number of at most nine decimals
        7: metric: "../x" is not a valid metric: it is lower-case letters, digits, '-', '_' and '.', at most 64, starting with a letter or digit
        8: time_utc: "<<<<<<< HEAD" is not a time of the form 2026-01-24T14:43:27Z
        9: time_utc: "\0" is not a time of the form 2026-01-24T14:43:27Z
        10: commit: "zz" is not a valid commit: it is 7 to 64 lower-case hexadecimal digits
        "#);
    }

    proptest! {
        #[test]
        fn a_row_reads_back(
            seconds in 0..4_000_000_000_u64,
            billionths in -10_i128.pow(27)..10_i128.pow(27),
            samples: u64,
            permille in 1..1000_u16,
            note in "\\PC{0,20}",
        ) {
            let mut row = measurement("a.b_c-1", 0, 1);
            row.time = UtcStamp::from_unix_seconds(seconds);
            row.value = Amount::from_billionths(billionths).unwrap();
            row.samples = samples;
            row.statistic = Statistic::Permille(permille);
            row.flags.set("NOTE", &note);
            let bytes = rows([&row]);
            prop_assert!(!bytes.contains(&b'"'));
            prop_assert_eq!(bytes.iter().filter(|byte| **byte == b',').count(), HEADER.len() - 1);
            let lines: Vec<_> = read(&bytes).collect();
            prop_assert_eq!(lines, vec![(1, Line::Row(Box::new(row)))]);
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes).count();
        }
    }
}
