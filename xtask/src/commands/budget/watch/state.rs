//! What was seen so far, and what follows from it.

use time::Date;
use timing_core::budget::source::Source;
use timing_core::budget::{Amount, Baseline, Budget, Judgement, Measured, Verdict, judge};
use timing_core::record::ExitCode;

use crate::commands::budget::{ATTENTION, Answer};

/// What has to fail in so many looks, one after the other, to be sustained, where its source does not
/// look back itself.
pub(super) const LOOKS: usize = 3;

/// As many values as are kept of each: more columns has no terminal that is drawn on.
const KEPT: usize = 240;

/// One budget.
pub(super) struct Watched<'a> {
    pub(super) budget: Budget<'a>,
    /// The last values; `None` where there was none.
    pub(super) values: Vec<Option<Amount>>,
    /// The last look.
    pub(super) last: Option<Judgement>,
    looks: usize,
    crossed: usize,
    failing: usize,
}

/// All that is watched.
pub(super) struct Watch<'a> {
    watched: Vec<Watched<'a>>,
}

impl<'a> Watch<'a> {
    pub(super) fn of(budgets: &[Budget<'a>]) -> Self {
        let new = |budget: &Budget<'a>| Watched {
            budget: *budget,
            values: Vec::new(),
            last: None,
            looks: 0,
            crossed: 0,
            failing: 0,
        };
        Self { watched: budgets.iter().map(new).collect() }
    }

    pub(super) fn watched(&self) -> &[Watched<'a>] {
        &self.watched
    }

    /// Takes a look, with a value for each budget in order.
    pub(super) fn take(&mut self, seen: Vec<Measured>, today: Date) {
        for (one, measured) in self.watched.iter_mut().zip(seen) {
            one.take(measured, today);
        }
    }

    /// The first that is enforced and fails, for long enough.
    pub(super) fn failed(&self) -> Option<&Watched<'a>> {
        self.watched.iter().find(|one| one.is_sustained())
    }

    /// The last look in a line.
    pub(super) fn line(&self) -> String {
        self.watched.iter().map(Watched::shown).collect::<Vec<_>>().join("; ")
    }

    /// What it all came to.
    pub(super) fn answer(&self) -> Answer {
        let mut remarks: Vec<String> = self.watched.iter().map(Watched::summary).collect();
        let failed = self.failed();
        remarks.extend(failed.map(|one| format!("{} fails, and is enforced", one.budget)));
        Answer {
            text: String::new(),
            remarks,
            exit_code: if failed.is_some() { ATTENTION } else { ExitCode::SUCCESS },
        }
    }
}

impl Watched<'_> {
    fn take(&mut self, measured: Measured, today: Date) {
        // Only thresholds: what it is compared with is a matter of checks.
        let judgement = judge(&self.budget, measured, Baseline::default(), today);
        self.looks += 1;
        self.crossed += usize::from(judgement.verdict > Verdict::Pass);
        self.failing = if judgement.fails_the_check() { self.failing + 1 } else { 0 };
        if self.values.len() == KEPT {
            self.values.remove(0);
        }
        self.values.push(judgement.value());
        self.last = Some(judgement);
    }

    fn is_sustained(&self) -> bool {
        let is_known = self.values.last().is_some_and(Option::is_some);
        let looks_back = matches!(
            &self.budget.metric.source,
            Source::Prometheus(source) if source.sustained.is_some()
        );
        self.failing >= if is_known && looks_back { 1 } else { LOOKS }
    }

    /// `production-cpu 12% pass`
    pub(super) fn shown(&self) -> String {
        let name = &self.budget;
        match &self.last {
            None => format!("{name} -"),
            Some(Judgement { measured: Measured::Unknown { reason }, .. }) => {
                format!("{name} unknown ({reason})")
            }
            Some(judgement) => {
                let unit = self.budget.metric.unit;
                let value = judgement.value().map(|value| unit.short(value));
                format!("{name} {} {}", value.unwrap_or_default(), judgement.verdict)
            }
        }
    }

    fn summary(&self) -> String {
        let unit = self.budget.metric.unit;
        let known = || self.values.iter().flatten();
        let range = match (known().min(), known().max()) {
            (Some(least), Some(most)) => {
                format!("{} to {}", unit.short(*least), unit.short(*most))
            }
            _ => "never known".to_owned(),
        };
        format!("{}: {range}; not passed in {} of {} looks", self.budget, self.crossed, self.looks)
    }
}
