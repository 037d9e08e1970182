use proptest::prelude::*;

use super::*;
use crate::stats::suite::{COURSES, Course, Noise, Random, Score};

fn marks(starts: &[(&str, f64)]) -> Vec<Mark> {
    starts.iter().map(|(stage, at)| Mark { stage: (*stage).to_owned(), at: *at }).collect()
}

/// Runs of a plan and an apply, which take so long each.
fn plan_and_apply(seconds: &[(f64, f64)]) -> Forecast {
    let run = |(plan, apply): &(f64, f64)| PastRun {
        total: plan + apply,
        marks: marks(&[("plan", 0.0), ("apply", *plan)]),
    };
    Forecast::of(&seconds.iter().map(run).collect::<Vec<_>>()).unwrap()
}

/// Runs of which no stages are known.
fn totals(seconds: &[f64]) -> Vec<PastRun> {
    seconds.iter().map(|total| PastRun { total: *total, marks: Vec::new() }).collect()
}

#[test]
fn on_any_seed_the_error_is_near_that_of_an_oracle_and_nine_runs_in_ten_are_below_p90() {
    for course in COURSES {
        let score: Score = (0..3).map(|seed| course.score(seed)).sum();
        assert!(score.error_ratio() <= 1.1, "{course:?}: {score:?}");
        let coverage = score.coverage().unwrap();
        assert!((0.87..=0.93).contains(&coverage), "{course:?}: {coverage}");
        assert!(score.bounded * 100 >= score.estimated * 98, "{course:?}: {score:?}");
    }
}

#[test]
fn p90_is_right_from_the_first_run_at_which_there_is_one() {
    let course = Course::Steady(Noise::Skewed, 0.2);
    let mut covered = [0; 20];
    for seed in 0..2_000 {
        let runs: Vec<f64> = course.runs(seed).iter().take(29).map(|(run, _)| *run).collect();
        for (offset, covered) in covered.iter_mut().enumerate() {
            let index = FEWEST_FOR_BOUNDS + offset;
            let slow = Estimate::of(&runs[..index]).unwrap().slow();
            *covered += usize::from(slow.is_some_and(|slow| runs[index] <= slow));
        }
    }
    for (offset, covered) in covered.into_iter().enumerate() {
        assert!((1_740..=1_860).contains(&covered), "{offset}: {covered}");
    }
}

#[test]
fn no_history_no_estimate_and_few_runs_have_no_slowest_tenth() {
    assert_eq!(Estimate::of(&[]), None);
    assert_eq!(Estimate::of(&[1.0, 2.0]), None);
    assert_eq!(Estimate::of(&[1.0, 2.0, f64::NAN, f64::INFINITY, -3.0]), None);
    let few = Estimate::of(&[30.0, 10.0, 20.0, 50.0]).unwrap();
    assert_eq!(few, Estimate { typical: 25.0, bounds: None, count: 4 });
    let nine = Estimate::of(&[9.0, 1.0, 8.0, 2.0, 7.0, 3.0, 6.0, 4.0, 5.0]).unwrap();
    let bounds = Some(Bounds { fast: 1.0, slow: 9.0 });
    assert_eq!(nine, Estimate { typical: 5.0, bounds, count: 9 });
}

#[test]
fn after_a_step_only_the_runs_since_then_count_and_without_one_the_latest_50() {
    let stepped = [[100.0, 101.0, 99.0].repeat(10), [150.0, 151.0].repeat(2)].concat();
    let estimate = Estimate::of(&stepped).unwrap();
    assert_eq!(estimate, Estimate { typical: 150.5, bounds: None, count: 4 });
    let steady = Estimate::of(&[100.0, 101.0, 99.0].repeat(100)).unwrap();
    assert_eq!((steady.typical, steady.slow(), steady.count), (100.0, Some(101.0), MOST_RUNS));
}

#[test]
fn two_runs_that_are_far_off_are_believed_and_one_is_not() {
    let before = [100.0, 101.0, 99.0].repeat(10);
    let estimate = |latest: &[f64]| {
        let estimate = Estimate::of(&[&before, latest].concat()).unwrap();
        (estimate.typical, estimate.count)
    };
    assert_eq!(estimate(&[150.0]), (100.0, 31));
    assert_eq!(estimate(&[150.0, 151.0]), (150.0, 3));
    assert_eq!(estimate(&[150.0, 151.0, 152.0]), (151.0, 3));
    assert_eq!(estimate(&[50.0, 49.0]), (50.0, 3));
    // Another level that is not far off, two sides, and outliers that are over.
    assert_eq!(estimate(&[103.0, 103.0]), (100.0, 32));
    assert_eq!(estimate(&[150.0, 50.0]), (100.0, 32));
    assert_eq!(estimate(&[150.0, 151.0, 100.0]), (100.0, 33));
    // Between two ticks of a clock is nothing.
    assert_eq!(Estimate::of(&[[3.0; 10].as_slice(), &[4.0; 2]].concat()).unwrap().typical, 3.0);
}

