//! Takes runs from where they wait to whoever is to be told of them.
//!
//! One sender at a time, each request under a time-out, all of them under another. What fails stays
//! for the next sender. Whoever is told is behind [`Tell`]: this module knows no network.

use std::collections::BTreeSet;
use std::io;
use std::time::{Duration, Instant, SystemTime};

use timing_core::record::RunId;

use super::run::FinishedRun;
use super::spool::{Bounds, Spool, Waiting};
use super::{Pending, Sink, Unreadable};

/// How often in a row somebody may refuse before the rest waits for another time.
const REFUSALS: u32 = 3;

/// How many damaged documents are told of one by one.
const TOLD: usize = 5;

/// What came of telling somebody of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It was told; there may be something to say about that.
    Told(Option<String>),
    /// Nobody could be reached, for this reason: the others need not be tried.
    Unreachable(String),
    /// It was not taken now, for this reason, and not before this long.
    Later(String, Option<Duration>),
    /// It never will be taken, for this reason.
    Never(String),
}

/// Whoever tells.
pub trait Tell {
    /// Tells `sink` of `runs`; one answer for all of them.
    fn tell(&mut self, sink: Sink, runs: &[&FinishedRun]) -> Answer;
}

/// What a sender works with.
pub struct Sender<'a> {
    /// Where runs wait.
    pub spool: &'a Spool,
    /// Who is to be told here; others who are owed a run have to wait for who knows them.
    pub sinks: &'a [Sink],
    /// When it is enough.
    pub until: Instant,
    /// How much may wait.
    pub bounds: Bounds,
}

/// What a sender did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// How many runs each of the sinks was told of.
    pub told: Vec<(Sink, usize)>,
    /// How many runs are still to be told to one of them.
    pub waiting: usize,
    /// How many were given up.
    pub given_up: usize,
    /// Why something still waits, one line each.
    pub failures: Vec<String>,
    /// What else there is to say, one line each.
    pub remarks: Vec<String>,
    /// Whether another sender was at work, and this one did nothing.
    pub is_busy: bool,
}

