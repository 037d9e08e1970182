//! One metric: its defaults and what environments say otherwise become limits here, once.

mod compare;

use std::collections::BTreeMap;

use timing_core::budget::{
    Accepted, Allowed, Amount, Direction, Limits, Metric, MetricName, PhaseIndex, Reading, Rollout,
    Scope, Statistic, Unit, Unknowns, Waiver,
};
use timing_core::record::Environment;

use super::review;
use super::section::{At, Section};
use super::source::source;
use crate::settings::config::ConfigError;
use crate::settings::nearest::nearest;

type Read<T> = Result<T, ConfigError>;

const KEYS: &[&str] = &[
    "about",
    "reference",
    "owner",
    "runbook",
    "of",
    "unit",
    "statistic",
    "direction",
    "target",
    "warn",
    "fail",
    "environments",
    "for_each",
    "env",
    "source",
    "phase",
    "from",
    "regression",
    "optimise",
    "baseline",
    "waiver",
    "review",
    "reviewed",
    "unknown",
];

/// What the file says for all metrics.
pub(super) struct Defaults<'a> {
    pub(super) rollout: &'a Rollout,
    pub(super) owner: Option<&'a str>,
    pub(super) runbook: Option<&'a str>,
    pub(super) unknowns: Unknowns,
}

/// The texts of limits, defaults or of an environment.
#[derive(Clone, Default)]
struct Texts {
    target: Option<At>,
    warn: Option<At>,
    fail: Option<At>,
}

impl Texts {
    fn or(self, default: &Self) -> Self {
        Self {
            target: self.target.or_else(|| default.target.clone()),
            warn: self.warn.or_else(|| default.warn.clone()),
            fail: self.fail.or_else(|| default.fail.clone()),
        }
    }

    fn is_empty(&self) -> bool {
        self.target.is_none() && self.warn.is_none() && self.fail.is_none()
    }
}

/// Reads the metric called `name`, which `line` declares.
pub(super) fn metric(
    name: &At,
    line: usize,
    section: Section<'_>,
    defaults: &Defaults<'_>,
) -> Read<Metric> {
    let section = section.of(KEYS)?;
    let name: MetricName = section.parse(name)?;
    let unit = section.required_word("unit", Unit::WORDS)?;
    let direction = section.word("direction", Direction::WORDS)?.unwrap_or(Direction::Lower);
    let from = Reader { section, unit, direction, rollout: defaults.rollout };
    let (limits, by_environment) = from.limits()?;
    Ok(Metric {
        name,
        line,
        about: section.line_of_text("about")?,
        reference: section.line_of_text("reference")?,
        owner: section.line_of_text("owner")?.or_else(|| defaults.owner.map(str::to_owned)),
        runbook: section.line_of_text("runbook")?.or_else(|| defaults.runbook.map(str::to_owned)),
        part_of: from.part_of()?,
        unit,
        statistic: section.parsed("statistic")?.unwrap_or(Statistic::Last),
        direction,
        scope: from.scope(limits.is_some(), &by_environment)?,
        limits,
        by_environment,
        source: from.source()?,
        phase: from.phase("phase")?,
        from: from.phase("from")?,
        regression: from.regression()?,
        goal: from.goal()?,
        accepted: from.accepted()?,
        waiver: from.waiver()?,
        review: review(section)?,
        unknowns: section.word("unknown", Unknowns::WORDS)?.unwrap_or(defaults.unknowns),
    })
}

struct Reader<'a> {
    section: Section<'a>,
    unit: Unit,
    direction: Direction,
    rollout: &'a Rollout,
}

