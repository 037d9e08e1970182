//! `[check]`: what a repository says of its regression gate.

use std::num::NonZeroUsize;

use timing_core::stats::Percent;

use super::reader::Reader;
use super::{ConfigError, file};
use crate::settings::span::Span;
use crate::settings::values::GateMode;

/// `[check]`; what is not said here has a default, and a flag wins over it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckConfig {
    /// `relative`: how much longer than the baseline is allowed.
    pub relative: Option<Percent>,
    /// `absolute`: how much longer is allowed whatever part of the baseline it is.
    pub absolute: Option<Span>,
    /// `minimum_samples`: how many runs are a baseline.
    pub minimum_samples: Option<NonZeroUsize>,
    /// `baseline`: of how many runs it is made at most.
    pub baseline: Option<NonZeroUsize>,
    /// `mode`
    pub mode: Option<GateMode>,
}

impl Reader<'_> {
    pub(super) fn check(&self, file: file::Check) -> Result<CheckConfig, ConfigError> {
        Ok(CheckConfig {
            relative: file.relative.map(|text| self.value(text)).transpose()?,
            absolute: file.absolute.map(|text| self.value(text)).transpose()?,
            minimum_samples: file.minimum_samples,
            baseline: file.baseline,
            mode: file.mode.map(|text| self.value(text)).transpose()?,
        })
    }
}
