//! The refusal of a teardown that nobody confirmed: what it would destroy, and the command that
//! confirms exactly this.

use std::fmt;
use std::path::PathBuf;

use super::{Argv, PlanError, TargetName, again, shell};
use crate::settings::{Confirmation, Settings, Variable};

/// A teardown that was not confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    given: Confirmation,
    cluster: String,
    region: String,
    state: PathBuf,
    confirm: Argv,
}

/// Passes when the teardown was confirmed.
pub(super) fn confirmed(s: &Settings) -> Result<(), PlanError> {
    match &s.confirm_destroy {
        Confirmation::Given => Ok(()),
        given => Err(PlanError::Unconfirmed(Box::new(Refusal {
            given: given.clone(),
            cluster: s.cluster.to_string(),
            region: s.region.to_string(),
            state: s.platform_root.join(&s.tf_dir),
            confirm: confirming_command(s),
        }))),
    }
}

/// Says every value that decides what is destroyed, so that it does the same wherever it is pasted,
/// whatever the environment there holds.
fn confirming_command(s: &Settings) -> Argv {
    let (program, mut args) = again::command(TargetName::TeardownPersistent, s);
    let assign = |variable: Variable, value: &str| format!("{}={value}", variable.key());
    args.extend([
        assign(Variable::Env, s.environment.as_str()),
        assign(Variable::Region, s.region.as_str()),
        assign(Variable::PersistentCluster, s.cluster.as_str()),
        assign(Variable::TfDir, s.tf_dir.as_str()),
        assign(Variable::CleanupOrphans, s.cleanup_orphans.as_str()),
        assign(Variable::ConfirmDestroy, "yes"),
    ]);
    Argv::new(program, args)
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.given {
            Confirmation::Other(text) => {
                writeln!(
                    f,
                    "teardown-persistent is not confirmed: CONFIRM_DESTROY is {text:?}, not \"yes\""
                )?;
            }
            _ => writeln!(f, "teardown-persistent is not confirmed: CONFIRM_DESTROY is not set")?,
        }
        writeln!(f, "It would destroy")?;
        writeln!(f, "  cluster  {}", self.cluster)?;
        writeln!(f, "  region   {}", self.region)?;
        writeln!(f, "  state    {}", self.state.display())?;
        write!(f, "To do that:\n  {}", shell::command(&self.confirm))
    }
}
