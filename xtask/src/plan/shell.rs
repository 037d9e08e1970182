//! Words as a shell reads them, for people to paste. Nothing that xtask runs goes through a shell.
//!
//! The usual crates quote `-chdir=envs/dev` and `ENV=dev`, which no person would; since every line
//! of a dry run is such a word, the few lines that leave them alone are our own.

use std::fmt::Write;

use super::{Argv, Step};

/// `word` as bash and zsh read it back. Words with control characters become `$'…'`, so that the
/// result stays on one line.
#[must_use]
pub fn quote(word: &str) -> String {
    if !word.is_empty() && !word.starts_with('=') && word.bytes().all(is_plain) {
        return word.to_owned();
    }
    if !word.chars().any(char::is_control) {
        return format!("'{}'", word.replace('\'', r"'\''"));
    }
    let mut quoted = "$'".to_owned();
    for c in word.chars() {
        match c {
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            '\'' | '\\' => quoted.extend(['\\', c]),
            // Octal, by byte: three digits end by themselves, whatever follows.
            c if c.is_control() => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    let _ = write!(quoted, "\\{byte:03o}");
                }
            }
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

/// What no shell treats specially within a word. A leading `=` is special to zsh.
fn is_plain(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"-_./:,=@%+".contains(&b)
}

/// The command as it is typed.
#[must_use]
pub fn command(argv: &Argv) -> String {
    // A first word with `=` in it would be an assignment.
    let program = match argv.program() {
        program if program.contains('=') => format!("'{}'", program.replace('\'', r"'\''")),
        program => quote(program),
    };
    argv.args().iter().fold(program, |line, word| line + " " + &quote(word))
}

/// The step's command with the environment that it adds in front.
#[must_use]
pub fn step(step: &Step) -> String {
    let environment: String =
        step.env.iter().map(|(key, value)| format!("{key}={} ", quote(value))).collect();
    environment + &command(&step.argv)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What bash makes of `script`, split at NUL.
    #[expect(clippy::disallowed_types, reason = "asks the real shell, with nothing to inherit")]
    fn bash(script: &str) -> Vec<String> {
        let output = std::process::Command::new("bash")
            .args(["--norc", "--noprofile", "-c", script])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .output()
            .unwrap();
        assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        text.split_terminator('\0').map(str::to_owned).collect()
    }

    #[test]
    fn what_needs_no_quotes_gets_none() {
        for word in ["-chdir=envs/dev", "ENV=dev", "-var=enable_k8s_resources=true", "a@b:c,d%+"] {
            assert_eq!(quote(word), word);
        }
        assert_eq!(quote(""), "''");
        assert_eq!(quote("it's"), r"'it'\''s'");
        assert_eq!(quote("a\nb\u{1b}'"), r"$'a\nb\033\''");
        assert_eq!(command(&Argv::new("A=b", ["~"])), "'A=b' '~'");
    }

    proptest! {
        // Each case asks a shell, so a case holds many words.
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn a_shell_reads_back_what_was_quoted(
            words in prop::collection::vec(
                prop_oneof![
                    "[^\0]{0,24}",
                    "[ '\"$`\\\\!*?~#&;|<>(){}\\[\\]=\n\t\u{1}\u{7f}\u{85}a0é]{0,16}",
                ],
                1..24,
            )
        ) {
            let line: Vec<String> = words.iter().map(|word| quote(word)).collect();
            let line = line.join(" ");
            prop_assert!(!line.contains('\n'));
            prop_assert_eq!(bash(&format!("printf '%s\\0' {line}")), words);
        }
    }
}
