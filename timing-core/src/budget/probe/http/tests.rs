//! Real connections on loopback, to servers that do as they are told.

mod hostile;
mod latency;
mod server;
mod well_behaved;
