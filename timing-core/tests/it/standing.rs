//! What the branch holds here and at the remote.

use crate::sandbox::{self, DEV_CSV, Sandbox, path, record_in};
use crate::story::{Story, csv};

#[test]
fn rows_are_counted_here_and_at_the_remote() {
    let upstream = Story::line(&[&csv(0..5)]).told();
    let clone = Sandbox::empty();
    clone.git_in(&clone.path("."), &["clone", "-q", path(&upstream.repo), path(&clone.repo)]);
    let standing = clone.registry().rows().unwrap();
    assert!(standing.local.is_none());
    assert_eq!(
        (standing.remote.unwrap().rows(), clone.registry().rows().unwrap().unseen()),
        (5, 0)
    );

    let records = ["dev", "staging"].map(|e| record_in(e, "apply-persistent", 1));
    sandbox::append(&clone.registry(), &records).unwrap();
    let standing = clone.registry().rows().unwrap();
    assert_eq!(standing.unseen(), 2);
    let local = standing.local.unwrap();
    let counts: Vec<(&str, usize)> =
        local.environments.iter().map(|(name, rows)| (name.as_str(), rows.rows)).collect();
    assert_eq!(counts, [("development", 6), ("staging", 1)]);
    assert!(local.environments["staging"].identities.contains(&records[1].identity()));
    assert!(local.faults.is_empty() && local.missing.is_empty());
}

#[test]
fn a_line_that_is_no_row_is_named_with_its_reason() {
    let text = csv(0..2) + "half a l\n\n<<<<<<< HEAD\na,b,c,d,e,f,g\n";
    let standing = Story::line(&[&text]).told().registry().rows().unwrap();
    let local = standing.local.unwrap();
    assert_eq!(local.rows(), 2);
    let faults: Vec<String> = local
        .faults
        .iter()
        .map(|fault| format!("{} line {}: {}", fault.path, fault.line, fault.fault))
        .collect();
    assert_eq!(faults[0], format!("{DEV_CSV} line 4: 1 field where a row has 7, 9, 11 or 12"));
    insta::assert_snapshot!(faults[1..].join("\n"), @r"
    environments/development/latest/build_timings.csv line 6: 1 field where a row has 7, 9, 11 or 12
    environments/development/latest/build_timings.csv line 7: column 1 (start_time_utc): not a date
    ");
}

#[test]
fn without_a_branch_there_are_no_rows() {
    let standing = Sandbox::new().registry().rows().unwrap();
    assert!(standing.local.is_none() && standing.remote.is_none());
    assert_eq!(standing.unseen(), 0);
}

#[test]
fn a_partial_clone_says_which_files_it_lacks() {
    let upstream = Story::line(&[&csv(0..5)]).told();
    upstream.git(&["config", "uploadpack.allowFilter", "true"]);
    let clone = Sandbox::empty();
    let url = format!("file://{}", path(&upstream.repo));
    clone.git_in(&clone.path("."), &["clone", "-q", "--filter=blob:none", &url, path(&clone.repo)]);
    let remote = clone.registry().rows().unwrap().remote.unwrap();
    assert_eq!((remote.rows(), remote.missing), (0, vec![DEV_CSV.to_owned()]));
}
