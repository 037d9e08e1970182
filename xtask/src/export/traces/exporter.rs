//! OpenTelemetry's own exporter, over a client that blocks.
//!
//! The exporter reads the variables of OpenTelemetry: endpoint, headers, compression. It says of an
//! answer little more than that it was no success, so the client keeps what was answered, and what
//! follows is decided here by the rules of OTLP over HTTP. It tries once: the next sender is the next
//! attempt.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{
    ExporterBuildError, Protocol, RetryPolicy, SpanExporter, WithExportConfig, WithHttpConfig,
};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use opentelemetry_sdk::trace::SpanExporter as _;
use prost::Message;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, TlsProvider};

use super::model::trace;
use super::otlp::{resource, spans};
use crate::export::run::FinishedRun;
use crate::export::send::Answer;
use crate::settings::EnvSnapshot;

/// More of an answer is not read: what OTLP advises.
const LONGEST_ANSWER: u64 = 4 << 20;

/// A collector, ready to be told.
#[derive(Debug)]
pub struct Collector {
    exporter: SpanExporter,
    answers: Arc<Mutex<Option<Answered>>>,
    protocol: Protocol,
}

/// What came of a request.
#[derive(Debug)]
enum Answered {
    Status { code: u16, retry_after: Option<String>, body: Bytes },
    Nothing(String),
}

impl Collector {
    /// The collector that the variables of OpenTelemetry name; `timeout` is for each request, unless
    /// they say otherwise.
    ///
    /// # Errors
    ///
    /// In words, when a variable asks for what is not possible.
    pub fn new(variables: &EnvSnapshot, timeout: Duration) -> Result<Self, String> {
        let protocol = protocol(variables)?;
        let timeout = timeout_of(variables).unwrap_or(timeout);
        let answers = Arc::default();
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(timeout))
            .http_status_as_error(false)
            // Headers may hold a secret that is meant for one address.
            .max_redirects(0)
            .tls_config(tls(variables)?)
            .build()
            .into();
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Client { agent, answers: Arc::clone(&answers) })
            .with_retry_policy(RetryPolicy::disabled())
            .with_timeout(timeout)
            .with_protocol(protocol)
            .build()
            .map_err(|error| not_made(&error))?;
        let mut collector = Self { exporter, answers, protocol };
        collector.exporter.set_resource(&resource());
        Ok(collector)
    }

    /// Tells it of `run`.
    pub fn tell(&mut self, run: &FinishedRun) -> Answer {
        let told = futures_executor::block_on(self.exporter.export(spans(&trace(run))));
        let answered = self.answers.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (answered, told) {
            (Some(Answered::Status { code: 200..=299, body, .. }), _) => {
                Answer::Told(self.partly(&body))
            }
            (Some(Answered::Status { code, retry_after, body }), _) => {
                refused(code, retry_after.as_deref(), &body)
            }
            (Some(Answered::Nothing(reason)), _) => Answer::Unreachable(reason),
            (None, Err(error)) => Answer::Never(error.to_string()),
            (None, Ok(())) => Answer::Never("the exporter did not send it".to_owned()),
        }
    }

    /// What a collector says that took a part: OTLP forbids to send the rest again.
    fn partly(&self, body: &[u8]) -> Option<String> {
        let answer: Option<ExportTraceServiceResponse> = match self.protocol {
            Protocol::HttpJson => serde_json::from_slice(body).ok(),
            _ => ExportTraceServiceResponse::decode(body).ok(),
        };
        let partly = answer?.partial_success?;
        let said = shown(partly.error_message.as_bytes());
        match partly.rejected_spans {
            0 if said.is_empty() => None,
            0 => Some(format!("the collector says: {said}")),
            1 => Some(format!("the collector refused 1 span: {said}")),
            refused => Some(format!("the collector refused {refused} spans: {said}")),
        }
    }
}

/// What follows from an answer that is no success. OTLP has 429, 502, 503 and 504 tried again. What
/// may be a slip in the settings, or passes, is kept as well: the next sender is no retry of a client
/// that hammers, and a run that is dropped never comes back.
fn refused(code: u16, retry_after: Option<&str>, body: &[u8]) -> Answer {
    let said = shown(body);
    let said = if said.is_empty() { said } else { format!(": {said}") };
    let reason = format!("the collector answered {code}{said}");
    match code {
        // It will not become any shorter or better.
        400 | 413 | 415 | 422 => Answer::Never(reason),
        429 | 503 => Answer::Later(reason, retry_after.and_then(wait)),
        _ => Answer::Later(reason, None),
    }
}

/// `Retry-After`: seconds or a date (RFC 9110, 10.2.3).
fn wait(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = OffsetDateTime::parse(text.trim(), &Rfc2822).ok()?;
    (then - OffsetDateTime::now_utc()).try_into().ok()
}

/// The beginning of what somebody else wrote, as one harmless line; nothing of what is no text.
fn shown(bytes: &[u8]) -> String {
    const LONGEST: usize = 200;
    let first = bytes.get(..LONGEST).unwrap_or(bytes);
    // The end may be in the middle of a character.
    let text = first.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    // A status of protobuf has lengths and tags before its text.
    if text.starts_with(char::is_control) {
        return String::new();
    }
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

/// The value of the variable for traces, else of that for all signals.
fn variable<'a>(variables: &'a EnvSnapshot, end: &str) -> Option<(String, &'a str)> {
    ["OTEL_EXPORTER_OTLP_TRACES_", "OTEL_EXPORTER_OTLP_"].iter().find_map(|start| {
        let key = format!("{start}{end}");
        let text = variables.get(&key)?.to_str()?.trim();
        (!text.is_empty()).then_some((key, text))
    })
}

