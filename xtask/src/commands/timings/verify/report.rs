//! Findings as values, and their figures as sentences.

use timing_core::log::Frame;
use timing_core::verify::{
    Comparison, Finding, Reading, SeenLog, Summary, TOLERANCE_SECONDS, Verdict,
};

use crate::ui::report::{Column, Value};

/// People see in words what programs see as numbers, and are led to the logs that need a look.
pub(super) const COLUMNS: [Column; 16] = [
    Column::all("start_time_utc", "start"),
    Column::all("phase", "phase"),
    Column::all("env", "env"),
    Column::programs("build_id"),
    Column::all("run", "run"),
    Column::all("verdict", "verdict"),
    Column::people("row against log"),
    Column::programs("row_start_time_utc"),
    Column::programs("start_difference_seconds"),
    Column::programs("duration_seconds"),
    Column::programs("log_duration_seconds"),
    Column::programs("duration_difference_seconds"),
    Column::programs("exit_code"),
    Column::programs("log_exit_code"),
    Column::programs("log_path"),
    Column::people("log"),
];

pub(super) fn values(finding: &Finding<'_>) -> Vec<Value> {
    let Finding { subject, log, row, verdict, .. } = finding;
    let comparison = match verdict {
        Verdict::Compared(comparison) => Some(comparison),
        _ => None,
    };
    let frame = log.and_then(frame);
    let path = log.map(|log| log.path.as_str());
    // Without a log, the one that the row names.
    let path = path.or_else(|| row.and_then(|row| row.log_path.as_deref()));
    vec![
        Value::maybe(subject.start, Value::Stamp),
        Value::text(subject.phase),
        Value::text(subject.environment),
        Value::text(subject.build_id),
        Value::text(subject.run),
        Value::Text(word(verdict).to_owned()),
        Value::text(words(finding).as_deref()),
        Value::maybe(*row, |row| Value::Stamp(row.start)),
        Value::maybe(comparison, |comparison| Value::Integer(comparison.start_seconds)),
        Value::maybe(*row, |row| Value::Count(row.duration_seconds)),
        Value::maybe(frame.and_then(Frame::duration_seconds), Value::Integer),
        Value::maybe(comparison.and_then(|c| c.duration_seconds), Value::Integer),
        Value::maybe(*row, |row| Value::Integer(row.exit_code.into())),
        Value::maybe(frame.and_then(|f| f.closed), |c| Value::Count(c.exit_code.0.into())),
        Value::text(path),
        Value::text(path.filter(|_| verdict.is_deviation())),
    ]
}

fn frame(log: &SeenLog) -> Option<&Frame> {
    match &log.reading {
        Reading::Framed(frame) => Some(frame),
        Reading::Unframed | Reading::Unreadable(_) => None,
    }
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Compared(comparison) if comparison.agrees() => "ok",
        Verdict::Compared(_) => "differs",
        Verdict::NoRow => "no row",
        Verdict::GoesOn => "goes on",
        Verdict::NoFrame => "no frame",
        Verdict::Unreadable => "unreadable",
        Verdict::NoLog => "no log",
    }
}

/// What a person wants to know beyond the verdict.
fn words(finding: &Finding<'_>) -> Option<String> {
    match (&finding.verdict, finding.log.map(|log| &log.reading)) {
        (Verdict::Compared(comparison), _) => differences(comparison),
        (Verdict::Unreadable, Some(Reading::Unreadable(reason))) => Some(reason.clone()),
        _ => None,
    }
}

fn differences(comparison: &Comparison) -> Option<String> {
    let mut parts = Vec::new();
    if !comparison.start_agrees() {
        parts.push(apart("start", comparison.start_seconds, ["later", "earlier"]));
    }
    match comparison.duration_seconds {
        Some(seconds) if !comparison.duration_agrees() => {
            parts.push(apart("duration", seconds, ["longer", "shorter"]));
        }
        _ => {}
    }
    match comparison.exit_codes {
        (row, Some(log)) if !comparison.exit_code_agrees() => {
            parts.push(format!("exit code {row}, in the log {}", log.0));
        }
        (_, None) => parts.push("the log has no end".to_owned()),
        _ => {}
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn apart(what: &str, seconds: i64, [more, less]: [&str; 2]) -> String {
    let direction = if seconds > 0 { more } else { less };
    format!("{what} {} s {direction}", seconds.unsigned_abs())
}

/// The figures, a sentence each.
pub(super) fn figures(figures: &Summary) -> Vec<String> {
    let Summary { started, captured, compared, agreeing, .. } = figures;
    let mut lines = vec![
        rated(
            format!("captured: {captured} of {started} phases have a row"),
            figures.capture_rate(),
        ),
        rated(
            format!(
                "accurate: {agreeing} of {compared} rows agree with their logs within \
                 {TOLERANCE_SECONDS} s"
            ),
            figures.accuracy(),
        ),
    ];
    let apart = [
        ("phases that go on", figures.going_on),
        ("other recorders' logs", figures.no_frame),
        ("unreadable logs", figures.unreadable),
        ("rows whose log is not here", figures.no_log),
    ];
    let apart = apart.iter().filter(|(_, number)| *number > 0);
    let apart: Vec<String> = apart.map(|(what, number)| format!("{what}: {number}")).collect();
    if !apart.is_empty() {
        lines.push(format!("not judged: {}", apart.join(", ")));
    }
    lines
}

fn rated(text: String, rate: Option<f64>) -> String {
    match rate {
        Some(rate) => format!("{text} ({})", Value::Ratio(rate).for_people()),
        None => text,
    }
}
