//! What one call recorded, beside what it really did to both Terraform roots of `dev`.

use std::collections::BTreeMap;

use super::{Counts, Platform, State};
use crate::support::{Call, Row, Run};

/// One call with its rows and the truth.
pub(super) struct Recorded {
    pub(super) run: Run,
    pub(super) rows: Vec<Row>,
    /// What the cluster's state went through.
    pub(super) cluster: Counts,
    /// What the databases' state went through.
    pub(super) databases: Counts,
    /// The cluster's state afterwards.
    pub(super) state: State,
}

/// Makes `call` and looks at the states before and after it.
pub(super) fn recorded(platform: &Platform, call: Call) -> Recorded {
    let look = || (State::of(platform, "envs/dev"), State::of(platform, "envs/dev-rds"));
    let already = platform.scene.rows().len();
    let before = look();
    let run = call.run();
    let after = look();
    assert_eq!(platform.changes(), "", "the work tree has changed");
    Recorded {
        run,
        rows: platform.scene.rows().split_off(already),
        cluster: after.0.since(&before.0),
        databases: after.1.since(&before.1),
        state: after.0,
    }
}

impl Recorded {
    /// After a check of the exit code.
    #[track_caller]
    pub(super) fn exits(self, code: i32) -> Self {
        Self { run: self.run.exits(code), ..self }
    }

    /// The phases in the order of their rows.
    pub(super) fn phases(&self) -> Vec<&str> {
        self.rows.iter().map(|row| row.phase.as_str()).collect()
    }

    /// The row of `phase`.
    #[track_caller]
    pub(super) fn row(&self, phase: &str) -> &Row {
        self.rows.iter().find(|row| row.phase == phase).unwrap()
    }

    /// The counts of every row, by phase.
    pub(super) fn counts(&self) -> BTreeMap<&str, Counts> {
        self.rows.iter().map(|row| (row.phase.as_str(), Counts::of(row))).collect()
    }
}

/// The truth about a deployment.
pub(super) fn total(recorded: &Recorded) -> Counts {
    [recorded.cluster, recorded.databases].into_iter().sum()
}
