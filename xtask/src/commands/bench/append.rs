//! Appending one row to a registry of 1,000, against the plain git commands that a careful person
//! would type: read the file, write the new one, rebuild each directory above it, commit, move the
//! branch.

use timing_core::record::TimingRecord;
use timing_core::table;
use xshell::{Shell, cmd};

use super::Failure;
use super::fixture::{self, FILE};
use super::pairs::{Bar, Measured, Ratio, interleave, measured};

const PAIRS: usize = 51;
const ROWS: u32 = 1000;

/// The directories above the file, from the innermost to the root.
const DIRECTORIES: [&str; 4] =
    ["environments/bench/latest", "environments/bench", "environments", ""];

pub(super) fn measure() -> Result<Measured, Failure> {
    let sh = fixture::shell()?;
    let directory = sh.create_temp_dir()?;
    sh.change_dir(directory.path());
    // Two repositories with the same history, so that neither side finds the other's objects.
    let registry = fixture::repository(&sh, "ours", ROWS)?;
    fixture::repository(&sh, "theirs", ROWS)?;
    let mut next = ROWS;
    let ours = || -> Result<(), Failure> {
        next += 1;
        fixture::append(&registry, vec![fixture::record(next)?])
    };
    sh.change_dir("theirs");
    let mut typed = ROWS;
    let theirs = || -> Result<(), Failure> {
        typed += 1;
        type_by_hand(&sh, &fixture::record(typed)?)
    };
    let seconds = interleave(PAIRS, ours, theirs)?;
    measured(
        "time to append a row to 1,000, against the plain git commands",
        &seconds,
        Ratio::Time,
        Bar::AtMost(0.6),
    )
}

fn type_by_hand(sh: &Shell, record: &TimingRecord) -> Result<(), Failure> {
    const BRANCH: &str = "governance-registry";
    let mut csv = cmd!(sh, "git cat-file blob {FILE}").quiet().output()?.stdout;
    csv.extend(table::rows(std::slice::from_ref(record)));
    let mut name = String::from("build_timings.csv");
    let mut new = cmd!(sh, "git hash-object -w --stdin").stdin(csv).quiet().read()?;
    for directory in DIRECTORIES {
        let tree = format!("{BRANCH}:{directory}");
        let entries = cmd!(sh, "git ls-tree {tree}").quiet().read()?;
        let entries = with_entry(&entries, &name, &new);
        new = cmd!(sh, "git mktree").stdin(entries).quiet().read()?;
        name = directory.rsplit('/').next().unwrap_or_default().to_owned();
    }
    let commit = cmd!(sh, "git commit-tree -p {BRANCH} -m record {new}").quiet().read()?;
    Ok(cmd!(sh, "git update-ref refs/heads/{BRANCH} {commit}").quiet().run()?)
}

/// A tree's listing with another object under `name`.
fn with_entry(listing: &str, name: &str, object: &str) -> String {
    let line = |line: &str| match line.split_once('\t') {
        Some((entry, entry_name)) if entry_name == name => {
            let kind: Vec<&str> = entry.split(' ').take(2).collect();
            format!("{} {object}\t{name}\n", kind.join(" "))
        }
        _ => format!("{line}\n"),
    };
    listing.lines().map(line).collect()
}
