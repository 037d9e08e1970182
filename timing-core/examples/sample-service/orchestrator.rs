//! What the feature switches build: a graph of steps in an order that can be run, a cache, a
//! table of decisions. Must not know HTTP.
//!
//! Each part costs real work and memory at boot, so that switching it on shows in measurements,
//! and each can be asked whether it is sound.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::features::{Feature, Features};
use crate::mix::{below, mix};

const STEPS: usize = 20_000;
/// 64-byte slots: 8 MiB.
const CACHE_SLOTS: usize = 1 << 17;
const ROLES: usize = 1 << 10;
/// One byte per role and action: 4 MiB.
const ACTIONS: usize = 1 << 12;

pub(crate) struct Orchestrator {
    steps: Option<StepOrder>,
    cache: Option<ResultCache>,
    policy: Option<PolicyTable>,
    checks: AtomicU64,
}

/// A part that no longer holds what it was built with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PartFault(&'static str);

impl fmt::Display for PartFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "orchestrator: the {} is not sound", self.0)
    }
}

impl Orchestrator {
    pub(crate) fn set_up(features: &Features) -> Self {
        Self {
            steps: features.has(Feature::Orchestrator).then(|| StepOrder::sort(STEPS)),
            cache: features.has(Feature::Cache).then(|| ResultCache::fill(CACHE_SLOTS)),
            policy: features.has(Feature::Policy).then(PolicyTable::compile),
            checks: AtomicU64::new(0),
        }
    }

    /// Looks at one place of each part that is on, another one each time.
    pub(crate) fn check(&self) -> Result<(), PartFault> {
        let place = mix(self.checks.fetch_add(1, Ordering::Relaxed));
        if self.steps.as_ref().is_some_and(|part| !part.is_sound_at(place)) {
            return Err(PartFault("order of steps"));
        }
        if self.cache.as_ref().is_some_and(|part| !part.is_sound_at(place)) {
            return Err(PartFault("cache"));
        }
        if self.policy.as_ref().is_some_and(|part| !part.is_sound_at(place)) {
            return Err(PartFault("policy table"));
        }
        Ok(())
    }
}

/// Steps that depend on others, sorted so that each comes after what it needs.
struct StepOrder {
    needs: Vec<Vec<usize>>,
    /// Place of each step in the order.
    place: Vec<usize>,
}

impl StepOrder {
    /// Kahn's algorithm over a graph in which a step needs up to three with a lower number.
    fn sort(count: usize) -> Self {
        let needs: Vec<Vec<usize>> = (0..count)
            .map(|step| {
                let wanted = if step == 0 { 0 } else { below(mix(step as u64), 4) };
                (0..wanted).map(|n| below(mix((step * 4 + n) as u64), step)).collect()
            })
            .collect();
        let mut needed_by = vec![Vec::new(); count];
        let mut open: Vec<usize> = needs.iter().map(Vec::len).collect();
        for (step, needed) in needs.iter().enumerate() {
            for other in needed {
                needed_by[*other].push(step);
            }
        }
        let mut free: VecDeque<usize> = (0..count).filter(|step| open[*step] == 0).collect();
        let mut place = vec![usize::MAX; count];
        let mut next = 0;
        while let Some(step) = free.pop_front() {
            place[step] = next;
            next += 1;
            for waiting in &needed_by[step] {
                open[*waiting] -= 1;
                if open[*waiting] == 0 {
                    free.push_back(*waiting);
                }
            }
        }
        Self { needs, place }
    }

    fn is_sound_at(&self, place: u64) -> bool {
        let step = below(place, self.place.len());
        let own = self.place.get(step).copied().unwrap_or(usize::MAX);
        let before_own = |other: &usize| self.place.get(*other).is_some_and(|place| *place < own);
        own != usize::MAX && self.needs.get(step).is_some_and(|needs| needs.iter().all(before_own))
    }
}

/// Results by number, precomputed.
struct ResultCache {
    slots: Box<[[u64; 8]]>,
}

impl ResultCache {
    fn fill(count: usize) -> Self {
        Self { slots: (0..count as u64).map(Self::compute).collect() }
    }

    fn compute(number: u64) -> [u64; 8] {
        std::array::from_fn(|word| mix(number ^ ((word as u64) << 32)))
    }

    fn is_sound_at(&self, place: u64) -> bool {
        let number = below(place, self.slots.len());
        self.slots.get(number).is_some_and(|slot| *slot == Self::compute(number as u64))
    }
}

/// Whether a role may do an action, for all of both.
struct PolicyTable {
    decisions: Box<[Decision]>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Decision {
    Allow,
    Deny,
}

impl PolicyTable {
    fn compile() -> Self {
        Self { decisions: (0..ROLES * ACTIONS).map(Self::decide).collect() }
    }

    /// A role may do what shares a bit with its grants.
    fn decide(pair: usize) -> Decision {
        let grants = mix((pair / ACTIONS) as u64);
        let wanted = mix((pair % ACTIONS) as u64) & 0x0101_0101;
        if grants & wanted == 0 { Decision::Deny } else { Decision::Allow }
    }

    fn is_sound_at(&self, place: u64) -> bool {
        let pair = below(place, self.decisions.len());
        self.decisions.get(pair).is_some_and(|decision| *decision == Self::decide(pair))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_comes_after_what_it_needs() {
        let order = StepOrder::sort(500);
        assert!((0..500).all(|step| order.is_sound_at(step)));
        let mut places = order.place;
        places.sort_unstable();
        assert_eq!(places, (0..500).collect::<Vec<_>>());
    }

    #[test]
    fn an_order_that_was_disturbed_is_found() {
        let mut order = StepOrder::sort(500);
        order.place.reverse();
        assert!(!(0..500).all(|step| order.is_sound_at(step)));
    }

    #[test]
    fn damage_to_the_cache_and_the_policy_is_found() {
        let mut cache = ResultCache::fill(16);
        assert!((0..16).all(|slot| cache.is_sound_at(slot)));
        cache.slots[3][7] ^= 1;
        assert!(!cache.is_sound_at(3));

        let mut policy = PolicyTable::compile();
        assert!(policy.is_sound_at(70_000));
        policy.decisions[70_000] = match policy.decisions[70_000] {
            Decision::Allow => Decision::Deny,
            Decision::Deny => Decision::Allow,
        };
        assert!(!policy.is_sound_at(70_000));
    }

    #[test]
    fn a_feature_that_is_off_builds_nothing() {
        let none = Features::read(|_| Some("false".to_owned())).unwrap();
        let bare = Orchestrator::set_up(&none);
        assert!(bare.steps.is_none() && bare.cache.is_none() && bare.policy.is_none());
        assert_eq!(bare.check(), Ok(()));
    }
}
