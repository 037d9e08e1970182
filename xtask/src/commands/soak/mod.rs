//! `soak`: a storm. The built program is driven as children in repositories of its own, killed,
//! starved of space and cut off from its remote, all drawn from one seed; then every row is held
//! against a ledger that the harness keeps for itself.
//!
//! `plan` and `scenes` say what is done, `runner` does it and `settle` brings it to its end, `ledger`
//! and `rows` say what came of it, `judge` decides. Nothing here looks into the journal to know what is true.

mod child;
mod faults;
mod inspect;
mod judge;
mod ledger;
mod plan;
mod random;
mod rows;
mod runner;
mod scenes;
mod settle;
mod stage;

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use timing_core::record::ExitCode;

use crate::cli::{Keep, SoakOptions};
use judge::Verdict;
use runner::Outcome;

/// The soak could not be carried out; one line.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// So many findings of a kind are listed.
const LISTED: usize = 10;

/// Carries out a soak; the exit code is 1 when anything is lost, duplicated or wrong.
pub fn execute(options: &SoakOptions) -> ExitCode {
    let started = Instant::now();
    let seed = options.seed.unwrap_or_else(seed_of_now);
    match soak(seed, options, started) {
        Ok(total) => {
            for line in findings(&total.verdict) {
                anstream::eprintln!("{line}");
            }
            anstream::println!("{}", figures(seed, options, &total, started.elapsed()));
            if total.verdict.is_sound() { ExitCode::SUCCESS } else { ExitCode(1) }
        }
        Err(error) => {
            anstream::eprintln!(
                "error: the soak with seed {seed} could not be carried out: {error}"
            );
            ExitCode(1)
        }
    }
}

fn seed_of_now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    // Short enough to be typed.
    now.as_secs() % 1_000_000_000
}

/// What all scenes came to.
#[derive(Debug, Default)]
struct Total {
    verdict: Verdict,
    scenes: usize,
    skipped: usize,
}

fn soak(seed: u64, options: &SoakOptions, started: Instant) -> Result<Total, Failure> {
    let program = std::env::current_exe()?;
    let directory = Directory::create(seed)?;
    let deadline = started + options.deadline;
    let mut total = Total::default();
    let scenes = scenes::scenes(seed, options);
    if scenes.is_empty() {
        return Err("no scene has such a name".into());
    }
    for scene in scenes {
        let began = Instant::now();
        let outcome = runner::run(&program, &directory.0, &scene, options, deadline)
            .map_err(|error| format!("{}: {error}", scene.name))?;
        let seconds = began.elapsed().as_secs_f64();
        match outcome {
            Outcome::Judged(verdict) => {
                let (runs, rows) = (verdict.runs, verdict.rows);
                anstream::eprintln!("{}: {runs} runs, {rows} rows, {seconds:.1} s", scene.name);
                total.scenes += 1;
                total.verdict += verdict;
            }
            Outcome::Skipped(reason) => {
                anstream::eprintln!("SKIPPED: {}: {reason}", scene.name);
                total.skipped += 1;
            }
        }
    }
    if options.keep == Keep::Always {
        directory.keep();
    }
    Ok(total)
}

/// The directory of a soak; it goes when this goes.
struct Directory(PathBuf);

impl Directory {
    fn create(seed: u64) -> Result<Self, Failure> {
        let temporary = std::env::temp_dir().canonicalize()?;
        let path = temporary.join(format!("xtask-soak-{seed}-{}", std::process::id()));
        std::fs::create_dir(&path)?;
        Ok(Self(path))
    }

    fn keep(self) {
        anstream::eprintln!("kept in {}", self.0.display());
        std::mem::forget(self);
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            anstream::eprintln!("warning: {} stays: {error}", self.0.display());
        }
    }
}

fn findings(verdict: &Verdict) -> Vec<String> {
    let kinds = [
        ("lost", &verdict.lost),
        ("duplicated", &verdict.duplicated),
        ("exit code wrong", &verdict.wrong),
        ("other", &verdict.other),
    ];
    let listed = |(kind, found): (&str, &Vec<String>)| {
        let more = found.len().saturating_sub(LISTED);
        let rest = (more > 0).then(|| format!("{kind}: and {more} more"));
        let first: Vec<String> =
            found.iter().take(LISTED).map(|finding| format!("{kind}: {finding}")).collect();
        first.into_iter().chain(rest)
    };
    kinds.into_iter().flat_map(listed).collect()
}

fn figures(seed: u64, options: &SoakOptions, total: &Total, took: Duration) -> String {
    let Verdict { runs, killed, rows, said_so, lost, duplicated, wrong, other } = &total.verdict;
    format!(
        "soak seed={seed} scenes={} skipped={} runs={runs} killed={killed} writers={} clones={} \
         rows={rows} lost={} duplicated={} exit_codes_wrong={} other={} said_so={said_so} in {:.0} s",
        total.scenes,
        total.skipped,
        options.writers,
        options.clones,
        lost.len(),
        duplicated.len(),
        wrong.len(),
        other.len(),
        took.as_secs_f64(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_figures_and_the_first_findings() {
        let lost = (0..12).map(|n| format!("t{n} apply-persistent: no row")).collect();
        let wrong = vec!["t: exited with 1 where it was 0".to_owned()];
        let verdict = Verdict { runs: 20, killed: 3, rows: 8, lost, wrong, ..Verdict::default() };
        let total = Total { verdict, scenes: 2, skipped: 1 };
        let options = SoakOptions { writers: 8, clones: 4, ..SoakOptions::default() };
        insta::assert_snapshot!(
            figures(7, &options, &total, Duration::from_secs(65)),
            @"soak seed=7 scenes=2 skipped=1 runs=20 killed=3 writers=8 clones=4 rows=8 lost=12 duplicated=0 exit_codes_wrong=1 other=0 said_so=0 in 65 s"
        );
        let found = findings(&total.verdict);
        assert_eq!(found.len(), 12);
        assert_eq!(
            found[10..],
            ["lost: and 2 more", "exit code wrong: t: exited with 1 where it was 0"]
        );
        assert!(!total.verdict.is_sound());
    }
}
