//! From where a person happens to stand: a path that shells trip over, a subdirectory, a linked
//! worktree.

use super::local::Service;
use super::{Platform, Way};

#[test]
fn a_clone_in_an_awkward_path_deploys_from_any_of_its_directories() {
    let platform = Platform::local();
    let clone = platform.scene.outside().join("a b/it's $HOME");
    let (from, to) = (platform.scene.root(), clone.to_str().unwrap().to_owned());
    platform.scene.git(&["clone", "-q", from.to_str().unwrap(), &to]);
    let call = |target, variables: &[&str]| {
        let call = platform.target(Way::Xtask, target, variables);
        call.in_dir(clone.join("testdata/platform/envs")).run().exits(0)
    };
    call("deploy-persistent", &[]);
    let service = Service::of(&clone);
    assert!(service.is_running());
    let verified = call("verify", &[]);
    assert_eq!(verified.warnings(), [""; 0]);
    call("teardown-persistent", &["CONFIRM_DESTROY=yes"]);
    assert!(!service.is_running());
    let csv = "governance-registry:environments/local/latest/build_timings.csv";
    assert_eq!(platform.scene.git_in(&clone, &["show", csv]).lines().count(), 1 + 3 + 1);
    assert_eq!(platform.scene.git_in(&clone, &["status", "--porcelain"]), "");
}

#[test]
fn a_linked_worktree_has_a_service_of_its_own_and_the_same_registry() {
    let platform = Platform::local();
    let linked = platform.scene.outside().join("linked");
    platform.scene.git(&["worktree", "add", "-q", linked.to_str().unwrap()]);
    let call = |target, variables: &[&str]| platform.target(Way::Xtask, target, variables);
    call("deploy-persistent", &[]).run().exits(0);
    call("deploy-persistent", &[]).in_dir(&linked).run().exits(0);
    let services = [Service::of(&platform.scene.root()), Service::of(&linked)];
    assert_ne!(services[0], services[1]);
    assert!(services.into_iter().all(Service::is_running));
    assert_eq!(platform.local_rows().len(), 6);

    call("teardown-persistent", &["CONFIRM_DESTROY=yes"]).in_dir(&linked).run().exits(0);
    assert!(services[0].is_running() && !services[1].is_running());
    call("teardown-persistent", &["CONFIRM_DESTROY=yes"]).run().exits(0);
    assert!(!services[0].is_running());
    assert_eq!(platform.local_rows().len(), 8);
    assert_eq!(platform.changes(), "");
    assert_eq!(platform.scene.git_in(&linked, &["status", "--porcelain"]), "");
}
