//! What of a plan is done.

/// Whether the plan is carried out or only shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// Carried out.
    #[default]
    Run,
    /// Shown.
    DryRun,
}

/// How much of a plan is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Portion {
    /// All of it.
    #[default]
    Whole,
    /// `--from PHASE`: this phase and what comes after it. Only the plan knows whether it has one.
    From(String),
    /// `--only PHASE`: this phase alone.
    Only(String),
}
