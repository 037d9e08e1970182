use super::*;
use crate::table::Table;

/// Rows that differ in as many fields as rows do.
fn file(names: &[&str]) -> String {
    let row = |name: &&str| match *name {
        text if text.len() > 3 => text.to_owned(),
        name => format!(
            "2026-01-{name}T14:43:27Z,2026-01-{name}T14:45:31Z,build,dev,b,124,0,RUN=r{name},3,1,0,logs/{name}.log"
        ),
    };
    names.iter().map(row).fold(String::new(), |text, row| text + &row + "\n")
}

fn comparison(old: &str, new: &str) -> Comparison {
    compare(&entries(Table::Timings, old.as_bytes()), &entries(Table::Timings, new.as_bytes()))
}

#[test]
fn only_what_changes_no_earlier_byte_is_an_append() {
    let old = file(&["01", "02"]);
    let new = file(&["01", "02", "03"]);
    assert_eq!(appended(old.as_bytes(), new.as_bytes()), Some(file(&["03"]).as_bytes()));
    let unended = old.trim_end().as_bytes();
    assert_eq!(
        appended(unended, new.as_bytes()).unwrap(),
        ["\n", &file(&["03"])].concat().as_bytes()
    );
    assert_eq!(appended(unended, [unended, b"\r\n"].concat().as_slice()), Some(&b"\r\n"[..]));
    assert_eq!(appended(unended, [unended, b"2\n"].concat().as_slice()), None);
    assert_eq!(appended(b"", b"x"), Some(&b"x"[..]));
    assert_eq!(appended(b"x\n", b""), None);
}

#[test]
fn rows_at_the_end_that_are_gone() {
    let found = comparison(&file(&["01", "02", "03"]), &file(&["01"]));
    assert_eq!((found.removed, found.dropped, found.cut_short), (vec![1, 2], vec![1, 2], true));
}

#[test]
fn a_stale_file_with_a_row_of_its_own() {
    let found = comparison(&file(&["01", "02", "03"]), &file(&["01", "09"]));
    assert_eq!(found.removed, [1, 2]);
    assert_eq!((found.new, found.inserted, found.cut_short), (vec![1], vec![], false));
}

#[test]
fn a_row_of_the_same_identity_is_edited_and_not_dropped() {
    let old = file(&["01", "02", "03"]);
    let found = comparison(&old, &old.replace("124,0,RUN=r02", "99,1,RUN=r02"));
    assert_eq!((found.edited, found.removed, found.dropped), (vec![(1, 1)], vec![], vec![]));
    assert_eq!(found.new, [1]);
}

#[test]
fn a_row_whose_identity_was_edited_is_edited_and_dropped() {
    let old = file(&["01", "02", "03"]);
    let found = comparison(&old, &old.replace("RUN=r02", "RUN=r77"));
    assert_eq!((found.edited, found.removed, found.dropped), (vec![(1, 1)], vec![], vec![1]));
    assert_eq!(found.inserted, [] as [usize; 0]);
}

#[test]
fn a_new_order_names_the_rows_that_moved() {
    let found = comparison(&file(&["01", "02", "03", "04"]), &file(&["04", "01", "02", "03"]));
    assert_eq!(found.reordered, [0]);
    assert_eq!((found.removed.len(), found.new.len(), found.dropped.len()), (0, 0, 0));
}

#[test]
fn a_row_before_others_is_inserted() {
    let found = comparison(&file(&["01", "02"]), &file(&["01", "09", "02", "08"]));
    assert_eq!((found.inserted, found.new), (vec![1], vec![1, 3]));
}

#[test]
fn rows_of_the_same_content_are_counted() {
    let found = comparison(&file(&["01", "01", "01"]), &file(&["01"]));
    assert_eq!(found.dropped, [1, 2]);
    assert_eq!(comparison(&file(&["01", "01"]), &file(&["01", "01"])).dropped, [] as [usize; 0]);
}

#[test]
fn another_spelling_is_no_other_row() {
    let old = file(&["01", "02"]);
    let found = comparison(&old, &old.replace("RUN=r01", " \"RUN=r01\" "));
    assert_eq!(found, Comparison { respelled: 1, cut_short: true, ..Comparison::default() });
}

#[test]
fn garbage_is_compared_as_text() {
    let found = comparison(&file(&["<<<<<<< HEAD", "01"]), &file(&["01"]));
    assert_eq!((found.removed, found.dropped), (vec![0], vec![0]));
}
