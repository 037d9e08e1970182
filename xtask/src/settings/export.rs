//! Where runs are told of, beside the registry: off, unless the repository or the variables of
//! OpenTelemetry say otherwise.
//!
//! What is wrong with a variable of OpenTelemetry is no reason to refuse a run: whoever sends finds
//! it out. Headers, which may be secrets, are not read here and never written down.

use std::path::{Path, PathBuf};

use super::config::ExportConfig;
use super::{
    Emf, EnvSnapshot, HttpUrl, RegistrySettings, SettingsError, Switch, TimeLimit, find, resolve,
};

/// What a run exports, and where to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exports {
    /// Traces over OTLP. The variables of OpenTelemetry say where to.
    pub otlp: Switch,
    /// A Pushgateway.
    pub pushgateway: Option<HttpUrl>,
    /// A file of metrics, absolute.
    pub metrics_file: Option<PathBuf>,
    /// Lines for CloudWatch.
    pub emf: Emf,
    /// How long one request may take, unless a variable of OpenTelemetry says otherwise.
    pub timeout: TimeLimit,
}

/// What the commands about exports work with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportSettings {
    /// Where the registry is, beside which runs wait to be exported.
    pub registry: RegistrySettings,
    /// What is exported.
    pub exports: Exports,
}

impl Exports {
    /// What `config` and the environment say for the repository at `root`.
    #[must_use]
    pub fn resolve(config: &ExportConfig, environment: &EnvSnapshot, root: &Path) -> Self {
        Self {
            otlp: otlp(config.otlp, environment),
            pushgateway: config.pushgateway.clone(),
            metrics_file: config.metrics_file.as_ref().map(|path| root.join(path.as_str())),
            emf: config.emf.unwrap_or(Emf::Off),
            timeout: config.timeout.unwrap_or(TimeLimit::OF_A_REQUEST),
        }
    }
}

/// The SDK of OpenTelemetry sends traces unless it is told not to; xtask sends them only when an
/// endpoint is named, so that a variable for other programs is needed before anything leaves.
fn otlp(said: Option<Switch>, environment: &EnvSnapshot) -> Switch {
    let text = |key: &str| environment.get(key).and_then(|value| value.to_str()).map(str::trim);
    let is = |key: &str, word: &str| text(key).is_some_and(|text| text.eq_ignore_ascii_case(word));
    let named = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"]
        .iter()
        .any(|key| text(key).is_some_and(|text| !text.is_empty()));
    let off = is("OTEL_SDK_DISABLED", "true") || is("OTEL_TRACES_EXPORTER", "none");
    match (off, said, named) {
        (false, Some(Switch::On), _) | (false, None, true) => Switch::On,
        _ => Switch::Off,
    }
}

/// The settings of this process for the commands about exports.
///
/// # Errors
///
/// When the repository or its xtask.toml cannot be used, or a value is not valid.
pub fn load_export(
    repo: Option<&Path>,
    environment: &EnvSnapshot,
    working_directory: &Path,
) -> Result<ExportSettings, SettingsError> {
    let (root, config) = find(repo, working_directory)?;
    let exports = Exports::resolve(&config.export, environment, &root);
    Ok(ExportSettings { registry: resolve::registry(environment, &config, root)?, exports })
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    fn exports(file: &str, variables: &[(&str, &str)]) -> Exports {
        let config = Config::parse(file, Path::new("/repo/xtask.toml")).unwrap();
        Exports::resolve(&config.export, &variables.iter().copied().collect(), Path::new("/repo"))
    }

    #[test]
    fn nothing_is_exported_unless_somebody_says_so() {
        let nothing = Exports {
            otlp: Switch::Off,
            pushgateway: None,
            metrics_file: None,
            emf: Emf::Off,
            timeout: TimeLimit::OF_A_REQUEST,
        };
        assert_eq!(exports("", &[]), nothing);
        assert_eq!(exports("[export]", &[("OTEL_EXPORTER_OTLP_ENDPOINT", "")]), nothing);
        let file = "[export]\notlp = true\npushgateway = \"http://127.0.0.1:9091\"\n\
            metrics_file = \"out/xtask.prom\"\nemf = \"stdout\"\ntimeout = \"3s\"";
        let all = exports(file, &[]);
        assert_eq!(all.otlp, Switch::On);
        assert_eq!(all.pushgateway.unwrap().as_str(), "http://127.0.0.1:9091");
        assert_eq!(all.metrics_file.unwrap(), Path::new("/repo/out/xtask.prom"));
        assert_eq!((all.emf, all.timeout.to_string().as_str()), (Emf::Stdout, "3s"));
    }

    #[test]
    fn an_endpoint_turns_traces_on_and_a_no_from_anybody_turns_them_off() {
        const GENERAL: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://x:4318");
        const TRACES: (&str, &str) = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://x/v1/traces");
        const DISABLED: (&str, &str) = ("OTEL_SDK_DISABLED", "True");
        const NONE: (&str, &str) = ("OTEL_TRACES_EXPORTER", "none");
        let on = "[export]\notlp = true";
        let off = "[export]\notlp = false";
        for (file, variables, expected) in [
            ("", &[GENERAL][..], Switch::On),
            ("", &[TRACES], Switch::On),
            (on, &[], Switch::On),
            (off, &[GENERAL, TRACES], Switch::Off),
            (on, &[DISABLED], Switch::Off),
            ("", &[GENERAL, DISABLED], Switch::Off),
            ("", &[GENERAL, NONE], Switch::Off),
            ("", &[GENERAL, ("OTEL_SDK_DISABLED", "1")], Switch::On),
        ] {
            assert_eq!(exports(file, variables).otlp, expected, "{file} {variables:?}");
        }
    }

    #[test]
    fn an_address_is_one_that_can_be_asked_and_committed() {
        for text in ["http://x", "https://x:9091/a/b", "http://[::1]:9091"] {
            assert!(text.parse::<HttpUrl>().is_ok(), "{text}");
        }
        for text in ["", "x:9091", "ftp://x", "http://", "http:///a", "http://a b", "http://u:p@x"]
        {
            assert!(text.parse::<HttpUrl>().is_err(), "{text}");
        }
    }
}
