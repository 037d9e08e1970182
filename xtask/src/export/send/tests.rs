use timing_core::journal::Journal;

use super::*;
use crate::export::run::tests::deployment;

/// Answers as it is told, and keeps whom it was told of.
struct Scripted<'a> {
    answers: Vec<Answer>,
    told: Vec<(Sink, Vec<String>)>,
    meanwhile: Box<dyn FnMut() + 'a>,
}

impl<'a> Scripted<'a> {
    fn new(answers: &[Answer]) -> Self {
        Self { answers: answers.to_vec(), told: Vec::new(), meanwhile: Box::new(|| ()) }
    }
}

impl Tell for Scripted<'_> {
    fn tell(&mut self, sink: Sink, runs: &[&FinishedRun]) -> Answer {
        self.told.push((sink, runs.iter().map(|run| run.run.to_string()).collect()));
        (self.meanwhile)();
        if self.answers.is_empty() { Answer::Told(None) } else { self.answers.remove(0) }
    }
}

fn spool() -> (tempfile::TempDir, Spool) {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::in_common_dir(directory.path());
    std::fs::create_dir(journal.directory()).unwrap();
    let spool = Spool::beside(&journal);
    (directory, spool)
}

fn put(spool: &Spool, number: u32, sinks: &[Sink]) {
    let run = format!("6974d98f{number:08x}").parse().unwrap();
    spool.put(&FinishedRun { run, ..deployment() }, sinks).unwrap();
}

fn send(spool: &Spool, sinks: &[Sink], tell: &mut dyn Tell) -> Sent {
    let until = Instant::now() + Duration::from_secs(60);
    Sender { spool, sinks, until, bounds: Bounds::USUAL }.send(tell).unwrap()
}

#[test]
fn each_run_is_told_once_and_goes_when_all_were_told() {
    let (_directory, spool) = spool();
    for number in [2, 1] {
        put(&spool, number, &[Sink::Otlp, Sink::MetricsFile]);
    }
    let mut tell = Scripted::new(&[]);
    let sent = send(&spool, &[Sink::Otlp], &mut tell);
    assert_eq!(sent.told, [(Sink::Otlp, 2)]);
    let ids = |numbers: &[u32]| numbers.iter().map(|n| format!("6974d98f{n:08x}")).collect();
    assert_eq!(tell.told, [(Sink::Otlp, ids(&[1])), (Sink::Otlp, ids(&[2]))]);
    assert_eq!((sent.waiting, spool.contents().unwrap().waiting.len()), (0, 2), "for the file");
    let mut tell = Scripted::new(&[]);
    send(&spool, &[Sink::Otlp, Sink::MetricsFile], &mut tell);
    assert_eq!(tell.told, [(Sink::MetricsFile, ids(&[1, 2]))], "both at once, and no other again");
    assert!(spool.contents().unwrap().waiting.is_empty());
}

#[test]
fn a_run_that_comes_while_others_are_told_is_told_too() {
    let (_directory, spool) = spool();
    put(&spool, 1, &[Sink::Otlp]);
    let mut further = Some(());
    let mut tell = Scripted::new(&[]);
    tell.meanwhile = Box::new(|| {
        if further.take().is_some() {
            put(&spool, 0, &[Sink::Otlp]);
            assert!(spool.turn().unwrap().is_none(), "its own sender found the turn taken");
        }
    });
    assert_eq!(send(&spool, &[Sink::Otlp], &mut tell).told, [(Sink::Otlp, 2)]);
}

#[test]
fn who_is_not_there_is_asked_once_and_who_refuses_three_times() {
    let (_directory, spool) = spool();
    (0..5).for_each(|number| put(&spool, number, &[Sink::Otlp]));
    let unreachable = Answer::Unreachable("nobody".to_owned());
    let mut tell = Scripted::new(&[unreachable]);
    let sent = send(&spool, &[Sink::Otlp], &mut tell);
    assert_eq!((tell.told.len(), sent.waiting, sent.given_up), (1, 5, 0));
    let refused = Answer::Later("no".to_owned(), None);
    let mut tell = Scripted::new(&[refused.clone(), refused.clone(), Answer::Told(None), refused]);
    let sent = send(&spool, &[Sink::Otlp], &mut tell);
    assert_eq!((tell.told.len(), sent.waiting), (5, 3));
    let mut tell = Scripted::new(&[Answer::Never("garbage".to_owned())]);
    let sent = send(&spool, &[Sink::Otlp], &mut tell);
    assert_eq!((sent.waiting, sent.given_up, sent.told), (0, 1, vec![(Sink::Otlp, 2)]));
    assert_eq!(sent.remarks, ["otlp will not be told of 6974d98f00000000: garbage"]);
}

