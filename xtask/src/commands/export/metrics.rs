//! The record as metrics, to whoever is configured. It is read anew for each: what is told is the
//! state of all runs, not of those that waited.

use crate::commands::timings::origin;
use crate::export::metrics::pushgateway::{self, PushError};
use crate::export::metrics::{Metrics, file, openmetrics};
use crate::export::run::FinishedRun;
use crate::export::send::Answer;
use crate::settings::{ExportSettings, Origin};

/// What a gateway answers to metrics that it will never take.
const BAD_METRICS: u16 = 400;

pub(super) fn write(settings: &ExportSettings, runs: &[&FinishedRun]) -> Answer {
    let Some(path) = &settings.exports.metrics_file else { return Answer::Told(None) };
    let written = text(settings, runs)
        .and_then(|text| file::write(path, &text).map_err(|error| error.to_string()));
    written.map_or_else(|reason| Answer::Later(reason, None), |()| Answer::Told(None))
}

pub(super) fn push(settings: &ExportSettings, runs: &[&FinishedRun]) -> Answer {
    let Some(gateway) = &settings.exports.pushgateway else { return Answer::Told(None) };
    let text = match text(settings, runs) {
        Ok(text) => text,
        Err(reason) => return Answer::Later(reason, None),
    };
    let repository = settings.registry.repository.file_name().unwrap_or_default();
    let within = settings.exports.timeout.duration();
    match pushgateway::push(gateway.as_str(), &repository.to_string_lossy(), &text, within) {
        Ok(()) => Answer::Told(None),
        Err(error @ PushError::NoAnswer(_)) => Answer::Unreachable(error.to_string()),
        Err(error @ (PushError::Address(_) | PushError::Refused { status: BAD_METRICS, .. })) => {
            Answer::Never(error.to_string())
        }
        Err(error @ PushError::Refused { .. }) => Answer::Later(error.to_string(), None),
    }
}

/// Of what cannot be read whole nothing is told: totals that shrink look like a fresh start.
fn text(settings: &ExportSettings, runs: &[&FinishedRun]) -> Result<String, String> {
    let unread = |why: &str| format!("the record cannot be read: {why}");
    let found = origin::gather(&Origin::Registry, &settings.registry)
        .map_err(|error| unread(&error.to_string()))?;
    if let Some(warning) = found.warnings.first() {
        return Err(unread(warning));
    }
    let metrics = Metrics::of_record(&found.gathered.rows, runs.iter().copied());
    openmetrics::render(metrics).map_err(|error| format!("the metrics cannot be written: {error}"))
}
