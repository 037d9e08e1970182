//! Which row is which log's, and which have none.

use std::collections::{HashMap, HashSet};

use super::{Comparison, Finding, Reading, SeenLog, Started, Subject, Verdict, Witness};
use crate::journal::Life;
use crate::log::Frame;
use crate::table::Row;

/// Every log, every phase in the journal and every row, as one finding where they are of one phase.
#[must_use]
pub fn verify<'a>(
    rows: &'a [Row<'a>],
    logs: &'a [SeenLog],
    journal: &'a [Started],
) -> Vec<Finding<'a>> {
    let index = Index::of(rows);
    let mut judge = Judge { index, journal, matched: HashSet::new(), findings: Vec::new() };
    for log in logs {
        judge.log(log);
    }
    for started in journal {
        judge.started(started);
    }
    judge.remaining_rows();
    judge.findings
}

/// Rows by what logs know of them.
struct Index<'a> {
    rows: &'a [Row<'a>],
    by_run: HashMap<(&'a str, &'a str), Vec<usize>>,
    by_log: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Index<'a> {
    fn of(rows: &'a [Row<'a>]) -> Self {
        let mut index = Self { rows, by_run: HashMap::new(), by_log: HashMap::new() };
        for (place, row) in rows.iter().enumerate() {
            if let (Some(run), Some(phase)) = (row.flag("RUN"), row.phase.as_deref()) {
                index.by_run.entry((run, phase)).or_default().push(place);
            }
            if let Some(log) = row.log_path.as_deref() {
                index.by_log.entry(log).or_default().push(place);
            }
        }
        index
    }

    /// The rows of a run's phase.
    fn of_run(&self, run: &str, phase: &str) -> Vec<usize> {
        self.by_run.get(&(run, phase)).cloned().unwrap_or_default()
    }

    /// The rows of a log. The run tells; a row that names none, or lost it, still names its log.
    fn of_log(&self, log: &SeenLog) -> Vec<usize> {
        let own = match &log.reading {
            Reading::Framed(Frame { opened, .. }) => {
                self.of_run(opened.run.as_str(), opened.phase.as_str())
            }
            Reading::Unframed | Reading::Unreadable(_) => Vec::new(),
        };
        if own.is_empty() {
            self.by_log.get(log.path.as_str()).cloned().unwrap_or_default()
        } else {
            own
        }
    }
}

struct Judge<'a> {
    index: Index<'a>,
    journal: &'a [Started],
    /// Rows of which a log or the journal knows.
    matched: HashSet<usize>,
    findings: Vec<Finding<'a>>,
}

impl<'a> Judge<'a> {
    fn log(&mut self, log: &'a SeenLog) {
        let places = self.index.of_log(log);
        if places.is_empty() {
            self.find(Witness::Log, of_log(log), Some(log), None, self.without_row(log));
        }
        for place in places {
            let row = &self.index.rows[place];
            let (subject, verdict) = match &log.reading {
                Reading::Framed(frame) => {
                    (of_log(log), Verdict::Compared(Comparison::of(row, frame)))
                }
                Reading::Unframed => (of_row(row), Verdict::NoFrame),
                Reading::Unreadable(_) => (of_row(row), Verdict::Unreadable),
            };
            self.matched.insert(place);
            self.find(Witness::Log, subject, Some(log), Some(row), verdict);
        }
    }

    fn without_row(&self, log: &SeenLog) -> Verdict {
        let goes_on = |frame: &Frame| {
            let is_its_run = |started: &&Started| started.run == frame.opened.run;
            self.journal.iter().find(is_its_run).is_some_and(|run| run.life == Life::Living)
        };
        match &log.reading {
            Reading::Unframed => Verdict::NoFrame,
            Reading::Unreadable(_) => Verdict::Unreadable,
            Reading::Framed(frame) if goes_on(frame) => Verdict::GoesOn,
            Reading::Framed(_) => Verdict::NoRow,
        }
    }

    /// A phase of the journal that no log has told of: its log could not be made, or is gone.
    fn started(&mut self, started: &'a Started) {
        let subject = of_started(started);
        let told = |finding: &Finding<'_>| {
            (finding.subject.run, finding.subject.phase) == (subject.run, subject.phase)
        };
        if self.findings.iter().any(told) {
            return;
        }
        let places = self.index.of_run(started.run.as_str(), started.phase.as_str());
        if places.is_empty() {
            let verdict = match started.life {
                Life::Living => Verdict::GoesOn,
                Life::Gone => Verdict::NoRow,
            };
            self.find(Witness::Journal, subject, None, None, verdict);
        }
        for place in places {
            self.matched.insert(place);
            let row = &self.index.rows[place];
            self.find(Witness::Journal, subject, None, Some(row), Verdict::NoLog);
        }
    }

    fn remaining_rows(&mut self) {
        for (place, row) in self.index.rows.iter().enumerate() {
            if !self.matched.contains(&place) {
                self.find(Witness::Row, of_row(row), None, Some(row), Verdict::NoLog);
            }
        }
    }

    fn find(
        &mut self,
        witness: Witness,
        subject: Subject<'a>,
        log: Option<&'a SeenLog>,
        row: Option<&'a Row<'a>>,
        verdict: Verdict,
    ) {
        self.findings.push(Finding { witness, subject, log, row, verdict });
    }
}

/// Of a log without a frame nothing is known but its name.
fn of_log(log: &SeenLog) -> Subject<'_> {
    match &log.reading {
        Reading::Framed(Frame { opened, .. }) => Subject {
            environment: Some(opened.environment.as_str()),
            phase: Some(opened.phase.as_str()),
            build_id: Some(opened.build_id.as_str()),
            run: Some(opened.run.as_str()),
            start: Some(opened.start),
        },
        Reading::Unframed | Reading::Unreadable(_) => Subject::default(),
    }
}

fn of_started(started: &Started) -> Subject<'_> {
    Subject {
        environment: Some(started.environment.as_str()),
        phase: Some(started.phase.as_str()),
        build_id: Some(started.build_id.as_str()),
        run: Some(started.run.as_str()),
        start: Some(started.start),
    }
}

fn of_row<'a>(row: &'a Row<'a>) -> Subject<'a> {
    Subject {
        environment: Some(&row.environment),
        phase: row.phase.as_deref(),
        build_id: Some(&row.build_id),
        run: row.flag("RUN"),
        start: Some(row.start),
    }
}
