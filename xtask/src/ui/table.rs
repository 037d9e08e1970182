//! The end of a run: a table of its phases.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use timing_core::record::LogPath;

use super::duration::human;
use crate::run::{Ending, PhaseEnded};

/// The phases as a table, the outermost last. Where `width` (columns) does not hold a line with its
/// log, the logs follow below: a path that is broken over lines cannot be copied.
#[must_use]
pub fn summary(phases: &[PhaseEnded], width: Option<u16>) -> String {
    let beside = table(phases, Logs::Beside);
    let widest = beside.lines().map(|line| line.chars().count()).max().unwrap_or(0);
    match width {
        Some(width) if widest > usize::from(width) => {
            let logs = phases.iter().filter_map(|phase| Some((phase.target, phase.log.as_ref()?)));
            let logs = logs.map(|(target, log)| format!("\n{target}:\n  {log}"));
            table(phases, Logs::Elsewhere) + "\n" + &logs.collect::<String>()
        }
        _ => beside,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Logs {
    Beside,
    Elsewhere,
}

fn table(phases: &[PhaseEnded], logs: Logs) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    let mut header = vec!["phase", "outcome", "duration", "exit", "resources"];
    if logs == Logs::Beside {
        header.push("log");
    }
    table.set_header(header);
    for phase in phases {
        let mut row = vec![
            phase.target.to_owned(),
            outcome(phase.ending).to_owned(),
            human(phase.duration),
            phase.exit_code.to_string(),
            phase.resources.to_string(),
        ];
        if logs == Logs::Beside {
            row.push(phase.log.as_ref().map_or_else(|| "none".to_owned(), LogPath::to_string));
        }
        table.add_row(row);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    for number in [2, 3] {
        if let Some(column) = table.column_mut(number) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

fn outcome(ending: Ending) -> &'static str {
    match ending {
        Ending::Success => "success",
        Ending::Failure => "failure",
        Ending::Cancelled => "cancelled",
        Ending::TimedOut => "timeout",
    }
}
