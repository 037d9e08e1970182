//! What each target runs: the contract's commands, arguments, environment and order, as the
//! programs that were started saw them.

use crate::support::Scene;

/// What the programs saw of `xtask arguments…`, which must succeed: `$ program`, `- argument`,
/// `+ VARIABLE=added to the environment`.
#[track_caller]
fn calls(arguments: &[&str]) -> String {
    let scene = Scene::new().recorders();
    scene.xtask(arguments).exits(0);
    scene.calls()
}

/// The same, as one command a line.
#[track_caller]
fn commands(arguments: &[&str]) -> String {
    let scene = Scene::new().recorders();
    scene.xtask(arguments).exits(0);
    scene.commands().join("\n")
}

#[test]
fn apply_persistent() {
    insta::assert_snapshot!(calls(&["apply-persistent"]), @r"
    $ terraform
    - -chdir=envs/dev
    - apply
    - -auto-approve
    - -var=cluster_lifecycle=persistent
    - -var=enable_k8s_resources=true
    - -var=apply_kubernetes_addons=false
    ");
}

#[test]
fn without_approval_terraform_is_left_to_ask() {
    insta::assert_snapshot!(commands(&["apply-persistent", "TF_AUTO_APPROVE=false", "TF_BIN=tofu"]), @"tofu -chdir=envs/dev apply -var=cluster_lifecycle=persistent -var=enable_k8s_resources=true -var=apply_kubernetes_addons=false");
    insta::assert_snapshot!(commands(&["rds-apply", "--tf-auto-approve", "false"]), @"terraform -chdir=envs/dev-rds apply");
}

#[test]
fn bootstrap_persistent() {
    insta::assert_snapshot!(calls(&["bootstrap-persistent"]), @r"
    $ bash
    - bootstrap/10_bootstrap/goldenpath-idp-bootstrap-v3.sh
    - goldenpath-dev-eks
    - eu-west-2
    - kong-system
    + COMPACT_OUTPUT=false
    + ENV_NAME=dev
    + NODE_INSTANCE_TYPE=t3.small
    + SCALE_DOWN_AFTER_BOOTSTRAP=false
    + SKIP_ARGO_SYNC_WAIT=true
    + SKIP_CERT_MANAGER_VALIDATION=true
    + TF_DIR=envs/dev
    ");
}

#[test]
fn bootstrap_persistent_v4() {
    let expected = calls(&["bootstrap-persistent-v4", "TF_AUTO_APPROVE=false"]);
    insta::assert_snapshot!(expected, @r"
    $ bash
    - bootstrap/10_bootstrap/goldenpath-idp-bootstrap-v4.sh
    + BUILD_ID=persistent
    + LIFECYCLE=persistent
    + REGION=eu-west-2
    + SKIP_ARGO_SYNC_WAIT=true
    + TF_AUTO_APPROVE=true
    + TF_DIR=envs/dev
    ");
    assert_eq!(calls(&["bootstrap-persistent", "BOOTSTRAP_VERSION=v4"]), expected);
}

#[test]
fn every_version_has_a_script() {
    let script =
        |version: &str| commands(&["bootstrap-persistent", "--bootstrap-version", version]);
    let directory = "bash bootstrap/10_bootstrap/goldenpath-idp-bootstrap";
    let arguments = "goldenpath-dev-eks eu-west-2 kong-system";
    assert_eq!(script("v1"), format!("{directory}.sh {arguments}"));
    assert_eq!(script("v2"), format!("{directory}-v2.sh {arguments}"));
    assert_eq!(script("v3"), format!("{directory}-v3.sh {arguments}"));
    assert_eq!(script("v4"), format!("{directory}-v4.sh"));
}

#[test]
fn what_is_given_reaches_the_step() {
    let given = [
        "bootstrap-persistent",
        "ENV=staging",
        "REGION=us-east-1",
        "BOOTSTRAP_VERSION=v1",
        "KONG_NAMESPACE=kong",
        "NODE_INSTANCE_TYPE=m5.large",
        "ENV_NAME=stage",
        "SKIP_CERT_MANAGER_VALIDATION=false",
        "SKIP_ARGO_SYNC_WAIT=false",
        "COMPACT_OUTPUT=true",
        "SCALE_DOWN_AFTER_BOOTSTRAP=true",
        "TF_DIR=envs/other",
        "PERSISTENT_CLUSTER=mine",
    ];
    insta::assert_snapshot!(calls(&given), @r"
    $ bash
    - bootstrap/10_bootstrap/goldenpath-idp-bootstrap.sh
    - mine
    - us-east-1
    - kong
    + COMPACT_OUTPUT=true
    + ENV_NAME=stage
    + NODE_INSTANCE_TYPE=m5.large
    + SCALE_DOWN_AFTER_BOOTSTRAP=true
    + SKIP_ARGO_SYNC_WAIT=false
    + SKIP_CERT_MANAGER_VALIDATION=false
    + TF_DIR=envs/other
    ");
}

#[test]
fn the_cluster_comes_from_tfvars() {
    let scene = Scene::new().recorders();
    let scene = scene.file(
        "envs/dev/terraform.tfvars",
        "# cluster_name = \"not-me\"\ncluster_name = \"from-tfvars\"\n",
    );
    scene.xtask(&["bootstrap-persistent"]).exits(0);
    assert_eq!(
        scene.commands(),
        [
            "bash bootstrap/10_bootstrap/goldenpath-idp-bootstrap-v3.sh from-tfvars eu-west-2 kong-system"
        ]
    );
    assert_eq!(scene.rows()[0].flag("CLUSTER"), Some("from-tfvars"));
}

#[test]
fn databases() {
    assert_eq!(commands(&["rds-init"]), "terraform -chdir=envs/dev-rds init");
    assert_eq!(commands(&["rds-apply"]), "terraform -chdir=envs/dev-rds apply -auto-approve");
    insta::assert_snapshot!(commands(&["rds-deploy"]), @r"
    terraform -chdir=envs/dev-rds init
    bash scripts/rds_secrets_preflight.sh dev
    terraform -chdir=envs/dev-rds apply -auto-approve
    make rds-provision-auto ENV=dev RDS_MODE=standalone
    ");
    insta::assert_snapshot!(commands(&["rds-deploy", "RESTORE_SECRETS=false"]), @r"
    terraform -chdir=envs/dev-rds init
    terraform -chdir=envs/dev-rds apply -auto-approve
    make rds-provision-auto ENV=dev RDS_MODE=standalone
    ");
}

#[test]
fn verify() {
    insta::assert_snapshot!(calls(&["verify"]), @r"
    $ kubectl
    - get
    - nodes
    $ kubectl
    - -n
    - argocd
    - get
    - applications
    $ bash
    - scripts/preflight_secrets_check.sh
    - dev
    ");
}

#[test]
fn deploy_persistent_v3() {
    insta::assert_snapshot!(commands(&["deploy-persistent"]), @r"
    terraform -chdir=envs/dev apply -auto-approve -var=cluster_lifecycle=persistent -var=enable_k8s_resources=true -var=apply_kubernetes_addons=false
    terraform -chdir=envs/dev-rds init
    bash scripts/rds_secrets_preflight.sh dev
    terraform -chdir=envs/dev-rds apply -auto-approve
    make rds-provision-auto ENV=dev RDS_MODE=standalone
    bash bootstrap/10_bootstrap/goldenpath-idp-bootstrap-v3.sh goldenpath-dev-eks eu-west-2 kong-system
    kubectl get nodes
    kubectl -n argocd get applications
    bash scripts/preflight_secrets_check.sh dev
    ");
}

#[test]
fn deploy_persistent_v4() {
    insta::assert_snapshot!(commands(&["deploy-persistent", "BOOTSTRAP_VERSION=v4"]), @r"
    terraform -chdir=envs/dev-rds init
    bash scripts/rds_secrets_preflight.sh dev
    terraform -chdir=envs/dev-rds apply -auto-approve
    make rds-provision-auto ENV=dev RDS_MODE=standalone
    bash bootstrap/10_bootstrap/goldenpath-idp-bootstrap-v4.sh
    kubectl get nodes
    kubectl -n argocd get applications
    bash scripts/preflight_secrets_check.sh dev
    ");
    insta::assert_snapshot!(commands(&["deploy-persistent", "BOOTSTRAP_VERSION=v4", "CREATE_RDS=false"]), @r"
    bash bootstrap/10_bootstrap/goldenpath-idp-bootstrap-v4.sh
    kubectl get nodes
    kubectl -n argocd get applications
    bash scripts/preflight_secrets_check.sh dev
    ");
}

#[test]
fn deploy_persistent_without_a_database() {
    for (version, script) in [("v1", ""), ("v2", "-v2")] {
        let arguments = ["deploy-persistent", "CREATE_RDS=false", "--bootstrap-version", version];
        let expected = format!(
            "terraform -chdir=envs/dev apply -auto-approve -var=cluster_lifecycle=persistent \
             -var=enable_k8s_resources=true -var=apply_kubernetes_addons=false\n\
             bash bootstrap/10_bootstrap/goldenpath-idp-bootstrap{script}.sh goldenpath-dev-eks \
             eu-west-2 kong-system\n\
             kubectl get nodes\n\
             kubectl -n argocd get applications\n\
             bash scripts/preflight_secrets_check.sh dev"
        );
        assert_eq!(commands(&arguments), expected);
    }
}

#[test]
fn teardown_persistent() {
    insta::assert_snapshot!(calls(&["teardown-persistent", "CONFIRM_DESTROY=yes", "CLEANUP_ORPHANS=true"]), @r"
    $ bash
    - bootstrap/60_tear_down_clean_up/goldenpath-idp-teardown-v4.sh
    - goldenpath-dev-eks
    - eu-west-2
    + CLEANUP_ORPHANS=true
    + DELETE_RDS_INSTANCES=false
    + DELETE_SECRETS=false
    + RDS_SKIP_FINAL_SNAPSHOT=false
    + REMOVE_K8S_SA_FROM_STATE=true
    + TEARDOWN_CONFIRM=true
    + TF_AUTO_APPROVE=true
    + TF_DIR=envs/dev
    ");
}

/// The phases that have rows, in order, with build id and exit code.
fn phases(scene: &Scene) -> Vec<String> {
    let rows = scene.rows();
    rows.iter().map(|row| format!("{} {} {}", row.phase, row.build_id, row.exit_code)).collect()
}

#[test]
fn every_phase_of_the_contract_leaves_its_row() {
    let left = |arguments: &[&str]| {
        let scene = Scene::new().recorders();
        scene.xtask(arguments).exits(0);
        phases(&scene)
    };
    let (apply, rds) = ("apply-persistent persistent 0", "rds-apply rds 0");
    let (rds_deploy, bootstrap) = ("rds-deploy rds 0", "bootstrap-persistent persistent 0");
    let deploy = "deploy-persistent persistent 0";
    assert_eq!(left(&["deploy-persistent"]), [apply, rds, rds_deploy, bootstrap, deploy]);
    let v4 = ["deploy-persistent", "BOOTSTRAP_VERSION=v4"];
    assert_eq!(left(&v4), [rds, rds_deploy, bootstrap, deploy]);
    assert_eq!(left(&["bootstrap-persistent-v4"]), [bootstrap]);
    assert_eq!(left(&["rds-apply"]), [rds]);
    assert_eq!(left(&["rds-init"]), [""; 0]);
    assert_eq!(left(&["verify"]), [""; 0]);
    let teardown = ["teardown-persistent", "CONFIRM_DESTROY=yes"];
    assert_eq!(left(&teardown), ["teardown-persistent persistent 0"]);
}
