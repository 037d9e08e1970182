//! What `exec` works with. It deploys nothing, so a variable of the contract that is not valid, or a
//! cluster whose name cannot be read, is none of its business.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use timing_core::record::{BuildId, Phase};

use super::layers::Layers;
use super::{
    Argv, Config, EnvSnapshot, Exports, Given, OutputMode, RawArgs, RunSettings, Runner,
    SettingsError, TimeLimit, Variable, find, resolve,
};
use crate::cli::ExecArgs;

/// The build of a phase that belongs to none. Not `persistent` or `rds`, which say what was
/// deployed, and never what a guard against a build id used twice looks for (`DD-MM-YY-NN`).
pub(super) const NO_BUILD: &str = "ad-hoc";

/// A command, and the row that it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecSettings {
    /// What it has in common with any run.
    pub run: RunSettings,
    /// The phase of its row.
    pub phase: Phase,
    /// The build of its row.
    pub build_id: BuildId,
    /// The command.
    pub command: Argv,
    /// Where it runs: where the user is.
    pub directory: PathBuf,
}

impl ExecSettings {
    /// Everything from what was typed, the environment and what the repository says of itself.
    ///
    /// # Errors
    ///
    /// When a value is not valid, or there is no command.
    pub fn resolve(
        args: &ExecArgs,
        environment: &EnvSnapshot,
        config: &Config,
        repository: PathBuf,
        directory: PathBuf,
    ) -> Result<Self, SettingsError> {
        let env = args.environment.clone().map(|text| Given::Flag(Variable::Env, text));
        let raw = RawArgs {
            given: env.into_iter().collect(),
            recordings: args.recordings,
            ..RawArgs::default()
        };
        let env = Layers::new(&raw, environment, config)?.env()?;
        Ok(Self {
            run: RunSettings {
                // --env says what the row is for. The command's environment stays as it is.
                given: BTreeMap::new(),
                recordings: resolve::recordings(&raw, environment)?,
                // Hidden output would be missing in the user's pipe.
                output: OutputMode::Full,
                timeout: resolve::timeout(args.timeout.as_deref())?,
                grace: resolve::limits(config, &env).grace.unwrap_or(TimeLimit::GRACE),
                environment: env,
                stage_kinds: config.stage_kinds.clone(),
                exports: Exports::resolve(&config.export, environment, &repository),
                registry: resolve::registry(environment, config, repository)?,
                runner: Runner::of(environment),
            },
            phase: argument("--phase", &args.phase)?,
            build_id: argument("--build-id", args.build_id.as_deref().unwrap_or(NO_BUILD))?,
            command: Argv::from_words(args.command.clone()).map_err(|reason| {
                SettingsError::Argument { name: "COMMAND", reason: reason.to_owned() }
            })?,
            directory,
        })
    }
}

/// The argument `name` as it was typed.
pub(super) fn argument<T>(name: &'static str, text: &str) -> Result<T, SettingsError>
where
    T: FromStr,
    T::Err: Display,
{
    text.parse()
        .map_err(|reason: T::Err| SettingsError::Argument { name, reason: reason.to_string() })
}

/// The settings of this process for a command of the user's.
///
/// # Errors
///
/// As [`ExecSettings::resolve`], and when the repository or its xtask.toml cannot be used.
pub fn load_exec(
    args: &ExecArgs,
    environment: &EnvSnapshot,
    working_directory: &Path,
) -> Result<ExecSettings, SettingsError> {
    let (root, config) = find(args.repo.as_deref(), working_directory)?;
    ExecSettings::resolve(args, environment, &config, root, working_directory.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: [(&str, &str); 0] = [];

    fn resolved(args: &ExecArgs, variables: &[(&str, &str)]) -> Result<ExecSettings, String> {
        let config = "[variables]\nREGION = \"of-file\"";
        let config = Config::parse(config, Path::new("/repo/xtask.toml")).unwrap();
        let variables = variables.iter().copied().collect();
        let (repository, directory) = ("/repo".into(), "/repo/deep".into());
        ExecSettings::resolve(args, &variables, &config, repository, directory)
            .map_err(|error| error.to_string())
    }

    fn args(phase: &str, command: &[&str]) -> ExecArgs {
        let command = command.iter().map(|&word| word.to_owned()).collect();
        ExecArgs { phase: phase.to_owned(), command, ..ExecArgs::default() }
    }

    #[test]
    fn a_command_belongs_to_no_build_and_runs_where_the_user_is() {
        let settings =
            resolved(&args("docker-build", &["docker", "build", "."]), &NOTHING).unwrap();
        assert_eq!(settings.build_id.as_str(), "ad-hoc");
        assert_eq!(settings.run.environment.as_str(), "dev");
        assert_eq!(settings.directory, Path::new("/repo/deep"));
        assert_eq!(settings.command, Argv::new("docker", ["build", "."]));
    }

    #[test]
    fn what_only_deployments_need_is_not_looked_at() {
        let variables =
            [("TF_AUTO_APPROVE", "perhaps"), ("REGION", ""), ("COMPACT_OUTPUT", "true")];
        let settings = resolved(&args("x", &["true"]), &variables).unwrap();
        assert_eq!(settings.run.output, OutputMode::Full);
        assert!(settings.run.given.is_empty());
    }

    #[test]
    fn the_flag_wins_over_the_environment() {
        let mut args = args("x", &["true"]);
        args.environment = Some("staging".to_owned());
        let settings = resolved(&args, &[("ENV", "prod")]).unwrap();
        assert_eq!(settings.run.environment.as_str(), "staging");
        args.environment = None;
        let settings = resolved(&args, &[("ENV", "prod")]).unwrap();
        assert_eq!(settings.run.environment.as_str(), "prod");
    }

    #[test]
    fn refusals_name_what_is_wrong() {
        let build = ExecArgs { build_id: Some("a b".to_owned()), ..args("x", &["true"]) };
        let env = ExecArgs { environment: Some("../x".to_owned()), ..args("x", &["true"]) };
        let refusals =
            [args("A Phase", &["true"]), build, env, args("x", &["", "a"]), args("x", &[])]
                .map(|args| resolved(&args, &NOTHING).unwrap_err());
        insta::assert_snapshot!(refusals.join("\n"), @r#"
        --phase: "A Phase" is not a valid phase: it is lower-case letters, digits and '-', at most 64, starting with a letter or digit
        --build-id: "a b" is not a valid build id: it is letters, digits, '-', '_' and '.', at most 64, starting with a letter or digit
        ENV (flag --env): "../x" is not a valid environment: it is letters, digits, '-', '_' and '.', at most 64, starting with a letter or digit
        COMMAND: the command's program is empty
        COMMAND: the command is empty: it is a program and its arguments
        "#);
    }
}
