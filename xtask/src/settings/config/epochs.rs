//! epochs.toml: changes that were accepted, each with its reason.

use std::path::Path;

use timing_core::clock::UtcStamp;
use timing_core::history::Epoch;
use toml::Spanned;

use super::reader::Reader;
use super::{ConfigError, file};
use crate::settings::query::moment::Moment;

/// Reads the text of the file at `path`.
///
/// # Errors
///
/// On TOML that does not parse, an unknown key, a key that is missing and a value that is not
/// valid; always with the line.
pub fn parse_epochs(text: &str, path: &Path) -> Result<Vec<Epoch>, ConfigError> {
    let reader = Reader { text, path };
    let file: file::Epochs = toml::from_str(text).map_err(|error| reader.toml_error(&error))?;
    file.epoch.into_iter().map(|entry| reader.epoch(entry)).collect()
}

impl Reader<'_> {
    fn epoch(&self, entry: file::Epoch) -> Result<Epoch, ConfigError> {
        Ok(Epoch {
            since: self.since(&entry.since)?,
            why: self.why(entry.why)?,
            environment: entry.env.map(|name| self.value(name)).transpose()?,
            phase: entry.phase.map(|name| self.value(name)).transpose()?,
        })
    }

    fn since(&self, text: &Spanned<String>) -> Result<UtcStamp, ConfigError> {
        Moment::absolute(text.get_ref()).map(Moment::first).ok_or_else(|| {
            let reason = format!(
                "{:?} is no time: give a day (2026-03-01, in UTC) or a time (2026-03-01T09:30:00Z)",
                text.get_ref()
            );
            self.error(text, reason)
        })
    }

    fn why(&self, text: Spanned<String>) -> Result<String, ConfigError> {
        if text.get_ref().trim().is_empty() || text.get_ref().chars().any(char::is_control) {
            return Err(self.error(&text, "why has to say in one line what changed"));
        }
        Ok(text.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_begins_with_a_day_or_at_a_time() {
        let text = "[[epoch]]\nsince = \"2026-03-01\"\nwhy = \"encryption on\"\n\
                    [[epoch]]\nsince = \"2026-03-01T01:00:00+02:00\"\nwhy = \"other nodes\"\n\
                    env = \"dev\"\nphase = \"apply-persistent\"\n";
        let epochs = parse_epochs(text, Path::new("epochs.toml")).unwrap();
        let shown: Vec<String> = epochs
            .iter()
            .map(|e| format!("{} {} {:?} {:?}", e.since, e.why, e.environment, e.phase))
            .collect();
        insta::assert_snapshot!(shown.join("\n"), @r#"
        2026-03-01T00:00:00Z encryption on None None
        2026-02-28T23:00:00Z other nodes Some(Environment("dev")) Some(Phase("apply-persistent"))
        "#);
        assert_eq!(parse_epochs("", Path::new("epochs.toml")), Ok(Vec::new()));
    }

    #[test]
    fn a_mistake_is_one_line_with_its_place_and_a_way_out() {
        let texts = [
            "[[epoch]]\nsince = \"2026-03-01\"\n",
            "[[epoch]]\nwhy = \"x\"\n",
            "\n[[epoch]]\nsince = \"2026-03-01\"\nwhy = \"x\"\nphases = \"build\"\n",
            "[[epochs]]\nsince = \"2026-03-01\"\nwhy = \"x\"\n",
            "[epoch]\nsince = \"2026-03-01\"\nwhy = \"x\"\n",
            "[[epoch]]\nsince = \"2026-02-30\"\nwhy = \"x\"\n",
            "[[epoch]]\nsince = \"30d\"\nwhy = \"x\"\n",
            "[[epoch]]\nsince = 2026-03-01\nwhy = \"x\"\n",
            "[[epoch]]\nsince = \"2026-03-01\"\nwhy = \"\"\n",
            "[[epoch]]\nsince = \"2026-03-01\"\nwhy = \"x\"\nenv = \"../x\"\n",
            "[[epoch]]\nsince = \"2026-03-01\"\nwhy = \"x\"\nphase = \"Build\"\n",
            "[[epoch]\n",
        ];
        let error = |text| parse_epochs(text, Path::new("/repo/epochs.toml")).unwrap_err();
        let shown: String = texts
            .iter()
            .map(|text| format!("{}\n  {}\n", text.trim_end().replace('\n', " ⏎ "), error(text)))
            .collect();
        insta::assert_snapshot!(shown, @r#"
        [[epoch]] ⏎ since = "2026-03-01"
          /repo/epochs.toml line 1: why is missing, and it is required here
        [[epoch]] ⏎ why = "x"
          /repo/epochs.toml line 1: since is missing, and it is required here
         ⏎ [[epoch]] ⏎ since = "2026-03-01" ⏎ why = "x" ⏎ phases = "build"
          /repo/epochs.toml line 5: unknown key "phases"; did you mean phase?
        [[epochs]] ⏎ since = "2026-03-01" ⏎ why = "x"
          /repo/epochs.toml line 1: unknown key "epochs"; did you mean epoch?
        [epoch] ⏎ since = "2026-03-01" ⏎ why = "x"
          /repo/epochs.toml line 1: there may be several of these: put the name between double brackets, [[…]]
        [[epoch]] ⏎ since = "2026-02-30" ⏎ why = "x"
          /repo/epochs.toml line 2: "2026-02-30" is no time: give a day (2026-03-01, in UTC) or a time (2026-03-01T09:30:00Z)
        [[epoch]] ⏎ since = "30d" ⏎ why = "x"
          /repo/epochs.toml line 2: "30d" is no time: give a day (2026-03-01, in UTC) or a time (2026-03-01T09:30:00Z)
        [[epoch]] ⏎ since = 2026-03-01 ⏎ why = "x"
          /repo/epochs.toml line 2: invalid type: map, expected a string: put the value between double quotes
        [[epoch]] ⏎ since = "2026-03-01" ⏎ why = ""
          /repo/epochs.toml line 3: why has to say in one line what changed
        [[epoch]] ⏎ since = "2026-03-01" ⏎ why = "x" ⏎ env = "../x"
          /repo/epochs.toml line 4: "../x" is not a valid environment: it is letters, digits, '-', '_' and '.', at most 64, starting with a letter or digit
        [[epoch]] ⏎ since = "2026-03-01" ⏎ why = "x" ⏎ phase = "Build"
          /repo/epochs.toml line 4: "Build" is not a valid phase: it is lower-case letters, digits and '-', at most 64, starting with a letter or digit
        [[epoch]
          /repo/epochs.toml line 1: unclosed array table, expected `]`
        "#);
    }
}
