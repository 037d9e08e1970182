//! What is said beside the table of `timings check`.

use std::collections::BTreeMap;

use timing_core::history::{Comparison, Epoch, Series};
use timing_core::stats::gate::{Judgement, Verdict};
use timing_core::table::Row;

use super::{Finding, Standing};
use crate::settings::EPOCHS_NAME;
use crate::ui::count;
use crate::ui::report::Value;

/// The flag that tells runs of one phase apart which do different work.
const VERSION: &str = "BOOTSTRAP_VERSION";

/// All remarks, those that need an answer last.
pub(super) fn of(
    findings: &[Finding<'_, '_>],
    all: &[Series<'_, '_>],
    future: &[Epoch],
    rows_ahead: usize,
) -> Vec<String> {
    let judged = || {
        findings.iter().filter_map(|finding| match &finding.standing {
            Standing::NoSuccess => None,
            Standing::Judged(comparison, judgement) => Some((finding, comparison, judgement)),
        })
    };
    let mut remarks: Vec<String> = future.iter().map(not_begun).collect();
    if rows_ahead > 0 {
        remarks.push(format!("left out: {} of a time that has not come", count(rows_ahead)));
    }
    remarks.extend(without_phase(all));
    remarks.extend(judged().filter_map(|(finding, found, _)| epoch(finding, found)));
    remarks.extend(judged().filter_map(|(finding, found, _)| other_version(finding, found)));
    let regressed = judged().filter(|(_, _, judgement)| judgement.verdict == Verdict::Regression);
    remarks
        .extend(regressed.map(|(finding, found, judgement)| regression(finding, found, judgement)));
    remarks
}

fn not_begun(epoch: &Epoch) -> String {
    format!("the epoch of {} ({}) has not begun and does not count", epoch.since, epoch.why)
}

fn without_phase(all: &[Series<'_, '_>]) -> Option<String> {
    let nameless = all.iter().filter(|series| series.phase.is_none());
    let rows: usize = nameless.map(|series| series.rows.len()).sum();
    (rows > 0).then(|| format!("{} without a phase cannot be compared with anything", count(rows)))
}

fn epoch(finding: &Finding<'_, '_>, found: &Comparison<'_, '_>) -> Option<String> {
    let epoch = found.epoch?;
    let name = name(finding);
    let (since, why) = (epoch.since, &epoch.why);
    Some(if found.is_outdated() {
        format!("{name}: no successful run since the epoch of {since} ({why})")
    } else {
        format!("{name}: the baseline starts with the epoch of {since} ({why})")
    })
}

/// Runs of different versions stay comparable, which only says that nobody can tell what made the
/// difference.
fn other_version(finding: &Finding<'_, '_>, found: &Comparison<'_, '_>) -> Option<String> {
    let latest = found.latest.flag(VERSION)?;
    let mut others: BTreeMap<&str, usize> = BTreeMap::new();
    for version in found.baseline.iter().filter_map(|row: &&Row<'_>| row.flag(VERSION)) {
        if version != latest {
            *others.entry(version).or_default() += 1;
        }
    }
    let counts: Vec<String> =
        others.iter().map(|(version, number)| format!("{} {version}", runs(*number))).collect();
    (!counts.is_empty()).then(|| {
        let (name, counts) = (name(finding), counts.join(", "));
        format!("{name}: {VERSION} of the latest run is {latest}, and in its baseline: {counts}")
    })
}

fn regression(
    finding: &Finding<'_, '_>,
    found: &Comparison<'_, '_>,
    judgement: &Judgement,
) -> String {
    let human = |seconds: Option<f64>| Value::maybe(seconds, Value::Seconds).for_people();
    format!(
        "{}: {} at {}, {} more than the median of {} before it. If that is accepted, say so in \
         {EPOCHS_NAME}:\n\n[[epoch]]\nsince = \"{}\"\nwhy = \"\" # say what changed\nenv = {:?}\n\
         phase = {:?}\n",
        name(finding),
        human(Some(judgement.latest_seconds)),
        found.latest.start,
        human(judgement.excess_seconds()),
        runs(judgement.samples),
        found.latest.start,
        finding.environment,
        finding.phase,
    )
}

fn name(finding: &Finding<'_, '_>) -> String {
    format!("{} in {}", finding.phase, finding.environment)
}

fn runs(number: usize) -> String {
    format!("{number} run{}", if number == 1 { "" } else { "s" })
}
