//! Records to bytes.

use super::Table;
use crate::record::{LogPath, TimingRecord};

/// The rows of `records`, one line each, without a header.
#[must_use]
pub fn rows(records: &[TimingRecord]) -> Vec<u8> {
    // QuoteStyle::Never states what the types guarantee; the property tests hold it to account.
    let mut writer = csv::WriterBuilder::new()
        .quote_style(csv::QuoteStyle::Never)
        .from_writer(Vec::with_capacity(records.len() * 256));
    for record in records {
        let fields = [
            record.start.to_string(),
            record.end().to_string(),
            record.phase.to_string(),
            record.environment.to_string(),
            record.build_id.to_string(),
            record.duration_seconds.to_string(),
            record.exit_code.to_string(),
            record.flags.to_string(),
            record.resources_added.to_string(),
            record.resources_changed.to_string(),
            record.resources_destroyed.to_string(),
            record.log_path.as_ref().map_or_else(String::new, LogPath::to_string),
        ];
        // Writing twelve fields to memory cannot fail; if it ever did, the row would be missing
        // from the result and the appender would report it as not recorded.
        let _ = writer.write_record(fields);
    }
    writer.into_inner().unwrap_or_default()
}

/// What must follow `existing`, a file of timings, so that it ends with `rows`, as
/// [`Table::append`] has it.
#[must_use]
pub fn append(existing: &[u8], rows: &[u8]) -> Vec<u8> {
    Table::Timings.append(existing, rows)
}
