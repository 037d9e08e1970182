//! A scene for a test: a home, a repository in the contract's layout, programs on `PATH`, and
//! nothing of the machine's own configuration.
//!
//! ```ignore
//! let scene = Scene::new().step("apply", &["bash", "-c", "exit 7"]);
//! let run = scene.xtask(&["apply-persistent", "ENV=dev"]);
//! assert_eq!(run.code, 7);
//! assert_eq!(scene.rows()[0].exit_code, 7);
//! ```

pub(crate) mod background;
pub(crate) mod browser;
mod call;
mod gate;
mod marks;
mod mounted;
mod remote;
mod row;
mod scene;
mod stubs;

pub(crate) use call::{Call, Run};
pub(crate) use gate::{require, skipped};
pub(crate) use marks::{PATIENCE, eventually};
pub(crate) use mounted::Mounted;
pub(crate) use row::Row;
pub(crate) use scene::{BRANCH, CSV, Scene};
