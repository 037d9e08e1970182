//! One series and its truth.

/// A series and where its level truly changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// Seconds, oldest first.
    pub values: Vec<f64>,
    /// The true changes, in order.
    pub truths: Vec<Truth>,
}

/// A true change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Truth {
    /// The first point that is not at the old level.
    pub first: usize,
    /// The first point that is at the new level; the same, if this is a step.
    pub last: usize,
}

impl Truth {
    /// How many points `index` is away.
    pub fn distance(self, index: usize) -> usize {
        self.first.saturating_sub(index).max(index.saturating_sub(self.last))
    }
}

/// The seconds that levels are multiples of.
const LEVEL: f64 = 300.0;

impl Scene {
    /// Steps at `places`; `level` is the share of the ordinary at an index, and `noise` the
    /// factor of the next point.
    pub(super) fn of(
        points: usize,
        places: &[usize],
        level: impl Fn(usize) -> f64,
        mut noise: impl FnMut(usize) -> f64,
    ) -> Self {
        Self {
            values: (0..points).map(|index| LEVEL * level(index) * noise(index)).collect(),
            truths: places.iter().map(|place| Truth { first: *place, last: *place }).collect(),
        }
    }
}
