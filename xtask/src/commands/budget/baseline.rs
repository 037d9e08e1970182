//! `budget baseline`: what values are compared with, and what of it is accepted in the file.
//!
//! The one command that writes into the user's work tree, and only when it is told to.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use timing_core::budget::{
    Accepted, Against, Amount, Budget, History, Measurement, Statistic, Subject, WINDOW, baseline,
};
use timing_core::record::ExitCode;
use timing_core::shown::shown;

use super::{Answer, number, quantity};
use crate::cli::{BaselineChange, Format};
use crate::settings::{BudgetSettings, with_baseline};
use crate::ui::report::{Column, Report, Value};

/// Lists the baselines, or writes some of them into the file.
pub(super) fn answer(
    settings: &BudgetSettings,
    history: &History,
    change: &BaselineChange,
    format: Format,
) -> Result<Answer, String> {
    match change {
        BaselineChange::None => Ok(listed(settings, history, format)),
        BaselineChange::Set { why } => write(settings, &first(settings, history, why)),
        BaselineChange::Accept { metric, why } => {
            write(settings, &[newest(settings, history, metric, why)?])
        }
    }
}

fn listed(settings: &BudgetSettings, history: &History, format: Format) -> Answer {
    let columns = vec![
        Column::all("metric", "metric"),
        Column::all("env", "env"),
        Column::all("against", "against"),
        Column::people("baseline"),
        Column::programs("baseline"),
        Column::programs("unit"),
        Column::all("samples", "samples"),
        Column::people("spread"),
        Column::programs("spread"),
        Column::people("newest"),
        Column::programs("newest"),
    ];
    let budgets = settings.budgets.select(&settings.environment);
    let rows = budgets.map(|budget| row(&budget, history)).collect();
    let report = Report { columns, rows };
    Answer { text: report.render(format), remarks: Vec::new(), exit_code: ExitCode::SUCCESS }
}

fn row(budget: &Budget<'_>, history: &History) -> Vec<Value> {
    let series = history.of(budget);
    let subject = series.last().map(|row| Subject::of(row)).unwrap_or_default();
    let base = baseline(budget, &series, subject);
    let unit = budget.metric.unit;
    let (spread, newest) = (spread(&series), series.last().map(|row| row.value));
    let people = |value| Value::maybe(value, |value| quantity(unit, value));
    let programs = |value| Value::maybe(value, number);
    vec![
        Value::Text(budget.metric.name.to_string()),
        Value::Text(budget.environment.to_string()),
        Value::Text(against(budget)),
        people(base.value),
        programs(base.value),
        Value::Text(unit.to_string()),
        Value::Count(u64::try_from(base.samples).unwrap_or(u64::MAX)),
        people(spread),
        programs(spread),
        people(newest),
        programs(newest),
    ]
}

/// The distance between the quartiles of the last [`WINDOW`] values; `None` of fewer than two.
fn spread(series: &[&Measurement]) -> Option<Amount> {
    let values = last(series);
    let quartile = |permille| Statistic::Permille(permille).of(&values);
    let (low, high) = quartile(250).zip(quartile(750)).filter(|_| values.len() > 1)?;
    Amount::from_billionths(high.billionths() - low.billionths())
}

fn last(series: &[&Measurement]) -> Vec<Amount> {
    series.iter().rev().take(WINDOW.get()).map(|row| row.value).collect()
}

fn against(budget: &Budget<'_>) -> String {
    let metric = budget.metric;
    match metric.regression.as_ref().map(|regression| &regression.against) {
        None if metric.accepted.is_some() => "accepted".to_owned(),
        None => format!("last {WINDOW}"),
        Some(Against::Rolling { window }) => format!("last {window}"),
        Some(Against::PreviousVersion) => "previous version".to_owned(),
        Some(Against::PreviousCommit) => "previous commit".to_owned(),
        Some(Against::Version(name)) => format!("version {name}"),
        Some(Against::Commit(name)) => format!("commit {name}"),
        Some(Against::Accepted) => "accepted".to_owned(),
    }
}

/// A baseline that is to be accepted.
type Change<'a> = (Budget<'a>, Accepted);

/// Of every metric without an accepted baseline, the median of its last measurements.
fn first<'a>(settings: &'a BudgetSettings, history: &History, why: &str) -> Vec<Change<'a>> {
    let budgets = settings.budgets.select(&settings.environment);
    let budgets: Vec<Budget<'a>> = budgets.collect();
    // A metric has one accepted baseline, which is that of no environment among several.
    let is_one = |budget: &&Budget<'a>| {
        budgets.iter().filter(|other| other.metric.name == budget.metric.name).count() == 1
    };
    let open = budgets.iter().filter(is_one).filter(|budget| budget.metric.accepted.is_none());
    let change = |budget: &Budget<'a>| {
        let series = history.of(budget);
        let values = last(&series);
        let value = Statistic::Permille(500).of(&values)?;
        let since = series.get(series.len() - values.len())?.time.date();
        Some((*budget, Accepted { value, since, why: why.to_owned() }))
    };
    open.filter_map(change).collect()
}

