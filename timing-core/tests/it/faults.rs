//! Remotes that refuse, hang, ask or are not there.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use timing_core::git::GitError;
use timing_core::registry::{SyncError, SyncPolicy};

use crate::fleet::{Fleet, PATIENT, RECORDER, SHORT, Ship, executable, row};
use crate::sandbox::{BRANCH, path, stamp};

fn one_line(error: &SyncError) -> String {
    let text = error.to_string();
    assert!(!text.contains('\n'), "{text}");
    text
}

fn is_time_out(error: &SyncError) -> bool {
    matches!(error, SyncError::Unreachable { error: GitError::TimedOut { .. }, .. })
}

fn set_url(ship: &Ship<'_>, url: &str) {
    ship.git(&["remote", "set-url", "origin", url]);
}

#[test]
fn a_remote_that_refuses_once_is_asked_again() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    let marker = fleet.sandbox.path("refused");
    let script = format!("test -e '{0}' || {{ : > '{0}'; exit 1; }}", marker.display());
    fleet.hook("pre-receive", &script);
    let synced = a.sync(&[row(1)]);
    assert_eq!((synced.rows, synced.attempts), (1, 2));
    fleet.assert_runs([1]);
}

#[test]
fn a_remote_that_always_refuses_is_not_asked_for_ever() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    let count = fleet.sandbox.path("count");
    fleet.hook(
        "pre-receive",
        &format!("echo x >> '{}'; echo no pushes here; exit 1", count.display()),
    );
    a.append(1);
    let tip = a.tip();
    let error = a.try_sync(&[row(2)]).unwrap_err();
    assert_eq!(std::fs::read_to_string(count).unwrap().lines().count(), 3);
    assert_eq!(a.tip(), tip);
    let shown = one_line(&error).replace(path(&fleet.bare), "<remote>");
    insta::assert_snapshot!(shown, @r#"the remote "origin" (file://<remote>) refused the push to "governance-registry" in each of 3 attempts: [remote rejected] (pre-receive hook declined): pushing to the remote: git failed with 1: remote: no pushes here; error: failed to push some refs to 'file://<remote>'; the rows are kept; ask for the right to push, or set registry.push to another value"#);
}

#[test]
fn a_remote_that_never_answers_is_given_up_in_time() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    set_url(&a, &format!("git://{}/x", listener.local_addr().unwrap()));
    let before = Instant::now();
    let error = a.registry().sync(&[row(1).into()], &SHORT, RECORDER, stamp()).unwrap_err();
    assert!(is_time_out(&error), "{error}");
    assert!(before.elapsed() >= SHORT.total);
    // Generous for a busy machine, and far below any time-out of git's own.
    assert!(before.elapsed() < Duration::from_secs(10), "{:?}", before.elapsed());
    let shown = one_line(&error).replace(&listener.local_addr().unwrap().to_string(), "<address>");
    insta::assert_snapshot!(shown, @r#"the registry cannot be synchronised with the remote "origin" (git://<address>/x): fetching from the remote: git did not end within 700ms and was stopped; the rows are kept and go with the next synchronisation"#);
}

