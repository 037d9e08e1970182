//! `[export]`: where runs are told of, beside the registry.

use super::reader::Reader;
use super::{ConfigError, file};
use crate::settings::limit::TimeLimit;
use crate::settings::values::{Emf, HttpUrl, Switch, Text};

/// `[export]`; nothing is exported unless it is said here or by the variables of OpenTelemetry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExportConfig {
    /// `otlp`: traces, to where the variables of OpenTelemetry say.
    pub otlp: Option<Switch>,
    /// `pushgateway`: metrics, to a Pushgateway of Prometheus.
    pub pushgateway: Option<HttpUrl>,
    /// `metrics_file`: metrics, for node exporter's collector of text files; a relative path is
    /// below the repository.
    pub metrics_file: Option<Text>,
    /// `emf`: metrics, as lines that CloudWatch takes from a log.
    pub emf: Option<Emf>,
    /// `timeout`: how long one request may take.
    pub timeout: Option<TimeLimit>,
}

impl Reader<'_> {
    pub(super) fn export(&self, file: file::Export) -> Result<ExportConfig, ConfigError> {
        Ok(ExportConfig {
            otlp: file.otlp.map(|on| if on { Switch::On } else { Switch::Off }),
            pushgateway: file.pushgateway.map(|url| self.value(url)).transpose()?,
            metrics_file: file.metrics_file.map(|path| self.value(path)).transpose()?,
            emf: file.emf.map(|place| self.value(place)).transpose()?,
            timeout: file.timeout.map(|limit| self.value(limit)).transpose()?,
        })
    }
}
