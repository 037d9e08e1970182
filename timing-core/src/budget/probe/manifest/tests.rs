//! Facts of manifests that people write, and of those that nobody should.

mod chart;
mod hostile;

use std::path::{Path, PathBuf};

use super::*;

/// The sample platform's directory.
fn platform() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/platform")
}

fn read(text: &str) -> Result<Workload, String> {
    select(text, "")
}

fn select(text: &str, object: &str) -> Result<Workload, String> {
    read_text(text.as_bytes(), &Selector::of(object)).map_err(|unknown| unknown.to_string())
}

fn said(text: &str) -> String {
    read(text).unwrap_err()
}

/// A fact as a budget would have it, and a `d` behind it where nobody wrote it.
fn fact(workload: &Workload, fact: Fact) -> String {
    match workload.fact(fact, None) {
        Ok(Given { value, origin: Origin::Written }) => fact.unit().exact(value),
        Ok(Given { value, origin: Origin::Defaulted }) => format!("{}d", fact.unit().exact(value)),
        Err(unknown) => unknown.to_string(),
    }
}

/// A Deployment of one container, with these lines in its `spec` and in its container.
fn deployment(spec: &str, container: &str) -> String {
    let indent = |text: &str, by: usize| {
        text.lines().map(|line| format!("{}{line}\n", " ".repeat(by))).collect::<String>()
    };
    format!(
        "kind: Deployment\nmetadata: {{name: app}}\nspec:\n{}  template:\n    spec:\n      \
         containers:\n      - name: web\n{}",
        indent(spec, 2),
        indent(container, 8)
    )
}

fn of_spec(spec: &str, wanted: Fact) -> String {
    read(&deployment(spec, "")).map_or_else(|said| said, |workload| fact(&workload, wanted))
}

fn of_container(container: &str, wanted: Fact) -> String {
    read(&deployment("", container)).map_or_else(|said| said, |workload| fact(&workload, wanted))
}

#[test]
fn each_environment_has_the_resources_that_were_agreed_on() {
    let resources = [
        ("development", ["50m", "64Mi", "200m", "256Mi"]),
        ("staging", ["100m", "128Mi", "500m", "512Mi"]),
        ("production", ["250m", "256Mi", "1", "1Gi"]),
    ];
    let quantities = [Fact::RequestsCpu, Fact::RequestsMemory, Fact::LimitsCpu, Fact::LimitsMemory];
    for (environment, wanted) in resources {
        let file = platform().join(format!("manifests/{environment}.yaml"));
        let workload = read_file(&file, &Selector::of("Deployment")).unwrap();
        assert_eq!(quantities.map(|quantity| fact(&workload, quantity)), wanted);
        assert_eq!(fact(&workload, Fact::MaxUnavailable), "0");
        for (period, failures) in [
            (Fact::LivenessPeriod, Fact::LivenessFailures),
            (Fact::ReadinessPeriod, Fact::ReadinessFailures),
        ] {
            let period = workload.fact(period, None).unwrap().value.as_f64();
            assert!((5.0..=10.0).contains(&period), "{period}");
            assert_eq!(fact(&workload, failures), "3");
        }
        let container = workload.named_container(None).unwrap();
        let path = |probe: &Option<Probe>| probe.as_ref().and_then(|probe| probe.path.clone());
        assert_eq!(path(&container.liveness).as_deref(), Some("/healthz"));
        assert_eq!(path(&container.readiness).as_deref(), Some("/healthz?readiness=1"));
    }
}

