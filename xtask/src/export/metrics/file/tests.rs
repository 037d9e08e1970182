//! Old or new, and never less.

use super::*;
use std::os::unix::fs::symlink;

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_is_made_and_replaced_readable_for_everybody_and_nothing_is_left_behind() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("xtask.prom");
    write(&path, "1\n").unwrap();
    let first = File::open(&path).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    write(&path, "22\n").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "22\n");
    assert_eq!(io::read_to_string(first).unwrap(), "1\n", "who was reading reads on");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
    assert_eq!(names(directory.path()), ["xtask.prom"]);
}

#[test]
fn a_link_stays_one() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    fs::create_dir(at("elsewhere")).unwrap();
    symlink("elsewhere/real.prom", at("link.prom")).unwrap();
    for text in ["1\n", "2\n"] {
        write(&at("link.prom"), text).unwrap();
        assert_eq!(fs::read_to_string(at("elsewhere/real.prom")).unwrap(), text);
    }
    assert!(fs::symlink_metadata(at("link.prom")).unwrap().is_symlink());
    symlink("round.prom", at("round.prom")).unwrap();
    let error = write(&at("round.prom"), "").unwrap_err().to_string();
    assert!(error.contains("it is a link to itself"), "{error}");
}

#[test]
fn what_cannot_be_written_is_said_and_what_was_there_stays() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let error = |path: &Path| write(path, "x").unwrap_err().to_string();
    assert!(error(&at("missing/xtask.prom")).contains("does its directory exist?"));
    assert!(error(directory.path()).contains("something that is not a file is there"));
    assert!(error(Path::new("/dev/full")).contains("something that is not a file is there"));
    fs::write(at("xtask.prom"), "old").unwrap();
    // A name that leaves no room for another one beside it.
    let long = at(&"x".repeat(255));
    fs::write(&long, "old").unwrap();
    assert!(error(&long).contains("what was there is as it was"));
    assert_eq!(fs::read_to_string(&long).unwrap(), "old");
}

#[test]
fn whoever_reads_meanwhile_finds_one_text_or_the_other() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("xtask.prom");
    let texts = ["a".repeat(300_000), "b".repeat(200_000)];
    write(&path, &texts[0]).unwrap();
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut count = 0;
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                let read = fs::read_to_string(&path).unwrap();
                assert!(texts.contains(&read), "{} bytes", read.len());
                count += 1;
            }
            count
        });
        for round in 0..50 {
            write(&path, &texts[round % 2]).unwrap();
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(reader.join().unwrap() > 0);
    });
}
