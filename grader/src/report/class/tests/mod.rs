//! Each format, of one small class in which everything has happened.

mod browser;
mod hostile;
mod large;
mod looked_at;
mod round_trip;
mod sample;

use super::*;
use std::path::PathBuf;

/// What the reports of the sample are: a path below the folder, and the text.
fn written() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let into = written_of(&sample::class(folder.path()), folder.path());
    (folder, into)
}

/// The reports of `class`, in a folder within `folder`.
fn written_of(class: &ClassResults, folder: &Path) -> PathBuf {
    let into = folder.join("out");
    write(class, &into).expect("reports");
    into
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A page, with a line for each element, and without what every page begins with.
fn without_style(page: &str) -> String {
    let body = page.split_once("<body>").map_or(page, |(_, body)| body);
    let body = body.split_once("<script>").map_or(body, |(body, _)| body);
    body.replace("><", ">\n<")
}

#[test]
fn each_format_says_what_became_of_each_learner() {
    let (_folder, into) = written();
    insta::assert_snapshot!("results.csv", read(&into.join("results.csv")));
    insta::assert_snapshot!("report", without_style(&read(&into.join("report.html"))));
    let lines = read(&into.join("results.jsonl"));
    insta::assert_snapshot!("results.jsonl", lines.lines().take(4).collect::<Vec<_>>().join("\n"));
    insta::assert_snapshot!("junit.xml", read(&into.join("junit.xml")));
    for learner in ["ben", "eve", "finn"] {
        let text = read(&into.join(format!("gradescope/{learner}/results.json")));
        insta::assert_snapshot!(format!("gradescope-{learner}.json"), text);
        let text = read(&into.join(format!("feedback/{learner}.html")));
        insta::assert_snapshot!(format!("feedback-{learner}"), without_style(&text));
    }
}

#[test]
fn no_seed_is_told_to_learners() {
    let (_folder, into) = written();
    for learner in ["ada", "ben", "cyd", "dora", "eve", "finn"] {
        for file in [format!("gradescope/{learner}/results.json"), format!("feedback/{learner}.html")] {
            let text = read(&into.join(file));
            assert!(!sample::SEEDS.iter().any(|seed| text.contains(&seed.to_string())), "{text}");
        }
    }
}
