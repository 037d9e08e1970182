//! What the parts of the service answer: one pure function from a request to a response. Must
//! not know sockets.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crate::boot::BootReport;
use crate::database::Database;
use crate::features::Features;
use crate::http::{Body, Method, Request, Response, Status};
use crate::metrics;
use crate::orchestrator::Orchestrator;
use crate::process::ProcessUsage;
use crate::telemetry::Telemetry;

pub(crate) struct Service {
    pub(crate) features: Features,
    pub(crate) telemetry: Telemetry,
    pub(crate) database: Database,
    pub(crate) orchestrator: Orchestrator,
    /// Set once every component but the last, the readiness probe itself, is up.
    pub(crate) open: AtomicBool,
    pub(crate) boot: OnceLock<BootReport>,
}

impl Service {
    pub(crate) fn answer(&self, request: &Request) -> Response {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let answers = if path == "/metrics" { self.telemetry.answers() } else { None };
        let known = path == "/healthz" || answers.is_some();
        match (path, request.method) {
            (_, Method::Other) if known => Response::new(Status::MethodNotAllowed),
            ("/healthz", _) => self.health(query),
            _ => match answers {
                Some(answers) => Response::new(Status::Ok).with(Body::Metrics(metrics::render(
                    self.boot.get(),
                    answers,
                    self.telemetry.checks().as_ref(),
                    &ProcessUsage::now(),
                ))),
                None => Response::new(Status::NotFound),
            },
        }
    }

    fn health(&self, query: &str) -> Response {
        let started = Instant::now();
        let response = if asks_for_readiness(query) {
            self.readiness()
        } else {
            Response::new(Status::Ok).with(Body::Text("alive\n".to_owned()))
        };
        self.telemetry.record_check(started.elapsed());
        response
    }

    fn readiness(&self) -> Response {
        match self.why_not_ready() {
            None => Response::new(Status::Ok)
                .with(Body::Text(format!("ready features={}\n", self.features))),
            Some(reason) => {
                Response::new(Status::ServiceUnavailable).with(Body::Text(format!("{reason}\n")))
            }
        }
    }

    fn why_not_ready(&self) -> Option<String> {
        if !self.open.load(Ordering::Acquire) {
            return Some("booting".to_owned());
        }
        if let Err(fault) = self.database.check() {
            return Some(fault.to_string());
        }
        if let Err(fault) = self.orchestrator.check() {
            return Some(fault.to_string());
        }
        (!self.telemetry.is_sound()).then(|| "telemetry: the trace ring is not sound".to_owned())
    }
}

fn asks_for_readiness(query: &str) -> bool {
    query.split('&').any(|pair| pair == "readiness=1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Connection;
    use std::time::Duration;

    fn service() -> Service {
        with(|_| None)
    }

    fn with(lookup: impl Fn(&str) -> Option<String>) -> Service {
        let features = Features::read(lookup).unwrap();
        Service {
            telemetry: Telemetry::initialise(&features),
            database: Database::open(Duration::ZERO),
            orchestrator: Orchestrator::set_up(&features),
            features,
            open: AtomicBool::new(false),
            boot: OnceLock::new(),
        }
    }

    fn asked(service: &Service, method: Method, target: &str) -> u16 {
        let request =
            Request { method, target: target.to_owned(), connection: Connection::KeepAlive };
        service.answer(&request).status.code()
    }

    #[test]
    fn it_is_alive_before_it_is_ready() {
        let service = service();
        assert_eq!(asked(&service, Method::Get, "/healthz"), 200);
        assert_eq!(asked(&service, Method::Get, "/healthz?readiness=1"), 503);
        service.open.store(true, Ordering::Release);
        assert_eq!(asked(&service, Method::Get, "/healthz?a=b&readiness=1"), 200);
    }

    #[test]
    fn other_paths_and_other_methods_are_told_so() {
        let service = service();
        assert_eq!(asked(&service, Method::Get, "/"), 404);
        assert_eq!(asked(&service, Method::Get, "/healthz/"), 404);
        assert_eq!(asked(&service, Method::Other, "/nothing"), 404);
        assert_eq!(asked(&service, Method::Other, "/metrics"), 405);
        assert_eq!(asked(&service, Method::Head, "/metrics"), 200);
        let without = with(|name| (name == "PF_METRICS_ENABLED").then(|| "off".to_owned()));
        assert_eq!(asked(&without, Method::Get, "/metrics"), 404);
        assert_eq!(asked(&without, Method::Other, "/metrics"), 404);
    }
}
