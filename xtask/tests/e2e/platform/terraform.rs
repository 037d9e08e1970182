//! Environment `dev` with the real Terraform: every count of a row is that of the state.

use super::{Counts, Platform, Way, recorded, total};
use crate::support::require;

const NOTHING: Counts = Counts { added: 0, changed: 0, destroyed: 0 };

#[test]
fn v3_with_databases_through_xtask() {
    deploys_and_deploys_again("v3_with_databases_through_xtask", Way::Xtask, "v3", "true");
}

#[test]
fn v3_without_databases_through_make() {
    deploys_and_deploys_again("v3_without_databases_through_make", Way::Make, "v3", "false");
}

#[test]
fn v4_with_databases_through_make() {
    deploys_and_deploys_again("v4_with_databases_through_make", Way::MakeInParallel, "v4", "true");
}

#[test]
fn v4_without_databases_through_xtask() {
    deploys_and_deploys_again("v4_without_databases_through_xtask", Way::Xtask, "v4", "false");
}

fn deploys_and_deploys_again(test: &str, way: Way, version: &str, databases: &str) {
    if !require(test, "terraform") || !require(test, "make") {
        return;
    }
    let platform = Platform::new();
    let variables = [
        "ENV=dev".to_owned(),
        format!("BOOTSTRAP_VERSION={version}"),
        format!("CREATE_RDS={databases}"),
    ];
    let variables = variables.each_ref().map(String::as_str);
    let deploy = || recorded(&platform, platform.target(way, "deploy-persistent", &variables));

    let first = deploy().exits(0);
    let rds: &[&str] = if databases == "true" { &["rds-apply", "rds-deploy"] } else { &[] };
    let cluster = ["apply-persistent", "bootstrap-persistent"];
    let (before, after) = if version == "v4" { (0..0, 1..2) } else { (0..1, 1..2) };
    let expected = [&cluster[before], rds, &cluster[after], &["deploy-persistent"]].concat();
    assert_eq!(first.phases(), expected);
    // v4's script runs Terraform, those before it have it run.
    let (made_by, adds) =
        if version == "v4" { ("bootstrap-persistent", 9) } else { ("apply-persistent", 6) };
    assert_eq!(first.cluster.added, adds, "the platform has changed: this test has to follow");
    assert_eq!(first.databases.added, if databases == "true" { 4 } else { 0 });
    assert_eq!(first.state.len(), adds);
    for (phase, counts) in first.counts() {
        let truth = match phase {
            "deploy-persistent" => total(&first),
            "rds-apply" | "rds-deploy" => first.databases,
            _ if phase == made_by => first.cluster,
            _ => NOTHING,
        };
        assert_eq!(counts, truth, "{phase}");
    }
    for row in &first.rows {
        let is_rds = row.phase.starts_with("rds-");
        assert_eq!(row.build_id, if is_rds { "rds" } else { "persistent" }, "{row:?}");
        assert_eq!((row.env.as_str(), row.exit_code), ("dev", 0), "{row:?}");
        assert!(platform.scene.root().join(&row.log).is_file(), "{row:?}");
    }
    // A make below a make below xtask: it must neither miss nor find a jobserver.
    let text = first.run.stdout + &first.run.stderr;
    assert!(!text.contains("jobserver"), "{text}");
    assert_eq!(text.contains("keycloak: migrated to schema 1"), databases == "true", "{text}");

    let second = deploy().exits(0);
    assert_eq!(second.phases(), expected);
    assert_eq!(total(&second), NOTHING);
    assert!(second.counts().values().all(|counts| *counts == NOTHING), "{:?}", second.rows);
}

