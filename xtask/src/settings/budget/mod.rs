//! budgets.toml: what a repository promises of its performance.
//!
//! A text comes in and checked values go out, each error with its line. The values, and everything
//! that is done with them, are `timing_core::budget`'s, which knows no file format: the format is
//! one place at the edge, and the library stays without a parser of TOML.

mod edit;
mod load;
mod metric;
mod only;
mod section;
mod source;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::Path;

use timing_core::budget::{
    Budgets, Metric, PhaseMode, PhaseName, Review, Rollout, RolloutPhase, Severity, Unknowns,
};
use toml::de::DeTable;

pub use self::edit::{Edited, NewLimit, Whose, edit, with_baseline};
pub use self::load::{BudgetSettings, budgets_beside, load_budget};
use self::metric::{Defaults, metric, no_phase, phase};
pub use self::only::Only;
use self::section::{Section, day};
use super::config::ConfigError;
use super::config::reader::Reader;
use super::nearest::nearest;

/// The name of the file, under the platform root.
pub const BUDGETS_NAME: &str = "budgets.toml";

/// Ten thousand metrics take five of these.
const LONGEST: usize = 32 * 1024 * 1024;

const KEYS: &[&str] = &[
    "active",
    "owner",
    "runbook",
    "review",
    "reviewed",
    "reviewed_in",
    "unknown",
    "phases",
    "metric",
];

/// Reads the text of the budget file at `path`.
///
/// # Errors
///
/// On TOML that does not parse, an unknown key, a key that is missing, and a value that is not
/// valid; always with the line.
pub fn parse_budgets(text: &str, path: &Path) -> Result<Budgets, ConfigError> {
    if text.len() > LONGEST {
        return Err(ConfigError::of_file(path, "is larger than 32 MiB: no budget file is"));
    }
    let reader = Reader { text, path };
    let table = DeTable::parse(text).map_err(|error| reader.toml_error(&error))?;
    let file = Section::any(&reader, table.get_ref(), 0).of(KEYS)?;
    let rollout = rollout(file)?;
    let owner = file.line_of_text("owner")?;
    let runbook = file.line_of_text("runbook")?;
    let defaults = Defaults {
        rollout: &rollout,
        owner: owner.as_deref(),
        runbook: runbook.as_deref(),
        unknowns: file.word("unknown", Unknowns::WORDS)?.unwrap_or(Unknowns::Report),
    };
    let metrics: Vec<Metric> = match file.any_section("metric")? {
        Some(metrics) => {
            let mut lines = Lines::of(text);
            metrics
                .tables()?
                .iter()
                .map(|(name, section)| metric(name, lines.at(section.offset), *section, &defaults))
                .collect::<Result<_, _>>()?
        }
        None => Vec::new(),
    };
    parts_of_something(&metrics, &reader)?;
    let reviewed_in = phase(file, "reviewed_in", &rollout)?;
    Ok(Budgets { review: review(file)?, reviewed_in, metrics, rollout })
}

/// What is a part of a metric is so of one that there is.
fn parts_of_something(metrics: &[Metric], reader: &Reader<'_>) -> Result<(), ConfigError> {
    let known: BTreeSet<&str> = metrics.iter().map(|metric| metric.name.as_str()).collect();
    let lost = |metric: &&Metric| {
        metric.part_of.as_ref().is_some_and(|whole| !known.contains(whole.as_str()))
    };
    let Some(metric) = metrics.iter().find(lost) else { return Ok(()) };
    let whole = metric.part_of.as_ref().map_or("", |whole| whole.as_str());
    let reason = match nearest(whole, known.iter().copied()) {
        Some(meant) => format!("of: there is no metric {whole:?}; did you mean {meant}?"),
        None => format!("of: there is no metric {whole:?}"),
    };
    let before = reader.text.split_inclusive('\n').take(metric.line.saturating_sub(1));
    Err(reader.error_at(before.map(str::len).sum(), reason))
}

/// Numbers of lines, asked for in the order of the file: of ten thousand metrics, counting from the
/// file's beginning for each would take a quarter of a minute.
struct Lines<'a> {
    text: &'a str,
    offset: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, offset: 0, line: 1 }
    }

    fn at(&mut self, offset: usize) -> usize {
        let passed = self.text.get(self.offset..offset).unwrap_or_default();
        self.line += passed.bytes().filter(|byte| *byte == b'\n').count();
        self.offset = self.offset.max(offset);
        self.line
    }
}

/// The phases; without any, one that enforces.
fn rollout(file: Section<'_>) -> Result<Rollout, ConfigError> {
    let active = file.text("active")?;
    let phases = match file.any_section("phases")? {
        Some(section) => section
            .tables()?
            .into_iter()
            .map(|(name, section)| {
                let section = section.of(&["mode", "missed_target", "review", "reviewed"])?;
                Ok(RolloutPhase {
                    name: section.parse::<PhaseName>(&name)?,
                    mode: section.required_word("mode", PhaseMode::WORDS)?,
                    missed_target: section
                        .word("missed_target", Severity::WORDS)?
                        .unwrap_or(Severity::Warn),
                    review: review(section)?,
                })
            })
            .collect::<Result<Vec<_>, ConfigError>>()?,
        None => Vec::new(),
    };
    let known: Vec<&str> = phases.iter().map(|phase| phase.name.as_str()).collect();
    match active {
        Some(at) => {
            let error = file.error(&at, no_phase(&at.text, &known));
            Rollout::new(phases, &at.text).ok_or(error)
        }
        None if phases.is_empty() => enforcing(file),
        None => Err(file.error_here(format!(
            "active is missing: say which of the phases holds, {}",
            known.join(", ")
        ))),
    }
}

fn enforcing(file: Section<'_>) -> Result<Rollout, ConfigError> {
    const NAME: &str = "enforce";
    let name = NAME.parse().map_err(|error| file.error_here(format!("{error}")))?;
    let phase = RolloutPhase {
        name,
        mode: PhaseMode::Enforce,
        missed_target: Severity::Warn,
        review: None,
    };
    Rollout::new(vec![phase], NAME).ok_or_else(|| file.error_here("active is missing"))
}

/// `review`, a day or how often; with `reviewed`, the day on which it was last done.
fn review(section: Section<'_>) -> Result<Option<Review>, ConfigError> {
    let last = section.date("reviewed")?;
    let Some(at) = section.text("review")? else { return Ok(None) };
    if let Some(day) = day(&at.text) {
        return Ok(Some(Review::On(day)));
    }
    let days = match at.text.as_str() {
        "weekly" => Some(7),
        "monthly" => Some(30),
        "quarterly" => Some(91),
        text => text.strip_suffix('d').and_then(|days| days.parse().ok()),
    };
    let days = days.filter(|days| (1..=3650).contains(days)).ok_or_else(|| {
        let reason = format!(
            "{:?} is no time to review: give a day (2026-03-01), or weekly, monthly, quarterly, 30d",
            at.text
        );
        section.error(&at, reason)
    })?;
    Ok(Some(Review::Every { last, days }))
}
