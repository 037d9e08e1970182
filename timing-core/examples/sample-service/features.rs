//! The `PF_*_ENABLED` switches. Must not know what a feature initialises.

use std::collections::BTreeSet;
use std::fmt;

/// Something that can be initialised at boot or left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Feature {
    /// The baseline: the graph of steps and an order to run them in.
    Orchestrator,
    /// Precomputed results, one cache line each.
    Cache,
    /// The decision of every role on every action.
    Policy,
    /// A ring of the last requests.
    Tracing,
    /// Counts of answers, and `/metrics`.
    Metrics,
}

impl Feature {
    pub(crate) const ALL: [Self; 5] =
        [Self::Orchestrator, Self::Cache, Self::Policy, Self::Tracing, Self::Metrics];

    pub(crate) fn variable(self) -> &'static str {
        match self {
            Self::Orchestrator => "PF_ORCH_ENABLED",
            Self::Cache => "PF_CACHE_ENABLED",
            Self::Policy => "PF_POLICY_ENABLED",
            Self::Tracing => "PF_TRACING_ENABLED",
            Self::Metrics => "PF_METRICS_ENABLED",
        }
    }

    fn is_on_by_default(self) -> bool {
        matches!(self, Self::Orchestrator | Self::Metrics)
    }
}

/// The features that are on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Features(BTreeSet<Feature>);

/// A switch that is neither on nor off.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotASwitch {
    variable: &'static str,
    value: String,
}

impl fmt::Display for NotASwitch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={:?} is neither true nor false", self.variable, self.value)
    }
}

impl Features {
    /// Reads every switch; one that is unset or empty keeps its default.
    pub(crate) fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, NotASwitch> {
        let mut on = BTreeSet::new();
        for feature in Feature::ALL {
            let value = lookup(feature.variable()).unwrap_or_default();
            let enabled = match value.trim() {
                "" => feature.is_on_by_default(),
                "true" | "1" | "on" => true,
                "false" | "0" | "off" => false,
                _ => return Err(NotASwitch { variable: feature.variable(), value }),
            };
            if enabled {
                on.insert(feature);
            }
        }
        Ok(Self(on))
    }

    pub(crate) fn has(&self, feature: Feature) -> bool {
        self.0.contains(&feature)
    }
}

impl fmt::Display for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("none");
        }
        for (place, feature) in self.0.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            write!(f, "{comma}{}", feature.variable())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Features, NotASwitch> {
        Features::read(|name| {
            pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_baseline_is_the_orchestrator_and_its_metrics() {
        assert_eq!(read(&[]).unwrap().to_string(), "PF_ORCH_ENABLED,PF_METRICS_ENABLED");
        let off = [("PF_ORCH_ENABLED", "false"), ("PF_METRICS_ENABLED", "off")];
        assert_eq!(read(&off).unwrap().to_string(), "none");
    }

    #[test]
    fn each_switch_turns_its_own_feature_on() {
        for feature in Feature::ALL {
            let value = |name: &str| if name == feature.variable() { "true" } else { "0" };
            let features = Features::read(|name| Some(value(name).to_owned())).unwrap();
            let on: Vec<_> = Feature::ALL.into_iter().filter(|f| features.has(*f)).collect();
            assert_eq!(on, [feature]);
        }
    }

    #[test]
    fn a_value_that_says_neither_is_refused() {
        let error = read(&[("PF_CACHE_ENABLED", "yes please")]).unwrap_err();
        assert_eq!(error.to_string(), r#"PF_CACHE_ENABLED="yes please" is neither true nor false"#);
    }
}
