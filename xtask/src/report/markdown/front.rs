//! The front matter: where a page is from. Its keys are those that the validator of the registry's
//! branch asks for; `integrity.content` is what the rest of the page says, as a hash.

use super::Report;

/// Where a page is made. What is not known says so: nothing is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The branch of the user's repository.
    pub branch: String,
    /// Its commit.
    pub sha: String,
    /// The workflow that made it.
    pub workflow: String,
    /// The run of it.
    pub run_id: String,
}

/// The key of the hash, with the blank behind it.
const CONTENT: &str = "content: sha256:";

/// The lines of the front matter, and the empty one that follows.
pub(super) fn matter(report: &Report, origin: &Origin, hash: &str) -> String {
    let environments: Vec<&str> =
        report.environments.iter().map(|environment| environment.name.as_str()).collect();
    let environment = match (&report.about.environment, environments.as_slice()) {
        (_, [only]) => only,
        (Some(asked), _) => asked.as_str(),
        (None, _) => "all",
    };
    let Origin { branch, sha, workflow, run_id } = origin;
    let value = scalar;
    format!(
        "---\nenv: {}\ngenerated_at: {}\nsource:\n  branch: {}\n  sha: {}\npipeline:\n  workflow: {}\n  \
         run_id: {}\nintegrity:\n  derived_only: true\n  {CONTENT}{hash}\n---\n\n",
        value(environment),
        report.about.made,
        value(branch),
        quoted(sha),
        value(workflow),
        value(run_id),
    )
}

/// `text` as YAML reads it as a text: as it is, or between quotes, whose escapes are JSON's (YAML 1.2,
/// 7.3.1).
fn scalar(text: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    let is_name = text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(is_word);
    let means_something = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    if is_name && !means_something.contains(&text.to_ascii_lowercase().as_str()) {
        return text.to_owned();
    }
    quoted(text)
}

/// Between quotes in any case: digits and an `e` may be a number.
fn quoted(text: &str) -> String {
    // A text cannot fail to be written.
    serde_json::to_string(text).unwrap_or_default()
}

/// The hash in a page that was made before, as far as it is one of these.
#[must_use]
pub fn fingerprint(page: &str) -> Option<&str> {
    let (matter, _) = page.strip_prefix("---\n")?.split_once("\n---\n")?;
    matter.lines().find_map(|line| line.trim_start().strip_prefix(CONTENT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_texts_to_yaml() {
        let shown =
            ["main", "Deploy: prod #1", "12345", "true", "a\nb: c", "", "feature/x-1.2", "-"];
        insta::assert_snapshot!(shown.map(scalar).join("\n"), @r#"
        main
        "Deploy: prod #1"
        "12345"
        "true"
        "a\nb: c"
        ""
        feature/x-1.2
        "-"
        "#);
    }

    #[test]
    fn the_hash_is_found_in_the_front_matter_only() {
        assert_eq!(fingerprint("---\na: b\n  content: sha256:12ab\n---\n\n# x"), Some("12ab"));
        assert_eq!(fingerprint("---\na: b\n---\n\n  content: sha256:12ab\n"), None);
        assert_eq!(fingerprint("content: sha256:12ab\n"), None);
    }
}
