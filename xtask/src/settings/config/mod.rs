//! xtask.toml: what a repository says about itself. A repository without one has the contract's
//! layout.
//!
//! This module is given a text and returns checked values, each with its line; which of them win
//! is decided elsewhere. epochs.toml is read in the same way.

mod check;
mod epochs;
mod file;
mod objective;
mod reader;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use timing_core::shown::shown;

use timing_core::record::Environment;

use super::source::Source;
use super::values::{Argv, InnerPath, Push};
use super::variable::Variable;
pub use check::CheckConfig;
pub use epochs::parse_epochs;
pub use objective::{Aim, Objective};
use reader::Reader;
use timing_core::git::{BranchName, RemoteName};

/// The name of the file, at the root of a repository.
pub const FILE_NAME: &str = "xtask.toml";

/// The name of the file of accepted changes, beside it.
pub const EPOCHS_NAME: &str = "epochs.toml";

/// A text from the file and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// The value as written.
    pub text: String,
    /// The file and the line.
    pub source: Source,
}

/// What xtask.toml says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// `ENV` when nobody names one.
    pub default_env: Option<Located>,
    /// Where the platform lies in the repository.
    pub platform_root: Option<InnerPath>,
    /// `[variables]`
    pub variables: BTreeMap<Variable, Located>,
    /// Where the scripts lie under the platform root.
    pub scripts: Scripts,
    /// `[registry] branch`
    pub branch: Option<BranchName>,
    /// `[registry] remote`
    pub remote: Option<RemoteName>,
    /// `[registry] push`
    pub push: Option<Push>,
    /// `[check]`
    pub check: CheckConfig,
    /// `[[slo]]`, one for each aim.
    pub objectives: Vec<Objective>,
    /// `[env.<name>]`
    pub environments: BTreeMap<Environment, EnvironmentConfig>,
}

/// What xtask.toml says of one environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EnvironmentConfig {
    /// `[env.<name>.variables]`
    pub variables: BTreeMap<Variable, Located>,
    /// `[env.<name>.steps]`
    pub steps: StepOverrides,
}

/// Where the scripts lie, relative to the platform root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scripts {
    /// The bootstrap script of each version, `v1` to `v4`.
    pub bootstrap: [InnerPath; 4],
    /// Tears a cluster down.
    pub teardown: InnerPath,
    /// Restores secrets before the database is applied.
    pub rds_preflight: InnerPath,
    /// Looks at the secrets afterwards.
    pub secrets_check: InnerPath,
}

impl Default for Scripts {
    fn default() -> Self {
        let bootstrap = |suffix: &str| {
            inner(&format!("bootstrap/10_bootstrap/goldenpath-idp-bootstrap{suffix}.sh"))
        };
        Self {
            bootstrap: [bootstrap(""), bootstrap("-v2"), bootstrap("-v3"), bootstrap("-v4")],
            teardown: inner("bootstrap/60_tear_down_clean_up/goldenpath-idp-teardown-v4.sh"),
            rds_preflight: inner("scripts/rds_secrets_preflight.sh"),
            secrets_check: inner("scripts/preflight_secrets_check.sh"),
        }
    }
}

#[expect(
    clippy::expect_used,
    reason = "the texts are the literals above; every test that makes default scripts parses all of them"
)]
fn inner(literal: &str) -> InnerPath {
    literal.parse().expect("a literal inner path")
}

/// Commands that replace a step's own, for one environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepOverrides {
    /// Terraform's apply of the cluster.
    pub apply: Option<Argv>,
    /// The bootstrap script, of whatever version.
    pub bootstrap: Option<Argv>,
    /// Terraform's init of the database.
    pub rds_init: Option<Argv>,
    /// The secrets preflight.
    pub rds_preflight: Option<Argv>,
    /// Terraform's apply of the database.
    pub rds_apply: Option<Argv>,
    /// The provisioning of the database.
    pub rds_provision: Option<Argv>,
    /// All three commands of the verification.
    pub verify: Option<Argv>,
    /// The teardown script.
    pub teardown: Option<Argv>,
}

/// Why xtask.toml or epochs.toml is not what it should be: file, line, reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    path: PathBuf,
    line: Option<usize>,
    reason: String,
}

