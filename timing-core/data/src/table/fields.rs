//! Bytes to lines, and lines to fields. A line is split by itself: a quote that is never closed
//! spoils its own line and no other.

use std::borrow::Cow;

/// What some programs put in front of a file in UTF-8.
pub const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The lines of a file that are not blank, with their numbers (from 1), without their line ends
/// (LF or CRLF) and without the file's byte-order mark.
pub fn physical(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    split(bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes))
}

/// The same of a part of a file, whose beginning is no byte-order mark.
pub fn split(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut rest = Some(bytes);
    let every = std::iter::from_fn(move || {
        let text = rest?;
        let (line, after) = match memchr::memchr(b'\n', text) {
            Some(end) => (&text[..end], Some(&text[end + 1..])),
            None => (text, None),
        };
        rest = after;
        Some(line)
    });
    let numbered = every.enumerate().map(|(index, line)| (index + 1, line));
    numbered
        .filter(|(_, line)| !line.trim_ascii().is_empty())
        .map(|(number, line)| (number, line.strip_suffix(b"\r").unwrap_or(line)))
}

/// The fields of a line, without the blanks and quotes around them.
pub struct Fields<'a>(Option<&'a [u8]>);

impl<'a> Fields<'a> {
    /// Those of `line`, which has no line end.
    #[must_use]
    pub fn of(line: &'a [u8]) -> Self {
        // Where one file was put behind another, a mark stands in the middle.
        Self(Some(line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line)))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Cow<'a, [u8]>;

    fn next(&mut self) -> Option<Cow<'a, [u8]>> {
        let (field, after) = next_field(self.0?);
        self.0 = after;
        Some(field)
    }
}

/// A field, and what follows its comma.
type Split<'a> = (Cow<'a, [u8]>, Option<&'a [u8]>);

/// The first field.
fn next_field(text: &[u8]) -> Split<'_> {
    if let Some(quoted) = text.trim_ascii_start().strip_prefix(b"\"")
        && let Some((field, after)) = unquote(quoted)
    {
        return (field, after);
    }
    match memchr::memchr(b',', text) {
        Some(comma) => (Cow::Borrowed(text[..comma].trim_ascii()), Some(&text[comma + 1..])),
        None => (Cow::Borrowed(text.trim_ascii()), None),
    }
}

/// The text up to the closing quote, without the blanks around it, and what follows the comma after
/// it. `None` when the quotes are not those of a field: never closed, or closed before the field
/// ends.
fn unquote(quoted: &[u8]) -> Option<Split<'_>> {
    let (mut doubled, mut end) = (false, 0);
    loop {
        end += memchr::memchr(b'"', &quoted[end..])?;
        if quoted.get(end + 1) != Some(&b'"') {
            break;
        }
        doubled = true;
        end += 2;
    }
    let after = match quoted[end + 1..].trim_ascii_start() {
        [] => None,
        [b',', after @ ..] => Some(after),
        _ => return None,
    };
    let text = &quoted[..end];
    let field = if doubled { Cow::Owned(undouble(text)) } else { Cow::Borrowed(text.trim_ascii()) };
    Some((field, after))
}

fn undouble(text: &[u8]) -> Vec<u8> {
    let mut field = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(quote) = memchr::memchr(b'"', rest) {
        field.extend_from_slice(&rest[..=quote]);
        rest = rest.get(quote + 2..).unwrap_or_default();
    }
    field.extend_from_slice(rest);
    field.trim_ascii().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_those_of_a_field_or_none() {
        let split = |line: &str| -> Vec<String> {
            Fields::of(line.as_bytes())
                .map(|field| String::from_utf8_lossy(&field).into_owned())
                .collect()
        };
        assert_eq!(split("a,\"b, \"\"c\"\"\",d"), ["a", "b, \"c\"", "d"]);
        assert_eq!(split("a,\" b \" ,d"), ["a", "b", "d"]);
        assert_eq!(split("\"\"\"\",\"\""), ["\"", ""]);
        assert_eq!(split("a,\"b,c"), ["a", "\"b", "c"]);
        assert_eq!(split("\"a\"b,c"), ["\"a\"b", "c"]);
        assert_eq!(split(""), [""]);
        assert_eq!(split(","), ["", ""]);
    }

    #[test]
    fn lines_are_counted_also_where_they_are_blank() {
        let text = b"\xef\xbb\xbfa\r\n\r\n \nb\n\"c\nd";
        let lines: Vec<(usize, &[u8])> = physical(text).collect();
        assert_eq!(lines, [(1, &b"a"[..]), (4, b"b"), (5, b"\"c"), (6, b"d")]);
    }
}
