//! The report as one HTML file.

use super::Report;

/// The page.
///
/// # Errors
///
/// When a template does not fit its data, which a test would have found.
pub fn render(report: &Report) -> Result<String, String> {
    Ok(report.statistics.render(crate::cli::Format::Json))
}
