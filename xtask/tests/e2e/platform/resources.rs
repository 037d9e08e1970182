//! How well resources are timed: a hundred and more of a real Terraform, ten at once, whose
//! provisioners note their own start and end.

use std::collections::BTreeMap;
use std::io::Write;

use crate::support::{BRANCH, Scene, require};

const RESOURCES: usize = 120;

/// The bar, in milliseconds.
const BAR: f64 = 30.0;

const MAIN: &str = r#"
resource "terraform_data" "a" {
  count = 120
  input = count.index
  provisioner "local-exec" {
    command = "sh ../../note.sh create ${self.input}"
  }
  provisioner "local-exec" {
    when    = destroy
    command = "sh ../../note.sh destroy ${self.input}"
  }
}
"#;

/// Between a tenth and seven tenths of a second.
const NOTE: &str = r#"
begin=$(date +%s%N)
sleep 0.$((1 + $2 % 7))
echo "$begin $(date +%s%N)" >"../../../notes/$1-$2"
"#;

/// Says when its one line was printed, by which the clocks are compared.
const TERRAFORM: &str = "echo '[STEP: SYNC]'; date +%s%N >../notes/sync-$1; \
    exec terraform -chdir=envs/dev $1 -auto-approve -parallelism=10";

/// Start and end of a provisioner, or of the line of the sync, in milliseconds.
fn notes(scene: &Scene, action: &str) -> BTreeMap<String, (f64, f64)> {
    let read = |name: String| {
        let text = std::fs::read_to_string(scene.outside().join("notes").join(name)).unwrap();
        let times: Vec<f64> =
            text.split_whitespace().map(|word| word.parse::<f64>().unwrap() / 1e6).collect();
        (times[0], *times.last().unwrap())
    };
    let one = |n| (format!("terraform_data.a[{n}]"), read(format!("{action}-{n}")));
    let sync = if action == "create" { "sync-apply" } else { "sync-destroy" };
    let sync = ("SYNC".to_owned(), read(sync.to_owned()));
    (0..RESOURCES).map(one).chain([sync]).collect()
}

/// Start and end of the spans of the newest run, in milliseconds.
fn spans(scene: &Scene) -> BTreeMap<String, (f64, f64)> {
    let history = "environments/development/history";
    let listed = scene.git(&["ls-tree", "-r", "--name-only", BRANCH, "--", history]);
    let run = scene.rows().last().unwrap().flag("RUN").unwrap().to_owned();
    let path = listed.lines().find(|path| path.contains(&run)).unwrap();
    let text = scene.git(&["show", &format!("{BRANCH}:{path}")]);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut spans = BTreeMap::new();
    for record in reader.records().map(Result::unwrap) {
        let (start, duration): (f64, f64) =
            (record[4].parse().unwrap(), record[5].parse().unwrap());
        if &record[1] != "resource" || &record[3] != "read" {
            assert_eq!(&record[6], "complete", "{record:?}");
            spans.insert(record[2].to_owned(), (start, start + duration));
        }
    }
    spans
}

/// The nearest rank.
fn p95(mut errors: Vec<f64>) -> f64 {
    errors.sort_by(f64::total_cmp);
    errors[errors.len() * 95 / 100]
}

fn compare(scene: &Scene, action: &str) {
    let (theirs, ours) = (notes(scene, action), spans(scene));
    assert_eq!(ours.len(), RESOURCES + 1);
    let shift = theirs["SYNC"].0 - ours["SYNC"].0;
    let errors = |error: &dyn Fn((f64, f64), (f64, f64)) -> f64| {
        let resources = theirs.iter().filter(|(name, _)| *name != "SYNC");
        p95(resources.map(|(name, own)| error(ours[name], *own).abs()).collect())
    };
    let duration = errors(&|span, own| (span.1 - span.0) - (own.1 - own.0));
    let start = errors(&|span, own| span.0 + shift - own.0);
    let end = errors(&|span, own| span.1 + shift - own.1);
    let _ = writeln!(
        std::io::stderr(),
        "{action} of {RESOURCES} resources, ten at once: p95 of the error {duration:.1} ms of the \
         duration, {start:.1} ms of the start, {end:.1} ms of the end"
    );
    assert!(duration <= BAR, "{action}: {duration} ms");
}

#[test]
fn resources_are_timed_as_their_provisioners_time_themselves() {
    if !require("resources_are_timed_as_their_provisioners_time_themselves", "terraform") {
        return;
    }
    let step = |action| ["sh", "-c", TERRAFORM, "sh", action];
    let scene = Scene::new()
        .file("envs/dev/main.tf", MAIN)
        .file("note.sh", NOTE)
        .step("apply", &step("apply"))
        .step("teardown", &step("destroy"))
        .committed();
    std::fs::create_dir(scene.outside().join("notes")).unwrap();
    let offline = |call: crate::support::Call| call.env("CHECKPOINT_DISABLE", "1").run().exits(0);
    offline(scene.call("terraform", &["-chdir=envs/dev", "init"]));
    offline(scene.calling(&["apply-persistent"]));
    compare(&scene, "create");
    offline(scene.calling(&["teardown-persistent", "CONFIRM_DESTROY=yes"]));
    compare(&scene, "destroy");
}
