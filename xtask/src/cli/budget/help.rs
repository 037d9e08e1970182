//! The commands about budgets, as their help shows them.

/// A command as the help shows it.
pub(super) struct Help {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) details: &'static str,
    pub(super) examples: &'static [&'static str],
}

pub(super) const LIST: &str = "list";
pub(super) const LINT: &str = "lint";
pub(super) const EXPLAIN: &str = "explain";
pub(super) const MEASURE: &str = "measure";
pub(super) const CHECK: &str = "check";
pub(super) const REPLAY: &str = "replay";
pub(super) const BASELINE: &str = "baseline";
pub(super) const TUNE: &str = "tune";
pub(super) const EXPORT: &str = "export";
pub(super) const WATCH: &str = "watch";

pub(super) const COMMANDS: [Help; 10] = [
    Help {
        name: LIST,
        about: "Show the metrics, what is asked of them, and where their values come from",
        details: "One line for each metric that is judged in the environment; one that is judged \
            for several environments, whichever is checked, has a line for each.",
        examples: &["", "--env staging", "--format json"],
    },
    Help {
        name: LINT,
        about: "Show what is overdue or doubtful in the file",
        details: "Overdue are waivers that ended, reviews, and targets that the last 10 measurements all \
            missed, or all beat by half. Doubtful is what can hardly \
            be meant, as a warning that begins where the failure does. Exits with 1 when something \
            is overdue or doubtful.",
        examples: &["", "--measurements budget_measurements.csv"],
    },
    Help {
        name: EXPLAIN,
        about: "Show everything that is known of one metric",
        details: "What is asked of it in the environment, by whom, where its value comes from, \
            with what it is compared, and whether a failure would count.",
        examples: &["image-size", "requests-cpu --env production --phase 3.4.4"],
    },
    Help {
        name: MEASURE,
        about: "Measure what the budgets ask for, and record it",
        details: "What cannot be measured is unknown, with the reason. Metrics with the same source \
            are measured together; what takes time of this machine is measured one after the other.",
        examples: &["", "--only 'boot*'", "--no-record --format json"],
    },
    Help {
        name: CHECK,
        about: "Measure, and judge by the budgets",
        details: "Exits with 1 when an enforced budget fails. What cannot be measured is unknown, \
            never a pass. --format github writes a line for each finding that GitHub shows beside \
            the file, and the table to the step's summary. With --measurements or --no-measure \
            nothing is measured, and the newest measurement of each metric is judged.",
        examples: &[
            "",
            "--only 'liveness-*' --phase 3.4.4",
            "--format github",
            "--measurements budget_measurements.csv --format json",
        ],
    },
    Help {
        name: REPLAY,
        about: "Show what the file as it stands would have flagged",
        details: "Each of the last N measurements of a metric is judged as if it were the newest. A \
            flag is a false alarm when the level of its stretch, the median of the measurements \
            between the changes around it, gets none; the rate is that of the false alarms among \
            the measurements whose level gets none.",
        examples: &["--last 50", "--measurements budget_measurements.csv"],
    },
    Help {
        name: BASELINE,
        about: "Show what values are compared with, and accept baselines",
        details: "Without options each metric's baseline, of how many measurements it is made, and \
            their spread, the distance between the quartiles. --accept makes the newest measurement \
            of a metric its accepted baseline; --set does so with the median of the last \
            measurements of every metric that has none. Both write it into the budget file, and \
            nothing else there, and show the lines.",
        examples: &["", "--set", "--accept image-size --why 'the new base image'"],
    },
    Help {
        name: WATCH,
        about: "Watch the thresholds of what runs",
        details: "Measures the metrics with prometheus, http and process sources over and over, and \
            draws each in the terminal with its limit; elsewhere each look is a line. Exits with 1 as \
            soon as an enforced budget fails and goes on failing: for its own time, where its source \
            has `sustained`, otherwise in three looks one after the other. Nothing is recorded.",
        examples: &["--env production --for 10m", "--only 'production-*' --interval 1s"],
    },
    Help {
        name: TUNE,
        about: "Propose limits, and resources, that the measurements support",
        details: "Prints a difference of the budget file, as `git apply` takes it, with what it \
            rests on: the measurements of each metric since its level last changed, at least 20. \
            At most 5 % of them cross a proposed limit. Limits are only tightened, and targets stay, \
            as do comments and layout. stderr says which metrics could be enforced. --resources \
            prints requests, limits and a HorizontalPodAutoscaler instead, so that CPU (by its 95th \
            percentile) is 70 % of what is requested, and memory (the maximum and 15 %) 80 % of its \
            limit.",
        examples: &[
            "--measurements budget_measurements.csv",
            "--measurements budget_measurements.csv --write",
            "--env production --measurements budget_measurements.csv --resources",
        ],
    },
    Help {
        name: EXPORT,
        about: "Write the budgets as alerting rules, as metrics, or as a dashboard",
        details: "prometheus-rules: an alert for each limit of a metric that Prometheus knows, after \
            the time for which it has to be sustained, and one for each regression. \
            prometheus-metrics: the newest measurements with baselines and limits, for a textfile \
            collector; regressions are told from these. grafana: a dashboard with the limits drawn \
            in. All of them are about one environment.",
        examples: &[
            "--env production --format prometheus-rules",
            "--env production --format prometheus-metrics --measurements budget_measurements.csv",
            "--env production --format grafana",
        ],
    },
];
