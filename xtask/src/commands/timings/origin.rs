//! Where rows come from.

use std::fmt::Display;
use std::io::Read;
use std::path::Path;

use timing_core::deposit::{self, Sources};
use timing_core::history::{self, Duplicates, Gathered, Source};
use timing_core::shown::shown;

use crate::commands::registry::{Failure, Site};
use crate::settings::{Origin, RegistrySettings};

/// What a message calls standard input.
pub(in crate::commands) const STDIN: &str = "stdin";

/// Rows, and what could not be read at all.
pub(in crate::commands) struct Found {
    pub(in crate::commands) gathered: Gathered,
    pub(in crate::commands) warnings: Vec<String>,
}

pub(in crate::commands) fn gather(
    origin: &Origin,
    settings: &RegistrySettings,
) -> Result<Found, Failure> {
    let Sources { sources, warnings } = sources(origin, settings)?;
    let gathered = match duplicates(origin) {
        Duplicates::LeftOut => history::gather(&sources),
        Duplicates::Kept => sources.first().map(history::gather_file).unwrap_or_default(),
    };
    Ok(Found { gathered, warnings })
}

/// The registry's sources have rows in common; a file is taken as it stands.
pub(super) fn duplicates(origin: &Origin) -> Duplicates {
    match origin {
        Origin::Registry => Duplicates::LeftOut,
        Origin::File(_) | Origin::Stdin => Duplicates::Kept,
    }
}

/// The bytes themselves: of the registry all there is, of a file that one.
pub(super) fn sources(origin: &Origin, settings: &RegistrySettings) -> Result<Sources, Failure> {
    let file = |name: String, read: std::io::Result<Vec<u8>>| -> Result<Sources, Failure> {
        let bytes = read.map_err(|error| unreadable(&name, &error))?;
        Ok(Sources { sources: vec![Source { name, bytes }], warnings: Vec::new() })
    };
    match origin {
        Origin::Registry => {
            let site = Site::find(settings)?;
            Ok(deposit::sources(&site.journal, &site.registry)?)
        }
        Origin::File(path) => file(name(path), std::fs::read(path)),
        Origin::Stdin => {
            let mut bytes = Vec::new();
            let read = std::io::stdin().read_to_end(&mut bytes).map(|_| bytes);
            file(STDIN.to_owned(), read)
        }
    }
}

/// What a message calls a file.
pub(in crate::commands) fn name(path: &Path) -> String {
    shown(path).to_string()
}

pub(super) fn unreadable(name: &str, error: &dyn Display) -> String {
    format!("{name} cannot be read: {error}; give --file a CSV of rows, or - for stdin")
}
