use proptest::prelude::*;

use super::*;
use crate::stats::suite::{Basic, HARDER, Kind, Noise, Random, Tally, tally};

/// No change points.
const NONE: [usize; 0] = [];

fn indices(seconds: &[f64]) -> Vec<usize> {
    change_points(seconds).iter().map(|change| change.index).collect()
}

/// Levels for so many points each, with 5 % noise.
fn levels(seed: u64, levels: &[(usize, f64)]) -> Vec<f64> {
    let mut random = Random::of(seed, "levels");
    let levels = levels.iter().flat_map(|(points, level)| std::iter::repeat_n(*level, *points));
    levels.map(|level| level * random.factor(Noise::Gaussian, 0.05)).collect()
}

#[test]
fn the_basic_suite_holds_for_any_seed_and_noise() {
    for seed in 0..5 {
        for noise in [Noise::Gaussian, Noise::Uniform, Noise::Lognormal] {
            let basic = Basic::of(seed, noise);
            assert!(basic.holds(), "seed {seed}, {noise:?}: {basic:?}");
        }
    }
}

#[test]
fn the_harder_suite_is_right_far_more_often_than_not() {
    let tallies = |kind| (0..3).map(|seed| tally(seed, kind)).sum::<Tally>();
    for kind in HARDER {
        let tally = tallies(kind);
        let most_spurious = if kind == Kind::Ramp { 60 } else { 12 };
        assert!(tally.spurious <= most_spurious, "{kind:?}: {tally:?}");
        assert!(tally.recall().is_none_or(|recall| recall > 0.75), "{kind:?}: {tally:?}");
    }
}

#[test]
fn a_change_has_its_levels_direction_and_size() {
    let mut seconds = [100.0, 101.0, 99.0, 100.0, 100.0].repeat(4);
    seconds.extend([80.0, 81.0, 79.0, 80.0, 80.0].repeat(4));
    let [change] = change_points(&seconds)[..] else { panic!("one change") };
    assert_eq!((change.index, change.before, change.after), (20, 100.0, 80.0));
    assert_eq!(change.direction(), Direction::Down);
    assert_eq!((change.ratio(), change.difference()), (0.8, -20.0));
    assert!(change.p_value < 1e-10);
    assert_eq!(segments(40, &[change]), [0..20, 20..40]);
}

#[test]
fn one_outlier_is_no_change_point_and_hides_none() {
    for seed in 0..20 {
        let mut seconds = levels(seed, &[(50, 300.0), (50, 375.0)]);
        for outlier in [0, 30, 48, 53, 99] {
            seconds[outlier] *= 10.0;
        }
        let found = indices(&seconds);
        assert!(matches!(found[..], [place] if place.abs_diff(50) <= 3), "{seed}: {found:?}");
    }
}

#[test]
fn three_outliers_in_a_row_are_no_level() {
    for seed in 0..20 {
        for first in [0, 40, 97] {
            let mut seconds = levels(seed, &[(100, 300.0)]);
            seconds[first..first + 3].iter_mut().for_each(|value| *value *= 10.0);
            assert_eq!(indices(&seconds), NONE, "seed {seed}, from {first}");
        }
    }
}

#[test]
fn a_bump_has_two_edges() {
    for seed in 0..20 {
        let found = indices(&levels(seed, &[(40, 300.0), (15, 375.0), (45, 300.0)]));
        assert!(
            matches!(found[..], [up, down] if up.abs_diff(40) <= 3 && down.abs_diff(55) <= 3),
            "{seed}: {found:?}"
        );
    }
}

#[test]
fn twelve_points_can_show_a_plain_change_and_fewer_cannot() {
    let doubled = |count: usize| {
        let level = |index| if index < count / 2 { 10.0 } else { 20.0 };
        (0..count).map(|index| level(index) + 0.1 * (index % 3) as f64).collect::<Vec<f64>>()
    };
    for count in 0..FEWEST_POINTS {
        assert_eq!(indices(&doubled(count)), NONE, "{count} points");
    }
    assert_eq!(indices(&doubled(12)), [6]);
    assert_eq!(indices(&[10.0, 12.0, 9.0, 11.0, 13.0, 12.0, 10.0, 14.0].repeat(2)), NONE);
}

