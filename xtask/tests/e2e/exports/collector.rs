//! A collector on loopback that speaks OTLP over HTTP, and ones that misbehave. What arrives is
//! decoded by OpenTelemetry's own types.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

/// What it does with a request.
#[derive(Debug, Clone)]
pub(super) enum Manner {
    /// Answers with this status, these headers and this body.
    Answers(u16, String, Vec<u8>),
    /// Reads it and never answers.
    Hangs,
    /// Answers a byte a second.
    Drips,
}

impl Manner {
    pub(super) fn answers(status: u16) -> Self {
        Self::Answers(status, String::new(), Vec::new())
    }
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

impl Request {
    /// Its spans.
    pub(super) fn spans(&self) -> Vec<Span> {
        let all = self.decoded().resource_spans.into_iter().flat_map(|of| of.scope_spans);
        all.flat_map(|of| of.spans).collect()
    }

    pub(super) fn decoded(&self) -> ExportTraceServiceRequest {
        ExportTraceServiceRequest::decode(&self.body[..]).unwrap()
    }
}

/// What an attribute says, as text.
pub(super) fn said(attributes: &[KeyValue], key: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    Some(match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => text.clone(),
        Value::IntValue(number) => number.to_string(),
        other => panic!("{other:?}"),
    })
}

/// It listens for as long as the test runs.
pub(super) struct Collector {
    port: u16,
    manner: Arc<Mutex<Manner>>,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Collector {
    pub(super) fn listen(manner: Manner) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let collector =
            Self { port, manner: Arc::new(Mutex::new(manner)), requests: Arc::default() };
        let (manner, requests) = (Arc::clone(&collector.manner), Arc::clone(&collector.requests));
        thread::spawn(move || {
            for caller in listener.incoming().flatten() {
                let (manner, requests) = (Arc::clone(&manner), Arc::clone(&requests));
                thread::spawn(move || serve(caller, &manner, &requests));
            }
        });
        collector
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(super) fn changes(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// The run ids of what arrived, in that order.
    pub(super) fn runs(&self) -> Vec<String> {
        let of = |request: &Request| {
            let run = request
                .spans()
                .into_iter()
                .find_map(|span| said(&span.attributes, "cicd.pipeline.run.id"));
            run.unwrap()
        };
        self.requests().iter().map(of).collect()
    }
}

fn serve(mut caller: TcpStream, manner: &Mutex<Manner>, requests: &Mutex<Vec<Request>>) {
    while let Some(request) = read(&mut caller) {
        requests.lock().unwrap().push(request);
        let manner = manner.lock().unwrap().clone();
        match manner {
            Manner::Answers(status, headers, body) => {
                let length = body.len();
                let head =
                    format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n{headers}\r\n");
                if caller.write_all(head.as_bytes()).and_then(|()| caller.write_all(&body)).is_err()
                {
                    return;
                }
            }
            Manner::Hangs => thread::sleep(Duration::from_secs(600)),
            Manner::Drips => {
                for byte in b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n" {
                    if caller.write_all(&[*byte]).is_err() {
                        return;
                    }
                    thread::sleep(Duration::from_secs(1));
                }
            }
        }
    }
}

/// The next request of a connection; `None` at its end.
fn read(caller: &mut TcpStream) -> Option<Request> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        caller.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let (_, length) = head.split_once("content-length: ").unwrap();
    let (length, _) = length.split_once("\r\n").unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    caller.read_exact(&mut body).ok()?;
    Some(Request { head, body })
}
