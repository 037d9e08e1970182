//! The normal distribution.

/// A bound, from above, of the probability that a standard normal variable is larger than
/// `deviate`; close from 2 on (Mills 1926). At most a half, which is right for 0 and below.
pub(super) fn tail(deviate: f64) -> f64 {
    if deviate <= 0.0 {
        return 0.5;
    }
    let density = (-deviate * deviate / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    (density / deviate).min(0.5)
}

#[cfg(test)]
mod tests {
    use super::tail;

    #[test]
    fn the_tail_is_bounded_and_closely_so_far_out() {
        for (deviate, truth) in [(2.0, 0.022_75), (4.0, 3.167e-5), (6.0, 9.866e-10)] {
            let ratio = tail(deviate) / truth;
            assert!((1.0..1.0 + 0.8 / deviate).contains(&ratio), "{deviate}: {ratio}");
        }
        assert_eq!(tail(0.0), 0.5);
    }
}