#[test]
fn what_remains_is_the_median_of_the_runs_that_took_longer() {
    let forecast = Forecast::of(&totals(&[30.0, 10.0, 50.0, 20.0, 40.0])).unwrap();
    let at = |elapsed| forecast.outlook(elapsed, &[]);
    assert_eq!(at(0.0), Outlook { elapsed: 0.0, pace: Pace::OnTime, remaining: Some(30.0) });
    // 20, 30, 40 and 50 took longer.
    assert_eq!(at(10.0), Outlook { elapsed: 10.0, pace: Pace::OnTime, remaining: Some(25.0) });
    assert_eq!((at(10.0).total(), at(10.0).done()), (Some(35.0), Some(10.0 / 35.0)));
    let late = Pace::Late { by: 12.0 };
    assert_eq!(at(42.0), Outlook { elapsed: 42.0, pace: late, remaining: Some(8.0) });
    assert_eq!(at(50.0).remaining, None);
    assert_eq!(at(60.0).total(), None);
}

#[test]
fn a_run_is_overdue_by_what_it_is_over_p90() {
    let nine: Vec<f64> = (1..=9).map(|run| f64::from(run) * 10.0).collect();
    let forecast = Forecast::of(&totals(&nine)).unwrap();
    let pace = |elapsed| forecast.outlook(elapsed, &[]).pace;
    assert_eq!(pace(50.0), Pace::OnTime);
    assert_eq!(pace(90.0), Pace::Late { by: 40.0 });
    assert_eq!(pace(91.0), Pace::Overdue { by: 1.0 });
    assert_eq!(pace(220.0), Pace::Overdue { by: 130.0 });
}

#[test]
fn a_stage_that_begins_late_moves_the_end_and_leaves_what_comes_after_it_as_it_was() {
    let forecast = plan_and_apply(&[(10.0, 100.0), (12.0, 120.0), (8.0, 110.0), (10.0, 130.0)]);
    assert_eq!(forecast.estimate().typical, 125.0);
    let begun = marks(&[("plan", 0.0), ("apply", 60.0)]);
    // 100, 110, 120 and 130 were left when it began.
    assert_eq!(forecast.outlook(60.0, &begun).remaining, Some(115.0));
    assert_eq!(forecast.outlook(110.0, &begun).remaining, Some(65.0));
    // 110, 120 and 130 took longer than 105.
    assert_eq!(forecast.outlook(165.0, &begun).remaining, Some(15.0));
    assert_eq!(forecast.outlook(191.0, &begun).remaining, None);
}

#[test]
fn a_stage_that_too_few_had_says_nothing_and_the_one_before_does() {
    let forecast = plan_and_apply(&[(10.0, 100.0), (12.0, 120.0), (8.0, 110.0)]);
    let begun = marks(&[("plan", 0.0), ("apply", 20.0), ("verify", 30.0)]);
    assert_eq!(forecast.outlook(30.0, &begun).remaining, Some(100.0));
    assert_eq!(forecast.outlook(30.0, &marks(&[("verify", 30.0)])).remaining, Some(88.0));
}

#[test]
fn a_stage_that_comes_again_is_compared_with_its_own_turn() {
    let run = |total| PastRun { total, marks: marks(&[("wait", 10.0), ("wait", 50.0)]) };
    let forecast = Forecast::of(&[run(60.0), run(61.0), run(62.0)]).unwrap();
    let again = marks(&[("wait", 10.0), ("wait", 80.0)]);
    assert_eq!(forecast.outlook(80.0, &again[..1]).remaining, None);
    assert_eq!(forecast.outlook(80.0, &again).remaining, Some(11.0));
}

#[test]
fn each_stage_brings_the_end_nearer_to_what_an_oracle_knows() {
    const STAGES: [(&str, f64); 4] = [("a", 60.0), ("b", 240.0), ("c", 120.0), ("d", 30.0)];
    let mut random = Random::of(1, "stages");
    let mut next = || {
        let mut total = 0.0;
        let starts = STAGES.map(|(stage, mean)| {
            let start = (stage, total);
            total += mean * random.factor(Noise::Gaussian, 0.1);
            start
        });
        PastRun { total, marks: marks(&starts) }
    };
    let runs: Vec<PastRun> = (0..600).map(|_| next()).collect();
    let (mut errors, mut least) = ([0.0; 4], [0.0; 4]);
    for index in 30..runs.len() {
        let forecast = Forecast::of(&runs[..index]).unwrap();
        let PastRun { total, marks } = &runs[index];
        for stage in 0..STAGES.len() {
            let at = marks[stage].at;
            let oracle: f64 = STAGES[stage..].iter().map(|(_, mean)| mean).sum();
            let remaining = forecast.outlook(at, &marks[..=stage]).remaining.unwrap();
            errors[stage] += (total - at - remaining).abs();
            least[stage] += (total - at - oracle).abs();
        }
    }
    for stage in 0..STAGES.len() {
        assert!(errors[stage] <= 1.1 * least[stage], "{stage}: {errors:?} {least:?}");
    }
    assert!(errors[3] < errors[2] / 2.0 && errors[2] < errors[1] / 1.5, "{errors:?}");
}

