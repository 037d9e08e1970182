//! YAML documents as trees that can be walked, whatever was written.
//!
//! An alias is the node that it names and is never copied, so that a document is no larger in memory
//! than its text. How deep nodes nest and how many there are is bounded, and so is the text. A key
//! that stands twice in one mapping is an error, as it is to strict readers of manifests: which of
//! the values holds is anybody's guess. This module must not know Kubernetes.

mod build;

#[cfg(test)]
mod tests;

use std::fmt;

use granit_parser::{Event, Parser};

use build::Builder;

/// The longest text that is read: many times the largest charts, which are a few MB.
pub(super) const LONGEST: usize = 16 << 20;

/// Why a text is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    line: usize,
    what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// A node of a document, and where it stands.
#[derive(Debug)]
struct Entry {
    line: usize,
    content: Content,
}

#[derive(Debug)]
enum Content {
    /// Its text; `None` of nothing at all, `~` and `null`.
    Plain(Option<String>),
    /// In quotes, or a block: text whatever it looks like.
    Text(String),
    Sequence(Vec<usize>),
    /// In the order of the text.
    Mapping(Vec<(String, usize)>),
}

/// One document.
#[derive(Debug, Default)]
pub(super) struct Document {
    nodes: Vec<Entry>,
}

/// A node of a document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node<'a> {
    document: &'a Document,
    entry: &'a Entry,
}

/// What a node is, for whoever expected something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// Nothing: absent, empty, `~` or `null`.
    Null,
    /// Without quotes: a number, if it looks like one.
    Plain(&'a str),
    /// In quotes, or a block.
    Text(&'a str),
    /// A list.
    Sequence,
    /// Keys and values.
    Mapping,
}

impl Document {
    /// The outermost node; none of an empty document.
    pub(super) fn root(&self) -> Option<Node<'_>> {
        self.node(0)
    }

    fn node(&self, index: usize) -> Option<Node<'_>> {
        self.nodes.get(index).map(|entry| Node { document: self, entry })
    }
}

impl<'a> Node<'a> {
    /// The line of the text that it begins on, from 1.
    pub(super) fn line(self) -> usize {
        self.entry.line
    }

    /// What it is.
    pub(super) fn value(self) -> Value<'a> {
        match &self.entry.content {
            Content::Plain(None) => Value::Null,
            Content::Plain(Some(text)) => Value::Plain(text),
            Content::Text(text) => Value::Text(text),
            Content::Sequence(_) => Value::Sequence,
            Content::Mapping(_) => Value::Mapping,
        }
    }

    /// What a mapping has under `key`; `None` of one that has nothing there, and of no mapping.
    pub(super) fn get(self, key: &str) -> Option<Self> {
        let Content::Mapping(entries) = &self.entry.content else { return None };
        let (_, index) = entries.iter().find(|(known, _)| known == key)?;
        self.document.node(*index).filter(|node| node.value() != Value::Null)
    }

    /// The elements of a list; none of what is no list.
    pub(super) fn items(self) -> impl Iterator<Item = Self> {
        let indices = match &self.entry.content {
            Content::Sequence(indices) => indices.as_slice(),
            _ => &[],
        };
        indices.iter().filter_map(move |index| self.document.node(*index))
    }
}

/// Reads `text` document by document; `each` may end the reading with a value.
pub(super) fn documents<T>(
    text: &str,
    mut each: impl FnMut(&Document) -> Option<T>,
) -> Result<Option<T>, Fault> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| Fault {
            line: error.marker().line(),
            what: error.kind().to_string(),
        })?;
        if matches!(event, Event::DocumentEnd) {
            let document = std::mem::take(&mut builder).document;
            if let Some(found) = each(&document) {
                return Ok(Some(found));
            }
        } else {
            builder.take(event, span)?;
        }
    }
    Ok(None)
}
