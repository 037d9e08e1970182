//! Spans to bytes.

use super::{COLUMNS, Kind, PhaseSpans, Span};

/// A file of the spans of several phases: a header, and a line for each span.
///
/// A parent is told by its name: it is the nearest line above of the same phase that has the name
/// and contains others. Fields are quoted where they must be, which only names can need.
#[must_use]
pub fn write(phases: &[PhaseSpans]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    // Writing eight fields to memory cannot fail.
    let _ = writer.write_record(COLUMNS);
    for PhaseSpans { phase, spans } in phases {
        for span in spans {
            let parent = span.parent.and_then(|parent| spans.get(parent));
            let _ = writer.write_record([
                phase.as_str(),
                span.kind.word(),
                &span.name,
                span.kind.action().map_or("", super::Action::word),
                &span.start.as_millis().to_string(),
                &span.duration.as_millis().to_string(),
                span.outcome.word(),
                parent.map_or("", |parent: &Span| parent.name.as_str()),
            ]);
        }
    }
    writer.into_inner().unwrap_or_default()
}

impl Kind {
    /// Its word in the file, without the action of a resource.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Stage => "stage",
            Self::Pass => "pass",
            Self::Step => "step",
            Self::Resource(_) => "resource",
        }
    }

    /// What is done to a resource.
    #[must_use]
    pub fn action(self) -> Option<super::Action> {
        match self {
            Self::Resource(action) => Some(action),
            Self::Stage | Self::Pass | Self::Step => None,
        }
    }
}
