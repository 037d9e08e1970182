//! Where runs wait: only when somebody is to be told, whatever is in the way there, and bounded.

use std::fs;

use super::{bash, directory, refused, waiting};
use crate::support::{Mounted, Scene};

#[test]
fn without_a_word_nothing_is_put_down_and_nothing_started() {
    let scene = Scene::new();
    let call =
        scene.calling(&["exec", "--phase", "x", "--", "bash", "-c", "echo \"[$TRACEPARENT]\""]);
    assert_eq!(call.run().exits(0).stdout, "[]\n");
    let outer = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let call =
        scene.calling(&["exec", "--phase", "x", "--", "bash", "-c", "echo \"[$TRACEPARENT]\""]);
    let run = call.env("TRACEPARENT", outer).run().exits(0);
    assert_eq!(run.stdout, format!("[{outer}]\n"), "it reaches the step as it is");
    assert!(!directory(&scene).exists());
    let run = scene.xtask(&["export", "send"]).exits(0);
    assert!(run.stdout.contains("nothing is configured to be exported"), "{}", run.stdout);
}

#[test]
fn a_run_that_leaves_no_row_is_not_exported() {
    let scene = Scene::new();
    let words = ["exec", "--phase", "x", "--no-record", "--", "true"];
    scene.calling(&words).env(super::ENDPOINT, refused()).run().exits(0);
    assert!(!directory(&scene).exists());
}

#[test]
fn a_spool_that_cannot_be_used_is_a_warning_and_no_more() {
    let scene = Scene::new();
    let plain = scene.xtask(&["exec", "--phase", "x", "--", "bash", "-c", "echo out; exit 3"]);
    fs::write(directory(&scene), "in the way").unwrap();
    let run = bash(&scene, &refused(), "echo out; exit 3").run().exits(3);
    assert_eq!(run.stdout, plain.stdout);
    let [warning] = run.warnings()[..] else { panic!("{}", run.stderr) };
    assert!(warning.starts_with("warning: this run is not exported: "), "{warning}");
    assert_eq!(scene.rows().len(), 2);
}

#[test]
fn pipes_in_place_of_our_files_hold_nobody_up() {
    let scene = Scene::new();
    for name in ["send.log", "trouble.log", "lock", "otlp.after"] {
        fs::create_dir_all(directory(&scene)).unwrap();
        let pipe = directory(&scene).join(name);
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, 0o600.into()).unwrap();
        let run = bash(&scene, &refused(), "echo out; exit 5").run().exits(5);
        assert_eq!(run.stdout, "out\n", "{name}");
        scene.calling(&["export", "status"]).env(super::ENDPOINT, refused()).run();
        let sent = scene.calling(&["export", "send"]).env(super::ENDPOINT, refused()).run();
        assert_eq!(sent.code, 1, "{name}: {}", sent.stderr);
        fs::remove_dir_all(directory(&scene)).unwrap();
    }
    assert_eq!(scene.rows().len(), 4);
}

#[test]
fn a_full_disk_is_a_warning_and_leaves_nothing_half_written() {
    let scene = Scene::new();
    scene.xtask(&["exec", "--phase", "x", "--", "true"]).exits(0);
    let test = "a_full_disk_is_a_warning_and_leaves_nothing_half_written";
    let Some(_full) = Mounted::at(test, directory(&scene), "size=4k") else { return };
    fs::write(directory(&scene).join("filler"), [0; 4096]).unwrap();
    let run = bash(&scene, &refused(), "echo out; exit 3").run().exits(3);
    assert_eq!(run.stdout, "out\n");
    let [warning] = run.warnings()[..] else { panic!("{}", run.stderr) };
    assert!(warning.contains("this run is not exported: "), "{warning}");
    assert!(waiting(&scene).is_empty());
    assert_eq!(scene.rows().len(), 2);
}

#[test]
fn garbage_in_the_spool_holds_nobody_up_and_goes() {
    let scene = Scene::new();
    scene.xtask(&["exec", "--phase", "x", "--", "true"]).exits(0);
    fs::create_dir(directory(&scene)).unwrap();
    for place in 0..10_000 {
        fs::write(directory(&scene).join(format!("{place:016x}.json")), "{garbage").unwrap();
    }
    fs::write(directory(&scene).join("notes.txt"), "mine").unwrap();
    let start = std::time::Instant::now();
    bash(&scene, &refused(), "exit 3").run().exits(3);
    println!("a run beside 10,000 files took {:?}", start.elapsed());
    let send = scene.calling(&["export", "send"]).env(super::ENDPOINT, refused());
    let run = send.run().exits(1);
    assert!(run.stderr.lines().count() < 12, "{}", run.stderr);
    assert_eq!(waiting(&scene).len(), 1, "the run that is one");
    assert_eq!(fs::read_to_string(directory(&scene).join("notes.txt")).unwrap(), "mine");
    let status =
        scene.calling(&["export", "status"]).env(super::ENDPOINT, refused()).run().exits(0);
    assert!(status.stdout.contains("1 run waiting"), "{}", status.stdout);
}

#[cfg(not(feature = "otlp"))]
#[test]
fn a_build_without_otlp_says_so_and_keeps_the_run() {
    let scene = Scene::new();
    bash(&scene, &refused(), "true").run().exits(0);
    let send = scene.calling(&["export", "send"]).env(super::ENDPOINT, refused());
    let run = send.run().exits(1);
    assert!(run.stderr.contains("cargo xtask-full export send"), "{}", run.stderr);
    assert_eq!(waiting(&scene).len(), 1);
}
