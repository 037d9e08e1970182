//! Objects as a stream: git is told all names at once, and one object is held at a time.

use std::io::{self, BufRead, Read};

use crate::git::{Git, GitError, ObjectId};

const READING: &str = "reading the files of the registry's branch";

/// The objects that were asked for, in that order.
pub(in crate::registry) struct Objects<'a> {
    from: &'a mut dyn BufRead,
}

/// Reads the objects `ids` one after the other.
pub(in crate::registry) fn read<T>(
    git: &Git,
    ids: &[ObjectId],
    take: impl FnOnce(&mut Objects<'_>) -> io::Result<T>,
) -> Result<T, GitError> {
    let names: String = ids.iter().map(|id| format!("{id}\n")).collect();
    git.stream(READING, &["cat-file", "--batch", "--buffer"], names.as_bytes(), |from| {
        take(&mut Objects { from })
    })
}

impl Objects<'_> {
    /// The content of the next object; `None` when it is not in this clone.
    pub(in crate::registry) fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let invalid = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
        let mut line = String::new();
        self.from.read_line(&mut line)?;
        let line = line.strip_suffix('\n').ok_or(io::ErrorKind::UnexpectedEof)?;
        if line.ends_with(" missing") {
            return Ok(None);
        }
        let length = line.rsplit(' ').next().and_then(|length| length.parse().ok());
        let length: usize = length.ok_or_else(|| invalid(line))?;
        // A line end follows the content.
        let mut content = Vec::with_capacity(length + 1);
        let limit = u64::try_from(length).unwrap_or(u64::MAX).saturating_add(1);
        (&mut self.from).take(limit).read_to_end(&mut content)?;
        match content.pop() {
            Some(b'\n') if content.len() == length => Ok(Some(content)),
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

/// How many versions are held at a time. Where one commit follows the other it takes two; more
/// spare a second reading where branches alternate.
const HELD: usize = 4;

/// The versions that were looked at last. What it asks for depends only on the order in which it is
/// asked, so that a rehearsal tells what a performance will want.
#[derive(Debug)]
pub(in crate::registry) struct Recent<T> {
    held: Vec<(ObjectId, T)>,
}

impl<T> Recent<T> {
    pub(in crate::registry) fn new() -> Self {
        Self { held: Vec::with_capacity(HELD + 1) }
    }

    /// Makes `id` the last one looked at, loading it when it is not held.
    pub(in crate::registry) fn touch<E>(
        &mut self,
        id: ObjectId,
        load: impl FnOnce() -> Result<T, E>,
    ) -> Result<(), E> {
        match self.held.iter().position(|(held, _)| *held == id) {
            Some(place) => {
                let touched = self.held.remove(place);
                self.held.push(touched);
            }
            None => {
                if self.held.len() == HELD {
                    self.held.remove(0);
                }
                self.held.push((id, load()?));
            }
        }
        Ok(())
    }

    /// What was loaded for `id`, when it is still held.
    pub(in crate::registry) fn get(&self, id: ObjectId) -> Option<&T> {
        self.held.iter().find(|(held, _)| *held == id).map(|(_, loaded)| loaded)
    }
}
