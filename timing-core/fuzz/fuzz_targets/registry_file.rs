//! libFuzzer against the readers of registry files: an input is a file, and [`properties`] are what
//! must hold for it.
//!
//! In `timing-core/fuzz`, on the stable toolchain and with a C++ compiler:
//!
//! ```text
//! cargo run -- found corpus/registry_file -dict=registry_file.dict -max_len=65536 -max_total_time=300
//! cargo run -- FILE                                              # one input, as after a crash
//! cargo run -- -minimize_crash=1 -max_total_time=60 FILE
//! cargo run -- -merge=1 -use_counters=0 corpus/registry_file found
//! ```
//!
//! The first writes what is new into the directory `found`, which has to exist. The last takes from
//! there into the corpus what reaches code that the corpus does not, and no more. Inputs with a name
//! in words were written by hand. `cargo test` runs the properties over the whole corpus
//! (`tests/it/fuzzed.rs`): an input that broke the reader goes there, under a name that says what it
//! was, with the repair.
//!
//! A line `INFO: Loaded 1 modules (… inline 8-bit counters)` says that libFuzzer sees which code an
//! input reaches; the flags for that stand in `.cargo/config.toml`, and `RUSTFLAGS` would replace them.

#![no_main]

#[path = "../properties.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|input: &[u8]| properties::hold_for(input));
