//! A report as text.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde::{Serialize, Serializer};

use super::{Audience, Column, Report, Value};
use crate::cli::Format;

impl Report {
    /// The whole text, with the end of its last line.
    #[must_use]
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Table => self.table(),
            Format::Markdown => self.markdown(),
            Format::Json => self.json(),
            Format::Csv => self.csv(),
        }
    }

    /// Which columns of its tables are figures, in their order.
    #[must_use]
    pub fn figures(&self) -> Vec<bool> {
        let shown = self.shown(Audience::Programs).into_iter();
        shown.map(|(place, _)| self.is_of_figures(place)).collect()
    }

    fn is_of_figures(&self, place: usize) -> bool {
        self.rows.iter().any(|row| row.get(place).is_some_and(Value::is_number))
    }

    fn shown(&self, hidden: Audience) -> Vec<(usize, &Column)> {
        self.columns.iter().enumerate().filter(|(_, column)| column.audience != hidden).collect()
    }

    fn table(&self) -> String {
        let mut table = self.laid_out(presets::NOTHING, |text| text);
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        lines(&table)
    }

    fn markdown(&self) -> String {
        lines(&self.laid_out(presets::ASCII_MARKDOWN, markdown))
    }

    fn laid_out(&self, preset: &str, escape: fn(String) -> String) -> Table {
        let shown = self.shown(Audience::Programs);
        let mut table = Table::new();
        table.load_preset(preset).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(shown.iter().map(|(_, column)| column.heading));
        for row in &self.rows {
            let text =
                |value: Option<&Value>| escape(value.map(Value::for_people).unwrap_or_default());
            table.add_row(shown.iter().map(|(place, _)| text(row.get(*place))));
        }
        for (number, (place, _)) in shown.iter().enumerate() {
            if self.is_of_figures(*place)
                && let Some(column) = table.column_mut(number)
            {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table
    }

    fn json(&self) -> String {
        let shown = self.shown(Audience::People);
        let objects: Vec<Object<'_>> =
            self.rows.iter().map(|row| Object { columns: &shown, row }).collect();
        // Values of this kind cannot fail to be written.
        serde_json::to_string_pretty(&objects).unwrap_or_default() + "\n"
    }

    fn csv(&self) -> String {
        let shown = self.shown(Audience::People);
        let mut writer = csv::Writer::from_writer(Vec::new());
        // Writing to memory cannot fail.
        let _ = writer.write_record(shown.iter().map(|(_, column)| column.key));
        for row in &self.rows {
            let text = |place: usize| row.get(place).map(Value::for_csv).unwrap_or_default();
            let _ = writer.write_record(shown.iter().map(|(place, _)| text(*place)));
        }
        String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
    }
}

/// A row as JSON; the columns keep their order.
struct Object<'a> {
    columns: &'a [(usize, &'a Column)],
    row: &'a [Value],
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            self.columns
                .iter()
                .map(|(place, column)| (column.key, self.row.get(*place).map(Value::for_programs))),
        )
    }
}

/// `text` as it reads in a cell: nothing of it ends the cell, is HTML, a link or code.
fn markdown(text: String) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '|' | '`' | '[' | ']' => escaped.extend(['\\', c]),
            c => escaped.push(c),
        }
    }
    escaped
}

fn lines(table: &Table) -> String {
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}
