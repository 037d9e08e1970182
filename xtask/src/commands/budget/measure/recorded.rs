//! `kind = "phase"`: durations of the newest run that has all of them.

use timing_core::budget::source::{PhaseSource, Source};
use timing_core::budget::{Amount, Measured};
use timing_core::deposit;
use timing_core::history::{self, Run};
use timing_core::record::Phase;
use timing_core::table::Row;

use super::task::{Ask, to_all};
use super::{Machine, unknown};
use crate::commands::registry::Site;

pub(super) fn measure(asks: &[Ask], machine: &Machine) -> Vec<Measured> {
    let found = Site::find(&machine.registry).and_then(|site| {
        let sources = deposit::sources(&site.journal, &site.registry)?;
        Ok(history::gather(&sources.sources).rows)
    });
    let rows = match found {
        Ok(rows) => rows,
        Err(error) => {
            let reason = format_args!("reading the rows of earlier runs: {error}");
            return to_all(asks, &unknown(reason));
        }
    };
    let own: Vec<&Row<'_>> =
        rows.iter().filter(|row| machine.environment.is_called(&row.environment)).collect();
    let runs = history::runs(&own);
    let of = |ask: &Ask| match &ask.source {
        Source::Phase(source) => newest(source, &runs, machine),
        _ => unknown("this is no phase"),
    };
    asks.iter().map(of).collect()
}

/// Of the newest run in which all phases succeeded.
fn newest(source: &PhaseSource, runs: &[Run<'_, '_>], machine: &Machine) -> Measured {
    match runs.iter().rev().find_map(|run| seconds(source, run)) {
        Some(seconds) => Measured::Known { value: Amount::whole(seconds), samples: 1 },
        None => {
            let phases: Vec<&str> = phases(source).iter().map(|phase| phase.as_str()).collect();
            unknown(format_args!(
                "no run of {} is recorded in which {} succeeded",
                machine.environment,
                phases.join(" and ")
            ))
        }
    }
}

fn phases(source: &PhaseSource) -> Vec<&Phase> {
    match source {
        PhaseSource::Sum(phases) => phases.iter().collect(),
        PhaseSource::Span { first, last } => vec![first, last],
    }
}

fn seconds(source: &PhaseSource, run: &Run<'_, '_>) -> Option<u64> {
    // The last where a phase was repeated: what came before it did not do.
    let row = |phase: &Phase| {
        let rows = run.rows().iter().rev();
        let mut of_phase = rows.filter(|row| row.phase.as_deref() == Some(phase.as_str()));
        of_phase.next().filter(|row| row.is_success()).copied()
    };
    match source {
        PhaseSource::Sum(phases) => {
            phases.iter().map(|phase| Some(row(phase)?.duration_seconds)).sum()
        }
        PhaseSource::Span { first, last } => {
            let (first, last) = (row(first)?, row(last)?);
            let end = last.start.plus_seconds(last.duration_seconds);
            end.unix_seconds().checked_sub(first.start.unix_seconds())
        }
    }
}
