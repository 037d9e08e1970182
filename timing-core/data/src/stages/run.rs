//! The spans of a whole run, and what their file is called.

use std::fmt;
use std::str::FromStr;

use super::PhaseSpans;
use crate::clock::UtcStamp;
use crate::record::{Environment, InvalidName, Phase, RunId};

/// How many digits of a commit a directory's name has.
const DIGITS: usize = 7;

/// Stands for a commit where none is known.
const NO_COMMIT: &str = "0000000";

/// Seconds of a minute, to which a directory's name tells the time.
const MINUTE: u64 = 60;

/// The spans of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSpans {
    /// Which run, when, where and of what commit.
    pub of: SpansPath,
    /// Its phases that have spans, inner ones before those around them; the spans of each count
    /// from that phase's own start.
    pub phases: Vec<PhaseSpans>,
}

impl RunSpans {
    /// The spans of `phase`; empty when nothing was seen in it.
    #[must_use]
    pub fn of_phase(&self, phase: &Phase) -> &[super::Span] {
        let found = self.phases.iter().find(|spans| spans.phase == *phase);
        found.map_or(&[], |spans| &spans.spans)
    }
}

/// Where the spans of a run are on the registry's branch:
/// `environments/<environment>/history/<YYYY-MM-DD-HHMMZ>-<sha7>/stages-<run>.csv`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SpansPath {
    /// The directory of the environment: `development` for `dev`.
    environment: Environment,
    start: UtcStamp,
    commit: String,
    run: RunId,
}

impl SpansPath {
    /// That of `run` in `environment`, whose outermost phase started at `start`; `sha` is the commit
    /// that it deployed.
    #[must_use]
    pub fn new(environment: &Environment, start: UtcStamp, sha: Option<&str>, run: &RunId) -> Self {
        let minute = start.unix_seconds() / MINUTE * MINUTE;
        // `development` is a name as `dev` is.
        let directory = environment.registry_directory().parse();
        let commit = sha.and_then(|sha| sha.get(..DIGITS)).filter(|digits| is_commit(digits));
        Self {
            environment: directory.unwrap_or_else(|_| environment.clone()),
            start: UtcStamp::from_unix_seconds(minute),
            commit: commit.unwrap_or(NO_COMMIT).to_owned(),
            run: run.clone(),
        }
    }

    /// The environment as its directory is called: `development` for `dev`.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The minute in which the run's outermost phase started.
    #[must_use]
    pub fn start(&self) -> UtcStamp {
        self.start
    }

    /// The first seven digits of the commit that it deployed; `None` when that was not known.
    #[must_use]
    pub fn commit(&self) -> Option<&str> {
        Some(self.commit.as_str()).filter(|commit| *commit != NO_COMMIT)
    }

    /// By which paths sort: when it started, and which of several in one minute was first.
    #[must_use]
    pub fn age(&self) -> (UtcStamp, &str) {
        (self.start, self.run.as_str())
    }

    /// The run.
    #[must_use]
    pub fn run(&self) -> &RunId {
        &self.run
    }

    /// The directory of its history that the file is in.
    fn snapshot(&self) -> String {
        // 2026-01-24T14:43:00Z
        let start = self.start.to_string();
        let (date, time) = start.split_once('T').unwrap_or((&start, ""));
        let minute: String = time.chars().filter(char::is_ascii_digit).take(4).collect();
        format!("{date}-{minute}Z-{}", self.commit)
    }
}

impl fmt::Display for SpansPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { environment, run, .. } = self;
        write!(f, "environments/{environment}/history/{}/stages-{run}.csv", self.snapshot())
    }
}

impl FromStr for SpansPath {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let read = || {
            let (environment, rest) =
                text.strip_prefix("environments/")?.split_once("/history/")?;
            let (snapshot, file) = rest.split_once('/')?;
            let run: RunId = file.strip_prefix("stages-")?.strip_suffix(".csv")?.parse().ok()?;
            let (minute, commit) = snapshot.rsplit_once('-')?;
            let (date, time) = minute.strip_suffix('Z')?.rsplit_once('-')?;
            let (hour, minute) = time.split_at_checked(2)?;
            let start = format!("{date}T{hour}:{minute}:00Z").parse().ok()?;
            let environment: Environment = environment.parse().ok()?;
            let path = Self::new(&environment, start, Some(commit), &run);
            // Only what it would be written as: one path for each run.
            (path.to_string() == text).then_some(path)
        };
        read().ok_or_else(|| {
            InvalidName::new(
                "path of spans",
                text,
                "environments/<environment>/history/<YYYY-MM-DD-HHMMZ>-<sha7>/stages-<run>.csv",
            )
        })
    }
}

fn is_commit(digits: &str) -> bool {
    digits.len() == DIGITS && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(environment: &str, sha: Option<&str>) -> SpansPath {
        let start = UtcStamp::from_unix_seconds(1_769_265_807);
        let run = RunId::new(start, 7);
        SpansPath::new(&environment.parse().unwrap(), start, sha, &run)
    }

    #[test]
    fn a_path_reads_back_as_it_was_written() {
        let known = path("dev", Some("ce013625030ba8dba906f756967f9e9ca394464a"));
        insta::assert_snapshot!(known, @"environments/development/history/2026-01-24-1443Z-ce01362/stages-6974da8f00000007.csv");
        let unknown = path("staging-2", None);
        insta::assert_snapshot!(unknown, @"environments/staging-2/history/2026-01-24-1443Z-0000000/stages-6974da8f00000007.csv");
        for path in [known, unknown] {
            assert_eq!(path.to_string().parse::<SpansPath>(), Ok(path.clone()));
            assert_eq!(path.start().to_string(), "2026-01-24T14:43:00Z");
        }
        assert_eq!(path("dev", None).commit(), None);
    }

    #[test]
    fn what_is_no_such_path_is_refused() {
        let good = path("dev", Some("ce01362")).to_string();
        let bad = [
            good.replace("development", "dev"),
            good.replace("development", ".."),
            good.replace("ce01362", "ce0136"),
            good.replace("ce01362", "CE01362"),
            good.replace("1443Z", "2543Z"),
            good.replace("1443Z", "144Z"),
            good.replace("01-24", "13-24"),
            good.replace("history", "latest"),
            good.replace(".csv", ".md"),
            good.replace("stages-6", "stages-x"),
            format!("{good}/x"),
            format!("{good}\n"),
        ];
        for path in bad {
            assert!(path.parse::<SpansPath>().is_err(), "{path}");
        }
    }
}
