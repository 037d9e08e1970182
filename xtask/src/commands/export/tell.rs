//! Who is told, and how: the one place where sinks meet the network and the disk.

use crate::export::Sink;
use crate::export::run::FinishedRun;
use crate::export::send::{Answer, Tell};
use crate::settings::{EnvSnapshot, Exports};

/// Tells everybody that the settings name.
pub(super) struct Teller<'a> {
    #[cfg_attr(not(feature = "otlp"), allow(dead_code, reason = "metrics will ask it too"))]
    exports: &'a Exports,
    #[cfg_attr(
        not(feature = "otlp"),
        allow(dead_code, reason = "only a collector is named there")
    )]
    variables: &'a EnvSnapshot,
    #[cfg(feature = "otlp")]
    collector: Option<crate::export::traces::Collector>,
}

impl<'a> Teller<'a> {
    pub(super) fn new(exports: &'a Exports, variables: &'a EnvSnapshot) -> Self {
        Self {
            exports,
            variables,
            #[cfg(feature = "otlp")]
            collector: None,
        }
    }

    #[cfg(feature = "otlp")]
    fn otlp(&mut self, run: &FinishedRun) -> Answer {
        use crate::export::traces::Collector;
        let collector = match self.collector.take() {
            Some(collector) => Ok(collector),
            None => Collector::new(self.variables, self.exports.timeout.duration()),
        };
        match collector {
            Ok(collector) => self.collector.insert(collector).tell(run),
            Err(reason) => Answer::Unreachable(reason),
        }
    }

    #[cfg(not(feature = "otlp"))]
    fn otlp(&mut self, _: &FinishedRun) -> Answer {
        Answer::Unreachable(
            "this build has no OTLP; `cargo xtask-full export send` builds one that has, and sends \
             what waits"
                .to_owned(),
        )
    }
}

impl Tell for Teller<'_> {
    fn tell(&mut self, sink: Sink, runs: &[&FinishedRun]) -> Answer {
        match (sink, runs) {
            (Sink::Otlp, [run]) => self.otlp(run),
            (Sink::Otlp, _) => Answer::Later("one run at a time".to_owned(), None),
            (Sink::Pushgateway | Sink::MetricsFile, _) => {
                Answer::Unreachable("metrics are not built in yet".to_owned())
            }
        }
    }
}
