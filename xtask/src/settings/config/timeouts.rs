//! `[timeouts]`: how long steps may take.

use toml::Spanned;

use super::reader::Reader;
use super::{ConfigError, file};
use crate::settings::limit::StepLimits;

impl Reader<'_> {
    pub(super) fn timeouts(&self, file: file::Timeouts) -> Result<StepLimits, ConfigError> {
        let limit = |text: Option<Spanned<String>>| text.map(|text| self.value(text)).transpose();
        Ok(StepLimits {
            grace: limit(file.grace)?,
            apply: limit(file.apply)?,
            bootstrap: limit(file.bootstrap)?,
            rds_init: limit(file.rds_init)?,
            rds_preflight: limit(file.rds_preflight)?,
            rds_apply: limit(file.rds_apply)?,
            rds_provision: limit(file.rds_provision)?,
            verify: limit(file.verify)?,
            teardown: limit(file.teardown)?,
        })
    }
}
