//! `timings …`: what each command says, and exits with.

mod check;
mod cost;
mod dora;
mod list;
mod slo;
mod stats;
mod trend;
mod verify;

use crate::support::Scene;

/// A file as it exists: four generations, a repeated header, blanks, CRLF, and no newline at the
/// end. Every line of it can be read.
const FOUR_GENERATIONS: &str = "\
start_time_utc,end_time_utc,phase,env,build_id,duration_seconds,exit_code,flags,log_path
2025-01-15T10:00:00Z,2025-01-15T10:05:00Z,dev, 20250115-06#####NEEDTOUPDATE### ,300,0,a.log
2025-02-15T10:00:00Z,2025-02-15T10:00:00Z,build,dev,15-02-25-01,0,255,\"A=1 B=2\",b.log
2025-03-15T10:00:00Z,2025-03-15T10:01:01Z,build,dev,15-03-25-01,61,0,1,2,3,https://ci.example/1\r
2025-03-16T10:00:00Z,2025-03-16T10:01:00Z,build,dev,16-03-25-01,60,0,1,2,3,https://ci.example/2
start_time_utc,end_time_utc,phase,env,build_id,duration_seconds,exit_code,flags,log_path
2026-01-24T14:43:27Z,2026-01-24T14:58:03Z,apply-persistent,dev,persistent,876,0,RUN=r1,3,1,0,logs/c.log
2026-01-25T14:43:27Z,2026-01-25T14:43:30Z,apply-persistent,dev,persistent,3,1,RUN=r2,0,0,0,logs/d.log
2026-01-26T14:43:27Z,2026-01-26T14:59:03Z,apply-persistent,dev,persistent,936,0,RUN=r3,3,1,0,logs/e.log
2026-01-27T14:43:27Z,2026-01-27T15:05:07Z,apply-persistent,test,persistent,1300,0,RUN=r4,3,1,0,logs/f.log";

/// What a merge leaves behind.
const DAMAGED: &str = "<<<<<<< HEAD\n2025-02-30T10:00:00Z,,build,dev,1,5,0,,b.log\n";

/// A repository whose registry has this file of environment `dev`.
fn recorded(file: &str) -> Scene {
    Scene::new().registry_file(file)
}
