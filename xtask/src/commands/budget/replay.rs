//! `budget replay`: what the file as it stands would have flagged.

use timing_core::budget::{History, Replay, Verdict, replay};
use timing_core::record::ExitCode;

use super::Answer;
use crate::cli::Format;
use crate::settings::BudgetSettings;
use crate::ui::report::{Column, Report, Value};

pub(super) fn answer(
    settings: &BudgetSettings,
    history: &History,
    last: usize,
    format: Format,
) -> Answer {
    let report = report(settings, history, last);
    let remarks = match report.rows.len() {
        0 => vec!["there is no measurement of anything that is asked".to_owned()],
        _ => Vec::new(),
    };
    Answer { text: report.render(format), remarks, exit_code: ExitCode::SUCCESS }
}

pub(super) fn report(settings: &BudgetSettings, history: &History, last: usize) -> Report {
    let columns = vec![
        Column::all("metric", "metric"),
        Column::all("env", "env"),
        Column::all("measurements", "measurements"),
        Column::all("warned", "warned"),
        Column::all("failed", "failed"),
        Column::all("false_alarms", "false alarms"),
        Column::all("false_alarm_rate", "rate"),
        Column::all("last_flag", "last flag"),
    ];
    let budgets = settings.budgets.select(&settings.environment);
    let rows = budgets.map(|budget| (budget, replay(&budget, history, last)));
    let rows = rows.filter(|(_, replay)| replay.judged > 0).map(|(budget, replay)| {
        let mut row = vec![
            Value::Text(budget.metric.name.to_string()),
            Value::Text(budget.environment.to_string()),
        ];
        row.extend(figures(&replay));
        row
    });
    Report { columns, rows: rows.collect() }
}

fn figures(replay: &Replay) -> [Value; 6] {
    let count = |number: usize| Value::Count(u64::try_from(number).unwrap_or(u64::MAX));
    [
        count(replay.judged),
        count(replay.count(Verdict::Warn)),
        count(replay.count(Verdict::Fail)),
        count(replay.false_alarms()),
        Value::maybe(replay.false_alarm_rate(), Value::Ratio),
        Value::maybe(replay.flagged.last(), |flag| Value::Stamp(flag.time)),
    ]
}
