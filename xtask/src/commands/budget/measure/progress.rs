//! What is being measured, said on stderr: a line that is drawn again on a terminal, and elsewhere a
//! line for each.

use std::io::{Write, stderr};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use timing_core::budget::source::{BootStart, ImageSource, Source};

use super::task::Task;
use crate::ui::report::harmless;

pub(super) struct Progress {
    tasks: usize,
    begun: usize,
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(super) fn of(tasks: usize) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let bar = (!bar.is_hidden() && tasks > 0).then_some(bar);
        if let Some(bar) = &bar {
            if let Ok(style) = ProgressStyle::with_template("{elapsed} {wide_msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self { tasks, begun: 0, bar }
    }

    pub(super) fn begin(&mut self, task: &Task) {
        self.begun += 1;
        let (begun, tasks) = (self.begun, self.tasks);
        let line = format!("measuring {begun} of {tasks}: {}", harmless(&what(task)));
        match &self.bar {
            Some(bar) => bar.set_message(line),
            None => {
                // In one piece; nobody is told when it fails.
                let _ = stderr().write_all(format!("{line}\n").as_bytes());
            }
        }
    }

    /// Takes the line away.
    pub(super) fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

/// What is done, and for which metrics.
fn what(task: &Task) -> String {
    let doing = match task.source() {
        Some(source) => doing(source),
        None => String::new(),
    };
    let names: Vec<&str> = task.asks.iter().map(|ask| ask.name.as_str()).collect();
    match names.as_slice() {
        [first, second, third, _, ..] => {
            let more = names.len() - 3;
            format!("{doing} ({first}, {second}, {third} and {more} more)")
        }
        names => format!("{doing} ({})", names.join(", ")),
    }
}

fn doing(source: &Source) -> String {
    match source {
        Source::Phase(_) => "the rows of earlier runs".to_owned(),
        Source::Command(source) => program(&source.command),
        Source::Image(
            ImageSource::Engine(at) | ImageSource::OciLayout(at) | ImageSource::Archive(at),
        ) => {
            format!("image {at}")
        }
        Source::Http(source) => format!("GET {}", source.endpoint.path),
        Source::Process(_) => "a running process".to_owned(),
        Source::Boot(source) => match &source.start {
            BootStart::Command(words) => format!("boots of {}", program(words)),
            BootStart::Container(image) => format!("boots of image {image}"),
        },
        Source::Manifest(source) => source.file.clone(),
        Source::Rollout(source) => format!("rollout of {}", source.deployment),
        Source::Prometheus(source) => format!("Prometheus at {}", source.url),
        Source::GithubRun(source) => format!("runs of {}", source.workflow),
    }
}

/// The program and its first word: others may hold what nobody is to read.
fn program(words: &[String]) -> String {
    let program = words.first().map_or("", |word| word.rsplit('/').next().unwrap_or(word));
    match words.get(1).filter(|word| !word.starts_with('-')) {
        Some(word) => format!("{program} {word}"),
        None => program.to_owned(),
    }
}
