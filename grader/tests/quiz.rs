//! A quiz as the learner takes it, in one go or in parts, and what is told of a quiz that is wrong.

mod common;

use common::{Course, course};
use insta::assert_snapshot;
use std::process::{Command, Stdio};

const QUIZ: &str = "modules/03-consumers/quiz.toml";

fn with_quiz() -> Course {
    let course = course();
    course.write(QUIZ, common::quiz());
    course
}

/// One answer after the other, as JSON.
fn answered(course: &Course, seed: &str, answers: &str) -> serde_json::Value {
    course.kafkacourse(&["quiz", "consumers", "--json", "--seed", seed]).input(answers).run().json()
}

/// The lines that answer every question that is left rightly: the texts of the right options are known here.
fn all_right(course: &Course, seed: &str) -> String {
    let right = ["Yes.", "At offset `10`", "Two consumers in two groups", "One consumer, alone"];
    let open = answered(course, seed, "");
    let questions = open["questions"].as_array().expect("questions").iter();
    let lines = questions.map(|question| {
        let options = question["options"].as_array().expect("options").iter();
        let is_right = |option: &&serde_json::Value| {
            right.iter().any(|right| option["text"].as_str().is_some_and(|text| text.starts_with(right)))
        };
        options.filter(is_right).filter_map(|option| option["letter"].as_str()).collect::<Vec<_>>().join(" ") + "\n"
    });
    lines.collect()
}

#[test]
fn a_round_is_left_and_goes_on() {
    let course = with_quiz();
    let begun = course.kafkacourse(&["quiz", "consumers", "--seed", "2"]).input("b\na\n").run();
    assert_snapshot!(begun.transcript());
    course.run(&["progress"]).assert(0, &["○ quiz consumers", "2 answered so far", "0 of 1 quizzes taken"]);
    // Without a name: the one that was begun, with its seed, where it stopped; `q` is as good as the end of the input.
    let going_on = course.kafkacourse(&["quiz"]).input("B, c\nq\n").run();
    assert_snapshot!(going_on.transcript());
    let finished = course.kafkacourse(&["quiz"]).input("a\nb\n").run();
    assert_snapshot!(finished.transcript());
    course.run(&["progress"]).assert(0, &["○ quiz consumers", "1 of 1 quizzes taken", "two thirds"]);
    course.run(&["list"]).assert(0, &["○ Quiz", "quiz consumers · ", "two thirds"]);
}

#[test]
fn the_best_round_counts() {
    let course = with_quiz();
    course.run(&["quiz", "consumers"]).assert(0, &["Question 1 of 5", "0 of 5 answered"]);
    assert!(course.progress().is_empty(), "nothing was answered");
    answered(&course, "7", &"a\n".repeat(5));
    let answers = all_right(&course, "8");
    let perfect = answered(&course, "8", &answers);
    assert_eq!((&perfect["complete"], &perfect["right"], &perfect["of"]), (&true.into(), &5.into(), &5.into()));
    answered(&course, "9", &"a\n".repeat(5));
    course.run(&["progress"]).assert(0, &["✓ quiz consumers", "5 of 5  best of 3 rounds"]);
}

#[test]
fn json_is_one_object_that_gives_nothing_away() {
    let course = with_quiz();
    let open = answered(&course, "3", "");
    assert_eq!(open, answered(&course, "3", ""), "the same seed draws the same");
    assert_ne!(open["questions"], answered(&course, "4", "")["questions"]);
    let text = open.to_string();
    assert!(text.contains("\"right\":null") && !text.contains("It is certain"), "{text}");
    let one = answered(&course, "3", "a\n");
    let question = &one["questions"][0];
    assert_eq!((&question["answer"], &one["answered"]), (&serde_json::json!(["a"]), &1.into()));
    assert!(question["right"].is_boolean() && question["options"][0]["why"].is_string(), "{question:#}");
    let documented = course.read("modules/reference/json.md");
    for object in [&one, question, &question["options"][0]] {
        for key in object.as_object().expect("an object").keys() {
            assert!(documented.contains(&format!("`{key}`")), "{key} is not documented");
        }
    }
}

#[test]
fn what_is_no_answer_ends_a_piped_round() {
    let course = with_quiz();
    let told = course.kafkacourse(&["quiz", "--seed", "2"]).input("b\nz\n").run();
    told.assert(2, &["“z” is no answer here; type a letter from a to c", "The answers before it are kept."]);
    course.kafkacourse(&["quiz"]).input("\n").run().assert(2, &["“” is no answer here"]);
    course.kafkacourse(&["quiz"]).input("\u{1b}[2J").run().assert(2, &["no answer here"]);
    course.run(&["quiz"]).assert(0, &["1 answered before, 4 to go."]);
    course.run(&["quiz", "--again"]).assert(0, &["Question 1 of 5"]);
}

#[test]
fn next_asks_for_the_quiz_once_the_exercises_are_passed() {
    let course = with_quiz();
    for exercise in ["ex1", "ex2"] {
        let line = serde_json::json!({
            "format": 1, "at": "2026-01-01T00:00:00Z", "done": "checked", "exercise": exercise, "verdict": "passed",
            "broker": "a broker", "seed": 1, "diagnosis": null,
        });
        let before = std::fs::read_to_string(course.path(".kafkacourse/progress.jsonl")).unwrap_or_default();
        course.write(".kafkacourse/progress.jsonl", format!("{before}{line}\n"));
    }
    course
        .run(&["next"])
        .assert(0, &["2 of 2 exercises passed", "The quiz · Consumers", "next: kafkacourse quiz consumers"]);
    answered(&course, "1", &"a\n".repeat(5));
    course.run(&["next"]).assert(0, &["Well done."]);
}

