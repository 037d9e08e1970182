//! The report as Markdown: for the registry's branch, a pull request, or a terminal.
//!
//! The tables are those of the commands; here is what stands around them. It begins with the front
//! matter that the branch's validator asks of a page; all below depends on the report alone, not on
//! when and where it was made, so that pages can be told apart by what they say.

mod front;
mod parts;
#[cfg(test)]
mod tests;

use sha2::{Digest, Sha256};

use super::Report;
pub use front::{Origin, fingerprint};

/// The page of `report`, made from `origin`.
///
/// # Errors
///
/// None; renderers of other formats have some.
pub fn render(report: &Report, origin: &Origin) -> Result<String, String> {
    let body = parts::body(report);
    Ok(front::matter(report, origin, &hash(body.as_bytes())) + &body)
}

/// What a page says, in so many digits: those of SHA-256.
#[must_use]
pub fn hash(said: &[u8]) -> String {
    Sha256::digest(said).iter().map(|byte| format!("{byte:02x}")).collect()
}
