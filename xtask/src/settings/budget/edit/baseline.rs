//! A budget file in which a metric has another accepted baseline: a text in, a text out. Not one
//! byte beside that baseline is another one.

use std::path::Path;

use timing_core::budget::{Accepted, MetricName};
use toml::de::DeTable;

use crate::settings::budget::parse_budgets;
use crate::settings::config::ConfigError;

const KEY: &str = "baseline";

/// The text of the budget file at `path` in which the baseline of `metric` is `accepted`.
///
/// # Errors
///
/// When the metric, or the baseline that it has, is not written in a way that one line says.
pub fn with_baseline(
    text: &str,
    path: &Path,
    metric: &MetricName,
    accepted: &Accepted,
) -> Result<String, ConfigError> {
    let error = |reason: &str| {
        let reason = format!("{metric} {reason}; write its baseline by hand");
        ConfigError::of_file(path, reason)
    };
    let before = parse_budgets(text, path)?;
    let unit = before.metrics.iter().find(|known| known.name == *metric).map(|known| known.unit);
    let unit = unit.ok_or_else(|| error("is not in it"))?;
    let value = format!(
        "{{ value = \"{}\", since = {}, why = {} }}",
        unit.exact(accepted.value),
        accepted.since,
        quoted(&accepted.why)
    );
    let table = DeTable::parse(text).map_err(|_| error("cannot be found"))?;
    let metrics = table.get_ref().get("metric").and_then(|metrics| metrics.get_ref().as_table());
    let (key, section) = metrics
        .and_then(|metrics| metrics.get_key_value(metric.as_str()))
        .ok_or_else(|| error("cannot be found"))?;
    let fields = section.get_ref().as_table().ok_or_else(|| error("is no table"))?;
    let edited = match fields.get_key_value(KEY) {
        Some((_, old)) => {
            let span = old.span();
            let old = text.get(span.clone()).unwrap_or_default();
            if !old.starts_with('{') || old.contains('\n') {
                return Err(error("has a baseline of several lines"));
            }
            replace(text, span, &value)
        }
        None => {
            let source = fields.get_key_value("source").map(|(key, _)| key.span().start);
            let at = source.and_then(|source| start_of_line(text, source, "source"));
            let at = at.or_else(|| line_after(text, key.span().start));
            let at = at.ok_or_else(|| error("is not a section of its own"))?;
            let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
            replace(text, at..at, &format!("{KEY} = {value}{end}"))
        }
    };
    // What the file says now has the last word.
    let mut wanted = before;
    let after = parse_budgets(&edited, path).map_err(|_| error("is written in an unusual way"))?;
    for (wanted, found) in wanted.metrics.iter_mut().zip(&after.metrics) {
        wanted.line = found.line;
        if wanted.name == *metric {
            wanted.accepted = Some(accepted.clone());
        }
    }
    if after == wanted { Ok(edited) } else { Err(error("is written in an unusual way")) }
}

fn replace(text: &str, span: std::ops::Range<usize>, with: &str) -> String {
    let before = text.get(..span.start).unwrap_or_default();
    let after = text.get(span.end..).unwrap_or_default();
    [before, with, after].concat()
}

/// Where the line begins that begins with `word`, which is at `offset`.
fn start_of_line(text: &str, offset: usize, word: &str) -> Option<usize> {
    let start = text.get(..offset)?.rfind('\n').map_or(0, |end| end + 1);
    let rest = text.get(offset..)?.strip_prefix(word)?;
    let is_assignment = start == offset && rest.trim_start().starts_with('=');
    is_assignment.then_some(start)
}

/// Where the line ends whose header holds `offset`.
fn line_after(text: &str, offset: usize) -> Option<usize> {
    let start = text.get(..offset)?.rfind('\n').map_or(0, |end| end + 1);
    let end = text.get(offset..)?.find('\n').map(|end| offset + end + 1)?;
    text.get(start..)?.trim_start().starts_with('[').then_some(end)
}

/// A basic string of TOML; `why` is one line without control characters.
fn quoted(why: &str) -> String {
    format!("\"{}\"", why.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use timing_core::budget::Amount;

    const TEXT: &str = "\
# What holds.
[metric.size]  # of the image
unit = \"bytes\"   # exact
warn = \"> 120MB\"

source = { kind = \"image\", image = \"x\" }

[metric.\"boot\"]
unit = \"seconds\"
warn = \"> 10s\"
[metric.boot.source]
kind = \"phase\"
phase = \"deploy-persistent\"
";

    fn accepted(value: u64, why: &str) -> Accepted {
        let since = time::macros::date!(2026 - 02 - 03);
        Accepted { value: Amount::whole(value), since, why: why.to_owned() }
    }

    fn edit(text: &str, metric: &str, value: u64, why: &str) -> Result<String, String> {
        let path = Path::new("budgets.toml");
        with_baseline(text, path, &metric.parse().unwrap(), &accepted(value, why))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_baseline_is_one_line_more_and_then_another_one() {
        let once = edit(TEXT, "size", 118_000_000, "a \"new\" base \\ image").unwrap();
        let twice = edit(&once, "boot", 9, "measured").unwrap();
        insta::assert_snapshot!(twice, @r#"
        # What holds.
        [metric.size]  # of the image
        unit = "bytes"   # exact
        warn = "> 120MB"

        baseline = { value = "118MB", since = 2026-02-03, why = "a \"new\" base \\ image" }
        source = { kind = "image", image = "x" }

        [metric."boot"]
        baseline = { value = "9s", since = 2026-02-03, why = "measured" }
        unit = "seconds"
        warn = "> 10s"
        [metric.boot.source]
        kind = "phase"
        phase = "deploy-persistent"
        "#);
        let again = edit(&twice, "size", 118_500_001, "grown").unwrap();
        let changed: Vec<(&str, &str)> =
            twice.lines().zip(again.lines()).filter(|(one, another)| one != another).collect();
        assert_eq!(changed.len(), 1, "{changed:?}");
        assert!(
            again.contains("{ value = \"118500001B\"") || again.contains("118500001"),
            "{again}"
        );
    }

    #[test]
    fn line_ends_stay_as_they_are() {
        let text = TEXT.replace('\n', "\r\n");
        let edited = edit(&text, "size", 1, "why").unwrap();
        assert_eq!(edited.matches('\n').count(), edited.matches("\r\n").count());
        assert_eq!(edited.lines().count(), text.lines().count() + 1);
    }

    #[test]
    fn what_one_line_does_not_say_is_left_to_a_hand() {
        let inline = "[metric]\nboot = { unit = \"seconds\", warn = \"> 1s\", source = { kind = \"phase\", phase = \"x\" } }\n";
        let table = format!(
            "{TEXT}[metric.boot.baseline]\nvalue = \"9s\"\nsince = 2026-01-01\nwhy = \"x\"\n"
        );
        for (text, metric) in [(inline, "boot"), (&table, "boot"), (TEXT, "other")] {
            let error = edit(text, metric, 9, "why").unwrap_err();
            assert!(error.contains("by hand"), "{error}");
        }
    }
}
