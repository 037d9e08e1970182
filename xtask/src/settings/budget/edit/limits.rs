//! Limits written into the text of budgets.toml: only their own characters change, so that comments
//! and layout stay, and whoever reviews it sees nothing else.
//!
//! The parser says where each value stands, which is enough to replace one, and to put a new one
//! behind another. Whether the result says what was meant is not guessed: it is read again and
//! compared.

use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;

use timing_core::budget::{Allowed, Budgets, Limits, Metric, MetricName, Reading};
use timing_core::record::Environment;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::settings::budget::parse_budgets;

/// Where a limit stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// In the metric itself, for all environments that say nothing else.
    Default,
    /// In the metric's `env`.
    Environment(Environment),
}

/// A limit that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLimit {
    /// Of which metric.
    pub metric: MetricName,
    /// Where.
    pub place: Whose,
    /// `warn`, if there is a new one.
    pub warn: Option<Allowed>,
    /// `fail`, if there is a new one.
    pub fail: Option<Allowed>,
}

/// A file with new limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// Its text.
    pub text: String,
    /// What was replaced: ranges of the old text in order, and what stands there now.
    pub changes: Vec<(Range<usize>, String)>,
}

/// Writes `limits` into `text`, which `path` holds.
///
/// # Errors
///
/// When `text` is no budget file, or cannot be changed to say just this; with the metric.
pub fn edit(text: &str, path: &Path, limits: &[NewLimit]) -> Result<Edited, String> {
    let before = parse_budgets(text, path).map_err(|error| error.to_string())?;
    let table = DeTable::parse(text).map_err(|error| error.to_string())?;
    let mut edited = Edited { text: text.to_owned(), changes: Vec::new() };
    for limit in limits {
        let metric = before.metrics.iter().find(|metric| metric.name == limit.metric);
        let metric = metric.ok_or_else(|| format!("there is no metric {}", limit.metric))?;
        let ways = [
            beside(text, table.get_ref(), metric, limit, "env."),
            // Where `env` itself is an inline table.
            beside(text, table.get_ref(), metric, limit, ""),
            at_the_end(text, metric, limit),
        ];
        let fits = ways.into_iter().flatten().find_map(|changes| {
            let mut all = edited.changes.clone();
            all.extend(changes);
            // Of those at one place, the first that was asked for stays the first.
            all.sort_by_key(|(range, _)| range.start);
            let next = Edited { text: applied(text, &all), changes: all };
            says(&next.text, path, &before, limits, limit).then_some(next)
        });
        edited = fits.ok_or_else(|| {
            format!(
                "{}: its limits are written in a way that cannot be changed here: change them by \
                 hand",
                limit.metric
            )
        })?;
    }
    Ok(edited)
}

fn applied(text: &str, changes: &[(Range<usize>, String)]) -> String {
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    for (range, new) in changes {
        result.push_str(text.get(at..range.start).unwrap_or_default());
        result.push_str(new);
        at = range.end;
    }
    result + text.get(at..).unwrap_or_default()
}

/// Whether `text` is `before` with all of `limits` up to and with `last`, and nothing else.
fn says(text: &str, path: &Path, before: &Budgets, limits: &[NewLimit], last: &NewLimit) -> bool {
    let Ok(after) = parse_budgets(text, path) else { return false };
    let mut wanted = before.clone();
    let upto = limits.iter().position(|limit| limit == last).map_or(0, |place| place + 1);
    for limit in limits.iter().take(upto) {
        let metric = wanted.metrics.iter_mut().find(|metric| metric.name == limit.metric);
        if metric.and_then(|metric| set(metric, limit)).is_none() {
            return false;
        }
    }
    let without_lines = |mut budgets: Budgets| {
        budgets.metrics.iter_mut().for_each(|metric| metric.line = 0);
        budgets
    };
    without_lines(after) == without_lines(wanted)
}

fn set(metric: &mut Metric, limit: &NewLimit) -> Option<()> {
    let with = |old: &Limits| {
        let (warn, fail) = (limit.warn.or(old.warn()), limit.fail.or(old.fail()));
        Limits::new(old.target(), warn, fail).ok()
    };
    match &limit.place {
        Whose::Default => metric.limits = Some(with(&metric.limits?)?),
        Whose::Environment(environment) => {
            let new = with(metric.limits_in(environment)?)?;
            let is_one = |known: &&Environment| known.is_called(environment.as_str());
            let known = metric.by_environment.keys().find(is_one).cloned();
            metric.by_environment.insert(known.unwrap_or_else(|| environment.clone()), new);
        }
    }
    Some(())
}

