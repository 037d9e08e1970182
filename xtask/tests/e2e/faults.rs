//! What a machine, a configuration or a remote can do to a recording that is also sent. The step's
//! exit code stays, and no row is lost.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::ffi::OsStrExt;
use std::thread;

use crate::support::{BRANCH, CSV, Mounted, Row, Run, Scene};

/// Fails with 7, and so does every run.
fn scene() -> Scene {
    Scene::new().step("apply", &["bash", "-c", "exit 7"]).committed()
}

/// A run in CI, whose row arrives at the remote without a warning.
#[track_caller]
fn arrives(scene: &Scene) {
    let run = scene.in_ci(&["apply-persistent"]).run().exits(7);
    assert!(run.warnings().is_empty(), "{}", run.stderr);
    assert_eq!((scene.rows_at_origin(), scene.waiting()), (scene.rows(), vec![]));
    assert_eq!(scene.rows().len(), 1);
}

/// A run in CI whose row stays here, and the one warning that says so.
#[track_caller]
fn stays(scene: &Scene) -> String {
    let run = scene.in_ci(&["apply-persistent"]).run().exits(7);
    assert_eq!((scene.rows().len(), scene.waiting().len()), (1, 1));
    one_warning(&run)
}

#[track_caller]
fn one_warning(run: &Run) -> String {
    let [warning] = run.warnings()[..] else { panic!("{}", run.stderr) };
    warning.to_owned()
}

#[test]
fn hooks_that_hang() {
    let mut scene = scene().with_origin();
    let hang = format!("#!/bin/sh\necho ${{0##*/}} >>'{}/ran'\n", scene.outside().display())
        + "exec sleep 600\n";
    let own = scene.root().join(".git/hooks");
    let set = scene.outside().join("home/hooks");
    for hooks in [&own, &set] {
        fs::create_dir_all(hooks).unwrap();
        for name in ["pre-push", "reference-transaction", "post-commit", "pre-auto-gc"] {
            scene = scene.program(name, &hang);
            fs::rename(scene.outside().join("bin").join(name), hooks.join(name)).unwrap();
        }
    }
    arrives(&scene);
    scene.git(&["config", "core.hooksPath", set.to_str().unwrap()]);
    scene.in_ci(&["apply-persistent"]).run().exits(7);
    assert_eq!((scene.rows_at_origin().len(), scene.waiting().len()), (2, 0));
    assert_eq!(scene.marks("ran"), [""; 0]);
}

#[test]
fn a_configuration_that_signs_and_pushes_more() {
    let scene = scene()
        .with_origin()
        .program("signer", "#!/bin/sh\ntouch \"${0%/bin/*}/signed\"\nsleep 600\n");
    let signer = scene.outside().join("bin/signer");
    for (key, value) in [
        ("gpg.program", signer.to_str().unwrap()),
        ("commit.gpgsign", "true"),
        ("tag.gpgsign", "true"),
        ("push.gpgsign", "if-asked"),
        ("push.followTags", "true"),
        ("push.default", "matching"),
        ("remote.origin.mirror", "true"),
        ("core.pager", "false"),
    ] {
        scene.git(&["config", key, value]);
    }
    scene.git(&["branch", "mine"]);
    arrives(&scene);
    assert!(!scene.has_mark("signed"));
    assert_eq!(scene.branches_in(&scene.origin()), [BRANCH, "main"]);
}

/// A web server that wants a password of everybody.
fn asking_server() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}/platform.git", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut caller in listener.incoming().flatten() {
            let mut lines = BufReader::new(caller.try_clone().unwrap()).lines();
            while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            let answer = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\
                          Content-Length: 0\r\nConnection: close\r\n\r\n";
            // It may be gone already.
            let _ = caller.write_all(answer.as_bytes());
        }
    });
    url
}

#[test]
fn a_credential_helper_that_prompts() {
    let asking = "#!/bin/sh\ntouch \"${0%/bin/*}/asked\"\nsleep 600\n";
    let on_terminal = "#!/bin/sh\nprintf 'Password: ' >/dev/tty && read -r answer </dev/tty\n";
    let scene = scene()
        .with_origin_at(&asking_server())
        .program("ask", asking)
        .program("helper", on_terminal);
    let bin = scene.outside().join("bin");
    let (ask, helper) = (bin.join("ask"), bin.join("helper"));
    scene.git(&["config", "credential.helper", helper.to_str().unwrap()]);
    scene.git(&["config", "core.askPass", ask.to_str().unwrap()]);
    let call = scene.in_ci(&["apply-persistent"]).env("GIT_ASKPASS", &ask);
    let run = call.env("SSH_ASKPASS", &ask).env("DISPLAY", ":0").run().exits(7);
    assert!(one_warning(&run).contains("in the journal"), "{}", run.stderr);
    assert_eq!((scene.rows().len(), scene.waiting().len()), (1, 1));
    assert!(!scene.has_mark("asked"), "somebody was asked");
}

#[test]
fn ssh_through_a_command_of_the_users() {
    let script = "#!/bin/sh\necho \"$@\" >>\"${0%/bin/*}/called\"\n\
                  for command; do :; done\nexec sh -c \"$command\"\n";
    let scene = scene().with_origin().program("stub-ssh", script);
    let (origin, ssh) = (scene.origin(), scene.outside().join("bin/stub-ssh"));
    let url = format!("ssh://git@host.invalid{}", origin.display());
    scene.git(&["remote", "set-url", "origin", &url]);
    scene.git(&["config", "core.sshCommand", ssh.to_str().unwrap()]);
    arrives(&scene);
    assert!(scene.marks("called").iter().all(|call| call.contains("git@host.invalid")));
    assert!(!scene.marks("called").is_empty());
}

