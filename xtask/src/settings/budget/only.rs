//! Which metrics are meant: names with `*` and `?`.

use timing_core::budget::Metric;

/// Patterns, one of which a name has to match; none means all names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Only(Vec<String>);

impl Only {
    /// Patterns of which each means at least one of `metrics`; else the one that does not.
    pub(super) fn new(patterns: Vec<String>, metrics: &[Metric]) -> Result<Self, String> {
        let is_idle = |pattern: &&String| {
            !metrics.iter().any(|metric| matches(pattern.as_bytes(), metric.name.as_str().as_bytes()))
        };
        match patterns.iter().find(is_idle) {
            Some(pattern) => Err(pattern.chars().take(60).collect()),
            None => Ok(Self(patterns)),
        }
    }

    /// Whether `name` is meant.
    #[must_use]
    pub fn means(&self, name: &str) -> bool {
        self.0.is_empty()
            || self.0.iter().any(|pattern| matches(pattern.as_bytes(), name.as_bytes()))
    }
}

/// Whether `pattern` matches all of `name`. Takes at most the product of their lengths: only the last
/// star is ever taken up again.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut place, mut star) = (0, 0, None);
    while let Some(byte) = name.get(place) {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, place));
                at += 1;
            }
            Some(known) if *known == b'?' || known == byte => {
                at += 1;
                place += 1;
            }
            _ => {
                let Some((from, taken)) = star else { return false };
                star = Some((from, taken + 1));
                at = from + 1;
                place = taken + 1;
            }
        }
    }
    pattern.get(at..).is_some_and(|rest| rest.iter().all(|byte| *byte == b'*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_anything_and_a_question_mark_is_one_character() {
        let is = |pattern: &str, name: &str| matches(pattern.as_bytes(), name.as_bytes());
        for (pattern, name) in [
            ("boot", "boot"),
            ("boot*", "boot"),
            ("boot*", "boot-baseline"),
            ("*-p95", "liveness-p95"),
            ("*e*-*9?", "liveness-p95"),
            ("**", "a"),
            ("*ab", "aab"),
        ] {
            assert!(is(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("boot", "boots"), ("boot?", "boot"), ("", "a"), ("*b", "ba"), ("a*b*c", "acb")]
        {
            assert!(!is(pattern, name), "{pattern} {name}");
        }
        let (pattern, name) = ("*a".repeat(30_000) + "b", "a".repeat(64));
        assert!(!is(&pattern, &name));
    }
}
