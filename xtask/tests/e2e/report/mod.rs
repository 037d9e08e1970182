//! The page of `report`, in a browser.

mod checks;
mod looks;
mod scene;
mod works;
