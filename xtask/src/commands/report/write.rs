//! Where a report goes.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use timing_core::log;
use timing_core::shown::shown;

use crate::cli::{ReportArgs, ReportFormat};
use crate::settings::ReportSettings;

/// What a page is called where nobody says.
const NAME: &str = "report.html";

/// Where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Stdout,
    /// A file that was named.
    File(PathBuf),
    /// Beside the logs of this repository, where git does not see it.
    Logs(PathBuf),
}

impl Place {
    pub(super) fn of(args: &ReportArgs, settings: &ReportSettings) -> Self {
        match (&args.out, args.format) {
            (Some(path), _) if path.as_os_str() == "-" => Self::Stdout,
            (Some(path), _) => Self::File(settings.working_directory.join(path)),
            (None, ReportFormat::Html) => Self::Logs(settings.timings.registry.repository.clone()),
            (None, _) => Self::Stdout,
        }
    }
}

/// Writes `bytes` there, the whole file or none of it. What is to be said of it, if it is a file.
pub(super) fn write(
    place: &Place,
    bytes: &[u8],
    working_directory: &Path,
) -> Result<Option<String>, String> {
    let path = match place {
        Place::Stdout => return print(bytes).map(|()| None),
        Place::File(path) => path.clone(),
        Place::Logs(repository) => log::directory(repository)
            .map_err(|error| {
                format!(
                    "the directory of logs below {} cannot be made: {error}; name a file with --out",
                    shown(repository)
                )
            })?
            .join(NAME),
    };
    replace(&path, bytes)
        .map_err(|error| format!("the report cannot be written to {}: {error}", shown(&path)))?;
    let path = path.strip_prefix(working_directory).unwrap_or(&path);
    Ok(Some(format!("written to {}", shown(path))))
}

/// Whoever reads may have seen enough.
fn print(bytes: &[u8]) -> Result<(), String> {
    match std::io::stdout().write_all(bytes) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(format!("the report could not be printed: {error}"))
        }
        _ => Ok(()),
    }
}

/// Beside it first: a browser that looks meanwhile sees the old page or the new one. What is no
/// file, a pipe say, is written to as it is.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    match std::fs::metadata(path) {
        Ok(found) if !found.is_file() => return std::fs::write(path, bytes),
        Ok(_) | Err(_) => {}
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    let beside = PathBuf::from(beside);
    let moved = std::fs::write(&beside, bytes).and_then(|()| std::fs::rename(&beside, path));
    if moved.is_err() {
        // What is left of it helps nobody; that it is there is no reason of its own.
        let _ = std::fs::remove_file(&beside);
    }
    moved
}
