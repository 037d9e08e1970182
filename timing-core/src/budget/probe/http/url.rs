//! The URL of an endpoint, in the parts that a request needs. Must not know sockets.

use std::fmt;

/// `http://HOST[:PORT][/PATH][?QUERY]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Url {
    pub(super) origin: Origin,
    /// Path and query as they stand in the request line; starts with `/`.
    pub(super) target: String,
}

/// Whom to connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    /// Without brackets when it is an IPv6 address.
    pub(super) host: String,
    pub(super) port: u16,
}

/// Longest URL that is taken, in bytes.
const LONGEST: usize = 4096;

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.origin, self.target)
    }
}

impl Url {
    /// The URL in `text`, or what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let start = || text.chars().take(200).collect::<String>();
        // It is written into a request line: a blank or a line break would end it early.
        if text.len() > LONGEST || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(format!(
                "{:?} is no URL: printable ASCII, {LONGEST} bytes at most",
                start()
            ));
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(format!("{:?} is no URL: it begins with http://", start()));
        };
        if scheme.eq_ignore_ascii_case("https") {
            return Err(format!("{}: https is not built in", start()));
        }
        if !scheme.eq_ignore_ascii_case("http") {
            return Err(format!("{}: only http:// can be measured", start()));
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let origin = Origin::parse(authority).ok_or_else(|| {
            format!("{:?} is no URL: {authority:?} is not HOST or HOST:PORT", start())
        })?;
        Ok(Self { origin, target: target_of(path) })
    }

    /// Where a redirect from here to `location` leads.
    pub(super) fn join(&self, location: &str) -> Result<Self, String> {
        let scheme_ends = location.find("://");
        let path_begins = location.find(['/', '?', '#']).unwrap_or(location.len());
        if scheme_ends.is_some_and(|at| at < path_begins) {
            return Self::parse(location);
        }
        if let Some(rest) = location.strip_prefix("//") {
            return Self::parse(&format!("http://{rest}"));
        }
        let path = self.target.split('?').next().unwrap_or("/");
        let target = match location.as_bytes().first() {
            None | Some(b'#') => self.target.clone(),
            Some(b'/') => location.to_owned(),
            Some(b'?') => format!("{path}{location}"),
            Some(_) => format!("{}/{location}", path.rsplit_once('/').map_or("", |(up, _)| up)),
        };
        Self::parse(&format!("http://{}{target}", self.origin))
    }
}

fn target_of(path: &str) -> String {
    let without_fragment = path.split('#').next().unwrap_or("");
    let slash = if without_fragment.starts_with('/') { "" } else { "/" };
    format!("{slash}{without_fragment}")
}

impl Origin {
    fn parse(authority: &str) -> Option<Self> {
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']')?;
                host.parse::<std::net::Ipv6Addr>().ok()?;
                (host, port.strip_prefix(':').or_else(|| port.is_empty().then_some(""))?)
            }
            None => authority.split_once(':').unwrap_or((authority, "")),
        };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte);
        if host.is_empty() || !host.bytes().all(plain) {
            return None;
        }
        let port = if port.is_empty() { 80 } else { port.parse().ok()? };
        Some(Self { host: host.to_owned(), port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<String, String> {
        Url::parse(text).map(|url| url.to_string())
    }

    #[test]
    fn what_a_request_needs_is_read() {
        for (text, expected) in [
            ("http://127.0.0.1:81/healthz?readiness=1", "http://127.0.0.1:81/healthz?readiness=1"),
            ("HTTP://localhost", "http://localhost:80/"),
            ("http://[::1]:8080?a=b#c", "http://[::1]:8080/?a=b"),
            ("http://[::1]", "http://[::1]:80/"),
        ] {
            assert_eq!(parsed(text).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn what_cannot_be_asked_is_refused_with_its_reason() {
        for (text, part) in [
            ("", "begins with http://"),
            ("localhost:80/x", "begins with http://"),
            ("https://localhost/", "https is not built in"),
            ("ftp://localhost/", "only http://"),
            ("http://user@localhost/", "HOST:PORT"),
            ("http://localhost:66000/", "HOST:PORT"),
            ("http://:80/", "HOST:PORT"),
            ("http://[::1/", "HOST:PORT"),
            ("http://localhost/ HTTP/1.1\r\nX: y", "printable ASCII"),
        ] {
            let error = parsed(text).unwrap_err();
            assert!(error.contains(part), "{text:?}: {error}");
        }
        assert!(parsed(&format!("http://a/{}", "x".repeat(5000))).unwrap_err().len() < 300);
    }

    #[test]
    fn a_redirect_leads_where_a_browser_would_go() {
        let from = Url::parse("http://a:81/x/y?z=1").unwrap();
        for (location, expected) in [
            ("http://b/c", "http://b:80/c"),
            ("//b/c", "http://b:80/c"),
            ("/c?d", "http://a:81/c?d"),
            ("c", "http://a:81/x/c"),
            ("?d=http://b", "http://a:81/x/y?d=http://b"),
            ("", "http://a:81/x/y?z=1"),
        ] {
            assert_eq!(from.join(location).unwrap().to_string(), expected, "{location}");
        }
        assert!(from.join("https://b/").unwrap_err().contains("https is not built in"));
    }
}
