//! The lines with which scripts announce their stages, passes and steps.
//!
//! Three scripts have three ways; a line is a banner only when all of it has the shape of one:
//! `[2026-01-24T14:43:27Z] === Stage 1: Terraform Apply ===`, where the stamp may be missing;
//! `STAGE 5: METRICS SERVER` and `STAGE 5 COMPLETE` without a small letter, the latter also between
//! dashes; `[STEP: DELETE_NODEGROUP] …`.

use crate::stages::Kind;

/// What a banner says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Banner<'a> {
    /// A stage, a pass or a step of this name begins.
    Begins(Kind, &'a str),
    /// The stage of this number is complete: `STAGE 5`.
    Completes(&'a str),
}

/// The banner that `line` is.
pub(super) fn read(line: &str) -> Option<Banner<'_>> {
    let begins = |(kind, name)| Banner::Begins(kind, name);
    step(line).or_else(|| between_signs(line)).map(begins).or_else(|| in_capitals(line))
}

/// `[STEP: DELETE_NODEGROUP] …`
fn step(line: &str) -> Option<(Kind, &str)> {
    let (name, rest) = line.strip_prefix("[STEP: ")?.split_once(']')?;
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.chars().all(|c| matches!(c, 'A'..='Z' | '0'..='9' | '_' | '-' | '/' | ' '))
    };
    ((rest.is_empty() || rest.starts_with(' ')) && is_name(name)).then_some((Kind::Step, name))
}

/// `=== Stage 1: Terraform Apply ===`, `=== Pass 1/2: … ===`
fn between_signs(line: &str) -> Option<(Kind, &str)> {
    let name = without_stamp(line).strip_prefix("=== ")?.strip_suffix(" ===")?;
    let (word, rest) = name.split_once(' ')?;
    let (number, title) = rest.split_once(": ")?;
    let kind = match (word, number.split_once('/')) {
        ("Stage", None) if is_number(number) => Kind::Stage,
        ("Pass", Some((one, all))) if is_number(one) && is_number(all) => Kind::Pass,
        _ => return None,
    };
    (!title.trim().is_empty()).then_some((kind, name))
}

/// What follows `[2026-01-24T14:43:27Z] `, if the line begins with such a stamp.
fn without_stamp(line: &str) -> &str {
    let stamped = || {
        let (stamp, rest) = line.strip_prefix('[')?.split_once("] ")?;
        stamp.parse::<crate::clock::UtcStamp>().ok().map(|_| rest)
    };
    stamped().unwrap_or(line)
}

/// `STAGE 7: TERRAFORM DESTROY`, `------------- STAGE 7 COMPLETE: TERRAFORM DESTROY -------------`
fn in_capitals(line: &str) -> Option<Banner<'_>> {
    let signs = |c: char| matches!(c, '-' | '=');
    let text = line.trim_start_matches(signs);
    let text = match text.strip_prefix(' ') {
        Some(text) if line.starts_with(signs) => text.trim_end_matches(signs).strip_suffix(' ')?,
        _ if text.len() == line.len() => line,
        _ => return None,
    };
    let rest = text.strip_prefix("STAGE ")?;
    let length = rest.find([':', ' ']).unwrap_or(rest.len());
    let (number, rest) = rest.split_at_checked(length)?;
    if !is_number(number) || text.contains(|c: char| c.is_lowercase()) {
        return None;
    }
    let completes = rest.ends_with(" COMPLETE") || rest.starts_with(" COMPLETE: ");
    if completes {
        return text.get(.."STAGE ".len() + length).map(Banner::Completes);
    }
    let title = rest.strip_prefix(": ")?;
    (!title.trim().is_empty() && text.len() == line.len())
        .then_some(Banner::Begins(Kind::Stage, text))
}

/// `5`, `12`, `3B`, `2.1`
fn is_number(text: &str) -> bool {
    text.len() <= 6
        && text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banners_of_the_three_scripts() {
        for (line, kind, name) in [
            (
                "[2026-01-24T14:43:27Z] === Stage 1: Terraform Apply ===",
                Kind::Stage,
                "Stage 1: Terraform Apply",
            ),
            ("=== Stage 12: x ===", Kind::Stage, "Stage 12: x"),
            ("=== Pass 1/2: Infrastructure ===", Kind::Pass, "Pass 1/2: Infrastructure"),
            ("STAGE 5: METRICS SERVER", Kind::Stage, "STAGE 5: METRICS SERVER"),
            ("STAGE 3B: ARGO CD (HELM)", Kind::Stage, "STAGE 3B: ARGO CD (HELM)"),
            ("[STEP: DELETE_NODEGROUP] Deleting a", Kind::Step, "DELETE_NODEGROUP"),
            ("[STEP: WAIT]", Kind::Step, "WAIT"),
        ] {
            assert_eq!(read(line), Some(Banner::Begins(kind, name)), "{line}");
        }
        for line in [
            "STAGE 5 COMPLETE",
            "STAGE 5: METRICS SERVER COMPLETE",
            "STAGE 5 METRICS SERVER COMPLETE",
            "------------- STAGE 5 COMPLETE: METRICS SERVER -------------",
            "=== STAGE 5 COMPLETE ===",
        ] {
            assert_eq!(read(line), Some(Banner::Completes("STAGE 5")), "{line}");
        }
    }

    #[test]
    fn what_only_resembles_a_banner_is_none() {
        for line in [
            "",
            "=====",
            "STAGE",
            "STAGE 5",
            "STAGE 5:",
            "STAGE 5: ",
            "STAGE V: X",
            "STAGE 5: Metrics Server",
            "STAGE 5 failed: COMPLETE",
            " STAGE 5: METRICS SERVER",
            "echo STAGE 5: METRICS SERVER",
            "- STAGE 5: METRICS SERVER",
            "---STAGE 5 COMPLETE---",
            "after STAGE 5 COMPLETE",
            "=== Stage 1: x",
            "=== Stage 1 ===",
            "=== Stage one: x ===",
            "=== Stage 1:  ===",
            "=== Pass 1: x ===",
            "=== Stage 1/2: x ===",
            "=== RUN   TestStage ===",
            "[x] === Stage 1: x ===",
            "+ echo '=== Stage 1: x ==='",
            "[STEP: delete] x",
            "[STEP: ] x",
            "[STEP: A]x",
            "x [STEP: A] x",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }
}
