//! What differs between trees, for many pairs of trees in one process.

use std::io::{self, BufRead};

use crate::git::{Git, GitError, ObjectFormat, ObjectId};
use crate::registry::object::{Kind, Object};

/// Every file in which rows may have found another place.
pub(in crate::registry) const EVERY_CSV: &str = ":(top,glob)**/*.csv";

/// What is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::registry) struct Place {
    pub(in crate::registry) mode: u32,
    pub(in crate::registry) id: ObjectId,
}

impl Place {
    /// The content, when this is a file.
    pub(in crate::registry) fn file(self) -> Option<ObjectId> {
        (self.mode & 0o170_000 == 0o100_000).then_some(self.id)
    }
}

/// A path at which two trees differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::registry) struct Change {
    pub(in crate::registry) path: String,
    pub(in crate::registry) old: Option<Place>,
    pub(in crate::registry) new: Option<Place>,
}

const COMPARING: &str = "comparing commits of the registry's branch";

/// The tree without an entry, which git knows without having it.
pub(in crate::registry) fn empty_tree(format: ObjectFormat) -> ObjectId {
    Object::new(Kind::Tree, Vec::new(), format).id
}

/// For each of `pairs`, in order, what its second tree has at the paths that `pathspecs` match and
/// its first has not.
pub(in crate::registry) fn changes(
    git: &Git,
    pairs: &[(ObjectId, ObjectId)],
    pathspecs: &[&str],
) -> Result<Vec<Vec<Change>>, GitError> {
    let input: String = pairs.iter().map(|(old, new)| format!("{old} {new}\n")).collect();
    let options = [
        "diff-tree",
        "--stdin",
        "-r",
        "-z",
        "--raw",
        "--no-abbrev",
        "--no-renames",
        "--no-relative",
        "--no-ext-diff",
        "--ignore-submodules=none",
        "--",
    ];
    let args = [&options, pathspecs].concat();
    git.stream(COMPARING, &args, input.as_bytes(), |from| {
        let mut all = Vec::with_capacity(pairs.len());
        let mut line = read_until(from, b'\n')?;
        for (old, new) in pairs {
            if line != format!("{old} {new}\n").as_bytes() {
                return Err(invalid(&line));
            }
            let mut found = Vec::new();
            // A colon begins a change, anything else the next pair.
            while from.fill_buf()?.first() == Some(&b':') {
                let meta = read_until(from, 0)?;
                let path = read_until(from, 0)?;
                found.push(change(&meta, &path).ok_or_else(|| invalid(&meta))?);
            }
            all.push(found);
            line = read_until(from, b'\n')?;
        }
        if line.is_empty() { Ok(all) } else { Err(invalid(&line)) }
    })
}

fn read_until(from: &mut dyn BufRead, end: u8) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.read_until(end, &mut bytes)?;
    Ok(bytes)
}

fn invalid(said: &[u8]) -> io::Error {
    let kind =
        if said.is_empty() { io::ErrorKind::UnexpectedEof } else { io::ErrorKind::InvalidData };
    io::Error::new(kind, format!("{:?}", String::from_utf8_lossy(said)))
}

/// Reads `:<mode> <mode> <name> <name> <letter>` and the path that belongs to it.
fn change(meta: &[u8], path: &[u8]) -> Option<Change> {
    let meta = std::str::from_utf8(meta).ok()?.strip_prefix(':')?;
    let mut words = meta.split([' ', '\0']);
    let modes = [words.next()?, words.next()?].map(|mode| u32::from_str_radix(mode, 8));
    let [old_mode, new_mode] = modes;
    let (old_id, new_id) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let place = |mode: u32, id: ObjectId| (mode != 0).then_some(Place { mode, id });
    Some(Change {
        path: String::from_utf8_lossy(path.strip_suffix(&[0])?).into_owned(),
        old: place(old_mode.ok()?, old_id),
        new: place(new_mode.ok()?, new_id),
    })
}
