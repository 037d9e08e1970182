//! Carries out one scene: the runs under their fault, and the kills. What comes after is for
//! `settle`.

use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

use super::Failure;
use super::child::{Call, Child, gone, kill_marked, kill_marked_here};
use super::faults::{self, Active, Unavailable};
use super::judge::Verdict;
use super::ledger::{Event, Watch};
use super::plan::{Kill, Moment, Run, Scene, Victim};
use super::settle::Settling;
use super::stage::{STAGE_MARK, Stage};
use crate::cli::SoakOptions;

/// Marks every process of a run.
const RUN_MARK: &str = "SOAK_TOKEN";

/// By these words a run says that a kill would lose it.
const NO_JOURNAL: &str = "this run has no journal";

/// Far beyond what any run takes on a busy machine, even with a remote that hangs.
pub(super) const LONGEST_RUN: Duration = Duration::from_secs(120);

/// How long what lives on behind a run may take.
const LONGEST_BACKGROUND: Duration = Duration::from_secs(60);

/// How often a run that had ended before its kill is tried again.
const ATTEMPTS: u32 = 6;

/// What a scene came to.
pub(super) enum Outcome {
    Judged(Verdict),
    /// The machine cannot do this.
    Skipped(String),
}

/// What all runs of a scene share.
struct Running<'a> {
    program: &'a Path,
    scene: &'a Scene,
    stage: Stage,
    clock: Vec<(OsString, OsString)>,
    deadline: Instant,
}

/// Carries out `scene` below `directory`; no run starts after `deadline`.
pub(super) fn run(
    program: &Path,
    directory: &Path,
    scene: &Scene,
    options: &SoakOptions,
    deadline: Instant,
) -> Result<Outcome, Failure> {
    let stage = Stage::build(directory, scene)?;
    let active = match faults::begin(&stage, scene, options) {
        Ok(active) => active,
        Err(Unavailable::Skipped(reason)) => return Ok(Outcome::Skipped(reason)),
        Err(Unavailable::Failed(error)) => return Err(error),
    };
    let clock = match &active {
        Active::Clock(steps) => steps.variables(),
        _ => Vec::new(),
    };
    let running = Running { program, scene, stage, clock, deadline };
    let unfinished = running.lanes()?;
    let left = gone(STAGE_MARK, &running.stage.mark(), running.patience(&active));
    let healed = active.heal(&running.stage)?;
    let settling = Settling { program, scene, stage: &running.stage };
    let mut verdict = settling.settle()?;
    drop(healed);
    if unfinished > 0 {
        verdict.other.push(format!("{}: {unfinished} runs had no time left", scene.name));
    }
    if left > 0 {
        verdict.other.push(format!("{}: {left} processes stayed behind", scene.name));
    }
    Ok(Outcome::Judged(verdict))
}

