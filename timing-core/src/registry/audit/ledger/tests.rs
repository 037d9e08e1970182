use super::*;
use crate::clock::UtcStamp;
use crate::git::{ObjectFormat, ObjectId};
use crate::table::Table;

const OTHER: &str = "2025-01-15T10:00:00Z,x,build,dev,b,1,0,,a.log\n";
const OURS: &str = "2025-01-15T10:00:00Z,x,build,dev,b,1,0,RUN=r1,0,0,0,a.log\n";

fn commits(count: u64) -> Vec<Arc<Commit>> {
    let commit = |n| Commit {
        id: ObjectId::zero(ObjectFormat::Sha1),
        author: String::new(),
        date: UtcStamp::from_unix_seconds(n),
        subject: n.to_string(),
    };
    (0..count).map(|n| Arc::new(commit(n))).collect()
}

/// Walks through versions of a file; the rows lost at the last one, as bytes, first and dropping
/// commit, and how many are wanted.
fn lost(versions: &[String]) -> Vec<(String, String, String, usize)> {
    let mut ledger = Ledger::default();
    let mut old = "";
    for (commit, new) in versions.iter().enumerate() {
        let (before, mut after) =
            (entries(Table::Timings, old.as_bytes()), entries(Table::Timings, new.as_bytes()));
        let comparison = super::super::compare::compare(&before, &after);
        ledger.went(&comparison.dropped, &before, "f", commit);
        for place in comparison.new.iter().rev() {
            ledger.came(after.remove(*place), commit);
        }
        old = new;
    }
    let mut tip = Tip::default();
    ledger.look(&mut tip, "f", old.as_bytes());
    let lost = ledger.lost(tip, &commits(versions.len() as u64));
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap() + "\n";
    let row = |row: Lost| {
        (text(row.bytes), row.first.subject.clone(), row.dropped.subject.clone(), row.wanted)
    };
    lost.into_iter().map(row).collect()
}

fn times(row: &str, count: usize) -> String {
    row.repeat(count)
}

#[test]
fn what_went_and_came_back_is_not_lost() {
    assert_eq!(lost(&[times(OTHER, 1), String::new(), times(OTHER, 1)]), []);
}

#[test]
fn the_commit_that_dropped_it_last_is_named() {
    let versions = [times(OTHER, 1), String::new(), times(OTHER, 1), String::new(), String::new()];
    assert_eq!(lost(&versions), [(OTHER.to_owned(), "0".to_owned(), "3".to_owned(), 1)]);
}

#[test]
fn a_row_that_was_there_twice_is_lost_once() {
    let found = lost(&[times(OTHER, 2), times(OTHER, 1)]);
    assert_eq!(found, [(OTHER.to_owned(), "0".to_owned(), "1".to_owned(), 2)]);
    let found = lost(&[times(OTHER, 3), times(OTHER, 2), times(OTHER, 1)]);
    let wanted: Vec<usize> = found.iter().map(|(_, _, _, wanted)| *wanted).collect();
    assert_eq!(wanted, [2, 3]);
}

#[test]
fn a_second_row_of_a_run_is_no_loss() {
    assert_eq!(lost(&[times(OURS, 2), times(OURS, 1)]), []);
    assert_eq!(lost(&[times(OURS, 2), String::new()]).len(), 1);
}

#[test]
fn of_two_rows_of_one_identity_the_one_that_is_gone_is_lost() {
    let failed = OTHER.replace(",1,0,", ",1,255,");
    let found = lost(&[format!("{OTHER}{failed}"), OTHER.to_owned()]);
    assert_eq!(found, [(failed, "0".to_owned(), "1".to_owned(), 2)]);
}

#[test]
fn a_row_in_another_file_of_the_tip_is_not_lost() {
    let mut ledger = Ledger::default();
    let before = entries(Table::Timings, OTHER.as_bytes());
    ledger.went(&[0], &before, "f", 0);
    let mut tip = Tip::default();
    ledger.look(&mut tip, "history/old.csv", OTHER.as_bytes());
    assert_eq!(ledger.lost(tip, &commits(1)), []);
}
