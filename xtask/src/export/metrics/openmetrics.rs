//! Metrics as text that is OpenMetrics 1.0 and Prometheus text 0.0.4 at once.
//!
//! The two differ in counters, whose `# TYPE` names them with `_total` in one and without it in the
//! other. There are none here: how often a phase ran is the `_count` of its histogram. So one text
//! serves node exporter's textfile collector and the Pushgateway, which read 0.0.4, where `# UNIT`
//! and `# EOF` are comments, and whatever reads OpenMetrics.
//! <https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md>
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>
//!
//! No sample has a time of its own: neither of the two readers takes one.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeGaugeValue};
use prometheus_client::encoding::{MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Registry, Unit};

use super::model::{BOUNDS, Histogram, Metrics, Task};

/// The text of `metrics`.
///
/// # Errors
/// None that a string could have; the encoder's signature has one.
pub fn render(metrics: Metrics) -> Result<String, fmt::Error> {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(metrics));
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

impl Collector for Metrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.histograms(&mut encoder)?;
        self.gauges(
            &mut encoder,
            ("cicd_pipeline_task_last_run_duration", Some(Unit::Seconds)),
            "How long the newest run of the phase took.",
            |task| Some(float(task.last.duration_seconds)),
        )?;
        self.gauges(
            &mut encoder,
            ("cicd_pipeline_task_last_run_exit_code", None),
            "The exit code of the newest run of the phase.",
            |task| Some(i64::from(task.last.exit_code)),
        )?;
        self.gauges(
            &mut encoder,
            ("cicd_pipeline_task_last_run_timestamp", Some(Unit::Seconds)),
            "When the newest run of the phase started, since 1970.",
            |task| Some(task.last.start),
        )?;
        self.gauges(
            &mut encoder,
            ("cicd_pipeline_task_last_success_timestamp", Some(Unit::Seconds)),
            "When the newest run of the phase that succeeded started, since 1970.",
            |task| task.last_success,
        )?;
        self.resources(&mut encoder)?;
        let help = "Phases that are not told here, because there are too many.";
        encoder
            .encode_descriptor("cicd_pipeline_tasks_left_out", help, None, MetricType::Gauge)?
            .encode_gauge(&self.left_out)
    }
}

impl Metrics {
    fn histograms(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let mut family = encoder.encode_descriptor(
            "cicd_pipeline_task_run_duration",
            "How long the runs of the phase took, by how they ended.",
            Some(&Unit::Seconds),
            MetricType::Histogram,
        )?;
        for task in &self.tasks {
            for (ending, histogram) in &task.runs {
                let [environment, phase] = labels(task);
                let labels = [environment, phase, ("result", ending.word())];
                encode_histogram(&mut family.encode_family(&labels)?, histogram)?;
            }
        }
        Ok(())
    }

    fn gauges<V: EncodeGaugeValue>(
        &self,
        encoder: &mut DescriptorEncoder<'_>,
        (name, unit): (&str, Option<Unit>),
        help: &str,
        value: impl Fn(&Task) -> Option<V>,
    ) -> fmt::Result {
        let mut family = encoder.encode_descriptor(name, help, unit.as_ref(), MetricType::Gauge)?;
        for task in &self.tasks {
            if let Some(value) = value(task) {
                family.encode_family(&labels(task))?.encode_gauge(&value)?;
            }
        }
        Ok(())
    }

    fn resources(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let mut family = encoder.encode_descriptor(
            "cicd_pipeline_task_last_run_resources",
            "What the newest run of the phase did to resources.",
            None,
            MetricType::Gauge,
        )?;
        for task in &self.tasks {
            let Some(resources) = task.last.resources else { continue };
            for (change, count) in [
                ("added", resources.added),
                ("changed", resources.changed),
                ("destroyed", resources.destroyed),
            ] {
                let [environment, phase] = labels(task);
                let labels = [environment, phase, ("change", change)];
                family.encode_family(&labels)?.encode_gauge(&count)?;
            }
        }
        Ok(())
    }
}

fn labels(task: &Task) -> [(&'static str, &str); 2] {
    [("environment", &task.environment), ("phase", &task.phase)]
}

fn encode_histogram(encoder: &mut MetricEncoder<'_>, histogram: &Histogram) -> fmt::Result {
    let ends = BOUNDS.into_iter().map(float).chain([f64::INFINITY]);
    let buckets: Vec<(f64, u64)> = ends.zip(histogram.buckets).collect();
    let sum = float(histogram.sum);
    encoder.encode_histogram::<NoLabelSet>(sum, histogram.count(), &buckets, None)
}

#[expect(clippy::cast_precision_loss, reason = "exact for 285 million years")]
fn float(seconds: u64) -> f64 {
    seconds as f64
}

#[cfg(test)]
mod tests;
