//! `timings check`: the latest run of each environment and phase against those before it.

use timing_core::history::{Comparison, Effect, Epoch, Series, compare, series};
use timing_core::stats::gate::{Judgement, Verdict, judge};
use timing_core::table::Row;

use super::{ATTENTION, Answer, seconds};
use crate::cli::CheckFlags;
use crate::settings::{CheckPolicy, GateMode, Query, TimingsSettings};
use crate::ui::report::{Column, Report, Value};

mod remarks;

pub(super) const COLUMNS: [Column; 18] = [
    Column::all("env", "env"),
    Column::all("phase", "phase"),
    Column::all("latest_duration_seconds", "latest"),
    Column::programs("latest_start_time_utc"),
    Column::people("when"),
    Column::all("baseline_median_seconds", "baseline"),
    Column::all("baseline_runs", "runs"),
    Column::all("baseline_mad_seconds", "MAD"),
    Column::programs("excess_seconds"),
    Column::all("change_ratio", "change"),
    Column::all("excess_mads", "MADs"),
    Column::programs("resource_effect"),
    Column::programs("epoch_since_utc"),
    Column::programs("epoch_why"),
    Column::programs("minimum_runs"),
    Column::programs("verdict"),
    Column::programs("unknown_because"),
    Column::people("verdict"),
];

/// What is known of one environment and phase.
pub(in crate::commands) struct Finding<'r, 'a> {
    environment: &'r str,
    phase: &'r str,
    pub(in crate::commands) standing: Standing<'r, 'a>,
}

pub(in crate::commands) enum Standing<'r, 'a> {
    /// No run succeeded.
    NoSuccess,
    /// The latest run has been compared.
    Judged(Comparison<'r, 'a>, Judgement),
}

