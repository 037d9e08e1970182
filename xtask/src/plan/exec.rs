//! The plan of `exec`: one phase, whose only step is the user's command.

use super::{Interaction, Item, OnFailure, PhasePlan, Plan, Recording, Step, Target};
use crate::settings::ExecSettings;

/// The plan that carries out and records the command of `settings`.
#[must_use]
pub fn exec(settings: &ExecSettings) -> Plan {
    let step = Step {
        name: "command",
        argv: settings.command.clone(),
        env: Vec::new(),
        on_failure: OnFailure::Stop,
        requires: None,
        // Nobody knows whether it does.
        interaction: Interaction::Asks,
        limit: None,
    };
    let recording = Recording::Phase(PhasePlan {
        phase: settings.phase.clone(),
        build_id: settings.build_id.clone(),
        flags: Vec::new(),
        log_suffix: None,
    });
    // Every other name is known when xtask is built. This one lives as long as the process, which
    // makes one plan.
    let name = settings.phase.to_string().leak();
    Plan {
        root: Target { name, recording, items: vec![Item::Step(step)] },
        directory: settings.directory.clone(),
        again: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    use crate::cli::ExecArgs;
    use crate::plan::Argv;
    use crate::settings::{Config, EnvSnapshot};

    #[test]
    fn one_phase_with_the_command_as_it_was_typed() {
        let args = ExecArgs {
            phase: "helm".to_owned(),
            command: ["A=b", "--c"].map(str::to_owned).into(),
            ..ExecArgs::default()
        };
        let (environment, config) = (EnvSnapshot::default(), Config::default());
        let settings =
            ExecSettings::resolve(&args, &environment, &config, "/repo".into(), "/here".into())
                .unwrap();
        let plan = exec(&settings);
        assert_eq!((plan.root.name, plan.directory.as_path()), ("helm", Path::new("/here")));
        let [Item::Step(step)] = plan.root.items.as_slice() else { panic!("{plan:?}") };
        assert_eq!(step.argv, Argv::new("A=b", ["--c"]));
        assert_eq!(step.env, []);
    }
}