impl Running<'_> {
    /// All lanes at once; how many runs had no time left.
    fn lanes(&self) -> Result<usize, Failure> {
        std::thread::scope(|scope| {
            let lanes: Vec<_> =
                self.scene.lanes.iter().map(|lane| scope.spawn(|| self.lane(lane))).collect();
            let mut unfinished = 0;
            for lane in lanes {
                let done = lane.join().map_err(|_| "a lane panicked")?;
                unfinished += done?;
            }
            Ok(unfinished)
        })
    }

    fn lane(&self, runs: &[Run]) -> Result<usize, String> {
        for (done, run) in runs.iter().enumerate() {
            if Instant::now() >= self.deadline {
                return Ok(runs.len() - done);
            }
            self.run(run).map_err(|error| format!("{}: {error}", run.token))?;
        }
        Ok(0)
    }

    /// One run; one that ends before it is killed is tried again with an earlier kill.
    fn run(&self, run: &Run) -> Result<(), Failure> {
        self.stage.set_policy(run.clone, run.policy)?;
        let mut kill = run.kill;
        for attempt in 0..ATTEMPTS {
            let token = match attempt {
                0 => run.token.clone(),
                _ => format!("{}-{attempt}", run.token),
            };
            if self.attempt(run, &token, kill)? == Hit::Done {
                break;
            }
            kill = kill.map(|kill| Kill { moment: kill.moment.earlier(), ..kill });
        }
        Ok(())
    }

    fn attempt(&self, run: &Run, token: &str, kill: Option<Kill>) -> Result<Hit, Failure> {
        let ledger = &self.stage.ledger;
        let destination = run.destination(self.scene.remote);
        let mut watch = ledger.watch()?;
        ledger.note(token, Event::Started { target: run.target, destination })?;
        let mut child = self.start(run, token)?;
        let limit = Instant::now() + LONGEST_RUN;
        let ended = match kill.filter(|kill| kill.victim != Victim::Background) {
            Some(kill) => self.wait_for(kill.moment, run, token, &mut watch, &mut child)?,
            None => child.wait(limit)?,
        };
        let hit = match (ended, kill) {
            (Some(code), kill) => {
                let expected = run.expected_code();
                ledger.note(token, Event::Exited { code, expected })?;
                self.note_what_was_said(token)?;
                self.background(token, kill)
            }
            (None, Some(kill)) => {
                // It may have ended at this very moment.
                let code = child.kill()?;
                let killed = code == 137;
                let expected = run.expected_code();
                let event = if killed { Event::Killed } else { Event::Exited { code, expected } };
                ledger.note(token, event)?;
                if kill.victim == Victim::Everything {
                    kill_marked_here(RUN_MARK, token, &self.stage.remote_repository());
                }
                gone(RUN_MARK, token, LONGEST_BACKGROUND);
                if killed { Hit::Done } else { Hit::Missed }
            }
            (None, None) => {
                kill_marked(RUN_MARK, token);
                child.kill()?;
                ledger.note(token, Event::Hung)?;
                Hit::Done
            }
        };
        Ok(hit)
    }

    /// What follows when a run has ended by itself.
    fn background(&self, token: &str, kill: Option<Kill>) -> Hit {
        match kill {
            None => Hit::Done,
            Some(Kill { victim: Victim::Background, moment }) => {
                let (Moment::AfterStart(delay) | Moment::AfterLastStep(delay)) = moment;
                std::thread::sleep(delay);
                // It may have done its work already; there will be others.
                kill_marked_here(RUN_MARK, token, &self.stage.remote_repository());
                Hit::Done
            }
            Some(Kill { victim: Victim::Program | Victim::Everything, .. }) => Hit::Missed,
        }
    }

    fn start(&self, run: &Run, token: &str) -> Result<Child, Failure> {
        let steps: Vec<String> = run
            .steps
            .iter()
            .map(|step| format!("{}={}:{}", step.phase, step.takes.as_secs_f64(), step.code))
            .collect();
        let mut variables = self.stage.variables_on(run.machine);
        variables.extend([
            (RUN_MARK.into(), token.into()),
            ("SOAK_STEPS".into(), steps.join(" ").into()),
            ("PERSISTENT_CLUSTER".into(), token.into()),
        ]);
        variables.extend(self.clock.iter().cloned());
        let version = "BOOTSTRAP_VERSION=v3";
        let arguments = [run.target.as_str(), "ENV=dev", version, "CONFIRM_DESTROY=yes"];
        Ok(Call {
            program: self.program.as_os_str(),
            arguments: &arguments,
            directory: &self.stage.clone_at(run.clone),
            variables: &variables,
            output: &self.stage.output(token),
        }
        .start()?)
    }

    /// Waits for the moment of the kill; the exit code, when the run ends before.
    fn wait_for(
        &self,
        moment: Moment,
        run: &Run,
        token: &str,
        watch: &mut Watch,
        child: &mut Child,
    ) -> Result<Option<i32>, Failure> {
        let delay = match moment {
            Moment::AfterStart(delay) => delay,
            Moment::AfterLastStep(delay) => {
                let limit = Instant::now() + LONGEST_RUN;
                let phase = run.last_step().map_or("", |step| step.phase);
                while !watch.has_ended(token, phase)? {
                    let ended = child.wait(Instant::now() + Duration::from_millis(1))?;
                    if ended.is_some() || Instant::now() >= limit {
                        return Ok(ended);
                    }
                }
                delay
            }
        };
        Ok(child.wait(Instant::now() + delay)?)
    }

    fn note_what_was_said(&self, token: &str) -> Result<(), Failure> {
        let said = std::fs::read(self.stage.output(token))?;
        if String::from_utf8_lossy(&said).contains(NO_JOURNAL) {
            self.stage.ledger.note(token, Event::SaidSo)?;
        }
        Ok(())
    }

    /// What lives on behind runs whose remote hangs is not worth waiting for.
    fn patience(&self, active: &Active) -> Duration {
        match active {
            Active::Address { .. } => LONGEST_BACKGROUND / 2,
            _ => LONGEST_BACKGROUND,
        }
    }
}

/// Whether a kill met its victim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hit {
    Done,
    Missed,
}
