//! A number in what a command printed.

use regex_lite::Regex;
use serde_json::Value;

use crate::budget::{Amount, Unit};
use crate::shown::excerpt;

/// Where the number is.
#[derive(Debug, Clone)]
pub enum Printed {
    /// The last word of the last line that is one.
    LastLine,
    /// What the pattern's first group matches, or where it has none, the pattern; the first match.
    Pattern(Regex),
    /// The output is JSON, and this points into it (RFC 6901), as `/result/bytes`.
    Pointer(String),
}

impl Printed {
    /// Whether the beginning of the output matters.
    pub(super) fn needs_all(&self) -> bool {
        !matches!(self, Self::LastLine)
    }

    pub(super) fn number(&self, text: &str, unit: Unit) -> Result<Amount, String> {
        match self {
            Self::LastLine => last_line(text, unit),
            Self::Pattern(pattern) => {
                let found = pattern.captures(text).ok_or_else(|| {
                    format!("nothing in its output matches {:?}", excerpt(pattern.as_str()))
                })?;
                let found = found.get(1).or_else(|| found.get(0));
                quantity(found.map_or("", |found| found.as_str()), unit)
            }
            Self::Pointer(pointer) => pointed(text, pointer, unit),
        }
    }
}

fn last_line(text: &str, unit: Unit) -> Result<Amount, String> {
    let line = text.lines().rfind(|line| !line.trim().is_empty());
    let line = line.ok_or_else(|| "it printed nothing".to_owned())?;
    let mut words = line.split_whitespace().rev();
    words
        .find_map(|word| quantity(word, unit).ok())
        .ok_or_else(|| format!("no quantity in {unit} in its last line {:?}", excerpt(line.trim())))
}

fn pointed(text: &str, pointer: &str, unit: Unit) -> Result<Amount, String> {
    let json: Value =
        serde_json::from_str(text).map_err(|error| format!("its output is no JSON: {error}"))?;
    match json.pointer(pointer) {
        Some(Value::String(text)) => quantity(text, unit),
        Some(Value::Number(number)) => {
            let exact = Amount::from_decimal(&number.to_string());
            let near = || number.as_f64().and_then(Amount::from_f64);
            exact.or_else(near).ok_or_else(|| format!("{number} at {pointer} is too large"))
        }
        Some(_) => Err(format!("what its JSON has at {:?} is no number", excerpt(pointer))),
        None => Err(format!("its JSON has nothing at {:?}", excerpt(pointer))),
    }
}

fn quantity(text: &str, unit: Unit) -> Result<Amount, String> {
    let text = text.trim();
    let plain = Amount::from_decimal(text);
    plain.map_or_else(|| unit.parse(text).map_err(|error| error.to_string()), Ok)
}
