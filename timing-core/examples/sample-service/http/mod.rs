//! As much of HTTP/1.1 as health probes and scrapers speak. Must not know what is answered.

pub(crate) mod client;
mod request;
mod response;
pub(crate) mod server;

pub(crate) use request::{BadRequest, Connection, Method, Request};
pub(crate) use response::{Body, Response, Status};