#[test]
fn what_is_not_written_is_what_the_api_takes_and_is_told_apart() {
    let workload = read(&deployment("replicas: 4", "livenessProbe: {periodSeconds: 0}")).unwrap();
    let facts = [
        Fact::Replicas,
        Fact::MaxUnavailable,
        Fact::MaxSurge,
        Fact::LivenessPeriod,
        Fact::LivenessFailures,
        Fact::LivenessTimeout,
        Fact::ReadinessPeriod,
        Fact::LimitsCpu,
    ];
    let shown: Vec<String> =
        facts.iter().map(|wanted| format!("{wanted}: {}", fact(&workload, *wanted))).collect();
    insta::assert_snapshot!(shown.join("\n"), @"
    replicas: 4
    max-unavailable: 1d
    max-surge: 1d
    liveness-period: 10sd
    liveness-failures: 3d
    liveness-timeout: 1sd
    readiness-period: container web of Deployment app has no readinessProbe
    limits.cpu: container web of Deployment app sets no limits.cpu
    ");
}

#[test]
fn a_request_that_is_not_written_is_the_limit() {
    let limits = "resources: {limits: {cpu: 2, memory: 1Gi}, requests: {cpu: 100m}}";
    assert_eq!(of_container(limits, Fact::RequestsCpu), "100m");
    assert_eq!(of_container(limits, Fact::RequestsMemory), "1Gid");
}

#[test]
fn pods_that_may_be_missing_are_counted_as_the_controller_does() {
    let rolling = |replicas: u32, numbers: &str| {
        let spec = format!("replicas: {replicas}\nstrategy: {{rollingUpdate: {{{numbers}}}}}");
        of_spec(&spec, Fact::MaxUnavailable)
    };
    assert_eq!(rolling(10, "maxUnavailable: 0, maxSurge: 1"), "0");
    assert_eq!(rolling(10, "maxUnavailable: 3"), "3");
    assert_eq!(rolling(10, "maxUnavailable: 25%"), "2");
    assert_eq!(rolling(4, "maxUnavailable: '25%'"), "1");
    assert_eq!(rolling(3, "maxUnavailable: 25%"), "0");
    assert_eq!(rolling(3, "maxUnavailable: 25%, maxSurge: 0"), "1");
    assert_eq!(rolling(3, "maxSurge: 0"), "1d");
    assert_eq!(of_spec("replicas: 3\nstrategy: {type: Recreate}", Fact::MaxUnavailable), "3");
    let surge = |text: &str| of_spec(&format!("replicas: 3\nstrategy: {text}"), Fact::MaxSurge);
    assert_eq!(surge("{rollingUpdate: {maxSurge: 25%}}"), "1");
    assert_eq!(surge("{type: Recreate}"), "0");
    // Where somebody else says how many pods there are, a percentage is of an unknown number.
    let zero = "strategy: {rollingUpdate: {maxUnavailable: 0}}";
    assert_eq!(of_spec(zero, Fact::MaxUnavailable), "0");
    let unknown = [
        of_spec("", Fact::MaxUnavailable),
        of_spec("strategy: {type: Recreate}", Fact::MaxUnavailable),
        rolling(3, "maxUnavailable: 0, maxSurge: 0%"),
        rolling(3, "maxUnavailable: 101%"),
        rolling(3, "maxUnavailable: -1"),
        rolling(3, "maxUnavailable: '1'"),
        rolling(3, "maxUnavailable: 1.5"),
        rolling(3, "maxUnavailable: x%"),
        rolling(3, "maxUnavailable: [1]"),
        of_spec("strategy: {type: Sudden}", Fact::MaxUnavailable),
        of_spec("replicas: 99999999999", Fact::Replicas),
    ];
    insta::assert_snapshot!(unknown.join("\n"), @r#"
    Deployment app: max-unavailable is a part of replicas, and replicas is not written
    Deployment app: max-unavailable is a part of replicas, and replicas is not written
    Deployment app, line 5: maxUnavailable 0 and maxSurge are both 0, so that no update can go on
    Deployment app, line 5: maxUnavailable 101% is more than 100%
    Deployment app, line 5: maxUnavailable -1 is no whole number from 0 to 2147483647
    Deployment app, line 5: maxUnavailable "1" is no whole number from 0 to 2147483647
    Deployment app, line 5: maxUnavailable 1.5 is no whole number from 0 to 2147483647
    Deployment app, line 5: maxUnavailable x% is no percentage
    Deployment app, line 5: maxUnavailable is no whole number from 0 to 2147483647
    Deployment app, line 4: strategy.type Sudden is neither RollingUpdate nor Recreate
    Deployment app, line 4: replicas 99999999999 is no whole number from 0 to 2147483647
    "#);
}

#[test]
fn quantities_are_exact_or_refused() {
    let memory = |text: &str| {
        of_container(&format!("resources: {{limits: {{memory: {text}}}}}"), Fact::LimitsMemory)
    };
    let cpu = |text: &str| {
        of_container(&format!("resources: {{limits: {{cpu: {text}}}}}"), Fact::LimitsCpu)
    };
    for (written, exact) in [
        ("1Gi", "1Gi"),
        ("128974849", "128974849B"),
        ("'1.5Gi'", "1536Mi"),
        ("129e6", "129MB"),
        ("129M", "129MB"),
    ] {
        assert_eq!(memory(written), exact);
    }
    for (written, exact) in [("1", "1"), ("0.1", "100m"), ("'2'", "2"), ("1500m", "1500m")] {
        assert_eq!(cpu(written), exact);
    }
    let refused = [
        memory("1e99Gi"),
        memory("1e99"),
        memory("-1Gi"),
        memory("150MB"),
        memory("64 Mi"),
        memory("[64Mi]"),
        memory(&"9".repeat(1000)),
        cpu("1.5.2"),
        cpu("-100m"),
        cpu("NaN"),
        cpu("1_000m"),
        cpu("{a: 1}"),
    ];
    insta::assert_snapshot!(refused.join("\n"), @"
    Deployment app, line 8: limits.memory 1e99Gi is no quantity in bytes: give a number and its unit, as 150MB, 1KB (decimal), 64Mi or 1GiB (binary)
    Deployment app, line 8: limits.memory 1e99 is larger than any bytes there are: give a number and its unit, as 150MB, 1KB (decimal), 64Mi or 1GiB (binary)
    Deployment app, line 8: limits.memory -1Gi is negative: give a number and its unit, as 150MB, 1KB (decimal), 64Mi or 1GiB (binary)
    Deployment app, line 8: limits.memory 150MB is no quantity: the API knows 150M and 64Mi, no B
    Deployment app, line 8: limits.memory 64 Mi is no quantity: the API knows 150M and 64Mi, no B
    Deployment app, line 8: limits.memory is no text
    Deployment app, line 8: limits.memory 9999999999999999999999999999999999999999 is no quantity in bytes: give a number and its unit, as 150MB, 1KB (decimal), 64Mi or 1GiB (binary)
    Deployment app, line 8: limits.cpu 1.5.2 is no quantity in cpu: give a number of cores, as 50m (thousandths), 0.5 or 2
    Deployment app, line 8: limits.cpu -100m is negative: give a number of cores, as 50m (thousandths), 0.5 or 2
    Deployment app, line 8: limits.cpu NaN is no quantity in cpu: give a number of cores, as 50m (thousandths), 0.5 or 2
    Deployment app, line 8: limits.cpu 1_000m is no quantity in cpu: give a number of cores, as 50m (thousandths), 0.5 or 2
    Deployment app, line 8: limits.cpu is no text
    ");
}

#[test]
fn the_object_that_is_meant_is_found_or_asked_for() {
    let pod = "spec: {template: {spec: {containers: [{name: a}, {name: b}]}}}";
    let object =
        |kind: &str, name: &str| format!("---\nkind: {kind}\nmetadata: {{name: {name}}}\n{pod}\n");
    let two = object("Deployment", "one")
        + "---\n# nothing\n---\n"
        + &object("Deployment", "two")
        + "---\na: 1\n";
    assert_eq!(select(&two, "Deployment/two").unwrap().name, "two");
    let set = two.clone() + &object("StatefulSet", "db");
    assert_eq!(select(&set, "StatefulSet").unwrap().name, "db");
    assert_eq!(select(&set, "StatefulSet").unwrap().rollout, None);
    let list = "kind: List\nitems:\n- kind: DeploymentList\n  items:\n  - kind: Deployment\n    metadata: {name: deep}\n    spec: {template: {spec: {containers: [{name: a}]}}}\n";
    assert_eq!(read(list).unwrap().name, "deep");
    let cron = "kind: CronJob\nmetadata: {name: c}\nspec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a}]}}}}}";
    assert_eq!(select(cron, "CronJob").unwrap().containers.len(), 1);
    let bare = "kind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a}]}";
    assert_eq!(select(bare, "Pod/p").unwrap().containers[0].name, "a");
    let one = select(&two, "Deployment/one").unwrap();
    assert_eq!(one.named_container(Some("b")).unwrap().name, "b");
    let unclear = [
        said(&two),
        select(&two, "Deployment/three").unwrap_err(),
        select(&two, "Job").unwrap_err(),
        said(&(object("Deployment", "one") + &object("Deployment", "one"))),
        said("kind: Deployment\nspec: {}"),
        said("kind: Deployment\nmetadata: {name: a}\nspec: {}"),
        said("kind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {containers: []}}}"),
        said(""),
        one.named_container(None).unwrap_err().to_string(),
        one.named_container(Some("c")).unwrap_err().to_string(),
        select(&set, "StatefulSet")
            .unwrap()
            .fact(Fact::MaxUnavailable, None)
            .unwrap_err()
            .to_string(),
    ];
    insta::assert_snapshot!(unclear.join("\n"), @"
    there is Deployment one on line 2 and Deployment two on line 9: say which is meant
    no Deployment three among 5 objects, of which 1 without a kind
    no Job among 5 objects, of which 1 without a kind
    there is Deployment one on line 2 and Deployment one on line 6: one of them has to go
    line 1: a Deployment without a name
    Deployment a, line 1: it has no pods: spec.template.spec is missing
    Deployment a, line 3: it has no containers
    no Deployment among 0 objects
    Deployment one has several containers, say which is meant: a, b
    Deployment one has no container c, but a, b
    max-unavailable is read of a Deployment, and this is a StatefulSet
    ");
}
