//! `report`: where the page goes, that its figures are those of `timings stats`, and the page in a
//! browser.

mod checks;
mod looks;
mod scene;
mod works;

use std::fs;

use crate::support::Scene;

const ROWS: &str = "\
2026-01-24T14:43:27Z,2026-01-24T14:58:03Z,apply-persistent,dev,persistent,876,0,RUN=r1,3,1,0,logs/c.log
2026-01-25T14:43:27Z,2026-01-25T14:43:30Z,apply-persistent,dev,persistent,3,1,RUN=r2,0,0,0,logs/d.log
2026-01-26T14:43:27Z,2026-01-26T14:59:03Z,apply-persistent,dev,persistent,936,0,RUN=r3,3,1,0,logs/e.log
";

fn figures(page: &str) -> serde_json::Value {
    let (_, rest) = page.split_once("id=\"figures\">").unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

#[test]
fn the_page_lies_beside_the_logs_and_git_does_not_see_it() {
    let scene = Scene::new().registry_file(ROWS);
    let run = scene.xtask(&["report"]).exits(0);
    assert_eq!(
        (run.stdout.as_str(), run.stderr.as_str()),
        ("", "written to logs/build-timings/report.html\n")
    );
    assert_eq!(scene.git(&["status", "--porcelain"]), "");
    let page = scene.read("logs/build-timings/report.html");
    let stats = scene.xtask(&["timings", "stats", "--format", "json"]).exits(0);
    assert_eq!(figures(&page), serde_json::from_str::<serde_json::Value>(&stats.stdout).unwrap());
    assert!(
        page.contains(
            "1 commit on refs&#x2f;heads&#x2f;governance-registry: every one only appended"
        )
    );
    // Again: the old page is replaced, and nothing is left beside it.
    scene.xtask(&["report"]).exits(0);
    let left = fs::read_dir(scene.root().join("logs/build-timings")).unwrap().count();
    assert_eq!(left, 2, "the page and the file that has it ignored");
}

#[test]
fn the_conditions_of_timings_hold_for_the_page_too() {
    let scene = Scene::new().registry_file(ROWS);
    let conditions = ["--env", "dev", "--since", "2026-01-25"];
    let page = scene.xtask(&[&["report", "--out", "-"][..], &conditions].concat()).exits(0);
    let stats = [&["timings", "stats", "--format", "json"][..], &conditions].concat();
    let stats = scene.xtask(&stats).exits(0);
    assert_eq!(
        figures(&page.stdout),
        serde_json::from_str::<serde_json::Value>(&stats.stdout).unwrap()
    );
    assert_eq!(page.stderr, "");
}

#[test]
fn a_clone_without_rows_gets_a_page_that_says_what_to_do() {
    let scene = Scene::new();
    let page = scene.xtask(&["report", "--out", "-"]).exits(0).stdout;
    assert!(
        page.contains("There are no rows yet") && page.contains("cargo xtask deploy-persistent")
    );
    assert_eq!(scene.git(&["status", "--porcelain"]), "");
}

#[test]
fn what_cannot_be_written_is_said_and_leaves_nothing_behind() {
    let scene = Scene::new().registry_file(ROWS);
    let run = scene.xtask(&["report", "--out", "missing/page.html"]).exits(1);
    assert!(run.stderr.starts_with("error: the report cannot be written to "), "{}", run.stderr);
    scene.write("directory/file", "");
    let run = scene.xtask(&["report", "--out", "directory"]).exits(1);
    assert!(run.stderr.contains("directory"), "{}", run.stderr);
    let left = fs::read_dir(scene.root()).unwrap();
    let names = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|name| name.contains("part")).count(), 0);
}
