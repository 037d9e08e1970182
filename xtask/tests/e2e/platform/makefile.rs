//! The Makefile: what it hands to xtask, and what it must never do with a value.

use std::fs;

use super::Platform;
use crate::support::{Call, require};

const TARGETS: [&str; 9] = [
    "deploy-persistent",
    "apply-persistent",
    "bootstrap-persistent",
    "bootstrap-persistent-v4",
    "rds-init",
    "rds-apply",
    "rds-deploy",
    "verify",
    "teardown-persistent",
];

/// The variables of the contract.
const VARIABLES: [&str; 18] = [
    "TF_BIN",
    "ENV",
    "REGION",
    "TF_DIR",
    "BOOTSTRAP_VERSION",
    "KONG_NAMESPACE",
    "NODE_INSTANCE_TYPE",
    "ENV_NAME",
    "SKIP_CERT_MANAGER_VALIDATION",
    "SKIP_ARGO_SYNC_WAIT",
    "COMPACT_OUTPUT",
    "SCALE_DOWN_AFTER_BOOTSTRAP",
    "CLEANUP_ORPHANS",
    "TF_AUTO_APPROVE",
    "CREATE_RDS",
    "RESTORE_SECRETS",
    "CONFIRM_DESTROY",
    "PERSISTENT_CLUSTER",
];

/// What a program in place of xtask was given, one line each, and when it began and ended.
const NOTED: &str = "#!/bin/sh\n\
    echo \"begin $*\" >>@/noted\n\
    env | grep -E '^(@KEYS)=|MAKE' | sort >>@/noted\n\
    sleep 0.1\n\
    echo \"end $*\" >>@/noted\n";

/// The platform with `noting` (in place of xtask) and `planning` (xtask's dry run) on `PATH`.
fn platform() -> Platform {
    let mut platform = Platform::new();
    let outside = platform.scene.outside().display().to_string();
    let noting = NOTED.replace("@KEYS", &VARIABLES.join("|")).replace('@', &outside);
    platform.scene = platform
        .scene
        .program("noting", &noting)
        .program("planning", "#!/bin/sh\nexec xtask \"$@\" --dry-run\n");
    platform
}

impl Platform {
    fn make(&self, arguments: &[&str]) -> Call {
        self.call("make", arguments)
    }

    /// What `noting` noted.
    fn noted(&self) -> String {
        let path = self.scene.outside().join("noted");
        let noted = fs::read_to_string(&path).unwrap_or_default();
        let _ = fs::remove_file(path);
        noted
    }

    /// The command that `apply-persistent` would run.
    fn planned(&self, arguments: &[&str], environment: &[(&str, &str)]) -> String {
        let words = [&["-s", "apply-persistent", "XTASK=planning"], arguments].concat();
        let call =
            environment.iter().fold(self.make(&words), |call, (key, value)| call.env(key, *value));
        call.run().exits(0).stdout
    }
}

#[test]
fn a_dry_make_prints_the_delegation_and_does_nothing() {
    if !require("a_dry_make_prints_the_delegation_and_does_nothing", "make") {
        return;
    }
    let platform = platform();
    for target in TARGETS {
        let run = platform.make(&["-n", target, "ENV=dev"]).run().exits(0);
        assert_eq!(run.stdout, format!("cargo xtask {target}\n"));
        let run = platform.make(&["-n", target, "ENV=dev", "XTASK=noting"]).run().exits(0);
        assert_eq!((run.stdout, run.stderr), (format!("noting {target}\n"), String::new()));
    }
    let run = platform.make(&["-n", "_phase3-verify"]).run().exits(0);
    assert_eq!(run.stdout, "cargo xtask verify\n");
    assert_eq!(platform.noted(), "");
}

#[test]
fn help_is_what_make_alone_prints_and_names_everything() {
    if !require("help_is_what_make_alone_prints_and_names_everything", "make") {
        return;
    }
    let platform = platform();
    let help = platform.make(&["help"]).run().exits(0);
    assert_eq!(platform.make(&[]).run(), help);
    assert_eq!(help.stderr, "");
    for target in TARGETS {
        let line = format!("\n  make {target} ");
        assert!(help.stdout.contains(&line), "{target} in {}", help.stdout);
    }
    let words: Vec<&str> = help.stdout.split_whitespace().collect();
    for variable in VARIABLES {
        assert!(words.contains(&variable), "{variable} in {}", help.stdout);
    }
}

#[test]
fn every_variable_of_the_command_line_reaches_xtask_and_nothing_of_make_does() {
    let test = "every_variable_of_the_command_line_reaches_xtask_and_nothing_of_make_does";
    if !require(test, "make") {
        return;
    }
    let platform = platform();
    // As typed, also where make or a shell would make something else of it.
    let text = "$(shell echo by make) $(ENV) $$HOME `id` 'it\"s";
    let given: Vec<String> = VARIABLES.iter().map(|key| format!("{key}={text} {key}")).collect();
    let words = ["deploy-persistent", "XTASK=noting", "-j2"];
    let arguments: Vec<&str> = words.into_iter().chain(given.iter().map(String::as_str)).collect();
    platform.make(&arguments).run().exits(0);
    let mut expected = given.clone();
    expected.sort();
    let noted = platform.noted();
    let noted: Vec<&str> = noted.lines().filter(|line| !line.starts_with("MAKELEVEL=")).collect();
    let (first, last) = ("begin deploy-persistent", "end deploy-persistent");
    let expected = [&[first], &*expected.iter().map(String::as_str).collect::<Vec<_>>(), &[last]];
    assert_eq!(noted, expected.concat());
}

