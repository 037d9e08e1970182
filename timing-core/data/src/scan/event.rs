//! What one line of output says, from its shape alone.
//!
//! A line counts only when the whole of it has the shape that the programs print: a text that
//! holds the same words says nothing. Terraform's formats are those of 0.15 to 1.14 and of OpenTofu;
//! both print them in English whatever the locale.

use std::borrow::Cow;

use super::address;
use super::banner::{self, Banner};
use crate::record::ResourceCounts;
use crate::stages::Action;

/// What a line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event<'a> {
    /// `Apply complete! Resources: …`, which settles every resource before it.
    Summary(ResourceCounts),
    /// An operation on the resource of this address.
    Operation(Progress, Action, &'a str),
    /// A stage, a pass or a step begins or ends.
    Banner(Banner<'a>),
    /// A line of a diagnostic.
    Diagnostic(Diagnostic<'a>),
}

/// How far an operation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// `address: Creating...`
    Began,
    /// `address: Creation complete after 9m32s [id=…]`
    Completed,
}

/// A line of one of the blocks in which Terraform tells errors and warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Diagnostic<'a> {
    /// `│ Error: …`
    Error,
    /// `│   with address,`
    With(&'a str),
    /// The block begins or ends, or is about something else.
    Other,
}

/// The text of `raw`, a line without its end: without colours and the blanks behind it. `None` for
/// what is no text.
pub(super) fn text_of<'a>(raw: &'a [u8], plain: &'a mut Vec<u8>) -> Option<&'a str> {
    let line = match without_escapes(raw) {
        Cow::Borrowed(line) => line,
        Cow::Owned(line) => {
            *plain = line;
            plain
        }
    };
    std::str::from_utf8(line.trim_ascii_end()).ok()
}

/// What `line` says.
pub(super) fn read(line: &str) -> Option<Event<'_>> {
    operation(line)
        .or_else(|| banner::read(line).map(Event::Banner))
        .or_else(|| diagnostic(line).map(Event::Diagnostic))
        .or_else(|| summary(line).map(Event::Summary))
}

/// The line without its colours: control sequences (`ESC [ … letter`) are dropped.
fn without_escapes(line: &[u8]) -> Cow<'_, [u8]> {
    const ESCAPE: u8 = 0x1b;
    if memchr::memchr(ESCAPE, line).is_none() {
        return Cow::Borrowed(line);
    }
    let mut plain = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = memchr::memchr(ESCAPE, rest) {
        plain.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(sequence) = rest.strip_prefix(b"[") {
            let end = sequence.iter().position(|b| (0x40..=0x7e).contains(b));
            rest = end.map_or(&[][..], |end| &sequence[end + 1..]);
        }
    }
    plain.extend_from_slice(rest);
    Cow::Owned(plain)
}

/// The counts of `Apply complete! Resources: 1 imported, 3 added, 1 changed, 0 destroyed.`
fn summary(line: &str) -> Option<ResourceCounts> {
    let counts = line
        .strip_prefix("Apply complete! Resources: ")
        .or_else(|| line.strip_prefix("Destroy complete! Resources: "))?;
    let (counts, _) = counts.split_once('.')?;
    let mut total = ResourceCounts::default();
    for part in counts.split(", ") {
        let (number, word) = part.split_once(' ')?;
        let number: u64 = number.parse().ok()?;
        match word {
            "added" => total.added = number,
            "changed" => total.changed = number,
            "destroyed" => total.destroyed = number,
            "imported" => total.imported = number,
            // "forgotten" and whatever comes after it has no column.
            _ => {}
        }
    }
    Some(total)
}

/// `address: Creating...`, `address: Creation complete after 9m32s [id=…]` and their like.
fn operation(line: &str) -> Option<Event<'_>> {
    // The first of them ends the address, unless a key holds the same text.
    memchr::memchr_iter(b':', line.as_bytes()).find_map(|at| {
        let (address, said) = (line.get(..at)?, line.get(at..)?.strip_prefix(": ")?);
        let (progress, action) = said_of_resource(said)?;
        address::is_resource(address.as_bytes())
            .then_some(Event::Operation(progress, action, address))
    })
}

fn said_of_resource(text: &str) -> Option<(Progress, Action)> {
    const BEGINNINGS: [(&str, Action); 5] = [
        ("Creating...", Action::Create),
        ("Modifying...", Action::Update),
        ("Destroying...", Action::Destroy),
        ("Reading...", Action::Read),
        ("Importing...", Action::Import),
    ];
    const ENDS: [(&str, Action); 5] = [
        ("Creation complete after ", Action::Create),
        ("Modifications complete after ", Action::Update),
        ("Destruction complete after ", Action::Destroy),
        ("Read complete after ", Action::Read),
        ("Import complete [", Action::Import),
    ];
    for (phrase, action) in BEGINNINGS {
        if let Some(rest) = text.strip_prefix(phrase) {
            // What is changed or destroyed is named by its id.
            let is_all = rest.is_empty() || (rest.starts_with(" [id=") && rest.ends_with(']'));
            return is_all.then_some((Progress::Began, action));
        }
    }
    let (_, action) = ENDS.into_iter().find(|(phrase, _)| text.starts_with(phrase))?;
    Some((Progress::Completed, action))
}

