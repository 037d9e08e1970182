//! The cluster's name in `terraform.tfvars`.
//!
//! The file is HCL and is parsed as such: a search by line would take a name out of a comment or a
//! heredoc. This module reads no file; it is given the text.

use hcl_edit::expr::Expression;
use hcl_edit::structure::Body;
use hcl_edit::template::Element;

/// The attribute that names the cluster.
const CLUSTER_NAME: &str = "cluster_name";

/// What a tfvars file says of the cluster's name, and on which line, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ClusterName {
    /// The name as written; it is not validated yet.
    pub(super) text: String,
    /// Where.
    pub(super) line: usize,
}

/// Why a tfvars file does not tell the cluster's name: the line and the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TfvarsFault {
    /// Counted from 1.
    pub(super) line: usize,
    /// What is wrong there.
    pub(super) reason: String,
}

/// The value of `cluster_name`; `None` when it is missing, null or empty.
///
/// # Errors
///
/// When the text is not HCL, or the value is not a plain string.
pub(super) fn cluster_name(text: &str) -> Result<Option<ClusterName>, TfvarsFault> {
    // Terraform skips a byte-order mark; the parser does not know it.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let body: Body = text.parse().map_err(|error: hcl_edit::parser::Error| TfvarsFault {
        line: error.location().line(),
        reason: format!("not valid HCL: {}", error.message().replace('\n', ", ")),
    })?;
    let Some(attribute) = body.get_attribute(CLUSTER_NAME) else { return Ok(None) };
    let line = line_of(text, hcl_edit::Span::span(attribute).map_or(0, |span| span.start));
    match plain_string(&attribute.value) {
        Plain::Nothing => Ok(None),
        Plain::Text(name) if name.is_empty() => Ok(None),
        Plain::Text(name) => Ok(Some(ClusterName { text: name, line })),
        Plain::Other => {
            Err(TfvarsFault { line, reason: format!("{CLUSTER_NAME} is not a plain string") })
        }
    }
}

enum Plain {
    Nothing,
    Text(String),
    Other,
}

fn plain_string(value: &Expression) -> Plain {
    match value {
        Expression::Null(_) => Plain::Nothing,
        Expression::String(text) => Plain::Text(text.value().clone()),
        Expression::HeredocTemplate(heredoc) => heredoc
            .template
            .iter()
            .map(|element| match element {
                Element::Literal(text) => Some(text.as_str()),
                _ => None,
            })
            .collect::<Option<String>>()
            .map_or(Plain::Other, Plain::Text),
        Expression::Parenthesis(inner) => plain_string(inner.inner()),
        _ => Plain::Other,
    }
}

/// The line that holds the byte at `offset`, counted from 1.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|&b| b == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Option<String> {
        cluster_name(text).unwrap().map(|name| name.text)
    }

    #[test]
    fn the_name_is_read_as_terraform_reads_it() {
        for text in [
            "cluster_name = \"blue\"",
            "\u{feff}cluster_name=\"blue\"\r\nregion = \"x\"\r\n",
            "# cluster_name = \"red\"\n/* cluster_name = \"red\" */ cluster_name = \"blue\" // red",
            "note = <<EOT\ncluster_name = \"red\"\nEOT\ncluster_name = \"blue\"\n",
            "tags = {\n  cluster_name = \"red\"\n}\ncluster_name = \"bl\\u0075e\"",
        ] {
            assert_eq!(name(text), Some("blue".to_owned()), "{text}");
        }
    }

    #[test]
    fn a_heredoc_keeps_its_line_end_and_a_template_is_refused() {
        assert_eq!(name("cluster_name = <<-E\n  blue\n  E\n"), Some("blue\n".to_owned()));
        let fault = |text| cluster_name(text).unwrap_err();
        for text in
            ["\ncluster_name = \"${x}-eks\"", "\ncluster_name = 5", "\ncluster_name = [\"a\"]"]
        {
            assert_eq!(
                fault(text),
                TfvarsFault { line: 2, reason: "cluster_name is not a plain string".to_owned() }
            );
        }
        assert_eq!(fault("a = 1\ncluster_name = \"bl\n").line, 2);
    }

    #[test]
    fn missing_null_and_empty_are_the_same() {
        for text in ["", "region = \"x\"", "cluster_name = \"\"", "cluster_name = null"] {
            assert_eq!(name(text), None, "{text}");
        }
    }
}
