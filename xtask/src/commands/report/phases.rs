//! Each phase of each environment: rows, and what statistics say of them.

use timing_core::history::{Epoch, SampleSeries, Series, series};
use timing_core::record::mask_arguments;
use timing_core::stats::Summary;
use timing_core::stats::estimate::Estimate;
use timing_core::stats::gate::Verdict;
use timing_core::table::Row;

use crate::cli::CheckFlags;
use crate::commands::timings::{check, trend};
use crate::report::{
    Baseline, Ending, EnvironmentPart, LastRow, Outcome, PhasePart, Point, Standing, Stretch,
    Table, course, periods,
};
use crate::settings::{CheckPolicy, Query, TimingsSettings};

/// How many phases are drawn, those that ran last; the others are in the tables.
const DRAWN: usize = 40;

/// How many marks there are on all charts together, and at most on one. A mark and its line in a
/// table take about half a kilobyte of a page.
const MARKS: usize = 1500;
const MARKS_OF_ONE: usize = 160;

/// The phases, and the table of their trends.
pub(super) struct Phases {
    pub(super) environments: Vec<EnvironmentPart>,
    pub(super) trend: Table,
}

/// The phases of `rows`, which are in order, by environment; `samples` are of the same rows.
pub(super) fn environments(
    rows: &[&Row<'_>],
    samples: &[SampleSeries],
    query: &Query,
    settings: &TimingsSettings,
) -> Phases {
    let all = series(rows, None);
    let mut newest: Vec<_> =
        all.iter().filter_map(|of| of.rows.last()).map(|row| row.start).collect();
    newest.sort_unstable();
    let oldest_drawn = newest.len().checked_sub(DRAWN).and_then(|place| newest.get(place).copied());
    let most = (MARKS / all.len().clamp(1, DRAWN)).min(MARKS_OF_ONE);
    let comparable: Vec<Series<'_, '_>> = all.iter().cloned().map(keep_comparable).collect();
    let stretches: Vec<Vec<_>> = comparable.iter().map(trend::stretches).collect();
    let mut environments: Vec<EnvironmentPart> = Vec::new();
    for (((of, samples), comparable), stretches) in
        all.iter().zip(samples).zip(&comparable).zip(&stretches)
    {
        let Some(last) = of.rows.last() else { continue };
        let is_drawn = oldest_drawn.is_none_or(|oldest| oldest <= last.start);
        let part = PhasePart {
            course: is_drawn.then(|| course(points(of), most)),
            stretches: stretches.iter().filter_map(stretch).collect(),
            expected: expected(comparable),
            ..phase(of, last, &samples.samples, query, settings)
        };
        match environments.last_mut().filter(|known| known.name == of.environment) {
            Some(known) => known.phases.push(part),
            None => {
                let name = of.environment.to_owned();
                environments.push(EnvironmentPart { name, phases: vec![part] });
            }
        }
    }
    let trend = trend::report(&stretches.concat());
    Phases { environments, trend }
}

fn keep_comparable<'r, 'a>(mut of: Series<'r, 'a>) -> Series<'r, 'a> {
    trend::keep_comparable(&mut of);
    of
}

/// As a run that begins says it.
fn expected(comparable: &Series<'_, '_>) -> Option<Estimate> {
    let seconds: Vec<f64> = comparable.rows.iter().map(|row| whole(row.duration_seconds)).collect();
    Estimate::of(&seconds)
}

fn phase(
    of: &Series<'_, '_>,
    last: &Row<'_>,
    samples: &[timing_core::record::Sample],
    query: &Query,
    settings: &TimingsSettings,
) -> PhasePart {
    let (standing, baseline) = standing(of, query, settings);
    let runs: Vec<_> = of.rows.iter().map(|row| (row.start, !row.is_success())).collect();
    let first = of.rows.first().map(|row| row.start);
    let is_shown = |epoch: &&Epoch| {
        let concerns = of.phase.is_some_and(|phase| epoch.concerns(of.environment, phase));
        concerns && epoch.since <= query.now && first.is_some_and(|first| first <= epoch.since)
    };
    PhasePart {
        environment: of.environment.to_owned(),
        phase: of.phase.map(str::to_owned),
        summary: Summary::of(samples),
        last: last_row(last),
        expected: None,
        standing,
        baseline,
        course: None,
        stretches: Vec::new(),
        epochs: settings.epochs.iter().filter(is_shown).cloned().collect(),
        periods: periods(&runs),
    }
}

fn points(of: &Series<'_, '_>) -> Vec<Point> {
    let point = |row: &&Row<'_>| Point {
        start: row.start,
        seconds: row.duration_seconds,
        ending: match (row.is_success(), row.is_part()) {
            (true, false) => Ending::Success,
            (true, true) => Ending::Part,
            (false, _) => Ending::Failure,
        },
        exit_code: row.exit_code,
        commit: row.flag("SHA").map(str::to_owned),
    };
    of.rows.iter().map(point).collect()
}

