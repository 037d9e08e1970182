//! `budget lint`: what is overdue or doubtful in the file.

use time::Date;
use timing_core::budget::{History, Remark, Weight, lint};
use timing_core::record::ExitCode;

use super::{ATTENTION, Answer};
use crate::cli::Format;
use crate::settings::BudgetSettings;
use crate::ui::report::{Column, Report, Value};

pub(super) fn answer(
    settings: &BudgetSettings,
    history: &History,
    today: Date,
    format: Format,
) -> Answer {
    let environments = std::slice::from_ref(&settings.environment);
    let remarks = lint(&settings.budgets, history, environments, today);
    let asks = remarks.iter().any(|remark| remark.what.weight() > Weight::Info);
    Answer {
        text: report(&remarks).render(format),
        remarks: match remarks.len() {
            0 => vec!["nothing is overdue or doubtful".to_owned()],
            _ => Vec::new(),
        },
        exit_code: if asks { ATTENTION } else { ExitCode::SUCCESS },
    }
}

fn report(remarks: &[Remark]) -> Report {
    let columns = vec![
        Column::all("line", "line"),
        Column::all("metric", "metric"),
        Column::all("weight", "weight"),
        Column::all("remark", "remark"),
    ];
    let rows = remarks.iter().map(|remark| {
        vec![
            Value::maybe(remark.line.and_then(|line| u64::try_from(line).ok()), Value::Count),
            Value::maybe(remark.metric.as_ref(), |name| Value::Text(name.to_string())),
            Value::Text(remark.what.weight().to_string()),
            Value::Text(remark.what.to_string()),
        ]
    });
    Report { columns, rows: rows.collect() }
}
