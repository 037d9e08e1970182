//! The command that takes up a run where it ended.

use super::{Argv, Item, Plan, Target, TargetName};
use crate::launch::Invocation;
use crate::settings::{Mode, Portion, Recordings, Settings, Variable};

/// What a run that did not come to its end is taken up with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Again {
    /// The command that was typed, without what part of the plan it wanted.
    whole: Argv,
    portion: Portion,
}

/// The command for `target` of the same arguments that are no variables.
pub(super) fn command(target: TargetName, s: &Settings) -> (String, Vec<String>) {
    let (program, mut args) = match &s.invocation {
        Invocation::Cargo => ("cargo", vec!["xtask".to_owned()]),
        Invocation::Program(name) => (name.as_str(), Vec::new()),
    };
    args.push(target.as_str().to_owned());
    if s.repo_argument.is_some() {
        args.extend(["--repo".to_owned(), s.repository.display().to_string()]);
    }
    if s.mode == Mode::DryRun {
        args.push("--dry-run".to_owned());
    }
    if let Some(timeout) = s.timeout {
        args.extend(["--timeout".to_owned(), timeout.to_string()]);
    }
    (program.to_owned(), args)
}

/// What takes up a run of `target`. It says what the environment said, too: make's goes with make,
/// and the default environment is another one.
pub(super) fn again(target: TargetName, s: &Settings) -> Again {
    let (program, mut args) = command(target, s);
    let wanted = s.said.iter().filter(|(variable, _)| **variable != Variable::ConfirmDestroy);
    args.extend(wanted.map(|(variable, text)| format!("{}={text}", variable.key())));
    if s.recordings == Recordings::Off {
        args.push("--no-record".to_owned());
    }
    Again { whole: Argv::new(program, args), portion: s.portion.clone() }
}

impl Plan {
    /// The command that goes on with the first target within this plan that `is_done` denies;
    /// `None` where nothing is left, or the plan has no parts to be taken up.
    #[must_use]
    pub fn take_up(&self, is_done: impl Fn(&Target) -> bool) -> Option<Argv> {
        let again = self.again.as_ref()?;
        let left = self.root.items.iter().find_map(|item| match item {
            Item::Target(target) if !is_done(target) => Some(target.name),
            _ => None,
        })?;
        let [flag, name] = match &again.portion {
            // Who wanted no more than this wants no more now.
            Portion::Only(name) => ["--only", name],
            Portion::Whole | Portion::From(_) => ["--from", left],
        };
        let args = again.whole.args().iter().map(String::as_str).chain([flag, name]);
        Some(Argv::new(again.whole.program(), args))
    }
}