#[test]
fn what_changes_in_place_and_what_is_replaced_is_told_apart() {
    let test = "what_changes_in_place_and_what_is_replaced_is_told_apart";
    if !require(test, "terraform") {
        return;
    }
    let platform = Platform::new();
    let apply = || platform.target(Way::Xtask, "apply-persistent", &["ENV=dev"]);
    recorded(&platform, apply()).exits(0);

    let changed = apply().env("TF_VAR_node_instance_type", "t3.medium");
    let changed = recorded(&platform, changed).exits(0);
    assert_eq!(changed.cluster, Counts { changed: 2, ..NOTHING });
    assert_eq!(Counts::of(changed.row("apply-persistent")), changed.cluster);

    let replaced = apply()
        .env("TF_VAR_node_instance_type", "t3.medium")
        .env("TF_VAR_kubernetes_release", "1.32");
    let replaced = recorded(&platform, replaced).exits(0);
    assert_eq!(replaced.cluster, Counts { added: 5, changed: 0, destroyed: 5 });
    assert_eq!(Counts::of(replaced.row("apply-persistent")), replaced.cluster);
}

#[test]
fn a_bootstrap_that_no_longer_has_terraform_install_add_ons_removes_them() {
    let test = "a_bootstrap_that_no_longer_has_terraform_install_add_ons_removes_them";
    if !require(test, "terraform") {
        return;
    }
    let platform = Platform::new();
    let v4 = platform.target(Way::Xtask, "bootstrap-persistent-v4", &["ENV=dev"]);
    let v4 = recorded(&platform, v4).exits(0);
    assert_eq!(Counts::of(v4.row("bootstrap-persistent")), v4.cluster);
    let v3 = platform.target(Way::Xtask, "apply-persistent", &["ENV=dev"]);
    let v3 = recorded(&platform, v3).exits(0);
    assert_eq!(v3.cluster, Counts { destroyed: 3, ..NOTHING });
    assert_eq!(Counts::of(v3.row("apply-persistent")), v3.cluster);
}

#[test]
fn an_apply_that_fails_midway_counts_what_it_completed() {
    let test = "an_apply_that_fails_midway_counts_what_it_completed";
    if !require(test, "terraform") || !require(test, "make") {
        return;
    }
    let platform = Platform::new();
    let deploy = || platform.target(Way::Make, "deploy-persistent", &["ENV=dev"]);

    let failing = deploy().env("TF_VAR_rehearse_failure", "node_group");
    let failed = recorded(&platform, failing).exits(Way::Make.failure(1));
    assert_eq!(failed.phases(), ["apply-persistent", "deploy-persistent"]);
    assert_eq!(failed.cluster, Counts { added: 2, ..NOTHING });
    assert_eq!(failed.state.tainted(), 2, "{:?}", failed.state);
    for row in &failed.rows {
        assert_eq!((row.exit_code, Counts::of(row)), (1, failed.cluster), "{row:?}");
    }

    let repaired = recorded(&platform, deploy().env("CREATE_RDS", "false")).exits(0);
    assert_eq!(repaired.cluster, Counts { added: 4, changed: 0, destroyed: 2 });
    assert_eq!(Counts::of(repaired.row("apply-persistent")), repaired.cluster);
}

#[test]
fn a_second_pass_that_fails_keeps_the_counts_of_the_first() {
    let test = "a_second_pass_that_fails_keeps_the_counts_of_the_first";
    if !require(test, "terraform") {
        return;
    }
    let platform = Platform::new();
    let bootstrap = platform
        .target(Way::Xtask, "bootstrap-persistent", &["ENV=dev", "BOOTSTRAP_VERSION=v4"])
        .env("TF_VAR_rehearse_failure", "addon");
    let failed = recorded(&platform, bootstrap).exits(1);
    let row = failed.row("bootstrap-persistent");
    assert!(failed.state.tainted() > 0, "{:?}", failed.state);
    assert!(failed.cluster.added >= 4, "{:?}", failed.cluster);
    assert_eq!((row.exit_code, Counts::of(row)), (1, failed.cluster));
}

