//! Tests that need something which not every machine has: they say so where they are skipped, and
//! fail where somebody promised that it is there.

use std::env;
use std::io::Write;
use std::path::Path;

/// Names the tools, separated by commas, whose absence is a failure.
const REQUIRED: &str = "XTASK_REQUIRE_TOOLS";

/// Whether `tool` is on `PATH`. Where it is not, `test` is to return at once.
///
/// # Panics
///
/// When it is missing and `XTASK_REQUIRE_TOOLS` names it.
pub(crate) fn require(test: &str, tool: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).any(|directory| is_program(&directory.join(tool)));
    if !found {
        skipped(test, tool, "is not installed");
    }
    found
}

/// Says that `test` cannot be carried out here, because `tool` `is_what`.
///
/// # Panics
///
/// When `XTASK_REQUIRE_TOOLS` names the tool.
pub(crate) fn skipped(test: &str, tool: &str, is_what: &str) {
    let required = env::var(REQUIRED).unwrap_or_default();
    let is_required = required.split(',').any(|name| name.trim() == tool);
    assert!(!is_required, "{test}: {tool} {is_what}, and {REQUIRED} names it");
    // Not `eprintln!`, whose text the test harness keeps to itself when the test passes.
    let _ = writeln!(std::io::stderr(), "SKIPPED: {test}: {tool} {is_what}");
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}