impl Sender<'_> {
    /// Sends what waits, and what comes to wait meanwhile.
    ///
    /// # Errors
    ///
    /// When the directory of what waits cannot be used.
    pub fn send(&self, tell: &mut dyn Tell) -> io::Result<Sent> {
        let mut sent = Sent::default();
        if !self.spool.directory().is_dir() {
            return Ok(sent);
        }
        let mut tried = BTreeSet::new();
        let mut closed = BTreeSet::new();
        loop {
            let Some(turn) = self.spool.turn()? else {
                sent.is_busy = tried.is_empty();
                return Ok(sent);
            };
            self.trim(&mut sent)?;
            while Instant::now() < self.until
                && self.round(tell, &mut tried, &mut closed, &mut sent)?
            {}
            drop(turn);
            // A run that came to wait before the turn was over found it taken, and counts on us.
            let is_over = Instant::now() >= self.until;
            let fresh = |waiting: &Waiting| !tried.contains(&waiting.run);
            if is_over || !self.spool.contents()?.waiting.iter().any(fresh) {
                break;
            }
        }
        sent.waiting = self.still_waiting()?;
        Ok(sent)
    }

    fn trim(&self, sent: &mut Sent) -> io::Result<()> {
        let dropped = self.spool.trim(&self.bounds, SystemTime::now())?;
        if let (Some(last), Some(first)) = (dropped.first(), dropped.last()) {
            sent.given_up += dropped.len();
            sent.remarks.push(format!(
                "{} waited too long or took too much room, and will not be exported: {} to {}",
                runs(dropped.len()),
                first.run,
                last.run
            ));
        }
        Ok(())
    }

    /// Serves what waits and was not tried; whether there was anything.
    fn round(
        &self,
        tell: &mut dyn Tell,
        tried: &mut BTreeSet<RunId>,
        closed: &mut BTreeSet<Sink>,
        sent: &mut Sent,
    ) -> io::Result<bool> {
        let contents = self.spool.contents()?;
        let fresh =
            contents.waiting.into_iter().filter(|waiting| tried.insert(waiting.run.clone()));
        let fresh: Vec<Waiting> = fresh.collect();
        let mut owed = self.read(&fresh, sent)?;
        for sink in
            self.sinks.iter().copied().filter(|sink| !closed.contains(sink)).collect::<Vec<_>>()
        {
            if let Some(reason) = self.spool.held(sink, SystemTime::now()) {
                sent.failures.push(format!("{sink}: {reason}"));
                closed.insert(sink);
                continue;
            }
            let mut of_sink: Vec<&mut (Waiting, Pending)> =
                owed.iter_mut().filter(|(_, pending)| pending.sinks.contains(&sink)).collect();
            if self.serve(sink, &mut of_sink, tell, sent)? == Goes::Down {
                closed.insert(sink);
            }
        }
        Ok(!fresh.is_empty())
    }

    /// The documents of `fresh`; those that are none go.
    fn read(&self, fresh: &[Waiting], sent: &mut Sent) -> io::Result<Vec<(Waiting, Pending)>> {
        let mut owed = Vec::new();
        let mut damaged = 0;
        for waiting in fresh {
            match waiting.read() {
                Ok(Some(pending)) => owed.push((waiting.clone(), pending)),
                Ok(None) => {}
                // Its own version will see to it.
                Err(Unreadable::Newer(_)) => {}
                Err(reason) => {
                    damaged += 1;
                    self.spool.discard(waiting)?;
                    if damaged <= TOLD {
                        let run = &waiting.run;
                        sent.remarks.push(format!("{run} is damaged and removed: {reason}"));
                    }
                }
            }
        }
        if damaged > TOLD {
            sent.remarks.push(format!("{} more are damaged and removed", damaged - TOLD));
        }
        sent.given_up += damaged;
        Ok(owed)
    }

    /// Tells `sink` of `owed`.
    fn serve(
        &self,
        sink: Sink,
        owed: &mut [&mut (Waiting, Pending)],
        tell: &mut dyn Tell,
        sent: &mut Sent,
    ) -> io::Result<Goes> {
        let size = match sink {
            // A request for each, so that what is taken is noted before the next is tried.
            Sink::Otlp => 1,
            // What they are told is the state of all.
            Sink::Pushgateway | Sink::MetricsFile => owed.len().max(1),
        };
        let mut refusals = 0;
        for batch in owed.chunks_mut(size) {
            if Instant::now() >= self.until {
                return Ok(Goes::Down);
            }
            let answer = {
                let runs: Vec<&FinishedRun> =
                    batch.iter().map(|(_, pending)| &pending.run).collect();
                tell.tell(sink, &runs)
            };
            let first =
                batch.first().map(|(waiting, _)| waiting.run.to_string()).unwrap_or_default();
            match answer {
                Answer::Told(remark) => {
                    refusals = 0;
                    sent.remarks.extend(remark.map(|remark| format!("{sink}: {first}: {remark}")));
                    sent.count(sink, batch.len());
                    self.settle(sink, batch)?;
                }
                Answer::Never(reason) => {
                    sent.given_up += batch.len();
                    sent.remarks.push(format!("{sink} will not be told of {first}: {reason}"));
                    self.settle(sink, batch)?;
                }
                Answer::Unreachable(reason) => {
                    sent.failures.push(format!("{sink}: {reason}"));
                    return Ok(Goes::Down);
                }
                Answer::Later(reason, after) => {
                    sent.failures.push(format!("{sink}: {reason}"));
                    if let Some(after) = after {
                        self.spool.hold(sink, SystemTime::now(), after)?;
                        return Ok(Goes::Down);
                    }
                    refusals += 1;
                    // Who is told the state of all has refused all.
                    if refusals == REFUSALS || sink != Sink::Otlp {
                        return Ok(Goes::Down);
                    }
                }
            }
        }
        Ok(Goes::On)
    }

    fn settle(&self, sink: Sink, batch: &mut [&mut (Waiting, Pending)]) -> io::Result<()> {
        batch
            .iter_mut()
            .try_for_each(|(waiting, pending)| self.spool.served(&waiting.path, pending, sink))
    }

    /// How many runs wait for one of the sinks that are to be told here.
    fn still_waiting(&self) -> io::Result<usize> {
        let waiting = self.spool.contents()?.waiting;
        let is_owed = |waiting: &&Waiting| {
            matches!(waiting.read(), Ok(Some(pending))
                if self.sinks.iter().any(|sink| pending.sinks.contains(sink)))
        };
        Ok(waiting.iter().filter(is_owed).count())
    }
}

/// Whether a sink is tried further by this sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Goes {
    On,
    Down,
}

impl Sent {
    fn count(&mut self, sink: Sink, runs: usize) {
        match self.told.iter_mut().find(|(known, _)| *known == sink) {
            Some((_, told)) => *told += runs,
            None => self.told.push((sink, runs)),
        }
    }
}

/// So many runs, in words.
#[must_use]
pub fn runs(count: usize) -> String {
    if count == 1 { "1 run".to_owned() } else { format!("{count} runs") }
}

#[cfg(test)]
mod tests;
