//! A registry branch that stands for a branch of the user's.

use timing_core::registry::InboxName;

use crate::fleet::{Fleet, PATIENT, RECORDER, row};
use crate::sandbox::{BRANCH, Sandbox, run, stamp};

fn reference() -> String {
    format!("refs/heads/{BRANCH}")
}

#[test]
fn the_branch_that_it_stands_for_is_never_moved() {
    let sandbox = Sandbox::new();
    sandbox.git(&["symbolic-ref", &reference(), "refs/heads/main"]);
    let before = sandbox.git(&["for-each-ref"]);
    let error = sandbox.append("apply-persistent", 1).unwrap_err();
    insta::assert_snapshot!(error, @"finding the registry's branch: refs/heads/governance-registry is a symbolic reference to refs/heads/main, which must not move with it; remove it with `git symbolic-ref --delete refs/heads/governance-registry`, or set registry.branch to the branch that is meant");
    assert!(sandbox.registry().create(RECORDER, stamp()).is_err());
    assert_eq!(sandbox.git(&["for-each-ref"]), before);
}

#[test]
fn nor_is_one_made_that_does_not_exist_yet() {
    let sandbox = Sandbox::new();
    sandbox.git(&["symbolic-ref", &reference(), "refs/heads/later"]);
    let error = sandbox.append("apply-persistent", 1).unwrap_err().to_string();
    assert!(error.contains("a symbolic reference to refs/heads/later"), "{error}");
    assert!(sandbox.registry().create(RECORDER, stamp()).is_err());
    assert_eq!(sandbox.git(&["symbolic-ref", &reference()]), "refs/heads/later");
    assert_eq!(sandbox.git(&["branch", "--format=%(refname)"]), "refs/heads/main");
}

#[test]
fn synchronising_and_draining_leave_it_alone_too() {
    let fleet = Fleet::new();
    let other = fleet.clone("other");
    other.sync(&[row(1)]);
    let inbox = InboxName::new("laptop", &run(3));
    other.registry().push_inbox(&inbox, &[row(3).into()], &PATIENT, RECORDER, stamp()).unwrap();
    let ship = fleet.clone("a");
    for symbolic in [reference(), format!("refs/remotes/origin/{BRANCH}")] {
        ship.git(&["symbolic-ref", &symbolic, "refs/heads/main"]);
        let before = ship.git(&["for-each-ref"]);
        let error = ship.try_sync(&[row(2)]).unwrap_err().to_string();
        assert!(error.contains("symbolic reference to refs/heads/main"), "{error}");
        let error = ship.registry().drain(&PATIENT, RECORDER, stamp()).unwrap_err().to_string();
        assert!(error.contains("symbolic reference to refs/heads/main"), "{error}");
        assert_eq!(ship.git(&["for-each-ref"]), before);
        ship.git(&["symbolic-ref", "--delete", &symbolic]);
    }
    fleet.assert_runs([1]);
}
