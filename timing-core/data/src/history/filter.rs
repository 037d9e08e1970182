//! Which rows somebody asks about.

use crate::clock::UtcStamp;
use crate::record::Environment;
use crate::table::Row;

/// What a row has to be; each part that is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this environment: `dev` and `development` are one, as they are on the branch.
    pub environment: Option<Environment>,
    /// Of one of these phases; of any when there is none.
    pub phases: Vec<String>,
    /// Of this build.
    pub build_id: Option<String>,
    /// Started then or later.
    pub since: Option<UtcStamp>,
    /// Started before.
    pub before: Option<UtcStamp>,
}

impl Filter {
    /// Whether `row` is asked about.
    #[must_use]
    pub fn accepts(&self, row: &Row<'_>) -> bool {
        self.accepts_run(&row.environment, row.phase.as_deref(), &row.build_id, row.start)
    }

    /// Whether a row of this environment, phase, build and start is asked about: for what has no
    /// row.
    #[must_use]
    pub fn accepts_run(
        &self,
        environment: &str,
        phase: Option<&str>,
        build_id: &str,
        start: UtcStamp,
    ) -> bool {
        self.accepts_environment(environment)
            && phase.map_or(self.phases.is_empty(), |phase| self.accepts_phase(phase))
            && self.build_id.as_deref().is_none_or(|wanted| wanted == build_id)
            && self.since.is_none_or(|since| since <= start)
            && self.before.is_none_or(|before| start < before)
    }

    /// Whether this environment is asked about.
    #[must_use]
    pub fn accepts_environment(&self, name: &str) -> bool {
        self.environment.as_ref().is_none_or(|wanted| wanted.is_called(name))
    }

    /// Whether this phase is asked about.
    #[must_use]
    pub fn accepts_phase(&self, name: &str) -> bool {
        self.phases.is_empty() || self.phases.iter().any(|phase| phase == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Reading, read_line};

    fn row(line: &str) -> Row<'_> {
        match read_line(line.as_bytes()) {
            Reading::Row(row) => row,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn each_part_that_is_given_has_to_hold() {
        let row = row("2026-01-24T14:43:27Z,,apply-persistent,dev,persistent,5,0,,logs/a.log");
        let old = self::row("2026-01-24T14:43:27Z,,dev,b1,5,0,a.log");
        let all = Filter::default();
        assert!(all.accepts(&row) && all.accepts(&old));
        for (environment, accepted) in [("dev", true), ("development", true), ("prod", false)] {
            let filter = Filter { environment: Some(environment.parse().unwrap()), ..all.clone() };
            assert_eq!(filter.accepts(&row), accepted, "{environment}");
        }
        let phases = |names: &[&str]| Filter {
            phases: names.iter().map(|&name| name.to_owned()).collect(),
            ..all.clone()
        };
        assert!(phases(&["build", "apply-persistent"]).accepts(&row));
        assert!(!phases(&["build"]).accepts(&row));
        assert!(!phases(&["build"]).accepts(&old), "it names no phase");
        let build = |id: &str| Filter { build_id: Some(id.to_owned()), ..all.clone() };
        assert!(build("persistent").accepts(&row) && !build("rds").accepts(&row));
        let at = |text: &str| Some(text.parse::<UtcStamp>().unwrap());
        let since = |text| Filter { since: at(text), ..all.clone() };
        let before = |text| Filter { before: at(text), ..all.clone() };
        assert!(since("2026-01-24T14:43:27Z").accepts(&row));
        assert!(!since("2026-01-24T14:43:28Z").accepts(&row));
        assert!(before("2026-01-24T14:43:28Z").accepts(&row));
        assert!(!before("2026-01-24T14:43:27Z").accepts(&row));
    }
}