#[test]
fn an_ssh_that_is_refused() {
    let ssh = "#!/bin/sh\necho 'Permission denied (publickey).' >&2\nexit 255\n";
    let scene = scene().with_origin_at("git@host.invalid:platform.git").program("ssh", ssh);
    let warning = stays(&scene);
    assert!(warning.contains("Permission denied"), "{warning}");
}

#[test]
fn a_remote_that_refuses_the_branch() {
    let scene = scene().with_origin();
    let hook = scene.origin().join("hooks/update");
    let scene = scene.program("update", "#!/bin/sh\necho 'protected branch' >&2\nexit 1\n");
    fs::rename(scene.outside().join("bin/update"), &hook).unwrap();
    let warning = stays(&scene);
    assert!(warning.contains("origin"), "{warning}");
    fs::remove_file(hook).unwrap();
    scene.in_ci(&["registry", "sync"]).run().exits(0);
    assert_eq!((scene.rows_at_origin(), scene.waiting()), (scene.rows(), vec![]));
}

#[test]
fn a_journal_that_cannot_be_written() {
    let test = "a_journal_that_cannot_be_written";
    let scene = scene().with_origin();
    let journal = scene.root().join(".git/timing-journal");
    let Some(_mounted) = Mounted::at(test, journal, "ro,size=64k") else {
        return;
    };
    let run = scene.calling(&["apply-persistent"]).run().exits(7);
    assert!(one_warning(&run).contains("no journal"), "{}", run.stderr);
    assert_eq!(scene.rows().len(), 1, "the branch has it");
    // Without an outbox the branch is where it waits.
    scene.in_ci(&["apply-persistent"]).run().exits(7);
    assert_eq!(scene.rows().len(), 2);
}

#[test]
fn a_repository_that_is_deleted_while_it_would_be_sent() {
    let scene = Scene::new()
        .config("[registry]\npush = \"always\"")
        .step("apply", &["bash", "-c", "rm -rf .git; exit 7"])
        .committed()
        .with_origin();
    let run = scene.xtask(&["apply-persistent"]).exits(7);
    let warning = run.warnings().last().map(|line| (*line).to_owned()).unwrap();
    let (_, kept) = warning.rsplit_once("kept in ").unwrap();
    let kept = fs::read_to_string(kept).unwrap();
    assert_eq!(Row::parse(kept.lines().nth(1).unwrap()).exit_code, 7);
    assert!(!scene.root().join(".git").exists(), "nothing of it is made again");
}

/// A scene on whose registry's branch is this, beside a file whose name is no UTF-8.
fn with_csv(csv: &[u8]) -> Scene {
    let scene = scene();
    let seed = scene.outside().join("seed");
    let path = seed.join(CSV);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, csv).unwrap();
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.md");
    fs::write(path.with_file_name(name), b"cr\xe8me\n").unwrap();
    scene.git_in(&seed, &["init", "-q", "-b", BRANCH]);
    scene.git_in(&seed, &["add", "."]);
    scene.git_in(&seed, &["commit", "-q", "-m", "Seed"]);
    let refs = format!("{BRANCH}:{BRANCH}");
    scene.git(&["fetch", "-q", seed.to_str().unwrap(), &refs]);
    scene
}

/// The old bytes, and one row.
#[track_caller]
fn one_row_after(old: &[u8], new: &[u8]) {
    let row = new.strip_prefix(old).unwrap();
    let row = std::str::from_utf8(row).unwrap().trim();
    assert_eq!(Row::parse(row).exit_code, 7);
}

#[test]
fn content_beside_ours_that_is_no_utf_8() {
    let old = b"start_time_utc,end_time_utc,phase\n\xff\xfe,caf\xe9\n\0\0\n";
    let scene = with_csv(old);
    let others = scene.git(&["ls-tree", "-r", BRANCH]);
    let scene = scene.with_origin();
    let run = scene.in_ci(&["apply-persistent"]).run().exits(7);
    assert!(run.warnings().is_empty(), "{}", run.stderr);
    one_row_after(old, &scene.csv().unwrap());
    let kept = others.lines().find(|line| line.contains("caf\\351")).unwrap();
    for repository in [scene.root(), scene.origin()] {
        let now = scene.git_in(&repository, &["ls-tree", "-r", BRANCH]);
        assert!(now.lines().any(|line| line == kept), "{now}");
    }
    scene.git(&["fsck", "--strict", "--no-dangling"]);
}

#[test]
fn a_registry_with_a_hundred_thousand_rows() {
    let mut old = String::from(
        "start_time_utc,end_time_utc,phase,env,build_id,duration_seconds,exit_code,flags,\
         resources_added,resources_changed,resources_destroyed,log_path\n",
    );
    for n in 0..100_000 {
        old += "2026-01-24T14:43:27Z,2026-01-24T14:44:07Z,apply-persistent,dev,persistent,40,0,";
        old += &format!("RUN={n:016x},1,2,3,logs/{n}.log\n");
    }
    let scene = with_csv(old.as_bytes()).with_origin();
    let run = scene.in_ci(&["apply-persistent"]).run().exits(7);
    assert!(run.warnings().is_empty(), "{}", run.stderr);
    one_row_after(old.as_bytes(), &scene.csv().unwrap());
    assert_eq!(scene.git(&["rev-parse", BRANCH]), {
        scene.git_in(&scene.origin(), &["rev-parse", BRANCH])
    });
}
