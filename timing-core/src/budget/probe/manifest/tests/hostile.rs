//! Texts that want time or memory.

use std::time::{Duration, Instant};

use super::*;

/// What is said of `text`, which has to be said soon.
fn soon(text: &str) -> String {
    let began = Instant::now();
    let said = said(text);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert!(said.len() < 500 && !said.contains('\n'), "{said}");
    said
}

#[test]
fn bombs_of_aliases_and_depth_do_not_go_off() {
    let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..40 {
        let inner = format!("*a{}", level - 1);
        laughs += &format!("a{level}: &a{level} [{}]\n", [inner.as_str(); 9].join(", "));
    }
    assert_eq!(soon(&laughs), "no Deployment among 1 objects, of which 1 without a kind");

    let mut lists = "kind: List\nitems:\n- &l0 {kind: List, items: []}\n".to_owned();
    for level in 1..40 {
        let inner = format!("*l{}", level - 1);
        lists += &format!("- &l{level} {{kind: List, items: [{inner}, {inner}]}}\n");
    }
    assert_eq!(soon(&lists), "more than 100000 objects");

    for deep in ["[", "{a: ", "- ", "? ", "!!seq ["] {
        soon(&deep.repeat(1_000_000));
    }
}

#[test]
fn what_is_too_large_is_not_read() {
    let directory = tempfile::tempdir().unwrap();
    let large = directory.path().join("large.yaml");
    std::fs::File::create(&large).unwrap().set_len(100 << 20).unwrap();
    let said = read_file(&large, &Selector::default()).unwrap_err().to_string();
    assert!(said.ends_with("large.yaml: longer than 16 MiB"), "{said}");
    let endless = read_file(Path::new("/dev/zero"), &Selector::default()).unwrap_err();
    assert_eq!(endless.to_string(), "reading manifests from /dev/zero: this is no regular file");
    let none = read_file(&directory.path().join("none"), &Selector::default()).unwrap_err();
    assert!(none.to_string().contains("No such file"), "{none}");
    // As much as may be, of the shortest nodes, and of keys of one mapping.
    soon(&"- \n".repeat((16 << 20) / 3));
    let keys: String = (0..1_000_000).map(|key| format!("k{key}:\n")).collect();
    soon(&keys);
    soon(&format!("a: {}", "x".repeat((16 << 20) - 100)));
    soon(&"---\n".repeat(4 << 20));
    soon(&format!("{}: 1", "k".repeat(8 << 20)));
}

#[test]
fn what_is_no_manifest_is_said_with_its_line() {
    let bytes = |bytes: &[u8]| read_text(bytes, &Selector::default()).unwrap_err().to_string();
    let said = [
        bytes(b"\xff\xfe"),
        soon("kind: Deployment\nspec:\n\treplicas: 1\n"),
        soon("kind: Deployment\nkind: Deployment\n"),
        soon("{{ .Values.x }}"),
        soon("kind: [Deployment]"),
        soon("- just\n- a list"),
        soon("%YAML 9.9\n---\na"),
        soon("kind: \"\\x1b[31m\"\nkind: Deployment"),
        soon("\"\\x1b\\n[31m\": 1\n\"\\x1b\\n[31m\": 1\n"),
        soon("a\0b: 1"),
    ];
    insta::assert_snapshot!(said.join("\n"), @r#"
    not UTF-8 at byte 0
    line 3: tabs disallowed within this context (block indentation)
    line 2: key "kind" stands twice in one mapping
    line 1: a key that is no text
    no Deployment among 1 objects, of which 1 without a kind
    no Deployment among 1 objects, of which 1 without a kind
    line 1: unsupported YAML major version
    line 2: key "kind" stands twice in one mapping
    line 2: key "\u{1b}\n[31m" stands twice in one mapping
    line 1: unexpected character: `\u{0}'
    "#);
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "([-?:,\\[\\]{}#&*!|>'\"%@`<~ \n\tA-Za-z0-9.]|kind: Deployment\n|spec:|\\PC){0,120}") {
        let _ = read(&text);
    }
}
