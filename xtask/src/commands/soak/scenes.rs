//! The scenes of a soak, drawn from its seed: pure, so that a seed tells the whole story again.

use std::time::Duration;

use super::plan::{
    Fault, Kill, Machine, Moment, Policy, Remote, RemoteFault, Run, Scene, Step, Store, Target,
    Victim,
};
use super::random::Random;
use crate::cli::SoakOptions;

/// How many runs are under way at once where the plan does not ask for more.
const LANES: usize = 4;

/// Of so many runs in a scene of kills one is left alone, so that somebody takes along what the
/// others leave.
const LEFT_ALONE: u64 = 5;

/// Runs in a scene that is about a fault.
const RUNS_UNDER_A_FAULT: usize = 6;

/// All scenes that `options` ask for.
pub(super) fn scenes(seed: u64, options: &SoakOptions) -> Vec<Scene> {
    let pushing = options.kills * 3 / 10;
    let detached = options.kills / 5;
    let local = options.kills - pushing - detached;
    let (bare, none) = (Remote::Bare, Remote::None);
    let mut scenes = vec![
        Draft::new(seed, "kills-local", 1, none).kills(local, Policy::Ci, Machine::Workstation),
        Draft::new(seed, "kills-pushing", 2, bare).kills(pushing, Policy::Always, Machine::Ci),
        Draft::new(seed, "kills-detached", 2, bare).kills(
            detached,
            Policy::Always,
            Machine::Workstation,
        ),
        Draft::new(seed, "writers", 1, none).writers(options.writers, options.rows),
        Draft::new(seed, "clones", options.clones, bare).writers(options.clones, options.rows),
        Draft::new(seed, "policies", 4, bare).policies(),
        Draft::new(seed, "inbox", 3, bare).inbox(),
        Draft::new(seed, "clock", 1, none).under(Fault::Clock),
    ];
    let remote_faults = [
        ("remote-refusing", RemoteFault::Refusing),
        ("remote-hanging", RemoteFault::Hanging),
        ("remote-rejecting", RemoteFault::Rejecting),
        ("remote-slow", RemoteFault::Slow),
        ("remote-corrupting", RemoteFault::Corrupting),
        ("remote-read-only", RemoteFault::ReadOnly),
    ];
    scenes.extend(
        remote_faults
            .map(|(name, fault)| Draft::new(seed, name, 2, bare).under(Fault::Remote(fault))),
    );
    let stores = [
        ("full-journal", Store::Journal),
        ("full-logs", Store::Logs),
        ("full-objects", Store::Objects),
        ("full-references", Store::References),
        ("full-repository", Store::Repository),
    ];
    scenes.extend(
        stores.map(|(name, store)| Draft::new(seed, name, 1, none).under(Fault::Full(store))),
    );
    let asked_for = |scene: &Scene| {
        options.only.is_empty() || options.only.iter().any(|name| scene.name.starts_with(name))
    };
    scenes.retain(|scene| asked_for(scene) && !scene.lanes.is_empty());
    scenes
}

/// A scene that is being drawn.
struct Draft {
    scene: Scene,
    random: Random,
    runs: usize,
}

impl Draft {
    fn new(seed: u64, name: &'static str, clones: usize, remote: Remote) -> Self {
        let mut random = Random::of(seed, name);
        let numbers = random.next();
        let lanes = Vec::new();
        let scene = Scene { name, clones, remote, fault: Fault::None, lanes, drains: 0, numbers };
        Self { scene, random, runs: 0 }
    }

    fn run(&mut self, clone: usize, policy: Policy, machine: Machine) -> Run {
        let target = match self.random.below(4) {
            0 => Target::Deploy,
            1 => Target::Teardown,
            _ => Target::Apply,
        };
        let steps = target.steps().iter().map(|phase| self.step(phase)).collect();
        let token = format!("soak-{}-{}", self.scene.name, self.runs);
        self.runs += 1;
        Run { token, clone, policy, machine, target, steps, kill: None }
    }

    fn step(&mut self, phase: &'static str) -> Step {
        let millis = match self.random.below(4) {
            0 => self.random.between(20, 150),
            _ => self.random.below(10),
        };
        let code = match self.random.below(4) {
            0 => u8::try_from(self.random.between(1, 126)).unwrap_or(1),
            _ => 0,
        };
        Step { phase, takes: Duration::from_millis(millis), code }
    }

    /// `kills` runs that die, and some that do not.
    fn kills(mut self, kills: usize, policy: Policy, machine: Machine) -> Scene {
        let lanes = LANES.min(kills);
        self.scene.lanes = vec![Vec::new(); lanes];
        let mut killed = 0;
        while killed < kills {
            let lane = self.runs % lanes;
            let mut run = self.run(lane % self.scene.clones, policy, machine);
            if !self.random.once_in(LEFT_ALONE) {
                run.kill = Some(self.kill());
                killed += 1;
            }
            self.scene.lanes[lane].push(run);
        }
        // What is left in the background can be killed too, where there is anything.
        if policy == Policy::Always && machine == Machine::Workstation {
            for index in 0..kills / 2 {
                let lane = index % lanes;
                let mut run = self.run(lane % self.scene.clones, policy, machine);
                let moment = Moment::AfterStart(self.millis(120));
                run.kill = Some(Kill { victim: Victim::Background, moment });
                self.scene.lanes[lane].push(run);
            }
        }
        self.scene
    }

