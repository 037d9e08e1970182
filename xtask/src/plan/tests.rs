//! The plan of every target, bootstrap version and switch, as a dry run shows it, and what the
//! dry run does not show: phases and flags.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::*;
use crate::settings::{Config, EnvSnapshot, Given, Mode, RawArgs, Recordings, Settings};
use crate::ui::plan_tree;

const LOCAL: &str = r#"
platform_root = "testdata/platform"
[env.local.steps]
apply = ["bash", "apply.sh", "two words"]
bootstrap = ["bash", "bootstrap.sh"]
rds-init = ["true"]
rds-preflight = ["true", "preflight"]
rds-apply = ["true", "apply"]
rds-provision = ["true", "provision"]
verify = ["bash", "verify.sh"]
teardown = ["bash", "teardown.sh"]
"#;

pub(super) fn settings_of(words: &[&str], toml: &str, mode: Mode, repo: Option<&str>) -> Settings {
    let raw = RawArgs {
        given: words.iter().map(|&word| Given::Assignment(word.to_owned())).collect(),
        mode,
        repo: repo.map(PathBuf::from),
        ..RawArgs::default()
    };
    let config = Config::parse(toml, Path::new("/repo/xtask.toml")).unwrap();
    let nothing = |_: &Path| Ok(None);
    Settings::resolve(&raw, &EnvSnapshot::default(), &config, PathBuf::from("/repo"), &nothing)
        .unwrap()
}

fn settings(words: &[&str]) -> Settings {
    settings_of(words, "", Mode::Run, None)
}

/// The dry run of `target` with `words` on the command line.
fn shown(target: TargetName, words: &[&str]) -> String {
    let settings = settings(words);
    plan_tree::render(
        &build(target, &settings).unwrap(),
        &settings.platform_root,
        settings.recordings,
    )
}

