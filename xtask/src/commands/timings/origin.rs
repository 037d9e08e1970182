//! Where rows come from.

use std::io::Read;

use timing_core::deposit;
use timing_core::history::{Gathered, Source, gather_file};
use timing_core::shown::shown;

use crate::commands::registry::{Failure, Site};
use crate::settings::{Origin, RegistrySettings};

/// Rows, and what could not be read at all.
pub(super) struct Found {
    pub(super) gathered: Gathered,
    pub(super) warnings: Vec<String>,
}

pub(super) fn gather(origin: &Origin, settings: &RegistrySettings) -> Result<Found, Failure> {
    let file = |name: String, bytes| Found {
        gathered: gather_file(&Source { name, bytes }),
        warnings: Vec::new(),
    };
    match origin {
        Origin::Registry => {
            let site = Site::find(settings)?;
            let found = deposit::sources(&site.journal, &site.registry)?;
            Ok(Found {
                gathered: timing_core::history::gather(&found.sources),
                warnings: found.warnings,
            })
        }
        Origin::File(path) => {
            let name = shown(path).to_string();
            let bytes = std::fs::read(path).map_err(|error| {
                format!("{name} cannot be read: {error}; give --file a CSV of rows, or - for stdin")
            })?;
            Ok(file(name, bytes))
        }
        Origin::Stdin => {
            let mut bytes = Vec::new();
            std::io::stdin()
                .read_to_end(&mut bytes)
                .map_err(|error| format!("stdin cannot be read: {error}"))?;
            Ok(file("stdin".to_owned(), bytes))
        }
    }
}
