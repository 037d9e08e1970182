//! `budget measure`, and `budget check` of what is measured: measuring, recording, judging, in this
//! order.

use std::path::Path;

use time::Date;
use timing_core::budget::{Budget, Commit, History, Measured, Measurement, Subject, Version};
use timing_core::capture::Signals;
use timing_core::clock::{Clock, SystemClock};
use timing_core::record::{ExitCode, Flags};
use timing_core::shown::shown;

use super::check::{self, Found};
use super::measure::{self, Machine};
use super::store::{self, Recording, Stamp};
use super::{Answer, Refusal, number, quantity};
use crate::cli::{CheckFormat, Evidence, Format, Keeping};
use crate::github;
use crate::launch::user_environment;
use crate::settings::{BudgetSettings, Recordings};
use crate::ui::report::{Column, Report, Value};

/// The file that GitHub's runner shows on the page of the run.
const SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// Measures, and says what the values are.
pub(super) fn measure(
    settings: &BudgetSettings,
    keeping: Keeping,
    format: Format,
) -> Result<Answer, Refusal> {
    let budgets = asked(settings);
    let stamp = store::stamp(&settings.registry);
    let measured = values(settings, &budgets, keeping, &stamp)?;
    let unknown = measured.iter().filter(|of| matches!(of, Measured::Unknown { .. })).count();
    let known = measured.len() - unknown;
    Ok(Answer {
        text: report(&budgets, &measured).render(format),
        remarks: vec![format!("{known} measured, {unknown} unknown")],
        exit_code: ExitCode::SUCCESS,
    })
}

/// Judges what `evidence` there is.
pub(super) fn check(
    settings: &BudgetSettings,
    history: &History,
    today: Date,
    format: CheckFormat,
    evidence: Evidence,
) -> Result<Answer, Refusal> {
    let budgets = asked(settings);
    let found = match evidence {
        Evidence::Stored => check::newest(budgets, history, today),
        Evidence::Measured(keeping) => {
            let stamp = store::stamp(&settings.registry);
            let measured = values(settings, &budgets, keeping, &stamp)?;
            let subject = Subject {
                version: stamp.version.as_ref().map(Version::as_str),
                commit: stamp.commit.as_ref().map(Commit::as_str),
            };
            check::measured(budgets, measured, subject, history, today)
        }
    };
    let plain = match format {
        CheckFormat::Plain(format) => Some(format),
        CheckFormat::Github => None,
    };
    let mut answer = check::answer(&found, &settings.path, plain);
    if plain.is_none() {
        answer.remarks.extend(summarise(&found));
    }
    Ok(answer)
}

/// What is asked of the metrics that are meant.
pub(super) fn asked(settings: &BudgetSettings) -> Vec<Budget<'_>> {
    let all = settings.budgets.select(&settings.environment);
    all.filter(|budget| settings.only.means(budget.metric.name.as_str())).collect()
}

/// What is measured with: this machine, until a signal comes.
pub(super) fn machine(settings: &BudgetSettings) -> Result<Machine, String> {
    Ok(Machine {
        directory: settings.directory.clone(),
        variables: user_environment(std::env::vars_os().collect(), env!("CARGO_MANIFEST_DIR")),
        environment: settings.environment.clone(),
        registry: settings.registry.clone(),
        signals: Signals::install()
            .map_err(|error| format!("nothing is measured that could not be ended: {error}"))?,
    })
}

/// Measures `budgets`, and records what is known as soon as it is.
fn values(
    settings: &BudgetSettings,
    budgets: &[Budget<'_>],
    keeping: Keeping,
    stamp: &Stamp,
) -> Result<Vec<Measured>, Refusal> {
    let machine = machine(settings)?;
    let mut recording = match (keeping, settings.recordings) {
        (Keeping::Recorded, Recordings::On) => {
            Some(Recording::open(&settings.registry, &settings.environment, stamp))
        }
        _ => None,
    };
    let measured = measure::measure(budgets, machine, |place, measured| {
        let row = budgets.get(place).and_then(|budget| measurement(budget, measured, stamp));
        if let (Some(recording), Some(row)) = (&mut recording, row) {
            recording.note(row);
        }
    });
    if let Some(recording) = recording {
        recording.close().say();
    }
    measured.map_err(Refusal::Ended)
}

/// As it is kept; what is unknown is not.
fn measurement(budget: &Budget<'_>, measured: &Measured, stamp: &Stamp) -> Option<Measurement> {
    let Measured::Known { value, samples } = *measured else { return None };
    let metric = budget.metric;
    Some(Measurement {
        time: SystemClock.now(),
        metric: metric.name.clone(),
        environment: budget.environment.clone(),
        unit: metric.unit,
        statistic: metric.statistic,
        value,
        samples,
        commit: stamp.commit.clone(),
        version: stamp.version.clone(),
        run: Some(stamp.run.clone()),
        flags: Flags::default(),
    })
}

/// The table of values.
fn report(budgets: &[Budget<'_>], measured: &[Measured]) -> Report {
    let columns = vec![
        Column::all("metric", "metric"),
        Column::all("env", "env"),
        Column::people("value"),
        Column::programs("value"),
        Column::programs("unit"),
        Column::all("statistic", "statistic"),
        Column::all("samples", "samples"),
        Column::all("source", "source"),
        Column::all("reason", "unknown because"),
    ];
    let rows = budgets.iter().zip(measured).map(|(budget, measured)| row(budget, measured));
    Report { columns, rows: rows.collect() }
}

fn row(budget: &Budget<'_>, measured: &Measured) -> Vec<Value> {
    let metric = budget.metric;
    let (value, samples, reason) = match measured {
        Measured::Known { value, samples } => (Some(*value), Some(*samples), None),
        Measured::Unknown { reason } => (None, None, Some(reason.as_str())),
    };
    vec![
        Value::Text(metric.name.to_string()),
        Value::Text(budget.environment.to_string()),
        Value::maybe(value, |value| quantity(metric.unit, value)),
        Value::maybe(value, number),
        Value::Text(metric.unit.to_string()),
        Value::Text(metric.statistic.to_string()),
        Value::maybe(samples, Value::Count),
        Value::Text(metric.source.kind().to_string()),
        Value::text(reason),
    ]
}

/// Appends the table to the step's summary, where there is one.
fn summarise(found: &[Found<'_>]) -> Option<String> {
    let path = std::env::var_os(SUMMARY).filter(|path| !path.is_empty())?;
    let path = Path::new(&path);
    let page =
        format!("### Performance budgets\n\n{}\n", check::report(found).render(Format::Markdown));
    let error = github::append(path, &page).err()?;
    Some(format!("the step's summary in {} cannot be written: {error}", shown(path)))
}
