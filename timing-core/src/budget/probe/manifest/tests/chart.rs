//! The sample service's chart renders to the manifests that are kept.
//!
//! The templates use substitution alone, so that it can be done here where there is no Helm.

use std::ffi::OsString;
use std::time::Duration;

use super::super::yaml::{Document, Node, Value, documents};
use super::*;
use crate::capture::Command;

const ENVIRONMENTS: [&str; 3] = ["development", "staging", "production"];

fn file(name: &str) -> String {
    std::fs::read_to_string(platform().join(name)).unwrap()
}

/// What `text` has at a path, as Helm would print it.
fn value(text: &str, path: &str) -> Option<String> {
    let at = |document: &Document| {
        let start = document.root();
        let node = path.split('.').try_fold(start?, |node: Node<'_>, key| node.get(key))?;
        match node.value() {
            Value::Plain(text) | Value::Text(text) => Some(text.to_owned()),
            _ => None,
        }
    };
    documents(text, at).unwrap()
}

/// What a path in a template stands for.
fn substitute(path: &str, environment: &str) -> Option<String> {
    if let Some(path) = path.strip_prefix(".Values.") {
        let own = value(&file(&format!("chart/values-{environment}.yaml")), path);
        return own.or_else(|| value(&file("chart/values.yaml"), path));
    }
    if let Some(name) = path.strip_prefix(".Chart.") {
        let (first, rest) = name.split_at(1);
        return value(&file("chart/Chart.yaml"), &(first.to_lowercase() + rest));
    }
    match path {
        ".Release.Name" => Some("sample-service".to_owned()),
        ".Release.Service" => Some("Helm".to_owned()),
        _ => None,
    }
}

fn rendered(environment: &str) -> String {
    let action = regex_lite::Regex::new(r"\{\{ ([.A-Za-z]+)( \| quote)? \}\}").unwrap();
    // In the order in which Helm installs their kinds.
    ["service", "deployment"]
        .map(|name| {
            let template = file(&format!("chart/templates/{name}.yaml"));
            let text = action.replace_all(&template, |found: &regex_lite::Captures<'_>| {
                let value = substitute(&found[1], environment);
                let value = value.unwrap_or_else(|| panic!("{} in {environment}", &found[1]));
                if found.get(2).is_some() { format!("{value:?}") } else { value }
            });
            format!("---\n# Source: sample-service/templates/{name}.yaml\n{text}")
        })
        .concat()
}

#[test]
fn the_chart_renders_to_the_manifests_that_are_kept() {
    for environment in ENVIRONMENTS {
        let kept = file(&format!("manifests/{environment}.yaml"));
        assert_eq!(rendered(environment), kept, "{environment}");
        assert!(!kept.contains("{{"), "the templates do more than this test can");
    }
}

#[test]
fn helm_renders_them_too() {
    for environment in ENVIRONMENTS {
        let values = format!("chart/values-{environment}.yaml");
        let words = ["template", "sample-service", "chart", "--values", values.as_str()];
        let arguments = words.map(str::to_owned);
        let variables: Vec<(OsString, OsString)> = std::env::vars_os().collect();
        let directory = platform();
        let command = Command {
            program: "helm",
            arguments: &arguments,
            environment: &variables,
            directory: &directory,
        };
        let run = Run { command: &command, timeout: Duration::from_secs(60) };
        match command::output(&run, LONGEST, &Signals::none()) {
            Ok(printed) => {
                let kept = file(&format!("manifests/{environment}.yaml"));
                assert_eq!(String::from_utf8(printed).unwrap().trim(), kept.trim());
                let workload = render(&run, &Selector::default(), &Signals::none()).unwrap();
                assert_eq!(fact(&workload, Fact::MaxUnavailable), "0");
            }
            Err(unknown) => {
                assert_eq!(unknown.to_string(), "helm is not installed (not found)");
                assert_eq!(
                    render(&run, &Selector::default(), &Signals::none()),
                    Err(unknown.clone())
                );
                command::gate::skipped("helm_renders_them_too", "helm", &unknown);
                return;
            }
        }
    }
}

/// What a command renders is read as a file is: here by one that every machine has.
#[test]
fn what_a_command_prints_is_read() {
    let arguments = ["manifests/staging.yaml".to_owned()];
    let variables = [("PATH".into(), std::env::var_os("PATH").unwrap_or_default())];
    let directory = platform();
    let mut command = Command {
        program: "cat",
        arguments: &arguments,
        environment: &variables,
        directory: &directory,
    };
    let rendered = |command: &Command<'_>| {
        let run = Run { command, timeout: Duration::from_secs(60) };
        render(&run, &Selector::default(), &Signals::none())
    };
    assert_eq!(fact(&rendered(&command).unwrap(), Fact::LimitsCpu), "500m");
    command.program = "echo";
    assert_eq!(
        rendered(&command).unwrap_err().to_string(),
        "manifests of echo: no Deployment among 1 objects, of which 1 without a kind"
    );
}
