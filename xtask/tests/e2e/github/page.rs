//! `GITHUB_STEP_SUMMARY`.

use std::fs;
use std::path::Path;
use std::time::Instant;

use super::{DEPLOY, deployment};
use crate::support::{Mounted, Run, Scene};

const KEY: &str = "GITHUB_STEP_SUMMARY";

/// The page with what differs from run to run replaced.
fn settled(page: &str) -> String {
    let is_time = |word: &str| {
        word.ends_with('s') && word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.')
    };
    let word = |word: &str| match word {
        word if is_time(word) => "0.0s".to_owned(),
        word if word.starts_with("`logs/") => "`LOG`".to_owned(),
        word if word.starts_with('(') && word.len() == 14 => "(COMMIT)".to_owned(),
        word => word.to_owned(),
    };
    let line = |line: &str| line.split(' ').map(word).collect::<Vec<_>>().join(" ") + "\n";
    page.lines().map(line).collect()
}

#[test]
fn each_phase_is_a_row_of_one_table() {
    let scene = deployment(3);
    let page = scene.outside().join("page.md");
    fs::write(&page, "Others were here").unwrap();
    let run = scene.calling(&DEPLOY).env(KEY, &page).run().exits(3);
    assert!(run.warnings().is_empty(), "{}", run.stderr);
    insta::assert_snapshot!(settled(&fs::read_to_string(&page).unwrap()), @r"
    Others were here

    ### deploy-persistent of dev

    | phase | outcome | duration | against earlier runs | exit | resources | slowest | build | log |
    | :--- | :--- | ---: | :--- | ---: | :--- | :--- | :--- | :--- |
    | apply-persistent | ✔ success | 0.0s | – | 0 | +1 ~0 -0 | `module.eks.aws_eks_cluster.this` 0.0s | persistent | `LOG` |
    | bootstrap-persistent | ✘ failure | 0.0s | – | 3 | – | – | persistent | `LOG` |
    | deploy-persistent | ✘ failure | 0.0s | – | 3 | +1 ~0 -0 | – | persistent | `LOG` |

    - recorded 3 rows on governance-registry (COMMIT)
    ");
}

#[test]
fn it_is_there_as_soon_as_a_phase_has_ended() {
    let scene = deployment(0);
    let page = scene.outside().join("page.md");
    // The run does not wait for the page, so the next step does, for ten seconds at most.
    let wait = "i=0; until [ -s ../page.md ] || [ $i = 200 ]; do i=$((i + 1)); sleep 0.05; done";
    let look = format!("{wait}; cat ../page.md; kill -9 $PPID");
    let scene = scene.step("bootstrap", &["sh", "-c", &look]);
    let run = scene.calling(&DEPLOY).env(KEY, &page).run().exits(137);
    assert!(run.stdout.contains("| apply-persistent | ✔ success |"), "{run:?}");
    assert!(fs::read_to_string(&page).unwrap().ends_with("|\n"));
}

#[test]
fn budgets_stand_below() {
    let budgets = "[metric.deploy]\nunit = \"seconds\"\nfail = \"> 0.000001s\"\n\
        source = { kind = \"phase\", phase = \"apply-persistent\" }\n";
    let scene = deployment(0).file("budgets.toml", budgets).committed();
    let page = scene.outside().join("page.md");
    let call = scene.calling(&DEPLOY).env(KEY, &page).env("GITHUB_ACTIONS", "true");
    let run = call.run().exits(0);
    let page = fs::read_to_string(&page).unwrap();
    assert!(page.contains("| budget | value | verdict | limits |"), "{page}");
    assert!(page.contains("| deploy | "), "{page}");
    assert!(run.stderr.contains("::warning title=xtask%2C dev::budget deploy: "), "{}", run.stderr);
}

/// What a deployment printed and left is the same as without a page at all, but for a warning.
#[track_caller]
fn changes_nothing(scene: &Scene, page: &Path) -> Run {
    let before = scene.rows().len();
    let usual = scene.xtask(&DEPLOY).exits(3);
    let started = Instant::now();
    let run = scene.calling(&DEPLOY).env(KEY, page).run().exits(3);
    assert!(started.elapsed().as_secs() < 30);
    assert_eq!(run.stdout, usual.stdout);
    let [warning] = run.warnings()[..] else { panic!("{}", run.stderr) };
    assert!(warning.contains("(GITHUB_STEP_SUMMARY) is incomplete: "), "{warning}");
    assert_eq!(scene.rows().len() - before, 6);
    run
}

#[test]
fn what_is_no_file_changes_nothing() {
    let scene = deployment(3);
    let pipe = scene.outside().join("pipe");
    scene.call("mkfifo", &[pipe.to_str().unwrap()]).run().exits(0);
    for page in [scene.outside(), &pipe, Path::new("/dev/full"), Path::new("/nowhere/page.md")] {
        changes_nothing(&scene, page);
    }
}

#[test]
fn a_full_disk_changes_nothing() {
    let scene = deployment(3);
    let test = "a_full_disk_changes_nothing";
    let disk = scene.outside().join("disk");
    let Some(_mounted) = Mounted::at(test, disk.clone(), "size=4k") else { return };
    fs::write(disk.join("fill"), [b'x'; 4096]).unwrap();
    changes_nothing(&scene, &disk.join("page.md"));
}

#[test]
fn nothing_is_written_where_nothing_is_asked() {
    let scene = deployment(0);
    let run = scene.calling(&DEPLOY).env(KEY, "").run().exits(0);
    assert!(!run.stderr.contains("::") && run.warnings().is_empty(), "{}", run.stderr);
    assert_eq!(scene.git(&["status", "--porcelain"]), "");
}
