//! Resource counts from what Terraform prints.
//!
//! A summary (`Apply complete! Resources: 3 added, …`) is Terraform's own count and settles every
//! resource line before it. Resource lines count only for what came after the last summary: that
//! is a run that failed, of which Terraform prints no summary. Formats as of Terraform 0.15 to
//! 1.14 and OpenTofu; both print them in English whatever the locale.

use std::borrow::Cow;

use super::address;
use super::lines::LinesWith;
use crate::record::ResourceCounts;

/// Common to every line that counts: "Apply complete!", "Creation complete after", ….
const RARE_WORD: &str = " complete";

/// Counts the resources of one step.
#[derive(Debug)]
pub struct ResourceCounter {
    lines: LinesWith,
    tally: Tally,
}

#[derive(Debug, Default)]
struct Tally {
    summarised: ResourceCounts,
    since_summary: ResourceCounts,
}

impl Default for ResourceCounter {
    fn default() -> Self {
        Self { lines: LinesWith::new(RARE_WORD), tally: Tally::default() }
    }
}

impl ResourceCounter {
    /// Takes in the next bytes of the output, cut anywhere.
    pub fn feed(&mut self, chunk: &[u8]) {
        let tally = &mut self.tally;
        self.lines.feed(chunk, |line| tally.line(line));
    }

    /// What was counted, now that the output has ended.
    #[must_use]
    pub fn finish(mut self) -> ResourceCounts {
        let tally = &mut self.tally;
        self.lines.end(|line| tally.line(line));
        let mut total = tally.summarised;
        total += tally.since_summary;
        total
    }
}

impl Tally {
    fn line(&mut self, raw: &[u8]) {
        let line = without_escapes(raw);
        let line = line.trim_ascii_end();
        if let Some(counts) = summary(line) {
            self.summarised += counts;
            self.since_summary = ResourceCounts::default();
        } else if let Some(one) = completed_resource(line) {
            self.since_summary += one;
        }
    }
}

/// The line without its colours: control sequences (`ESC [ … letter`) are dropped.
fn without_escapes(line: &[u8]) -> Cow<'_, [u8]> {
    const ESCAPE: u8 = 0x1b;
    if memchr::memchr(ESCAPE, line).is_none() {
        return Cow::Borrowed(line);
    }
    let mut plain = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = memchr::memchr(ESCAPE, rest) {
        plain.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(sequence) = rest.strip_prefix(b"[") {
            let end = sequence.iter().position(|b| (0x40..=0x7e).contains(b));
            rest = end.map_or(&[][..], |end| &sequence[end + 1..]);
        }
    }
    plain.extend_from_slice(rest);
    Cow::Owned(plain)
}

/// The counts of `Apply complete! Resources: 1 imported, 3 added, 1 changed, 0 destroyed.`
fn summary(line: &[u8]) -> Option<ResourceCounts> {
    let line = std::str::from_utf8(line).ok()?;
    let counts = line
        .strip_prefix("Apply complete! Resources: ")
        .or_else(|| line.strip_prefix("Destroy complete! Resources: "))?;
    let (counts, _) = counts.split_once('.')?;
    let mut total = ResourceCounts::default();
    for part in counts.split(", ") {
        let (number, word) = part.split_once(' ')?;
        let number: u64 = number.parse().ok()?;
        match word {
            "added" => total.added = number,
            "changed" => total.changed = number,
            "destroyed" => total.destroyed = number,
            "imported" => total.imported = number,
            // "forgotten" and whatever comes after it has no column.
            _ => {}
        }
    }
    Some(total)
}

/// One resource of `aws_eks_cluster.this: Creation complete after 9m32s [id=…]`.
fn completed_resource(line: &[u8]) -> Option<ResourceCounts> {
    let none = ResourceCounts::default();
    let kinds: [(&[u8], ResourceCounts); 4] = [
        (b": Creation complete after ", ResourceCounts { added: 1, ..none }),
        (b": Modifications complete after ", ResourceCounts { changed: 1, ..none }),
        (b": Destruction complete after ", ResourceCounts { destroyed: 1, ..none }),
        (b": Import complete [", ResourceCounts { imported: 1, ..none }),
    ];
    kinds.into_iter().find_map(|(marker, one)| {
        // The first marker ends the address, unless a key holds the same words.
        memchr::memmem::find_iter(line, marker)
            .any(|at| address::is_resource(&line[..at]))
            .then_some(one)
    })
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
