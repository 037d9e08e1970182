//! The size of a container image: as an engine says it, or by its layers where there is no engine.
//!
//! The two are not the same number, so that each says which it is. An engine says what the image
//! takes once it is unpacked: the files of all layers (`docker image inspect`, `Size`; an engine that
//! keeps images in containerd's store adds what it has of them compressed). Layers are counted as they
//! lie in the layout or the archive, once for each time that the image lists them: what a registry
//! would send when they are compressed, and when they are not, the engine's number and the headers
//! and padding of tar, which are 512 to 1535 bytes a file. The image's configuration is not counted.
//!
//! A layer has to be as long as its descriptor says. Its digest is not verified.

mod archive;
mod layers;
mod layout;

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use super::Unknown;
use super::command::{self, Run};
use crate::capture::{Command, Signals};
use crate::shown::{excerpt, shown};

/// How large an image is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// In bytes.
    pub bytes: u64,
    /// Of what.
    pub of: SizeOf,
}

/// What was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SizeOf {
    /// What the engine says.
    Engine,
    /// Layers that are not compressed, or none at all.
    PlainLayers,
    /// Layers of which at least one is compressed: less than what the engine would say.
    CompressedLayers,
}

impl std::fmt::Display for SizeOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Engine => "as the engine says",
            Self::PlainLayers => "of the layers, not compressed",
            Self::CompressedLayers => "of the layers, compressed",
        })
    }
}

/// How an engine is asked.
#[derive(Debug, Clone, Copy)]
pub struct Engine<'a> {
    /// Its client, as `docker`: it knows contexts and sockets.
    pub client: &'a str,
    /// The client's whole environment.
    pub environment: &'a [(OsString, OsString)],
    /// Where the client runs.
    pub directory: &'a Path,
    /// After so long it is given up.
    pub timeout: Duration,
}

/// What an engine's answer may be long.
const LONGEST_ANSWER: usize = 4096;

/// What the engine says of the image of that name or id.
///
/// # Errors
///
/// When the client is missing or fails (no engine, no such image), or says something else.
pub fn of_engine(engine: &Engine<'_>, image: &str, signals: &Signals) -> Result<Size, Unknown> {
    let words = ["image", "inspect", "--format", "{{.Size}}", "--", image];
    let arguments = words.map(str::to_owned);
    let command = Command {
        program: engine.client,
        arguments: &arguments,
        environment: engine.environment,
        directory: engine.directory,
    };
    let run = Run { command: &command, timeout: engine.timeout };
    let said = command::output(&run, LONGEST_ANSWER, signals)?;
    let said = String::from_utf8_lossy(&said);
    let bytes = said.trim().parse().map_err(|_| {
        Unknown::because(format_args!("the engine says {:?} for a size", excerpt(said.trim())))
    })?;
    Ok(Size { bytes, of: SizeOf::Engine })
}

/// The layers of the only image in an OCI layout (OCI Image Layout Specification 1.1), a directory.
///
/// # Errors
///
/// When there is none or more than one, when something of it is missing, and when a file is not as
/// long as it should be.
pub fn of_layout(directory: &Path) -> Result<Size, Unknown> {
    layout::layers(directory)
        .and_then(|layers| layers.size())
        .map_err(|reason| Unknown::because(format_args!("image in {}: {reason}", shown(directory))))
}

/// The layers of the only image in an archive as `docker save` writes it.
///
/// # Errors
///
/// As for [`of_layout`].
pub fn of_archive(file: &Path) -> Result<Size, Unknown> {
    archive::layers(file)
        .and_then(|layers| layers.size())
        .map_err(|reason| Unknown::because(format_args!("image in {}: {reason}", shown(file))))
}

/// The longest JSON file that is read.
const LONGEST_JSON: u64 = 4 << 20;

/// A file as JSON; `length` is what it claims.
fn json<T: serde::de::DeserializeOwned>(
    name: &str,
    length: u64,
    bytes: impl std::io::Read,
) -> Result<T, String> {
    if length > LONGEST_JSON {
        return Err(format!("{name} is longer than {LONGEST_JSON} bytes"));
    }
    let mut text = Vec::new();
    let mut bytes = bytes.take(LONGEST_JSON);
    std::io::Read::read_to_end(&mut bytes, &mut text)
        .map_err(|error| format!("{name}: {error}"))?;
    serde_json::from_slice(&text).map_err(|error| format!("{name}: {error}"))
}
