//! A dashboard of Grafana: a panel for each metric, with its limits drawn in.
//!
//! The model: <https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/>.

use serde_json::{Value, json};
use timing_core::budget::{Allowed, Amount, Budget, Direction, Reading, Unit};

use super::{query, series};

/// The columns that Grafana has, and what a panel takes of them.
const COLUMNS: usize = 24;
const WIDTH: usize = 8;
const HEIGHT: usize = 8;

/// No identifier of Grafana's is longer.
const LONGEST_UID: usize = 40;

/// A dashboard of `budgets`.
pub(super) fn dashboard(budgets: &[Budget<'_>]) -> Result<Option<String>, String> {
    let Some(first) = budgets.first() else { return Ok(None) };
    let environment = first.environment.as_str();
    let panels: Vec<Value> =
        budgets.iter().enumerate().map(|(place, budget)| panel(place, budget)).collect();
    let uid: String =
        format!("performance-budgets-{environment}").chars().take(LONGEST_UID).collect();
    let dashboard = json!({
        "uid": uid,
        "title": format!("Performance budgets in {environment}"),
        "tags": ["performance-budgets"],
        "schemaVersion": 39,
        "editable": true,
        "refresh": "1m",
        "time": { "from": "now-6h", "to": "now" },
        "templating": { "list": [{
            "name": "datasource",
            "label": "Prometheus",
            "type": "datasource",
            "query": "prometheus",
        }] },
        "panels": panels,
    });
    let text = serde_json::to_string_pretty(&dashboard)
        .map_err(|error| format!("the dashboard cannot be written: {error}"))?;
    Ok(Some(text + "\n"))
}

fn panel(place: usize, budget: &Budget<'_>) -> Value {
    let in_a_row = COLUMNS / WIDTH;
    let source = json!({ "type": "prometheus", "uid": "${datasource}" });
    let expression =
        query(budget).map_or_else(|| series("budget_value", budget), |source| source.query);
    json!({
        "id": place + 1,
        "type": "timeseries",
        "title": budget.to_string(),
        "description": described(budget),
        "datasource": source,
        "gridPos": {
            "x": place % in_a_row * WIDTH,
            "y": place / in_a_row * HEIGHT,
            "w": WIDTH,
            "h": HEIGHT,
        },
        "targets": [{ "refId": "A", "datasource": source, "expr": expression }],
        "fieldConfig": {
            "defaults": {
                "unit": unit(budget.metric.unit),
                "custom": { "thresholdsStyle": { "mode": "line" } },
                "thresholds": { "mode": "absolute", "steps": steps(budget) },
            },
            "overrides": [],
        },
        "options": { "legend": { "showLegend": false } },
    })
}

fn described(budget: &Budget<'_>) -> String {
    let show = |name: &str, limit: Option<Allowed>, reading| {
        limit.map(|limit| format!("{name} {}", limit.show(reading, budget.metric.unit)))
    };
    let limits = [
        show("target", budget.limits.target(), Reading::Target),
        show("warns", budget.limits.warn(), Reading::Alarm),
        show("fails", budget.limits.fail(), Reading::Alarm),
    ];
    let metric = budget.metric;
    let owner = metric.owner.as_ref().map(|owner| format!("owner: {owner}"));
    let said = [metric.about.clone(), metric.reference.clone(), owner];
    said.into_iter().chain(limits).flatten().collect::<Vec<_>>().join("; ")
}

fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Seconds => "s",
        Unit::Bytes => "bytes",
        Unit::Ratio => "percentunit",
        Unit::Cpu | Unit::Count => "short",
    }
}

/// Each colour holds from its value on. Targets are drawn where there is nothing else.
fn steps(budget: &Budget<'_>) -> Vec<Value> {
    let limits = budget.limits;
    let (mild, severe) = if limits.is_target_only() {
        (limits.target(), None)
    } else {
        (limits.warn(), limits.fail())
    };
    let marks = [(mild, "orange"), (severe, "red")];
    let mut marks = marks.into_iter().filter_map(|(limit, colour)| Some((limit?, colour)));
    let mut steps: Vec<(Option<Amount>, &str)> = Vec::new();
    match budget.metric.direction {
        Direction::Lower => {
            steps.push((None, "green"));
            steps.extend(marks.map(|(limit, colour)| (Some(limit.edge(Amount::ZERO)), colour)));
        }
        Direction::Higher => {
            // What is worst stands lowest.
            let mut colours: Vec<(Option<Amount>, &str)> =
                marks.map(|(limit, colour)| (Some(limit.edge(Amount::ZERO)), colour)).collect();
            colours.reverse();
            let mut from = None;
            for (edge, colour) in colours {
                steps.push((from, colour));
                from = edge;
            }
            steps.push((from, "green"));
        }
        Direction::Exact => match marks.next_back() {
            Some((Allowed::Within(low, high), colour)) => {
                steps.extend([(None, colour), (Some(low), "green"), (Some(high), colour)]);
            }
            _ => steps.push((None, "green")),
        },
    }
    let step = |(from, colour): (Option<Amount>, &str)| json!({ "color": colour, "value": from.map(Amount::as_f64) });
    steps.into_iter().map(step).collect()
}
