//! The slope of a segment: the median of the slopes between pairs of its points (Theil 1950; Sen
//! 1968). Up to 29 % of the points may be outliers.
//!
//! This module must not know where segments come from.

use super::median::median;

/// Seconds in a day.
const DAY: f64 = 86_400.0;

/// At most about this many pairs are looked at. In longer segments than 450 points those of
/// evenly spaced distances are taken, all pairs of each: the slope is hardly less certain, and the
/// same each time.
const MOST_PAIRS: usize = 100_000;

/// How a duration changes over a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slope {
    /// The median of the values, in seconds.
    pub level: f64,
    /// Seconds by which each run takes longer than the one before.
    pub per_point: f64,
    /// Seconds by which runs take longer each day; `None` when all were at the same time.
    pub per_day: Option<f64>,
}

impl Slope {
    /// Of points of a time and a value, both in seconds, oldest first. Points that are not finite
    /// are passed over, and pairs of the same time do not count for the slope per day. `None`
    /// with fewer than two points.
    pub fn of(points: &[(f64, f64)]) -> Option<Self> {
        let points: Vec<(f64, f64, f64)> = (0_u32..)
            .zip(points)
            .filter(|(_, (time, value))| time.is_finite() && value.is_finite())
            .map(|(index, (time, value))| (f64::from(index), *time, *value))
            .collect();
        if points.len() < 2 {
            return None;
        }
        let mut per_point = Vec::new();
        let mut per_day = Vec::new();
        for (one, other) in pairs(points.len()) {
            let (index, time, value) = points[one];
            let (later_index, later, later_value) = points[other];
            per_point.push((later_value - value) / (later_index - index));
            if later != time {
                per_day.push((later_value - value) / (later - time) * DAY);
            }
        }
        let mut values: Vec<f64> = points.iter().map(|(_, _, value)| *value).collect();
        Some(Self {
            level: median(&mut values),
            per_point: median(&mut per_point),
            per_day: (!per_day.is_empty()).then(|| median(&mut per_day)),
        })
    }

    /// [`per_point`](Self::per_point) in per cent of the level; `None` when that is not positive.
    pub fn percent_per_point(&self) -> Option<f64> {
        (self.level > 0.0).then(|| 100.0 * self.per_point / self.level)
    }

    /// [`per_day`](Self::per_day) in per cent of the level; `None` when that is not positive.
    pub fn percent_per_day(&self) -> Option<f64> {
        let per_day = self.per_day?;
        (self.level > 0.0).then(|| 100.0 * per_day / self.level)
    }
}

/// Pairs of indices below `count`, the smaller first.
fn pairs(count: usize) -> impl Iterator<Item = (usize, usize)> {
    let stride = (count * (count - 1) / 2).div_ceil(MOST_PAIRS);
    (stride..count)
        .step_by(stride)
        .flat_map(move |distance| (0..count - distance).map(move |one| (one, one + distance)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::suite::Random;

    /// One point a day.
    fn daily(values: impl IntoIterator<Item = f64>) -> Vec<(f64, f64)> {
        (0_u32..).map(|day| f64::from(day) * DAY).zip(values).collect()
    }

    #[test]
    fn a_straight_line_has_its_own_slope_per_point_per_day_and_in_per_cent() {
        let line: Vec<(f64, f64)> = (0..5)
            .map(|index| (f64::from(index) * DAY / 2.0, 96.0 + 2.0 * f64::from(index)))
            .collect();
        let slope = Slope::of(&line).unwrap();
        assert_eq!(slope, Slope { level: 100.0, per_point: 2.0, per_day: Some(4.0) });
        assert_eq!(slope.percent_per_point(), Some(2.0));
        assert_eq!(slope.percent_per_day(), Some(4.0));
    }

    #[test]
    fn a_fifth_of_outliers_does_not_bend_it() {
        let line = (0..50).map(|index| if index % 5 == 0 { 9e9 } else { 10.0 + f64::from(index) });
        let slope = Slope::of(&daily(line)).unwrap();
        assert!((slope.per_point - 1.0).abs() < 0.2, "{slope:?}");
    }

    #[test]
    fn too_few_points_have_none_and_one_time_has_no_days() {
        assert_eq!(Slope::of(&[]), None);
        assert_eq!(Slope::of(&[(0.0, 1.0), (f64::NAN, 2.0), (3.0, f64::INFINITY)]), None);
        let slope = Slope::of(&[(7.0, 1.0), (7.0, 3.0)]).unwrap();
        assert_eq!((slope.per_point, slope.per_day), (2.0, None));
        assert_eq!(Slope::of(&daily([0.0, 0.0])).unwrap().percent_per_point(), None);
    }

    #[test]
    fn a_long_segment_is_as_exact_as_its_noise_allows() {
        let mut random = Random::of(1, "slope");
        let line =
            (0..10_000).map(|index| 300.0 + 0.01 * f64::from(index) + 15.0 * random.normal());
        let slope = Slope::of(&daily(line)).unwrap();
        // Five standard deviations of the least-squares estimate.
        assert!((slope.per_point - 0.01).abs() < 5.0 * 15.0 * 12_f64.sqrt() / 1e6, "{slope:?}");
        assert!(pairs(10_000).count() <= 110_000);
    }
}
