//! The file of spans: what is written is read again.

use std::time::Duration;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use timing_core::stages::{self, Action, Kind, Outcome, PhaseSpans, Span};

fn kinds() -> impl Strategy<Value = Kind> {
    use Action::{Create, Destroy, Import, Read, Update};
    prop_oneof![
        Just(Kind::Stage),
        Just(Kind::Pass),
        Just(Kind::Step),
        prop::sample::select(vec![Create, Update, Destroy, Read, Import]).prop_map(Kind::Resource),
    ]
}

/// Spans with names of any one line; each parent is the nearest before it that has its name.
fn spans() -> impl Strategy<Value = Vec<Span>> {
    let outcome =
        prop::sample::select(vec![Outcome::Complete, Outcome::Errored, Outcome::Unfinished]);
    let parent = option::of(any::<prop::sample::Index>());
    let span = (kinds(), "\\PC{1,30}", any::<u32>(), any::<u32>(), outcome, parent);
    vec(span, 0..12).prop_map(|drawn| {
        let mut spans: Vec<Span> = Vec::new();
        for (kind, name, start, duration, outcome, parent) in drawn {
            let name = format!("{name}{}", spans.len());
            let holds = |&place: &usize| !matches!(spans[place].kind, Kind::Resource(_));
            let places: Vec<usize> = (0..spans.len()).filter(holds).collect();
            let parent = parent.filter(|_| !places.is_empty()).map(|index| *index.get(&places));
            let (start, duration) = (u64::from(start), u64::from(duration));
            let (start, duration) = (Duration::from_millis(start), Duration::from_millis(duration));
            spans.push(Span { kind, name, start, duration, outcome, parent });
        }
        spans
    })
}

/// At least one span for each phase, as a file has no place for a phase without any.
fn phases() -> impl Strategy<Value = Vec<PhaseSpans>> {
    vec(spans(), 0..4).prop_map(|phases| {
        let named = phases.into_iter().enumerate().filter(|(_, spans)| !spans.is_empty());
        named
            .map(|(number, spans)| PhaseSpans {
                phase: format!("p-{number}").parse().unwrap(),
                spans,
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(phases in phases()) {
        let reading = stages::read(&stages::write(&phases));
        prop_assert_eq!(reading.faults, vec![]);
        prop_assert_eq!(reading.phases, phases);
    }

    #[test]
    fn no_bytes_make_it_fail_and_no_line_goes_unmentioned(lines in vec("[a-z,\"\r]{0,30}", 0..20)) {
        let file = [stages::write(&[]), lines.join("\n").into_bytes()].concat();
        let reading = stages::read(&file);
        let told = lines.iter().filter(|line| !line.trim_ascii().is_empty()).count();
        prop_assert_eq!(reading.faults.len(), told);
    }
}

#[test]
fn a_file_as_people_see_it() {
    let stage = Span {
        kind: Kind::Stage,
        name: "Stage 1: Terraform Apply".to_owned(),
        start: Duration::from_millis(12),
        duration: Duration::from_millis(61_500),
        outcome: Outcome::Unfinished,
        parent: None,
    };
    let resource = Span {
        kind: Kind::Resource(Action::Create),
        name: "module.a[\"k, l\"].aws_x.y".to_owned(),
        outcome: Outcome::Errored,
        parent: Some(0),
        ..stage.clone()
    };
    let phase = "bootstrap-persistent".parse().unwrap();
    let file = stages::write(&[PhaseSpans { phase, spans: vec![stage, resource] }]);
    insta::assert_snapshot!(String::from_utf8(file).unwrap(), @r#"
    phase,kind,name,action,start_ms,duration_ms,outcome,parent
    bootstrap-persistent,stage,Stage 1: Terraform Apply,,12,61500,unfinished,
    bootstrap-persistent,resource,"module.a[""k, l""].aws_x.y",create,12,61500,errored,Stage 1: Terraform Apply
    "#);
}

#[test]
fn bad_lines_are_told_and_unknown_columns_are_passed_over() {
    let file = "name,phase,kind,host,action,start_ms,duration_ms,outcome,parent\r\n\
        S,p,stage,h,,0,10,complete,\r\n\
        \r\n\
        a.b,p,resource,h,create,1,x,complete,S\n\
        a.b,p,resource,h,make,1,2,complete,S\n\
        a.b,p,resource,h,create,1,2,done,S\n\
        a.b,p,resource,h,create,1,2,complete,T\n\
        a.b,P,resource,h,create,1,2,complete,\n\
        a.b,p,stage,h,create,1,2,complete,\n\
        a.b,p\n\
        \"a.b,p,resource\n\
        a.b,p,resource,h,create,1,2,complete,S,and,more\n\
        a.b,q,resource,h,create,1,2,complete,S";
    let reading = stages::read(file.as_bytes());
    let faults: Vec<String> = reading.faults.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(faults.join("\n"), @r#"
    line 4, column duration_ms: invalid digit found in string
    line 5, column action: "make" is not known
    line 6, column outcome: "done" is not known
    line 7, column parent: no line above is called "T"
    line 8, column phase: "P" is not a valid phase: it is lower-case letters, digits and '-', at most 64, starting with a letter or digit
    line 9, column action: only a resource has one
    line 10, column kind: the line ends before it
    line 11, column phase: the line ends before it
    line 13, column parent: no line above is called "S"
    "#);
    let spans: Vec<_> = reading.phases.iter().flat_map(|phase| &phase.spans).collect();
    assert_eq!(spans.len(), 2);
    assert_eq!(spans[1].parent, Some(0));

    let reading = stages::read(b"phase,kind,name\np,stage,x\n");
    let faults: Vec<String> = reading.faults.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(faults.join("\n"), @"line 1, column action: the header does not have it");
    assert_eq!(stages::read(b""), stages::Reading::default());
}