#[test]
fn what_nobody_sets_is_left_to_xtask() {
    if !require("what_nobody_sets_is_left_to_xtask", "make") {
        return;
    }
    let platform = platform();
    platform.make(&["deploy-persistent", "XTASK=noting"]).run().exits(0);
    let noted = platform.noted();
    let noted: Vec<&str> = noted.lines().filter(|line| !line.starts_with("MAKELEVEL=")).collect();
    assert_eq!(noted, ["begin deploy-persistent", "end deploy-persistent"]);
}

#[test]
fn the_command_line_beats_the_environment_which_beats_the_file() {
    if !require("the_command_line_beats_the_environment_which_beats_the_file", "make") {
        return;
    }
    let platform = platform();
    let from_file = platform.planned(&[], &[]);
    assert!(from_file.contains("envs/local/apply.sh"), "{from_file}");
    let environment = [("ENV", "dev"), ("TF_BIN", "of-environment")];
    let from_environment = platform.planned(&[], &environment);
    assert!(
        from_environment.contains("of-environment -chdir=envs/dev apply"),
        "{from_environment}"
    );
    let from_command_line = platform.planned(&["TF_BIN=of-command-line"], &environment);
    assert!(
        from_command_line.contains("of-command-line -chdir=envs/dev apply"),
        "{from_command_line}"
    );
    let back = platform.planned(&["ENV=local"], &environment);
    assert!(back.contains("envs/local/apply.sh"), "{back}");
}

#[test]
fn a_hostile_value_runs_nothing_and_is_one_clear_error() {
    if !require("a_hostile_value_runs_nothing_and_is_one_clear_error", "make") {
        return;
    }
    let platform = platform();
    let marker = platform.scene.outside().join("executed");
    let touch = format!("touch {}", marker.display());
    let values = [
        format!("dev'; {touch}; '"),
        format!("dev\"; {touch}; \""),
        format!("dev\n\t{touch}"),
        format!("dev; {touch}"),
        format!("$(shell {touch})"),
        format!("$$({touch})"),
        format!("$({touch})"),
        format!("`{touch}`"),
        "../../etc".to_owned(),
        String::new(),
    ];
    for key in ["ENV", "REGION", "PERSISTENT_CLUSTER"] {
        for value in &values {
            let argument = format!("{key}={value}");
            let words = ["deploy-persistent", "XTASK=xtask"];
            let typed = platform.make(&[words[0], words[1], &argument]).run();
            let inherited = platform.make(&words).env(key, value).run();
            for run in [typed, inherited] {
                assert_eq!(run.code, 2, "{argument:?}: {run:?}");
                let errors: Vec<&str> =
                    run.stderr.lines().filter(|line| line.starts_with("error:")).collect();
                assert_eq!(errors.len(), 1, "{argument:?}: {run:?}");
                assert!(errors[0].starts_with(&format!("error: {key} (")), "{errors:?}");
                // make says which recipe failed; nobody else says anything.
                assert_eq!(run.stderr.lines().count(), 2, "{argument:?}: {run:?}");
                assert!(!marker.exists(), "{argument:?} was executed");
            }
        }
    }
    assert_eq!(platform.scene.recordings(), [""; 0]);
    assert_eq!(platform.changes(), "");
}

#[test]
fn two_goals_are_one_after_the_other_whatever_j_says() {
    if !require("two_goals_are_one_after_the_other_whatever_j_says", "make") {
        return;
    }
    let platform = platform();
    let words = ["-j4", "apply-persistent", "bootstrap-persistent", "verify", "XTASK=noting"];
    platform.make(&words).run().exits(0);
    let noted = platform.noted();
    let noted: Vec<&str> = noted.lines().filter(|line| !line.contains('=')).collect();
    let expected = ["apply-persistent", "bootstrap-persistent", "verify"]
        .map(|target| [format!("begin {target}"), format!("end {target}")]);
    assert_eq!(noted, expected.concat());
}

#[test]
fn the_old_name_of_verify_still_looks() {
    if !require("the_old_name_of_verify_still_looks", "make") {
        return;
    }
    let platform = platform();
    let run = platform.make(&["_phase3-verify", "ENV=dev", "XTASK=xtask"]).run().exits(0);
    for looked in ["kubectl get nodes", "kubectl -n argocd get applications", "0 databases"] {
        assert!(run.stdout.contains(looked), "{looked} in {run:?}");
    }
    assert_eq!(platform.scene.recordings(), [""; 0]);
}