/// Every combination of `choices`, one of each.
fn combinations(choices: &[[&'static str; 2]]) -> Vec<Vec<&'static str>> {
    choices.iter().fold(vec![Vec::new()], |sofar, pair| {
        let with = |head: &Vec<&'static str>, last| [head.as_slice(), &[last]].concat();
        sofar.iter().flat_map(|head| pair.map(|last| with(head, last))).collect()
    })
}

/// One section for each combination; those that change nothing say which one they equal.
fn table(target: TargetName, versions: &[&'static str], switches: &[[&'static str; 2]]) -> String {
    let mut sections: Vec<(String, String)> = Vec::new();
    for version in versions {
        for switches in combinations(switches) {
            let words = [&[*version], switches.as_slice()].concat();
            sections.push((words.join(" "), shown(target, &words)));
        }
    }
    let mut text = String::new();
    for (index, (words, plan)) in sections.iter().enumerate() {
        let same = sections[..index].iter().find(|(_, earlier)| earlier == plan);
        match same {
            Some((earlier, _)) => writeln!(text, "=== {words}\n(as {earlier})\n").unwrap(),
            None => writeln!(text, "=== {words}\n{plan}").unwrap(),
        }
    }
    text
}

const VERSIONS: [&str; 4] = [
    "BOOTSTRAP_VERSION=v1",
    "BOOTSTRAP_VERSION=v2",
    "BOOTSTRAP_VERSION=v3",
    "BOOTSTRAP_VERSION=v4",
];
const APPROVE: [&str; 2] = ["TF_AUTO_APPROVE=true", "TF_AUTO_APPROVE=false"];
const CREATE: [&str; 2] = ["CREATE_RDS=true", "CREATE_RDS=false"];
const RESTORE: [&str; 2] = ["RESTORE_SECRETS=true", "RESTORE_SECRETS=false"];
const COMPACT: [&str; 2] = ["COMPACT_OUTPUT=false", "COMPACT_OUTPUT=true"];

#[test]
fn deploy_in_every_version_with_every_switch() {
    for version in VERSIONS {
        insta::assert_snapshot!(
            format!("deploy_{}", &version[18..]),
            table(TargetName::DeployPersistent, &[version], &[CREATE, RESTORE, APPROVE, COMPACT])
        );
    }
}

#[test]
fn every_other_target_with_the_switches_that_change_it() {
    let v3 = &VERSIONS[2..3];
    insta::assert_snapshot!(
        "bootstrap",
        table(TargetName::BootstrapPersistent, &VERSIONS, &[COMPACT])
    );
    insta::assert_snapshot!(
        "bootstrap_v4",
        table(TargetName::BootstrapPersistentV4, &VERSIONS, &[APPROVE])
    );
    insta::assert_snapshot!("apply", table(TargetName::ApplyPersistent, &VERSIONS, &[APPROVE]));
    insta::assert_snapshot!("rds_init", table(TargetName::RdsInit, v3, &[]));
    insta::assert_snapshot!("rds_apply", table(TargetName::RdsApply, v3, &[APPROVE]));
    insta::assert_snapshot!("rds_deploy", table(TargetName::RdsDeploy, v3, &[RESTORE, APPROVE]));
    insta::assert_snapshot!("verify", table(TargetName::Verify, v3, &[CREATE]));
    insta::assert_snapshot!(
        "teardown",
        table(TargetName::TeardownPersistent, &["CONFIRM_DESTROY=yes"], &[APPROVE])
    );
}

#[test]
fn every_variable_arrives_where_the_contract_says() {
    let words = [
        "ENV=prod",
        "REGION=us-east-1",
        "TF_BIN=/opt/my tools/tofu",
        "TF_DIR=roots/x",
        "PERSISTENT_CLUSTER=blue",
        "KONG_NAMESPACE=edge",
        "NODE_INSTANCE_TYPE=m5.large",
        "ENV_NAME=it's prod",
        "SKIP_CERT_MANAGER_VALIDATION=a",
        "SKIP_ARGO_SYNC_WAIT=b",
        "SCALE_DOWN_AFTER_BOOTSTRAP=c",
        "CLEANUP_ORPHANS=d",
        "COMPACT_OUTPUT=true",
        "CONFIRM_DESTROY=yes",
    ];
    let all = [
        shown(TargetName::DeployPersistent, &words),
        shown(TargetName::BootstrapPersistentV4, &words),
        shown(TargetName::TeardownPersistent, &words),
    ];
    insta::assert_snapshot!("every_variable", all.join("\n"));
}

#[test]
fn an_environment_may_replace_every_step() {
    let words = ["ENV=local", "CONFIRM_DESTROY=yes"];
    let settings = settings_of(&words, LOCAL, Mode::Run, None);
    let all = [TargetName::DeployPersistent, TargetName::TeardownPersistent].map(|target| {
        plan_tree::render(
            &build(target, &settings).unwrap(),
            &settings.platform_root,
            settings.recordings,
        )
    });
    insta::assert_snapshot!("overrides", all.join("\n"));
}

#[test]
fn without_recording_nothing_is_said_to_be_recorded() {
    let plan = build(TargetName::DeployPersistent, &settings(&["CREATE_RDS=false"])).unwrap();
    let text = plan_tree::render(&plan, Path::new("/repo"), Recordings::Off);
    assert_eq!(text.matches("(not recorded)").count(), 4, "{text}");
}

fn phases(target: &Target, text: &mut String) {
    if let Recording::Phase(plan) = &target.recording {
        let flags: Vec<String> =
            plan.flags.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let suffix =
            plan.log_suffix.as_ref().map_or(String::new(), |name| format!(" log …-{name}"));
        writeln!(
            text,
            "{} {} {}{suffix}\n  {}",
            target.name,
            plan.phase,
            plan.build_id,
            flags.join(" ")
        )
        .unwrap();
    }
    for item in &target.items {
        if let Item::Target(inner) = item {
            phases(inner, text);
        }
    }
}

#[test]
fn the_phases_and_their_flags() {
    let mut text = String::new();
    for (target, words) in [
        (TargetName::DeployPersistent, &["BOOTSTRAP_VERSION=v2"][..]),
        (TargetName::DeployPersistent, &["BOOTSTRAP_VERSION=v4", "CREATE_RDS=false"]),
        (TargetName::BootstrapPersistent, &["BOOTSTRAP_VERSION=v4"]),
        (TargetName::BootstrapPersistentV4, &[]),
        (TargetName::RdsApply, &[]),
        (TargetName::RdsInit, &[]),
        (TargetName::Verify, &[]),
        (TargetName::TeardownPersistent, &["CONFIRM_DESTROY=yes"]),
    ] {
        let plan = build(target, &settings(words)).unwrap();
        writeln!(text, "--- {} {}", target.as_str(), words.join(" ")).unwrap();
        phases(&plan.root, &mut text);
    }
    insta::assert_snapshot!("phases", text);
}

#[test]
fn a_teardown_that_is_not_confirmed_is_refused() {
    let refusal = |words: &[&str], mode, repo| {
        let settings = settings_of(words, "", mode, repo);
        build(TargetName::TeardownPersistent, &settings).unwrap_err().to_string()
    };
    let mut text = refusal(&[], Mode::Run, None);
    for wrong in ["", "YES", "yes ", "true", "y\nes"] {
        let assignment = format!("CONFIRM_DESTROY={wrong}");
        let words = ["ENV=prod", "PERSISTENT_CLUSTER=blue", "CLEANUP_ORPHANS=a b", &assignment];
        text += "\n\n";
        text += &refusal(&words, Mode::DryRun, Some("../my infra"));
    }
    insta::assert_snapshot!("refusals", text);
}

/// The steps of `target`, in the order that they run.
fn steps(target: &Target) -> Vec<&Step> {
    let mut found = Vec::new();
    for item in &target.items {
        match item {
            Item::Target(inner) => found.extend(steps(inner)),
            Item::Step(step) => found.push(step),
        }
    }
    found
}

/// Pasted into a shell, the dry run starts exactly the programs of the plan, with exactly its
/// arguments and environment.
#[test]
#[expect(clippy::disallowed_types, reason = "a person's shell, which is not ours to start")]
fn the_dry_run_can_be_pasted() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let stub = "#!/bin/sh\n{ printf '%s\\0' \"${0##*/}\" \"$@\"; printf '%s\\0' \"TF_DIR=${TF_DIR-}\" \"ENV_NAME=${ENV_NAME-}\" end; } >> \"$LOG\"\n";
    for name in ["terraform", "make", "kubectl", "bash"] {
        let path = root.join(name);
        std::fs::write(&path, stub).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .unwrap();
    }
    let mut settings = settings(&["ENV_NAME=$(id) it's; `x` *", "SKIP_ARGO_SYNC_WAIT=~"]);
    settings.platform_root = root.to_path_buf();
    let plan = build(TargetName::DeployPersistent, &settings).unwrap();
    let log = root.join("log");
    let status = std::process::Command::new("/bin/bash")
        .args(["--norc", "--noprofile", "-c", &plan_tree::render(&plan, root, Recordings::On)])
        .env_clear()
        .env("PATH", root)
        .env("LOG", &log)
        .status()
        .unwrap();
    assert!(status.success());
    let mut expected = String::new();
    for step in steps(&plan.root) {
        let added = |wanted: &str| {
            let found = step.env.iter().find(|(key, _)| key == wanted);
            format!("{wanted}={}", found.map_or("", |(_, value)| value))
        };
        let mut words = vec![step.argv.program().to_owned()];
        words.extend(step.argv.args().iter().cloned());
        words.extend([added("TF_DIR"), added("ENV_NAME"), "end".to_owned()]);
        expected.extend(words.into_iter().map(|word| word + "\0"));
    }
    assert_eq!(std::fs::read_to_string(log).unwrap(), expected);
}
