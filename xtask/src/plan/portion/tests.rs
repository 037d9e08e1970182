use super::super::tests::settings_of;
use super::super::{Plan, TargetName, build, shell};
use super::*;
use crate::settings::{Mode, Settings};

fn settings(words: &[&str], portion: Portion) -> Settings {
    Settings { portion, ..settings_of(words, "", Mode::Run, None) }
}

fn built(words: &[&str], portion: Portion) -> Result<Plan, PlanError> {
    build(TargetName::DeployPersistent, &settings(words, portion))
}

/// `name[FROM=…](what is within)`, steps by their names.
fn shape(target: &Target) -> String {
    let flags = match &target.recording {
        Recording::Phase(plan) => plan.flags.as_slice(),
        Recording::Unrecorded => &[],
    };
    let short = |name: &str| name.replace("-persistent", "");
    let said = flags.iter().filter(|(key, _)| key == FROM || key == ONLY);
    let said: String = said.map(|(key, value)| format!("[{key}={}]", short(value))).collect();
    let inner = target.items.iter().map(|item| match item {
        Item::Target(inner) => shape(inner),
        Item::Step(step) => step.name.to_owned(),
    });
    format!("{}{said}({})", short(target.name), inner.collect::<Vec<_>>().join(" "))
}

#[test]
fn every_phase_can_be_chosen_by_each_of_its_names() {
    let v4 = &["BOOTSTRAP_VERSION=v4"][..];
    let mut shown = String::new();
    for (words, names) in [
        (
            &[][..],
            &["apply-persistent", "rds-deploy", "rds-apply", "bootstrap-persistent", "verify"][..],
        ),
        (v4, &["bootstrap-persistent-v4", "bootstrap-persistent"]),
    ] {
        for name in names {
            let of = |portion| shape(&built(words, portion).unwrap().root);
            for portion in [Portion::From((*name).to_owned()), Portion::Only((*name).to_owned())] {
                shown += &format!("{}\n", of(portion));
            }
        }
    }
    insta::assert_snapshot!(shown, @"
    deploy[FROM=apply](apply[FROM=apply](apply) rds-deploy(rds-init rds-preflight rds-apply(rds-apply) rds-provision) bootstrap(bootstrap) verify(verify-nodes verify-applications verify-secrets))
    deploy[ONLY=apply](apply[ONLY=apply](apply))
    deploy[FROM=rds-deploy](rds-deploy[FROM=rds-deploy](rds-init rds-preflight rds-apply(rds-apply) rds-provision) bootstrap(bootstrap) verify(verify-nodes verify-applications verify-secrets))
    deploy[ONLY=rds-deploy](rds-deploy[ONLY=rds-deploy](rds-init rds-preflight rds-apply(rds-apply) rds-provision))
    deploy[FROM=rds-apply](rds-deploy[FROM=rds-apply](rds-apply[FROM=rds-apply](rds-apply) rds-provision) bootstrap(bootstrap) verify(verify-nodes verify-applications verify-secrets))
    deploy[ONLY=rds-apply](rds-deploy[ONLY=rds-apply](rds-apply[ONLY=rds-apply](rds-apply)))
    deploy[FROM=bootstrap](bootstrap[FROM=bootstrap](bootstrap) verify(verify-nodes verify-applications verify-secrets))
    deploy[ONLY=bootstrap](bootstrap[ONLY=bootstrap](bootstrap))
    deploy[FROM=verify](verify(verify-nodes verify-applications verify-secrets))
    deploy[ONLY=verify](verify(verify-nodes verify-applications verify-secrets))
    deploy[FROM=bootstrap](bootstrap-v4[FROM=bootstrap](bootstrap) verify(verify-nodes verify-applications verify-secrets))
    deploy[ONLY=bootstrap](bootstrap-v4[ONLY=bootstrap](bootstrap))
    deploy[FROM=bootstrap](bootstrap-v4[FROM=bootstrap](bootstrap) verify(verify-nodes verify-applications verify-secrets))
    deploy[ONLY=bootstrap](bootstrap-v4[ONLY=bootstrap](bootstrap))
    ");
}

#[test]
fn a_phase_that_this_plan_does_not_have_is_refused() {
    let refused = |words: &[&str], portion| built(words, portion).unwrap_err().to_string();
    let from = |name: &str| Portion::From(name.to_owned());
    let shown = [
        refused(&[], from("bootstrap-persistant")),
        refused(&[], Portion::Only("nonsense".to_owned())),
        refused(&["CREATE_RDS=false"], from("rds-apply")),
        refused(&["BOOTSTRAP_VERSION=v4"], from("apply-persistent")),
        refused(&[], from("deploy-persistent")),
        refused(&[], from("")),
    ];
    insta::assert_snapshot!(shown.join("\n"), @r#"
    --from: this deploy-persistent has no phase "bootstrap-persistant"; did you mean bootstrap-persistent? It has apply-persistent, rds-deploy, rds-apply, bootstrap-persistent, verify
    --only: this deploy-persistent has no phase "nonsense". It has apply-persistent, rds-deploy, rds-apply, bootstrap-persistent, verify
    --from: this deploy-persistent has no phase "rds-apply". It has apply-persistent, bootstrap-persistent, verify
    --from: this deploy-persistent has no phase "apply-persistent". It has rds-deploy, rds-apply, bootstrap-persistent-v4, verify
    --from: this deploy-persistent has no phase "deploy-persistent"; did you mean apply-persistent? It has apply-persistent, rds-deploy, rds-apply, bootstrap-persistent, verify
    --from: this deploy-persistent has no phase "". It has apply-persistent, rds-deploy, rds-apply, bootstrap-persistent, verify
    "#);
}

#[test]
fn what_is_left_is_taken_up_with_the_arguments_that_were_given() {
    let done = ["apply-persistent", "rds-deploy"];
    let command = |settings: &Settings, done: &[&str]| {
        let plan = build(TargetName::DeployPersistent, settings).unwrap();
        plan.take_up(|target| done.contains(&target.name)).map(|argv| shell::command(&argv))
    };
    let words = ["ENV=dev", "NODE_INSTANCE_TYPE=t3.large"];
    let mut given = settings(&words, Portion::Whole);
    assert_eq!(
        command(&given, &done).unwrap(),
        "cargo xtask deploy-persistent ENV=dev NODE_INSTANCE_TYPE=t3.large --from \
         bootstrap-persistent"
    );
    given.timeout = Some("1h30m".parse().unwrap());
    given.repo_argument = Some("../x y".into());
    given.recordings = crate::settings::Recordings::Off;
    assert_eq!(
        command(&given, &[]).unwrap(),
        "cargo xtask deploy-persistent --repo /repo --timeout 90m ENV=dev \
         NODE_INSTANCE_TYPE=t3.large --no-record --from apply-persistent"
    );
    let from = settings(&[], Portion::From("rds-apply".to_owned()));
    assert_eq!(command(&from, &[]).unwrap(), "cargo xtask deploy-persistent --from rds-deploy");
    let only = settings(&[], Portion::Only("rds-apply".to_owned()));
    assert_eq!(command(&only, &[]).unwrap(), "cargo xtask deploy-persistent --only rds-apply");
    assert_eq!(command(&only, &["rds-deploy"]), None);
    let v4 = settings(&["BOOTSTRAP_VERSION=v4"], Portion::Whole);
    assert_eq!(
        command(&v4, &["rds-deploy"]).unwrap(),
        "cargo xtask deploy-persistent BOOTSTRAP_VERSION=v4 --from bootstrap-persistent-v4"
    );
}
