//! What was found out, for people and for programs.

use timing_core::stages::{Difference, Kind, Outcome, PartKind};
use timing_core::stats::gate::{Judgement, Verdict};

use super::super::stages::{identity, title};
use super::failure::{Failed, Failure, Log};
use super::found::{Explanation, Flag, Phase};
use super::lines::{every_line, lines, seconds};
use crate::cli::Format;
use crate::ui::report::{Column, Report, Value};
use crate::ui::{Surface, human};

/// Names of more columns than this are cut.
const LONGEST_NAME: usize = 90;
/// What the columns of people take beside the name.
const BESIDE_NAME: usize = 46;

/// A table, what stands above it, and what has to be said of it.
struct Section {
    title: &'static str,
    note: Option<&'static str>,
    columns: Vec<Column>,
    rows: Vec<Vec<Value>>,
}

pub(super) fn text(of: &Explanation<'_, '_>, surface: Surface) -> String {
    let width = surface.width.saturating_sub(BESIDE_NAME).clamp(16, LONGEST_NAME);
    let sections = sections(of, |name| surface.cut(name, width));
    let mut text = head(of).join("\n") + "\n";
    for Section { title, note, columns, rows } in sections {
        let table = Report { columns, rows }.render(Format::Table);
        let lines = table.lines().chain(note.into_iter().flat_map(str::lines));
        let indented: String = lines.map(|line| format!("  {line}\n")).collect();
        text += &format!("\n{title}\n{indented}");
    }
    for (title, lines) in logs(&of.failures) {
        let lines: String = lines.iter().map(|line| format!("  {line}\n")).collect();
        text += &format!("\n{title}\n{lines}");
    }
    text
}

pub(super) fn markdown(of: &Explanation<'_, '_>) -> String {
    let mut text = head(of).iter().map(|line| format!("{}\n\n", escaped(line))).collect::<String>();
    for Section { title, note, columns, rows } in sections(of, str::to_owned) {
        text += &format!("### {title}\n\n{}\n", Report { columns, rows }.render(Format::Markdown));
        text += &note.map(|note| format!("{note}\n\n")).unwrap_or_default();
    }
    for (title, lines) in logs(&of.failures) {
        // What is indented by four is text, whatever it holds.
        let lines: String = lines.iter().map(|line| format!("    {line}\n")).collect();
        text += &format!("### {}\n\n{lines}\n", escaped(&title));
    }
    text
}

fn escaped(line: &str) -> String {
    line.replace('&', "&amp;").replace('<', "&lt;").replace('`', "\\`").replace('[', "\\[")
}

fn head(of: &Explanation<'_, '_>) -> Vec<String> {
    let against = of
        .before
        .map(|before| format!("against {}, which took {}", identity(before), human(before.took())));
    [Some(title(of.run)), Some(identity(of.run)), against].into_iter().flatten().collect()
}

fn sections(of: &Explanation<'_, '_>, cut: impl Fn(&str) -> String) -> Vec<Section> {
    let phases = Section {
        title: "phases",
        note: None,
        columns: ["phase", "outcome", "took", "baseline", "verdict"].map(Column::people).to_vec(),
        rows: of.phases.iter().map(phase).collect(),
    };
    let difference = of.difference.as_ref().map(|difference| Section {
        title: "where the difference comes from",
        note: has_resources(difference).then_some(ON_PATH),
        columns: ["part", "took", "before", "difference", "share"].map(Column::people).to_vec(),
        rows: lines(difference).into_iter().map(|line| line.values(&cut)).collect(),
    });
    let flags = (!of.flags.is_empty()).then(|| Section {
        title: "flags that differ",
        note: None,
        columns: ["flag", "now", "before"].map(Column::people).to_vec(),
        rows: of.flags.iter().map(flag).collect(),
    });
    let failed: Vec<(&Failure, &Failed)> = of
        .failures
        .iter()
        .flat_map(|failure| failure.resources.iter().map(move |failed| (failure, failed)))
        .collect();
    let failures = (!failed.is_empty()).then(|| Section {
        title: "what failed",
        note: None,
        columns: ["name", "what", "outcome", "after"].map(Column::people).to_vec(),
        rows: failed.into_iter().map(|(_, failed)| failed_values(failed, &cut)).collect(),
    });
    [Some(phases), difference, flags, failures].into_iter().flatten().collect()
}

/// What the times of resources are.
const ON_PATH: &str = "resources are those that an end waited for (the critical path)";

fn has_resources(difference: &Difference) -> bool {
    matches!(difference.kind, PartKind::Span(Kind::Resource(_)))
        || difference.parts.iter().any(has_resources)
}

fn phase(phase: &Phase<'_>) -> Vec<Value> {
    let Phase { row, depth, judgement } = phase;
    let name = row.phase.as_deref().unwrap_or("-");
    let baseline = judgement.and_then(|judgement| judgement.baseline);
    vec![
        Value::Text(format!("{:indent$}{name}", "", indent = 2 * depth)),
        Value::Text(match row.exit_code {
            0 => outcome(phase).to_owned(),
            code => format!("{} ({code})", outcome(phase)),
        }),
        Value::whole_seconds(row.duration_seconds),
        Value::maybe(baseline, |baseline| Value::Seconds(baseline.median)),
        Value::maybe(*judgement, |judgement| Value::Text(verdict(&judgement))),
    ]
}

