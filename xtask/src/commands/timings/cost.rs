//! `timings cost`: durations, resources and costs side by side.

use std::io::Read;
use std::path::Path;

use timing_core::costs::{self, Costs, DayCost};
use timing_core::history::Filter;
use timing_core::shown::shown;
use timing_core::stats::{
    Correlation, LEAST_PERIODS, PeriodFigures, by_period, cost_correlation, outermost,
};
use timing_core::table::Row;

use super::Answer;
use crate::cli::CostArgs;
use crate::commands::registry::Failure;
use crate::settings::{Origin, Query};
use crate::ui::report::{Column, Report, Value};

const COLUMNS: [Column; 12] = [
    Column::all("period", "period"),
    Column::all("runs", "runs"),
    Column::all("successes", "ok"),
    Column::all("total_duration_seconds", "total"),
    Column::all("median_duration_seconds", "median ok"),
    Column::all("resources_added", "added"),
    Column::programs("resources_changed"),
    Column::all("resources_destroyed", "destroyed"),
    Column::all("cost", "cost"),
    Column::programs("currency"),
    Column::programs("cost_days"),
    Column::people("days with costs"),
];

pub(super) fn answer(rows: &[Row<'_>], args: &CostArgs, query: &Query) -> Result<Answer, Failure> {
    let Costs { mut days, currency } = read(&args.costs, &query.origin)?;
    days.retain(|cost| is_asked_about(cost, &query.filter));
    // Which phase is the outermost of its run is asked of all of them, chosen or not.
    let all: Vec<&Row<'_>> = rows.iter().collect();
    let mut rows = if query.filter.phases.is_empty() { outermost(&all) } else { all };
    rows.retain(|row| query.filter.accepts(row));
    let mut figures = by_period(&rows, &days, args.span);
    let skipped = query.last.map_or(0, |last| figures.len().saturating_sub(last.get()));
    figures.drain(..skipped);
    let rows = figures.iter().map(|figures| values(figures, currency.as_deref())).collect();
    let report = Report { columns: COLUMNS.to_vec(), rows };
    Ok(Answer { remarks: remarks(&figures, currency.as_deref()), ..Answer::well(report) })
}

fn read(path: &Path, origin: &Origin) -> Result<Costs, Failure> {
    let (name, bytes) = if path.as_os_str() == "-" {
        if *origin == Origin::Stdin {
            return Err("--costs and --file cannot both be stdin: give one of them a file".into());
        }
        let mut bytes = Vec::new();
        std::io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|error| format!("stdin cannot be read: {error}"))?;
        ("stdin".to_owned(), bytes)
    } else {
        let name = shown(path).to_string();
        let bytes = std::fs::read(path).map_err(|error| {
            format!("{name} cannot be read: {error}; give --costs a CSV with date and cost")
        })?;
        (name, bytes)
    };
    costs::parse(&bytes).map_err(|fault| format!("{name}:{fault}").into())
}

/// Whether any of the day is in the window.
fn is_asked_about(cost: &DayCost, filter: &Filter) -> bool {
    filter.since.is_none_or(|since| since.date() <= cost.day)
        && filter.before.is_none_or(|before| {
            cost.day < before.date()
                || (cost.day == before.date() && before.unix_seconds() % 86_400 != 0)
        })
}

fn values(figures: &PeriodFigures, currency: Option<&str>) -> Vec<Value> {
    let count = |number: usize| Value::Count(u64::try_from(number).unwrap_or(u64::MAX));
    let resources = figures.resources;
    vec![
        Value::Text(figures.period.to_string()),
        count(figures.runs),
        count(figures.successes),
        Value::maybe(figures.total_seconds, Value::Seconds),
        Value::maybe(figures.median_seconds, Value::Seconds),
        Value::maybe(resources, |resources| Value::Count(resources.added)),
        Value::maybe(resources, |resources| Value::Count(resources.changed)),
        Value::maybe(resources, |resources| Value::Count(resources.destroyed)),
        Value::maybe(figures.cost, |cost| Value::Number(cost, 2)),
        Value::text(currency),
        count(figures.cost_days),
        count(figures.cost_days),
    ]
}

/// What of a period the cost may go together with.
type Side = (&'static str, fn(&PeriodFigures) -> Option<f64>);

#[expect(clippy::cast_precision_loss, reason = "exact below 2^53 resources")]
const SIDES: [Side; 3] = [
    ("total duration", |figures| figures.total_seconds),
    ("resources added", |figures| Some(figures.resources?.added as f64)),
    ("resources destroyed", |figures| Some(figures.resources?.destroyed as f64)),
];

fn remarks(figures: &[PeriodFigures], currency: Option<&str>) -> Vec<String> {
    let currency = currency.filter(|currency| !currency.is_empty());
    let mut remarks: Vec<String> =
        currency.map(|currency| format!("costs are in {currency}")).into_iter().collect();
    let found = SIDES.map(|(name, of)| (name, cost_correlation(figures, of)));
    let most = found.iter().map(|(_, correlation)| correlation.periods).max().unwrap_or(0);
    if most < LEAST_PERIODS {
        remarks.push(format!(
            "no rank correlation of costs with anything: {LEAST_PERIODS} periods with runs and \
             the costs of all their days are needed, and there are {most}"
        ));
        return remarks;
    }
    remarks.extend(found.iter().map(|(name, found)| sentence(name, found)));
    remarks.push(
        "a rank correlation (Spearman) says whether two things rise together, not that one causes \
         the other"
            .to_owned(),
    );
    remarks
}

fn sentence(name: &str, found: &Correlation) -> String {
    let Correlation { periods, coefficient } = found;
    let what = match coefficient {
        Some(coefficient) => format!("rank correlation {coefficient:+.2} over {periods} periods"),
        None if *periods < LEAST_PERIODS => {
            format!(
                "no rank correlation; {periods} periods say both, and {LEAST_PERIODS} are needed"
            )
        }
        None => {
            format!("no rank correlation; one of them is the same in all {periods} periods")
        }
    };
    format!("cost and {name}: {what}")
}
