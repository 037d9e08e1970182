//! The fuzzer's properties over the corpus it left, without the fuzzer: what was once found stays
//! found. How to run the fuzzer stands in `fuzz/fuzz_targets/registry_file.rs`.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

#[path = "../../fuzz/properties.rs"]
mod properties;

#[test]
fn what_was_once_found_stays_found() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/registry_file");
    let mut files: Vec<_> =
        fs::read_dir(&corpus).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 30, "{} has only {} files", corpus.display(), files.len());
    let broken: Vec<_> = files
        .iter()
        .filter(|file| {
            let input = fs::read(file).unwrap();
            catch_unwind(AssertUnwindSafe(|| properties::hold_for(&input))).is_err()
        })
        .collect();
    assert!(broken.is_empty(), "the reader breaks a promise, said above, on {broken:#?}");
}

#[test]
fn a_field_of_ten_megabytes_is_like_any_other() {
    let long = "x".repeat(10_000_000);
    for file in [
        format!("2025-01-15T10:00:00Z,,dev,a,300,0,{long}\n"),
        format!("2025-01-15T10:00:00Z,,dev,a,300,0,\"{long}\n"),
        format!("{long}\n2025-01-15T10:00:00Z,,dev,a,300,0,a.log"),
        "\"\"".repeat(5_000_000),
    ] {
        properties::hold_for(file.as_bytes());
    }
}
