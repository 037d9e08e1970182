//! Changing files in a tree: trees in, objects out.
//!
//! Everything that is not changed stays as it is, byte for byte, whatever its name and mode. This
//! module has never seen a repository; it works on the directories it is given.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::error::AppendError;
use super::object::{Content, Kind, Object};
use crate::git::{ObjectFormat, ObjectId};

/// A file of nobody in particular.
const FILE_MODE: &[u8] = b"100644";
const TREE_MODE: &[u8] = b"40000";

/// One line of a tree. Mode and name are kept as they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) mode: Vec<u8>,
    pub(super) name: Vec<u8>,
    pub(super) id: ObjectId,
}

/// What a mode says that an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EntryKind {
    Directory,
    File,
    Link,
    Submodule,
    Unknown,
}

impl EntryKind {
    /// What a person calls it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Directory => "a directory",
            Self::File => "a file",
            Self::Link => "a symbolic link",
            Self::Submodule => "a submodule",
            Self::Unknown => "of an unknown kind",
        }
    }
}

impl Entry {
    pub(super) fn kind(&self) -> EntryKind {
        let digits = std::str::from_utf8(&self.mode).unwrap_or_default();
        match u32::from_str_radix(digits, 8).unwrap_or(0) & 0o170_000 {
            0o040_000 => EntryKind::Directory,
            0o100_000 => EntryKind::File,
            0o120_000 => EntryKind::Link,
            0o160_000 => EntryKind::Submodule,
            _ => EntryKind::Unknown,
        }
    }

    /// The name as git sorts it: a directory's ends in a slash.
    fn sort_key(&self) -> Vec<u8> {
        let mut key = self.name.clone();
        if self.kind() == EntryKind::Directory {
            key.push(b'/');
        }
        key
    }
}

/// A tree's entries, in its own order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tree(Vec<Entry>);

impl Tree {
    /// Reads a tree; `None` when the bytes are none.
    pub(super) fn parse(mut bytes: &[u8], format: ObjectFormat) -> Option<Self> {
        let mut entries = Vec::new();
        while !bytes.is_empty() {
            let (mode, rest) = split_once(bytes, b' ')?;
            let (name, rest) = split_once(rest, 0)?;
            let (id, rest) = rest.split_at_checked(format.bytes())?;
            let id = ObjectId::from_bytes(id)?;
            entries.push(Entry { mode: mode.to_vec(), name: name.to_vec(), id });
            bytes = rest;
        }
        Some(Self(entries))
    }

    /// The entry of this name.
    pub(super) fn get(&self, name: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.name == name.as_bytes())
    }

    /// Puts `id` under `name`: in its place with its mode where there is one, otherwise where git
    /// sorts it, with `mode`.
    fn put(&mut self, name: &str, mode: &[u8], id: ObjectId) {
        if let Some(entry) = self.0.iter_mut().find(|entry| entry.name == name.as_bytes()) {
            entry.id = id;
            return;
        }
        let new = Entry { mode: mode.to_vec(), name: name.as_bytes().to_vec(), id };
        let key = new.sort_key();
        let place = self.0.iter().position(|entry| entry.sort_key() > key);
        self.0.insert(place.unwrap_or(self.0.len()), new);
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.0.len() * 64);
        for entry in &self.0 {
            bytes.extend_from_slice(&entry.mode);
            bytes.push(b' ');
            bytes.extend_from_slice(&entry.name);
            bytes.push(0);
            bytes.extend_from_slice(entry.id.as_bytes());
        }
        bytes
    }
}

fn split_once(bytes: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let place = memchr::memchr(at, bytes)?;
    Some((&bytes[..place], &bytes[place + 1..]))
}

/// The directories of a tree that matter, by path; the root is `""`. A directory that is not here
/// does not exist.
pub(super) type Directories = BTreeMap<String, Tree>;

/// The files to write, by path.
pub(super) type Files<'a> = BTreeMap<String, Content<'a>>;

/// The tree in which `files` have their new content, and every object it needs that is not there
/// yet, the tree itself last.
///
/// # Errors
///
/// When a file is to be written where a directory, link or submodule is, or the other way round.
pub(super) fn write_files<'a>(
    directories: &Directories,
    files: Files<'a>,
    format: ObjectFormat,
) -> Result<(ObjectId, Vec<Object<'a>>), AppendError> {
    let mut objects = Vec::new();
    let files = files.into_iter().map(|(path, content)| (path.clone(), (path, content))).collect();
    let root = write_directory("", directories, files, format, &mut objects)?;
    Ok((root, objects))
}

/// What is to be written below one directory: the path from there, the whole path, the content.
type Below<'a> = BTreeMap<String, (String, Content<'a>)>;

