//! `export status`: who is to be told, and what waits for it. Asks nobody.

use std::time::SystemTime;

use crate::commands::registry::{Answer, Failure, Site};
use crate::export::send::runs;
use crate::export::spool::Spool;
use crate::export::{Sink, Unreadable};
use crate::regular;
use crate::settings::{Emf, Exports};

/// How many lines of the last senders are shown.
const LOG_LINES: usize = 5;

/// The log starts anew long before it has so many bytes.
const LOG: u64 = 1 << 20;

pub(super) fn run(site: &Site<'_>, exports: &Exports) -> Result<Answer, Failure> {
    let spool = Spool::beside(&site.journal);
    let contents = spool.contents()?;
    let mut owed: Vec<(Sink, usize)> = Sink::ALL.into_iter().map(|sink| (sink, 0)).collect();
    let (mut damaged, mut newer) = (0, 0);
    for waiting in &contents.waiting {
        match waiting.read() {
            Ok(Some(pending)) => {
                let counted = owed.iter_mut().filter(|(sink, _)| pending.sinks.contains(sink));
                counted.for_each(|(_, count)| *count += 1);
            }
            Ok(None) => {}
            Err(Unreadable::Newer(_)) => newer += 1,
            Err(Unreadable::Damaged(_)) => damaged += 1,
        }
    }
    let mut lines: Vec<String> = owed
        .iter()
        .map(|(sink, count)| {
            format!("{sink:<13} {}, {} waiting", place(*sink, exports), runs(*count))
        })
        .collect();
    lines.push(format!(
        "{:<13} {}",
        "emf",
        match exports.emf {
            Emf::Off => "off",
            Emf::Stdout => "stdout, by the run itself",
        }
    ));
    let bytes: u64 = contents.waiting.iter().map(|waiting| waiting.bytes).sum();
    let kibibytes = bytes.div_ceil(1024);
    lines.push(format!(
        "{:<13} {} in {kibibytes} KiB, in {}",
        "waiting",
        runs(contents.waiting.len()),
        spool.directory().display()
    ));
    if let Some(oldest) = contents.waiting.first() {
        lines.push(format!("{:<13} {}", "oldest", oldest.run));
    }
    for (name, count) in [("damaged", damaged), ("newer", newer), ("strangers", contents.strangers)]
    {
        if count > 0 {
            lines.push(format!("{name:<13} {count} files"));
        }
    }
    let held = Sink::ALL.into_iter().filter_map(|sink| {
        spool.held(sink, SystemTime::now()).map(|why| format!("{:<13} {sink}: {why}", "held"))
    });
    lines.extend(held);
    lines.extend(spool.trouble().map(|trouble| format!("{:<13} {trouble}", "trouble")));
    let log = regular::read(&spool.directory().join("send.log"), LOG).unwrap_or_default();
    let log: Vec<&str> = log.lines().collect();
    let last = log.get(log.len().saturating_sub(LOG_LINES)..).unwrap_or_default();
    lines.extend(last.iter().map(|line| format!("{:<13} {line}", "log")));
    Ok(Answer::well(lines))
}

/// Where a sink is, or that it is off. The address of a collector is a variable's.
fn place(sink: Sink, exports: &Exports) -> String {
    let off = || "off".to_owned();
    match sink {
        Sink::Otlp if !sink.is_wanted(exports) => off(),
        Sink::Otlp if cfg!(feature = "otlp") => "on".to_owned(),
        Sink::Otlp => "on, and not in this build; see `cargo xtask-full`".to_owned(),
        Sink::Pushgateway => exports.pushgateway.as_ref().map_or_else(off, ToString::to_string),
        Sink::MetricsFile => {
            exports.metrics_file.as_ref().map_or_else(off, |path| path.display().to_string())
        }
    }
}
