//! Which object of many is meant.

use super::workload::Workload;
use super::yaml::{Document, Node, Value};
use crate::budget::probe::Unknown;
use crate::shown::excerpt;

/// What a manifest's objects are looked for by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selector {
    /// `Deployment` when absent.
    pub kind: Option<String>,
    /// When absent, there has to be one of that kind only.
    pub name: Option<String>,
}

impl Selector {
    const KIND: &str = "Deployment";

    /// From `KIND` or `KIND/NAME`.
    #[must_use]
    pub fn of(object: &str) -> Self {
        let (kind, name) = object.split_once('/').unwrap_or((object, ""));
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self { kind: given(kind), name: given(name) }
    }

    fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or(Self::KIND)
    }
}

/// Objects of one file, counted through lists of lists: aliases make many of few bytes.
const MOST_OBJECTS: usize = 100_000;

/// The objects that were meant so far.
pub(super) struct Selected<'a> {
    selector: &'a Selector,
    found: Vec<Workload>,
    objects: usize,
    without_kind: usize,
}

impl<'a> Selected<'a> {
    pub(super) fn new(selector: &'a Selector) -> Self {
        Self { selector, found: Vec::new(), objects: 0, without_kind: 0 }
    }

    /// Takes what is meant from a document; an error ends the reading.
    pub(super) fn look_at(&mut self, document: &Document) -> Result<(), Unknown> {
        let mut waiting: Vec<Node<'_>> = document.root().into_iter().collect();
        while let Some(object) = waiting.pop() {
            self.objects += 1;
            if self.objects > MOST_OBJECTS {
                return Err(Unknown::because(format_args!("more than {MOST_OBJECTS} objects")));
            }
            match object.get("kind").map(Node::value) {
                Some(Value::Plain(kind) | Value::Text(kind)) => {
                    if kind == self.selector.kind() {
                        self.take(kind, object)?;
                    } else if kind.ends_with("List") {
                        waiting.extend(
                            object
                                .get("items")
                                .into_iter()
                                .flat_map(Node::items)
                                .take(MOST_OBJECTS),
                        );
                    }
                }
                // A chart leaves documents with nothing in them.
                _ if object.value() == Value::Null => {}
                _ => self.without_kind += 1,
            }
        }
        Ok(())
    }

    fn take(&mut self, kind: &str, object: Node<'_>) -> Result<(), Unknown> {
        let name = object.get("metadata").and_then(|metadata| metadata.get("name"));
        let name = match name.map(Node::value) {
            Some(Value::Plain(name) | Value::Text(name)) => name,
            _ => {
                return Err(Unknown::because(format_args!(
                    "line {}: a {kind} without a name",
                    object.line()
                )));
            }
        };
        if self.selector.name.as_ref().is_some_and(|wanted| wanted != name) {
            return Ok(());
        }
        if let Some(first) = self.found.first() {
            let (a, b) = (excerpt(&first.name), excerpt(name));
            let say = if a == b { "one of them has to go" } else { "say which is meant" };
            return Err(Unknown::because(format_args!(
                "there is {kind} {a} on line {} and {kind} {b} on line {}: {say}",
                first.line,
                object.line(),
            )));
        }
        let workload = Workload::read(kind, name, object).map_err(|fault| {
            Unknown::because(format_args!("{} {}, {fault}", excerpt(kind), excerpt(name)))
        })?;
        self.found.push(workload);
        Ok(())
    }

    /// The one that is meant.
    pub(super) fn only(mut self) -> Result<Workload, Unknown> {
        if let Some(workload) = self.found.pop() {
            return Ok(workload);
        }
        let kind = excerpt(self.selector.kind());
        let name = self.selector.name.as_deref().map(|name| format!(" {}", excerpt(name)));
        let kindless = match self.without_kind {
            0 => String::new(),
            count => format!(", of which {count} without a kind"),
        };
        Err(Unknown::because(format_args!(
            "no {kind}{} among {} objects{kindless}",
            name.unwrap_or_default(),
            self.objects
        )))
    }
}
