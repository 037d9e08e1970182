//! The shapes of xtask.toml and epochs.toml as serde reads them. Values are still texts with their place.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use serde::Deserialize;
use toml::Spanned;

pub(super) type Variables = BTreeMap<Spanned<String>, Spanned<String>>;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) default_env: Option<Spanned<String>>,
    pub(super) platform_root: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) variables: Variables,
    #[serde(default)]
    pub(super) scripts: Scripts,
    #[serde(default)]
    pub(super) registry: Registry,
    #[serde(default)]
    pub(super) check: Check,
    #[serde(default)]
    pub(super) export: Export,
    #[serde(default)]
    pub(super) timeouts: Timeouts,
    #[serde(default)]
    pub(super) slo: Vec<Slo>,
    #[serde(default)]
    pub(super) stage: Vec<Stage>,
    #[serde(default)]
    pub(super) env: BTreeMap<Spanned<String>, Environment>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Scripts {
    pub(super) bootstrap_v1: Option<Spanned<String>>,
    pub(super) bootstrap_v2: Option<Spanned<String>>,
    pub(super) bootstrap_v3: Option<Spanned<String>>,
    pub(super) bootstrap_v4: Option<Spanned<String>>,
    pub(super) teardown: Option<Spanned<String>>,
    pub(super) rds_preflight: Option<Spanned<String>>,
    pub(super) secrets_check: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Registry {
    pub(super) branch: Option<Spanned<String>>,
    pub(super) remote: Option<Spanned<String>>,
    pub(super) push: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Check {
    pub(super) relative: Option<Spanned<String>>,
    pub(super) absolute: Option<Spanned<String>>,
    pub(super) minimum_samples: Option<NonZeroUsize>,
    pub(super) baseline: Option<NonZeroUsize>,
    pub(super) mode: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Export {
    pub(super) otlp: Option<bool>,
    pub(super) pushgateway: Option<Spanned<String>>,
    pub(super) metrics_file: Option<Spanned<String>>,
    pub(super) emf: Option<Spanned<String>>,
    pub(super) timeout: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Slo {
    pub(super) phase: Spanned<String>,
    pub(super) env: Option<Spanned<String>>,
    pub(super) window: Spanned<String>,
    pub(super) success_rate: Option<Spanned<String>>,
    pub(super) duration: Option<Spanned<String>>,
    pub(super) percentile: Option<Spanned<f64>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stage {
    pub(super) start: Spanned<String>,
    pub(super) end: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Environment {
    #[serde(default)]
    pub(super) variables: Variables,
    #[serde(default)]
    pub(super) steps: Steps,
    #[serde(default)]
    pub(super) timeouts: Timeouts,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Steps {
    pub(super) apply: Option<Spanned<Vec<String>>>,
    pub(super) bootstrap: Option<Spanned<Vec<String>>>,
    pub(super) rds_init: Option<Spanned<Vec<String>>>,
    pub(super) rds_preflight: Option<Spanned<Vec<String>>>,
    pub(super) rds_apply: Option<Spanned<Vec<String>>>,
    pub(super) rds_provision: Option<Spanned<Vec<String>>>,
    pub(super) verify: Option<Spanned<Vec<String>>>,
    pub(super) teardown: Option<Spanned<Vec<String>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Timeouts {
    pub(super) grace: Option<Spanned<String>>,
    pub(super) apply: Option<Spanned<String>>,
    pub(super) bootstrap: Option<Spanned<String>>,
    pub(super) rds_init: Option<Spanned<String>>,
    pub(super) rds_preflight: Option<Spanned<String>>,
    pub(super) rds_apply: Option<Spanned<String>>,
    pub(super) rds_provision: Option<Spanned<String>>,
    pub(super) verify: Option<Spanned<String>>,
    pub(super) teardown: Option<Spanned<String>>,
}

/// epochs.toml
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Epochs {
    #[serde(default)]
    pub(super) epoch: Vec<Epoch>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Epoch {
    pub(super) since: Spanned<String>,
    pub(super) why: Spanned<String>,
    pub(super) env: Option<Spanned<String>>,
    pub(super) phase: Option<Spanned<String>>,
}
