//! How a Content Security Policy names a script: <https://www.w3.org/TR/CSP3/#grammardef-hash-source>.

use sha2::{Digest, Sha256};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The SHA-256 of `bytes` in Base64 (RFC 4648, section 4), with its padding.
pub(super) fn sha256_base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in Sha256::digest(bytes).chunks(3) {
        let byte = |place: usize| u32::from(group.get(place).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let digit = (bits >> (18 - 6 * place) & 0x3f) as usize;
            let is_padding = place > group.len();
            text.push(if is_padding { '=' } else { char::from(ALPHABET[digit]) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_one_that_browsers_compute() {
        // The example of the W3C's specification.
        let hash = sha256_base64(b"alert('Hello, world.');");
        assert_eq!(hash, "qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=");
    }
}