#[test]
fn a_remote_that_is_not_there_is_named_without_its_password() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    // Bound and closed again: nobody listens.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    set_url(&a, &format!("http://me:hunter2@{address}/x.git"));
    let error = a.try_sync(&[row(1)]).unwrap_err();
    let shown = one_line(&error).replace(&address.to_string(), "<address>");
    let shown = shown.replace(&address.port().to_string(), "<port>");
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(shown.starts_with(r#"the registry cannot be synchronised with the remote "origin" (http://***@<address>/x.git): fetching from the remote: git failed with 128: fatal: unable to access 'http://<address>/x.git/'"#), "{shown}");

    set_url(&a, "/does/not/exist.git");
    let error = a.try_sync(&[row(1)]).unwrap_err();
    assert!(matches!(error, SyncError::Unreachable { .. }), "{error}");
    assert!(one_line(&error).contains("does not appear to be a git repository"), "{error}");

    a.git(&["remote", "remove", "origin"]);
    let error = a.try_sync(&[row(1)]).unwrap_err();
    insta::assert_snapshot!(one_line(&error), @r#"the registry cannot be synchronised: the repository has no remote "origin"; add it with `git remote add`, or name another one in registry.remote"#);
}

/// A stand-in for ssh that notes how it was called and runs the command here.
fn ssh_stub(fleet: &Fleet, refuses: &str) -> (String, std::path::PathBuf) {
    let (stub, calls) = (fleet.sandbox.path("ssh-stub"), fleet.sandbox.path("ssh-calls"));
    let script = format!(
        "printf '%s|' \"$@\" >> '{}'\nfor last; do :; done\n\
         case $last in {refuses}*) echo 'ERROR: This key is read only.' >&2; exit 1;; esac\n\
         exec sh -c \"$last\"",
        calls.display()
    );
    executable(&stub, &script);
    (stub.display().to_string(), calls)
}

#[test]
fn the_ssh_of_the_user_is_used() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    set_url(&a, &format!("ssh://git@registry.invalid{}", fleet.bare.display()));
    let (stub, calls) = ssh_stub(&fleet, "nothing");
    let registry = a.registry_with(&[("GIT_SSH_COMMAND", &stub)]);
    registry.sync(&[row(1).into()], &PATIENT, RECORDER, stamp()).unwrap();
    a.git(&["config", "core.sshCommand", &stub]);
    a.sync(&[row(2)]);
    fleet.assert_runs(1..3);
    let calls = std::fs::read_to_string(calls).unwrap();
    assert!(calls.contains("git@registry.invalid"), "{calls}");
    assert!(!calls.contains("BatchMode"), "{calls}");
}

#[test]
fn the_usual_ssh_is_told_not_to_ask() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    set_url(&a, &format!("ssh://git@registry.invalid{}", fleet.bare.display()));
    let (stub, calls) = ssh_stub(&fleet, "nothing");
    let bin = fleet.sandbox.path("bin");
    std::fs::create_dir(&bin).unwrap();
    std::fs::rename(stub, bin.join("ssh")).unwrap();
    let search = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let registry = a.registry_with(&[("PATH", &search)]);
    registry.sync(&[row(1).into()], &PATIENT, RECORDER, stamp()).unwrap();
    fleet.assert_runs([1]);
    let calls = std::fs::read_to_string(calls).unwrap();
    assert!(calls.contains("-o|BatchMode=yes|-o|ConnectTimeout=10|"), "{calls}");
}

#[test]
fn a_remote_that_may_only_be_read_keeps_the_rows_here() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    set_url(&a, &format!("ssh://git@registry.invalid{}", fleet.bare.display()));
    let (stub, _) = ssh_stub(&fleet, "git-receive-pack");
    let registry = a.registry_with(&[("GIT_SSH_COMMAND", &stub)]);
    a.append(1);
    let error = registry.sync(&[row(1).into()], &PATIENT, RECORDER, stamp()).unwrap_err();
    let shown = one_line(&error).replace(path(&fleet.bare), "<remote>");
    insta::assert_snapshot!(shown, @r#"the registry cannot be synchronised with the remote "origin" (ssh://***@registry.invalid<remote>): pushing to the remote: git failed with 128: ERROR: This key is read only.; fatal: Could not read from remote repository.; Please make sure you have the correct access rights; the rows are kept; see what `git ls-remote` and `git push --dry-run` say there"#);
    assert_eq!(fleet.branches(), ["main"]);
}

/// A server that wants a password for everything, and the URL it has.
fn asking_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/x.git", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 8192]);
            let _ = stream.write_all(
                b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\
                  Content-Length: 0\r\nConnection: close\r\n\r\n",
            );
        }
    });
    url
}

#[test]
fn nobody_is_asked_for_a_password() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    set_url(&a, &asking_server());
    let (ask, marker) = (fleet.sandbox.path("ask"), fleet.sandbox.path("asked"));
    executable(&ask, &format!("echo \"$1\" >> '{}'; echo secret", marker.display()));
    let helper = fleet.sandbox.path("helper");
    let tty = fleet.sandbox.path("tty");
    // A helper that would ask on the terminal; it says whether there is one.
    executable(
        &helper,
        &format!(
            "if (: < /dev/tty) 2>/dev/null; then echo yes; else echo no; fi > '{0}'\n\
             test ! -e /proc/$$/stat || cut -d' ' -f6 /proc/$$/stat >> '{0}'",
            tty.display()
        ),
    );
    a.git(&["config", "credential.helper", path(&helper)]);
    a.git(&["config", "core.askPass", path(&ask)]);
    let registry = a.registry_with(&[("GIT_ASKPASS", path(&ask)), ("SSH_ASKPASS", path(&ask))]);
    let error = registry.sync(&[row(1).into()], &PATIENT, RECORDER, stamp()).unwrap_err();
    assert!(!is_time_out(&error), "{error}");
    let shown = one_line(&error);
    // The words of versions of git with and without `credential.interactive`.
    let words = ["could not read Username", "unable to get password"];
    assert!(words.iter().any(|words| shown.contains(words)), "{shown}");
    assert!(!marker.exists(), "{:?}", std::fs::read_to_string(marker));
    let said = std::fs::read_to_string(tty).expect("the helper had been started");
    let mut lines = said.lines();
    assert_eq!(lines.next(), Some("no"), "the helper has a terminal");
    // These tests need not have one either, so this is what tells.
    if cfg!(target_os = "linux") {
        // Read as the helper reads its own: in a container it can be 0, which rustix takes for none.
        let own = std::fs::read_to_string("/proc/self/stat").unwrap();
        // What follows the name: state, parent, group, session.
        let own = own.rsplit(')').next().unwrap().split_whitespace().nth(3).unwrap();
        assert_ne!(lines.next().expect("the helper says its session"), own);
    }
}

