//! A repository with a past, whose last run was made by this program.

use std::fmt::Write;
use std::path::PathBuf;

use timing_core::clock::{Clock, SystemClock, UtcStamp};

use crate::support::Scene;
use crate::support::browser::{Look, Scheme};

const BOOTSTRAP: &str = "bootstrap/10_bootstrap/goldenpath-idp-bootstrap-v3.sh";

const STAGES: &str = "\
    echo 'STAGE 1: CLUSTER ACCESS'; sleep 0.2; echo 'STAGE 1 COMPLETE'
    echo 'STAGE 5: METRICS SERVER AND WHATEVER ELSE A LONG NAME HAS ROOM FOR'; sleep 0.3
    echo 'STAGE 5 COMPLETE'\n";

const APPLY: &str = "\
    echo 'module.vpc.aws_vpc.main: Creating...'; sleep 0.2; \
    echo 'module.vpc.aws_vpc.main: Creation complete after 2s [id=vpc]'; \
    echo 'module.eks.module.node_group[\"general-purpose\"].aws_eks_node_group.this[0]: Creating...'; \
    echo 'module.eks.aws_eks_cluster.this: Creating...'; sleep 0.6; \
    echo 'module.eks.aws_eks_cluster.this: Creation complete after 6s [id=x]'; sleep 0.3; \
    echo 'module.eks.module.node_group[\"general-purpose\"].aws_eks_node_group.this[0]: Creation complete after 9s [id=y]'; \
    echo 'Apply complete! Resources: 3 added, 0 changed, 0 destroyed.'";

const BUDGETS: &str = "\
    owner = \"Platform\"\n\
    [metric.apply]\nabout = \"How long applying takes\"\nunit = \"seconds\"\ntarget = \"< 10m\"\n\
    warn = \"> 11m\"\nfail = \"> 20m\"\nsource = { kind = \"phase\", phase = \"apply-persistent\" }\n\
    [metric.image-size]\nunit = \"bytes\"\ntarget = \"< 150MB\"\n\
    source = { kind = \"image\", image = \"app\" }\n";

/// Names that somebody might put into a row; what they are as HTML must not matter.
pub(super) const HOSTILE: [&str; 4] = [
    "<script>window.broken=1</script>",
    "'\"><img src=x onerror=window.broken=2>",
    "</script><!--",
    "a-phase-whose-name-is-a-great-deal-longer-than-that-of-any-phase-anybody-would-want-to-read-out-loud",
];

/// Screens that the page has to look well on.
pub(super) fn screens() -> [(&'static str, Look); 4] {
    let look = |width, scheme| Look { width, height: 900, scheme };
    [
        ("1280-light", look(1280, Scheme::Light)),
        ("1280-dark", look(1280, Scheme::Dark)),
        ("390-light", look(390, Scheme::Light)),
        ("390-dark", look(390, Scheme::Dark)),
    ]
}

/// What was accepted, four weeks ago.
fn epochs() -> String {
    let now = SystemClock.now().unix_seconds();
    let since = UtcStamp::from_unix_seconds(now - 28 * 86_400);
    format!(
        "[[epoch]]\nphase = \"apply-persistent\"\nsince = \"{since}\"\nwhy = \"Two more node groups\"\n"
    )
}

/// Ten weeks of deployments: a change for the worse in the sixth, failures, a second environment, one
/// phase that ran once, rows of the first generation.
fn past() -> String {
    let mut rows = String::from(
        "start_time_utc,end_time_utc,phase,env,build_id,duration_seconds,exit_code,flags,\
         resources_added,resources_changed,resources_destroyed,log_path\n\
         2025-01-15T10:00:00Z,2025-01-15T10:05:00Z,dev,20250115-06,300,0,a.log\n",
    );
    let now = SystemClock.now().unix_seconds();
    let midnight = now - now % 86_400;
    let mut add = |day: u64, hour: u64, phase: &str, env: &str, seconds: u64, code: u8| {
        // The seventieth day is yesterday.
        let start = UtcStamp::from_unix_seconds(midnight - (71 - day) * 86_400 + hour * 3600);
        let _ = writeln!(
            rows,
            "{start},,{phase},{env},persistent,{seconds},{code},RUN=r{day}{hour},{},1,0,logs/a.log",
            3 + day % 5
        );
    };
    for day in 1..=70 {
        let slow = if day > 40 { 130 } else { 0 };
        let (apply, code) = if day % 11 == 7 { (41, 1) } else { (560 + day * 37 % 50 + slow, 0) };
        add(day, 9, "apply-persistent", "dev", apply, code);
        if code == 0 {
            add(
                day,
                10,
                "bootstrap-persistent",
                "dev",
                300 + day * 53 % 90,
                u8::from(day % 17 == 3),
            );
        }
        if day % 3 == 0 {
            add(day, 12, "apply-persistent", "test", 1300 + day * 29 % 200, 0);
        }
    }
    add(70, 14, "teardown-persistent", "test", 95, 0);
    rows
}

/// A repository with all that a page can tell of.
pub(super) fn recorded() -> Scene {
    let scene = Scene::new()
        .file("epochs.toml", &epochs())
        .file("budgets.toml", BUDGETS)
        .file(BOOTSTRAP, STAGES)
        .step("apply", &["bash", "-c", APPLY])
        .step("verify", &["true"])
        .committed()
        .registry_file(&past());
    scene.xtask(&["deploy-persistent", "CREATE_RDS=false"]).exits(0);
    scene
}

/// A repository of hostile names only.
pub(super) fn hostile() -> Scene {
    let row = |(day, name): (usize, &&str)| {
        let quoted = name.replace('"', "\"\"");
        let day = day + 1;
        format!(
            "2025-07-0{day}T09:00:00Z,,\"{quoted}\",\"dev{quoted}\",\"{quoted}\",60,{},\
             \"A={quoted}\",3,1,0,\"{quoted}\"\n",
            day % 2
        )
    };
    Scene::new().registry_file(&HOSTILE.iter().enumerate().map(row).collect::<String>())
}

/// The page of a repository.
#[track_caller]
pub(super) fn page_of(scene: &Scene) -> PathBuf {
    let path = scene.outside().join("report.html");
    scene.calling(&["report", "--out"]).argument(&path).run().exits(0);
    path
}
