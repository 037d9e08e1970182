//! Stages and resources of a run: a file of the run's own, under the promises of its rows.

use std::collections::BTreeMap;
use std::fs::File;

use rustix::fs::{FlockOperation, flock};
use rustix::process::Signal;

use crate::support::background::Background;
use crate::support::{BRANCH, Scene};

const BOOTSTRAP: &str = "bootstrap/10_bootstrap/goldenpath-idp-bootstrap-v3.sh";
const TEARDOWN: &str = "bootstrap/60_tear_down_clean_up/goldenpath-idp-teardown-v4.sh";

const APPLY: &str = "\
    echo '[2026-01-24T14:43:27Z] === Stage 1: Terraform Apply ==='; \
    echo 'module.eks.aws_eks_cluster.this[\"a b\"]: Creating...'; sleep 0.3; \
    echo 'module.eks.aws_eks_cluster.this[\"a b\"]: Creation complete after 9m32s [id=x]'; \
    echo 'aws_vpc.a: Creating...'; \
    echo 'Apply complete! Resources: 2 added, 0 changed, 0 destroyed.'";

/// The paths and texts of the files of spans on the branch of environment `dev`.
fn files(scene: &Scene) -> BTreeMap<String, String> {
    let history = "environments/development/history";
    let listed = scene.git(&["ls-tree", "-r", "--name-only", BRANCH, "--", history]);
    let paths = listed.lines().filter(|path| path.ends_with(".csv"));
    paths.map(|path| (path.to_owned(), scene.git(&["show", &format!("{BRANCH}:{path}")]))).collect()
}

#[track_caller]
fn only_file(scene: &Scene) -> (String, String) {
    let files = files(scene);
    assert_eq!(files.len(), 1, "{files:#?}");
    files.into_iter().next().unwrap()
}

/// Without the times: `phase,kind,name,action,outcome,parent`.
fn untimed(text: &str) -> String {
    let line = |line: &str| {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
        let fields = reader.records().next().unwrap().unwrap();
        let kept = fields.iter().enumerate().filter(|(index, _)| !matches!(index, 4 | 5));
        kept.map(|(_, field)| field.to_owned()).collect::<Vec<_>>().join(",") + "\n"
    };
    text.lines().skip(1).map(line).collect()
}

/// Start and duration of the span of this name, in milliseconds.
fn times(text: &str, name: &str) -> (u64, u64) {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let found = reader.records().map(Result::unwrap).find(|record| &record[2] == name).unwrap();
    (found[4].parse().unwrap(), found[5].parse().unwrap())
}