fn protocol(variables: &EnvSnapshot) -> Result<Protocol, String> {
    match variable(variables, "PROTOCOL") {
        None => Ok(Protocol::HttpBinary),
        Some((_, text)) if text.eq_ignore_ascii_case("http/protobuf") => Ok(Protocol::HttpBinary),
        Some((_, text)) if text.eq_ignore_ascii_case("http/json") => Ok(Protocol::HttpJson),
        Some((key, text)) => Err(format!(
            "{key}={text} is not built in; set it to http/protobuf or http/json, and the endpoint to \
             the collector's port for HTTP, which usually is 4318"
        )),
    }
}

/// Whole milliseconds; what is no such number is nobody's wish.
fn timeout_of(variables: &EnvSnapshot) -> Option<Duration> {
    let (_, text) = variable(variables, "TIMEOUT")?;
    text.parse().ok().filter(|&limit| limit > 0).map(Duration::from_millis)
}

fn tls(variables: &EnvSnapshot) -> Result<TlsConfig, String> {
    let roots = match variable(variables, "CERTIFICATE") {
        None => RootCerts::PlatformVerifier,
        Some((key, path)) => RootCerts::new_with_certs(&certificates(&key, path)?),
    };
    let client =
        match (variable(variables, "CLIENT_CERTIFICATE"), variable(variables, "CLIENT_KEY")) {
            (Some((certificate, path)), Some((key, of_key))) => Some(ClientCert::new_with_certs(
                &certificates(&certificate, path)?,
                private_key(&key, of_key)?,
            )),
            _ => None,
        };
    Ok(TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .root_certs(roots)
        .client_cert(client)
        .build())
}

fn pem(key: &str, path: &str) -> Result<Vec<PemItem<'static>>, String> {
    let unusable = |reason: &dyn fmt::Display| format!("{key}: {path}: {reason}");
    let bytes = std::fs::read(Path::new(path)).map_err(|error| unusable(&error))?;
    ureq::tls::parse_pem(&bytes).collect::<Result<_, _>>().map_err(|error| unusable(&error))
}

/// Why there is no exporter. The library quotes the value, which may be an address with a password.
fn not_made(error: &ExporterBuildError) -> String {
    match error {
        ExporterBuildError::InvalidConfiguration(text) => {
            let (what, _) = text.split_once(':').unwrap_or((text, ""));
            let what: String =
                what.chars().take_while(|c| c.is_alphanumeric() || " _".contains(*c)).collect();
            format!(
                "the exporter cannot be made: the variables of OpenTelemetry hold something that is not \
                 valid ({}); it is not repeated here, because an address may hold a password",
                what.trim()
            )
        }
        other => format!("the exporter cannot be made: {other}"),
    }
}

fn certificates(key: &str, path: &str) -> Result<Vec<Certificate<'static>>, String> {
    let found = pem(key, path)?.into_iter().filter_map(|item| match item {
        PemItem::Certificate(certificate) => Some(certificate),
        _ => None,
    });
    let found: Vec<_> = found.collect();
    if found.is_empty() { Err(format!("{key}: {path} holds no certificate")) } else { Ok(found) }
}

fn private_key(key: &str, path: &str) -> Result<PrivateKey<'static>, String> {
    let found = pem(key, path)?.into_iter().find_map(|item| match item {
        PemItem::PrivateKey(private) => Some(private),
        _ => None,
    });
    found.ok_or_else(|| format!("{key}: {path} holds no private key"))
}

/// A client that blocks, and keeps what was answered.
#[derive(Debug)]
struct Client {
    agent: ureq::Agent,
    answers: Arc<Mutex<Option<Answered>>>,
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let endpoint = endpoint(request.uri());
        let answered = self.send(request).map_err(|error| format!("{endpoint}: {error}"));
        let (kept, response) = match answered {
            Ok(response) => {
                let retry_after = response.headers().get("retry-after");
                let kept = Answered::Status {
                    code: response.status().as_u16(),
                    retry_after: retry_after.and_then(|text| Some(text.to_str().ok()?.to_owned())),
                    body: response.body().clone(),
                };
                (kept, Ok(response))
            }
            Err(reason) => (Answered::Nothing(reason.clone()), Err(reason.into())),
        };
        *self.answers.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        response
    }
}

impl Client {
    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ureq::Error> {
        let (parts, body) = request.into_parts();
        let response = self.agent.run(Request::from_parts(parts, body.to_vec()))?;
        let (parts, mut body) = response.into_parts();
        // What it answered is known, whatever becomes of the words that come with it.
        let body = body.with_config().limit(LONGEST_ANSWER).read_to_vec().unwrap_or_default();
        Ok(Response::from_parts(parts, body.into()))
    }
}

/// Where a request goes, without user info and query, which may be secrets.
fn endpoint(uri: &ureq::http::Uri) -> String {
    let port = uri.port().map(|port| format!(":{port}")).unwrap_or_default();
    let (scheme, host) = (uri.scheme_str().unwrap_or("http"), uri.host().unwrap_or_default());
    format!("{scheme}://{host}{port}{}", uri.path())
}
