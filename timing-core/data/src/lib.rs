//! What is known of phases, and the texts it is written in and read from: names and records, rows
//! and spans, the output of a step, files of any length as history.
//!
//! What is here may be called a million times in one command, so it is a crate of its own: this one
//! is built for speed, and as one unit, so that its smallest functions are put in place; the rest of
//! the project is built fast. It starts no process and knows no git, no journal and no registry.
//! `timing_core` hands all of it on under the same names; nobody else names this crate.

pub mod clock;
pub mod history;
pub mod record;
pub mod scan;
pub mod shown;
pub mod stages;
pub mod table;
