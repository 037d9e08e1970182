//! How a Deployment replaces its pods.

use super::workload::{Fault, Workload, whole};
use super::yaml::{Node, Value};
use super::{Fact, Given, Origin};
use crate::budget::Amount;
use crate::budget::probe::Unknown;

/// A number of pods, as a manifest says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pods {
    /// So many.
    Count(u32),
    /// So many of a hundred that are wanted.
    Percent(u32),
}

/// `spec.strategy`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rollout {
    /// All pods end before the first new one is made.
    Recreate,
    /// They are replaced little by little.
    RollingUpdate {
        /// How many fewer than wanted there may be.
        max_unavailable: Given<Pods>,
        /// How many more.
        max_surge: Given<Pods>,
    },
}

/// What the API takes for both numbers where they are not written.
const DEFAULT: Pods = Pods::Percent(25);

impl Pods {
    fn is_nothing(self) -> bool {
        matches!(self, Self::Count(0) | Self::Percent(0))
    }

    /// Of so many that are wanted; `None` where a percentage has to be of what is not known.
    fn of(self, replicas: Given<u32>, round: fn(u64) -> u64) -> Option<u64> {
        match self {
            Self::Count(count) => Some(count.into()),
            Self::Percent(0) => Some(0),
            Self::Percent(_) if replicas.origin == Origin::Defaulted => None,
            Self::Percent(percent) => Some(round(u64::from(percent) * u64::from(replicas.value))),
        }
    }

    fn read(node: Node<'_>, key: &str) -> Result<Self, Fault> {
        let percent = match node.value() {
            Value::Text(text) | Value::Plain(text) => text.strip_suffix('%'),
            _ => None,
        };
        let Some(digits) = percent else { return whole(node, key).map(Self::Count) };
        let number = digits.parse().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()));
        number.map(Self::Percent).ok_or_else(|| Fault::new(node, key, "is no percentage"))
    }
}

impl Rollout {
    /// From the `spec` of a Deployment.
    pub(super) fn read(spec: Node<'_>) -> Result<Self, Fault> {
        let strategy = spec.get("strategy");
        let kind = strategy.and_then(|strategy| strategy.get("type"));
        match kind.map(|node| (node, node.value())) {
            Some((_, Value::Plain("Recreate") | Value::Text("Recreate"))) => {
                return Ok(Self::Recreate);
            }
            None | Some((_, Value::Plain("RollingUpdate") | Value::Text("RollingUpdate"))) => {}
            Some((node, _)) => {
                return Err(Fault::new(
                    node,
                    "strategy.type",
                    "is neither RollingUpdate nor Recreate",
                ));
            }
        }
        let rolling = strategy.and_then(|strategy| strategy.get("rollingUpdate"));
        let read = |key: &str| -> Result<_, Fault> {
            let node = rolling.and_then(|rolling| rolling.get(key));
            Ok((node, Given::new(node.map(|node| Pods::read(node, key)).transpose()?, DEFAULT)))
        };
        let (node, max_unavailable) = read("maxUnavailable")?;
        let (_, max_surge) = read("maxSurge")?;
        if let (Some(node), Pods::Percent(101..)) = (node, max_unavailable.value) {
            return Err(Fault::new(node, "maxUnavailable", "is more than 100%"));
        }
        if let Some(node) =
            node.filter(|_| max_unavailable.value.is_nothing() && max_surge.value.is_nothing())
        {
            return Err(Fault::new(
                node,
                "maxUnavailable",
                "and maxSurge are both 0, so that no update can go on",
            ));
        }
        Ok(Self::RollingUpdate { max_unavailable, max_surge })
    }
}

impl Workload {
    /// In pods: a percentage is rounded down, and where that and the surge leave nothing, it is 1
    /// (as the deployment controller has it: `ResolveFenceposts`). Of `Recreate`, all of them.
    pub(super) fn max_unavailable(&self) -> Result<Given<Amount>, Unknown> {
        let (pods, origin) = match self.rolling(Fact::MaxUnavailable)? {
            Rollout::Recreate => (Pods::Percent(100).of(self.replicas, down), Origin::Written),
            Rollout::RollingUpdate { max_unavailable, max_surge } => {
                let least = |unavailable: u64| match unavailable {
                    0 if max_surge.value.of(self.replicas, up) == Some(0) => 1,
                    other => other,
                };
                let pods = max_unavailable.value.of(self.replicas, down).map(least);
                (pods, max_unavailable.origin)
            }
        };
        self.known(pods, origin, Fact::MaxUnavailable)
    }

    /// In pods: a percentage is rounded up. Of `Recreate`, none.
    pub(super) fn max_surge(&self) -> Result<Given<Amount>, Unknown> {
        let (pods, origin) = match self.rolling(Fact::MaxSurge)? {
            Rollout::Recreate => (Some(0), Origin::Written),
            Rollout::RollingUpdate { max_surge, .. } => {
                (max_surge.value.of(self.replicas, up), max_surge.origin)
            }
        };
        self.known(pods, origin, Fact::MaxSurge)
    }

    fn rolling(&self, fact: Fact) -> Result<Rollout, Unknown> {
        self.rollout.ok_or_else(|| {
            let kind = &self.kind;
            Unknown::because(format_args!("{fact} is read of a Deployment, and this is a {kind}"))
        })
    }

    fn known(
        &self,
        pods: Option<u64>,
        origin: Origin,
        fact: Fact,
    ) -> Result<Given<Amount>, Unknown> {
        let value = pods.map(Amount::whole).ok_or_else(|| {
            let (kind, name) = (&self.kind, &self.name);
            Unknown::because(format_args!(
                "{kind} {name}: {fact} is a part of replicas, and replicas is not written"
            ))
        })?;
        Ok(Given { value, origin })
    }
}

fn down(hundredths: u64) -> u64 {
    hundredths / 100
}

fn up(hundredths: u64) -> u64 {
    hundredths.div_ceil(100)
}
