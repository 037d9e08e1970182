//! The page of `report`, in a browser.

mod checks;
