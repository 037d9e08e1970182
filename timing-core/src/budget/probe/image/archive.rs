//! Archives as `docker save` writes them: `manifest.json` names layers, which are files beside it.
//!
//! Nothing is unpacked: entries are looked at in passing, by their headers. Extensions that would
//! have a header's fields replaced are not followed; `docker save` needs none.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use serde::Deserialize;

use super::json;
use super::layers::{Layers, MAGIC, is_compressed};
use crate::shown::excerpt;

/// Entries that are looked at; a layer has four at most.
const MOST_ENTRIES: usize = 100_000;

#[derive(Debug, Deserialize)]
struct Image {
    #[serde(rename = "Layers")]
    layers: Vec<String>,
}

/// What is known of an entry.
enum Found {
    File {
        bytes: u64,
        compressed: bool,
    },
    /// To another entry: of layers that are the same, older engines save one.
    Link(String),
}

pub(super) fn layers(path: &Path) -> Result<Layers, String> {
    if !path.metadata().map_err(|error| error.to_string())?.is_file() {
        return Err("it is no regular file".to_owned());
    }
    let mut file = File::open(path).map_err(|error| error.to_string())?;
    let mut beginning = [0; MAGIC];
    let read = file.read(&mut beginning).map_err(|error| error.to_string())?;
    if is_compressed(beginning.get(..read).unwrap_or_default()) {
        return Err("it is compressed: unpack it first".to_owned());
    }
    file.rewind().map_err(|error| error.to_string())?;
    let length = file.metadata().map_err(|error| error.to_string())?.len();
    let (images, found) = entries(file, length)?;
    let [image] = images.as_slice() else {
        return Err(format!("it holds {} images, not one", images.len()));
    };
    let mut layers = Layers::default();
    for name in &image.layers {
        let target = match found.get(name) {
            Some(Found::Link(target)) => found.get(target),
            other => other,
        };
        let Some(Found::File { bytes, compressed }) = target else {
            return Err(format!("layer {:?} is not in it", excerpt(name)));
        };
        layers.add(*bytes, *compressed);
    }
    Ok(layers)
}

fn entries(file: File, length: u64) -> Result<(Vec<Image>, HashMap<String, Found>), String> {
    let mut archive = tar::Archive::new(BufReader::new(file));
    let broken =
        |error: std::io::Error| format!("it is no tar archive: {}", excerpt(&error.to_string()));
    let (mut images, mut found) = (None, HashMap::new());
    for (index, entry) in archive.entries_with_seek().map_err(broken)?.raw(true).enumerate() {
        let mut entry = entry.map_err(broken)?;
        if index >= MOST_ENTRIES {
            return Err(format!("it has more than {MOST_ENTRIES} entries"));
        }
        let (bytes, kind) = (entry.size(), entry.header().entry_type());
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        // Behind the end nothing is read when an entry is passed by, so that it would not be noticed.
        if entry.raw_file_position().checked_add(bytes).is_none_or(|end| end > length) {
            return Err(format!("it ends in the middle of {:?}", excerpt(&name)));
        }
        let what = if kind.is_symlink() || kind.is_hard_link() {
            let target = entry.link_name_bytes().unwrap_or_default();
            Found::Link(resolved(&name, &String::from_utf8_lossy(&target), kind.is_symlink()))
        } else if !kind.is_file() {
            continue;
        } else if name == "manifest.json" {
            images = Some(json::<Vec<Image>>(&name, bytes, &mut entry)?);
            continue;
        } else {
            let mut beginning = Vec::new();
            (&mut entry).take(MAGIC as u64).read_to_end(&mut beginning).map_err(broken)?;
            Found::File { bytes, compressed: is_compressed(&beginning) }
        };
        if found.insert(name.clone(), what).is_some() {
            return Err(format!("{:?} stands in it twice", excerpt(&name)));
        }
    }
    let missing = || "it has no manifest.json, which docker save writes".to_owned();
    Ok((images.ok_or_else(missing)?, found))
}

/// Where a link leads; a name that no entry has, where that is out of the archive.
fn resolved(from: &str, target: &str, is_relative: bool) -> String {
    let directory = from.rsplit_once('/').filter(|_| is_relative).map_or("", |(parent, _)| parent);
    let mut parts: Vec<&str> = directory.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.pop().is_none() => return String::new(),
            ".." => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}