type Change = (Range<usize>, String);
type Changes = Vec<Change>;
type Entry<'a> = (&'a Spanned<Cow<'a, str>>, &'a Spanned<DeValue<'a>>);

/// The new limits, beside what is there.
fn beside(
    text: &str,
    file: &DeTable<'_>,
    metric: &Metric,
    limit: &NewLimit,
    prefix: &str,
) -> Option<Changes> {
    let own = table(table(file, "metric")?, metric.name.as_str())?;
    let Whose::Environment(environment) = &limit.place else {
        return into(text, own, metric, limit);
    };
    let environments = own.get("env");
    let entries = environments.and_then(|value| value.get_ref().as_table());
    let entry =
        entries.into_iter().flatten().find(|(name, _)| environment.is_called(name.get_ref()));
    match entry {
        Some((_, entry)) => into(text, entry.get_ref().as_table()?, metric, limit),
        None => {
            // Behind the last limit, or what another environment says.
            let places =
                ["target", "warn", "fail"].into_iter().filter_map(|key| own.get_key_value(key));
            let last =
                places.chain(entries.into_iter().flatten()).max_by_key(|(_, at)| at.span().end)?;
            let key = format!("{prefix}{}", key(environment.as_str()));
            Some(vec![new_line(text, last, &key, &inline(metric, limit))?])
        }
    }
}

/// The same in a table of its own, behind everything.
fn at_the_end(text: &str, metric: &Metric, limit: &NewLimit) -> Option<Changes> {
    let Whose::Environment(environment) = &limit.place else { return None };
    let (name, environment) = (key(metric.name.as_str()), key(environment.as_str()));
    let mut lines = format!("\n[metric.{name}.env.{environment}]\n");
    for (key, value) in values(metric, limit) {
        lines.push_str(&format!("{key} = {value}\n"));
    }
    let end = if text.ends_with('\n') { "" } else { "\n" };
    Some(vec![(text.len()..text.len(), format!("{end}{lines}"))])
}

/// The new limits, in a table that has limits.
fn into(text: &str, table: &DeTable<'_>, metric: &Metric, limit: &NewLimit) -> Option<Changes> {
    let mut changes = Vec::new();
    for (name, value) in values(metric, limit) {
        if let Some(old) = table.get(name) {
            changes.push((old.span(), value));
            continue;
        }
        let before = if name == "warn" { ["target", "fail"] } else { ["warn", "target"] };
        let other = before.into_iter().find_map(|key| table.get_key_value(key))?;
        changes.push(new_line(text, other, name, &value)?);
    }
    Some(changes)
}

/// What puts `key = value` behind `other`: on a line of its own, or after a comma where other things
/// stand on that line.
fn new_line(text: &str, other: Entry<'_>, key: &str, value: &str) -> Option<Change> {
    let end = other.1.span().end;
    let rest = text.get(end..)?;
    let line = rest.split('\n').next().unwrap_or(rest);
    let is_alone = line.trim_start().is_empty() || line.trim_start().starts_with('#');
    if !is_alone {
        return Some((end..end, format!(", {key} = {value}")));
    }
    let start = text.get(..other.0.span().start)?.rfind('\n').map_or(0, |at| at + 1);
    let before = text.get(start..other.0.span().start)?;
    // Behind another environment's, `env.` is a part of the new key.
    let before = match key.starts_with("env.") {
        true => before.strip_suffix("env.").unwrap_or(before),
        false => before,
    };
    let at = end + line.trim_end_matches('\r').len();
    Some((at..at, format!("\n{before}{key} = {value}")))
}

fn table<'a>(table: &'a DeTable<'a>, key: &str) -> Option<&'a DeTable<'a>> {
    table.get(key)?.get_ref().as_table()
}

/// `{ warn = "> 80s" }`
fn inline(metric: &Metric, limit: &NewLimit) -> String {
    let all: Vec<String> =
        values(metric, limit).iter().map(|(key, value)| format!("{key} = {value}")).collect();
    format!("{{ {} }}", all.join(", "))
}

fn values(metric: &Metric, limit: &NewLimit) -> Vec<(&'static str, String)> {
    let text = |allowed: Allowed| format!("\"{}\"", allowed.show(Reading::Alarm, metric.unit));
    let all = [("warn", limit.warn), ("fail", limit.fail)];
    all.into_iter().filter_map(|(key, allowed)| Some((key, text(allowed?)))).collect()
}

/// A key as TOML writes it; names hold nothing that would have to be escaped.
fn key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.chars().all(is_bare) { name.to_owned() } else { format!("\"{name}\"") }
}

#[cfg(test)]
mod tests;