    fn millis(&mut self, bound: u64) -> Duration {
        Duration::from_micros(self.random.below(bound * 1000))
    }

    fn kill(&mut self) -> Kill {
        let victim = if self.random.once_in(2) { Victim::Program } else { Victim::Everything };
        let moment = match self.random.below(5) {
            // Before the first command.
            0 => Moment::AfterStart(self.millis(30)),
            1 => Moment::AfterStart(self.millis(300)),
            2 => Moment::AfterLastStep(self.millis(15)),
            3 => Moment::AfterLastStep(self.millis(60)),
            _ => Moment::AfterLastStep(self.millis(250)),
        };
        Kill { victim, moment }
    }

    /// `writers` at once, each with `rows` runs of one phase.
    fn writers(mut self, writers: usize, rows: usize) -> Scene {
        let machine = match self.scene.remote {
            Remote::None => Machine::Workstation,
            Remote::Bare => Machine::Ci,
        };
        self.scene.lanes = (0..writers)
            .map(|writer| {
                let clone = writer % self.scene.clones;
                (0..rows).map(|_| self.short(clone, Policy::Always, machine)).collect()
            })
            .collect();
        self.scene
    }

    /// A run of one phase that takes no time.
    fn short(&mut self, clone: usize, policy: Policy, machine: Machine) -> Run {
        let mut run = self.run(clone, policy, machine);
        run.target = Target::Apply;
        let code = if self.random.once_in(4) { 3 } else { 0 };
        run.steps = vec![Step { phase: "apply-persistent", takes: Duration::ZERO, code }];
        run
    }

    /// Each clone goes from policy to policy.
    fn policies(mut self) -> Scene {
        let policies = [Policy::Ci, Policy::Always, Policy::Never, Policy::Inbox];
        self.scene.lanes = (0..self.scene.clones)
            .map(|clone| {
                (0..RUNS_UNDER_A_FAULT)
                    .map(|_| {
                        let drawn = usize::try_from(self.random.below(4)).unwrap_or(0);
                        let policy = policies.get(drawn).copied().unwrap_or(Policy::Ci);
                        let machine = self.machine();
                        self.run(clone, policy, machine)
                    })
                    .collect()
            })
            .collect();
        self.scene.drains = 1;
        self.scene
    }

    fn machine(&mut self) -> Machine {
        if self.random.once_in(2) { Machine::Ci } else { Machine::Workstation }
    }

    /// Workstations send rows to inboxes, and two drain them at once.
    fn inbox(mut self) -> Scene {
        self.scene.lanes = (0..self.scene.clones)
            .map(|clone| {
                (0..RUNS_UNDER_A_FAULT)
                    .map(|_| self.run(clone, Policy::Inbox, Machine::Workstation))
                    .collect()
            })
            .collect();
        self.scene.drains = 2;
        self.scene
    }

    fn under(mut self, fault: Fault) -> Scene {
        self.scene.fault = fault;
        let lanes = if self.scene.remote == Remote::None { 3 } else { self.scene.clones };
        // A remote that hangs costs each run in CI its whole time-out.
        let patient = fault == Fault::Remote(RemoteFault::Hanging);
        self.scene.lanes = (0..lanes)
            .map(|lane| {
                (0..RUNS_UNDER_A_FAULT)
                    .map(|index| {
                        let machine = match (patient, index) {
                            (true, 0) => Machine::Ci,
                            (true, _) => Machine::Workstation,
                            (false, _) => self.machine(),
                        };
                        self.run(lane % self.scene.clones, Policy::Always, machine)
                    })
                    .collect()
            })
            .collect();
        self.scene
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn options() -> SoakOptions {
        SoakOptions { kills: 40, writers: 8, clones: 4, rows: 5, ..SoakOptions::default() }
    }

    #[test]
    fn a_seed_tells_the_same_story_again() {
        assert_eq!(scenes(7, &options()), scenes(7, &options()));
        assert_ne!(scenes(7, &options()), scenes(8, &options()));
    }

    #[test]
    fn one_scene_alone_is_what_it_is_among_the_others() {
        let only = vec!["full-refs".to_owned(), "inbox".to_owned()];
        let alone = scenes(7, &SoakOptions { only, ..options() });
        assert_eq!(alone.iter().map(|scene| scene.name).collect::<Vec<_>>(), ["inbox"]);
        assert!(scenes(7, &options()).contains(&alone[0]));
    }

    #[test]
    fn there_are_as_many_kills_writers_and_clones_as_asked_for_and_no_token_twice() {
        let scenes = scenes(7, &options());
        let runs = || scenes.iter().flat_map(|scene| scene.lanes.iter().flatten());
        let dies = |run: &&Run| run.kill.is_some_and(|kill| kill.victim != Victim::Background);
        assert_eq!(runs().filter(dies).count(), 40);
        let lanes = |name: &str| {
            let scene = scenes.iter().find(|scene| scene.name == name).unwrap();
            scene.lanes.iter().map(Vec::len).collect::<Vec<_>>()
        };
        assert_eq!(lanes("writers"), [5; 8]);
        assert_eq!(lanes("clones"), [5; 4]);
        let tokens: HashSet<&str> = runs().map(|run| run.token.as_str()).collect();
        assert_eq!(tokens.len(), runs().count());
    }
}
