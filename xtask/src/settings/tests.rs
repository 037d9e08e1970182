//! Who wins, and what is said to those who lose.

use std::fmt::Write;

use super::*;

/// What a person does to set a value.
#[derive(Default, Clone, Copy)]
struct Scene<'a> {
    flags: &'a [(Variable, &'a str)],
    arguments: &'a [&'a str],
    environment: &'a [(&'a str, &'a str)],
    toml: &'a str,
    tfvars: &'a str,
}

impl Scene<'_> {
    fn resolve(self) -> Result<Settings, SettingsError> {
        let flags = self.flags.iter().map(|&(variable, text)| Given::Flag(variable, text.into()));
        let arguments = self.arguments.iter().map(|&text| Given::Assignment(text.into()));
        let raw = RawArgs { given: flags.chain(arguments).collect(), ..RawArgs::default() };
        let config = Config::parse(self.toml, Path::new("/repo/xtask.toml"))?;
        let environment = self.environment.iter().copied().collect();
        let read = |path: &Path| {
            let ours = path == Path::new("/repo/envs/dev/terraform.tfvars");
            Ok((ours && !self.tfvars.is_empty()).then(|| self.tfvars.to_owned()))
        };
        Settings::resolve(&raw, &environment, &config, PathBuf::from("/repo"), &read)
    }

    fn error(self) -> String {
        self.resolve().unwrap_err().to_string()
    }
}

#[test]
fn the_defaults_are_the_contracts() {
    let s = Scene::default().resolve().unwrap();
    insta::assert_snapshot!("defaults", format!("{s:#?}"));
}

#[test]
fn command_line_over_environment_over_file_over_default() {
    let toml = "[variables]\nREGION = \"file\"\n[env.dev.variables]\nREGION = \"file-dev\"\n";
    let region = |scene: Scene<'_>| scene.resolve().unwrap().region.to_string();
    let file = Scene { toml, ..Scene::default() };
    let other = Scene { arguments: &["ENV=other"], ..file };
    let environment = Scene { environment: &[("REGION", "environment")], ..file };
    let argument = Scene { arguments: &["REGION=argument"], ..environment };
    let flag = Scene { flags: &[(Variable::Region, "flag")], ..environment };
    assert_eq!(region(Scene::default()), "eu-west-2");
    assert_eq!(region(other), "file");
    assert_eq!(region(file), "file-dev");
    assert_eq!(region(environment), "environment");
    assert_eq!(region(argument), "argument");
    assert_eq!(region(flag), "flag");
}

#[test]
fn the_environment_is_named_before_its_part_of_the_file_counts() {
    let toml = "default_env = \"local\"\n[env.local.variables]\nCREATE_RDS = \"false\"\n[env.local.steps]\napply = [\"x\"]\n";
    let file = Scene { toml, ..Scene::default() };
    let settings = file.resolve().unwrap();
    assert_eq!(settings.environment.as_str(), "local");
    assert_eq!(settings.create_rds, Switch::Off);
    assert_eq!(settings.overrides.apply, Some(Argv::new("x", [""; 0])));
    assert_eq!(settings.cluster.as_str(), "goldenpath-local-eks");
    assert_eq!(settings.tf_dir.as_str(), "envs/local");
    assert_eq!(settings.env_name.as_str(), "local");
    let dev = Scene { environment: &[("ENV", "dev")], ..file }.resolve().unwrap();
    assert_eq!(dev.create_rds, Switch::On);
    assert_eq!(dev.overrides, StepOverrides::default());
}

#[test]
fn the_cluster_comes_from_who_names_it_else_tfvars_else_the_environment() {
    let cluster = |scene: Scene<'_>| scene.resolve().unwrap().cluster.to_string();
    let tfvars = Scene { tfvars: "cluster_name = \"blue\"\n", ..Scene::default() };
    assert_eq!(cluster(Scene::default()), "goldenpath-dev-eks");
    assert_eq!(cluster(tfvars), "blue");
    assert_eq!(cluster(Scene { tfvars: "cluster_name = \"\"\n", ..tfvars }), "goldenpath-dev-eks");
    assert_eq!(cluster(Scene { arguments: &["ENV=prod"], ..tfvars }), "goldenpath-prod-eks");
    let named = Scene { environment: &[("PERSISTENT_CLUSTER", "green")], ..tfvars };
    assert_eq!(cluster(named), "green");
    let broken = Scene { tfvars: "cluster_name = \"", ..named };
    assert_eq!(cluster(broken), "green", "a file that nobody needs is not read");
}

