//! What was run and what was paid, by period.

use std::collections::BTreeMap;
use std::collections::HashMap;

use time::Date;

use super::robust::median;
use super::{Period, Span, rank_correlation};
use crate::costs::DayCost;
use crate::table::{Resources, Row};

/// Fewer periods give no correlation worth a number: of four, one order in twelve is a perfect one.
pub const LEAST_PERIODS: usize = 5;

/// What was run and paid in a period.
#[derive(Debug, Clone, PartialEq)]
pub struct PeriodFigures {
    /// Which.
    pub period: Period,
    /// Runs that started in it.
    pub runs: usize,
    /// Those of them that exited with 0.
    pub successes: usize,
    /// What all runs took, in seconds; `None` when there were none.
    pub total_seconds: Option<f64>,
    /// The median of what successful runs took, in seconds.
    pub median_seconds: Option<f64>,
    /// What the runs that say so added, changed and destroyed.
    pub resources: Option<Resources>,
    /// What was paid, in the costs' own currency.
    pub cost: Option<f64>,
    /// For how many days something is known of that.
    pub cost_days: usize,
}

/// How two columns go together, over the periods that have both.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correlation {
    /// How many periods these are.
    pub periods: usize,
    /// Spearman's rank correlation; `None` where there are too few periods or one side does not
    /// vary.
    pub coefficient: Option<f64>,
}

/// Of the rows of one run, that of its outermost phase, which holds what the others took; rows that
/// name no run are runs of their own. The order is kept.
#[must_use]
pub fn outermost<'r, 'a>(rows: &[&'r Row<'a>]) -> Vec<&'r Row<'a>> {
    let mut widest: HashMap<&str, usize> = HashMap::new();
    for (place, row) in rows.iter().enumerate() {
        let Some(run) = row.flag("RUN") else { continue };
        let best = widest.entry(run).or_insert(place);
        // The outermost phase is recorded after those within it.
        if width(row) >= width(rows[*best]) {
            *best = place;
        }
    }
    let is_outermost = |place: usize, row: &Row<'_>| {
        row.flag("RUN").is_none_or(|run| widest.get(run) == Some(&place))
    };
    let kept = rows.iter().enumerate().filter(|(place, row)| is_outermost(*place, row));
    kept.map(|(_, row)| *row).collect()
}

/// What the outermost phase of a run has most of: it is the longest one, the first to start, and
/// has the resources of all.
fn width(row: &Row<'_>) -> (u64, std::cmp::Reverse<u64>, u64) {
    let resources =
        row.resources.map_or(0, |r| r.added.saturating_add(r.changed).saturating_add(r.destroyed));
    (row.duration_seconds, std::cmp::Reverse(row.start.unix_seconds()), resources)
}

/// The figures of every period that has a run or a cost, the oldest first.
#[must_use]
pub fn by_period(rows: &[&Row<'_>], costs: &[DayCost], span: Span) -> Vec<PeriodFigures> {
    let mut periods: BTreeMap<Date, (Vec<&Row<'_>>, Vec<&DayCost>)> = BTreeMap::new();
    for row in rows {
        periods.entry(span.of(row.start.date()).first()).or_default().0.push(row);
    }
    for cost in costs {
        periods.entry(span.of(cost.day).first()).or_default().1.push(cost);
    }
    periods.iter().map(|(first, (rows, costs))| figures(span.of(*first), rows, costs)).collect()
}

fn figures(period: Period, rows: &[&Row<'_>], costs: &[&DayCost]) -> PeriodFigures {
    #[expect(clippy::cast_precision_loss, reason = "exact for 285 million years")]
    let seconds = |row: &&Row<'_>| row.duration_seconds as f64;
    let successful = rows.iter().copied().filter(|row| row.is_success());
    let successful: Vec<f64> = successful.map(|row| seconds(&row)).collect();
    PeriodFigures {
        period,
        runs: rows.len(),
        successes: successful.len(),
        total_seconds: (!rows.is_empty()).then(|| rows.iter().map(seconds).sum()),
        median_seconds: median(&successful),
        resources: rows.iter().filter_map(|row| row.resources).reduce(|one, other| Resources {
            added: one.added.saturating_add(other.added),
            changed: one.changed.saturating_add(other.changed),
            destroyed: one.destroyed.saturating_add(other.destroyed),
        }),
        cost: (!costs.is_empty()).then(|| costs.iter().map(|cost| cost.amount).sum()),
        cost_days: costs.len(),
    }
}

/// How the cost goes together with what `of` says of a period, over the periods of which the cost
/// of every day is known: the first days of a week are no cheap week.
pub fn cost_correlation(
    figures: &[PeriodFigures],
    of: impl Fn(&PeriodFigures) -> Option<f64>,
) -> Correlation {
    let whole = figures.iter().filter(|figures| figures.cost_days == figures.period.days());
    let pairs = whole.filter_map(|figures| Some((figures.cost?, of(figures)?)));
    let pairs: Vec<(f64, f64)> = pairs.collect();
    let is_enough = pairs.len() >= LEAST_PERIODS;
    Correlation {
        periods: pairs.len(),
        coefficient: is_enough.then(|| rank_correlation(&pairs)).flatten(),
    }
}

#[cfg(test)]
mod tests;
