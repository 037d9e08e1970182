//! What stands below the front matter, part by part.

use std::fmt::Write;

use timing_core::stats::estimate::Estimate;

use crate::cli::Format;
use crate::github::{code, text};
use crate::report::{
    About, BudgetPart, Health, LastRun, PhasePart, Report, Slowest, Standing, Table,
};
use crate::ui::report::{Column, Value, harmless};
use crate::ui::{Decoration, Surface, count, waterfall};

/// What a drawing is as wide as: what a code block of a page shows without scrolling.
const DRAWING: Surface = Surface { width: 100, decoration: Decoration::Plain };

/// The whole page but its front matter.
pub(super) fn body(report: &Report) -> String {
    let environments: Vec<String> =
        report.environments.iter().map(|environment| text(&environment.name)).collect();
    let of = match environments.as_slice() {
        [] => String::new(),
        names => format!(" of {}", names.join(", ")),
    };
    let mut page = format!("# Build timings{of}\n\n{}\n", about(&report.about));
    let mut part = |title: &str, content: String| {
        // Writing to a string cannot fail.
        let _ = write!(page, "\n## {title}\n\n{}\n", content.trim_end());
    };
    if report.environments.is_empty() {
        part("Phases", "No row matches.".to_owned());
    } else {
        part("The last run of each phase", table(&last(report)));
        part("How long phases take", table(&report.statistics));
        part("Since when", table(&report.trend));
    }
    if let Some(run) = &report.last_run {
        part("The last run", last_run(run));
    }
    if let Some(slowest) = &report.slowest {
        part("Slowest stages and resources", self::slowest(slowest));
    }
    if let Some(budgets) = budgets(&report.budgets) {
        part("Budgets", budgets);
    }
    part("The registry", health(&report.health));
    page
}

fn about(about: &About) -> String {
    let mut said = format!("{} of {}", count(about.rows), code(&about.source));
    let bounds = [("since", about.since), ("before", about.before)];
    for (word, stamp) in bounds {
        if let Some(stamp) = stamp {
            let _ = write!(said, ", {word} {stamp}");
        }
    }
    if about.rows != about.all_rows {
        let _ = write!(said, ", of {} in all", about.all_rows);
    }
    if about.faults > 0 {
        let _ = write!(said, "; {} lines could not be read", about.faults);
    }
    said += ". Made by `cargo xtask report` from these rows and nothing else: a change here is lost \
             with the next one.";
    let remarks = about.remarks.iter().map(|remark| format!("\n- {}", sentence(remark)));
    let remarks: String = remarks.collect();
    if remarks.is_empty() { said } else { said + "\n" + &remarks }
}

/// How each phase ended, beside what was expected.
fn last(report: &Report) -> Table {
    let columns = vec![
        Column::people("env"),
        Column::people("phase"),
        Column::people("started"),
        Column::people("outcome"),
        Column::people("exit"),
        Column::people("took"),
        Column::people("expected"),
        Column::people("the last success"),
        Column::people("build"),
        Column::people("resources"),
    ];
    Table { columns, rows: report.phases().map(last_row).collect() }
}

fn last_row(part: &PhasePart) -> Vec<Value> {
    let last = &part.last;
    let [added, changed, destroyed] = last.resources.unwrap_or_default();
    let standing = match &part.standing {
        Standing::Unknown(_) => Value::Absent,
        known => Value::Text(known.words().to_owned()),
    };
    vec![
        Value::Text(part.environment.clone()),
        Value::text(part.phase.as_deref()),
        Value::Stamp(last.start),
        Value::Text(last.outcome.word().to_owned()),
        Value::Integer(last.exit_code.into()),
        Value::whole_seconds(last.seconds),
        Value::maybe(part.expected.as_ref(), expected),
        standing,
        Value::Text(last.build_id.clone()),
        Value::maybe(last.resources, |_| Value::Text(format!("+{added} ~{changed} -{destroyed}"))),
    ]
}

