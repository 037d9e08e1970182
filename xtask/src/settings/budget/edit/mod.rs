//! A budget file that says something else: a text in, a text out, in which only that has changed.
//! Nothing is written here.

mod baseline;
mod limits;

pub use baseline::with_baseline;
pub use limits::{Edited, NewLimit, Whose, edit};