pub(super) fn answer(
    rows: &[&Row<'_>],
    query: &Query,
    flags: &CheckFlags,
    settings: &TimingsSettings,
) -> Answer {
    let policy = CheckPolicy::resolve(flags, &settings.check);
    let (epochs, future): (Vec<Epoch>, Vec<Epoch>) =
        settings.epochs.iter().cloned().partition(|epoch| epoch.since < query.end);
    // A row of a clock that was wrong would be the latest one until that day comes.
    let (rows, ahead): (Vec<&Row<'_>>, Vec<&Row<'_>>) =
        rows.iter().copied().partition(|row| row.start < query.end);
    let all = series(&rows, query.last);
    let findings: Vec<_> =
        all.iter().filter_map(|series| finding(series, &epochs, &policy)).collect();
    let is_regression = |finding: &Finding<'_, '_>| finding.verdict() == Some(Verdict::Regression);
    let regressed = findings.iter().any(is_regression);
    Answer {
        remarks: remarks::of(&findings, &all, &future, ahead.len()),
        exit_code: match policy.mode {
            GateMode::Error if regressed => ATTENTION,
            _ => timing_core::record::ExitCode::SUCCESS,
        },
        ..Answer::well(Report {
            columns: COLUMNS.to_vec(),
            rows: findings.iter().map(|finding| values(finding, &policy)).collect(),
        })
    }
}

impl Finding<'_, '_> {
    pub(in crate::commands) fn verdict(&self) -> Option<Verdict> {
        match &self.standing {
            Standing::NoSuccess => None,
            Standing::Judged(_, judgement) => Some(judgement.verdict),
        }
    }

    /// The verdict as people read it.
    pub(in crate::commands) fn in_words(&self, policy: &CheckPolicy) -> String {
        words(self, policy.thresholds.minimum_samples.get() as u64).for_people
    }
}

/// `None` for rows that do not say their phase: nobody knows that two of them are of the same.
pub(in crate::commands) fn finding<'r, 'a>(
    series: &Series<'r, 'a>,
    epochs: &'r [Epoch],
    policy: &CheckPolicy,
) -> Option<Finding<'r, 'a>> {
    let phase = series.phase?;
    let standing = match compare(series, phase, epochs, policy.baseline) {
        None => Standing::NoSuccess,
        Some(comparison) => {
            let baseline: Vec<f64> =
                comparison.baseline.iter().map(|row| seconds(row.duration_seconds)).collect();
            let judgement =
                judge(seconds(comparison.latest.duration_seconds), &baseline, &policy.thresholds);
            Standing::Judged(comparison, judgement)
        }
    };
    Some(Finding { environment: series.environment, phase, standing })
}

fn values(finding: &Finding<'_, '_>, policy: &CheckPolicy) -> Vec<Value> {
    let (comparison, judgement) = match &finding.standing {
        Standing::NoSuccess => (None, None),
        Standing::Judged(comparison, judgement) => (Some(comparison), Some(judgement)),
    };
    let baseline = judgement.and_then(|judgement| judgement.baseline);
    let figure = |of: fn(&Judgement) -> Option<f64>| judgement.and_then(of);
    let latest = comparison.map(|comparison| comparison.latest.start);
    let epoch = comparison.and_then(|comparison| comparison.epoch);
    let minimum = policy.thresholds.minimum_samples.get() as u64;
    let Words { verdict, unknown_because, for_people } = words(finding, minimum);
    vec![
        Value::text(Some(finding.environment)),
        Value::text(Some(finding.phase)),
        Value::maybe(judgement, |judgement| Value::Seconds(judgement.latest_seconds)),
        Value::maybe(latest, Value::Stamp),
        Value::maybe(latest, |start| Value::Text(day(start))),
        Value::maybe(baseline, |baseline| Value::Seconds(baseline.median)),
        Value::maybe(judgement, |judgement| Value::Count(judgement.samples as u64)),
        Value::maybe(baseline, |baseline| Value::Seconds(baseline.mad)),
        Value::maybe(figure(Judgement::excess_seconds), Value::Seconds),
        Value::maybe(figure(Judgement::change), Value::Change),
        Value::maybe(figure(Judgement::excess_in_mads), |mads| Value::Number(mads, 1)),
        Value::text(comparison.map(|comparison| effect(Effect::of(comparison.latest)))),
        Value::maybe(epoch, |epoch| Value::Stamp(epoch.since)),
        Value::text(epoch.map(|epoch| epoch.why.as_str())),
        Value::Count(minimum),
        Value::text(Some(verdict)),
        Value::text(unknown_because),
        Value::Text(for_people),
    ]
}

/// `2026-01-24`.
fn day(stamp: timing_core::clock::UtcStamp) -> String {
    stamp.to_string().chars().take(10).collect()
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Changed => "changed",
        Effect::Unchanged => "unchanged",
        Effect::Unrecorded => "unrecorded",
    }
}

/// A verdict as text.
struct Words {
    verdict: &'static str,
    unknown_because: Option<&'static str>,
    for_people: String,
}

fn words(finding: &Finding<'_, '_>, minimum: u64) -> Words {
    let known = |verdict: &'static str| Words {
        verdict,
        unknown_because: None,
        for_people: verdict.to_owned(),
    };
    let unknown = |because: &'static str, for_people: String| Words {
        verdict: "unknown",
        unknown_because: Some(because),
        for_people,
    };
    match &finding.standing {
        Standing::NoSuccess => unknown("no_successful_run", "no success".to_owned()),
        Standing::Judged(comparison, judgement) => match judgement.verdict {
            Verdict::Regression => known("regression"),
            Verdict::Improvement => known("improvement"),
            Verdict::Ok => known("ok"),
            Verdict::TooFew if comparison.is_outdated() => {
                unknown("no_run_since_epoch", "none since epoch".to_owned())
            }
            Verdict::TooFew => {
                let samples = judgement.samples;
                unknown("too_few_runs", format!("too few ({samples} of {minimum})"))
            }
        },
    }
}
