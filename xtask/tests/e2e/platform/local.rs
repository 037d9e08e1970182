//! Environment `local`: the sample service, really built, started, asked and stopped.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};

use super::scene::workspace;
use super::{Counts, Platform, Way};
use crate::support::Run;

/// What of the tester's environment cargo needs to find its toolchain, its registry and what is
/// built already.
const OF_CARGO: [&str; 7] = [
    "HOME",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
];

impl Platform {
    /// The platform, where `cargo` is the real one but builds the workspace that is tested, in the
    /// target directory that the tests come from: a build of a copy would take a minute.
    pub(crate) fn local() -> Self {
        let mut platform = Self::new();
        let target = Path::new(env!("CARGO_BIN_EXE_xtask")).ancestors().nth(2).unwrap();
        let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
        let kept: String = OF_CARGO
            .iter()
            .filter_map(|key| Some((key, std::env::var(key).ok()?)))
            .map(|(key, value)| format!("export {key}={}\n", quoted(&value)))
            .collect();
        let cargo = format!(
            "#!/bin/sh\n{kept}export CARGO_TARGET_DIR={}\ncd {}\nexec {} \"$@\"\n",
            quoted(target.to_str().unwrap()),
            quoted(workspace().to_str().unwrap()),
            quoted(env!("CARGO"))
        );
        platform.scene = platform.scene.program("cargo", &cargo);
        platform
    }

    /// Runs `target` of the default environment.
    fn does(&self, target: &str, variables: &[&str]) -> Run {
        self.target(Way::Xtask, target, variables).run()
    }

    fn state(&self, name: &str) -> PathBuf {
        self.scene.root().join("testdata/platform/.state/local").join(name)
    }

    fn service(&self) -> Service {
        Service::of(&self.scene.root())
    }
}

/// A service that was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Service {
    process: rustix::process::Pid,
    address: SocketAddr,
}

impl Service {
    /// That of the platform in `repository`.
    pub(super) fn of(repository: &Path) -> Self {
        let read = |name| {
            let path = repository.join("testdata/platform/.state/local").join(name);
            fs::read_to_string(path).unwrap().trim().to_owned()
        };
        let process = rustix::process::Pid::from_raw(read("pid").parse().unwrap()).unwrap();
        Self { process, address: read("address").parse().unwrap() }
    }

    /// Whether there is such a process and somebody listens where it did. The process alone proves
    /// nothing: init may take its time to bury it. The address alone may be another one's by now.
    pub(super) fn is_running(self) -> bool {
        rustix::process::test_kill_process(self.process).is_ok()
            && TcpStream::connect(self.address).is_ok()
    }

    /// Waits until it has noticed that nobody wants it any more.
    fn ends(self) {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while self.is_running() {
            assert!(std::time::Instant::now() < deadline, "{self:?} is still there");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }
}

#[test]
fn the_default_deploys_twice_and_is_torn_down_twice() {
    let platform = Platform::local();
    platform.does("deploy-persistent", &[]).exits(0);
    let first = platform.service();
    assert!(first.is_running());
    let phases = ["apply-persistent", "bootstrap-persistent", "deploy-persistent"];
    let rows = platform.local_rows();
    assert_eq!(rows.iter().map(|row| &row.phase).collect::<Vec<_>>(), phases);
    assert!(rows.iter().all(|row| (row.env.as_str(), row.exit_code) == ("local", 0)), "{rows:?}");
    let two = Counts { added: 2, ..Counts::default() };
    let counts =
        |from: usize| platform.local_rows()[from..].iter().map(Counts::of).collect::<Vec<_>>();
    assert_eq!(counts(0), [two, Counts::default(), two]);
    assert_eq!(platform.changes(), "");

    let verified = platform.does("verify", &[]).exits(0);
    assert!(verified.stdout.contains("GET /healthz?readiness=1: 200"), "{verified:?}");
    assert_eq!(verified.warnings(), [""; 0]);

    platform.does("deploy-persistent", &[]).exits(0);
    let second = platform.service();
    assert!(second.is_running() && !first.is_running(), "{first:?}, {second:?}");
    assert_eq!(counts(3), [Counts::default(); 3]);

    let refused = platform.does("teardown-persistent", &[]).exits(1);
    assert!(refused.stderr.contains("CONFIRM_DESTROY=yes"), "{refused:?}");
    assert!(second.is_running());
    for destroyed in [2, 0] {
        platform.does("teardown-persistent", &["CONFIRM_DESTROY=yes"]).exits(0);
        let row = platform.local_rows().pop().unwrap();
        assert_eq!(row.phase, "teardown-persistent");
        assert_eq!(Counts::of(&row), Counts { destroyed, ..Counts::default() });
        assert!(!second.is_running());
        assert!(!platform.state("").exists());
    }
    assert_eq!(platform.local_rows().len(), 8);
    assert_eq!(platform.changes(), "");
}

#[test]
fn a_state_directory_that_was_deleted_by_hand_is_made_anew() {
    let platform = Platform::local();
    platform.does("deploy-persistent", &[]).exits(0);
    let orphan = platform.service();
    fs::remove_dir_all(platform.state("")).unwrap();

    let verified = platform.does("verify", &[]).exits(0);
    assert_eq!(verified.warnings().len(), 1, "{verified:?}");
    orphan.ends();
    platform.does("deploy-persistent", &[]).exits(0);
    let service = platform.service();
    assert!(service.is_running());
    platform.does("teardown-persistent", &["CONFIRM_DESTROY=yes"]).exits(0);
    assert!(!service.is_running());
}

#[test]
fn the_bootstrap_of_v4_applies_by_itself() {
    let platform = Platform::local();
    platform.does("deploy-persistent", &["BOOTSTRAP_VERSION=v4"]).exits(0);
    let rows = platform.local_rows();
    let phases: Vec<&str> = rows.iter().map(|row| row.phase.as_str()).collect();
    assert_eq!(phases, ["bootstrap-persistent", "deploy-persistent"]);
    assert!(rows.iter().all(|row| row.added == 2), "{rows:?}");
    let service = platform.service();
    platform.does("teardown-persistent", &["CONFIRM_DESTROY=yes"]).exits(0);
    assert!(!service.is_running());
}

#[test]
fn a_service_that_does_not_come_up_fails_the_bootstrap() {
    let platform = Platform::local();
    let occupied = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = occupied.local_addr().unwrap().to_string();
    let deploy = platform.target(Way::Xtask, "deploy-persistent", &[]).env("PF_LISTEN", address);
    let run = deploy.run().exits(1);
    assert!(run.stderr.contains("bootstrap exited with 1"), "{run:?}");
    let codes: Vec<_> =
        platform.local_rows().into_iter().map(|row| (row.phase, row.exit_code)).collect();
    let expected = [("apply-persistent", 0), ("bootstrap-persistent", 1), ("deploy-persistent", 1)];
    assert_eq!(codes, expected.map(|(phase, code)| (phase.to_owned(), code)));
    assert!(!platform.state("pid").exists(), "a service that never was is left to be stopped");
    platform.does("teardown-persistent", &["CONFIRM_DESTROY=yes"]).exits(0);
}
