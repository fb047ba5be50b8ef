//! An exercise and the grader share each compiled dependency: where both use a crate, its features are the same.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Crate and version to the sets of features that it is built with.
fn features(package: &str) -> BTreeMap<String, BTreeSet<String>> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args(["tree", "--offline", "-p", package, "-e", "normal,build", "--prefix", "none", "-f", "{p}|{f}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        if let Some((name, features)) = line.replace(" (*)", "").replace(" (proc-macro)", "").split_once('|') {
            found.entry(name.to_owned()).or_default().insert(features.to_owned());
        }
    }
    found
}

#[test]
fn what_the_grader_has_compiled_serves_the_exercises() {
    let grader = features("grader");
    let kit = features("kit");
    let twice: Vec<String> = kit
        .iter()
        .filter_map(|(name, kits)| Some((name, kits, grader.get(name)?)))
        .filter(|(_, kits, graders)| !kits.is_subset(graders))
        .map(|(name, kits, graders)| format!("{name}: {kits:?} for the kit, {graders:?} for the grader"))
        .collect();
    assert!(twice.is_empty(), "compiled twice; see exercises/kit/Cargo.toml:\n{}", twice.join("\n"));
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
