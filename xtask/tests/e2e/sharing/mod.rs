//! Rows on their way to where others see them: who sends what when, and what survives when the
//! remote or the local branch is not what it was.

mod hanging;
mod inbox;
mod policies;
mod survival;

use crate::support::Scene;

/// A clone with a remote, whose apply exits with 7.
fn scene(push: &str) -> Scene {
    without_origin(push).with_origin()
}

fn without_origin(push: &str) -> Scene {
    Scene::new()
        .config(&format!("[registry]\npush = \"{push}\""))
        .step("apply", &["bash", "-c", "exit 7"])
        .committed()
}

/// The line that says how many rows nobody else can see.
const UNSEEN: &str = "can be seen by nobody else";