fn last_row(row: &Row<'_>) -> LastRow {
    let masked = |text: &Option<std::borrow::Cow<'_, str>>| {
        text.as_deref().map(|text| mask_arguments(&[text]).concat()).filter(|text| !text.is_empty())
    };
    let flag = |key| row.flag(key).map(str::to_owned);
    LastRow {
        start: row.start,
        seconds: row.duration_seconds,
        outcome: Outcome::of(row.is_success(), row.flag("OUTCOME")),
        exit_code: row.exit_code,
        build_id: row.build_id.to_string(),
        run: flag("RUN"),
        commit: flag("SHA"),
        log: masked(&row.log_path),
        url: masked(&row.workflow_run_url),
        resources: row.resources.map(|of| [of.added, of.changed, of.destroyed]),
    }
}

/// What `timings check` says of the phase.
fn standing(
    of: &Series<'_, '_>,
    query: &Query,
    settings: &TimingsSettings,
) -> (Standing, Option<Baseline>) {
    let policy = CheckPolicy::resolve(&CheckFlags::default(), &settings.check);
    let mut begun = of.clone();
    begun.rows.retain(|row| row.start < query.end);
    let epochs: Vec<Epoch> =
        settings.epochs.iter().filter(|epoch| epoch.since < query.end).cloned().collect();
    let Some(finding) = check::finding(&begun, &epochs, &policy) else {
        return (Standing::Unknown("no phase".to_owned()), None);
    };
    let words = finding.in_words(&policy);
    let standing = match finding.verdict() {
        Some(Verdict::Regression) => Standing::Regression(words),
        Some(Verdict::Improvement) => Standing::Improvement(words),
        Some(Verdict::Ok) => Standing::Ok(words),
        Some(Verdict::TooFew) | None => Standing::Unknown(words),
    };
    let baseline = match &finding.standing {
        check::Standing::NoSuccess => None,
        check::Standing::Judged(comparison, judgement) => {
            let first = comparison.baseline.first().map(|row| row.start);
            let last = comparison.baseline.last().map(|row| row.start);
            judgement.baseline.zip(first.zip(last)).map(|(spread, time)| Baseline {
                median: spread.median,
                runs: judgement.samples,
                change: judgement.change(),
                time,
            })
        }
    };
    (standing, baseline)
}

fn stretch(of: &trend::Stretch<'_, '_>) -> Option<Stretch> {
    let (first, last) = (of.rows.first()?, of.rows.last()?);
    Some(Stretch {
        time: (first.start, last.start),
        level: of.level?,
        runs: of.rows.len(),
        change: of.change.map(|change| change.ratio() - 1.0),
        commit: of.change.and(of.commit()).map(str::to_owned),
    })
}

#[expect(clippy::cast_precision_loss, reason = "exact for 285 million years")]
fn whole(seconds: u64) -> f64 {
    seconds as f64
}