fn expected(estimate: &Estimate) -> Value {
    let seconds = |seconds: f64| Value::Seconds(seconds.round()).for_people();
    let slow = estimate.slow().map(|slow| format!(", slow {}", seconds(slow)));
    Value::Text(format!("typical {}{}", seconds(estimate.typical), slow.unwrap_or_default()))
}

fn last_run(run: &LastRun) -> String {
    let drawn = waterfall(&run.lines, run.total, DRAWING);
    let split = run.split.as_ref().map(|split| format!("\n\n{}", sentence(split)));
    format!(
        "{} ({}).{}\n\n{}",
        sentence(&run.title),
        sentence(&run.identity),
        split.unwrap_or_default(),
        fenced(&drawn)
    )
}

fn slowest(slowest: &Slowest) -> String {
    table(&slowest.table) + &listed(&slowest.remarks)
}

fn budgets(budgets: &BudgetPart) -> Option<String> {
    match budgets {
        BudgetPart::NoFile(_) => None,
        BudgetPart::Unusable(reason) => Some(format!("They were not judged: {}", sentence(reason))),
        BudgetPart::Judged { path, table, unknown, remarks } => {
            let mut said = format!("By what was measured last; declared in {}.\n", code(path));
            if !table.rows.is_empty() {
                let _ = write!(said, "\n{}", self::table(table));
            }
            let unknown = unknown.iter().map(|of| {
                format!("{} in {} is not known: {}", of.metric, of.environment, of.reason)
            });
            let lines: Vec<String> = unknown.chain(remarks.iter().cloned()).collect();
            Some(said + &listed(&lines))
        }
    }
}

fn health(health: &Health) -> String {
    let captured = match &health.captured {
        Ok(of) => format!(
            "{} of {} phases that started have a row; {} of {} rows agree with their logs",
            of.captured, of.started, of.agreeing, of.compared
        ),
        Err(reason) => format!("whether each phase has its row: {reason}"),
    };
    let mut lines = vec![captured];
    match &health.audited {
        Ok(of) => {
            lines.push(of.verdict.clone());
            if of.lost > 0 {
                lines.push(format!("{} rows are lost", of.lost));
            }
            lines.extend(of.findings.iter().cloned());
            let more = of.findings_in_all.saturating_sub(of.findings.len());
            if more > 0 {
                lines.push(format!("and {more} more findings"));
            }
        }
        Err(reason) => lines.push(format!("whether commits only appended: {reason}")),
    }
    lines.iter().map(|line| format!("- {}\n", sentence(line))).collect()
}

/// `lines` below something, each a point.
fn listed(lines: &[String]) -> String {
    let lines: String = lines.iter().map(|line| format!("- {}\n", sentence(line))).collect();
    if lines.is_empty() { lines } else { format!("\n{lines}") }
}

/// A table, whose figures stand at the right also where it is rendered.
fn table(table: &Table) -> String {
    let text = table.render(Format::Markdown);
    let figures = table.figures();
    let mut lines = text.lines();
    let (titles, marks) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let marks: Vec<String> = marks
        .trim_matches('|')
        .split('|')
        .enumerate()
        .map(|(place, mark)| match figures.get(place) {
            Some(true) => mark.get(1..).unwrap_or_default().to_owned() + ":",
            _ => mark.to_owned(),
        })
        .collect();
    let rest: String = lines.map(|line| format!("{line}\n")).collect();
    format!("{titles}\n|{}|\n{rest}", marks.join("|"))
}

/// `drawn` as it stands, whatever is in it.
fn fenced(drawn: &str) -> String {
    let longest = drawn.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let lines: String =
        drawn.lines().map(|line| format!("{}\n", harmless(line).trim_end())).collect();
    format!("{fence}text\n{lines}{fence}\n")
}

/// A text of several words, of which no word is anything but text.
fn sentence(words: &str) -> String {
    let first = words.lines().next().unwrap_or_default();
    first.split(' ').map(text).collect::<Vec<String>>().join(" ")
}
