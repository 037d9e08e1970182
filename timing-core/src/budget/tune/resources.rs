//! The resources that the use of them implies, where the use may be 70 % of the CPU that is requested
//! and 80 % of the memory that is allowed.
//!
//! CPU is taken by its 95th percentile: what exceeds that is what a limit, or one more replica, is
//! for. Memory is taken by its maximum and [`MEMORY_SPARE`] more, because what exceeds its limit is
//! killed. Both rest on all measurements, also on those before a change: it is dear to be wrong.

use super::{FEWEST, round};
use crate::budget::amount::Amount;
use crate::budget::baseline::History;
use crate::budget::limit::Allowed;
use crate::budget::model::{Budget, Budgets, MetricName};
use crate::budget::source::{ManifestFact, ProcessState, Resource, Source};
use crate::budget::statistic::Statistic;
use crate::budget::unit::Unit;
use crate::record::Environment;
use crate::stats::Percent;

/// The part of the requested CPU that may be used.
pub const CPU_RULE: Percent = Percent::whole(70);

/// The part of the allowed memory that may be used.
pub const MEMORY_RULE: Percent = Percent::whole(80);

/// What is added to the most memory that was seen.
pub const MEMORY_SPARE: Percent = Percent::whole(15);

/// What was used, and how that is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Use {
    /// The metric that measures it.
    pub metric: MetricName,
    /// Of a ratio: the metric that it is a part of, and that metric's value.
    pub part_of: Option<(MetricName, Amount)>,
    /// Of how many measurements.
    pub samples: usize,
    /// The median, in cores or bytes.
    pub median: Amount,
    /// What 95 % of them do not exceed.
    pub p95: Amount,
    /// The largest.
    pub max: Amount,
}

/// CPU, in cores.
#[derive(Debug, Clone, PartialEq)]
pub struct CpuAdvice {
    /// What it rests on.
    pub of: Use,
    /// What to request, so that the 95th percentile is at most [`CPU_RULE`] of it.
    pub request: Amount,
    /// How many replicas would bring the largest use to [`CPU_RULE`] if one had it all; at least 2.
    pub replicas: u64,
}

/// Memory, in bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct MemoryAdvice {
    /// What it rests on.
    pub of: Use,
    /// What to request: the maximum and [`MEMORY_SPARE`].
    pub request: Amount,
    /// What to allow, so that the request is at most [`MEMORY_RULE`] of it.
    pub limit: Amount,
}

/// What is known of one environment's resources.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resources {
    /// The Deployment, where the file names one.
    pub deployment: Option<String>,
    /// CPU, where enough was measured.
    pub cpu: Option<CpuAdvice>,
    /// Memory, where enough was measured.
    pub memory: Option<MemoryAdvice>,
}

/// What the use of CPU and memory in `environment` implies: of the first metrics of the file that
/// measure something that runs, in cores or bytes or as a part of what a manifest gives it, and have
/// [`FEWEST`] measurements.
#[must_use]
pub fn resources(budgets: &Budgets, environment: &Environment, history: &History) -> Resources {
    let all: Vec<Budget<'_>> = budgets.select(environment).collect();
    let of = |resource| {
        let used = all.iter().filter(|budget| measures(budget, &all) == Some(resource));
        used.into_iter().find_map(|budget| usage(budget, &all, history))
    };
    Resources {
        deployment: all.iter().find_map(deployment),
        cpu: of(Resource::Cpu).and_then(cpu),
        memory: of(Resource::Memory).and_then(memory),
    }
}

fn deployment(budget: &Budget<'_>) -> Option<String> {
    match budget.source() {
        Source::Rollout(rollout) => Some(rollout.deployment),
        Source::Manifest(manifest) => {
            manifest.object?.strip_prefix("Deployment/").map(str::to_owned)
        }
        _ => None,
    }
}

