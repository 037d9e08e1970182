use std::fs;
use std::time::Instant;

use super::*;

fn row(row: &str) -> Piece {
    Piece::Row { head: "HEAD\n".to_owned(), row: format!("{row}\n") }
}

fn written(before: &str, pieces: &[Piece]) -> String {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("page.md");
    fs::write(&path, before).unwrap();
    let mut summary = Summary::at(path.clone());
    pieces.iter().for_each(|piece| summary.append(piece.clone()));
    assert_eq!(summary.close(), None);
    fs::read_to_string(&path).unwrap()
}

#[test]
fn rows_follow_each_other_under_one_head() {
    let pieces = [row("1"), row("2"), Piece::Tail("\nEND\n".to_owned())];
    assert_eq!(written("", &pieces), "HEAD\n1\n2\n\nEND\n");
    assert_eq!(written("before", &pieces), "before\n\nHEAD\n1\n2\n\nEND\n");
}

#[test]
fn where_somebody_else_wrote_meanwhile_the_table_begins_anew() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("page.md");
    let mut summary = Summary::at(path.clone());
    summary.append(row("1"));
    while fs::read_to_string(&path).unwrap_or_default().is_empty() {}
    fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"others").unwrap();
    summary.append(row("2"));
    summary.append(Piece::Tail("\nEND\n".to_owned()));
    assert_eq!(summary.close(), None);
    let page = fs::read_to_string(&path).unwrap();
    assert_eq!(page, "HEAD\n1\nothers\n\nHEAD\n2\n\nEND\n");
}

#[test]
fn what_is_no_file_is_left_alone_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("pipe");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .unwrap();
    for path in [directory.path(), &pipe, Path::new("/dev/full"), Path::new("/nowhere/page")] {
        let started = Instant::now();
        let mut summary = Summary::at(path.to_owned());
        summary.append(row("1"));
        summary.append(row("2"));
        let said = summary.close().unwrap();
        assert!(said.contains("(GITHUB_STEP_SUMMARY) is incomplete: "), "{said}");
        assert!(started.elapsed() < Duration::from_secs(5), "{path:?}");
    }
}

#[test]
fn a_page_never_gets_longer_than_github_shows() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("page.md");
    fs::write(&path, vec![b'x'; 900 * 1024]).unwrap();
    let mut summary = Summary::at(path.clone());
    summary.append(row("1"));
    assert!(summary.close().unwrap().contains("as long as GitHub shows one"));
    assert_eq!(fs::metadata(&path).unwrap().len(), 900 * 1024);
}
