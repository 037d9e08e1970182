//! What is read of YAML, and what is refused.

use super::*;

fn root(text: &str) -> Result<String, String> {
    fn shown(node: Node<'_>) -> String {
        match node.value() {
            Value::Null => "-".to_owned(),
            Value::Plain(text) => text.to_owned(),
            Value::Text(text) => format!("{text:?}"),
            Value::Sequence => {
                let items: Vec<String> = node.items().map(shown).collect();
                format!("[{}]", items.join(" "))
            }
            Value::Mapping => {
                let Content::Mapping(entries) = &node.entry.content else { unreachable!() };
                let shown = |(key, at): &(String, usize)| {
                    format!("{key}={}", shown(node.document.node(*at).unwrap()))
                };
                format!("{{{}}}", entries.iter().map(shown).collect::<Vec<_>>().join(" "))
            }
        }
    }
    let mut all = Vec::new();
    documents(text, |document| {
        all.push(document.root().map_or("nothing".to_owned(), shown));
        None::<()>
    })
    .map_err(|fault| fault.to_string())?;
    Ok(all.join(" | "))
}

#[test]
fn documents_are_what_is_written() {
    let text = "# c\n---\na: 1\nb: '1'\nc: [x, {y: ~}]\nd: |\n  t\ne:\n---\n---\n- 2\n...\n";
    assert_eq!(root(text).unwrap(), r#"{a=1 b="1" c=[x {y=-}] d="t\n" e=-} | - | [2]"#);
    assert_eq!(root("a: &x [1]\nb: *x\n").unwrap(), "{a=[1] b=[1]}");
    assert_eq!(root("").unwrap(), "");
}

#[test]
fn what_cannot_be_meant_is_a_fault_with_its_line() {
    let texts = [
        "a: 1\nb: 2\na: 3\n",
        "a: &x {b: *x}\n",
        "a: *x\n",
        "x: &x {a: 1}\nb:\n  <<: *x\n",
        "? [a]\n: b\n",
        "a:\n\tb: 1\n",
        "a: [1\n",
        "a: \"x\n",
    ];
    let said: Vec<String> = texts.iter().map(|text| root(text).unwrap_err()).collect();
    insta::assert_snapshot!(said.join("\n"), @r#"
    line 3: key "a" stands twice in one mapping
    line 1: an alias of what it stands in
    line 1: while parsing node, found unknown anchor
    line 3: merge keys (<<) are not read: write the values out
    line 1: a key that is no text
    line 2: tabs disallowed within this context (block indentation)
    line 1: unclosed bracket '['
    line 2: invalid indentation in multiline quoted scalar
    "#);
}

#[test]
fn depth_is_bounded_in_every_style() {
    for text in ["[".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(100_000)] {
        let said = root(&text).unwrap_err();
        assert!(said.len() < 200, "{said}");
    }
    assert!(root(&format!("{}{}", "[".repeat(100), "]".repeat(100))).is_ok());
    assert!(root(&format!("{}{}", "[".repeat(101), "]".repeat(101))).is_err());
}
