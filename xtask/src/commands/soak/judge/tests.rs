use super::*;

const APPLY: &str = "t run started apply-persistent remote\nt apply-persistent started\n";
const ENDED: &str = "t apply-persistent ended 7\n";
const EXITED: &str = "t run exited 7 expected 7\n";
const KILLED_LINE: &str = "t run killed\n";

fn lines(text: &str) -> Vec<Line> {
    text.lines().map(|line| line.parse().unwrap()).collect()
}

/// Rows from `run token phase code [outcome]`, at the remote.
fn rows(texts: &[&str]) -> Vec<Row> {
    let row = |text: &&str| {
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        Row {
            place: Place::Remote,
            run: words[0].clone(),
            token: words[1].clone(),
            phase: words[2].clone(),
            code: words[3].parse().unwrap(),
            outcome: words.get(4).cloned(),
        }
    };
    texts.iter().map(row).collect()
}

/// How many are lost, duplicated, wrong and otherwise bad.
fn found(ledger: &[&str], texts: &[&str]) -> [usize; 4] {
    let verdict = judge(&lines(&ledger.concat()), &rows(texts), Excuse::None);
    [&verdict.lost, &verdict.duplicated, &verdict.wrong, &verdict.other].map(Vec::len)
}

#[test]
fn a_run_with_its_row_is_sound() {
    let verdict = judge(
        &lines(&[APPLY, ENDED, EXITED].concat()),
        &rows(&["r t apply-persistent 7"]),
        Excuse::None,
    );
    assert_eq!(verdict, Verdict { runs: 1, rows: 1, ..Verdict::default() });
}

#[test]
fn a_phase_without_a_row_is_lost_also_when_the_row_is_elsewhere() {
    assert_eq!(found(&[APPLY, ENDED, EXITED], &[]), [1, 0, 0, 0]);
    assert_eq!(found(&[APPLY, KILLED_LINE], &[]), [1, 0, 0, 0]);
    let mut elsewhere = rows(&["r t apply-persistent 7"]);
    elsewhere[0].place = Place::Clone(0);
    let verdict = judge(&lines(&[APPLY, ENDED, EXITED].concat()), &elsewhere, Excuse::None);
    assert_eq!(verdict.lost, ["t apply-persistent: no row at remote"]);
}

#[test]
fn a_run_that_never_got_to_its_step_owes_nothing() {
    let started = "t run started apply-persistent remote\n";
    assert_eq!(found(&[started, KILLED_LINE], &[]), [0, 0, 0, 0]);
    let interrupted = "r t apply-persistent 137 interrupted";
    assert_eq!(found(&[started, KILLED_LINE], &[interrupted]), [0, 0, 0, 0]);
    assert_eq!(found(&[started, KILLED_LINE], &["r t apply-persistent 0"]), [0, 0, 1, 0]);
    assert_eq!(found(&[started, EXITED], &["r t apply-persistent 7"]), [0, 0, 0, 1]);
}

#[test]
fn two_rows_are_one_too_many_whoever_wrote_them() {
    let ledger = [APPLY, ENDED, EXITED];
    for run in ["r", "other"] {
        let second = format!("{run} t apply-persistent 7");
        assert_eq!(found(&ledger, &["r t apply-persistent 7", &second]), [0, 1, 0, 0], "{run}");
    }
    let shared = ["r t apply-persistent 7", "r u apply-persistent 7"];
    assert_eq!(found(&ledger, &shared), [0, 1, 0, 1], "and nobody started u");
}

#[test]
fn exit_codes_have_to_be_the_true_ones() {
    let row = "r t apply-persistent 7";
    assert_eq!(found(&[APPLY, ENDED, "t run exited 1 expected 7\n"], &[row]), [0, 0, 1, 0]);
    let wrong = ["r t apply-persistent 0", "r t apply-persistent 137 interrupted"];
    for wrong in wrong {
        assert_eq!(found(&[APPLY, ENDED, EXITED], &[wrong]), [0, 0, 1, 0], "{wrong}");
    }
}

#[test]
fn a_kill_interrupts_what_had_not_ended() {
    let interrupted = "r t apply-persistent 137 interrupted";
    assert_eq!(found(&[APPLY, KILLED_LINE], &[interrupted]), [0, 0, 0, 0]);
    assert_eq!(found(&[APPLY, KILLED_LINE], &["r t apply-persistent 137"]), [0, 0, 1, 0]);
    assert_eq!(found(&[APPLY, KILLED_LINE], &["r t apply-persistent 0"]), [0, 0, 1, 0]);
    // At the moment of its end it is one or the other.
    assert_eq!(found(&[APPLY, ENDED, KILLED_LINE], &[interrupted]), [0, 0, 0, 0]);
    assert_eq!(found(&[APPLY, ENDED, KILLED_LINE], &["r t apply-persistent 7"]), [0, 0, 0, 0]);
    assert_eq!(found(&[APPLY, ENDED, KILLED_LINE], &["r t apply-persistent 0"]), [0, 0, 1, 0]);
}

#[test]
fn a_phase_after_which_another_started_had_ended() {
    let ledger = [
        "t run started deploy-persistent remote\nt apply-persistent started\n",
        "t apply-persistent ended 0\nt bootstrap-persistent started\nt run killed\n",
    ];
    let rest =
        ["r t bootstrap-persistent 137 interrupted", "r t deploy-persistent 137 interrupted"];
    let with = |first| [first, rest[0], rest[1]];
    assert_eq!(found(&ledger, &with("r t apply-persistent 0")), [0, 0, 0, 0]);
    assert_eq!(found(&ledger, &with("r t apply-persistent 137 interrupted")), [0, 0, 1, 0]);
    assert_eq!(found(&ledger, &rest), [1, 0, 0, 0]);
    assert_eq!(found(&ledger, &["r t apply-persistent 0", rest[0]]), [1, 0, 0, 0], "the whole");
}

#[test]
fn only_a_full_disk_excuses_and_only_who_said_so() {
    let told = |said: &str, excuse| {
        let verdict = judge(&lines(&[APPLY, ENDED, EXITED, said].concat()), &[], excuse);
        (verdict.lost.len(), verdict.said_so)
    };
    assert_eq!(told("t run said-so\n", Excuse::DiskFull), (0, 1));
    assert_eq!(told("", Excuse::DiskFull), (1, 0));
    assert_eq!(told("t run said-so\n", Excuse::None), (1, 0));
}

#[test]
fn a_run_that_hangs_or_whose_end_nobody_saw_is_reported() {
    assert_eq!(found(&[APPLY, ENDED], &["r t apply-persistent 7"]), [0, 0, 0, 1]);
    assert_eq!(found(&[APPLY, ENDED, "t run hung\n"], &["r t apply-persistent 7"]), [0, 0, 0, 1]);
}
