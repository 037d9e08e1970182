//! One value: what a person reads, and what a program does.

use std::borrow::Cow;
use std::time::Duration;

use timing_core::clock::UtcStamp;

use crate::ui::duration::human;

/// A value of a report.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing is known: `-`, null, an empty field.
    Absent,
    /// Words.
    Text(String),
    /// Whether something is so.
    Truth(bool),
    /// A whole number.
    Count(u64),
    /// A whole number that may be negative.
    Integer(i64),
    /// A number and how many decimals people see.
    Number(f64, usize),
    /// A duration in seconds: `15m 36s` for people.
    Seconds(f64),
    /// How much longer in seconds, shorter when negative: `+15m 36s` for people.
    Difference(f64),
    /// A part of the whole, 0 to 1: `93.3 %` for people.
    Ratio(f64),
    /// A change against a base, 0.25 for `+25.0 %`.
    Change(f64),
    /// A chance, 0 to 1: `2e-9` for people.
    Probability(f64),
    /// A time.
    Stamp(UtcStamp),
    /// The last durations, oldest first: a line of bars for people, numbers for programs.
    Sparkline(Vec<f64>),
}

impl Value {
    /// `value`, or nothing.
    pub fn maybe<T>(value: Option<T>, of: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Absent, of)
    }

    /// A duration in whole seconds.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "exact for 285 million years")]
    pub fn whole_seconds(seconds: u64) -> Self {
        Self::Seconds(seconds as f64)
    }

    /// Words, of which there may be none.
    #[must_use]
    pub fn text(text: Option<&str>) -> Self {
        Self::maybe(text, |text| Self::Text(text.to_owned()))
    }

    /// Whether people want it at the right edge of its column.
    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(
            self,
            Self::Count(_)
                | Self::Integer(_)
                | Self::Number(..)
                | Self::Seconds(_)
                | Self::Difference(_)
                | Self::Ratio(_)
                | Self::Change(_)
                | Self::Probability(_)
        )
    }

    /// As it stands in a table.
    #[must_use]
    pub fn for_people(&self) -> String {
        match self {
            Self::Absent => "-".to_owned(),
            Self::Text(text) => harmless(text).into_owned(),
            Self::Truth(is_so) => if *is_so { "yes" } else { "no" }.to_owned(),
            Self::Count(count) => count.to_string(),
            Self::Integer(number) => number.to_string(),
            Self::Number(number, decimals) => format!("{number:.decimals$}"),
            Self::Seconds(seconds) => seconds_for_people(*seconds),
            Self::Difference(seconds) if *seconds > 0.0 => {
                format!("+{}", seconds_for_people(*seconds))
            }
            Self::Difference(seconds) => seconds_for_people(*seconds),
            Self::Ratio(ratio) => format!("{:.1} %", ratio * 100.0),
            // Neither +0.0 nor -0.0, which is no direction.
            Self::Change(change) if change.abs() < 0.0005 => "0.0 %".to_owned(),
            Self::Change(change) => format!("{:+.1} %", change * 100.0),
            Self::Probability(chance) if *chance < f64::MIN_POSITIVE => "<1e-307".to_owned(),
            Self::Probability(chance) => format!("{chance:.0e}"),
            Self::Stamp(stamp) => stamp.to_string(),
            Self::Sparkline(values) => sparkline(values),
        }
    }

    /// As JSON has it.
    #[must_use]
    pub fn for_programs(&self) -> serde_json::Value {
        match self {
            // JSON has no infinity; there a number is as absent as one that is not known.
            Self::Absent => serde_json::Value::Null,
            Self::Text(text) => text.as_str().into(),
            Self::Truth(is_so) => (*is_so).into(),
            Self::Count(count) => (*count).into(),
            Self::Integer(number) => (*number).into(),
            Self::Number(number, _) | Self::Seconds(number) | Self::Difference(number) => {
                number_for_programs(*number)
            }
            Self::Ratio(number) | Self::Change(number) | Self::Probability(number) => {
                number_for_programs(*number)
            }
            Self::Stamp(stamp) => stamp.to_string().into(),
            Self::Sparkline(values) => {
                values.iter().map(|value| number_for_programs(*value)).collect()
            }
        }
    }

    pub(super) fn for_csv(&self) -> String {
        match self {
            Self::Sparkline(values) => {
                let texts: Vec<String> =
                    values.iter().map(|value| number_for_programs(*value).to_string()).collect();
                texts.join(" ")
            }
            other => match other.for_programs() {
                serde_json::Value::Null => String::new(),
                serde_json::Value::String(text) => text,
                number => number.to_string(),
            },
        }
    }
}

fn seconds_for_people(seconds: f64) -> String {
    let sign = if seconds < 0.0 { "-" } else { "" };
    if seconds.fract() == 0.0 && seconds.abs() < 60.0 {
        return format!("{seconds:.0}s");
    }
    match Duration::try_from_secs_f64(seconds.abs()) {
        // In tenths of a second nothing would be left of it.
        Ok(duration) if duration < Duration::from_millis(95) => {
            format!("{sign}{}ms", (duration.as_micros() + 500) / 1000)
        }
        Ok(duration) => format!("{sign}{}", human(duration)),
        Err(_) => format!("{seconds} s"),
    }
}

/// A whole number without a fraction, as the file has it.
fn number_for_programs(number: f64) -> serde_json::Value {
    #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^53 is exact")]
    if number.fract() == 0.0 && number.abs() < 9e15 {
        (number as i64).into()
    } else {
        number.into()
    }
}

/// Each value as one of eight bars, between the smallest and the largest.
fn sparkline(values: &[f64]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let bar = |value: &f64| {
        let place = if high > low { (value - low) / (high - low) * 7.0 } else { 3.0 };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and 7"
        )]
        let place = place.round() as usize;
        BARS.get(place).copied().unwrap_or(' ')
    };
    values.iter().map(bar).collect()
}

/// `text` without what would move a terminal's cursor or turn the direction of what follows: such
/// characters are shown as escapes.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    let is_harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.chars().any(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_harmful(c) { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    Cow::Owned(shown)
}
