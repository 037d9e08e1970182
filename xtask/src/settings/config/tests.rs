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
[timeouts]
grace = "2m"
rds-apply = "1h30m"
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
[env.local.timeouts]
verify = "90s"
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
    let aims: Vec<String> =
        config.objectives.iter().map(|o| format!("{} {} {}", o.phase, o.window, o.aim)).collect();
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
    let limit = |text: &str| Some(text.parse().unwrap());
    assert_eq!((config.timeouts.grace, config.timeouts.rds_apply), (limit("2m"), limit("90m")));
    assert_eq!((local.timeouts.verify, local.timeouts.apply), (limit("90s"), None));
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
        "[timeouts]\naply = \"5m\"\n",
        "[timeouts]\napply = \"0s\"\n",
        "[env.dev.timeouts]\napply = 5\n",
    ];
    let shown: String = texts
        .iter()
        .map(|text| format!("{}\n  {}\n", text.trim_end().replace('\n', " ⏎ "), error(text)))
        .collect();
    insta::assert_snapshot!(shown);
}
