//! Which metrics are meant: names with `*`.

use timing_core::budget::Metric;
use timing_core::budget::probe::github_run::Glob;

/// Patterns, one of which a name has to match; none means all names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Only(Vec<Glob>);

impl Only {
    /// Patterns of which each means at least one of `metrics`; else the one that does not.
    pub(super) fn new(patterns: &[String], metrics: &[Metric]) -> Result<Self, String> {
        let is_idle = |pattern: &&String| {
            let glob = Glob::new(pattern.as_str());
            !metrics.iter().any(|metric| glob.matches(metric.name.as_str()))
        };
        match patterns.iter().find(is_idle) {
            Some(pattern) => Err(pattern.chars().take(60).collect()),
            None => Ok(Self(patterns.iter().map(Glob::new).collect())),
        }
    }

    /// Whether `name` is meant.
    #[must_use]
    pub fn means(&self, name: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|glob| glob.matches(name))
    }
}
