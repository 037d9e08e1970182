//! The names of the deployment targets, and what the help says of each.

use crate::settings::Heading;

/// A deployment target, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetName {
    /// `deploy-persistent`
    DeployPersistent,
    /// `apply-persistent`
    ApplyPersistent,
    /// `bootstrap-persistent`
    BootstrapPersistent,
    /// `bootstrap-persistent-v4`
    BootstrapPersistentV4,
    /// `rds-init`
    RdsInit,
    /// `rds-apply`
    RdsApply,
    /// `rds-deploy`
    RdsDeploy,
    /// `verify`
    Verify,
    /// `teardown-persistent`
    TeardownPersistent,
}

/// What the help says of a target.
#[derive(Debug, Clone, Copy)]
pub struct TargetHelp {
    /// One line.
    pub about: &'static str,
    /// What it runs, what it records, how it fails.
    pub details: &'static str,
    /// What to type after the name.
    pub examples: &'static [&'static str],
    /// The groups of variables that matter to it; the others are accepted and not listed.
    pub headings: &'static [Heading],
}

impl TargetName {
    /// Every target, in the order of the help.
    pub const ALL: [Self; 9] = [
        Self::DeployPersistent,
        Self::ApplyPersistent,
        Self::BootstrapPersistent,
        Self::BootstrapPersistentV4,
        Self::RdsDeploy,
        Self::RdsInit,
        Self::RdsApply,
        Self::Verify,
        Self::TeardownPersistent,
    ];

    /// As it is typed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DeployPersistent => "deploy-persistent",
            Self::ApplyPersistent => "apply-persistent",
            Self::BootstrapPersistent => "bootstrap-persistent",
            Self::BootstrapPersistentV4 => "bootstrap-persistent-v4",
            Self::RdsInit => "rds-init",
            Self::RdsApply => "rds-apply",
            Self::RdsDeploy => "rds-deploy",
            Self::Verify => "verify",
            Self::TeardownPersistent => "teardown-persistent",
        }
    }

    /// The target of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|target| target.as_str() == name)
    }

    /// What the help says of it.
    #[must_use]
    pub fn help(self) -> TargetHelp {
        use Heading::{Bootstrap, Cluster, Deployment, Output, Rds, Teardown};
        match self {
            Self::DeployPersistent => TargetHelp {
                about: "Build the cluster, its database and what runs on it",
                details: "v1 to v3 run apply-persistent, rds-deploy, bootstrap-persistent and \
                    verify; v4, whose script runs Terraform itself, runs rds-deploy, \
                    bootstrap-persistent-v4 and verify. CREATE_RDS=false leaves rds-deploy out. \
                    The first failure stops the rest. Each phase, and the deployment as a whole, \
                    leaves a row in the registry. One that failed is taken up with --from PHASE: \
                    any of the targets that it runs, as --dry-run shows them. Its rows say so, and \
                    are compared with none of a whole deployment.",
                examples: &[
                    "",
                    "ENV=dev BOOTSTRAP_VERSION=v4 CREATE_RDS=false",
                    "--env dev --dry-run",
                    "ENV=dev --timeout 45m",
                    "ENV=dev --from bootstrap-persistent",
                ],
                headings: &[Deployment, Cluster, Bootstrap, Rds, Output],
            },
            Self::ApplyPersistent => TargetHelp {
                about: "Apply the cluster's Terraform root",
                details: "Applies envs/<ENV>, without Kubernetes add-ons. With \
                    TF_AUTO_APPROVE=false Terraform asks on the terminal. Leaves a row in the \
                    registry.",
                examples: &["ENV=dev", "ENV=dev TF_BIN=tofu TF_AUTO_APPROVE=false"],
                headings: &[Deployment, Cluster, Output],
            },
            Self::BootstrapPersistent => TargetHelp {
                about: "Bootstrap what runs on the cluster",
                details: "Runs the script of BOOTSTRAP_VERSION; with v4 this is \
                    bootstrap-persistent-v4. Leaves a row in the registry.",
                examples: &["ENV=dev", "ENV=dev BOOTSTRAP_VERSION=v2 NODE_INSTANCE_TYPE=t3.large"],
                headings: &[Deployment, Cluster, Bootstrap, Output],
            },
            Self::BootstrapPersistentV4 => TargetHelp {
                about: "Build and bootstrap the cluster with the v4 script",
                details: "The script runs Terraform itself. Leaves a row in the registry, under \
                    the phase bootstrap-persistent.",
                examples: &["ENV=dev REGION=eu-west-2"],
                headings: &[Deployment, Cluster, Bootstrap, Output],
            },
            Self::RdsDeploy => TargetHelp {
                about: "Build and provision the database",
                details: "Runs rds-init, the secrets preflight (unless RESTORE_SECRETS=false), \
                    rds-apply and the provisioning. Provisioning may fail, since a private \
                    database cannot be reached from everywhere: that is a warning. rds-apply and \
                    rds-deploy each leave a row in the registry.",
                examples: &["ENV=dev", "ENV=dev RESTORE_SECRETS=false"],
                headings: &[Deployment, Cluster, Rds, Output],
            },
            Self::RdsInit => TargetHelp {
                about: "Initialise the database's Terraform root",
                details: "The root, envs/<ENV>-rds, has to exist. Leaves no row.",
                examples: &["ENV=dev"],
                headings: &[Deployment, Output],
            },
            Self::RdsApply => TargetHelp {
                about: "Apply the database's Terraform root",
                details: "Applies envs/<ENV>-rds. With TF_AUTO_APPROVE=false Terraform asks on \
                    the terminal. Leaves a row in the registry.",
                examples: &["ENV=dev"],
                headings: &[Deployment, Cluster, Output],
            },
            Self::Verify => TargetHelp {
                about: "Look at the cluster's nodes, applications and secrets",
                details: "A check that fails is a warning, never a failure. Leaves no row.",
                examples: &["ENV=dev"],
                headings: &[Deployment, Output],
            },
            Self::TeardownPersistent => TargetHelp {
                about: "Destroy the cluster (needs CONFIRM_DESTROY=yes)",
                details: "Refuses unless CONFIRM_DESTROY is exactly `yes`, and then says what \
                    would be destroyed and which command confirms. Databases and secrets are \
                    kept. Leaves a row in the registry.",
                examples: &["ENV=dev", "ENV=dev CONFIRM_DESTROY=yes"],
                headings: &[Deployment, Cluster, Teardown, Output],
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_is_found_by_its_name() {
        for target in TargetName::ALL {
            assert_eq!(TargetName::from_name(target.as_str()), Some(target));
        }
        assert_eq!(TargetName::from_name("deploy"), None);
    }
}
