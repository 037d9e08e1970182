//! The table itself: one entry for each variable, in the order of
//! [`Variable`](super::Variable), which a test holds it to.

/// The group that a variable is listed under in the help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heading {
    /// What is deployed, where, and by which binary.
    Deployment,
    /// The cluster's name.
    Cluster,
    /// What the bootstrap scripts read.
    Bootstrap,
    /// The database.
    Rds,
    /// Destroying.
    Teardown,
    /// What is shown and what is kept.
    Output,
}

impl Heading {
    /// The heading as the help prints it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Deployment => "Deployment",
            Self::Cluster => "Cluster",
            Self::Bootstrap => "Bootstrap",
            Self::Rds => "RDS",
            Self::Teardown => "Teardown",
            Self::Output => "Output and recording",
        }
    }
}

/// What holds when nobody says anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// This text.
    Fixed(&'static str),
    /// A text that depends on other settings, described for the help.
    Derived(&'static str),
    /// Nothing.
    Unset,
}

/// Whether xtask.toml may set a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InFile {
    /// It may.
    Allowed,
    /// It may not, and this is what to do instead.
    Refused(&'static str),
}

/// One entry of the table.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// The name in the environment, in `KEY=VALUE` and in xtask.toml.
    pub key: &'static str,
    /// The long flag, without its dashes.
    pub flag: &'static str,
    /// What the help calls the value.
    pub value_name: &'static str,
    /// What holds otherwise.
    pub fallback: Fallback,
    /// Where the help lists it.
    pub heading: Heading,
    /// Whether xtask.toml may set it.
    pub in_file: InFile,
    /// One line for the help.
    pub help: &'static str,
}

const SWITCH: &str = "true|false";

pub(super) static TABLE: [Spec; 18] = {
    use Fallback::{Derived, Fixed, Unset};
    use Heading::{Bootstrap, Cluster, Deployment, Output, Rds, Teardown};
    [
        spec(
            "ENV",
            "env",
            "NAME",
            Fixed("dev"),
            Deployment,
            "Environment; its Terraform root is envs/<ENV>",
        )
        .not_in_file("the default environment is `default_env`, at the top of the file"),
        spec("REGION", "region", "REGION", Fixed("eu-west-2"), Deployment, "Cloud region"),
        spec(
            "TF_BIN",
            "tf-bin",
            "PROGRAM",
            Fixed("terraform"),
            Deployment,
            "Terraform-compatible binary, by name or path",
        ),
        spec(
            "TF_DIR",
            "tf-dir",
            "DIR",
            Derived("envs/<ENV>"),
            Deployment,
            "Terraform root handed to the scripts, relative to the platform root",
        ),
        spec(
            "TF_AUTO_APPROVE",
            "tf-auto-approve",
            SWITCH,
            Fixed("true"),
            Deployment,
            "Apply without asking; with `false` Terraform asks on the terminal",
        ),
        spec(
            "PERSISTENT_CLUSTER",
            "persistent-cluster",
            "NAME",
            Derived("cluster_name in envs/<ENV>/terraform.tfvars, else goldenpath-<ENV>-eks"),
            Cluster,
            "Name of the cluster",
        ),
        spec(
            "BOOTSTRAP_VERSION",
            "bootstrap-version",
            "v1|v2|v3|v4",
            Fixed("v3"),
            Bootstrap,
            "Generation of the bootstrap script; v4 runs Terraform itself",
        ),
        spec(
            "KONG_NAMESPACE",
            "kong-namespace",
            "NAME",
            Fixed("kong-system"),
            Bootstrap,
            "Namespace of the ingress (v1 to v3)",
        ),
        spec(
            "NODE_INSTANCE_TYPE",
            "node-instance-type",
            "TYPE",
            Fixed("t3.small"),
            Bootstrap,
            "Instance type of the nodes (v1 to v3)",
        ),
        spec(
            "ENV_NAME",
            "env-name",
            "NAME",
            Derived("<ENV>"),
            Bootstrap,
            "Name of the environment inside the cluster (v1 to v3)",
        ),
        spec(
            "SKIP_CERT_MANAGER_VALIDATION",
            "skip-cert-manager-validation",
            "VALUE",
            Fixed("true"),
            Bootstrap,
            "Handed to the script (v1 to v3)",
        ),
        spec(
            "SKIP_ARGO_SYNC_WAIT",
            "skip-argo-sync-wait",
            "VALUE",
            Fixed("true"),
            Bootstrap,
            "Handed to the script",
        ),
        spec(
            "SCALE_DOWN_AFTER_BOOTSTRAP",
            "scale-down-after-bootstrap",
            "VALUE",
            Fixed("false"),
            Bootstrap,
            "Handed to the script (v1 to v3)",
        ),
        spec(
            "CREATE_RDS",
            "create-rds",
            SWITCH,
            Fixed("true"),
            Rds,
            "Whether deploy-persistent runs rds-deploy",
        ),
        spec(
            "RESTORE_SECRETS",
            "restore-secrets",
            SWITCH,
            Fixed("true"),
            Rds,
            "Whether rds-deploy runs the secrets preflight",
        ),
        spec(
            "CONFIRM_DESTROY",
            "confirm-destroy",
            "yes",
            Unset,
            Teardown,
            "Must be exactly `yes` for teardown-persistent",
        )
        .not_in_file("a teardown is confirmed by who asks for it, each time"),
        spec(
            "CLEANUP_ORPHANS",
            "cleanup-orphans",
            "VALUE",
            Fixed("false"),
            Teardown,
            "Handed to the script",
        ),
        spec(
            "COMPACT_OUTPUT",
            "compact-output",
            SWITCH,
            Fixed("false"),
            Output,
            "One progress line instead of a step's output",
        ),
    ]
};

const fn spec(
    key: &'static str,
    flag: &'static str,
    value_name: &'static str,
    fallback: Fallback,
    heading: Heading,
    help: &'static str,
) -> Spec {
    Spec { key, flag, value_name, fallback, heading, in_file: InFile::Allowed, help }
}

impl Spec {
    const fn not_in_file(mut self, instead: &'static str) -> Self {
        self.in_file = InFile::Refused(instead);
        self
    }
}
