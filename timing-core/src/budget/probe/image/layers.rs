//! Layers, counted.

use super::{Size, SizeOf};

/// The layers of an image, so far.
#[derive(Debug, Default)]
pub(super) struct Layers {
    bytes: u128,
    compressed: bool,
}

/// How the files begin that gzip and zstd write (RFC 1952, RFC 8878).
const COMPRESSED: [&[u8]; 2] = [&[0x1f, 0x8b], &[0x28, 0xb5, 0x2f, 0xfd]];

/// How many bytes tell whether a file is compressed.
pub(super) const MAGIC: usize = 4;

pub(super) fn is_compressed(beginning: &[u8]) -> bool {
    COMPRESSED.iter().any(|magic| beginning.starts_with(magic))
}

impl Layers {
    /// One more, of which so many bytes lie there.
    pub(super) fn add(&mut self, bytes: u64, compressed: bool) {
        self.bytes += u128::from(bytes);
        self.compressed |= compressed;
    }

    pub(super) fn size(&self) -> Result<Size, String> {
        let bytes =
            u64::try_from(self.bytes).map_err(|_| "it is larger than any disk".to_owned())?;
        let of = if self.compressed { SizeOf::CompressedLayers } else { SizeOf::PlainLayers };
        Ok(Size { bytes, of })
    }
}
