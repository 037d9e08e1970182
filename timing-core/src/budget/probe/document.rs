//! JSON that somebody else wrote, from a file or from a program that prints it, in bounded memory.
//! Must not know what it says.
//!
//! What is not asked for is passed over and not kept, a document has a longest length and each list
//! in it a largest number of entries: without the last, `[{},{},…]` would take a hundred times its
//! own length.

use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::marker::PhantomData;
use std::path::Path;
use std::time::Duration;

use serde::de::{DeserializeOwned, Deserializer, Error, SeqAccess, Visitor};
use serde::{Deserialize, de};

use super::Unknown;
use super::command::{self, Run};
use crate::capture::{Command, Signals};
use crate::shown::shown;

/// Longest document, in bytes.
pub const LONGEST: usize = 32 << 20;
/// Most documents in a row.
const MOST_DOCUMENTS: usize = 1000;

/// How a program of the user's is started that prints a document.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// Its whole environment.
    pub environment: &'a [(OsString, OsString)],
    /// Where it runs.
    pub directory: &'a Path,
    /// After so long it is stopped, with all that it started.
    pub timeout: Duration,
    /// A signal in here stops it too.
    pub signals: &'a Signals,
}

impl Asking<'_> {
    /// What `program` prints.
    pub(super) fn ask(&self, program: &str, arguments: &[String]) -> Result<Vec<u8>, Unknown> {
        let Self { environment, directory, timeout, signals } = *self;
        let command = Command { program, arguments, environment, directory };
        command::output(&Run { command: &command, timeout }, LONGEST, signals)
    }
}

/// The bytes of a file.
///
/// # Errors
/// What cannot be read, is no file, or is longer than [`LONGEST`].
pub fn read(path: &Path) -> Result<Vec<u8>, Unknown> {
    let unknown =
        |why: &dyn fmt::Display| Unknown::because(format_args!("reading {}: {why}", shown(path)));
    // Opening a pipe that nobody writes to would wait for ever.
    if !path.metadata().map_err(|error| unknown(&error))?.is_file() {
        return Err(unknown(&"it is not a file"));
    }
    let file = File::open(path).map_err(|error| unknown(&error))?;
    let mut bytes = Vec::new();
    let most = LONGEST as u64 + 1;
    file.take(most).read_to_end(&mut bytes).map_err(|error| unknown(&error))?;
    if bytes.len() > LONGEST {
        return Err(unknown(&format_args!("it is longer than {LONGEST} bytes")));
    }
    Ok(bytes)
}

/// Hands over each of the documents that stand in a row in `text`, with what it was read from. One
/// at a time, so that whoever takes them can say that there are too many.
pub(super) fn parse<'a, T: DeserializeOwned>(
    text: &'a [u8],
    mut take: impl FnMut(T, &'a [u8]) -> Result<(), Unknown>,
) -> Result<(), Unknown> {
    if text.len() > LONGEST {
        return Err(Unknown::because(format_args!("the JSON is longer than {LONGEST} bytes")));
    }
    let mut stream = serde_json::Deserializer::from_slice(text).into_iter::<T>();
    let mut found = 0;
    loop {
        let from = stream.byte_offset();
        let Some(next) = stream.next() else { break };
        let document = next.map_err(|error| not_read(&error))?;
        found += 1;
        if found > MOST_DOCUMENTS {
            let why = format_args!("there are more than {MOST_DOCUMENTS} JSON documents in a row");
            return Err(Unknown::because(why));
        }
        take(document, text.get(from..stream.byte_offset()).unwrap_or_default())?;
    }
    if found == 0 { Err(Unknown::because("there is no JSON in it: it is empty")) } else { Ok(()) }
}

pub(super) fn not_read(error: &serde_json::Error) -> Unknown {
    Unknown::because(format_args!("the JSON cannot be read: {error}"))
}

/// A list with at most `MOST` entries; `null` is one without.
#[derive(Debug, Clone)]
pub(super) struct Few<T, const MOST: usize>(pub(super) Vec<T>);

impl<T, const MOST: usize> Default for Few<T, MOST> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for Few<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Entries(PhantomData))
    }
}

struct Entries<T, const MOST: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for Entries<T, MOST> {
    type Value = Few<T, MOST>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {MOST}")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Few::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = list.next_element()? {
            if entries.len() == MOST {
                return Err(A::Error::custom(format_args!("a list has more than {MOST} entries")));
            }
            entries.push(entry);
        }
        Ok(Few(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(text: &str) -> Result<Vec<Vec<u8>>, String> {
        let mut all = Vec::new();
        let take = |list: Few<u8, 3>, _: &[u8]| {
            all.push(list.0);
            Ok(())
        };
        parse(text.as_bytes(), take).map_err(|unknown| unknown.to_string())?;
        Ok(all)
    }

    #[test]
    fn documents_may_stand_in_a_row_and_lists_are_bounded() {
        assert_eq!(lists("[1,2,3]\nnull [4]"), Ok(vec![vec![1, 2, 3], vec![], vec![4]]));
        for (text, part) in [
            ("", "it is empty"),
            (" \n", "it is empty"),
            ("[1,2,3,4]", "more than 3 entries"),
            ("[1,", "EOF"),
            ("{}", "a list of at most 3"),
            (&"null ".repeat(1001), "more than 1000 JSON documents"),
        ] {
            let error = lists(text).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn a_file_is_read_only_when_it_is_one_and_not_too_long() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        std::fs::write(at("short"), "[]").unwrap();
        assert_eq!(read(&at("short")).unwrap(), b"[]");
        let sparse = File::create(at("long")).unwrap();
        sparse.set_len(50 << 20).unwrap();
        for (path, part) in [
            (at("long"), "longer than 33554432 bytes"),
            (at("missing"), "No such file"),
            (directory.path().to_owned(), "not a file"),
            ("/dev/zero".into(), "not a file"),
        ] {
            let error = read(&path).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