#[test]
fn a_deployment_leaves_the_spans_of_each_phase_beside_its_rows() {
    let scene = Scene::new()
        .file(BOOTSTRAP, "sleep 0.2\necho 'STAGE 5: METRICS SERVER'\necho 'STAGE 5 COMPLETE'\n")
        .step("apply", &["bash", "-c", APPLY])
        .step("verify", &["bash", "-c", "echo '[STEP: VERIFY] all'"])
        .committed();
    scene.xtask(&["deploy-persistent", "CREATE_RDS=false"]).exits(0);
    let rows = scene.rows();
    let (path, text) = only_file(&scene);
    let (run, sha) = (rows[0].flag("RUN").unwrap(), scene.git(&["rev-parse", "HEAD"]));
    let start = &rows.last().unwrap().start;
    let minute = format!("{}-{}{}Z", &start[..10], &start[11..13], &start[14..16]);
    let expected = format!("{minute}-{}/stages-{run}.csv", &sha[..7]);
    assert_eq!(path, format!("environments/development/history/{expected}"));
    assert_eq!(scene.recordings().len(), 1, "one commit has both");
    insta::assert_snapshot!(untimed(&text), @r#"
    apply-persistent,stage,Stage 1: Terraform Apply,,complete,
    apply-persistent,resource,module.eks.aws_eks_cluster.this["a b"],create,complete,Stage 1: Terraform Apply
    apply-persistent,resource,aws_vpc.a,create,unfinished,Stage 1: Terraform Apply
    bootstrap-persistent,stage,STAGE 5: METRICS SERVER,,complete,
    deploy-persistent,step,VERIFY,,complete,
    "#);
    // From the start of each phase; those around others count from their own.
    let (begin, took) = times(&text, "module.eks.aws_eks_cluster.this[\"a b\"]");
    assert!(begin < 300 && (300..1300).contains(&took), "{begin} {took}");
    let (begin, _) = times(&text, "STAGE 5: METRICS SERVER");
    assert!((200..1200).contains(&begin), "{begin}");
    assert!(times(&text, "VERIFY").0 >= 500);
}

#[test]
fn the_teardowns_banners_are_known() {
    let banner = "echo =======\necho 'STAGE 7: TERRAFORM DESTROY'\necho =======\n\
        echo 'Started: 2026-01-24T13:44:43Z'\necho '[STEP: DELETE_NODEGROUP] one'\n\
        echo 'aws_x.y: Destroying... [id=x]'\necho 'aws_x.y: Destruction complete after 1m2s'\n\
        echo '------------- STAGE 7 COMPLETE: TERRAFORM DESTROY -------------'\nexit 3\n";
    let scene = Scene::new().file(TEARDOWN, banner).committed();
    scene.xtask(&["teardown-persistent", "CONFIRM_DESTROY=yes"]).exits(3);
    insta::assert_snapshot!(untimed(&only_file(&scene).1), @r"
    teardown-persistent,stage,STAGE 7: TERRAFORM DESTROY,,complete,
    teardown-persistent,step,DELETE_NODEGROUP,,complete,STAGE 7: TERRAFORM DESTROY
    teardown-persistent,resource,aws_x.y,destroy,complete,DELETE_NODEGROUP
    ");
}

#[test]
fn stages_of_the_users_own_are_known_by_their_patterns() {
    let config = "[[stage]]\nstart = '^==> (?<name>.+)$'\nend = '^<== '\n";
    let script = "echo '==> build'; echo '<== built'; echo '==> push'; exit 7";
    let scene = Scene::new().config(config).committed();
    scene.xtask(&["exec", "--phase", "docker-build", "--", "bash", "-c", script]).exits(7);
    insta::assert_snapshot!(untimed(&only_file(&scene).1), @r"
    docker-build,stage,build,,complete,
    docker-build,stage,push,,unfinished,
    ");
    let broken = Scene::new().config("[[stage]]\nstart = '^==> .+$'\n");
    let refused = broken.xtask(&["exec", "--phase", "x", "--", "true"]).exits(2);
    assert!(refused.stderr.contains("xtask.toml line 2: the pattern"), "{}", refused.stderr);
}

#[test]
fn where_nothing_is_seen_or_recorded_there_is_no_file() {
    let scene = Scene::new().committed();
    let bash = |flags: &[&str], script: &str| {
        let words = [&["exec", "--phase", "x"], flags, &["--", "bash", "-c", script]].concat();
        scene.xtask(&words).exits(0)
    };
    bash(&["--no-record"], APPLY);
    assert!(scene.recordings().is_empty());
    bash(&[], "echo === Stage of nothing");
    assert_eq!((scene.rows().len(), files(&scene).len()), (1, 0));
}

#[test]
fn a_killed_run_leaves_the_spans_of_the_phases_that_ended() {
    let slow = "echo 'STAGE 1: SLOW'; touch ../ready; until [ -e ../stop ]; do sleep 0.02; done";
    let scene = Scene::new()
        .step("apply", &["bash", "-c", APPLY])
        .step("bootstrap", &["bash", "-c", slow])
        .committed();
    let mut run = Background::silent(&scene.calling(&["deploy-persistent", "CREATE_RDS=false"]));
    scene.wait_for_mark("ready");
    run.signal(Signal::KILL);
    run.child.wait().unwrap();
    scene.mark("stop");
    scene.xtask(&["registry", "sync"]).exits(0);
    let (path, text) = only_file(&scene);
    let rows = scene.rows();
    assert_eq!(rows.len(), 3, "{rows:#?}");
    assert!(path.contains(rows[0].flag("RUN").unwrap()), "{path}");
    assert_eq!(scene.recordings().len(), 1, "one commit has both");
    assert!(untimed(&text).starts_with("apply-persistent,stage,Stage 1"), "{text}");
    assert!(!text.contains("SLOW"), "nobody knows when it was:\n{text}");
    scene.xtask(&["registry", "sync"]).exits(0);
    assert_eq!((scene.rows(), scene.recordings().len()), (rows, 1));
}

#[test]
fn what_finds_the_turn_taken_is_taken_along_with_its_spans() {
    let scene = Scene::new().step("apply", &["bash", "-c", APPLY]).committed();
    let directory = scene.root().join(".git/timing-journal");
    std::fs::create_dir_all(&directory).unwrap();
    let turn = File::create(directory.join("lock")).unwrap();
    flock(&turn, FlockOperation::NonBlockingLockExclusive).unwrap();
    let run = scene.xtask(&["apply-persistent"]).exits(0);
    assert_eq!(run.warnings().len(), 1, "{}", run.stderr);
    assert!(scene.recordings().is_empty());
    drop(turn);
    scene.xtask(&["apply-persistent"]).exits(0);
    assert_eq!((scene.rows().len(), files(&scene).len()), (2, 2));
    assert_eq!(scene.recordings().len(), 1, "one commit for both runs");
}

#[test]
fn a_branch_that_was_reset_gets_the_files_again() {
    let scene = Scene::new().step("apply", &["bash", "-c", APPLY]).committed().with_origin();
    let apply = || scene.calling(&["apply-persistent"]).run().exits(0);
    apply();
    let before = files(&scene);
    scene.git(&["update-ref", "-d", &format!("refs/heads/{BRANCH}")]);
    apply();
    let after = files(&scene);
    assert_eq!((before.len(), after.len()), (1, 2));
    assert!(before.iter().all(|(path, text)| after.get(path) == Some(text)));
    scene.in_ci(&["registry", "sync"]).run().exits(0);
    let there = scene.git_in(&scene.origin(), &["ls-tree", "-r", "--name-only", BRANCH]);
    assert!(after.keys().all(|path| there.contains(path.as_str())), "{there}");
    scene.only_appended_in(&scene.origin());
    assert!(scene.journal().is_empty(), "{:?}", scene.journal());
    let audit = scene.xtask(&["registry", "audit"]).exits(0);
    assert!(audit.warnings().is_empty(), "{}", audit.stderr);
}
