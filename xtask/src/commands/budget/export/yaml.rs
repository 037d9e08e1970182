//! Texts in YAML.

use std::fmt::Write;

/// `text` as a scalar that reads back as just this text, and as nothing but a text: between single
/// quotes, in which PromQL stays readable, and between double quotes where something has to be
/// escaped.
pub(in crate::commands::budget) fn text(text: &str) -> String {
    // What YAML takes for a line's end, for a mark of the file's beginning, or refuses to read.
    let is_plain = |c: char| {
        !c.is_control()
            && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
    };
    if text.chars().all(is_plain) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            c if is_plain(c) => quoted.push(c),
            // Writing to a string cannot fail.
            c => _ = write!(quoted, "\\U{:08x}", u32::from(c)),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn a_text_stays_one() {
        assert_eq!(text(r#"sum(rate(x{a="b"}[1m])) > 1"#), r#"'sum(rate(x{a="b"}[1m])) > 1'"#);
        assert_eq!(text("it's: # no"), "'it''s: # no'");
        assert_eq!(text("a\u{2028}\"b\\"), "\"a\\U00002028\\\"b\\\\\"");
        assert_eq!(text("null"), "'null'");
    }
}
