//! Where steps may be: seeded binary segmentation, the narrowest interval first.
//!
//! This is generous. What is a change point and what is not is decided by
//! [`elimination`](super::elimination).

use std::collections::BTreeSet;

use super::MIN_SEGMENT;
use super::series::{Series, float};

/// A step is a candidate when it is this many standard deviations of its own estimate.
const THRESHOLD: f64 = 3.5;

/// The intervals of each layer are shorter than those of the layer before by this factor.
const DECAY: f64 = std::f64::consts::FRAC_1_SQRT_2;

/// A place, and the interval in which it stood out.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    start: usize,
    end: usize,
    place: usize,
    strength: f64,
}

/// Places that may be change points, in order, at least `MIN_SEGMENT` from each other and from the
/// ends. The series has at least twice as many points.
pub(super) fn candidates(series: &Series) -> Vec<usize> {
    let mut found: Vec<Candidate> = intervals(series.len())
        .filter_map(|(start, end)| {
            let (place, strength) = strongest(series, start, end)?;
            let is_strong = strength > THRESHOLD * series.noise;
            is_strong.then_some(Candidate { start, end, place, strength })
        })
        .collect();
    // In a narrow interval there is hardly more than one change.
    found.sort_by(|a, b| {
        (a.end - a.start).cmp(&(b.end - b.start)).then(b.strength.total_cmp(&a.strength))
    });
    let mut places = BTreeSet::new();
    for Candidate { start, end, place, .. } in found {
        let near = place.saturating_sub(MIN_SEGMENT - 1)..place + MIN_SEGMENT;
        let is_explained = places.range(start + 1..end).next().is_some();
        if !is_explained && places.range(near).next().is_none() {
            places.insert(place);
        }
    }
    places.into_iter().collect()
}

/// The place in `start..end` at which the two sides differ most, and by how much: the difference
/// of their means, over its standard deviation for noise of deviation 1. `None` when there is no
/// place that leaves `MIN_SEGMENT` points on both sides.
pub(super) fn strongest(series: &Series, start: usize, end: usize) -> Option<(usize, f64)> {
    let length = float(end - start);
    let mean = series.sum(start, end) / length;
    let square = |place: usize| {
        let before = float(place - start);
        let beyond = series.sum(start, place) - mean * before;
        beyond * beyond * length / (before * (length - before))
    };
    let places = start + MIN_SEGMENT..(end + 1).saturating_sub(MIN_SEGMENT);
    let strengths = places.map(|place| (place, square(place)));
    let best = strengths.reduce(|best, next| if next.1 > best.1 { next } else { best });
    best.map(|(place, square)| (place, square.sqrt()))
}

/// Intervals of all lengths down to the shortest that can hold a change, each layer covering
/// `0..length` with overlaps of a half.
fn intervals(length: usize) -> impl Iterator<Item = (usize, usize)> {
    let layers = std::iter::successors(Some(length), |size| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a length"
        )]
        Some((float(*size) * DECAY).ceil() as usize).filter(|next| next < size)
    });
    layers.take_while(|size| *size >= 2 * MIN_SEGMENT).flat_map(move |size| {
        let gaps = (2 * length).div_ceil(size).saturating_sub(2);
        (0..=gaps).map(move |number| {
            let start = (length - size) * number / gaps.max(1);
            (start, start + size)
        })
    })
}
