//! Finished git objects, and the pack in which they travel to git in one process.
//!
//! This module knows git's formats and nothing of what the objects are for.

use std::borrow::Cow;
use std::io::{self, Write};

use adler2::Adler32;
use sha1::{Digest, Sha1};
use sha2::Sha256;

use crate::git::{ObjectFormat, ObjectId};

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Commit,
    Tree,
    Blob,
}

impl Kind {
    /// The word in front of an object's content.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Tree => "tree",
            Self::Blob => "blob",
        }
    }

    /// The number of the kind in a pack.
    fn number(self) -> u8 {
        match self {
            Self::Commit => 1,
            Self::Tree => 2,
            Self::Blob => 3,
        }
    }
}

/// The content of an object in pieces, so that a long file and what is appended to it need not be
/// copied together.
pub(super) type Content<'a> = Vec<Cow<'a, [u8]>>;

/// An object with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Object<'a> {
    pub(super) kind: Kind,
    pub(super) id: ObjectId,
    pub(super) content: Content<'a>,
}

impl<'a> Object<'a> {
    /// The object of this kind and content, named as `format` wants.
    pub(super) fn new(kind: Kind, content: Content<'a>, format: ObjectFormat) -> Self {
        let mut hasher = Hasher::new(format);
        hasher.update(format!("{} {}\0", kind.word(), length(&content)).as_bytes());
        content.iter().for_each(|piece| hasher.update(piece));
        Self { kind, id: hasher.finish(), content }
    }
}

fn length(content: &[Cow<'_, [u8]>]) -> usize {
    content.iter().map(|piece| piece.len()).sum()
}

/// Writes `objects` to `out` as a pack.
pub(super) fn write_pack(
    objects: &[Object<'_>],
    format: ObjectFormat,
    out: &mut dyn Write,
) -> io::Result<()> {
    // Headers of a few bytes would otherwise be a system call each.
    let mut out =
        io::BufWriter::with_capacity(64 * 1024, Hashing { out, hasher: Hasher::new(format) });
    let count = u32::try_from(objects.len()).map_err(io::Error::other)?;
    out.write_all(b"PACK\0\0\0\x02")?;
    out.write_all(&count.to_be_bytes())?;
    for object in objects {
        out.write_all(&entry_header(object.kind, length(&object.content)))?;
        write_stored(&object.content, &mut out)?;
    }
    let Hashing { out, hasher } = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    out.write_all(hasher.finish().as_bytes())
}

/// Kind and length as a pack's entry begins: four bits of the length with the kind, then seven a
/// byte, the lowest first.
fn entry_header(kind: Kind, length: usize) -> Vec<u8> {
    let low = |n: usize, mask: usize| u8::try_from(n & mask).unwrap_or(0);
    let mut bytes = vec![kind.number() << 4 | low(length, 0x0f)];
    let mut rest = length >> 4;
    while rest > 0 {
        if let Some(last) = bytes.last_mut() {
            *last |= 0x80;
        }
        bytes.push(low(rest, 0x7f));
        rest >>= 7;
    }
    bytes
}

/// Writes `content` as a zlib stream (RFC 1950) of stored blocks (RFC 1951): git unpacks it at once,
/// and time is dearer than a pipe's bytes.
fn write_stored(content: &[Cow<'_, [u8]>], out: &mut dyn Write) -> io::Result<()> {
    // A window of 32 KiB, no dictionary, the fastest level.
    out.write_all(&[0x78, 0x01])?;
    let mut checksum = Adler32::new();
    for block in content.iter().flat_map(|piece| piece.chunks(usize::from(u16::MAX))) {
        checksum.write_slice(block);
        write_block(block, 0, out)?;
    }
    write_block(&[], 1, out)?;
    out.write_all(&checksum.checksum().to_be_bytes())
}

/// Writes one stored block; `last` is 1 for the one that ends the stream.
fn write_block(block: &[u8], last: u8, out: &mut dyn Write) -> io::Result<()> {
    let length = u16::try_from(block.len()).map_err(io::Error::other)?;
    out.write_all(&[last])?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(&(!length).to_le_bytes())?;
    out.write_all(block)
}

/// The hash of a repository's object format.
enum Hasher {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Hasher {
    fn new(format: ObjectFormat) -> Self {
        match format {
            ObjectFormat::Sha1 => Self::Sha1(Sha1::new()),
            ObjectFormat::Sha256 => Self::Sha256(Sha256::new()),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(hasher) => hasher.update(bytes),
            Self::Sha256(hasher) => hasher.update(bytes),
        }
    }

    fn finish(self) -> ObjectId {
        match self {
            Self::Sha1(hasher) => ObjectId::Sha1(hasher.finalize().into()),
            Self::Sha256(hasher) => ObjectId::Sha256(hasher.finalize().into()),
        }
    }
}

/// Hashes what passes through it.
struct Hashing<'a> {
    out: &'a mut dyn Write,
    hasher: Hasher,
}

impl Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hasher.update(bytes.get(..written).unwrap_or(bytes));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_named_as_git_names_them() {
        let name = |kind, pieces: &[&'static [u8]], format| {
            let content = pieces.iter().map(|piece| Cow::Borrowed(*piece)).collect();
            Object::new(kind, content, format).id.to_string()
        };
        let sha1 = ObjectFormat::Sha1;
        assert_eq!(name(Kind::Blob, &[], sha1), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
        assert_eq!(name(Kind::Tree, &[], sha1), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
        assert_eq!(
            name(Kind::Blob, &[b"hel", b"lo\n"], sha1),
            "ce013625030ba8dba906f756967f9e9ca394464a"
        );
        assert_eq!(
            name(Kind::Blob, &[], ObjectFormat::Sha256),
            "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"
        );
    }

    #[test]
    fn lengths_are_written_four_bits_then_seven() {
        assert_eq!(entry_header(Kind::Blob, 5), [0x35]);
        assert_eq!(entry_header(Kind::Tree, 16), [0xa0, 0x01]);
        assert_eq!(entry_header(Kind::Commit, 0xfff), [0x9f, 0xff, 0x01]);
    }
}
