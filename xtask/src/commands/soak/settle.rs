//! After the runs: everything brought where it belongs, and counted.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use super::Failure;
use super::child::{Call, Child};
use super::inspect;
use super::judge::{Excuse, Verdict, judge};
use super::plan::{Fault, Machine, Policy, Scene};
use super::runner::LONGEST_RUN;
use super::stage::Stage;

/// How often everything is synchronised before what is still pending counts as stuck.
const SYNCHRONISATIONS: usize = 10;

/// What there is to settle.
pub(super) struct Settling<'a> {
    pub(super) program: &'a Path,
    pub(super) scene: &'a Scene,
    pub(super) stage: &'a Stage,
}

impl Settling<'_> {
    /// Brings all rows where they belong, and counts them.
    pub(super) fn settle(&self) -> Result<Verdict, Failure> {
        let inbox = self.scene.drains > 0;
        if inbox {
            // First as each clone has it; then whoever never sends anything by himself is told to.
            self.synchronise(&["registry", "sync"])?;
            self.drain()?;
        }
        for index in 0..self.scene.clones {
            self.stage.set_policy(index, Policy::Always)?;
        }
        self.let_locks_grow_old()?;
        let mut answers = Vec::new();
        for _ in 0..SYNCHRONISATIONS {
            answers = self.synchronise(&["registry", "sync"])?;
            if inbox {
                self.drain()?;
            }
            let pending = inspect::pending(self.stage);
            if answers.iter().all(|code| *code == 0) && pending.is_empty() {
                break;
            }
        }
        let (rows, faults) = inspect::inspect(self.stage)?;
        let excuse = match self.scene.fault {
            Fault::Full(_) => Excuse::DiskFull,
            _ => Excuse::None,
        };
        let mut verdict = judge(&self.stage.ledger.read()?, &rows, excuse);
        verdict.other.extend(faults);
        let pending = inspect::pending(self.stage);
        if !pending.is_empty() || answers.iter().any(|code| *code != 0) {
            verdict.other.push(format!(
                "{}: after {SYNCHRONISATIONS} synchronisations (exit codes {answers:?}) there wait \
                 {pending:?}",
                self.scene.name
            ));
        }
        Ok(verdict)
    }

    /// Nothing of the scene runs any more, so a lock in a clone is one that a killed git left. An
    /// hour passes for it.
    fn let_locks_grow_old(&self) -> Result<(), Failure> {
        let hour = Duration::from_secs(3600);
        for index in 0..self.scene.clones {
            let git = self.stage.clone_at(index).join(".git/refs");
            for lock in locks(&git)? {
                let file = File::options().write(true).open(lock)?;
                file.set_modified(SystemTime::now() - hour)?;
            }
        }
        Ok(())
    }

    /// `arguments` in every clone, one after the other, as in CI; their exit codes.
    fn synchronise(&self, arguments: &[&str]) -> Result<Vec<i32>, Failure> {
        let clones = 0..self.scene.clones;
        clones.map(|index| self.finish(self.command(index, arguments)?)).collect()
    }

    /// As many drains at once as the scene has.
    fn drain(&self) -> Result<(), Failure> {
        let drain = |index| self.command(index % self.scene.clones, &["registry", "drain"]);
        let children: Vec<Child> = (0..self.scene.drains).map(drain).collect::<Result<_, _>>()?;
        for child in children {
            self.finish(child)?;
        }
        Ok(())
    }

    fn command(&self, clone: usize, arguments: &[&str]) -> Result<Child, Failure> {
        Ok(Call {
            program: self.program.as_os_str(),
            arguments,
            directory: &self.stage.clone_at(clone),
            variables: &self.stage.variables_on(Machine::Ci),
            output: &self.stage.output(&format!("{}-{clone}", arguments.join("-"))),
        }
        .start()?)
    }

    fn finish(&self, mut child: Child) -> Result<i32, Failure> {
        match child.wait(Instant::now() + LONGEST_RUN)? {
            Some(code) => Ok(code),
            None => {
                child.kill()?;
                Err(format!("{}: a synchronisation did not end", self.scene.name).into())
            }
        }
    }
}

fn locks(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(locks(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "lock") {
            found.push(path);
        }
    }
    Ok(found)
}
