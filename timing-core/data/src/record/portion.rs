//! Which rows are of a whole phase.

/// The flag of a deployment that began with a phase other than its first; its value is that phase.
pub const FROM: &str = "FROM";

/// The flag of a deployment of which one phase was carried out; its value is that phase.
pub const ONLY: &str = "ONLY";

/// Whether a row of `phase` with these flags (`flag` returns the value of a key) is of a part of
/// that phase: what it took says nothing of the whole. The phase that its flag names was whole.
pub fn is_part<'a>(phase: &str, flag: impl Fn(&str) -> Option<&'a str>) -> bool {
    [FROM, ONLY].into_iter().any(|key| flag(key).is_some_and(|chosen| chosen != phase))
}
