//! The commands of the contract, one function for each, with what an environment overrides.

use super::{Argv, Interaction, OnFailure, RequiredDirectory, Step, TimeLimit};
use crate::settings::{BootstrapVersion, InnerPath, Settings, Switch};

/// A step that stops its target when it fails, without an environment of its own. `own` replaces
/// the contract's command where xtask.toml says so.
fn step(name: &'static str, own: Option<&Argv>, limit: Option<TimeLimit>, contract: Argv) -> Step {
    Step {
        name,
        argv: own.cloned().unwrap_or(contract),
        env: Vec::new(),
        on_failure: OnFailure::Stop,
        requires: None,
        interaction: Interaction::Unattended,
        limit,
    }
}

fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

fn script<'a>(path: &'a InnerPath, args: impl IntoIterator<Item = &'a str>) -> Argv {
    Argv::new("bash", std::iter::once(path.as_str()).chain(args))
}

/// Terraform's apply in `envs/<directory>`; without approval it asks on the terminal.
fn apply(
    name: &'static str,
    own: Option<&Argv>,
    limit: Option<TimeLimit>,
    s: &Settings,
    directory: &str,
    vars: &[&str],
) -> Step {
    let mut args = vec![format!("-chdir=envs/{directory}"), "apply".to_owned()];
    let interaction = match s.tf_auto_approve {
        Switch::On => {
            args.push("-auto-approve".to_owned());
            Interaction::Unattended
        }
        Switch::Off => Interaction::Asks,
    };
    args.extend(vars.iter().map(|&var| var.to_owned()));
    Step { interaction, ..step(name, own, limit, Argv::new(s.tf_bin.as_str(), args)) }
}

pub(super) fn cluster_apply(s: &Settings) -> Step {
    let vars = [
        "-var=cluster_lifecycle=persistent",
        "-var=enable_k8s_resources=true",
        "-var=apply_kubernetes_addons=false",
    ];
    apply("apply", s.overrides.apply.as_ref(), s.limits.apply, s, s.environment.as_str(), &vars)
}

/// The bootstrap of v1 to v3.
pub(super) fn bootstrap(s: &Settings) -> Step {
    let args = [s.cluster.as_str(), s.region.as_str(), s.kong_namespace.as_str()];
    let contract = script(bootstrap_script(s, s.bootstrap_version), args);
    let env = pairs([
        ("SKIP_ARGO_SYNC_WAIT", s.skip_argo_sync_wait.as_str()),
        ("NODE_INSTANCE_TYPE", s.node_instance_type.as_str()),
        ("ENV_NAME", s.env_name.as_str()),
        ("SKIP_CERT_MANAGER_VALIDATION", s.skip_cert_manager_validation.as_str()),
        ("COMPACT_OUTPUT", s.compact_output.as_str()),
        ("SCALE_DOWN_AFTER_BOOTSTRAP", s.scale_down_after_bootstrap.as_str()),
        ("TF_DIR", s.tf_dir.as_str()),
    ]);
    Step { env, ..step("bootstrap", s.overrides.bootstrap.as_ref(), s.limits.bootstrap, contract) }
}

/// The bootstrap of v4. Its Terraform root is the environment's, whatever `TF_DIR` says.
pub(super) fn bootstrap_v4(s: &Settings) -> Step {
    let contract = script(bootstrap_script(s, BootstrapVersion::V4), []);
    let env = pairs([
        ("TF_DIR", &format!("envs/{}", s.environment)),
        ("REGION", s.region.as_str()),
        ("LIFECYCLE", "persistent"),
        ("BUILD_ID", "persistent"),
        ("TF_AUTO_APPROVE", "true"),
        ("SKIP_ARGO_SYNC_WAIT", s.skip_argo_sync_wait.as_str()),
    ]);
    Step { env, ..step("bootstrap", s.overrides.bootstrap.as_ref(), s.limits.bootstrap, contract) }
}

fn bootstrap_script(s: &Settings, version: BootstrapVersion) -> &InnerPath {
    let [v1, v2, v3, v4] = &s.scripts.bootstrap;
    match version {
        BootstrapVersion::V1 => v1,
        BootstrapVersion::V2 => v2,
        BootstrapVersion::V3 => v3,
        BootstrapVersion::V4 => v4,
    }
}

/// Terraform's init needs the database's root; a command of the repository's own may not.
pub(super) fn rds_init(s: &Settings) -> Step {
    let root = format!("envs/{}-rds", s.environment);
    let contract = Argv::new(s.tf_bin.as_str(), [format!("-chdir={root}"), "init".to_owned()]);
    let requires = match &s.overrides.rds_init {
        Some(_) => None,
        None => Some(RequiredDirectory {
            path: s.platform_root.join(&root),
            hint: format!(
                "environment {} has no database of its own: create {root}, or deploy with \
                CREATE_RDS=false",
                s.environment
            ),
        }),
    };
    Step {
        requires,
        ..step("rds-init", s.overrides.rds_init.as_ref(), s.limits.rds_init, contract)
    }
}

pub(super) fn rds_preflight(s: &Settings) -> Step {
    let contract = script(&s.scripts.rds_preflight, [s.environment.as_str()]);
    step("rds-preflight", s.overrides.rds_preflight.as_ref(), s.limits.rds_preflight, contract)
}

pub(super) fn rds_apply(s: &Settings) -> Step {
    apply(
        "rds-apply",
        s.overrides.rds_apply.as_ref(),
        s.limits.rds_apply,
        s,
        &format!("{}-rds", s.environment),
        &[],
    )
}

/// A private database cannot be reached from a workstation, so this may fail.
pub(super) fn rds_provision(s: &Settings) -> Step {
    let args = [
        "rds-provision-auto".to_owned(),
        format!("ENV={}", s.environment),
        "RDS_MODE=standalone".to_owned(),
    ];
    soft(step(
        "rds-provision",
        s.overrides.rds_provision.as_ref(),
        s.limits.rds_provision,
        Argv::new("make", args),
    ))
}

pub(super) fn verify(s: &Settings) -> Vec<Step> {
    if let Some(own) = &s.overrides.verify {
        return vec![soft(step("verify", None, s.limits.verify, own.clone()))];
    }
    let secrets = script(&s.scripts.secrets_check, [s.environment.as_str()]);
    vec![
        soft(step("verify-nodes", None, s.limits.verify, Argv::new("kubectl", ["get", "nodes"]))),
        soft(step(
            "verify-applications",
            None,
            s.limits.verify,
            Argv::new("kubectl", ["-n", "argocd", "get", "applications"]),
        )),
        soft(step("verify-secrets", None, s.limits.verify, secrets)),
    ]
}

pub(super) fn teardown(s: &Settings) -> Step {
    let contract = script(&s.scripts.teardown, [s.cluster.as_str(), s.region.as_str()]);
    let env = pairs([
        ("TEARDOWN_CONFIRM", "true"),
        ("TF_DIR", s.tf_dir.as_str()),
        ("TF_AUTO_APPROVE", "true"),
        ("REMOVE_K8S_SA_FROM_STATE", "true"),
        ("DELETE_RDS_INSTANCES", "false"),
        ("RDS_SKIP_FINAL_SNAPSHOT", "false"),
        ("DELETE_SECRETS", "false"),
        ("CLEANUP_ORPHANS", s.cleanup_orphans.as_str()),
    ]);
    Step { env, ..step("teardown", s.overrides.teardown.as_ref(), s.limits.teardown, contract) }
}

fn soft(step: Step) -> Step {
    Step { on_failure: OnFailure::Warn, ..step }
}
