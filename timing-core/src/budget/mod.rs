//! Budgets: limits on what is measured, and what measures it.

pub mod probe;
