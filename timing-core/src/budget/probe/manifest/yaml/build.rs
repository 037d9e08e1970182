//! Events become a tree, within bounds.

use std::collections::{HashMap, HashSet};

use granit_parser::{Event, ScalarStyle, Span};

use super::{Content, Document, Entry, Fault};

/// Levels of nesting; manifests have about 15.
const DEEPEST: usize = 100;
/// Nodes of one document.
const MOST_NODES: usize = 1 << 20;

/// A document that is being read.
#[derive(Debug, Default)]
pub(super) struct Builder {
    pub(super) document: Document,
    anchors: HashMap<usize, usize>,
    open: Vec<Open>,
}

/// A collection that has not ended.
#[derive(Debug)]
struct Open {
    node: usize,
    anchor: usize,
    /// Of a mapping: the key whose value comes next.
    key: Option<String>,
    /// Of a mapping: its keys so far, because one of many keys would take too long to search.
    keys: HashSet<String>,
}

impl Builder {
    pub(super) fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Fault> {
        let line = span.start.line();
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let content = match style {
                    ScalarStyle::Plain if matches!(&*text, "" | "~" | "null" | "Null" | "NULL") => {
                        Content::Plain(None)
                    }
                    ScalarStyle::Plain => Content::Plain(Some(text.into_owned())),
                    _ => Content::Text(text.into_owned()),
                };
                self.scalar(content, anchor, line)
            }
            Event::SequenceStart(_, anchor, _) => {
                self.open(Content::Sequence(Vec::new()), anchor, line)
            }
            Event::MappingStart(_, anchor, _) => {
                self.open(Content::Mapping(Vec::new()), anchor, line)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                // Only what has ended can be named, so that no node contains itself.
                if let Some(open) = self.open.pop() {
                    self.name(open.anchor, open.node);
                }
                Ok(())
            }
            Event::Alias(anchor) => {
                let target = self.anchors.get(&anchor).copied();
                let target = target.ok_or_else(|| Fault {
                    line,
                    what: "an alias of what it stands in".to_owned(),
                })?;
                self.attach(target, line)
            }
            _ => Ok(()),
        }
    }

    /// A key, or a value.
    fn scalar(&mut self, content: Content, anchor: usize, line: usize) -> Result<(), Fault> {
        let is_key = self.open.last().is_some_and(|open| open.key.is_none())
            && self.innermost().is_some_and(|entry| matches!(entry, Content::Mapping(_)));
        if !is_key {
            let node = self.add(content, line)?;
            self.name(anchor, node);
            return self.attach(node, line);
        }
        let (key, is_plain) = match content {
            Content::Plain(key) => (key.unwrap_or_default(), true),
            Content::Text(key) => (key, false),
            Content::Sequence(_) | Content::Mapping(_) => (String::new(), false),
        };
        let fault = |what: String| Fault { line, what };
        if is_plain && key == "<<" {
            return Err(fault("merge keys (<<) are not read: write the values out".to_owned()));
        }
        if anchor != 0 {
            return Err(fault("a key with an anchor is not read".to_owned()));
        }
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        if !open.keys.insert(key.clone()) {
            let shown = crate::shown::excerpt(&key);
            return Err(fault(format!("key {shown:?} stands twice in one mapping")));
        }
        open.key = Some(key);
        Ok(())
    }

    fn open(&mut self, content: Content, anchor: usize, line: usize) -> Result<(), Fault> {
        if self.open.len() >= DEEPEST {
            return Err(Fault { line, what: format!("nested more than {DEEPEST} levels deep") });
        }
        let node = self.add(content, line)?;
        self.attach(node, line)?;
        self.open.push(Open { node, anchor, key: None, keys: HashSet::new() });
        Ok(())
    }

    fn innermost(&self) -> Option<&Content> {
        let open = self.open.last()?;
        self.document.nodes.get(open.node).map(|entry| &entry.content)
    }

    fn add(&mut self, content: Content, line: usize) -> Result<usize, Fault> {
        if self.document.nodes.len() >= MOST_NODES {
            return Err(Fault { line, what: format!("more than {MOST_NODES} nodes") });
        }
        self.document.nodes.push(Entry { line, content });
        Ok(self.document.nodes.len() - 1)
    }

    fn name(&mut self, anchor: usize, node: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, node);
        }
    }

    /// Puts a node into the collection around it.
    fn attach(&mut self, node: usize, line: usize) -> Result<(), Fault> {
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        let Some(around) = self.document.nodes.get_mut(open.node) else { return Ok(()) };
        match &mut around.content {
            Content::Sequence(items) => items.push(node),
            Content::Mapping(entries) => match open.key.take() {
                Some(key) => entries.push((key, node)),
                None => return Err(Fault { line, what: "a key that is no text".to_owned() }),
            },
            Content::Plain(_) | Content::Text(_) => {}
        }
        Ok(())
    }
}
