//! Texts of others in Markdown: nothing of them ends a cell, is HTML, a link, an emphasis or code.
//! Written for GitHub's dialect; what is escaped stays readable where nobody renders it.

use crate::ui::report::harmless;

/// Longer ones are cut: a name is to be recognised, the log has it whole.
const LONGEST: usize = 120;

/// `text` as words of a cell or a paragraph.
#[must_use]
pub fn text(text: &str) -> String {
    let text = cut(text);
    let mut escaped = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        // Within a word an underline is no emphasis.
        let is_inner = |c: char| c.is_alphanumeric();
        match c {
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            '_' if is_inner(before) && rest.peek().copied().is_some_and(is_inner) => {
                escaped.push(c);
            }
            '\\' | '|' | '`' | '[' | ']' | '*' | '_' | '~' | '#' | '!' | '$' => {
                escaped.extend(['\\', c]);
            }
            c => escaped.push(c),
        }
        before = c;
    }
    escaped
}

/// `text` as code, where that can hold it; a `|` ends a cell even there.
#[must_use]
pub fn code(name: &str) -> String {
    let shown = cut(name);
    let is_plain = !shown.contains(['`', '|']) && shown.trim() == shown && !shown.is_empty();
    if is_plain { format!("`{shown}`") } else { text(name) }
}

/// One line, not too long, without what moves a cursor or turns a direction.
fn cut(text: &str) -> String {
    let shown = harmless(text);
    match shown.char_indices().nth(LONGEST) {
        None => shown.into_owned(),
        Some((end, _)) => shown.get(..end).unwrap_or_default().to_owned() + "…",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_only_text() {
        insta::assert_snapshot!(text("a|b `c` <img src=x onerror=alert(1)> &amp; [x](y) *b* _i_ snake_case ![p](q) \\ #1 $x$ ~~s~~\n| z"), @r"a\|b \`c\` &lt;img src=x onerror=alert(1)> &amp;amp; \[x\](y) \*b\* \_i\_ snake_case \!\[p\](q) \\ \#1 \$x\$ \~\~s\~\~\\u{a}\| z");
    }

    #[test]
    fn code_holds_what_it_can() {
        let shown =
            ["module.eks[\"a\"].aws_eks_cluster.this", "a`b", "a|b", "", "<script>", "a\nb"];
        insta::assert_snapshot!(shown.map(code).join("\n"), @r#"
        `module.eks["a"].aws_eks_cluster.this`
        a\`b
        a\|b

        `<script>`
        `a\u{a}b`
        "#);
        assert_eq!(code(&"é".repeat(200)).chars().count(), 123);
    }
}
