//! This repository's own budgets, of its own service.

use serde_json::Value;

use crate::platform::{Platform, Way};

/// Metrics of what runs, and of what can be started.
const OF_THE_SERVICE: [&str; 9] = [
    "liveness-p95",
    "liveness-memory",
    "liveness-cpu",
    "readiness-p95",
    "metrics-size",
    "boot",
    "boot-http-bind",
    "boot-enhanced",
    "feature-memory",
];

fn check(platform: &Platform) -> Vec<Value> {
    let mut call = platform.scene.calling(&["budget", "check", "--no-record", "--format", "json"]);
    for name in OF_THE_SERVICE {
        call = call.argument("--only").argument(name);
    }
    serde_json::from_str(&call.run().exits(0).stdout).unwrap()
}

#[test]
fn the_deployed_service_keeps_what_its_budgets_say() {
    let platform = Platform::local();
    for found in check(&platform) {
        assert_eq!(found["verdict"], "unknown", "{found}");
        let reason = found["reason"].as_str().unwrap();
        assert!(
            reason.contains("`cargo xtask deploy-persistent ENV=local` deploys it"),
            "{reason}"
        );
    }
    platform.target(Way::Xtask, "deploy-persistent", &[]).run().exits(0);
    let found = check(&platform);
    assert_eq!(found.len(), OF_THE_SERVICE.len());
    for found in found {
        // How fast a busy machine is proves nothing.
        assert!(found["value"].is_number(), "{found}");
    }
    platform.target(Way::Xtask, "teardown-persistent", &["CONFIRM_DESTROY=yes"]).run().exits(0);
}