#[test]
fn durations_that_jump_between_two_levels_all_the_time_do_not_change() {
    let spurious: usize = (0..100)
        .map(|seed| {
            let mut random = Random::of(seed, "two levels");
            let mut level = || if random.chance(0.3) { 450.0 } else { 300.0 };
            let base: Vec<f64> = (0..100).map(|_| level()).collect();
            let noisy = base.iter().map(|level| level * random.factor(Noise::Gaussian, 0.02));
            indices(&noisy.collect::<Vec<f64>>()).len()
        })
        .sum();
    assert!(spurious <= 4, "{spurious}");
}

#[test]
fn ties_and_zeros_are_no_noise_at_all_and_still_no_change() {
    assert_eq!(indices(&[0.0; 50]), NONE);
    assert_eq!(indices(&[7.0; 50]), NONE);
    assert_eq!(indices(&[3.0, 3.0, 4.0, 3.0, 3.0, 3.0, 4.0, 4.0, 3.0, 3.0].repeat(5)), NONE);
    assert_eq!(indices(&[[3.0; 30], [6.0; 30]].concat()), [30]);
    assert_eq!(indices(&[[0.0; 30], [60.0; 30]].concat()), [30]);
}

#[test]
fn ticks_of_a_coarse_clock_are_no_levels() {
    let tally: Tally = (0..150).map(|seed| tally(seed, Kind::Ticks)).sum();
    assert_eq!(tally.spurious, 0);
}

#[test]
fn a_level_is_a_median_and_where_that_stays_nothing_changes() {
    let mut random = Random::of(1, "ticks");
    let mut tick = |share| if random.chance(share) { 4.0 } else { 3.0 };
    let shares = (0..1000).map(|index| if index < 500 { 0.1 } else { 0.4 });
    assert_eq!(indices(&shares.map(&mut tick).collect::<Vec<f64>>()), NONE);
}

#[test]
fn what_is_not_a_number_keeps_its_place() {
    let mut seconds = [[10.0; 20], [20.0; 20]].concat();
    seconds[3] = f64::NAN;
    seconds[20] = f64::INFINITY;
    assert_eq!(indices(&seconds), [21]);
}

/// Anything that a float can be, often much the same.
fn anything() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![any::<f64>(), 0.0..10.0, (0_i32..5).prop_map(f64::from)];
    proptest::collection::vec(value, 0..120)
}

proptest! {
    #[test]
    fn any_input_has_ordered_change_points_inside(seconds in anything()) {
        let changes = change_points(&seconds);
        let bounds = bounds(seconds.len(), changes.iter().map(|change| change.index));
        for pair in bounds.windows(2) {
            prop_assert!(changes.is_empty() || pair[1] - pair[0] >= MIN_SEGMENT, "{:?}", bounds);
        }
        for change in changes {
            prop_assert!((0.0..=SIGNIFICANCE).contains(&change.p_value));
        }
    }

    #[test]
    fn a_slower_clock_finds_the_same(seed in any::<u64>(), factor in 0.01..100.0) {
        let seconds = levels(seed, &[(30, 300.0), (20, 400.0), (50, 280.0)]);
        let scaled: Vec<f64> = seconds.iter().map(|value| value * factor).collect();
        prop_assert_eq!(indices(&seconds), indices(&scaled));
    }

    #[test]
    fn backwards_the_same_is_found_from_the_other_end(seed in any::<u64>()) {
        let seconds = levels(seed, &[(30, 300.0), (20, 400.0), (50, 280.0)]);
        let backwards: Vec<f64> = seconds.iter().rev().copied().collect();
        let mirrored: Vec<usize> = indices(&backwards).iter().rev().map(|place| 100 - place).collect();
        let found = indices(&seconds);
        prop_assert_eq!(found.len(), mirrored.len());
        for (one, other) in found.iter().zip(&mirrored) {
            prop_assert!(one.abs_diff(*other) <= 3, "{:?} {:?}", found, mirrored);
        }
    }
}
