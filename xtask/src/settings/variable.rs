//! The contract's variables. One entry of the table drives the flag, the environment variable, the
//! `KEY=VALUE` argument, the key in `[variables]` of xtask.toml, the help and the suggestions.
//!
//! Names and texts only; what a value may look like is said where settings are resolved.

use super::nearest::nearest;
use super::table::{Spec, TABLE};

/// A variable of the contract. The order is that of the help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Variable {
    /// `ENV`
    Env,
    /// `REGION`
    Region,
    /// `TF_BIN`
    TfBin,
    /// `TF_DIR`
    TfDir,
    /// `TF_AUTO_APPROVE`
    TfAutoApprove,
    /// `PERSISTENT_CLUSTER`
    PersistentCluster,
    /// `BOOTSTRAP_VERSION`
    BootstrapVersion,
    /// `KONG_NAMESPACE`
    KongNamespace,
    /// `NODE_INSTANCE_TYPE`
    NodeInstanceType,
    /// `ENV_NAME`
    EnvName,
    /// `SKIP_CERT_MANAGER_VALIDATION`
    SkipCertManagerValidation,
    /// `SKIP_ARGO_SYNC_WAIT`
    SkipArgoSyncWait,
    /// `SCALE_DOWN_AFTER_BOOTSTRAP`
    ScaleDownAfterBootstrap,
    /// `CREATE_RDS`
    CreateRds,
    /// `RESTORE_SECRETS`
    RestoreSecrets,
    /// `CONFIRM_DESTROY`
    ConfirmDestroy,
    /// `CLEANUP_ORPHANS`
    CleanupOrphans,
    /// `COMPACT_OUTPUT`
    CompactOutput,
}

impl Variable {
    /// Every variable, in the order of the help.
    pub const ALL: [Self; 18] = [
        Self::Env,
        Self::Region,
        Self::TfBin,
        Self::TfDir,
        Self::TfAutoApprove,
        Self::PersistentCluster,
        Self::BootstrapVersion,
        Self::KongNamespace,
        Self::NodeInstanceType,
        Self::EnvName,
        Self::SkipCertManagerValidation,
        Self::SkipArgoSyncWait,
        Self::ScaleDownAfterBootstrap,
        Self::CreateRds,
        Self::RestoreSecrets,
        Self::ConfirmDestroy,
        Self::CleanupOrphans,
        Self::CompactOutput,
    ];

    /// Its entry in the table.
    #[must_use]
    pub fn spec(self) -> &'static Spec {
        &TABLE[self as usize]
    }

    /// Its name in the environment, in `KEY=VALUE` and in xtask.toml.
    #[must_use]
    pub fn key(self) -> &'static str {
        self.spec().key
    }

    /// The variable of that name, exactly as it is spelt.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|variable| variable.key() == key)
    }
}

/// The variable whose key is nearest to `key`.
#[must_use]
pub(super) fn nearest_key(key: &str) -> Option<&'static str> {
    nearest(key, Variable::ALL.into_iter().map(Variable::key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_variable_finds_its_own_entry() {
        for (index, variable) in Variable::ALL.into_iter().enumerate() {
            assert_eq!(variable as usize, index);
            let spelt = format!("{variable:?}").to_ascii_lowercase();
            assert_eq!(spelt, variable.key().replace('_', "").to_ascii_lowercase());
            assert_eq!(variable.spec().flag, variable.key().to_ascii_lowercase().replace('_', "-"));
            assert_eq!(Variable::from_key(variable.key()), Some(variable));
        }
        assert_eq!(TABLE.len(), Variable::ALL.len());
    }
}
