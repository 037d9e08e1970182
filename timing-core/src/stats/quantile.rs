//! Exact sample quantiles.

/// The quantile of `sorted`, whole seconds in ascending order, at `share` (0 to 1): definition 7 of
/// Hyndman and Fan, "Sample quantiles in statistical packages", The American Statistician 50
/// (1996), which numpy and R use unless told otherwise. Of n values it is the one at place
/// (n - 1) · share, counted from 0, or what lies between two neighbours in proportion.
///
/// `None` of no values.
#[must_use]
pub fn quantile(sorted: &[u64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    #[expect(clippy::cast_precision_loss, reason = "places below 2^53")]
    let place = share.clamp(0.0, 1.0) * last as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the last place"
    )]
    let below = (place.floor() as usize).min(last);
    let above = (below + 1).min(last);
    let (low, high) = (*sorted.get(below)?, *sorted.get(above)?);
    #[expect(clippy::cast_precision_loss, reason = "exact for 285 million years")]
    Some(low as f64 + place.fract() * (high.saturating_sub(low)) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_neighbours_in_proportion() {
        // By hand: place = 9 · share, then low + fraction · (high - low).
        let ten = [10, 20, 30, 40, 50, 60, 70, 80, 90, 1000];
        for (share, expected) in
            [(0.0, 10.0), (0.25, 32.5), (0.5, 55.0), (0.9, 181.0), (0.95, 590.5), (1.0, 1000.0)]
        {
            let found = quantile(&ten, share).unwrap();
            assert!((found - expected).abs() < 1e-9, "{share}: {found}");
        }
        assert_eq!(quantile(&[1, 2, 4], 0.5), Some(2.0));
        assert_eq!(quantile(&[7], 0.95), Some(7.0));
        assert_eq!(quantile(&[], 0.5), None);
    }
}
