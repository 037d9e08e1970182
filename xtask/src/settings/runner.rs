//! Where a run happens, as GitHub's runner says it: what it reads of a step, and what a report names
//! as its origin.
//!
//! Names: "Variables reference" of GitHub Actions' documentation.

use std::path::PathBuf;

use super::EnvSnapshot;

/// What of a run is said to GitHub's runner.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Runner {
    /// `GITHUB_STEP_SUMMARY`: the file of the step's page.
    pub summary: Option<PathBuf>,
    /// `GITHUB_ACTIONS`: whether workflow commands are read.
    pub commands: WorkflowCommands,
}

/// Whether somebody takes certain lines of a step's output for commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WorkflowCommands {
    /// GitHub's runner does.
    Read,
    /// Nobody does; they would be noise.
    #[default]
    Unread,
}

impl Runner {
    /// What `environment` says. Nothing of it can be wrong: it was set for others as well.
    #[must_use]
    pub fn of(environment: &EnvSnapshot) -> Self {
        let summary = environment.get("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty());
        let is_read = environment.get("GITHUB_ACTIONS").is_some_and(|value| value == "true");
        Self {
            summary: summary.map(PathBuf::from),
            commands: if is_read { WorkflowCommands::Read } else { WorkflowCommands::Unread },
        }
    }
}

/// Which run of a pipeline this is, as far as it says so.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pipeline {
    /// `GITHUB_WORKFLOW`: its name.
    pub workflow: Option<String>,
    /// `GITHUB_RUN_ID`
    pub run_id: Option<String>,
    /// `GITHUB_HEAD_REF` of a pull request, else `GITHUB_REF_NAME`: the branch, of which nothing is
    /// checked out but a commit.
    pub branch: Option<String>,
}

impl Pipeline {
    /// What `environment` says.
    #[must_use]
    pub fn of(environment: &EnvSnapshot) -> Self {
        let text = |key: &str| {
            let value = environment.get(key)?.to_string_lossy().into_owned();
            (!value.is_empty()).then_some(value)
        };
        Self {
            workflow: text("GITHUB_WORKFLOW"),
            run_id: text("GITHUB_RUN_ID"),
            branch: text("GITHUB_HEAD_REF").or_else(|| text("GITHUB_REF_NAME")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_set_or_empty_is_not_there() {
        let nothing: [(&str, &str); 2] = [("GITHUB_STEP_SUMMARY", ""), ("GITHUB_ACTIONS", "1")];
        assert_eq!(Runner::of(&nothing.into_iter().collect()), Runner::default());
        let set = [("GITHUB_STEP_SUMMARY", "/tmp/page"), ("GITHUB_ACTIONS", "true")];
        let runner = Runner::of(&set.into_iter().collect());
        assert_eq!(runner.summary, Some("/tmp/page".into()));
        assert_eq!(runner.commands, WorkflowCommands::Read);
    }
}
