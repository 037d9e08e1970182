//! The library against the real git, and properties that hold for every record.

#[cfg(test)]
mod audit;
#[cfg(test)]
mod concurrency;
#[cfg(test)]
mod delivery;
#[cfg(test)]
mod discovery;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod fleet;
#[cfg(test)]
mod footprint;
#[cfg(test)]
mod fuzzed;
#[cfg(test)]
#[path = "../../../xtask/tests/e2e/support/gate.rs"]
mod gate;
#[cfg(test)]
mod generators;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod inbox;
#[cfg(test)]
mod measurements;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod prometheus;
#[cfg(test)]
mod recover;
#[cfg(test)]
mod registry;
#[cfg(test)]
mod reliability;
#[cfg(test)]
mod sandbox;
#[cfg(test)]
mod scanner;
#[cfg(test)]
mod spans;
#[cfg(test)]
mod stages;
#[cfg(test)]
mod standing;
#[cfg(test)]
mod story;
#[cfg(test)]
mod symbolic;
mod sync;
#[cfg(test)]
mod table;
#[cfg(test)]
mod terraform_log;
#[cfg(test)]
mod worktrees;