#[test]
fn a_contradiction_shows_the_values_in_the_order_given() {
    let flag = |text: &str| Given::Flag(Variable::Env, text.to_owned());
    let argument = |text: &str| Given::Assignment(format!("ENV={text}"));
    let said = |given: [Given; 2]| {
        let raw = RawArgs { given: given.to_vec(), ..RawArgs::default() };
        let (environment, config) = (EnvSnapshot::default(), Config::default());
        let root = PathBuf::from("/repo");
        Settings::resolve(&raw, &environment, &config, root, &|_| Ok(None)).unwrap_err().to_string()
    };
    for given in [[argument("one"), flag("two")], [flag("one"), argument("two")]] {
        let said = said(given);
        assert!(said.contains(r#""one" and "two""#), "{said}");
    }
}

#[test]
fn the_same_value_twice_is_no_contradiction() {
    let twice = Scene {
        flags: &[(Variable::Env, "dev"), (Variable::Env, "dev")],
        arguments: &["ENV=dev"],
        ..Scene::default()
    };
    assert_eq!(twice.resolve().unwrap().environment.as_str(), "dev");
}

#[test]
fn recording_is_switched_off_by_flag_or_environment() {
    let environment: EnvSnapshot = [("XTASK_RECORD", "off")].into_iter().collect();
    let resolve = |raw: &RawArgs, environment: &EnvSnapshot| {
        let root = PathBuf::from("/repo");
        Settings::resolve(raw, environment, &Config::default(), root, &|_| Ok(None))
            .unwrap()
            .recordings
    };
    let off = RawArgs { recordings: Some(Recordings::Off), ..RawArgs::default() };
    assert_eq!(resolve(&RawArgs::default(), &EnvSnapshot::default()), Recordings::On);
    assert_eq!(resolve(&RawArgs::default(), &environment), Recordings::Off);
    assert_eq!(resolve(&off, &EnvSnapshot::default()), Recordings::Off);
}

#[test]
fn the_registry_is_named_by_environment_over_file() {
    let toml = "[registry]\nbranch = \"timings\"\nremote = \"upstream\"\n";
    let file = Scene { toml, ..Scene::default() };
    let both = Scene { environment: &[("GOVERNANCE_REGISTRY_BRANCH", "mine")], ..file };
    let registry = both.resolve().unwrap().registry;
    assert_eq!((registry.branch.as_str(), registry.remote.as_str()), ("mine", "upstream"));
}

#[test]
fn only_a_plain_yes_confirms() {
    let given = |text| {
        Scene { environment: &[("CONFIRM_DESTROY", text)], ..Scene::default() }
            .resolve()
            .unwrap()
            .confirm_destroy
    };
    assert_eq!(given("yes"), Confirmation::Given);
    for text in ["", "Yes", " yes", "true"] {
        assert_eq!(given(text), Confirmation::Other(text.to_owned()));
    }
}

#[test]
fn every_mistake_names_its_source_on_one_line() {
    let none = Scene::default();
    let scenes = [
        Scene { flags: &[(Variable::Env, "../../etc")], ..none },
        Scene { arguments: &["ENV=dev; rm -rf /"], ..none },
        Scene { environment: &[("ENV", "a\nb")], ..none },
        Scene { environment: &[("ENV", "")], ..none },
        Scene { flags: &[(Variable::Region, "")], ..none },
        Scene { arguments: &["REGION="], ..none },
        Scene { toml: "[variables]\n\nREGION = \"-x\"\n", ..none },
        Scene { toml: "[variables]\nREGION = \"\"\n", ..none },
        Scene { toml: "default_env = \"a/b\"\n", ..none },
        Scene { toml: "[env.dev.variables]\nCREATE_RDS = \"no\"\n", ..none },
        Scene { arguments: &["PERSISTENT_CLUSTER=-x"], ..none },
        Scene { arguments: &["BOOTSTRAP_VERSION=v5"], ..none },
        Scene { environment: &[("TF_AUTO_APPROVE", "TRUE")], ..none },
        Scene { environment: &[("COMPACT_OUTPUT", "1")], ..none },
        Scene { arguments: &["KONG_NAMESPACE=Kong"], ..none },
        Scene { arguments: &["NODE_INSTANCE_TYPE=-t3"], ..none },
        Scene { arguments: &["TF_DIR=../x"], ..none },
        Scene { arguments: &["TF_DIR=/etc"], ..none },
        Scene { arguments: &["TF_BIN=-x"], ..none },
        Scene { arguments: &["SKIP_ARGO_SYNC_WAIT=a\u{1b}[2Jb"], ..none },
        Scene { arguments: &["env=dev"], ..none },
        Scene { arguments: &["REGOIN=x"], ..none },
        Scene { arguments: &["=x"], ..none },
        Scene { arguments: &["XYZ=1"], ..none },
        Scene { arguments: &["dev"], ..none },
        Scene { arguments: &["ENV=dev", "ENV=prod"], ..none },
        Scene { flags: &[(Variable::Env, "dev")], arguments: &["ENV=prod"], ..none },
        Scene { environment: &[("XTASK_RECORD", "0")], ..none },
        Scene { environment: &[("XTASK_RECORD", "")], ..none },
        Scene { environment: &[("GOVERNANCE_REGISTRY_BRANCH", "-x")], ..none },
        Scene { environment: &[("GOVERNANCE_REGISTRY_REMOTE", "a b")], ..none },
        Scene { tfvars: "a = 1\ncluster_name = \"${var.x}\"\n", ..none },
        Scene { tfvars: "a = 1\nb = = 2\n", ..none },
        Scene { tfvars: "cluster_name = <<E\nblue\nE\n", ..none },
        Scene { tfvars: "cluster_name = \"a/b\"\n", ..none },
    ];
    let mut text = String::new();
    for scene in scenes {
        let error = scene.error();
        assert_eq!(error.lines().count(), 1, "{error}");
        writeln!(text, "{error}").unwrap();
    }
    insta::assert_snapshot!("errors", text);
}

/// What [`load`] says of a scratch repository, whose path is shown as `/scratch`.
fn load_in(prepare: impl FnOnce(&Path), repo: &str) -> Result<Settings, String> {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    std::fs::create_dir_all(root.join("repo/.git")).unwrap();
    prepare(&root);
    let raw = RawArgs { repo: Some(PathBuf::from(repo)), ..RawArgs::default() };
    load(&raw, &EnvSnapshot::default(), &root)
        .map_err(|error| error.to_string().replace(&root.display().to_string(), "/scratch"))
}

#[test]
fn a_repository_is_loaded_from_any_directory_in_it() {
    let prepare = |root: &Path| {
        std::fs::create_dir_all(root.join("repo/p/envs/dev")).unwrap();
        std::fs::write(root.join("repo/xtask.toml"), "platform_root = \"p\"\n").unwrap();
        std::fs::write(root.join("repo/p/envs/dev/terraform.tfvars"), "cluster_name = \"blue\"")
            .unwrap();
    };
    let settings = load_in(prepare, "repo/p/envs").unwrap();
    assert_eq!(settings.platform_root, settings.repository.join("p"));
    assert!(settings.repository.ends_with("repo"));
    assert_eq!(settings.cluster.as_str(), "blue");
}

#[test]
fn a_repository_that_cannot_be_used_is_said_so() {
    let toml = |text: &'static str| {
        move |root: &Path| std::fs::write(root.join("repo/xtask.toml"), text).unwrap()
    };
    let outside = |root: &Path| {
        std::fs::create_dir(root.join("elsewhere")).unwrap();
        std::os::unix::fs::symlink(root.join("elsewhere"), root.join("repo/p")).unwrap();
        toml("platform_root = \"p\"\n")(root);
    };
    let directory =
        |path: &'static str| move |root: &Path| std::fs::create_dir_all(root.join(path)).unwrap();
    let binary = |root: &Path| {
        directory("repo/envs/dev")(root);
        std::fs::write(root.join("repo/envs/dev/terraform.tfvars"), b"\xff\xfe").unwrap();
    };
    let errors = [
        load_in(|_| {}, "nowhere"),
        load_in(toml("platform_root = \"p\"\n"), "repo"),
        load_in(toml("platform_root = \"xtask.toml\"\n"), "repo"),
        load_in(outside, "repo"),
        load_in(toml("regsitry = 1\n"), "repo"),
        load_in(directory("repo/xtask.toml"), "repo"),
        load_in(directory("repo/envs/dev/terraform.tfvars"), "repo"),
        load_in(binary, "repo"),
    ];
    let text: Vec<String> = errors.into_iter().map(Result::unwrap_err).collect();
    insta::assert_snapshot!("load_errors", text.join("\n"));
}

#[test]
fn a_path_that_holds_a_line_end_stays_on_the_line() {
    let odd = "a\nb\u{1b}[31m";
    let prepare = |text: &'static str| {
        move |root: &Path| {
            std::fs::create_dir_all(root.join(odd).join(".git")).unwrap();
            std::fs::write(root.join(odd).join("xtask.toml"), text).unwrap();
        }
    };
    let errors = [
        load_in(|_| {}, odd),
        load_in(|root| std::fs::write(root.join(odd), "").unwrap(), odd),
        load_in(prepare("regsitry = 1\n"), odd),
        load_in(prepare("[variables]\nREGION = \"-x\"\n"), odd),
        load_in(prepare("platform_root = \"p\"\n"), odd),
    ];
    for error in errors.map(Result::unwrap_err) {
        assert!(error.contains(r"/scratch/a\nb\u{1b}[31m"), "{error:?}");
        assert!(!error.contains(char::is_control), "{error:?}");
    }
}

#[test]
fn a_value_that_is_not_text_is_refused() {
    use std::os::unix::ffi::OsStringExt;
    let value = std::ffi::OsString::from_vec(b"dev\n\x1b[31mX\xff".to_vec());
    let environment: EnvSnapshot = [("REGION", value)].into_iter().collect();
    let root = PathBuf::from("/repo");
    let error =
        Settings::resolve(&RawArgs::default(), &environment, &Config::default(), root, &|_| {
            Ok(None)
        })
        .unwrap_err();
    insta::assert_snapshot!(error, @r#"REGION (environment variable REGION): "dev\n\u{1b}[31mX\xFF" is not UTF-8"#);
}
