//! The head of an answer: its status, and how long its body is (RFC 9112, section 6.3).

use httparse::Status as Parsed;

use super::fault::Fault;

const MOST_HEADERS: usize = 96;

/// Whether a connection can take another request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reuse {
    Yes,
    No,
}

/// How the end of a body is recognised.
pub(super) enum Framing {
    Length(u64),
    Chunked,
    UntilClosed,
}

pub(super) struct Head {
    pub(super) status: u16,
    pub(super) framing: Framing,
    pub(super) location: Option<String>,
    pub(super) reuse: Reuse,
}

/// The head at the beginning of `bytes` and its length; `None` when it is not all there yet.
pub(super) fn parse_head(bytes: &[u8]) -> Result<Option<(Head, usize)>, Fault> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let length = match response.parse(bytes) {
        Ok(Parsed::Complete(length)) => length,
        Ok(Parsed::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(Fault::HeadTooLarge),
        Err(_) => return Err(Fault::NotHttp("its head cannot be read")),
    };
    let status = response.code.unwrap_or(0);
    let values = |name: &'static str| {
        let same = move |header: &&httparse::Header<'_>| header.name.eq_ignore_ascii_case(name);
        response.headers.iter().filter(same).map(|header| header.value)
    };
    let has_token = |name, token: &str| {
        values(name)
            .flat_map(|value| value.split(|byte| *byte == b','))
            .any(|part| part.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
    };
    let framing = if matches!(status, 100..=199 | 204 | 304) {
        Framing::Length(0)
    } else if has_token("transfer-encoding", "chunked") {
        Framing::Chunked
    } else {
        length_of(values("content-length"))?.map_or(Framing::UntilClosed, Framing::Length)
    };
    let stays = match response.version {
        Some(1) => !has_token("connection", "close"),
        _ => has_token("connection", "keep-alive"),
    };
    let reuse =
        if stays && !matches!(framing, Framing::UntilClosed) { Reuse::Yes } else { Reuse::No };
    let location = values("location").next().and_then(|v| std::str::from_utf8(v).ok());
    let location = location.map(str::to_owned);
    Ok(Some((Head { status, framing, location, reuse }, length)))
}

/// The one length that all of `values` say.
fn length_of<'a>(values: impl Iterator<Item = &'a [u8]>) -> Result<Option<u64>, Fault> {
    let mut found = None;
    for value in values {
        let digits = value.trim_ascii();
        let length = std::str::from_utf8(digits)
            .ok()
            .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|text| text.parse().ok());
        if length.is_none() || found.is_some_and(|other| Some(other) != length) {
            return Err(Fault::NotHttp("the length of its body cannot be read"));
        }
        found = length;
    }
    Ok(found)
}
