//! A response, and its bytes. Must not know sockets.

use super::{BadRequest, Connection, Method};

/// The statuses this service answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Ok,
    BadRequest,
    NotFound,
    MethodNotAllowed,
    HeadTooLarge,
    ServiceUnavailable,
    VersionNotSupported,
}

impl Status {
    pub(crate) const ALL: [Self; 7] = [
        Self::Ok,
        Self::BadRequest,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::HeadTooLarge,
        Self::ServiceUnavailable,
        Self::VersionNotSupported,
    ];

    pub(crate) fn code(self) -> u16 {
        self.parts().0
    }

    fn parts(self) -> (u16, &'static str) {
        match self {
            Self::Ok => (200, "OK"),
            Self::BadRequest => (400, "Bad Request"),
            Self::NotFound => (404, "Not Found"),
            Self::MethodNotAllowed => (405, "Method Not Allowed"),
            Self::HeadTooLarge => (431, "Request Header Fields Too Large"),
            Self::ServiceUnavailable => (503, "Service Unavailable"),
            Self::VersionNotSupported => (505, "HTTP Version Not Supported"),
        }
    }
}

impl From<BadRequest> for Status {
    fn from(bad: BadRequest) -> Self {
        match bad {
            BadRequest::Malformed => Self::BadRequest,
            BadRequest::TooLarge => Self::HeadTooLarge,
            BadRequest::UnknownVersion => Self::VersionNotSupported,
        }
    }
}

#[derive(Debug)]
pub(crate) enum Body {
    Text(String),
    /// Prometheus' text format.
    Metrics(String),
}

#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: Status,
    body: Body,
}

impl Response {
    /// A response whose body is its status in words.
    pub(crate) fn new(status: Status) -> Self {
        let (_, reason) = status.parts();
        Self { status, body: Body::Text(format!("{reason}\n")) }
    }

    pub(crate) fn with(self, body: Body) -> Self {
        Self { body, ..self }
    }

    /// All bytes in one piece, so that they leave in one segment. The answer to HEAD has the
    /// headers of the answer to GET.
    pub(crate) fn encode(&self, method: Method, connection: Connection) -> Vec<u8> {
        let (code, reason) = self.status.parts();
        let (kind, body) = match &self.body {
            Body::Text(text) => ("text/plain; charset=utf-8", text),
            Body::Metrics(text) => ("text/plain; version=0.0.4; charset=utf-8", text),
        };
        let allow = match self.status {
            Status::MethodNotAllowed => "Allow: GET, HEAD\r\n",
            _ => "",
        };
        let connection = match connection {
            Connection::KeepAlive => "keep-alive",
            Connection::Close => "close",
        };
        let length = body.len();
        let mut text = format!(
            "HTTP/1.1 {code} {reason}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
             Cache-Control: no-store\r\n{allow}Connection: {connection}\r\n\r\n"
        );
        if method != Method::Head {
            text.push_str(body);
        }
        text.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(response: &Response, method: Method) -> String {
        String::from_utf8(response.encode(method, Connection::KeepAlive)).unwrap()
    }

    #[test]
    fn a_head_request_gets_the_headers_alone() {
        let response = Response::new(Status::Ok).with(Body::Metrics("a 1\n".to_owned()));
        let get = encoded(&response, Method::Get);
        let head = encoded(&response, Method::Head);
        assert_eq!(get, format!("{head}a 1\n"));
        assert!(head.contains("\r\nContent-Length: 4\r\n") && head.ends_with("\r\n\r\n"));
    }

    #[test]
    fn a_method_that_is_not_allowed_is_told_which_are() {
        let text = encoded(&Response::new(Status::MethodNotAllowed), Method::Other);
        assert!(text.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"));
        assert!(text.contains("\r\nAllow: GET, HEAD\r\n"));
    }
}