#[test]
fn who_asks_for_time_gets_it() {
    let (_directory, spool) = spool();
    put(&spool, 1, &[Sink::Otlp]);
    let later = Answer::Later("busy".to_owned(), Some(Duration::from_secs(600)));
    send(&spool, &[Sink::Otlp], &mut Scripted::new(&[later]));
    let mut tell = Scripted::new(&[]);
    let sent = send(&spool, &[Sink::Otlp], &mut tell);
    assert!(tell.told.is_empty() && sent.waiting == 1, "{sent:?}");
    let then = SystemTime::now() + Duration::from_secs(601);
    assert_eq!(spool.held(Sink::Otlp, then), None);
    spool.hold(Sink::Otlp, SystemTime::now(), Duration::MAX).unwrap();
    let later = SystemTime::now() + Duration::from_secs(86_400);
    assert_eq!(spool.held(Sink::Otlp, later), None, "a day is believed");
}

#[test]
fn what_is_beyond_the_bounds_goes_and_is_said() {
    let (_directory, spool) = spool();
    (0..5).for_each(|number| put(&spool, number, &[Sink::Otlp]));
    let left = |bounds: &Bounds, now: SystemTime| {
        let dropped = spool.trim(bounds, now).unwrap();
        (dropped.len(), spool.contents().unwrap().waiting.len())
    };
    let now = SystemTime::now();
    assert_eq!(left(&Bounds::USUAL, now), (0, 5));
    assert_eq!(left(&Bounds { runs: 4, ..Bounds::USUAL }, now), (1, 4));
    let bytes = spool.contents().unwrap().waiting.iter().map(|run| run.bytes).sum::<u64>();
    assert_eq!(left(&Bounds { bytes: bytes - 1, ..Bounds::USUAL }, now), (1, 3));
    assert_eq!(spool.contents().unwrap().waiting[0].run.as_str(), "6974d98f00000002");
    let until = Instant::now() + Duration::from_secs(60);
    let bounds = Bounds { runs: 1, ..Bounds::USUAL };
    let sender = Sender { spool: &spool, sinks: &[Sink::Otlp], until, bounds };
    let sent = sender.send(&mut Scripted::new(&[])).unwrap();
    assert_eq!((sent.given_up, sent.told), (2, vec![(Sink::Otlp, 1)]));
    assert!(sent.remarks[0].starts_with("2 runs waited too long"), "{:?}", sent.remarks);
    put(&spool, 1, &[Sink::Otlp]);
    let month = Duration::from_secs(31 * 86_400);
    assert_eq!(left(&Bounds::USUAL, now + month), (1, 0));
}

#[test]
fn the_time_of_a_sender_is_bounded() {
    let (_directory, spool) = spool();
    (0..3).for_each(|number| put(&spool, number, &[Sink::Otlp]));
    let mut tell = Scripted::new(&[]);
    let sender = Sender {
        spool: &spool,
        sinks: &[Sink::Otlp],
        until: Instant::now(),
        bounds: Bounds::USUAL,
    };
    let sent = sender.send(&mut tell).unwrap();
    assert_eq!((tell.told.len(), sent.waiting), (0, 3));
}

#[test]
fn links_and_other_files_are_not_taken_for_runs() {
    let (directory, spool) = spool();
    put(&spool, 1, &[Sink::Otlp]);
    let link = spool.directory().join("6974d98f00000009.json");
    std::os::unix::fs::symlink(directory.path().join("secret"), link).unwrap();
    std::fs::create_dir(spool.directory().join("6974d98f00000008.json")).unwrap();
    std::fs::write(spool.directory().join("a.json"), "{}").unwrap();
    let contents = spool.contents().unwrap();
    assert_eq!((contents.waiting.len(), contents.strangers), (1, 3));
}
