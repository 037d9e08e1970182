//! A real Chromium without a window, and what a page does in it.
//!
//! It is talked to over two pipes, in its DevTools protocol (JSON with a NUL at its end), so there is
//! no port that somebody else could take. Its profile goes with the test, and no name but that of a
//! file leads anywhere.
//! <https://chromedevtools.github.io/devtools-protocol/>
//!
//! ```ignore
//! let Some(mut browser) = Browser::start("a_test") else { return };
//! let mut page = browser.page();
//! page.look(Look { width: 390, height: 844, scheme: Scheme::Dark });
//! page.open(&path);
//! assert_eq!(page.evaluate("document.title"), "Build timings");
//! ```

mod page;
mod wire;

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use serde_json::json;

pub(crate) use page::{Look, Medium, Page, Scheme};

use super::background::Background;
use super::require;
use wire::Wire;

/// What is handed to Chromium besides its pipes and its profile.
const OPTIONS: [&str; 14] = [
    "--headless=new",
    "--remote-debugging-pipe",
    "--disable-gpu",
    // Containers have little shared memory.
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-pings",
    "--host-resolver-rules=MAP * ~NOTFOUND",
];

/// One Chromium. It ends with this.
pub(crate) struct Browser {
    wire: Wire,
    _process: Background,
    _home: tempfile::TempDir,
}

impl Browser {
    /// Starts one; `None` where there is none, which has been said then.
    pub(crate) fn start(test: &str) -> Option<Self> {
        if !require(test, "chromium") {
            return None;
        }
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("profile")).unwrap();
        // Descriptors 3 and 4 are where it expects its pipes; a shell puts them there.
        let redirect = "exec chromium \"$@\" 3<&0 4>&1 </dev/null >/dev/null";
        let mut command = Command::new("sh");
        command.args(["-c", redirect, "chromium"]).args(OPTIONS);
        command.arg(format!("--user-data-dir={}", home.path().join("profile").display()));
        // Its sandbox is not for root, whom containers often run as.
        if rustix::process::geteuid().is_root() {
            command.arg("--no-sandbox");
        }
        command
            .arg("about:blank")
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", home.path())
            .env("LANG", "C.UTF-8")
            .env("TZ", "UTC")
            .current_dir(home.path())
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(home.path().join("chromium.log")).unwrap());
        let mut child = command.spawn().unwrap();
        let wire = Wire::new(child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Some(Self { wire, _process: Background { child }, _home: home })
    }

    /// A page with nothing on it.
    pub(crate) fn page(&mut self) -> Page<'_> {
        let target = self.wire.call(None, "Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = self.wire.call(None, "Target.attachToTarget", attach);
        Page::attached(&mut self.wire, attached["sessionId"].as_str().unwrap())
    }
}