#[test]
fn a_credential_helper_that_hangs_is_ended_with_all_that_it_started() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    set_url(&a, &asking_server());
    let (helper, pid) = (fleet.sandbox.path("helper"), fleet.sandbox.path("pid"));
    // Deaf to SIGTERM, and with a child that keeps git's output open.
    let script =
        format!("trap '' TERM; sleep 600 & echo $$ $! > '{}'; wait; sleep 600", pid.display());
    executable(&helper, &script);
    a.git(&["config", "credential.helper", path(&helper)]);
    let policy = SyncPolicy { total: Duration::from_secs(3), ..SHORT };
    let before = Instant::now();
    let error = a.registry().sync(&[row(1).into()], &policy, RECORDER, stamp()).unwrap_err();
    assert!(is_time_out(&error), "{error}");
    assert!(before.elapsed() < Duration::from_secs(15), "{:?}", before.elapsed());
    let pids = std::fs::read_to_string(pid).expect("the helper had been started");
    for pid in pids.split_whitespace() {
        assert!(ends(pid), "{pid} lives on");
    }
}

/// Whether the process ends soon; a zombie that nobody reaps has.
fn ends(pid: &str) -> bool {
    let is_alive = || {
        let state = state_of(pid);
        !(state.is_empty() || state.starts_with('Z'))
    };
    let deadline = Instant::now() + Duration::from_secs(5);
    while is_alive() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(20));
    }
    !is_alive()
}

/// What a process does, as one letter and more; nothing when there is none.
fn state_of(pid: &str) -> String {
    if cfg!(target_os = "linux") {
        // A small installation has no `ps`.
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        return stat.rsplit(')').next().unwrap().trim().to_owned();
    }
    duct::cmd("ps", ["-o", "stat=", "-p", pid]).unchecked().read().unwrap()
}

#[test]
fn hooks_of_the_user_do_not_run() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    let marker = fleet.sandbox.path("ran");
    let hooks = fleet.sandbox.path("hooks");
    for name in ["pre-push", "reference-transaction", "post-checkout", "pre-auto-gc"] {
        let script = format!("echo {name} >> '{}'; sleep 600", marker.display());
        executable(&a.dir.join(".git/hooks").join(name), &script);
        executable(&hooks.join(name), &script);
    }
    a.sync(&[row(1)]);
    a.git(&["config", "core.hooksPath", path(&hooks)]);
    a.sync(&[row(2)]);
    assert!(!marker.exists(), "{:?}", std::fs::read_to_string(marker));
    fleet.assert_runs(1..3);
}

#[test]
fn a_push_that_arrived_and_was_never_confirmed_is_not_repeated() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    // The rows are on the branch when this runs, and git waits for its end.
    fleet.hook("post-receive", "sleep 600");
    let policy = SyncPolicy { total: Duration::from_secs(4), ..SHORT };
    let error = a.registry().sync(&[row(1).into()], &policy, RECORDER, stamp()).unwrap_err();
    assert!(is_time_out(&error), "{error}");
    std::fs::remove_file(fleet.bare.join("hooks/post-receive")).unwrap();
    let tip = fleet.tip();
    assert_eq!(a.sync(&[row(1)]).rows, 0);
    assert_eq!(fleet.tip(), tip);
    fleet.assert_runs([1]);
}

#[test]
fn variables_that_redirect_git_do_not() {
    let fleet = Fleet::new();
    let (a, other) = (fleet.clone("a"), fleet.clone("other"));
    let git_dir = other.dir.join(".git");
    let registry = a.registry_with(&[
        ("GIT_DIR", path(&git_dir)),
        ("GIT_OBJECT_DIRECTORY", path(&git_dir.join("objects"))),
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "remote.origin.url"),
        ("GIT_CONFIG_VALUE_0", "/does/not/exist"),
    ]);
    registry.sync(&[row(1).into()], &PATIENT, RECORDER, stamp()).unwrap();
    fleet.assert_runs([1]);
    assert_eq!(a.tip(), fleet.tip());
    assert_eq!(other.git(&["branch", "--list", BRANCH]), "");
}