/// What the budget's metric measures the use of.
fn measures(budget: &Budget<'_>, all: &[Budget<'_>]) -> Option<Resource> {
    match &budget.metric.source {
        Source::Process(source) if source.state == ProcessState::Idle => {
            return Some(source.resource);
        }
        Source::Prometheus(_) => {}
        _ => return None,
    }
    match budget.metric.unit {
        Unit::Cpu => Some(Resource::Cpu),
        Unit::Bytes => Some(Resource::Memory),
        Unit::Ratio => match &whole(budget, all)?.metric.source {
            Source::Manifest(manifest) => match manifest.fact {
                ManifestFact::RequestsCpu | ManifestFact::LimitsCpu => Some(Resource::Cpu),
                ManifestFact::RequestsMemory | ManifestFact::LimitsMemory => Some(Resource::Memory),
                _ => None,
            },
            _ => None,
        },
        Unit::Seconds | Unit::Count => None,
    }
}

/// The budget that this one's values are parts of, in the same environment.
fn whole<'a, 'b>(budget: &Budget<'_>, all: &'b [Budget<'a>]) -> Option<&'b Budget<'a>> {
    let name = budget.metric.part_of.as_ref()?;
    let is_there = |other: &&Budget<'_>| other.environment.is_called(budget.environment.as_str());
    all.iter().filter(is_there).find(|other| other.metric.name == *name)
}

fn usage(budget: &Budget<'_>, all: &[Budget<'_>], history: &History) -> Option<Use> {
    let part_of = match budget.metric.unit {
        Unit::Ratio => Some(whole(budget, all).and_then(|whole| {
            given(whole, history).map(|given| (whole.metric.name.clone(), given))
        })?),
        _ => None,
    };
    let factor = part_of.as_ref().map_or(Some(Amount::whole(1)), |(_, given)| Some(*given))?;
    let values: Vec<Amount> = history
        .of(budget)
        .iter()
        .filter_map(|row| Amount::from_f64(row.value.as_f64() * factor.as_f64()))
        .filter(|value| *value >= Amount::ZERO)
        .collect();
    (values.len() >= FEWEST.get()).then_some(())?;
    Some(Use {
        metric: budget.metric.name.clone(),
        part_of,
        samples: values.len(),
        median: Statistic::Permille(500).of(&values)?,
        p95: Statistic::Permille(950).of(&values)?,
        max: Statistic::Max.of(&values)?,
    })
}

/// What the manifest gives, as last measured; else the most that is allowed of it.
fn given(whole: &Budget<'_>, history: &History) -> Option<Amount> {
    if let Some(row) = history.of(whole).last() {
        return Some(row.value).filter(|value| *value > Amount::ZERO);
    }
    match whole.limits.target().or(whole.limits.fail())? {
        Allowed::AtMost(edge) | Allowed::Below(edge) => Some(edge),
        _ => None,
    }
}

fn cpu(of: Use) -> Option<CpuAdvice> {
    /// Nobody can use less than a thousandth.
    const LEAST: i128 = 1_000_000;
    let request = over(of.p95, CPU_RULE).max(LEAST);
    let request = Amount::from_billionths(round::up(request, Unit::Cpu, false))?;
    let room = request.billionths() * i128::from(CPU_RULE.thousandths()) / 100_000;
    let replicas =
        of.max.billionths().div_euclid(room) + i128::from(of.max.billionths().rem_euclid(room) > 0);
    Some(CpuAdvice { request, replicas: u64::try_from(replicas).unwrap_or(u64::MAX).max(2), of })
}

fn memory(of: Use) -> Option<MemoryAdvice> {
    let most = of.max.billionths();
    let spare = most + most * i128::from(MEMORY_SPARE.thousandths()) / 100_000;
    let round = |bytes: i128| Amount::from_billionths(round::up(bytes, Unit::Bytes, true));
    // Whole mebibytes, and one at least.
    let whole = |bytes: i128| bytes.max(Amount::whole(1 << 20).billionths());
    let request = round(whole(spare))?;
    let limit =
        round(whole(over(Amount::from_billionths(spare)?, MEMORY_RULE)).max(request.billionths()))?;
    Some(MemoryAdvice { request, limit, of })
}

/// That of which `amount` is so much, in billionths.
fn over(amount: Amount, rule: Percent) -> i128 {
    let by = i128::from(rule.thousandths()).max(1);
    (amount.billionths() * 100_000 + by - 1) / by
}
