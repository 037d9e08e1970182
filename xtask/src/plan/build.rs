//! Which steps make a target, in which order, and which of them leave a row.

use timing_core::record::Phase;

use super::{
    Item, PhasePlan, Plan, PlanError, Recording, Step, Target, TargetName, again, portion, steps,
    teardown,
};
use crate::settings::{BootstrapVersion, Settings, Switch};

/// What `target` does under `settings`.
///
/// # Errors
///
/// When the target refuses: a teardown that is not confirmed, a part that the plan does not have.
pub fn build(target: TargetName, settings: &Settings) -> Result<Plan, PlanError> {
    let s = settings;
    let root = match target {
        TargetName::DeployPersistent => deploy(s),
        TargetName::ApplyPersistent => apply(s),
        TargetName::BootstrapPersistent => bootstrap(s),
        TargetName::BootstrapPersistentV4 => bootstrap_v4(s),
        TargetName::RdsInit => unrecorded(TargetName::RdsInit, vec![steps::rds_init(s)]),
        TargetName::RdsApply => rds_apply(s),
        TargetName::RdsDeploy => rds_deploy(s),
        TargetName::Verify => verify(s),
        TargetName::TeardownPersistent => {
            teardown::confirmed(s)?;
            teardown_target(s)
        }
    };
    // The phases of other targets are targets of their own, which can be typed.
    let again = (target == TargetName::DeployPersistent).then(|| again::again(target, s));
    let root = portion::select(root, &s.portion)?;
    Ok(Plan { root, directory: s.platform_root.clone(), again })
}

/// v4 runs Terraform itself, after the database; the others apply first.
fn deploy(s: &Settings) -> Target {
    let rds = match s.create_rds {
        Switch::On => Some(rds_deploy(s)),
        Switch::Off => None,
    };
    let targets: Vec<Target> = match s.bootstrap_version {
        BootstrapVersion::V4 => rds.into_iter().chain([bootstrap_v4(s), verify(s)]).collect(),
        _ => [apply(s)].into_iter().chain(rds).chain([bootstrap(s), verify(s)]).collect(),
    };
    let flags = [("REGION", s.region.as_str()), ("CREATE_RDS", s.create_rds.as_str())];
    let version = Some(s.bootstrap_version);
    Target {
        name: TargetName::DeployPersistent.as_str(),
        recording: phase("deploy-persistent", "persistent", flags_of(&flags, None, s, version)),
        items: targets.into_iter().map(Item::Target).collect(),
    }
}

fn apply(s: &Settings) -> Target {
    let step = steps::cluster_apply(s);
    let flags = flags_of(&[("TF_AUTO_APPROVE", s.tf_auto_approve.as_str())], Some(&step), s, None);
    let mut recording = phase("apply-persistent", "persistent", flags);
    if let Recording::Phase(plan) = &mut recording {
        plan.log_suffix = Some(s.cluster.clone());
    }
    single(TargetName::ApplyPersistent, recording, step)
}

fn bootstrap(s: &Settings) -> Target {
    if s.bootstrap_version == BootstrapVersion::V4 {
        return bootstrap_v4(s);
    }
    let step = steps::bootstrap(s);
    let positional = [("REGION", s.region.as_str()), ("KONG_NAMESPACE", s.kong_namespace.as_str())];
    let flags = flags_of(&positional, Some(&step), s, Some(s.bootstrap_version));
    let recording = phase("bootstrap-persistent", "persistent", flags);
    single(TargetName::BootstrapPersistent, recording, step)
}

/// Readers of the registry know one phase for every version of the bootstrap.
fn bootstrap_v4(s: &Settings) -> Target {
    let step = steps::bootstrap_v4(s);
    let flags = flags_of(&[], Some(&step), s, Some(BootstrapVersion::V4));
    let recording = phase("bootstrap-persistent", "persistent", flags);
    single(TargetName::BootstrapPersistentV4, recording, step)
}

fn rds_apply(s: &Settings) -> Target {
    let step = steps::rds_apply(s);
    let flags = flags_of(&[("TF_AUTO_APPROVE", s.tf_auto_approve.as_str())], Some(&step), s, None);
    single(TargetName::RdsApply, phase("rds-apply", "rds", flags), step)
}

fn rds_deploy(s: &Settings) -> Target {
    let preflight = match s.restore_secrets {
        Switch::On => Some(steps::rds_preflight(s)),
        Switch::Off => None,
    };
    let mut items = vec![Item::Step(steps::rds_init(s))];
    items.extend(preflight.map(Item::Step));
    items.push(Item::Target(rds_apply(s)));
    items.push(Item::Step(steps::rds_provision(s)));
    let flags = flags_of(&[("RESTORE_SECRETS", s.restore_secrets.as_str())], None, s, None);
    Target {
        name: TargetName::RdsDeploy.as_str(),
        recording: phase("rds-deploy", "rds", flags),
        items,
    }
}

fn verify(s: &Settings) -> Target {
    unrecorded(TargetName::Verify, steps::verify(s))
}

fn teardown_target(s: &Settings) -> Target {
    let step = steps::teardown(s);
    let flags = flags_of(&[("REGION", s.region.as_str())], Some(&step), s, None);
    let recording = phase("teardown-persistent", "persistent", flags);
    single(TargetName::TeardownPersistent, recording, step)
}

fn single(name: TargetName, recording: Recording, step: Step) -> Target {
    Target { name: name.as_str(), recording, items: vec![Item::Step(step)] }
}

fn unrecorded(name: TargetName, steps: Vec<Step>) -> Target {
    Target {
        name: name.as_str(),
        recording: Recording::Unrecorded,
        items: steps.into_iter().map(Item::Step).collect(),
    }
}

/// The flags of a phase: what shapes it, what its step is handed, the cluster, and the version
/// where it matters. A variable that comes twice is kept once, where it came first.
fn flags_of(
    shaping: &[(&str, &str)],
    step: Option<&Step>,
    s: &Settings,
    version: Option<BootstrapVersion>,
) -> Vec<(String, String)> {
    let own = |&(key, value): &(&str, &str)| (key.to_owned(), value.to_owned());
    let mut flags: Vec<(String, String)> = shaping.iter().map(own).collect();
    for pair in step.into_iter().flat_map(|step| &step.env) {
        if flags.iter().all(|(key, _)| *key != pair.0) {
            flags.push(pair.clone());
        }
    }
    flags.push(own(&("CLUSTER", s.cluster.as_str())));
    flags.extend(version.map(|version| own(&("BOOTSTRAP_VERSION", version.as_str()))));
    flags
}

#[expect(
    clippy::expect_used,
    reason = "both names are literals of this file; the snapshots build every one of them"
)]
fn phase(name: &str, build_id: &str, flags: Vec<(String, String)>) -> Recording {
    let phase: Phase = name.parse().expect("a literal phase");
    let build_id = build_id.parse().expect("a literal build id");
    Recording::Phase(PhasePlan { phase, build_id, flags, log_suffix: None })
}
