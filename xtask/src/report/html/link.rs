//! Which texts of rows become links.

/// `text` as an address that can be followed; only the web's own schemes are, since another one,
/// `javascript:` say, would do something else than lead somewhere.
pub(super) fn link(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let is_web = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    let is_plain =
        |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '^' | '`');
    (is_web && !rest.is_empty() && rest.chars().all(is_plain)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_are_links() {
        for text in ["https://ci.example/run/1?a=b#c", "HTTP://ci.example/"] {
            assert_eq!(link(text).as_deref(), Some(text));
        }
        for text in [
            "javascript:alert(1)",
            "javascript://%0aalert(1)",
            "data:text/html,x",
            "//ci.example/",
            "https://",
            "https://ci.example/\"onclick=",
            "https://ci.example/a b",
            " https://ci.example/",
            "logs/build-timings/x.log",
        ] {
            assert_eq!(link(text), None, "{text}");
        }
    }
}
