//! A request's head, parsed from bytes. Must not know sockets.

/// The longest head that is read.
pub(crate) const HEAD_LIMIT: usize = 8 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Head,
    Other,
}

/// What becomes of the connection after the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Connection {
    KeepAlive,
    Close,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// Path and query as they were sent.
    pub(crate) target: String,
    pub(crate) connection: Connection,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadRequest {
    Malformed,
    TooLarge,
    UnknownVersion,
}

/// The request at the start of `bytes` and the length of its head; `None` while the head is not
/// complete.
pub(crate) fn parse(bytes: &[u8]) -> Result<Option<(Request, usize)>, BadRequest> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        let full = bytes.len() >= HEAD_LIMIT;
        return if full { Err(BadRequest::TooLarge) } else { Ok(None) };
    };
    if end + 4 > HEAD_LIMIT {
        return Err(BadRequest::TooLarge);
    }
    let head = std::str::from_utf8(&bytes[..end]).map_err(|_| BadRequest::Malformed)?;
    let mut lines = head.split("\r\n");
    let (method, target, version) = request_line(lines.next().unwrap_or_default())?;
    let connection = connection(version, lines)?;
    Ok(Some((Request { method, target: target.to_owned(), connection }, end + 4)))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    Http10,
    Http11,
}

fn request_line(line: &str) -> Result<(Method, &str, Version), BadRequest> {
    let mut words = line.split(' ');
    let (Some(method), Some(target), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(BadRequest::Malformed);
    };
    let is_token = !method.is_empty() && method.bytes().all(|b| b.is_ascii_alphabetic());
    let is_target = !target.is_empty() && target.bytes().all(|b| b.is_ascii_graphic());
    if !is_token || !is_target {
        return Err(BadRequest::Malformed);
    }
    let version = match version {
        "HTTP/1.1" => Version::Http11,
        "HTTP/1.0" => Version::Http10,
        other if other.starts_with("HTTP/") => return Err(BadRequest::UnknownVersion),
        _ => return Err(BadRequest::Malformed),
    };
    let method = match method {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        _ => Method::Other,
    };
    Ok((method, target, version))
}

/// Reads the headers that decide whether another request may follow. A body is not read, so a
/// request that announces one is the last of its connection.
fn connection<'a>(
    version: Version,
    headers: impl Iterator<Item = &'a str>,
) -> Result<Connection, BadRequest> {
    let mut hosts = 0;
    let mut keep = version == Version::Http11;
    let mut has_body = false;
    for header in headers {
        let (name, value) = header.split_once(':').ok_or(BadRequest::Malformed)?;
        let is_token = |b: u8| b.is_ascii_graphic();
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err(BadRequest::Malformed);
        }
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "host" => hosts += 1,
            "connection" => {
                let mut options = value.split(',').map(str::trim);
                if options.clone().any(|o| o.eq_ignore_ascii_case("close")) {
                    keep = false;
                } else if options.any(|o| o.eq_ignore_ascii_case("keep-alive")) {
                    keep = true;
                }
            }
            "content-length" => has_body |= value != "0",
            "transfer-encoding" => has_body = true,
            _ => {}
        }
    }
    if version == Version::Http11 && hosts != 1 {
        return Err(BadRequest::Malformed);
    }
    Ok(if keep && !has_body { Connection::KeepAlive } else { Connection::Close })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(target: &str, connection: Connection) -> Request {
        Request { method: Method::Get, target: target.to_owned(), connection }
    }

    #[test]
    fn a_head_is_taken_when_it_is_complete_and_not_before() {
        let bytes = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /next";
        let head = bytes.len() - b"GET /next".len();
        for length in 0..head {
            assert_eq!(parse(&bytes[..length]), Ok(None), "{length}");
        }
        assert_eq!(parse(bytes), Ok(Some((get("/healthz", Connection::KeepAlive), head))));
    }

    #[test]
    fn what_decides_whether_the_connection_stays() {
        let after = |head: &str| parse(format!("{head}\r\n\r\n").as_bytes()).unwrap().unwrap().0;
        let stays = |head: &str| after(head).connection == Connection::KeepAlive;
        assert!(stays("GET / HTTP/1.1\r\nHost: x"));
        assert!(!stays("GET / HTTP/1.1\r\nHost: x\r\nConnection: Close"));
        assert!(!stays("GET / HTTP/1.0"));
        assert!(stays("GET / HTTP/1.0\r\nConnection: keep-alive"));
        assert!(!stays("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3"));
        assert!(!stays("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked"));
    }

    #[test]
    fn what_is_not_a_request_is_refused() {
        let refused = |head: &str| parse(format!("{head}\r\n\r\n").as_bytes()).unwrap_err();
        assert_eq!(refused("GET /"), BadRequest::Malformed);
        assert_eq!(refused("GET  / HTTP/1.1\r\nHost: x"), BadRequest::Malformed);
        assert_eq!(refused("GET / HTTP/1.1"), BadRequest::Malformed);
        assert_eq!(refused("GET / HTTP/1.1\r\nHost: x\r\nHost: y"), BadRequest::Malformed);
        assert_eq!(refused("GET / HTTP/1.1\r\nHost : x"), BadRequest::Malformed);
        assert_eq!(refused("GET / HTTP/2.0\r\nHost: x"), BadRequest::UnknownVersion);
        assert_eq!(parse(b"\xff\xfe\r\n\r\n"), Err(BadRequest::Malformed));
    }

    #[test]
    fn a_head_that_never_ends_is_cut_off() {
        assert_eq!(parse(&[b'a'; HEAD_LIMIT - 1]), Ok(None));
        assert_eq!(parse(&[b'a'; HEAD_LIMIT]), Err(BadRequest::TooLarge));
    }
}
