//! Images as engines write them, and as nobody should.

use std::path::PathBuf;

use super::*;

fn said(result: Result<Size, Unknown>) -> String {
    // What is in front of the reason is a path of this run's.
    let said = result.unwrap_err().to_string();
    said.split_once(": ").unwrap().1.to_owned()
}

/// A layout in a directory of its own; blobs are named by what comes.
struct Layout {
    directory: tempfile::TempDir,
    blobs: u32,
}

impl Layout {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(directory.path().join("blobs/sha256")).unwrap();
        Self { directory, blobs: 0 }
    }

    /// A blob's descriptor.
    fn blob(&mut self, bytes: &[u8]) -> String {
        self.blobs += 1;
        let hex = format!("{:064}", self.blobs);
        std::fs::write(self.directory.path().join("blobs/sha256").join(&hex), bytes).unwrap();
        format!(r#"{{"digest":"sha256:{hex}","size":{}}}"#, bytes.len())
    }

    fn manifest(&mut self, layers: &[String]) -> String {
        let manifest = format!(r#"{{"config":{{}},"layers":[{}]}}"#, layers.join(","));
        self.blob(manifest.as_bytes())
    }

    fn index(&self, manifests: &[String]) -> Result<Size, Unknown> {
        self.write("index.json", &format!(r#"{{"manifests":[{}]}}"#, manifests.join(",")));
        of_layout(self.directory.path())
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.directory.path().join(name), text).unwrap();
    }
}

#[test]
fn a_layout_is_as_large_as_its_layers() {
    let mut layout = Layout::new();
    let layers = [layout.blob(&[7; 1000]), layout.blob(&[8; 234])];
    let manifest = layout.manifest(&layers);
    let size = layout.index(std::slice::from_ref(&manifest)).unwrap();
    assert_eq!(size, Size { bytes: 1234, of: SizeOf::PlainLayers });

    // As a builder leaves it: an index in the index, and an attestation beside the image.
    let attestation = layout.manifest(&[]);
    let unknown = attestation.replace('}', r#","platform":{"os":"unknown"}}"#);
    let index = layout.blob(format!(r#"{{"manifests":[{manifest},{unknown}]}}"#).as_bytes());
    assert_eq!(layout.index(&[index]).unwrap().bytes, 1234);

    let zipped = [layout.blob(&[0x1f, 0x8b, 8, 0, 0]), layers[0].clone()];
    let manifest = layout.manifest(&zipped);
    let size = layout.index(&[manifest]).unwrap();
    assert_eq!(size, Size { bytes: 1005, of: SizeOf::CompressedLayers });
}

#[test]
fn a_layout_that_cannot_be_believed_has_no_size() {
    let mut layout = Layout::new();
    let layer = layout.blob(&[7; 1000]);
    let good = layout.manifest(std::slice::from_ref(&layer));
    let mut all = vec![said(of_layout(&layout.directory.path().join("none")))];
    all.push(said(layout.index(&[])));
    all.push(said(layout.index(&[good.clone(), good.clone()])));
    let mut of_layer = |descriptor: &str| {
        let manifest = layout.manifest(&[descriptor.to_owned()]);
        all.push(said(layout.index(&[manifest])));
    };
    of_layer(&layer.replace("1000", "1000000000000"));
    of_layer(&layer.replace("1000", "-1"));
    of_layer(&layer.replace("0001", "9999"));
    of_layer(r#"{"digest":"sha256:../../../../../../../../etc/passwd000","size":1}"#);
    of_layer(r#"{"digest":"sha256:00","size":1}"#);
    all.push(said(layout.index(&[good.replace("\"size\":", "\"size\":1")])));
    layout.write("index.json", "{");
    all.push(said(of_layout(layout.directory.path())));
    layout.write("index.json", &" ".repeat(5 << 20));
    all.push(said(of_layout(layout.directory.path())));
    layout.write("index.json", &"[".repeat(1 << 20));
    all.push(said(of_layout(layout.directory.path())));
    // An index that leads to itself, and so never to a manifest.
    let itself =
        format!(r#"{{"manifests":[{{"digest":"sha256:{}","size":125}}]}}"#, "f".repeat(64));
    let itself = format!("{itself:125}");
    layout.write(&format!("blobs/sha256/{}", "f".repeat(64)), &itself);
    layout.write("index.json", &itself);
    all.push(said(of_layout(layout.directory.path())));
    insta::assert_snapshot!(all.join("\n"), @r#"
    index.json: No such file or directory (os error 2)
    it has 0 manifests, not one
    it has 2 manifests, not one
    blobs/sha256/0000000000000000000000000000000000000000000000000000000000000001 is 1000 bytes long, and said to be 1000000000000
    blobs/sha256/0000000000000000000000000000000000000000000000000000000000000004: invalid value: integer `-1`, expected u64 at line 1 column 116
    blobs/sha256/0000000000000000000000000000000000000000000000000000000000009999: No such file or directory (os error 2)
    "sha256:../../../../../../../../etc/passw" is no digest
    "sha256:00" is no digest
    blobs/sha256/0000000000000000000000000000000000000000000000000000000000000002 is 121 bytes long, and said to be 1121
    index.json: EOF while parsing an object at line 1 column 1
    index.json is longer than 4194304 bytes
    index.json: invalid type: sequence, expected a string at line 1 column 3
    its index leads to no manifest in 4 steps
    "#);
}

/// An archive of these files; a name with `->` is a link.
fn archive(files: &[(&str, &[u8])]) -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("image.tar");
    let mut builder = tar::Builder::new(std::fs::File::create(&path).unwrap());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        if let Some((name, target)) = name.split_once("->") {
            header.set_entry_type(tar::EntryType::Symlink);
            header.set_size(0);
            builder.append_link(&mut header, name, target).unwrap();
        } else {
            header.set_size(bytes.len() as u64);
            builder.append_data(&mut header, name, *bytes).unwrap();
        }
    }
    builder.into_inner().unwrap();
    (directory, path)
}

fn of_files(files: &[(&str, &[u8])]) -> Result<Size, Unknown> {
    let (_directory, path) = archive(files);
    of_archive(&path)
}

const MANIFEST: &str = "manifest.json";

#[test]
fn an_archive_is_as_large_as_its_layers() {
    let two = br#"[{"Config":"c.json","RepoTags":["a:b"],"Layers":["x/layer.tar","y/layer.tar"]}]"#;
    let plain = of_files(&[("x/layer.tar", &[1; 700]), ("y/layer.tar", &[2; 70]), (MANIFEST, two)]);
    assert_eq!(plain.unwrap(), Size { bytes: 770, of: SizeOf::PlainLayers });
    let zstd: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd, 0];
    let zipped = of_files(&[(MANIFEST, two), ("x/layer.tar", zstd), ("y/layer.tar", &[2; 70])]);
    assert_eq!(zipped.unwrap(), Size { bytes: 75, of: SizeOf::CompressedLayers });
    let linked = of_files(&[
        ("x/layer.tar", &[1; 700]),
        ("y/layer.tar->../x/layer.tar", b""),
        (MANIFEST, two),
    ]);
    assert_eq!(linked.unwrap().bytes, 1400);
    let none = of_files(&[(MANIFEST, br#"[{"Layers":[]}]"#)]);
    assert_eq!(none.unwrap().bytes, 0);
}

#[test]
fn an_archive_that_cannot_be_believed_has_no_size() {
    let of = |layers: &str| format!(r#"[{{"Layers":[{layers}]}}]"#).into_bytes();
    let one = of(r#""x/layer.tar""#);
    let mut all = vec![
        said(of_archive(Path::new("/no/such/file"))),
        said(of_archive(Path::new("/dev/zero"))),
        said(of_files(&[("x/layer.tar", b"x")])),
        said(of_files(&[(MANIFEST, b"[]")])),
        said(of_files(&[(MANIFEST, b"{")])),
        said(of_files(&[(MANIFEST, &one)])),
        said(of_files(&[(MANIFEST, &of(r#""../../etc/passwd""#))])),
        said(of_files(&[(MANIFEST, &of(r#""/etc/passwd""#))])),
        said(of_files(&[(MANIFEST, &one), ("x/layer.tar->../../../etc/passwd", b"")])),
        said(of_files(&[(MANIFEST, &one), ("x/layer.tar->layer.tar", b"")])),
        said(of_files(&[(MANIFEST, &one), ("x/layer.tar", b"1"), ("x/layer.tar", b"22")])),
        said(of_files(&[(MANIFEST, br#"[{"Layers":[]},{"Layers":[]}]"#)])),
        said(of_files(&[(MANIFEST, &vec![b' '; 5 << 20])])),
    ];
    // Cut off in the middle of a layer, a header that claims what is not there, and garbage.
    let (directory, path) = archive(&[(MANIFEST, &one), ("x/layer.tar", &[1; 10_000])]);
    std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(6000).unwrap();
    all.push(said(of_archive(&path)));
    let mut header = tar::Header::new_gnu();
    header.set_path("x/layer.tar").unwrap();
    header.set_size(u64::MAX / 2);
    header.set_cksum();
    std::fs::write(&path, header.as_bytes()).unwrap();
    all.push(said(of_archive(&path)));
    header.set_size(u64::MAX);
    header.set_cksum();
    std::fs::write(&path, header.as_bytes()).unwrap();
    all.push(said(of_archive(&path)));
    for garbage in [[0x1f, 0x8b, 8], [1, 2, 3]] {
        std::fs::write(&path, garbage.repeat(1000)).unwrap();
        all.push(said(of_archive(&path)));
    }
    drop(directory);
    insta::assert_snapshot!(all.join("\n"), @r#"
    No such file or directory (os error 2)
    it is no regular file
    it has no manifest.json, which docker save writes
    it holds 0 images, not one
    manifest.json: invalid type: map, expected a sequence at line 1 column 0
    layer "x/layer.tar" is not in it
    layer "../../etc/passwd" is not in it
    layer "/etc/passwd" is not in it
    layer "x/layer.tar" is not in it
    layer "x/layer.tar" is not in it
    "x/layer.tar" stands in it twice
    it holds 2 images, not one
    manifest.json is longer than 4194304 bytes
    it ends in the middle of "x/layer.tar"
    it ends in the middle of "x/layer.tar"
    it is no tar archive: size overflow
    it is compressed: unpack it first
    it is no tar archive: numeric field was not a number: \u{2}\u{3}\u{1}\u{2}\u{3}\u{1}\u{2}\u{3}
    "#);
}

/// A client that says and does what a script does.
fn of_client(script: &str) -> Result<Size, Unknown> {
    let directory = tempfile::tempdir().unwrap();
    // `sh image inspect …`: a program of our own could be busy in a fork of another test's.
    std::fs::write(directory.path().join("image"), script).unwrap();
    let engine = Engine {
        client: "sh",
        environment: &[("PATH".into(), std::env::var_os("PATH").unwrap_or_default())],
        directory: directory.path(),
        timeout: Duration::from_secs(2),
    };
    of_engine(&engine, "--help", &Signals::none())
}

#[test]
fn what_the_engines_client_says_is_a_size_or_the_reason_why_there_is_none() {
    let words = "test \"$*\" = 'inspect --format {{.Size}} -- --help' && echo 1432584";
    assert_eq!(of_client(words).unwrap(), Size { bytes: 1_432_584, of: SizeOf::Engine });
    let mut all: Vec<String> = [
        "echo 'Error: No such image: x' >&2; exit 1",
        "echo 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock.' >&2; exit 1",
        "echo -5",
        "echo 1e99",
        "true",
        "yes",
        "exec sleep 60",
    ]
    .into_iter()
    .map(|script| of_client(script).unwrap_err().to_string())
    .collect();
    let engine = Engine {
        client: "no-such-client",
        environment: &[],
        directory: Path::new("/"),
        timeout: Duration::from_secs(2),
    };
    all.push(of_engine(&engine, "x", &Signals::none()).unwrap_err().to_string());
    insta::assert_snapshot!(all.join("\n"), @r#"
    sh: exit status: 1: Error: No such image: x
    sh: exit status: 1: Cannot connect to the Docker daemon at unix:///var/run/docker.sock.
    the engine says "-5" for a size
    the engine says "1e99" for a size
    the engine says "" for a size
    sh was stopped after 2s: y
    sh was stopped after 2s
    no-such-client is not installed (not found)
    "#);
}

#[test]
fn a_real_engine_and_its_archive_agree() {
    let environment: Vec<(OsString, OsString)> = std::env::vars_os().collect();
    let directory = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
        let command = Command {
            program: "docker",
            arguments: &arguments,
            environment: &environment,
            directory: directory.path(),
        };
        let run = Run { command: &command, timeout: Duration::from_secs(120) };
        command::output(&run, 1 << 16, &Signals::none())
    };
    if let Err(unknown) = run(&["version", "--format", "{{.Server.Version}}"]) {
        command::gate::skipped("a_real_engine_and_its_archive_agree", "docker", &unknown);
        return;
    }
    // The tag is of this process alone: the engine is everybody's.
    let tag = format!("timing-core-test:{}", std::process::id());
    std::fs::write(directory.path().join("Dockerfile"), "FROM scratch\nCOPY a b /\n").unwrap();
    std::fs::write(directory.path().join("a"), vec![b'a'; 100_000]).unwrap();
    std::fs::write(directory.path().join("b"), vec![b'b'; 23_456]).unwrap();
    run(&["build", "--quiet", "--tag", &tag, "."]).unwrap();
    let engine = Engine {
        client: "docker",
        environment: &environment,
        directory: directory.path(),
        timeout: Duration::from_secs(60),
    };
    let size = of_engine(&engine, &tag, &Signals::none());
    let saved = run(&["save", "--output", "saved.tar", &tag]);
    let gone = run(&["image", "rm", &tag]);
    let missing = of_engine(&engine, &tag, &Signals::none());
    saved.unwrap();
    gone.unwrap();
    assert_eq!(size.unwrap(), Size { bytes: 123_456, of: SizeOf::Engine });
    let archive = of_archive(&directory.path().join("saved.tar")).unwrap();
    // The layer and what tar adds: two headers, what they are padded to, and the end.
    assert_eq!(archive.of, SizeOf::PlainLayers);
    assert!((123_456..123_456 + 20_000).contains(&archive.bytes), "{archive:?}");
    let missing = missing.unwrap_err().to_string();
    assert!(missing.contains("No such image"), "{missing}");
}

/// The sample service's image is built, measured and started as a user would do it.
#[test]
fn the_sample_services_image_is_built_measured_and_booted() {
    let environment: Vec<(OsString, OsString)> = std::env::vars_os().collect();
    let platform = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/platform");
    let with = |program: &str,
                arguments: &[&str],
                use_it: &dyn Fn(&Run<'_>) -> Result<Vec<u8>, Unknown>| {
        let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
        let directory = &platform;
        let environment = &environment;
        let command = Command { program, arguments: &arguments, environment, directory };
        use_it(&Run { command: &command, timeout: Duration::from_secs(300) })
    };
    let docker = |arguments: &[&str]| {
        with("docker", arguments, &|run| command::output(run, 1 << 16, &Signals::none()))
    };
    let tag = format!("timing-core-sample:{}", std::process::id());
    let name = tag.replace(':', "-");
    let build = |run: &Run<'_>| {
        let times = command::wall_times(run, command::Repeat::ONCE, &Signals::none())?;
        assert!(times[0].as_f64() > 0.0);
        Ok(Vec::new())
    };
    if let Err(unknown) = docker(&["version", "--format", "{{.Server.Version}}"]) {
        let test = "the_sample_services_image_is_built_measured_and_booted";
        command::gate::skipped(test, "docker", &unknown);
        // A build that cannot be carried out is not measured either.
        with("bash", &["image/build.sh", &tag], &build).unwrap_err();
        return;
    }
    with("bash", &["image/build.sh", &tag], &build).unwrap();
    let engine = Engine {
        client: "docker",
        environment: &environment,
        directory: &platform,
        timeout: Duration::from_secs(60),
    };
    let size = of_engine(&engine, &tag, &Signals::none());
    let started = docker(&["run", "--detach", "--network", "none", "--name", &name, &tag]);
    let deadline = std::time::Instant::now() + Duration::from_secs(60);
    let said = loop {
        let said = docker(&["logs", &name]).unwrap_or_default();
        let said = String::from_utf8_lossy(&said).into_owned();
        if said.contains("boot ready") || std::time::Instant::now() > deadline {
            break said;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let _ = docker(&["rm", "--force", &name]);
    let _ = docker(&["image", "rm", &tag]);
    started.unwrap();
    // The static binary and nothing else: far below the 120 MB of the budget's warning.
    let size = size.unwrap().bytes;
    assert!((100_000..20_000_000).contains(&size), "{size}");
    assert!(said.contains("boot ready duration_ms="), "{said}");
}
