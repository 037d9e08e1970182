//! `[[slo]]`: what a repository wants of its phases.

use std::fmt;

use timing_core::record::{Environment, Phase};
use timing_core::stats::Percent;
use timing_core::stats::objective::Target;
use toml::Spanned;

use super::reader::Reader;
use super::{ConfigError, file};
use crate::settings::span::Span;

/// One thing that is wanted of one phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objective {
    /// Of which phase.
    pub phase: Phase,
    /// Where; in every environment apart when it is not said.
    pub environment: Option<Environment>,
    /// How far back it looks; not empty.
    pub window: Span,
    /// What is wanted.
    pub aim: Aim,
}

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// That so many runs succeed.
    Success(Target),
    /// That so many of the successful runs take no longer than this.
    Duration(Span, Target),
}

impl Aim {
    /// The share of runs that is to be as wanted.
    #[must_use]
    pub fn target(self) -> Target {
        match self {
            Self::Success(target) | Self::Duration(_, target) => target,
        }
    }
}

impl fmt::Display for Aim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = self.target().percent();
        match self {
            Self::Success(_) => write!(f, "{share} succeed"),
            Self::Duration(limit, _) => write!(f, "{share} in {limit}"),
        }
    }
}

impl Reader<'_> {
    /// Each of `entries`, once for each of its aims.
    pub(super) fn objectives(
        &self,
        entries: Vec<file::Slo>,
    ) -> Result<Vec<Objective>, ConfigError> {
        let mut objectives = Vec::new();
        for mut entry in entries {
            let aims = self.aims(&mut entry)?;
            let window = self.window(entry.window)?;
            let environment = entry.env.map(|name| self.value(name)).transpose()?;
            let phase: Phase = self.value(entry.phase)?;
            objectives.extend(aims.into_iter().map(|aim| Objective {
                phase: phase.clone(),
                environment: environment.clone(),
                window,
                aim,
            }));
        }
        Ok(objectives)
    }

    fn window(&self, text: Spanned<String>) -> Result<Span, ConfigError> {
        let empty = self.error(&text, "a window of no length holds no run: give it one, as 30d");
        let window: Span = self.value(text)?;
        if window.seconds() > 0 { Ok(window) } else { Err(empty) }
    }

    fn aims(&self, entry: &mut file::Slo) -> Result<Vec<Aim>, ConfigError> {
        let mut aims = Vec::new();
        if let Some(rate) = entry.success_rate.take() {
            let refusal = |reason| self.error(&rate, format!("success_rate {reason}"));
            aims.push(Aim::Success(target(self.parsed(&rate)?).map_err(refusal)?));
        }
        match (entry.duration.take(), entry.percentile.take()) {
            (None, None) => {}
            (Some(limit), Some(percentile)) => {
                let target = self.percentile(&percentile)?;
                aims.push(Aim::Duration(self.value(limit)?, target));
            }
            (Some(limit), None) => {
                return Err(self.error(&limit, "a duration needs a percentile, as percentile = 90"));
            }
            (None, Some(percentile)) => {
                return Err(
                    self.error(&percentile, "a percentile needs a duration, as duration = \"20m\"")
                );
            }
        }
        if aims.is_empty() {
            let reason = "nothing is wanted of this phase: give success_rate = \"95%\", or \
                          duration = \"20m\" and percentile = 90";
            return Err(self.error(&entry.phase, reason));
        }
        Ok(aims)
    }

    fn percentile(&self, number: &Spanned<f64>) -> Result<Target, ConfigError> {
        let refuse = |reason: &str| self.error(number, format!("percentile {reason}"));
        let share = format!("{}%", number.get_ref()).parse::<Percent>();
        let share = share.map_err(|_| refuse("is not a number of at most three decimals"))?;
        target(share).map_err(refuse)
    }
}

