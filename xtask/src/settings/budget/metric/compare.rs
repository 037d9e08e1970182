//! `regression` and `optimise`: what a value is compared with, and what it is to become.

use std::num::NonZeroUsize;

use timing_core::budget::{Against, Amount, Direction, Goal, Regression, Severity, WINDOW};
use timing_core::stats::Percent;

use super::{Read, Reader, phase};
use crate::settings::budget::section::{At, Section};
use crate::settings::config::ConfigError;
use crate::settings::nearest::nearest;

const REGRESSION: &[&str] =
    &["against", "more_than", "floor", "minimum_samples", "window", "severity"];
/// The longest that anybody compares with.
const MOST_SAMPLES: u32 = 10_000;

impl Reader<'_> {
    pub(super) fn regression(&self) -> Read<Option<Regression>> {
        let Some(section) = self.section.section("regression", REGRESSION)? else {
            return Ok(None);
        };
        let relative: Percent = section.parse(&section.required("more_than")?)?;
        let samples = |key| {
            let number = section.number(key, 1, MOST_SAMPLES)?;
            Ok::<_, ConfigError>(
                number.and_then(|number| NonZeroUsize::new(usize::try_from(number).ok()?)),
            )
        };
        let window = samples("window")?;
        let against = against(section.text("against")?, window, section)?;
        let usual = match against {
            Against::Rolling { .. } => NonZeroUsize::new(5).unwrap_or(NonZeroUsize::MIN),
            _ => NonZeroUsize::MIN,
        };
        let minimum_samples = samples("minimum_samples")?;
        let has_no_window = window.is_some() && !matches!(against, Against::Rolling { .. });
        if has_no_window || (minimum_samples.is_some() && against == Against::Accepted) {
            return Err(section.error_here(
                "window belongs to against = \"rolling\", and minimum_samples to everything but \
                 \"accepted\"",
            ));
        }
        Ok(Some(Regression {
            relative,
            floor: self.amount(section, "floor")?.map_or(Amount::ZERO, |(_, floor)| floor),
            minimum_samples: minimum_samples.unwrap_or(usual),
            severity: section.word("severity", Severity::WORDS)?.unwrap_or(Severity::Warn),
            against,
        }))
    }

    pub(super) fn goal(&self) -> Read<Option<Goal>> {
        let (text, from) = match self.section.if_section("optimise") {
            Some(section) => {
                let section = section.of(&["change", "from"])?;
                (section.required("change")?, phase(section, "from", self.rollout)?)
            }
            None => match self.section.text("optimise")? {
                Some(text) => (text, None),
                None => return Ok(None),
            },
        };
        let (sign, better) = match self.direction {
            Direction::Lower => ('-', "less"),
            Direction::Higher => ('+', "more"),
            Direction::Exact => {
                return Err(self.section.error(&text, "what is wanted exactly has no goal"));
            }
        };
        let percent = text.text.strip_prefix(sign).and_then(|rest| rest.trim().parse().ok());
        let better_by = percent.ok_or_else(|| {
            let reason = format!(
                "{:?} is no goal: give how much {better} it is to be, as {sign}20%",
                text.text
            );
            self.section.error(&text, reason)
        })?;
        Ok(Some(Goal { better_by, from }))
    }
}

fn against(text: Option<At>, window: Option<NonZeroUsize>, section: Section<'_>) -> Read<Against> {
    const KNOWN: [&str; 4] = ["rolling", "previous-version", "previous-commit", "accepted"];
    let Some(at) = text else {
        return Ok(Against::Rolling { window: window.unwrap_or(WINDOW) });
    };
    let error = |error: &dyn std::fmt::Display| section.error(&at, error);
    Ok(match (at.text.as_str(), at.text.split_once(' ')) {
        ("rolling", _) => Against::Rolling { window: window.unwrap_or(WINDOW) },
        ("previous-version", _) => Against::PreviousVersion,
        ("previous-commit", _) => Against::PreviousCommit,
        ("accepted", _) => Against::Accepted,
        (_, Some(("version" | "tag", name))) => {
            let name: timing_core::budget::Version = name.parse().map_err(|e| error(&e))?;
            Against::Version(name.to_string())
        }
        (_, Some(("commit", name))) => {
            let name: timing_core::budget::Commit = name.parse().map_err(|e| error(&e))?;
            Against::Commit(name.to_string())
        }
        (text, _) => {
            let meant = nearest(text, KNOWN);
            let meant = meant.map(|meant| format!("; did you mean {meant}?")).unwrap_or_default();
            return Err(error(&format!(
                "nothing is compared with {text:?}{meant} Give rolling, previous-version, \
                 previous-commit, accepted, \"version v1.2.0\", \"tag v1.2.0\" or \"commit 0a1b2c3\""
            )));
        }
    })
}
