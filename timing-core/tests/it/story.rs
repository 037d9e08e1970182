//! Histories of the registry's branch, told commit by commit and written by `git fast-import`.

use timing_core::registry::audit::{Mode, Recovered, Recovery};
use timing_core::registry::{Audit, Registry, Source};

use crate::sandbox::{BRANCH, DEV_CSV, Sandbox, stamp};

/// A commit of a story, by its number from 1.
pub(crate) type Chapter = usize;

#[derive(Default)]
pub(crate) struct Story {
    stream: Vec<u8>,
    chapters: Chapter,
}

/// What a commit does to a path.
pub(crate) enum Deed<'a> {
    Write(&'a str, &'a [u8]),
    WriteMode(&'a str, &'a str, &'a [u8]),
    Delete(&'a str),
}

impl Story {
    /// The next commit, on top of `parents`.
    pub(crate) fn commit(
        &mut self,
        parents: &[Chapter],
        subject: &str,
        deeds: &[Deed<'_>],
    ) -> Chapter {
        self.chapters += 1;
        let mark = self.chapters;
        let who = format!("Author {mark} <a{mark}@example.org> {} +0000", 1_769_000_000 + mark);
        self.tell(format!(
            "reset refs/heads/{BRANCH}\n\ncommit refs/heads/{BRANCH}\nmark :{mark}\n"
        ));
        self.tell(format!("author {who}\ncommitter {who}\ndata {}\n{subject}\n", subject.len()));
        for (place, parent) in parents.iter().enumerate() {
            self.tell(format!("{} :{parent}\n", if place == 0 { "from" } else { "merge" }));
        }
        for deed in deeds {
            match deed {
                Deed::Delete(path) => self.tell(format!("D {path}\n")),
                Deed::Write(path, content) => self.write("100644", path, content),
                Deed::WriteMode(mode, path, content) => self.write(mode, path, content),
            }
        }
        mark
    }

    /// The next commit, in which dev's file is `csv`.
    pub(crate) fn csv(&mut self, parents: &[Chapter], subject: &str, csv: &str) -> Chapter {
        self.commit(parents, subject, &[Deed::Write(DEV_CSV, csv.as_bytes())])
    }

    /// A line of commits in which dev's file is one of `versions` after the other.
    pub(crate) fn line(versions: &[&str]) -> Self {
        let mut story = Self::default();
        let mut parents = Vec::new();
        for (place, version) in versions.iter().enumerate() {
            parents = vec![story.csv(&parents, &format!("version {}", place + 1), version)];
        }
        story
    }

    fn write(&mut self, mode: &str, path: &str, content: &[u8]) {
        self.tell(format!("M {mode} inline {path}\ndata {}\n", content.len()));
        self.stream.extend_from_slice(content);
        self.tell("\n".to_owned());
    }

    fn tell(&mut self, text: String) {
        self.stream.extend(text.into_bytes());
    }

    /// Makes the story the history of the branch.
    pub(crate) fn tell_in(&self, sandbox: &Sandbox) {
        sandbox.git_bytes(&sandbox.repo, &["fast-import", "--quiet", "--force"], &self.stream);
    }

    /// A sandbox with this history.
    pub(crate) fn told(&self) -> Sandbox {
        let sandbox = Sandbox::new();
        self.tell_in(&sandbox);
        sandbox
    }
}

/// The row of the run `n`, in one of the four generations by turns.
pub(crate) fn row(n: usize) -> String {
    let start = format!("2026-{:02}-{:02}T{:02}:43:27Z", 1 + n / 28 % 12, 1 + n % 28, n / 336 % 24);
    let end = start.replace("43:27", "45:31");
    match n % 4 {
        0 => format!("{start},{end},dev,persistent,124,0,logs/{n}.log\n"),
        1 => format!("{start},{end},build,dev,{n},124,255,\"A=1 B={n}\",logs/{n}.log\n"),
        2 => format!("{start},{end},teardown,dev,{n},124,1,1,2,3,https://ci.example/{n}\n"),
        _ => format!("{start},{end},rds-apply,dev,rds,124,0,A=1 RUN={n:016x},3,1,0,logs/{n}.log\n"),
    }
}

pub(crate) const HEADER: &str =
    "start_time_utc,end_time_utc,phase,env,build_id,duration_seconds,exit_code,flags,log_path\n";

/// A file with the rows of these runs.
pub(crate) fn csv(runs: impl IntoIterator<Item = usize>) -> String {
    runs.into_iter().fold(HEADER.to_owned(), |csv, n| csv + &row(n))
}

/// The findings of an audit, one a line.
pub(crate) fn told(audit: &Audit) -> String {
    let findings = audit.findings.iter().map(|found| {
        let at = &found.commit;
        format!("{} | {} | {} | {} | {}", at.subject, at.author, at.date, found.path, found.kind)
    });
    findings.collect::<Vec<_>>().join("\n")
}

/// The rows that are lost, in order, with the subjects of the commits.
pub(crate) fn lost(audit: &Audit) -> Vec<(String, &str, &str)> {
    let row = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap() + "\n";
    let lost = audit.lost.iter();
    lost.map(|lost| (row(&lost.bytes), &*lost.first.subject, &*lost.dropped.subject)).collect()
}

pub(crate) fn recover(registry: &Registry, audit: &Audit, mode: Mode) -> Recovered {
    let source = Source::default();
    let recovery = Recovery { mode, source: &source, recorder: "xtask 0.1.0" };
    registry.recover(audit, &recovery, stamp()).unwrap()
}
