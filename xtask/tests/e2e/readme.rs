//! What the README shows is what its commands print.

use std::path::Path;

use crate::support::Scene;

const MADE_UP: &str = "--file testdata/history/build_timings.csv";

/// The commands about the made-up history and what stands below them.
fn examples(readme: &str) -> Vec<(Vec<String>, String)> {
    let blocks = readme.split("```").filter_map(|block| block.strip_prefix("console\n"));
    let calls = blocks.flat_map(|block| block.split("$ cargo xtask ").skip(1));
    calls
        .filter_map(|call| call.split_once('\n'))
        .filter(|(command, _)| command.contains(MADE_UP))
        .map(|(command, shown)| {
            (command.split(' ').map(str::to_owned).collect(), shown.trim_end().to_owned())
        })
        .collect()
}

#[test]
fn the_questions_to_the_history_are_answered_as_the_readme_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let text = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let mut scene = Scene::new();
    for path in ["xtask.toml", "testdata/history/build_timings.csv", "testdata/history/costs.csv"] {
        scene = scene.file(path, &text(path));
    }
    let stages = "testdata/history/stages";
    for entry in std::fs::read_dir(root.join(stages)).unwrap() {
        let path = format!("{stages}/{}", entry.unwrap().file_name().into_string().unwrap());
        scene = scene.file(&path, &text(&path));
    }
    let examples = examples(&text("README.md"));
    assert!(examples.len() >= 11, "the README has lost its examples: {}", examples.len());
    for (arguments, shown) in examples {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let run = scene.calling(&arguments).run();
        let printed = run.stdout + &run.stderr;
        assert_eq!(printed.trim_end(), shown, "{arguments:?}");
    }
}