fn target(share: Percent) -> Result<Target, &'static str> {
    Target::new(share)
        .ok_or("has to be more than 0 and less than 100: an error budget is what is left to 100")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::settings::Config;

    #[test]
    fn an_objective_that_is_none_says_what_is_missing() {
        let usual = "phase = \"build\"\nwindow = \"30d\"\n";
        let texts = [
            "[[slo]]\nwindow = \"30d\"\nsuccess_rate = \"95%\"\n".to_owned(),
            "[[slo]]\nphase = \"build\"\nsuccess_rate = \"95%\"\n".to_owned(),
            "[slo]\nphase = \"build\"\n".to_owned(),
            "[[slo]]\nphase = \"Build It\"\nwindow = \"30d\"\nsuccess_rate = \"95%\"\n".to_owned(),
            "[[slo]]\nphase = \"build\"\nwindow = \"0d\"\nsuccess_rate = \"95%\"\n".to_owned(),
            "[[slo]]\nphase = \"build\"\nwindow = \"month\"\nsuccess_rate = \"95%\"\n".to_owned(),
            format!("[[slo]]\n{usual}"),
            format!("[[slo]]\n{usual}sucess_rate = \"95%\"\n"),
            format!("[[slo]]\n{usual}success_rate = \"100%\"\n"),
            format!("[[slo]]\n{usual}success_rate = 0.95\n"),
            format!("[[slo]]\n{usual}success_rate = \"0.95\"\n"),
            format!("[[slo]]\n{usual}duration = \"20m\"\n"),
            format!("[[slo]]\n{usual}percentile = 90\n"),
            format!("[[slo]]\n{usual}duration = \"20m\"\npercentile = 0\n"),
            format!("[[slo]]\n{usual}duration = \"20m\"\npercentile = -5\n"),
            format!("[[slo]]\n{usual}duration = \"20m\"\npercentile = nan\n"),
            format!("[[slo]]\n{usual}duration = \"20m\"\npercentile = \"90\"\n"),
        ];
        let shown: String = texts
            .iter()
            .map(|text| {
                let error = Config::parse(text, Path::new("xtask.toml")).unwrap_err();
                format!("{}\n  {error}\n", text.trim_end().replace('\n', " ⏎ "))
            })
            .collect();
        insta::assert_snapshot!(shown, @r#"
        [[slo]] ⏎ window = "30d" ⏎ success_rate = "95%"
          xtask.toml line 1: phase is missing, and it is required here
        [[slo]] ⏎ phase = "build" ⏎ success_rate = "95%"
          xtask.toml line 1: window is missing, and it is required here
        [slo] ⏎ phase = "build"
          xtask.toml line 1: there may be several of these: put the name between double brackets, [[…]]
        [[slo]] ⏎ phase = "Build It" ⏎ window = "30d" ⏎ success_rate = "95%"
          xtask.toml line 2: "Build It" is not a valid phase: it is lower-case letters, digits and '-', at most 64, starting with a letter or digit
        [[slo]] ⏎ phase = "build" ⏎ window = "0d" ⏎ success_rate = "95%"
          xtask.toml line 3: a window of no length holds no run: give it one, as 30d
        [[slo]] ⏎ phase = "build" ⏎ window = "month" ⏎ success_rate = "95%"
          xtask.toml line 3: "month" is not a valid length of time: it is a whole number and its unit, as 5s, 90m, 12h, 30d or 8w, or several, as 1h30m
        [[slo]] ⏎ phase = "build" ⏎ window = "30d"
          xtask.toml line 2: nothing is wanted of this phase: give success_rate = "95%", or duration = "20m" and percentile = 90
        [[slo]] ⏎ phase = "build" ⏎ window = "30d" ⏎ sucess_rate = "95%"
          xtask.toml line 4: unknown key "sucess_rate"; did you mean success_rate?
        [[slo]] ⏎ phase = "build" ⏎ window = "30d" ⏎ success_rate = "100%"
          xtask.toml line 4: success_rate has to be more than 0 and less than 100: an error budget is what is left to 100
        [[slo]] ⏎ phase = "build" ⏎ window = "30d" ⏎ success_rate = 0.95
          xtask.toml line 4: invalid type: floating point `0.95`, expected a string: put the value between double quotes
        [[slo]] ⏎ phase = "build" ⏎ window = "30d" ⏎ success_rate = "0.95"
          xtask.toml line 4: "0.95" is not a percentage: give a number of at most three decimals with its sign, as 25% or 99.5%
        [[slo]] ⏎ phase = "build" ⏎ window = "30d" ⏎ duration = "20m"
          xtask.toml line 4: a duration needs a percentile, as percentile = 90
        [[slo]] ⏎ phase = "build" ⏎ window = "30d" ⏎ percentile = 90
          xtask.toml line 4: a percentile needs a duration, as duration = "20m"
        [[slo]] ⏎ phase = "build" ⏎ window = "30d" ⏎ duration = "20m" ⏎ percentile = 0
          xtask.toml line 5: percentile has to be more than 0 and less than 100: an error budget is what is left to 100
        [[slo]] ⏎ phase = "build" ⏎ window = "30d" ⏎ duration = "20m" ⏎ percentile = -5
          xtask.toml line 5: percentile is not a number of at most three decimals
        [[slo]] ⏎ phase = "build" ⏎ window = "30d" ⏎ duration = "20m" ⏎ percentile = nan
          xtask.toml line 5: percentile is not a number of at most three decimals
        [[slo]] ⏎ phase = "build" ⏎ window = "30d" ⏎ duration = "20m" ⏎ percentile = "90"
          xtask.toml line 5: invalid type: string "90", expected a number
        "#);
    }
}
