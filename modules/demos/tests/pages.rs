//! Every page of the theory is compiled, and says no word by which its code would escape that.

use std::path::{Path, PathBuf};

/// Each `.md` below `folder`, as deep as it may lie.
fn markdown(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            markdown(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

fn modules() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn every_page_is_compiled() {
    let mut found = Vec::new();
    markdown(&modules(), &mut found);
    found.sort();
    let names: Vec<String> = found
        .iter()
        .map(|path| path.strip_prefix(modules()).expect("below modules").to_string_lossy().into_owned())
        .collect();
    assert_eq!(names, demos::PAGES, "modules/demos/build.rs looks for modules/*/*.md");
}

#[test]
fn no_code_of_a_page_is_left_out() {
    for page in demos::PAGES {
        let text = std::fs::read_to_string(modules().join(page)).expect("a page");
        for (line, at) in text.lines().zip(1..) {
            let words: Vec<&str> = line.trim().trim_start_matches('`').split(',').collect();
            let fence = line.trim_start().starts_with("```");
            assert!(fence || !line.contains("```rust"), "modules/{page}:{at}: begin the block on a line of its own");
            assert!(!(fence && words.contains(&"ignore")), "modules/{page}:{at}: rustdoc does not compile this block");
            assert!(!(fence && words[0] == "rs"), "modules/{page}:{at}: write ```rust, or it is not compiled");
        }
    }
}