fn write_directory<'a>(
    path: &str,
    directories: &Directories,
    files: Below<'a>,
    format: ObjectFormat,
    objects: &mut Vec<Object<'a>>,
) -> Result<ObjectId, AppendError> {
    let mut tree = directories.get(path).cloned().unwrap_or_default();
    let mut below: BTreeMap<String, Below<'a>> = BTreeMap::new();
    for (rest, (whole, content)) in files {
        if let Some((directory, rest)) = rest.split_once('/') {
            let files = below.entry(directory.to_owned()).or_default();
            files.insert(rest.to_owned(), (whole, content));
        } else {
            expect(&tree, &rest, &whole, EntryKind::File)?;
            let id = keep(objects, Object::new(Kind::Blob, content, format));
            tree.put(&rest, FILE_MODE, id);
        }
    }
    for (name, files) in below {
        let path = join(path, &name);
        expect(&tree, &name, &path, EntryKind::Directory)?;
        let id = write_directory(&path, directories, files, format, objects)?;
        tree.put(&name, TREE_MODE, id);
    }
    let content = vec![Cow::Owned(tree.bytes())];
    Ok(keep(objects, Object::new(Kind::Tree, content, format)))
}

/// Takes `object` into `objects` unless the same is there.
fn keep<'a>(objects: &mut Vec<Object<'a>>, object: Object<'a>) -> ObjectId {
    let id = object.id;
    if objects.iter().all(|known| known.id != id) {
        objects.push(object);
    }
    id
}

/// Refuses an entry of another kind.
pub(super) fn expect(
    tree: &Tree,
    name: &str,
    path: &str,
    expected: EntryKind,
) -> Result<(), AppendError> {
    match tree.get(name).map(Entry::kind) {
        Some(kind) if kind != expected => Err(AppendError::WrongKind {
            path: path.to_owned(),
            found: kind.word(),
            expected: expected.word(),
        }),
        _ => Ok(()),
    }
}

/// `name` in the directory `path`.
pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(mode: &str, name: &[u8]) -> Entry {
        Entry { mode: mode.into(), name: name.into(), id: ObjectId::zero(ObjectFormat::Sha1) }
    }

    fn files(paths: &[&str]) -> Files<'static> {
        paths.iter().map(|path| ((*path).to_owned(), vec![Cow::Borrowed(&b"x"[..])])).collect()
    }

    fn root(objects: &[Object<'_>]) -> Tree {
        Tree::parse(&objects.last().unwrap().content.concat(), ObjectFormat::Sha1).unwrap()
    }

    #[test]
    fn what_is_read_is_written_alike_odd_modes_and_names_included() {
        let tree = Tree(vec![
            entry("100664", b"a"),
            entry("040000", b"caf\xe9"),
            entry("120000", b"z\nz"),
        ]);
        assert_eq!(Tree::parse(&tree.bytes(), ObjectFormat::Sha1), Some(tree));
        assert_eq!(Tree::parse(b"100644 cut\0abc", ObjectFormat::Sha1), None);
    }

    #[test]
    fn a_new_entry_stands_where_git_sorts_it() {
        // As files a-b < a.b < a0 and "a" first; as a directory "a/" stands between '.' and '0'.
        let old = Tree(["a-b", "a.b", "a0"].map(|n| entry("100644", n.as_bytes())).to_vec());
        let directories = Directories::from([(String::new(), old)]);
        let names = |paths: &[&str]| {
            let (_, objects) = write_files(&directories, files(paths), ObjectFormat::Sha1).unwrap();
            let names = root(&objects).0.into_iter().map(|e| String::from_utf8(e.name).unwrap());
            names.collect::<Vec<_>>()
        };
        assert_eq!(names(&["a/x"]), ["a-b", "a.b", "a", "a0"]);
        assert_eq!(names(&["a"]), ["a", "a-b", "a.b", "a0"]);
    }

    #[test]
    fn files_of_several_directories_share_the_trees_above_them() {
        let paths = ["environments/a/latest/t.csv", "environments/b/latest/t.csv", "README.md"];
        let (_, objects) =
            write_files(&Directories::new(), files(&paths), ObjectFormat::Sha1).unwrap();
        // One blob and one `latest` and one environment tree serve both; then environments, root.
        let kinds: Vec<Kind> = objects.iter().map(|object| object.kind).collect();
        assert_eq!(kinds, [Kind::Blob, Kind::Tree, Kind::Tree, Kind::Tree, Kind::Tree]);
        assert_eq!(root(&objects).0.len(), 2);
    }

    #[test]
    fn a_file_keeps_its_mode_and_another_kind_is_refused_by_name() {
        let old = Tree(vec![entry("100755", b"run"), entry("120000", b"environments")]);
        let directories = Directories::from([(String::new(), old)]);
        let write = |path: &str| write_files(&directories, files(&[path]), ObjectFormat::Sha1);
        assert_eq!(root(&write("run").unwrap().1).get("run").unwrap().mode, b"100755");
        insta::assert_snapshot!(write("environments/dev/x").unwrap_err(), @r#""environments" on the registry's branch is a symbolic link where a directory belongs; put that right on the branch"#);
        insta::assert_snapshot!(write("environments").unwrap_err(), @r#""environments" on the registry's branch is a symbolic link where a file belongs; put that right on the branch"#);
        insta::assert_snapshot!(write("run/x").unwrap_err(), @r#""run" on the registry's branch is a file where a directory belongs; put that right on the branch"#);
    }
}
