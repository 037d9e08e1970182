//! `bench`: what the promises cost, against the system's own programs, and what the statistics find
//! in series of which the truth is known.
//!
//! Absolute times say more about the machine than about us, so every figure is the median of
//! ratios of pairs that ran one after the other in this run. Set-up is scripts of fixed commands
//! in directories that are removed again.

mod append;
mod capture;
mod change;
mod crowd;
mod estimate;
mod fixture;
mod growth;
mod large;
mod memory;
mod pairs;
mod scan;
mod stats;
mod wrap;

use std::fmt::Write as _;
use std::path::Path;

use timing_core::record::ExitCode;

use crate::cli::BenchOptions;
use pairs::{Bar, Figure, Measured, Ratios};

/// A benchmark could not be set up or run; one line.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Measures some figures of the program at the path, with series of the seed.
type Benchmark = fn(&Path, u64) -> Result<Vec<Figure>, Failure>;

/// Finds out what there is no bar for, with series of the seed.
type Statement = fn(u64) -> Result<String, Failure>;

/// Those that write little come first: what a disk writes behind everybody's back would slow down
/// the ones after. The memory of a long registry is measured before this process has held one.
const BENCHMARKS: [(&str, Benchmark); 11] = [
    ("appending a row to 1,000", |_, _| Ok(vec![append::measure()?.into()])),
    ("32 appends at once", |_, _| Ok(vec![crowd::measure()?.into()])),
    ("wrapping `true`", |program, _| Ok(vec![wrap::measure(program)?.into()])),
    ("appending a row to 100,000", |program, _| large::measure(program)),
    ("statistics of 1,000,000 rows", |program, _| stats::measure(program)),
    ("capturing 1 GiB", |program, _| Ok(vec![capture::measure(program)?.into()])),
    ("scanning 1,000,000 lines", |_, _| Ok(vec![scan::measure()?.into()])),
    ("change points of 10,000 points", |_, seed| Ok(vec![change::time(seed).into()])),
    ("change points of the basic suite", |_, seed| {
        Ok(change::basic(seed).into_iter().map(Figure::from).collect())
    }),
    ("the time of an estimate", |_, seed| Ok(vec![estimate::time(seed).into()])),
    ("estimates before the start", |_, seed| {
        Ok(estimate::promised(seed).into_iter().map(Figure::from).collect())
    }),
];

/// What is stated without a bar.
const STATEMENTS: [(&str, Statement); 3] = [
    ("the growth of a repository", |_| growth::measure()),
    ("change points of the harder suite", |seed| Ok(change::harder(seed))),
    ("estimates, course by course", |seed| Ok(estimate::courses(seed))),
];

/// Runs the benchmarks and prints their figures; the exit code is 1 when a bar does not hold.
pub fn execute(options: &BenchOptions) -> ExitCode {
    match run(options) {
        Ok((figures, statements)) => {
            let statements: String = statements.iter().map(|text| format!("\n{text}\n")).collect();
            print(&format!("{}{statements}", render(&figures)));
            if figures.iter().any(Figure::fails) { ExitCode(1) } else { ExitCode::SUCCESS }
        }
        Err(error) => {
            anstream::eprintln!("error: the benchmark could not be run: {error}");
            ExitCode(1)
        }
    }
}

/// The figures, and what is stated without a bar.
fn run(options: &BenchOptions) -> Result<(Vec<Figure>, Vec<String>), Failure> {
    let program = std::env::current_exe()?;
    let is_wanted = |name: &str| options.only.as_ref().is_none_or(|only| name.contains(only));
    let mut figures = Vec::new();
    for (name, measure) in BENCHMARKS.into_iter().filter(|(name, _)| is_wanted(name)) {
        anstream::eprintln!("measuring {name} …");
        figures.extend(measure(&program, options.seed)?);
    }
    let mut statements = Vec::new();
    for (name, state) in STATEMENTS.into_iter().filter(|(name, _)| is_wanted(name)) {
        anstream::eprintln!("measuring {name} …");
        statements.push(state(options.seed)?);
    }
    Ok((figures, statements))
}

fn print(text: &str) {
    use std::io::Write as _;
    // Nobody is left to be told when stdout is closed.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

fn render(figures: &[Figure]) -> String {
    let mut text = String::from("ratios are medians over interleaved pairs of this run\n\n");
    for figure in figures {
        match figure {
            Figure::Measured(measured) => render_measured(&mut text, measured),
            Figure::Skipped { name, reason } => {
                let _ = writeln!(text, "{name}\n  not measured: {reason}");
            }
        }
    }
    text
}

fn render_measured(text: &mut String, figure: &Measured) {
    let (comparison, bar) = match figure.bar {
        Bar::AtLeast(bar) => ("≥", bar),
        Bar::AtMost(bar) => ("≤", bar),
    };
    let verdict = if figure.holds() { "holds" } else { "DOES NOT HOLD" };
    let Ratios { count, median, least, most } = figure.pairs;
    let _ = write!(text, "{}\n  ratio {median:.2} ({comparison} {bar:.2}: {verdict})", figure.name);
    let _ = match figure.times {
        Some((ours, theirs)) => writeln!(
            text,
            ", from {least:.2} to {most:.2} over {count} pairs\n  ours {}, theirs {}",
            milliseconds(ours),
            milliseconds(theirs)
        ),
        None => writeln!(text),
    };
}

fn milliseconds(seconds: f64) -> String {
    format!("{:.1} ms", seconds * 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_and_verdicts() {
        let pairs = Ratios::of(&[1.0, 1.2, 0.9]).unwrap();
        let times = Some((0.0125, 0.01));
        let figure = |bar| Measured { name: "a against b", times, pairs, bar }.into();
        insta::assert_snapshot!(
            render(&[
                figure(Bar::AtLeast(0.95)),
                figure(Bar::AtMost(0.6)),
                Measured::single("memory", 3.5, Bar::AtMost(4.0)).into(),
                Figure::Skipped { name: "c against d", reason: "d is not installed" },
            ]), @r"
        ratios are medians over interleaved pairs of this run

        a against b
          ratio 1.00 (≥ 0.95: holds), from 0.90 to 1.20 over 3 pairs
          ours 12.5 ms, theirs 10.0 ms
        a against b
          ratio 1.00 (≤ 0.60: DOES NOT HOLD), from 0.90 to 1.20 over 3 pairs
          ours 12.5 ms, theirs 10.0 ms
        memory
          ratio 3.50 (≤ 4.00: holds)
        c against d
          not measured: d is not installed
        ");
    }
}
