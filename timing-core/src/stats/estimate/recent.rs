//! Which runs say something about the next one.

use super::{Estimate, FEWEST_RUNS, MOST_RUNS};
use crate::stats::change::{COARSEST_TICK, MIN_SEGMENT, change_points};

/// Change points are looked for in so many of the latest runs: enough that a step at the edge of
/// those that count has a level before it, and few enough to take no time.
const CONTEXT: usize = 2 * MOST_RUNS;

/// A run is far off when it is this many times as far from the median as p90 is from p10: five
/// standard deviations where runs are normal.
const FAR: f64 = 2.0;

/// The first of the runs that an estimate rests on. All must be usable.
pub(super) fn first_recent(seconds: &[f64]) -> usize {
    let context = seconds.len().saturating_sub(CONTEXT);
    let changes = change_points(&seconds[context..]);
    let changed = changes.last().map_or(0, |change| context + change.index);
    let first = changed.max(seconds.len().saturating_sub(MOST_RUNS));
    if has_jumped(&seconds[first..]) { seconds.len() - FEWEST_RUNS } else { first }
}

/// Whether the latest runs, too few to be a level, are all far off to the same side. Then the
/// median of [`FEWEST_RUNS`] is one of theirs.
fn has_jumped(recent: &[f64]) -> bool {
    (2..MIN_SEGMENT).any(|count| {
        let (before, latest) = recent.split_at(recent.len().saturating_sub(count));
        let Some(Estimate { typical, bounds: Some(bounds), .. }) = Estimate::of_recent(before)
        else {
            return false;
        };
        let reach = (FAR * (bounds.slow - bounds.fast)).max(COARSEST_TICK);
        latest.iter().all(|value| value - typical > reach)
            || latest.iter().all(|value| typical - value > reach)
    })
}