fn outcome(phase: &Phase<'_>) -> &'static str {
    match (phase.row.is_success(), phase.row.flag("OUTCOME")) {
        (_, Some("cancelled")) => "cancelled",
        (_, Some("interrupted")) => "interrupted",
        (_, Some("timeout")) => "timeout",
        (true, _) => "success",
        (false, _) => "failure",
    }
}

fn verdict(judgement: &Judgement) -> String {
    let samples = judgement.samples;
    let change = judgement.change().map(|change| Value::Change(change).for_people());
    let change = change.unwrap_or_default();
    match judgement.verdict {
        Verdict::Regression => format!("regression ({change} of {samples})"),
        Verdict::Improvement => format!("improvement ({change} of {samples})"),
        Verdict::Ok => format!("ok ({change} of {samples})"),
        Verdict::TooFew => format!("unknown (too few: {samples})"),
    }
}

fn word(judgement: &Judgement) -> &'static str {
    match judgement.verdict {
        Verdict::Regression => "regression",
        Verdict::Improvement => "improvement",
        Verdict::Ok => "ok",
        Verdict::TooFew => "unknown",
    }
}

fn flag(flag: &Flag<'_>) -> Vec<Value> {
    vec![Value::text(Some(flag.key)), Value::text(flag.now), Value::text(flag.before)]
}

fn failed_values(failed: &Failed, cut: impl Fn(&str) -> String) -> Vec<Value> {
    vec![
        Value::Text(cut(&failed.name)),
        Value::text(Some(failed.kind)),
        Value::text(Some(match failed.outcome {
            Outcome::Errored => "failed",
            Outcome::Unfinished | Outcome::Complete => "did not end",
        })),
        Value::Text(human(failed.after)),
    ]
}

fn logs(failures: &[Failure]) -> Vec<(String, Vec<String>)> {
    let of = |failure: &Failure| match &failure.log {
        Log::NotNeeded => None,
        Log::Lines(path, lines) => Some((format!("the last lines of {path}"), lines.clone())),
        Log::Absent(why) => {
            let title = format!("why {} exited with {}", failure.phase, failure.exit_code);
            Some((title, vec![format!("is not known here: {why}")]))
        }
    };
    failures.iter().filter_map(of).collect()
}

/// One table for all sections, as programs read it.
pub(super) fn for_programs(of: &Explanation<'_, '_>) -> Report {
    let columns = [
        "run",
        "against",
        "section",
        "depth",
        "phase",
        "kind",
        "name",
        "seconds",
        "before_seconds",
        "difference_seconds",
        "share_ratio",
        "outcome",
        "exit_code",
        "verdict",
        "now",
        "before",
    ]
    .map(Column::programs)
    .to_vec();
    let id = |run: &timing_core::history::Run<'_, '_>| {
        Value::text(run.id.as_ref().map(|id| id.as_str()))
    };
    let about = [id(of.run), of.before.map_or(Value::Absent, id)];
    let row = |section: &str, values: [Value; 13]| {
        let section = Value::Text(section.to_owned());
        about.iter().cloned().chain([section]).chain(values).collect::<Vec<Value>>()
    };
    let mut rows = Vec::new();
    for found in &of.phases {
        let mut values = [const { Value::Absent }; 13];
        let baseline = found.judgement.and_then(|judgement| judgement.baseline);
        values[0] = Value::Count(found.depth as u64);
        values[1] = Value::text(found.row.phase.as_deref());
        values[4] = Value::whole_seconds(found.row.duration_seconds);
        values[5] = Value::maybe(baseline, |baseline| Value::Seconds(baseline.median));
        values[8] = Value::text(Some(outcome(found)));
        values[9] = Value::Integer(found.row.exit_code.into());
        values[10] = Value::text(found.judgement.as_ref().map(word));
        rows.push(row("phase", values));
    }
    for line in of.difference.iter().flat_map(every_line) {
        let mut values = [const { Value::Absent }; 13];
        values[0] = Value::Count(line.depth as u64);
        values[2] = Value::text(Some(line.kind));
        values[3] = Value::Text(line.name.clone());
        values[4] = Value::maybe(line.now, seconds);
        values[5] = Value::maybe(line.before, seconds);
        values[6] = line.by();
        values[7] = Value::maybe(line.share, Value::Ratio);
        rows.push(row("difference", values));
    }
    for flag in &of.flags {
        let mut values = [const { Value::Absent }; 13];
        (values[1], values[3]) = (Value::text(Some(flag.phase)), Value::text(Some(flag.key)));
        (values[11], values[12]) = (Value::text(flag.now), Value::text(flag.before));
        rows.push(row("flag", values));
    }
    for failure in &of.failures {
        for failed in &failure.resources {
            let mut values = [const { Value::Absent }; 13];
            (values[1], values[2]) =
                (Value::text(Some(&failure.phase)), Value::text(Some(failed.kind)));
            (values[3], values[4]) =
                (Value::text(Some(&failed.name)), Value::Seconds(failed.after.as_secs_f64()));
            values[8] = Value::text(Some(failed.outcome.word()));
            rows.push(row("failure", values));
        }
        if let Log::Lines(_, lines) = &failure.log {
            for line in lines {
                let mut values = [const { Value::Absent }; 13];
                (values[1], values[11]) =
                    (Value::text(Some(&failure.phase)), Value::text(Some(line)));
                rows.push(row("log", values));
            }
        }
    }
    Report { columns, rows }
}
