//! The commands that are about rows alone, as they are typed.

use super::{Help, STATS};

pub(super) const LAST_OF_EACH: &str =
    "Only the newest N of the matching rows of each environment and phase";

pub(super) const LIST: Help = Help {
    name: "list",
    about: "Show the rows, newest last",
    details: "Rows of all generations, as one record: what a row does not say is shown as -, and is \
        null in JSON. JSON and CSV have the columns of the registry's file; in rows that CI wrote, \
        log_path is the address of the workflow's run, as it is there.",
    examples: &["--last 10", "--env dev --since 7d --format json", "--file build_timings.csv"],
    last: "Only the newest N of the matching rows",
};

pub(super) const STATISTICS: Help = Help {
    name: STATS,
    about: "Show how long each phase takes and how often it fails",
    details: "One line for each environment and phase. Durations are those of the runs that \
        succeeded; how many failed is shown with the median duration of those, because a run that \
        fails in 3 s says nothing about how long one takes. Quantiles are exact (Hyndman and Fan's \
        definition 7, as in numpy and R). JSON and CSV have more columns: mean, p90, min, and the \
        same figures of failures.\n\n\
        --format reliability prints what the shell reader of the registry prints: lines split at \
        every comma, eight phases, columns by their place in the first line. A file is read as it \
        stands; with conditions, and from the registry, the lines of the rows that match.",
    examples: &[
        "--env dev",
        "--phase apply-persistent --since 30d --format json",
        "--file build_timings.csv --format reliability",
    ],
    last: LAST_OF_EACH,
};

pub(super) const TREND: Help = Help {
    name: "trend",
    about: "Show when durations changed, by how much, and how they move in between",
    details: "Of successful runs. Each line is a stretch in which nothing changed: its typical \
        duration (median), the slope within it (Theil-Sen), and the change that it begins with: \
        direction, size, how likely chance would make one as clear, and the commit of the first \
        run after it. Changes are looked for on a logarithmic scale by seeded binary segmentation \
        with t-tests and rank tests; single outliers are none. One is found from 12 runs on, six \
        before and six after it, or with as few as 4 on one side where there are 13 or more. Runs \
        that changed resources and runs that did not are not told apart.",
    examples: &["--env dev --phase deploy-persistent", "--since 90d --format markdown"],
    last: LAST_OF_EACH,
};