impl Reader<'_> {
    fn source(&self) -> Read<timing_core::budget::source::Source> {
        let section = self.section.any_section("source")?.ok_or_else(|| {
            self.section.error_here("source is missing: say where its values come from")
        })?;
        let source = source(section)?;
        match source.unit() {
            Some(unit) if unit != self.unit => Err(section.error_here(format!(
                "this source measures {unit}, and the metric is in {}",
                self.unit
            ))),
            _ => Ok(source),
        }
    }

    /// `of`: whether there is such a metric is looked at when all are known.
    fn part_of(&self) -> Read<Option<MetricName>> {
        match self.section.text("of")? {
            Some(at) if self.unit != Unit::Ratio => {
                Err(self.section.error(&at, "of says of what a ratio is one; this is none"))
            }
            Some(at) => self.section.parse(&at).map(Some),
            None => Ok(None),
        }
    }

    fn texts(&self, section: Section<'_>) -> Read<Texts> {
        let text = |key| match section.if_section(key) {
            Some(range) => {
                let range = range.of(&["min", "max"])?;
                let (min, max) = (range.required("min")?, range.required("max")?);
                Ok(Some(At { text: format!("{}..{}", min.text, max.text), offset: min.offset }))
            }
            None => section.text(key),
        };
        Ok(Texts { target: text("target")?, warn: text("warn")?, fail: text("fail")? })
    }

    fn limits(&self) -> Read<(Option<Limits>, BTreeMap<Environment, Limits>)> {
        let default = self.texts(self.section)?;
        let mut by_environment = BTreeMap::new();
        if let Some(environments) = self.section.any_section("env")? {
            for (name, section) in environments.tables()? {
                let section = section.of(&["target", "warn", "fail"])?;
                let texts = self.texts(section)?.or(&default);
                let environment = section.parse(&name)?;
                by_environment.insert(environment, self.checked(section, &texts)?);
            }
        }
        if default.is_empty() && !by_environment.is_empty() {
            return Ok((None, by_environment));
        }
        Ok((Some(self.checked(self.section, &default)?), by_environment))
    }

    fn checked(&self, section: Section<'_>, texts: &Texts) -> Read<Limits> {
        let allowed = |at: &Option<At>, reading| {
            let Some(at) = at else { return Ok(None) };
            Allowed::parse(&at.text, reading, self.unit, self.direction)
                .map(Some)
                .map_err(|error| section.error(at, error))
        };
        Limits::new(
            allowed(&texts.target, Reading::Target)?,
            allowed(&texts.warn, Reading::Alarm)?,
            allowed(&texts.fail, Reading::Alarm)?,
        )
        .map_err(|error| section.error_here(error.to_string()))
    }

    fn scope(
        &self,
        has_default: bool,
        by_environment: &BTreeMap<Environment, Limits>,
    ) -> Read<Scope> {
        let only = self.section.parsed_list("environments")?;
        let each: Option<Vec<Environment>> = self.section.parsed_list("for_each")?;
        let scope = match (only, each) {
            (Some(_), Some(_)) => {
                return Err(self.section.error_here("give environments or for_each, not both"));
            }
            (Some(only), None) => Scope::Only(only),
            (None, Some(each)) => Scope::Each(each),
            (None, None) if has_default => Scope::Everywhere,
            (None, None) => Scope::Only(by_environment.keys().cloned().collect()),
        };
        if let Scope::Only(these) | Scope::Each(these) = &scope
            && !has_default
            && let Some(without) = these
                .iter()
                .find(|one| !by_environment.keys().any(|known| known.is_called(one.as_str())))
        {
            return Err(self.section.error_here(format!(
                "nothing is asked of this metric in {without}: give env.{without} a target, warn or \
                 fail"
            )));
        }
        Ok(scope)
    }

    fn phase(&self, key: &str) -> Read<Option<PhaseIndex>> {
        phase(self.section, key, self.rollout)
    }

    fn amount(&self, section: Section<'_>, key: &str) -> Read<Option<(At, Amount)>> {
        let Some(at) = section.text(key)? else { return Ok(None) };
        let amount = self.unit.parse(&at.text).map_err(|error| section.error(&at, error))?;
        Ok(Some((at, amount)))
    }

    fn accepted(&self) -> Read<Option<Accepted>> {
        let known = &["value", "since", "why"];
        let Some(section) = self.section.section("baseline", known)? else { return Ok(None) };
        let at = section.required("value")?;
        Ok(Some(Accepted {
            value: self.unit.parse(&at.text).map_err(|error| section.error(&at, error))?,
            since: section.required_date("since")?,
            why: section.required_line("why")?,
        }))
    }

    fn waiver(&self) -> Read<Option<Waiver>> {
        let known = &["until", "why", "who"];
        let Some(section) = self.section.section("waiver", known)? else { return Ok(None) };
        Ok(Some(Waiver {
            until: section.required_date("until")?,
            why: section.required_line("why")?,
            who: section.required_line("who")?,
        }))
    }
}

/// The phase that `key` names.
pub(super) fn phase(
    section: Section<'_>,
    key: &str,
    rollout: &Rollout,
) -> Read<Option<PhaseIndex>> {
    let Some(at) = section.text(key)? else { return Ok(None) };
    let known: Vec<&str> = rollout.phases().iter().map(|phase| phase.name.as_str()).collect();
    rollout.find(&at.text).map(Some).ok_or_else(|| section.error(&at, no_phase(&at.text, &known)))
}

/// Why `text` is no phase.
pub(super) fn no_phase(text: &str, known: &[&str]) -> String {
    let text: String = text.chars().take(60).collect();
    match nearest(&text, known.iter().copied()) {
        Some(meant) => format!("there is no phase {text:?}; did you mean {meant}?"),
        None => format!("there is no phase {text:?}; [phases] has {}", known.join(", ")),
    }
}