#[test]
fn modules_have_many_names() {
    let course = with_quiz();
    for name in ["consumers", "03-consumers", "3", "Consumers and groups", "cons"] {
        course.run(&["quiz", name]).assert(0, &["Consumers and groups · quiz"]);
    }
    course.run(&["quiz", "consumer-s"]).assert(2, &["there is no module “consumer-s”. Did you mean consumers"]);
    course.run(&["quiz", "producers"]).assert(2, &["Producers has no quiz yet"]);
}

/// The complaint of `author check --text` about the quiz, once `old` is replaced by `new`.
fn complaint(old: &str, new: &str) -> String {
    let course = with_quiz();
    course.edit(QUIZ, old, new);
    let told = course.run(&["quiz", "consumers"]);
    told.assert(2, &[]);
    course.run(&["list"]).assert(0, &[]);
    told.err
}

#[test]
fn a_quiz_that_is_wrong() {
    assert_snapshot!(complaint("id = \"third\"", "id = \"who-shares\""), @"error: [COURSE]/modules/03-consumers/quiz.toml:41:7: two questions are called “who-shares”");
    assert_snapshot!(complaint("id = \"third\"", "id = \"Third one\""), @"error: [COURSE]/modules/03-consumers/quiz.toml:41:7: the id “Third one” is not like-this-1");
    assert_snapshot!(complaint("right = true", ""), @"error: [COURSE]/modules/03-consumers/quiz.toml:1:1: “after-crash” has no right options; it needs right and wrong ones");
    assert_snapshot!(complaint("consumers/02-groups", "consumers/02-group"), @"error: [COURSE]/modules/03-consumers/quiz.toml:27:9: there is no section “consumers/02-group” in modules/course.toml");
    assert_snapshot!(complaint("why = ", "wy = "), @r"
    error: [COURSE]/modules/03-consumers/quiz.toml:16:1: unknown field `wy`, expected one of `text`, `right`, `why`
    If you did not write this: your kafkacourse may be older than the course.
    In the course's folder: cargo install --locked --path grader
    ");
    assert_snapshot!(complaint("why = \"It is not.\"", "why = \" \""), @"error: [COURSE]/modules/03-consumers/quiz.toml:40:1: “third” has a text or a why that says nothing");
    assert_snapshot!(complaint("text = \"Perhaps.\"", "text = \"Yes.\""), @"error: [COURSE]/modules/03-consumers/quiz.toml:40:1: “third” has the option “Yes.” twice");
    assert_snapshot!(complaint("text = \"Perhaps.\"\nwhy = \"It is certain.\"", "text = \"Yes, too.\"\nright = true\nwhy = \"a\"\n[[question.option]]\ntext = \"b\"\nwhy = \"b\"\n[[question.option]]\ntext = \"c\"\nwhy = \"c\"\n[[question.option]]\ntext = \"d\"\nwhy = \"d\""), @"error: [COURSE]/modules/03-consumers/quiz.toml:40:1: “third” has 6 options; a question has 3 to 5");
    assert_snapshot!(complaint("[[question]]", "[[question]"), @"error: [COURSE]/modules/03-consumers/quiz.toml:1:12: unclosed array table, expected `]`");
}

#[test]
fn exercises_that_are_coming_are_announced() {
    let course = course();
    let coming = "exercises = [\"ex2\"]\ncoming = [{ id = \"ex7\", title = \"Vehicle telemetry\" }]";
    let theory = "\n[[module]]\nid = \"later\"\nfolder = \"04-later\"\ntitle = \"Later\"\n";
    course.edit("modules/course.toml", "exercises = [\"ex2\"]", &format!("{coming}\n{theory}"));
    course.run(&["list"]).assert(0, &["Coming", "ex7 Vehicle telemetry"]);
    course.run(&["next"]).assert(0, &["ex1 · Producer basics"]);
    course.run(&["check", "7"]).assert(2, &["ex7 (Vehicle telemetry) is still being built"]);
    course.edit("modules/course.toml", "\"ex7\"", "\"ex1\"");
    course.run(&["list"]).assert(2, &["modules/course.toml:29:19: ex1 is in exercises/ and no longer coming"]);
}

/// A quiz that is left at a terminal, which `script` plays, gives the exit code that a shell would give.
#[test]
fn a_signal_at_a_terminal() {
    if !common::has("script") || !cfg!(target_os = "linux") {
        return;
    }
    let course = with_quiz();
    let quiz = format!("{} quiz consumers", env!("CARGO_BIN_EXE_kafkacourse"));
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        // Its shell becomes the quiz, and has told the id of that before.
        let line = format!("echo $$ >quiz.id; exec {quiz}");
        let mut script = Command::new("script");
        script.args(["-qefc", &line, "shown"]).current_dir(&course.root).env("SHELL", "/bin/sh");
        // What the terminal types is never an answer: this pipe stays open, and empty.
        let mut script = script.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("script");
        let shown = || std::fs::read_to_string(course.path("shown")).unwrap_or_default();
        common::eventually("the quiz asks", || shown().contains("your answer:"));
        let id = std::fs::read_to_string(course.path("quiz.id")).expect("an id");
        Command::new("kill").args([&format!("-{signal}"), id.trim()]).status().expect("kill");
        assert_eq!(script.wait().expect("it ends").code(), Some(code), "{signal}: {}", shown());
        assert!(shown().contains("stopped; your answers are kept: kafkacourse quiz consumers"), "{}", shown());
        std::fs::remove_file(course.path("shown")).expect("it is there");
    }
}
