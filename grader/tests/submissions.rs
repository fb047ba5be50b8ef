//! What learners hand in, in every shape that it comes in, and what becomes of it.

#[path = "submissions/hand_in.rs"]
mod hand_in;

use grader::submission::{Language, Options};
use hand_in::{Class, MAIN};

#[test]
fn every_layout_is_understood() {
    let class = Class::new();
    class.file("checkout/exercises/ex01-producer-basics/src/main.rs", MAIN);
    class.file("checkout/exercises/ex01-producer-basics/src/util/mod.rs", "pub fn help() {}");
    class.file("checkout/solutions/ex01-producer-basics/src/main.rs", "solution");
    class.file("checkout/grader/src/main.rs", "grader");
    class.file("checkout/README.md", "read me");
    class.file("folders/ex01-producer-basics/src/main.rs", MAIN);
    class.file("id/EX1/src/main.rs", MAIN);
    class.file("crate/src/main.rs", MAIN);
    class.file("bare/main.rs", MAIN);
    class.file("bare/help.rs", "help");
    class.file("wrapped/a/b/src/main.rs", MAIN);
    class.file("wrapped/a/report.pdf", "a report");
    class.file("renamed/main-1.rs", MAIN);
    let files = |learner: &str| class.sources(learner, "ex1").expect("sources").files.into_keys().collect::<Vec<_>>();
    assert_eq!(files("checkout"), ["src/main.rs", "src/util/mod.rs"]);
    for learner in ["folders", "id", "crate", "wrapped", "renamed"] {
        assert_eq!(files(learner), ["src/main.rs"], "{learner}");
    }
    assert_eq!(files("bare"), ["src/help.rs", "src/main.rs"]);
    assert_eq!(class.sources("wrapped", "ex1").expect("sources").files["src/main.rs"], MAIN.as_bytes());
}

#[test]
fn an_exercise_of_which_nothing_was_handed_in_is_not_there() {
    let class = Class::grading(&["ex1", "ex2"]);
    class.file("ada/ex02-manual-commits/src/main.rs", MAIN);
    let ada = class.open("ada");
    assert_eq!(ada.exercises.keys().collect::<Vec<_>>(), ["ex2"]);
    assert!(ada.exercises["ex2"].is_ok());
}

#[test]
fn what_is_not_clear_is_said_and_not_guessed() {
    let class = Class::grading(&["ex1", "ex2"]);
    class.file("bare/main.rs", MAIN);
    class.file("twice/a/ex1/main.rs", MAIN);
    class.file("twice/b/ex01/main.rs", MAIN);
    class.file("other/ex03-group-scaling/src/main.rs", MAIN);
    class.file("report/report.pdf", "a report");
    class.file("stub/ex1/src/helper.rs", "no main");
    std::fs::create_dir_all(class.path("empty")).expect("a folder");
    let why = |learner: &str| class.sources(learner, "ex1").expect_err("invalid").to_string();
    assert_eq!(
        why("bare"),
        "nothing tells to which exercise this program belongs: hand in the folders of the exercises"
    );
    assert_eq!(
        why("twice"),
        "two folders could be ex1, and nothing tells which one counts (twice/a/ex1, twice/b/ex01)"
            .replace("twice/", "")
    );
    assert_eq!(why("other"), "this is ex3, which is not what is graded here (ex03-group-scaling)");
    assert_eq!(why("report"), "no exercise is found in it; expected is exercises/ex01-producer-basics/src/main.rs");
    assert_eq!(why("stub"), "there is no src/main.rs (ex1)");
    assert_eq!(why("empty"), "there is nothing in it");
}

#[test]
fn only_sources_count_and_the_rest_is_noted() {
    let class = Class::new();
    for file in [
        "build.rs",
        ".cargo/config.toml",
        "rust-toolchain.toml",
        "Cargo.toml",
        "Cargo.lock",
        "target/debug/x.rs",
        ".hidden.rs",
        "src/data.json",
        "src/bin/other.rs",
        "tests/test.rs",
    ] {
        class.file(&format!("ada/{file}"), "text");
    }
    class.file("ada/src/main.rs", MAIN);
    class.link("/etc/passwd", "ada/src/secret.rs");
    class.fifo("ada/src/pipe.rs");
    let ada = class.open("ada");
    let files: Vec<&String> = ada.exercises["ex1"].as_ref().expect("sources").files.keys().collect();
    assert_eq!(files, ["src/main.rs"]);
    let notes: Vec<String> =
        ada.notes.iter().map(|note| format!("{}: {}", note.place.as_deref().unwrap_or_default(), note.what)).collect();
    let mut expected = vec![
        "build.rs: a build script is never run",
        ".cargo: settings of cargo are ignored",
        "rust-toolchain.toml: a choice of toolchain is ignored: the course's own counts",
        "src/secret.rs: a link is not followed",
        "src/pipe.rs: a device, a FIFO or a socket is no source",
        ".hidden.rs: a hidden file is ignored",
        "target: what tools have made is ignored",
        "src/data.json: a file of this kind is no source in this language",
    ];
    expected.retain(|line| !notes.contains(&(*line).to_owned()));
    assert!(expected.is_empty(), "{expected:#?} is not in {notes:#?}");
    assert_eq!(notes.len(), 10, "{notes:#?}");
}

#[test]
fn a_program_that_is_a_link_is_refused_by_name() {
    let class = Class::new();
    class.link("/etc/passwd", "ada/src/main.rs");
    class.file("elsewhere/main.rs", MAIN);
    class.link("../elsewhere", "bob/src");
    assert_eq!(class.sources("ada", "ex1").unwrap_err().to_string(), "a link, which is not followed (src/main.rs)");
    assert!(class.sources("bob", "ex1").is_err());
}

#[test]
fn sources_are_bounded() {
    let class = Class::new();
    class.file("long/src/main.rs", &"x".repeat(300 << 10));
    class.file("many/src/main.rs", MAIN);
    for at in 0..100 {
        class.file(&format!("many/src/m{at}.rs"), "");
    }
    class.file("much/src/main.rs", MAIN);
    for at in 0..9 {
        class.file(&format!("much/src/m{at}.rs"), &"x".repeat(250 << 10));
    }
    let why = |learner: &str| class.sources(learner, "ex1").expect_err("invalid").to_string();
    assert_eq!(why("long"), "a file of 300 KiB; 256 KiB are taken (src/main.rs)");
    assert_eq!(why("many"), "more than 100 source files");
    assert_eq!(why("much"), "sources of more than 2 MiB");
}

#[test]
fn bytes_are_taken_as_they_are() {
    let class = Class::new();
    class.file("ada/src/main.rs", "\u{feff}fn main() {}\r\n");
    assert_eq!(
        class.sources("ada", "ex1").expect("sources").files["src/main.rs"],
        "\u{feff}fn main() {}\r\n".as_bytes()
    );
}

#[test]
fn a_program_in_another_language_is_taken() {
    let class = Class::new().with(Options { language: Language::Python, ..Options::default() });
    class.file("ada/main.py", "print()");
    class.file("ada/help/__init__.py", "");
    class.file("ada/requirements.txt", "");
    let ada = class.sources("ada", "ex1").expect("sources");
    assert_eq!((ada.language, ada.entry.as_str()), (Language::Python, "main.py"));
    assert_eq!(ada.files.into_keys().collect::<Vec<_>>(), ["help/__init__.py", "main.py"]);
}
