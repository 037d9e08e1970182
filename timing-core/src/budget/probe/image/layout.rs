//! OCI layouts: an index names manifests, a manifest names layers, all by digest.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::json;
use super::layers::{Layers, MAGIC, is_compressed};
use crate::shown::excerpt;

/// An index that names an index, and so on.
const DEEPEST: usize = 4;

#[derive(Debug, Deserialize)]
struct Descriptor {
    digest: String,
    size: u64,
    #[serde(default)]
    platform: Option<Platform>,
}

#[derive(Debug, Deserialize)]
struct Platform {
    #[serde(default)]
    os: String,
}

/// An index has manifests, a manifest has layers.
#[derive(Debug, Deserialize)]
struct Contents {
    #[serde(default)]
    manifests: Option<Vec<Descriptor>>,
    #[serde(default)]
    layers: Option<Vec<Descriptor>>,
}

pub(super) fn layers(directory: &Path) -> Result<Layers, String> {
    let (file, length) = open(&directory.join("index.json"), "index.json")?;
    let mut contents: Contents = json("index.json", length, file)?;
    for _ in 0..DEEPEST {
        if let Some(layers) = contents.layers {
            return counted(directory, &layers);
        }
        let manifests = contents.manifests.unwrap_or_default();
        // What a builder attests of an image is filed as an image of an unknown system.
        let is_image = |manifest: &&Descriptor| {
            manifest.platform.as_ref().is_none_or(|platform| platform.os != "unknown")
        };
        let mut images = manifests.iter().filter(is_image);
        let (Some(image), None) = (images.next(), images.next()) else {
            return Err(format!(
                "it has {} manifests, not one",
                manifests.iter().filter(is_image).count()
            ));
        };
        let (file, name) = blob(directory, image)?;
        contents = json(&name, image.size, file)?;
    }
    Err(format!("its index leads to no manifest in {DEEPEST} steps"))
}

fn counted(directory: &Path, descriptors: &[Descriptor]) -> Result<Layers, String> {
    let mut layers = Layers::default();
    for descriptor in descriptors {
        let (file, name) = blob(directory, descriptor)?;
        let mut beginning = Vec::new();
        file.take(MAGIC as u64)
            .read_to_end(&mut beginning)
            .map_err(|error| format!("{name}: {error}"))?;
        layers.add(descriptor.size, is_compressed(&beginning));
    }
    Ok(layers)
}

/// The file of a descriptor, which is as long as it should be, and its name.
fn blob(directory: &Path, descriptor: &Descriptor) -> Result<(File, String), String> {
    let digest = descriptor.digest.split_once(':').filter(|(algorithm, hex)| {
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        !algorithm.is_empty()
            && algorithm.chars().all(is_name)
            && (32..=128).contains(&hex.len())
            && hex.chars().all(is_name)
    });
    let Some((algorithm, hex)) = digest else {
        return Err(format!("{:?} is no digest", excerpt(&descriptor.digest)));
    };
    let name = format!("blobs/{algorithm}/{hex}");
    let path: PathBuf = directory.join(&name);
    let (file, length) = open(&path, &name)?;
    if length != descriptor.size {
        return Err(format!("{name} is {length} bytes long, and said to be {}", descriptor.size));
    }
    Ok((file, name))
}

/// A regular file and its length: a pipe that nobody writes to would be waited for.
fn open(path: &Path, name: &str) -> Result<(File, u64), String> {
    let about = |error: std::io::Error| format!("{name}: {error}");
    if !path.metadata().map_err(about)?.is_file() {
        return Err(format!("{name} is no regular file"));
    }
    let file = File::open(path).map_err(about)?;
    let length = file.metadata().map_err(about)?.len();
    Ok((file, length))
}
