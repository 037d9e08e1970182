//! A table of the terminal's as one of the page's: the same columns, the same words; beside each
//! value what programs read, so that a test can hold the page against the JSON.

use serde::Serialize;

use crate::report::Table;
use crate::ui::report::{Audience, Value};

/// A table.
#[derive(Debug, Serialize)]
pub(super) struct Grid {
    pub(super) id: &'static str,
    pub(super) caption: String,
    columns: Vec<Heading>,
    rows: Vec<Vec<Cell>>,
    /// How many rows are not in it.
    pub(super) more: usize,
}

#[derive(Debug, Serialize)]
struct Heading {
    text: &'static str,
    is_number: bool,
}

#[derive(Debug, Serialize)]
struct Cell {
    text: String,
    /// As JSON has it.
    value: String,
    key: &'static str,
    kind: &'static str,
    mark: &'static str,
}

impl Grid {
    /// `table` as far as people see it, at most `most` rows.
    pub(super) fn of(id: &'static str, caption: &str, table: &Table, most: usize) -> Self {
        let shown: Vec<_> = table
            .columns
            .iter()
            .enumerate()
            .filter(|(_, column)| column.audience != Audience::Programs)
            .collect();
        let is_number = |place: usize| {
            table.rows.iter().any(|row| row.get(place).is_some_and(Value::is_number))
        };
        let columns = shown
            .iter()
            .map(|(place, column)| Heading { text: column.heading, is_number: is_number(*place) })
            .collect();
        let row = |row: &Vec<Value>| {
            shown
                .iter()
                .map(|(place, column)| cell(column.key, row.get(*place), is_number(*place)))
                .collect()
        };
        Self {
            id,
            caption: caption.to_owned(),
            columns,
            rows: table.rows.iter().take(most).map(row).collect(),
            more: table.rows.len().saturating_sub(most),
        }
    }
}

fn cell(key: &'static str, value: Option<&Value>, is_number: bool) -> Cell {
    let absent = Value::Absent;
    let value = value.unwrap_or(&absent);
    let text = match value {
        Value::Absent => "–".to_owned(),
        value => value.for_people(),
    };
    let (kind, mark) = match (value, text.as_str()) {
        (_, "pass" | "ok") if key == "verdict" => ("good", "✓"),
        (_, "improvement" | "faster") => ("good", "▼"),
        (_, "slower") => ("bad", "▲"),
        (_, "warn") if key == "verdict" => ("warn", "!"),
        (_, "fail" | "regression") if key == "verdict" => ("bad", "✕"),
        (Value::Sparkline(_), _) => ("spark", ""),
        _ if is_number => ("num", ""),
        (Value::Stamp(_), _) => ("num-left", ""),
        _ => ("", ""),
    };
    Cell { text, value: super::inert(&value.for_programs().to_string()), key, kind, mark }
}
