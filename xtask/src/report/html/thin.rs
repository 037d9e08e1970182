//! Which labels of an axis there is room for. Must not know what they say.

/// How wide a figure is at the size of labels, in pixels of CSS.
const CHARACTER: f64 = 6.8;
/// What is left free between two labels.
const GAP: f64 = 8.0;
/// The narrowest plot beside another, and one on a telephone.
const WIDE: f64 = 400.0;
const NARROW: f64 = 240.0;

/// Where a label is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    Everywhere,
    /// Only where the plot is wide.
    Wide,
    Nowhere,
}

/// For labels at `place` (0 to 1, rising) of so many characters, standing at their `anchor`.
pub(super) fn rooms(labels: &[(f64, usize, &'static str)]) -> Vec<Room> {
    let wide = shown(labels, WIDE);
    let left: Vec<_> =
        labels.iter().zip(&wide).filter(|(_, shown)| **shown).map(|(label, _)| *label).collect();
    let mut narrow = shown(&left, NARROW).into_iter();
    wide.into_iter()
        .map(|is_shown| match is_shown.then(|| narrow.next()).flatten() {
            Some(true) => Room::Everywhere,
            Some(false) => Room::Wide,
            None => Room::Nowhere,
        })
        .collect()
}

/// From the left, each that does not touch the one shown before it.
fn shown(labels: &[(f64, usize, &'static str)], plot: f64) -> Vec<bool> {
    let mut free = f64::NEG_INFINITY;
    labels
        .iter()
        .map(|(place, characters, anchor)| {
            #[expect(clippy::cast_precision_loss, reason = "a label is short")]
            let width = *characters as f64 * CHARACTER;
            let left = place * plot
                - match *anchor {
                    "start" => 0.0,
                    "end" => width,
                    _ => width / 2.0,
                };
            let fits = left >= free;
            if fits {
                free = left + width + GAP;
            }
            fits
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_would_touch_are_left_out_first_where_it_is_narrow() {
        let days = |places: &[f64]| -> Vec<(f64, usize, &'static str)> {
            places
                .iter()
                .map(|place| (*place, 10, super::super::waterfall::anchor(*place)))
                .collect()
        };
        use Room::{Everywhere, Nowhere, Wide};
        assert_eq!(rooms(&days(&[0.0, 0.5, 1.0])), [Everywhere; 3]);
        assert_eq!(
            rooms(&days(&[0.1, 0.3, 0.5, 0.7, 0.98])),
            [Everywhere, Wide, Everywhere, Wide, Everywhere]
        );
        // The last one stands to the left of its place.
        assert_eq!(
            rooms(&days(&[0.2, 0.4, 0.6, 0.8, 0.96])),
            [Everywhere, Wide, Everywhere, Wide, Nowhere]
        );
        assert_eq!(rooms(&[]), []);
    }
}
