//! What can be seen of the repositories afterwards: their rows, and whether anything is broken.

use std::path::Path;

use super::Failure;
use super::ledger::Place;
use super::plan::Remote;
use super::rows::{self, Row};
use super::stage::{BRANCH, Stage};

/// Every row wherever it is, and what is wrong with the repositories.
pub(super) fn inspect(stage: &Stage) -> Result<(Vec<Row>, Vec<String>), Failure> {
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for (place, repository) in stage.places() {
        let commits = stage.commits(&repository)?;
        if let Some(tip) = commits.last() {
            let csv = stage.csv(&repository, tip)?;
            found.extend(rows::parse(place, &csv)?);
        }
        let what = format!("{} {place}", stage.root().display());
        let all = [
            not_linear(stage, &repository),
            only_appended(stage, &repository, &commits),
            stage.git(&repository, &["fsck", "--no-dangling", "--no-progress"]).map(drop),
            unclean(stage, place, &repository),
        ];
        faults.extend(all.into_iter().filter_map(Result::err).map(|why| format!("{what}: {why}")));
    }
    Ok((found, faults))
}

fn not_linear(stage: &Stage, repository: &Path) -> Result<(), Failure> {
    let branches = format!("--branches={BRANCH}");
    let merges = stage.git(repository, &["rev-list", "--merges", &branches])?;
    if merges.is_empty() { Ok(()) } else { Err(format!("merges: {merges}").into()) }
}

fn only_appended(stage: &Stage, repository: &Path, commits: &[String]) -> Result<(), Failure> {
    let mut before = String::new();
    for commit in commits {
        let now = stage.csv(repository, commit)?;
        if !now.starts_with(&before) || now.len() == before.len() {
            return Err(format!("{commit} does more, or less, than to append").into());
        }
        before = now;
    }
    Ok(())
}

fn unclean(stage: &Stage, place: Place, repository: &Path) -> Result<(), Failure> {
    if place == Place::Remote {
        return Ok(());
    }
    let changes = stage.git(repository, &["status", "--porcelain", "--untracked-files=all"])?;
    if changes.is_empty() { Ok(()) } else { Err(format!("the work tree has {changes:?}").into()) }
}

/// Whether anything in the journals waits for another synchronisation.
pub(super) fn pending(stage: &Stage) -> Vec<String> {
    let mut pending = Vec::new();
    for index in 0..stage.clones {
        let journal = stage.clone_at(index).join(".git/timing-journal");
        let Ok(entries) = std::fs::read_dir(journal) else { continue };
        for entry in entries.filter_map(Result::ok) {
            let name = entry.file_name().to_string_lossy().into_owned();
            let waits = stage.remote == Remote::Bare && name == "outbox.csv";
            // An entry that was only being made holds nothing: its run had started nothing.
            if waits || name.ends_with(".jsonl") {
                pending.push(format!("clone-{index}/{name}"));
            }
        }
    }
    pending
}