#[test]
fn an_import_is_no_addition() {
    let test = "an_import_is_no_addition";
    if !require(test, "terraform") {
        return;
    }
    let platform = Platform::new();
    let adopted = "resource \"terraform_data\" \"adopted\" {}\n\
        import {\n  to = terraform_data.adopted\n  id = \"made-by-hand\"\n}\n";
    platform.scene.write("testdata/platform/envs/dev/adopted.tf", adopted);
    platform.commit_everything();
    let apply = platform.target(Way::Xtask, "apply-persistent", &["ENV=dev"]);
    let applied = recorded(&platform, apply).exits(0);
    assert_eq!(applied.state.count("terraform_data.adopted"), 1);
    let row = applied.row("apply-persistent");
    assert_eq!(row.added, applied.cluster.added - 1);
    assert_eq!(row.flag("IMPORTED"), Some("1"), "{row:?}");
}

#[test]
fn terraform_asks_and_gets_the_answer_through_make_and_xtask() {
    let test = "terraform_asks_and_gets_the_answer_through_make_and_xtask";
    if !require(test, "terraform") || !require(test, "make") {
        return;
    }
    let platform = Platform::new();
    let variables = ["ENV=dev", "TF_AUTO_APPROVE=false"];
    let asked = |answer| {
        let apply = platform.target(Way::Make, "apply-persistent", &variables);
        recorded(&platform, apply.stdin(answer))
    };
    let no = asked("no\n").exits(Way::Make.failure(1));
    let row = no.row("apply-persistent");
    assert_eq!((row.exit_code, Counts::of(row), no.cluster), (1, NOTHING, NOTHING));
    assert!(no.run.stdout.contains("Enter a value:"), "{:?}", no.run);
    let yes = asked("yes\n").exits(0);
    let row = yes.row("apply-persistent");
    assert_eq!(row.flag("TF_AUTO_APPROVE"), Some("false"));
    assert_eq!(Counts::of(row), yes.cluster);
    assert_eq!(yes.state.len(), 6);
}

#[test]
fn a_teardown_through_xtask_asks_first() {
    tears_down("a_teardown_through_xtask_asks_first", Way::Xtask);
}

#[test]
fn a_teardown_through_make_asks_first() {
    tears_down("a_teardown_through_make_asks_first", Way::Make);
}

fn tears_down(test: &str, way: Way) {
    if !require(test, "terraform") || !require(test, "make") {
        return;
    }
    let platform = Platform::new();
    let apply = platform.target(way, "apply-persistent", &["ENV=dev"]);
    let applied = recorded(&platform, apply).exits(0);
    let recordings = platform.scene.recordings();
    let teardown = |more: &[&str]| {
        let variables = [&["ENV=dev"], more].concat();
        recorded(&platform, platform.target(way, "teardown-persistent", &variables))
    };

    for refused in [&[][..], &["CONFIRM_DESTROY=YES"], &["CONFIRM_DESTROY="]] {
        let refused = teardown(refused).exits(way.failure(1));
        assert!(refused.run.stderr.contains("goldenpath-dev-eks"), "{}", refused.run.stderr);
        assert!(refused.run.stderr.contains("CONFIRM_DESTROY=yes"), "{}", refused.run.stderr);
        assert_eq!(refused.cluster, NOTHING);
    }
    assert_eq!(platform.scene.recordings(), recordings, "a refusal was recorded");

    let torn = teardown(&["CONFIRM_DESTROY=yes"]).exits(0);
    assert_eq!(torn.phases(), ["teardown-persistent"]);
    assert_eq!(torn.state.len(), 0);
    // Service accounts are forgotten, not destroyed: they die with the cluster.
    let forgotten = applied.state.count("terraform_data.service_account");
    assert_eq!(forgotten, 2);
    let destroyed = applied.state.len() - forgotten;
    let row = torn.row("teardown-persistent");
    assert_eq!((row.exit_code, Counts::of(row)), (0, Counts { destroyed, ..NOTHING }));

    let again = teardown(&["CONFIRM_DESTROY=yes"]).exits(0);
    let row = again.row("teardown-persistent");
    assert_eq!((row.exit_code, Counts::of(row)), (0, NOTHING));
}
