//! Stages that the user describes by patterns.
//!
//! A pattern is matched against lines that hold the text it cannot match without; where it has no
//! such text, every line is tried, which costs microseconds each.

use std::fmt;

use memchr::memmem::Finder;
use regex_lite::Regex;

/// The group of a pattern that holds the stage's name.
const NAME: &str = "name";

/// A text of fewer bytes is in too many lines to be worth a search of its own.
const SHORTEST_TEXT: usize = 2;

/// The user's kinds of stages, in the order in which they are tried, beside those that are known without them.
#[derive(Debug, Default, Clone)]
pub struct StageKinds {
    kinds: Vec<StageKind>,
    texts: Vec<Text>,
}

#[derive(Debug, Clone)]
struct StageKind {
    start: Regex,
    end: Option<Regex>,
}

impl PartialEq for StageKinds {
    /// Whether the same was added.
    fn eq(&self, other: &Self) -> bool {
        self.kinds == other.kinds
    }
}

impl Eq for StageKinds {}

impl PartialEq for StageKind {
    fn eq(&self, other: &Self) -> bool {
        self.patterns() == other.patterns()
    }
}

impl StageKind {
    fn patterns(&self) -> (&str, Option<&str>) {
        (self.start.as_str(), self.end.as_ref().map(Regex::as_str))
    }
}

/// What a line must hold so that a pattern can match it.
#[derive(Debug, Clone)]
pub(super) enum Text {
    /// This.
    Of(Box<Finder<'static>>),
    /// Nothing in particular.
    Any,
}

/// What a line says of a stage of the user's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said<'a> {
    /// One of this kind and name begins.
    Begins(usize, &'a str),
    /// One of this kind ends.
    Ends(usize),
}

/// Why a pattern cannot be used. One line, for the person who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternError {
    pattern: String,
    reason: String,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the pattern {:?} cannot be used: {}", self.pattern, self.reason)
    }
}

impl std::error::Error for PatternError {}

impl StageKinds {
    /// Adds a kind of stage. `start` matches the line that begins one, and has a group `name`, as in
    /// `^==> (?<name>.+)$`; `end` matches the line that ends one. Without it, a stage lasts until
    /// the next stage of any kind or the end of the step. Lines come without colours, of which
    /// none may stand within the text that the pattern needs.
    ///
    /// # Errors
    ///
    /// When a pattern is none, or `start` has no group `name`.
    pub fn add(&mut self, start: &str, end: Option<&str>) -> Result<(), PatternError> {
        let kind = StageKind { start: compile(start)?, end: end.map(compile).transpose()? };
        if !kind.start.capture_names().any(|name| name == Some(NAME)) {
            return Err(PatternError {
                pattern: start.to_owned(),
                reason: "it has no group (?<name>…), which says what the stage is called"
                    .to_owned(),
            });
        }
        self.kinds.push(kind);
        self.texts.extend([Some(start), end].into_iter().flatten().map(needed));
        Ok(())
    }

    /// What lines are worth a look.
    pub(super) fn texts(&self) -> &[Text] {
        &self.texts
    }

    /// What `line` says of the first kind that knows it.
    pub(super) fn read<'a>(&self, line: &'a str) -> Option<Said<'a>> {
        self.kinds.iter().enumerate().find_map(|(index, kind)| {
            if kind.end.as_ref().is_some_and(|end| end.is_match(line)) {
                return Some(Said::Ends(index));
            }
            let name = kind.start.captures(line)?.name(NAME)?.as_str().trim();
            (!name.is_empty()).then_some(Said::Begins(index, name))
        })
    }
}

fn compile(pattern: &str) -> Result<Regex, PatternError> {
    Regex::new(pattern).map_err(|error| PatternError {
        pattern: pattern.to_owned(),
        reason: error.to_string().replace('\n', " "),
    })
}

fn needed(pattern: &str) -> Text {
    match literal(pattern) {
        Some(text) => Text::Of(Box::new(Finder::new(text.as_bytes()).into_owned())),
        None => Text::Any,
    }
}

/// The longest text that whatever matches `pattern` holds, as far as that is plain: what stands
/// outside of groups and is not repeated. Stops at what it does not know.
fn literal(pattern: &str) -> Option<String> {
    let has_flags = || {
        let mut groups = pattern.split("(?").skip(1);
        groups.any(|group| !group.starts_with(['P', '<', ':']))
    };
    if pattern.contains('|') || has_flags() {
        return None;
    }
    let (mut runs, mut run, mut depth) = (Vec::new(), String::new(), 0_u32);
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        let plain = match c {
            '\\' => match chars.next() {
                // What follows is the number of a character, and no text.
                Some('x' | 'u' | 'U') => break,
                // Where a word begins and ends.
                Some('<' | '>') => None,
                escaped => escaped.filter(char::is_ascii_punctuation),
            },
            '[' | '{' => {
                if c == '{' {
                    run.pop();
                }
                break;
            }
            '?' | '*' => {
                run.pop();
                None
            }
            '(' => {
                depth += 1;
                None
            }
            ')' => {
                depth = depth.saturating_sub(1);
                None
            }
            '.' | '^' | '$' | '+' => None,
            plain => Some(plain),
        };
        match plain {
            Some(plain) if depth == 0 => run.push(plain),
            _ => runs.push(std::mem::take(&mut run)),
        }
    }
    runs.push(run);
    runs.into_iter().max_by_key(String::len).filter(|text| text.len() >= SHORTEST_TEXT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_needs_the_text_that_it_cannot_match_without() {
        for (pattern, text) in [
            ("^==> (?<name>.+)$", Some("==> ")),
            (r"^\[helm\] (?P<name>\w+)", Some("[helm] ")),
            ("^Steps? (?<name>.+) of it$", Some(" of it")),
            ("^Step* (?<name>.+)$", Some("Ste")),
            ("^ab+cd (?<name>.+)$", Some("cd ")),
            (r"^\d+ of (?<name>.+)$", Some(" of ")),
            ("^abc{0}[de]fghi(?<name>.+)$", Some("ab")),
            ("^abc(?:def)?(?<name>.+)$", Some("abc")),
            (r"^\x3d\x3e (?<name>.+)$", None),
            (r"^\<now\> (?<name>.+)$", Some("now")),
            (r"^now \u003d456 (?<name>.+)$", Some("now ")),
            ("(?i)^step (?<name>.+)$", None),
            ("^step (?<name>.+)$|^pass$", None),
            ("^(?<name>[A-Z]+)$", None),
        ] {
            assert_eq!(literal(pattern).as_deref(), text, "{pattern}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_pattern_is_told_in_one_line() {
        let error = |start: &str| StageKinds::default().add(start, None).unwrap_err().to_string();
        insta::assert_snapshot!(error("^==> .+$"), @r#"the pattern "^==> .+$" cannot be used: it has no group (?<name>…), which says what the stage is called"#);
        assert!(!error("^==> (").contains('\n'));
    }
}
