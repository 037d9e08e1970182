//! The page of a step in Markdown: a heading, a table with a row for each phase, what is to be said
//! at the end. Pure.
//!
//! The file only grows, so a table is begun with its first row and goes on with the others; the last
//! line is empty, so that what somebody else appends is no row of it.

use std::cmp::Reverse;
use std::fmt::Write;

use timing_core::record::Environment;
use timing_core::stages::{Kind, Outcome, Span};

use super::{code, text};
use crate::run::{Ending, PhaseEnded};
use crate::session::Compared;
use crate::ui::human;

/// How many stages and resources a row names.
const SLOWEST: usize = 3;

/// What is said below the table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct End {
    /// Each budget: its name, its value, its verdict, what was asked.
    pub budgets: Vec<[String; 4]>,
    /// Where the rows went and what went wrong, a line each.
    pub remarks: Vec<String>,
}

/// What stands above the first row.
#[must_use]
pub fn head(target: &str, environment: &Environment) -> String {
    let titles = "| phase | outcome | duration | against earlier runs | exit | resources | slowest | build | log |";
    let marks = "| :--- | :--- | ---: | :--- | ---: | :--- | :--- | :--- | :--- |";
    format!("### {} of {}\n\n{titles}\n{marks}\n", text(target), text(environment.as_str()))
}

/// The row of a phase that has ended.
#[must_use]
pub fn row(phase: &PhaseEnded, compared: Option<&Compared>) -> String {
    let outcome = match phase.ending {
        Ending::Success => "✔ success",
        Ending::Failure => "✘ failure",
        Ending::Cancelled => "■ cancelled",
        Ending::TimedOut => "✘ timeout",
    };
    let or_none = |text: String| if text.is_empty() { "–".to_owned() } else { text };
    let cells = [
        text(phase.target),
        outcome.to_owned(),
        human(phase.duration),
        or_none(compared.map(|phase| text(&phase.verdict.to_string())).unwrap_or_default()),
        phase.exit_code.to_string(),
        or_none(if phase.resources.is_empty() {
            String::new()
        } else {
            phase.resources.to_string()
        }),
        or_none(slowest(&phase.spans)),
        text(phase.build_id.as_str()),
        or_none(phase.log.as_ref().map(|log| code(log.as_str())).unwrap_or_default()),
    ];
    format!("| {} |\n", cells.join(" | "))
}

/// The stages and resources that took longest, the longest first. One that contains others says less
/// than what it contains: of a branch only the leaves count.
fn slowest(spans: &[Span]) -> String {
    let contains = |place| spans.iter().any(|span| span.parent == Some(place));
    let leaves = spans.iter().enumerate().filter(|(place, _)| !contains(*place));
    let mut leaves: Vec<&Span> = leaves.map(|(_, span)| span).collect();
    leaves.sort_by_key(|span| Reverse(span.duration));
    let shown = leaves.iter().take(SLOWEST).map(|span| {
        let name = match span.kind {
            Kind::Resource(_) => code(&span.name),
            Kind::Stage | Kind::Pass | Kind::Step => text(&span.name),
        };
        let ended = match span.outcome {
            Outcome::Complete => "",
            Outcome::Errored => " (failed)",
            Outcome::Unfinished => " (not ended)",
        };
        format!("{name} {}{ended}", human(span.duration))
    });
    shown.collect::<Vec<String>>().join(", ")
}

/// What ends the table, and stands below it.
#[must_use]
pub fn tail(end: &End) -> String {
    let mut page = "\n".to_owned();
    if !end.budgets.is_empty() {
        page += "| budget | value | verdict | limits |\n| :--- | ---: | :--- | :--- |\n";
        for [name, value, verdict, asked] in &end.budgets {
            // Writing to a string cannot fail.
            let _ = writeln!(
                page,
                "| {} | {} | {} | {} |",
                text(name),
                text(value),
                text(verdict),
                text(asked)
            );
        }
        page.push('\n');
    }
    for remark in &end.remarks {
        // Of a remark of several lines the first says what it is about.
        let first = remark.lines().next().unwrap_or_default();
        let _ = writeln!(page, "- {}", long_text(first));
    }
    if !end.remarks.is_empty() {
        page.push('\n');
    }
    page
}

/// A sentence, which no cell has to hold: its words one by one, of which none is too long.
fn long_text(sentence: &str) -> String {
    sentence.split(' ').take(100).map(text).collect::<Vec<String>>().join(" ")
}

#[cfg(test)]
mod tests;