#[test]
fn a_verdict_is_a_phrase_behind_the_duration() {
    let nine: Vec<f64> = (0..9).map(|run| 980.0 + 5.0 * f64::from(run)).collect();
    let nine = Estimate::of(&nine).unwrap();
    let few = Estimate::of(&[0.0, 0.0, 0.0]).unwrap();
    let phrase = |seconds, estimate| Verdict::of(seconds, estimate).to_string();
    let phrases = [
        phrase(996.0, None),
        phrase(1340.0, Some(&nine)),
        phrase(1020.0, Some(&nine)),
        phrase(1001.0, Some(&nine)),
        phrase(999.0, Some(&nine)),
        phrase(979.0, Some(&nine)),
        phrase(0.0, Some(&few)),
        phrase(1.0, Some(&few)),
    ];
    insta::assert_snapshot!(phrases.join("\n"), @r"
    no history
    +34 % against the median of 9, slower than p90
    +2 % against the median of 9
    ±0 % against the median of 9
    ±0 % against the median of 9
    -2 % against the median of 9, faster than p10
    ±0 % against the median of 3
    +100 % against the median of 3
    ");
}

/// Anything that a float can be, often much the same.
fn anything() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![any::<f64>(), 0.0..10.0, (0_i32..5).prop_map(f64::from)];
    proptest::collection::vec(value, 0..120)
}

proptest! {
    #[test]
    fn any_history_has_an_estimate_in_order_among_what_was_seen(seconds in anything()) {
        if let Some(Estimate { typical, bounds, count }) = Estimate::of(&seconds) {
            prop_assert!((FEWEST_RUNS..=MOST_RUNS).contains(&count));
            prop_assert_eq!(bounds.is_some(), count >= FEWEST_FOR_BOUNDS);
            let Bounds { fast, slow } = bounds.unwrap_or(Bounds { fast: typical, slow: typical });
            let largest = seconds.iter().copied().filter(|value| value.is_finite()).fold(0.0, f64::max);
            prop_assert!(0.0 <= fast && fast <= typical && typical <= slow && slow <= largest);
        }
    }

    #[test]
    fn what_remains_is_above_0_and_finite(
        seconds in anything(),
        elapsed in any::<f64>(),
        starts in proptest::collection::vec(any::<f64>(), 0..4),
    ) {
        let begun: Vec<Mark> = marks(&starts.iter().map(|at| ("stage", *at)).collect::<Vec<_>>());
        let run = |total: &f64| PastRun { total: *total, marks: begun.clone() };
        if let Some(forecast) = Forecast::of(&seconds.iter().map(run).collect::<Vec<_>>()) {
            let outlook = forecast.outlook(elapsed, &begun);
            prop_assert!(outlook.elapsed >= 0.0 && outlook.elapsed.is_finite());
            prop_assert!(outlook.remaining.is_none_or(|left| left > 0.0 && left.is_finite()));
            prop_assert!(outlook.done().is_none_or(|share| (0.0..1.0).contains(&share)));
            match outlook.pace {
                Pace::OnTime => {}
                Pace::Late { by } | Pace::Overdue { by } => prop_assert!(by > 0.0),
            }
        }
    }

    #[test]
    fn on_a_slower_clock_everything_takes_as_many_times_as_long(
        seed in any::<u64>(),
        factor in 0.01..100.0,
        count in 3_usize..80,
    ) {
        let mut random = Random::of(seed, "scale");
        let runs: Vec<f64> =
            (0..count).map(|_| 300.0 * random.factor(Noise::Skewed, 0.1)).collect();
        let scaled: Vec<f64> = runs.iter().map(|run| run * factor).collect();
        let (one, other) = (Estimate::of(&runs).unwrap(), Estimate::of(&scaled).unwrap());
        prop_assert_eq!(one.count, other.count);
        let is_near = |one: f64, other: f64| f64::abs(one * factor - other) <= 1e-9 * other;
        prop_assert!(is_near(one.typical, other.typical));
        if let (Some(one), Some(other)) = (one.bounds, other.bounds) {
            prop_assert!(is_near(one.fast, other.fast) && is_near(one.slow, other.slow));
        }
    }
}
