//! The Prometheus text of `/metrics`, kept under a kilobyte. Must not know where numbers come
//! from.

use std::fmt::Write as _;

use crate::boot::BootReport;
use crate::checks::{BOUNDS, CheckCounts};
use crate::http::Status;
use crate::process::ProcessUsage;

/// Renders what is known; a metric that is not known is left out, not shown as zero.
pub(crate) fn render(
    boot: Option<&BootReport>,
    answers: impl Iterator<Item = (Status, u64)>,
    checks: Option<&CheckCounts>,
    usage: &ProcessUsage,
) -> String {
    let mut text = String::with_capacity(1024);
    if let Some(boot) = boot {
        head(&mut text, "pf_boot_seconds", "gauge");
        for (component, duration) in boot.components() {
            let seconds = duration.as_secs_f64();
            let name = component.name();
            line(&mut text, "pf_boot_seconds", ("component", name), &format!("{seconds:.6}"));
        }
    }
    head(&mut text, "pf_http_requests_total", "counter");
    for (class, count) in by_class(answers) {
        line(&mut text, "pf_http_requests_total", ("class", class), &count.to_string());
    }
    if let Some(checks) = checks {
        histogram(&mut text, "pf_health_seconds", checks);
    }
    if let Some(bytes) = usage.resident_bytes {
        single(&mut text, "process_resident_memory_bytes", "gauge", &bytes.to_string());
    }
    if let Some(seconds) = usage.cpu_seconds {
        single(&mut text, "process_cpu_seconds_total", "counter", &format!("{seconds:.2}"));
    }
    // Without its type, which is a gauge's: nobody adds start times up, and the kilobyte is full.
    let started = usage.start_time.as_secs_f64();
    let _ = writeln!(text, "process_start_time_seconds {started:.2}");
    text
}

/// Sums per class of status: a line for each status would take the text over its limit.
fn by_class(answers: impl Iterator<Item = (Status, u64)>) -> [(&'static str, u64); 3] {
    let mut sums = [("2xx", 0), ("4xx", 0), ("5xx", 0)];
    for (status, count) in answers {
        let class = match status.code() / 100 {
            2 => 0,
            4 => 1,
            _ => 2,
        };
        sums[class].1 += count;
    }
    sums
}

// Writing to a `String` cannot fail, hence the ignored results below.

// Without `# HELP`, which the format does not ask for: with it a kilobyte would not do.
fn head(text: &mut String, name: &str, kind: &str) {
    let _ = writeln!(text, "# TYPE {name} {kind}");
}

fn line(text: &mut String, name: &str, (label, value): (&str, &str), number: &str) {
    let _ = writeln!(text, "{name}{{{label}=\"{value}\"}} {number}");
}

fn single(text: &mut String, name: &str, kind: &str, number: &str) {
    head(text, name, kind);
    let _ = writeln!(text, "{name} {number}");
}

fn histogram(text: &mut String, name: &str, counts: &CheckCounts) {
    head(text, name, "histogram");
    let bucket = format!("{name}_bucket");
    for ((_, bound), count) in BOUNDS.iter().zip(counts.within) {
        line(text, &bucket, ("le", bound), &count.to_string());
    }
    line(text, &bucket, ("le", "+Inf"), &counts.all.to_string());
    let _ = writeln!(text, "{name}_sum {:.3}", counts.sum.as_secs_f64());
    let _ = writeln!(text, "{name}_count {}", counts.all);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boot::Component;
    use std::time::Duration;

    fn usage() -> ProcessUsage {
        ProcessUsage {
            resident_bytes: Some(9_999_999_999),
            cpu_seconds: Some(99_999.99),
            start_time: Duration::from_millis(1_769_265_807_123),
        }
    }

    fn booted() -> BootReport {
        let slow = Duration::from_micros(9_999_123_456);
        BootReport::new(Component::ALL.map(|component| (component, slow)).to_vec())
    }

    fn checked(each: u64) -> CheckCounts {
        let within = [1, 2, 3, 4].map(|place| place * each);
        CheckCounts { within, all: 5 * each, sum: Duration::from_millis(1_234 * each) }
    }

    #[test]
    fn it_is_prometheus_text() {
        let report = BootReport::new(vec![(Component::HttpBind, Duration::from_micros(1500))]);
        let text = render(
            Some(&report),
            [(Status::Ok, 2), (Status::NotFound, 3), (Status::BadRequest, 4)].into_iter(),
            Some(&checked(1)),
            &usage(),
        );
        insta::assert_snapshot!(text, @r#"
        # TYPE pf_boot_seconds gauge
        pf_boot_seconds{component="http-bind"} 0.001500
        # TYPE pf_http_requests_total counter
        pf_http_requests_total{class="2xx"} 2
        pf_http_requests_total{class="4xx"} 7
        pf_http_requests_total{class="5xx"} 0
        # TYPE pf_health_seconds histogram
        pf_health_seconds_bucket{le="0.1"} 1
        pf_health_seconds_bucket{le="0.2"} 2
        pf_health_seconds_bucket{le="0.5"} 3
        pf_health_seconds_bucket{le="2"} 4
        pf_health_seconds_bucket{le="+Inf"} 5
        pf_health_seconds_sum 1.234
        pf_health_seconds_count 5
        # TYPE process_resident_memory_bytes gauge
        process_resident_memory_bytes 9999999999
        # TYPE process_cpu_seconds_total counter
        process_cpu_seconds_total 99999.99
        process_start_time_seconds 1769265807.12
        "#);
    }

    #[test]
    fn it_stays_under_a_kilobyte_when_everything_is_large() {
        let answers = Status::ALL.map(|s| (s, 99_999_999)).into_iter();
        let text = render(Some(&booted()), answers, Some(&checked(19_999_999)), &usage());
        assert!(text.len() < 1000, "{} bytes", text.len());
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let unknown = ProcessUsage { resident_bytes: None, cpu_seconds: None, ..usage() };
        let text = render(None, std::iter::empty(), None, &unknown);
        assert!(!text.contains("memory") && !text.contains("cpu") && !text.contains("boot"));
    }
}
