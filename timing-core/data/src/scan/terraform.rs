//! Resource counts from what Terraform prints.
//!
//! A summary (`Apply complete! Resources: 3 added, …`) is Terraform's own count and settles every
//! resource line before it. Resource lines count only for what came after the last summary: that
//! is a run that failed, of which Terraform prints no summary.

use super::event::{self, Event, Progress};
use super::lines::{Lines, Reader};
use super::marks::Sought;
use crate::record::ResourceCounts;
use crate::stages::Action;

/// Counts the resources of one step.
#[derive(Debug, Default)]
pub struct ResourceCounter {
    lines: Lines,
    tally: Tally,
}

/// The counts so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    summarised: ResourceCounts,
    since_summary: ResourceCounts,
}

impl ResourceCounter {
    /// Takes in the next bytes of the output, cut anywhere.
    pub fn feed(&mut self, chunk: &[u8]) {
        self.lines.feed(chunk, &mut self.tally);
    }

    /// What was counted, now that the output has ended.
    #[must_use]
    pub fn finish(mut self) -> ResourceCounts {
        self.lines.end(&mut self.tally);
        self.tally.total()
    }
}

impl Reader for Tally {
    fn seeks(&self) -> Sought<'_> {
        Sought::default()
    }

    fn line(&mut self, line: &[u8]) {
        if let Some(event) = event::text_of(line, &mut Vec::new()).and_then(event::read) {
            self.take(event);
        }
    }
}

impl Tally {
    pub(super) fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Summary(counts) => {
                self.summarised += counts;
                self.since_summary = ResourceCounts::default();
            }
            Event::Operation(Progress::Completed, action, _) => self.since_summary += one(action),
            Event::Operation(Progress::Began, ..) | Event::Banner(_) | Event::Diagnostic(_) => {}
        }
    }

    pub(super) fn total(&self) -> ResourceCounts {
        let mut total = self.summarised;
        total += self.since_summary;
        total
    }
}

/// What one completed operation counts for. Reading changes nothing.
fn one(action: Action) -> ResourceCounts {
    let none = ResourceCounts::default();
    match action {
        Action::Create => ResourceCounts { added: 1, ..none },
        Action::Update => ResourceCounts { changed: 1, ..none },
        Action::Destroy => ResourceCounts { destroyed: 1, ..none },
        Action::Import => ResourceCounts { imported: 1, ..none },
        Action::Read => none,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(output: &str) -> String {
        let mut counter = ResourceCounter::default();
        counter.feed(output.as_bytes());
        counter.finish().to_string()
    }

    #[test]
    fn summaries_add_up_and_settle_the_lines_before_them() {
        let two_passes = "\
            aws_vpc.a: Creation complete after 3s [id=vpc-1]\n\
            Apply complete! Resources: 3 added, 1 changed, 0 destroyed.\n\
            aws_vpc.b: Destruction complete after 3s\n\
            Apply complete! Resources: 1 added, 0 changed, 2 destroyed.\n";
        assert_eq!(count(two_passes), "+4 ~1 -2");
        assert_eq!(count("Destroy complete! Resources: 12 destroyed.\n"), "+0 ~0 -12");
    }

    #[test]
    fn a_failed_run_counts_what_completed() {
        let failed = "\
            Apply complete! Resources: 3 added, 0 changed, 0 destroyed.\n\
            module.eks.aws_eks_cluster.this: Creation complete after 9m32s [id=x]\n\
            aws_x.y[\"a: Creation complete after b\"]: Modifications complete after 3s [id=x]\n\
            aws_x.z: Destruction complete after 1m2s\n\
            aws_x.z: Creation complete after 0s [id=x]\n\
            aws_x.w: Still creating... [02m10s elapsed]\n\
            ╷\n│ Error: creating aws_x.w\n";
        assert_eq!(count(failed), "+5 ~1 -1");
    }

    #[test]
    fn colour_carriage_returns_and_a_missing_last_newline_hide_nothing() {
        let coloured =
            "\x1b[0m\x1b[1mterraform_data.a: Creation complete after 1s [id=5]\x1b[0m\r\n";
        assert_eq!(count(coloured), "+1 ~0 -0");
        let summary = "\x1b[0m\x1b[1m\x1b[32mApply complete! Resources: 2 added, 0 changed, 0 destroyed.\x1b[0m";
        assert_eq!(count(summary), "+2 ~0 -0");
    }

    #[test]
    fn imports_are_counted_apart() {
        let line = "Apply complete! Resources: 1 imported, 3 added, 1 changed, 0 destroyed.\n";
        assert_eq!(count(line), "+3 ~1 -0 (1 imported)");
        let failed = "aws_s3_bucket.b: Import complete [id=b]\n";
        assert_eq!(count(failed), "+0 ~0 -0 (1 imported)");
    }

    #[test]
    fn text_that_only_looks_like_it_counts_nothing() {
        for text in [
            "terraform_data.a (local-exec): Apply complete! Resources: 9 added, 0 changed, 0 destroyed.\n",
            "terraform_data.a (local-exec): aws_x.y: Creation complete after 1s\n",
            "echo Apply complete! Resources: 9 added, 0 changed, 0 destroyed.\n",
            "Apply complete! Resources: many added.\n",
            "Job: Creation complete after 3s\n",
            "Read complete after 1s\n",
            "data.aws_x.y: Read complete after 0s [id=1]\n",
        ] {
            assert_eq!(count(text), "+0 ~0 -0", "{text}");
        }
    }
}