fn diagnostic(line: &str) -> Option<Diagnostic<'_>> {
    if matches!(line, "╷" | "╵") {
        return Some(Diagnostic::Other);
    }
    let text = line.strip_prefix("│ ")?;
    if let Some(address) = text.strip_prefix("  with ").and_then(|rest| rest.strip_suffix(',')) {
        return address::is_resource(address.as_bytes()).then_some(Diagnostic::With(address));
    }
    match text {
        _ if text.starts_with("Error: ") => Some(Diagnostic::Error),
        _ if text.starts_with("Warning: ") => Some(Diagnostic::Other),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(line: &str) -> String {
        match text_of(line.as_bytes(), &mut Vec::new()).and_then(read) {
            None => "nothing".to_owned(),
            Some(Event::Operation(Progress::Began, action, address)) => {
                format!("{} of {address} began", action.word())
            }
            Some(Event::Operation(Progress::Completed, action, address)) => {
                format!("{} of {address}", action.word())
            }
            Some(other) => format!("{other:?}"),
        }
    }

    #[test]
    fn what_terraform_says_of_resources() {
        let key = r#"module.eks["a.b"].aws_x.y["k: Creating... with \"blanks\": and colons"]"#;
        let lines = [
            ("aws_x.y: Creating...", "create of aws_x.y began"),
            ("aws_x.y: Creation complete after 9m32s [id=a: b]", "create of aws_x.y"),
            ("aws_x.y[0]: Modifying... [id=x]", "update of aws_x.y[0] began"),
            ("aws_x.y[0]: Modifications complete after 3s [id=x]", "update of aws_x.y[0]"),
            ("aws_x.y: Destroying... [id=x]", "destroy of aws_x.y began"),
            ("aws_x.y: Destruction complete after 1m2s", "destroy of aws_x.y"),
            ("data.aws_x.y: Reading...", "read of data.aws_x.y began"),
            ("data.aws_x.y: Read complete after 0s [id=1]", "read of data.aws_x.y"),
            ("aws_x.y: Importing... [id=x]", "import of aws_x.y began"),
            ("aws_x.y: Import complete [id=x]", "import of aws_x.y"),
            (
                "aws_x.y (deposed object 12ab34cd): Destroying... [id=x]",
                "destroy of aws_x.y (deposed object 12ab34cd) began",
            ),
            ("\x1b[0m\x1b[1maws_x.y: Creating...\x1b[0m\x1b[0m\r", "create of aws_x.y began"),
        ];
        for (line, expected) in lines {
            assert_eq!(said(line), expected, "{line}");
        }
        assert_eq!(said(&format!("{key}: Creating...")), format!("create of {key} began"));
    }

    #[test]
    fn what_only_resembles_it_says_nothing() {
        for line in [
            "aws_x.y: Still creating... [02m10s elapsed]",
            "aws_x.y: Still creating... [id=x, 10s elapsed]",
            "aws_x.y: Refreshing state... [id=x]",
            "aws_x.y: Preparing import... [id=x]",
            "aws_x.y: Creating... soon",
            "aws_x.y (local-exec): aws_x.z: Creating...",
            "aws_x.y: Provisioning with 'local-exec'...",
            "  aws_x.y: Creating...",
            "+ echo aws_x.y: Creating...",
            "2026-01-24T14:43:27Z aws_x.y: Creating...",
            "Job: Creating...",
            "│ aws_x.y: Creating...",
        ] {
            assert_eq!(said(line), "nothing", "{line}");
        }
    }

    #[test]
    fn diagnostics() {
        let with = |address| Some(Diagnostic::With(address));
        assert_eq!(diagnostic("│ Error: creating aws_x.w"), Some(Diagnostic::Error));
        assert_eq!(diagnostic("│ Warning: Argument is deprecated"), Some(Diagnostic::Other));
        assert_eq!(diagnostic("│   with aws_x.y[\"a, b\"],"), with("aws_x.y[\"a, b\"]"));
        assert_eq!(diagnostic("│   with all due respect,"), None);
        let coloured =
            "\x1b[31m│\x1b[0m \x1b[0m\x1b[1m\x1b[31mError: \x1b[0m\x1b[0m\x1b[1mx\x1b[0m";
        assert_eq!(said(coloured), "Diagnostic(Error)");
        assert_eq!(said("\x1b[31m│\x1b[0m \x1b[0m\x1b[0m  with a.b,"), "Diagnostic(With(\"a.b\"))");
    }
}
