//! `[[stage]]`: what announces a stage in the output of a repository's own scripts.

use timing_core::scan::StageKinds;

use super::reader::Reader;
use super::{ConfigError, file};

impl Reader<'_> {
    pub(super) fn stage_kinds(&self, entries: &[file::Stage]) -> Result<StageKinds, ConfigError> {
        let mut kinds = StageKinds::default();
        for file::Stage { start, end } in entries {
            // By itself first: it is known then which of the two is wrong.
            StageKinds::default()
                .add(start.get_ref(), None)
                .map_err(|reason| self.error(start, reason.to_string()))?;
            kinds
                .add(start.get_ref(), end.as_ref().map(|end| end.get_ref().as_str()))
                .map_err(|reason| self.error(end.as_ref().unwrap_or(start), reason.to_string()))?;
        }
        Ok(kinds)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::settings::Config;

    #[test]
    fn a_mistake_is_told_with_its_line() {
        let texts = [
            "[[stage]]\nend = '^done'\n",
            "[[stage]]\nstart = '^==> .+'\n",
            "[[stage]]\nstart = '^==> (?<name>.+'\n",
            "[[stage]]\nstart = '^==> (?<name>.+)'\nend = 'a{2,1}'\n",
            "[[stage]]\nstart = '^==> (?<name>.+)'\nstop = '^done'\n",
            "[stage]\nstart = '^==> (?<name>.+)'\n",
        ];
        let shown: String = texts
            .iter()
            .map(|text| {
                let error = Config::parse(text, Path::new("xtask.toml")).unwrap_err();
                format!("{}\n  {error}\n", text.trim_end().replace('\n', " ⏎ "))
            })
            .collect();
        insta::assert_snapshot!(shown, @r#"
        [[stage]] ⏎ end = '^done'
          xtask.toml line 1: start is missing, and it is required here
        [[stage]] ⏎ start = '^==> .+'
          xtask.toml line 2: the pattern "^==> .+" cannot be used: it has no group (?<name>…), which says what the stage is called
        [[stage]] ⏎ start = '^==> (?<name>.+'
          xtask.toml line 2: the pattern "^==> (?<name>.+" cannot be used: found open group without closing ')'
        [[stage]] ⏎ start = '^==> (?<name>.+)' ⏎ end = 'a{2,1}'
          xtask.toml line 3: the pattern "a{2,1}" cannot be used: found counted repetition with a min bigger than its max
        [[stage]] ⏎ start = '^==> (?<name>.+)' ⏎ stop = '^done'
          xtask.toml line 3: unknown key "stop"; known here: start, end
        [stage] ⏎ start = '^==> (?<name>.+)'
          xtask.toml line 1: there may be several of these: put the name between double brackets, [[…]]
        "#);
    }
}
