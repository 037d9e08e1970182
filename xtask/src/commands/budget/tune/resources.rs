//! `budget tune --resources`: what the use of CPU and memory implies, as YAML that is applied to a
//! Deployment, each figure with what it rests on.

use std::fmt::Write;

use timing_core::budget::tune::{
    CPU_RULE, CpuAdvice, FEWEST, MEMORY_RULE, MEMORY_SPARE, MemoryAdvice, Resources, Use, resources,
};
use timing_core::budget::{History, Unit};
use timing_core::record::ExitCode;

use super::Answer;
use crate::commands::budget::export::yaml::text as quoted;
use crate::settings::BudgetSettings;

/// Where the file does not say what the Deployment is called.
const NAMELESS: &str = "app";

pub(super) fn answer(settings: &BudgetSettings, history: &History) -> Answer {
    let found = resources(&settings.budgets, &settings.environment, history);
    let mut remarks = Vec::new();
    if found.cpu.is_none() && found.memory.is_none() {
        remarks.push(format!(
            "nothing is known of CPU or memory in {}: that takes a metric with a process or \
             prometheus source in cpu or bytes, or a ratio that says `of` what, with {FEWEST} \
             measurements",
            settings.environment
        ));
    } else if found.deployment.is_none() {
        remarks.push(format!(
            "the budget file names no Deployment: {NAMELESS} stands in its place and in that of \
             its container"
        ));
    }
    Answer { text: yaml(&found), remarks, exit_code: ExitCode::SUCCESS }
}

fn yaml(found: &Resources) -> String {
    let name = quoted(found.deployment.as_deref().unwrap_or(NAMELESS));
    let mut text = String::new();
    if found.cpu.is_some() || found.memory.is_some() {
        text.push_str(&deployment(found, &name));
    }
    if let Some(cpu) = &found.cpu {
        text.push_str(&autoscaler(cpu, &name));
    }
    text
}

/// A patch of the Deployment: what it does not say stays.
fn deployment(found: &Resources, name: &str) -> String {
    let mut text = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec:\n  template:\n    \
         spec:\n      containers:\n        - name: {name}\n          resources:\n            \
         requests:\n"
    );
    if let Some(CpuAdvice { of, request, .. }) = &found.cpu {
        line(&mut text, 14, &used(of, Unit::Cpu));
        line(&mut text, 14, &format!("# p95 is at most {CPU_RULE} of this"));
        line(&mut text, 14, &format!("cpu: {}", quoted(&Unit::Cpu.exact(*request))));
    }
    if let Some(MemoryAdvice { of, request, limit }) = &found.memory {
        line(&mut text, 14, &used(of, Unit::Bytes));
        line(&mut text, 14, &format!("# the maximum and {MEMORY_SPARE}"));
        line(&mut text, 14, &format!("memory: {}", quoted(&Unit::Bytes.exact(*request))));
        line(&mut text, 12, "limits:");
        line(
            &mut text,
            14,
            &format!("# the maximum and {MEMORY_SPARE} are at most {MEMORY_RULE} of this"),
        );
        line(&mut text, 14, &format!("memory: {}", quoted(&Unit::Bytes.exact(*limit))));
    }
    text
}

fn autoscaler(cpu: &CpuAdvice, name: &str) -> String {
    let used = Unit::Cpu.short(cpu.of.max);
    format!(
        "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: {name}\n\
         spec:\n  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: {name}\n  \
         # a rolling update and the loss of one leave one\n  minReplicas: 2\n  # the most that was \
         used, {used}, spread so that each uses {CPU_RULE}, and as much again\n  maxReplicas: {}\n  \
         metrics:\n    - type: Resource\n      resource:\n        name: cpu\n        target:\n          \
         type: Utilization\n          averageUtilization: {}\n",
        cpu.replicas.saturating_mul(2),
        CPU_RULE.thousandths() / 1000,
    )
}

fn used(of: &Use, unit: Unit) -> String {
    let [median, p95, max] = [of.median, of.p95, of.max].map(|amount| unit.short(amount));
    let part_of = of
        .part_of
        .as_ref()
        .map(|(metric, given)| format!(", as a part of {metric} = {}", unit.exact(*given)));
    format!(
        "# {}{}: {} measurements, median {median}, p95 {p95}, max {max}",
        of.metric,
        part_of.unwrap_or_default(),
        of.samples
    )
}

fn line(text: &mut String, indent: usize, line: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{:indent$}{line}", "");
}
