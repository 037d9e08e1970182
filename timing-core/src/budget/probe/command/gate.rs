//! Tests that need a program which not every machine has: they say so where they are skipped, and
//! fail where somebody promised that it is there.

use std::io::Write;

use super::Unknown;

/// Names the tools, separated by commas, whose absence is a failure.
const REQUIRED: &str = "XTASK_REQUIRE_TOOLS";

/// Says that `test` cannot be carried out here for want of `tool`.
///
/// # Panics
///
/// When `XTASK_REQUIRE_TOOLS` names the tool.
pub(crate) fn skipped(test: &str, tool: &str, unknown: &Unknown) {
    let required = std::env::var(REQUIRED).unwrap_or_default();
    let is_required = required.split(',').any(|name| name.trim() == tool);
    assert!(!is_required, "{test}: {unknown}, and {REQUIRED} names {tool}");
    // Not `eprintln!`, whose text the harness keeps to itself when the test passes.
    let _ = writeln!(std::io::stderr(), "SKIPPED: {test}: {unknown}");
}