/// The newest measurement of `metric`: the level that somebody looked at and takes for right.
fn newest<'a>(
    settings: &'a BudgetSettings,
    history: &History,
    metric: &str,
    why: &str,
) -> Result<Change<'a>, String> {
    let budgets = settings.budgets.select(&settings.environment);
    let mut named: Vec<Budget<'a>> =
        budgets.filter(|budget| budget.metric.name.as_str() == metric).collect();
    if named.len() > 1 {
        return Err(format!(
            "{metric} is judged for several environments, and a metric has one accepted baseline"
        ));
    }
    let budget = named.pop().ok_or_else(|| {
        format!("{metric} is not asked in {}; `budget list` shows what is", settings.environment)
    })?;
    let newest = history.of(&budget).last().map(|row| (row.value, row.time.date()));
    let (value, since) = newest.ok_or_else(|| {
        format!("{metric} has no measurement in {} that could be accepted", budget.environment)
    })?;
    Ok((budget, Accepted { value, since, why: why.to_owned() }))
}

/// Writes the changes into the file and shows which lines are other ones.
fn write(settings: &BudgetSettings, changes: &[Change<'_>]) -> Result<Answer, String> {
    if changes.is_empty() {
        let remarks = vec![
            "there is nothing to accept: no metric without an accepted baseline has \
             a measurement"
                .to_owned(),
        ];
        return Ok(Answer { text: String::new(), remarks, exit_code: ExitCode::SUCCESS });
    }
    let path = settings.registry.repository.join(&settings.path);
    let failed = |error: io::Error| format!("{} was not changed: {error}", shown(&path));
    let target = target(&path, &settings.registry.repository)
        .map_err(|reason| format!("{} was not changed: {reason}", shown(&path)))?;
    let old = fs::read_to_string(&target).map_err(failed)?;
    let mut new = old.clone();
    let mut remarks = Vec::new();
    for (budget, accepted) in changes {
        let metric = &budget.metric.name;
        new = with_baseline(&new, &path, metric, accepted).map_err(|error| error.to_string())?;
        let value = budget.metric.unit.exact(accepted.value);
        remarks.push(format!("the baseline of {metric} is {value} since {}", accepted.since));
    }
    replace(&target, &new).map_err(failed)?;
    Ok(Answer {
        text: difference(&settings.path, &old, &new),
        remarks,
        exit_code: ExitCode::SUCCESS,
    })
}

/// The file itself: behind a symbolic link, as long as that stays in the repository.
fn target(path: &Path, repository: &Path) -> Result<PathBuf, String> {
    let real = path.canonicalize().map_err(|error| error.to_string())?;
    let is_link = fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
    let stays = repository.canonicalize().is_ok_and(|root| real.starts_with(root));
    if is_link && !stays {
        return Err(format!("it is a symbolic link to {}, outside the repository", shown(&real)));
    }
    Ok(real)
}

/// Makes `text` what the file at `path` holds, all of it or nothing, with the mode that it has.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let next = path.with_file_name(format!(".{name}.{}", std::process::id()));
    let write = || {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&next)?;
        file.write_all(text.as_bytes())?;
        let mode = fs::metadata(path)?.permissions().mode();
        file.set_permissions(fs::Permissions::from_mode(mode))?;
        file.sync_all()?;
        fs::rename(&next, path)
    };
    write().inspect_err(|error| {
        if error.kind() != io::ErrorKind::AlreadyExists {
            let _ = fs::remove_file(&next);
        }
    })
}

/// The lines that are not the same, as `diff -U0` has them. A change is one line more, or another one
/// in its place.
fn difference(path: &Path, old: &str, new: &str) -> String {
    let mut text = format!("--- {0}\n+++ {0}\n", shown(path));
    let mut rest = old.lines().enumerate().peekable();
    for (index, line) in new.lines().enumerate() {
        if rest.next_if(|(_, known)| *known == line).is_some() {
            continue;
        }
        let is_baseline = |line: &str| line.trim_start().starts_with("baseline");
        let gone = rest.next_if(|(_, known)| is_baseline(known)).map(|(_, gone)| gone);
        let (at, gone) = (index + 1, gone.map(|gone| format!("-{gone}\n")).unwrap_or_default());
        text.push_str(&format!("@@ line {at} @@\n{gone}+{line}\n"));
    }
    text
}
