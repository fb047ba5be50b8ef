//! An exercise and the grader share each compiled dependency: where both use a crate, its features are the same.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// What cargo would build of these packages, without their tests: a library and its features on each line.
fn libraries(packages: &[&str], more: &str) -> BTreeSet<String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args(["tree", "--offline", "--prefix", "none", "-f", "{p}|{f}", "-e", &format!("normal,build{more}")])
        .args(packages.iter().flat_map(|package| ["-p", package]))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).replace(" (*)", "").replace(" (proc-macro)", "");
    text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// `build` chooses the package `grader-features` beside the program that it builds.
#[test]
fn what_the_grader_has_compiled_serves_the_exercises() {
    let grader = libraries(&["grader"], "");
    let name = |line: &String| line.split('|').next().unwrap_or_default().to_owned();
    let names: BTreeSet<String> = grader.iter().map(name).collect();
    for (packages, more) in [
        (["grader-features", "ex01-producer-basics"], ""),
        (["grader-features", "demos"], ""),
        (["grader", "ex01-producer-basics"], ""), // as `cargo run --bin` by hand
        (["grader"; 2], ",dev"),
    ] {
        let twice: Vec<String> = libraries(&packages, more).difference(&grader).cloned().collect();
        let twice: Vec<&String> = twice.iter().filter(|line| names.contains(&name(line))).collect();
        assert!(
            twice.is_empty(),
            "with {packages:?}{more} these are compiled a second time, see grader/features: {twice:#?}"
        );
    }
}

#[test]
fn no_two_programs_are_built_into_the_same_file() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--offline", "--no-deps", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo can be run");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo's metadata");
    let mut owners: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for package in metadata["packages"].as_array().expect("packages") {
        for target in package["targets"].as_array().expect("targets") {
            let (kind, name) = (target["kind"][0].as_str(), target["name"].as_str());
            if let (Some(kind @ ("bin" | "example")), Some(name)) = (kind, name) {
                let package = package["name"].as_str().unwrap_or_default();
                owners.entry((kind.into(), name.into())).or_default().push(package.into());
            }
        }
    }
    owners.retain(|_, packages| packages.len() > 1);
    // Two checks at once would run each other's programs.
    assert!(owners.is_empty(), "give one of them another name: {owners:#?}");
}
