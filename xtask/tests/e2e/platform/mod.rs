//! This repository's own platform and Makefile, with the real programs: Terraform, make, bash, the
//! sample service.
//!
//! What is recorded is compared with what the programs themselves say exists before and after, not
//! with what they print.

mod linked;
mod local;
mod makefile;
mod recorded;
mod resources;
mod scene;
mod state;
mod terraform;

use recorded::{recorded, total};
pub(crate) use scene::{Platform, Way};
use state::{Counts, State};
