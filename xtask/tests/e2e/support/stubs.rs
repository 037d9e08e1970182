//! Programs that take the place of real ones and note how they were called.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::Scene;

/// Notes its name, arguments and environment, speaks on both streams, and ends as `failures` says.
const RECORDER: &str = r#"#!/bin/sh
name=${0##*/}
printf '$ %s\n' "$name" >>@/calls
for argument; do printf '%s\n' "- $argument" >>@/calls; done
env | sort | grep -v -E '^(_|PWD|OLDPWD|SHLVL)=' >@/environment
grep -v -x -F -f @/inherited @/environment | sed 's/^/+ /' >>@/calls
while read -r code call; do
    case "$name $*" in "$call"*) echo "$name fails" >&2; exit "$code" ;; esac
done <@/failures
"#;

impl Scene {
    /// With a program of this name in front of all others on `PATH`.
    pub(crate) fn program(self, name: &str, script: &str) -> Self {
        let path = self.outside().join("bin").join(name);
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    /// With recorders in place of all programs of the contract. Nothing real runs any more.
    pub(crate) fn recorders(self) -> Self {
        let inherited: String = self
            .variables()
            .iter()
            .map(|(k, v)| format!("{}={}\n", k.to_string_lossy(), v.to_string_lossy()))
            .collect();
        let at = self.outside().display().to_string();
        fs::write(self.outside().join("inherited"), inherited).unwrap();
        fs::write(self.outside().join("failures"), "").unwrap();
        fs::write(self.outside().join("calls"), "").unwrap();
        let script = RECORDER.replace('@', &at);
        let names = ["terraform", "tofu", "bash", "kubectl", "make"];
        names.into_iter().fold(self, |scene, name| scene.program(name, &script))
    }

    /// With recorders, of which the calls that begin with `call` exit with `code`.
    pub(crate) fn failing(self, call: &str, code: i32) -> Self {
        let path = self.outside().join("failures");
        let before = fs::read_to_string(&path).unwrap();
        fs::write(path, format!("{before}{code} {call}\n")).unwrap();
        self
    }

    /// What the recorders were called with since the last question: `$ program`, `- argument`,
    /// `+ VARIABLE=added to what the user had`.
    pub(crate) fn calls(&self) -> String {
        let path = self.outside().join("calls");
        let calls = fs::read_to_string(&path).unwrap();
        fs::write(path, "").unwrap();
        calls
    }

    /// The same without the environment, one call a line.
    pub(crate) fn commands(&self) -> Vec<String> {
        let mut commands: Vec<String> = Vec::new();
        for line in self.calls().lines() {
            match (line.split_at(2), commands.last_mut()) {
                (("$ ", name), _) => commands.push(name.to_owned()),
                (("- ", argument), Some(command)) => *command += &format!(" {argument}"),
                _ => {}
            }
        }
        commands
    }
}
