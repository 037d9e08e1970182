//! A row as its plainest reader sees it: split at every comma.

/// The fields of a row, as text but for the numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) start: String,
    pub(crate) end: String,
    pub(crate) phase: String,
    pub(crate) env: String,
    pub(crate) build_id: String,
    pub(crate) duration: u64,
    pub(crate) exit_code: i32,
    pub(crate) flags: String,
    pub(crate) added: u64,
    pub(crate) changed: u64,
    pub(crate) destroyed: u64,
    pub(crate) log: String,
}

impl Row {
    /// Reads a line of twelve fields.
    pub(crate) fn parse(line: &str) -> Self {
        let fields: Vec<&str> = line.split(',').collect();
        let [start, end, phase, env, build_id, duration, exit, flags, added, changed, gone, log] =
            fields[..]
        else {
            panic!("{} fields where a row has 12: {line:?}", fields.len())
        };
        let number = |text: &str| text.parse().unwrap_or_else(|_| panic!("{text:?} in {line:?}"));
        Self {
            start: start.to_owned(),
            end: end.to_owned(),
            phase: phase.to_owned(),
            env: env.to_owned(),
            build_id: build_id.to_owned(),
            duration: number(duration),
            exit_code: exit.parse().unwrap_or_else(|_| panic!("{exit:?} in {line:?}")),
            flags: flags.to_owned(),
            added: number(added),
            changed: number(changed),
            destroyed: number(gone),
            log: log.to_owned(),
        }
    }

    /// The value of the flag `key`.
    pub(crate) fn flag(&self, key: &str) -> Option<&str> {
        self.flags
            .split(' ')
            .filter_map(|pair| pair.split_once('='))
            .find(|(k, _)| *k == key)
            .map(|(_, value)| value)
    }
}
