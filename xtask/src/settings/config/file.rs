//! The shape of xtask.toml as serde reads it. Values are still texts with their place.

use std::collections::BTreeMap;

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
pub(super) struct Environment {
    #[serde(default)]
    pub(super) variables: Variables,
    #[serde(default)]
    pub(super) steps: Steps,
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