impl ConfigError {
    /// The file as a whole cannot be used.
    #[must_use]
    pub fn of_file(path: &Path, reason: impl Into<String>) -> Self {
        Self { path: path.to_path_buf(), line: None, reason: reason.into() }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{} line {line}: {}", shown(&self.path), self.reason),
            None => write!(f, "{}: {}", shown(&self.path), self.reason),
        }
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads the text of the file at `path`.
    ///
    /// # Errors
    ///
    /// On TOML that does not parse, an unknown key, and a value that is not valid; always with the
    /// line. Values of variables are checked when they are used, as those of the environment are.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let reader = Reader { text, path };
        let file: file::File = toml::from_str(text).map_err(|error| reader.toml_error(&error))?;
        let mut environments = BTreeMap::new();
        for (name, environment) in file.env {
            let parsed = EnvironmentConfig {
                variables: reader.variables(environment.variables)?,
                steps: reader.steps(environment.steps)?,
            };
            environments.insert(reader.value(name)?, parsed);
        }
        Ok(Self {
            default_env: file.default_env.map(|value| reader.located(value)),
            platform_root: file.platform_root.map(|path| reader.value(path)).transpose()?,
            variables: reader.variables(file.variables)?,
            scripts: reader.scripts(file.scripts)?,
            branch: file.registry.branch.map(|name| reader.value(name)).transpose()?,
            remote: file.registry.remote.map(|name| reader.value(name)).transpose()?,
            push: file.registry.push.map(|policy| reader.value(policy)).transpose()?,
            check: reader.check(file.check)?,
            objectives: reader.objectives(file.slo)?,
            environments,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;
    use crate::settings::span::Span;
    use crate::settings::values::GateMode;

    fn error(text: &str) -> String {
        Config::parse(text, Path::new("/repo/xtask.toml")).unwrap_err().to_string()
    }

    #[test]
    fn everything_that_may_be_said_is_understood() {
        let config = Config::parse(
            r#"
default_env = "local"
platform_root = "testdata/platform"
[variables]
REGION = "eu-west-1"
[scripts]
bootstrap-v4 = "boot.sh"
[registry]
branch = "timings"
remote = "upstream"
push = "inbox"
[check]
relative = "12.5%"
absolute = "90s"
minimum_samples = 3
baseline = 10
mode = "error"
[[slo]]
phase = "deploy-persistent"
env = "dev"
window = "30d"
success_rate = "95%"
duration = "20m"
percentile = 90
[[slo]]
phase = "rds-apply"
window = "12w"
duration = "90s"
percentile = 99.5
[env.local.variables]
CREATE_RDS = "false"
[env.local.steps]
verify = ["bash", "verify.sh"]
"#,
            Path::new("xtask.toml"),
        )
        .unwrap();
        let local = &config.environments[&"local".parse().unwrap()];
        assert_eq!(config.default_env.unwrap().text, "local");
        assert_eq!(config.platform_root.unwrap().as_str(), "testdata/platform");
        assert_eq!(
            config.variables[&Variable::Region],
            Located {
                text: "eu-west-1".to_owned(),
                source: Source::File(PathBuf::from("xtask.toml"), 5)
            }
        );
        assert_eq!(config.scripts.bootstrap[3].as_str(), "boot.sh");
        assert_eq!(config.scripts.bootstrap[2], Scripts::default().bootstrap[2]);
        assert_eq!(config.branch.unwrap().as_str(), "timings");
        assert_eq!(config.remote.unwrap().as_str(), "upstream");
        assert_eq!(
            config.check,
            CheckConfig {
                relative: Some("12.5%".parse().unwrap()),
                absolute: Some(Span::of_seconds(90)),
                minimum_samples: NonZeroUsize::new(3),
                baseline: NonZeroUsize::new(10),
                mode: Some(GateMode::Error),
            }
        );
        let aims: Vec<String> = config
            .objectives
            .iter()
            .map(|o| format!("{} {} {}", o.phase, o.window, o.aim))
            .collect();
        assert_eq!(
            aims,
            [
                "deploy-persistent 30d 95% succeed",
                "deploy-persistent 30d 90% in 20m",
                "rds-apply 84d 99.5% in 90s"
            ]
        );
        assert_eq!(config.objectives[1].environment.as_ref().unwrap().as_str(), "dev");
        assert_eq!(config.objectives[2].environment, None);
        assert_eq!(local.variables[&Variable::CreateRds].text, "false");
        assert_eq!(local.steps.verify, Some(Argv::new("bash", ["verify.sh"])));
    }

    #[test]
    fn an_empty_file_says_nothing() {
        assert_eq!(Config::parse("", Path::new("xtask.toml")), Ok(Config::default()));
    }

    #[test]
    fn a_mistake_is_one_line_with_its_place_and_a_way_out() {
        let texts = [
            "default_env = \"local\"\nplatfrom_root = \"x\"\n",
            "zzz = 1\n",
            "[variables]\nREGOIN = \"x\"\n",
            "[variables]\nenv = \"x\"\n",
            "[variables]\nqqqq = \"x\"\n",
            "[variables]\nENV = \"dev\"\n",
            "[env.dev.variables]\nCONFIRM_DESTROY = \"yes\"\n",
            "[variables]\n\nCREATE_RDS = false\n",
            "[scripts]\nbootstrap_v4 = \"x\"\n",
            "[scripts]\nteardown = \"../x.sh\"\n",
            "[registry]\nbranch = \"a b\"\n",
            "[registry]\nremotes = \"a\"\n",
            "[env.\"../x\".variables]\n",
            "[env.dev.steps]\nboostrap = [\"x\"]\n",
            "[env.dev.steps]\nbootstrap = []\n",
            "[env.dev.steps]\nbootstrap = \"bash x.sh\"\n",
            "[env.dev]\nstep = 1\n",
            "platform_root = \"/etc\"\n",
            "default_env = \"a\"\ndefault_env = \"b\"\n",
            "default_env = \n",
            "[variables\n",
            "[check]\nrelativ = \"25%\"\n",
            "[check]\nrelative = \"25\"\n",
            "[check]\nabsolute = \"5 seconds\"\n",
            "[check]\nabsolute = 5\n",
            "[check]\nminimum_samples = 0\n",
            "[check]\nbaseline = \"20\"\n",
            "[check]\nmode = \"fail\"\n",
        ];
        let shown: String = texts
            .iter()
            .map(|text| format!("{}\n  {}\n", text.trim_end().replace('\n', " ⏎ "), error(text)))
            .collect();
        insta::assert_snapshot!(shown);
    }
}
