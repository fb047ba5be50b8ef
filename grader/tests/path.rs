//! The way of a learner: steps in the manifest's order, what is skipped, the end; and what is remembered on the way.

mod common;

use common::{Course, course, eventually, has};
use insta::assert_snapshot;
use std::io::Write;
use std::process::{Command, Stdio};

const MANIFEST: &str = "modules/course.toml";

/// The small course with a path: a page, two questions, an exercise first.
fn with_path() -> Course {
    let course = course();
    course.write("modules/03-consumers/quiz.toml", common::quiz());
    let path = r#"title = "A small course"
path = [
  { do = "ex2" },
  { read = "consumers/01-poll-loop" },
  { quiz = "consumers/third" },
  { read = "producers/01-anatomy" },
  { do = "ex1" },
]
"#;
    course.edit(MANIFEST, "title = \"A small course\"\n", path);
    course
}

fn done(course: &Course, what: serde_json::Value) {
    let mut line = serde_json::json!({ "format": 3, "at": "2026-01-01T00:00:00Z" });
    line.as_object_mut().expect("an object").extend(what.as_object().expect("an object").clone());
    let before = std::fs::read_to_string(course.path(".kafkacourse/progress.jsonl")).unwrap_or_default();
    course.write(".kafkacourse/progress.jsonl", format!("{before}{line}\n"));
}

fn checked(course: &Course, exercise: &str, verdict: &str) {
    let what = serde_json::json!({ "done": "checked", "exercise": exercise, "verdict": verdict, "broker": "", "seed": 1,
        "diagnosis": null });
    done(course, what);
}

/// The command that `next` ends with.
fn next(course: &Course) -> String {
    let told = course.run(&["next"]);
    told.assert(0, &["next: "]);
    told.out.lines().last().and_then(|line| line.split_once("next: ")).expect("a command").1.to_owned()
}

#[test]
fn next_goes_along_the_path_and_never_has_only_one_way_on() {
    let course = with_path();
    assert_snapshot!(course.run(&["next"]).transcript(), @r"
    exit code 0
    --- stdout
    0 of 2 exercises passed · 0 of 20 points

    ex2 · Consumer with manual commits · about 75 min
      The task:  kafkacourse read ex2
      Your code: exercises/ex02-manual-commits/src/main.rs
      Then:      kafkacourse check ex2
      Or:
        kafkacourse read           The poll loop · 7 min
        kafkacourse next --skip    leave this for later

      next: kafkacourse read ex2
    ");
    checked(&course, "ex2", "passed");
    assert_eq!(next(&course), "kafkacourse read");
    course.run(&["read"]).assert(0, &["The poll loop", "next: kafkacourse quiz consumers/third"]);
    assert_snapshot!(course.run(&["next"]).transcript(), @r"
    exit code 0
    --- stdout
    1 of 2 exercises passed · 10 of 20 points

    A question · Consumers and groups · about 1 min, if you like
      Or:
        kafkacourse read           Anatomy of a producer · 7 min
        kafkacourse next --skip    leave this for later
      1 page, 7 min of reading, to ex1 · Producer basics.

      next: kafkacourse quiz consumers/third
    ");
    course.kafkacourse(&["quiz"]).input("a\n").run().assert(0, &["Question · one is right", "next: kafkacourse read"]);
    assert_eq!(next(&course), "kafkacourse read");
    course.run(&["read"]).assert(0, &["Anatomy", "next: kafkacourse read ex1"]);
    course.run(&["read", "ex1"]).assert(0, &[]);
    assert_eq!(next(&course), "kafkacourse check ex1");
    checked(&course, "ex1", "passed");
    // What the path does not name comes behind it, module by module.
    assert_eq!(next(&course), "kafkacourse read");
    course.run(&["list"]).assert(0, &["To the end · 65 min of reading", "▸ Keys and partitions", "○ Quiz: Consumers"]);
}

#[test]
fn a_question_is_passed_by_and_does_not_insist() {
    let course = with_path();
    checked(&course, "ex2", "passed");
    course.run(&["read", "poll-loop"]).assert(0, &[]);
    assert_eq!(next(&course), "kafkacourse quiz consumers/third");
    course.run(&["read"]).assert(0, &["Anatomy"]); // straight on
    assert_eq!(next(&course), "kafkacourse read ex1");
    course.run(&["list"]).assert(0, &["– Question: Consumers and groups"]);
    // Still there for whoever comes back, and part of the module's quiz.
    course.kafkacourse(&["quiz", "consumers/third"]).input("a\n").run().assert(0, &["1 of the 5 questions"]);
    course.run(&["quiz", "consumers/third"]).assert(0, &["You have answered this question"]);
    course.run(&["quiz", "consumers"]).assert(0, &["1 answered before, 4 to go."]);
    course.run(&["quiz", "consumers/sixth"]).assert(2, &["has no question “sixth”; it has after-crash,"]);
}

#[test]
fn what_was_skipped_is_offered_again() {
    let course = with_path();
    course.run(&["next", "--skip"]).assert(0, &["Left for later: ex2 Consumer with manual commits.", "The poll loop"]);
    course.run(&["next", "--skip"]).assert(0, &["Left for later: The poll loop.", "Anatomy of a producer"]);
    assert_snapshot!(course.run(&["next"]).transcript(), @r"
    exit code 0
    --- stdout
    0 of 2 exercises passed · 0 of 20 points

    Anatomy of a producer · 7 min to read
      Or:
        kafkacourse read ex1       ex1 Producer basics, at once
        kafkacourse next --skip    leave this for later
      Skipped so far:
        kafkacourse read ex2       ex2 Consumer with manual commits · 75 min
        kafkacourse read poll-loop The poll loop · 7 min
      1 page, 7 min of reading, to ex1 · Producer basics.

      next: kafkacourse read
    ");
    // Whoever works on an exercise has passed by the pages before it.
    checked(&course, "ex1", "failed");
    assert_eq!(next(&course), "kafkacourse check ex1");
    course.run(&["next"]).assert(0, &["Skipped so far:", "kafkacourse read ex2", "kafkacourse read poll-loop"]);
    checked(&course, "ex1", "passed");
    checked(&course, "ex2", "passed");
    course.run(&["next"]).assert(0, &["The poll loop"]);
    for _ in 0..10 {
        course.run(&["next", "--skip"]).assert(0, &["Left for later: "]);
    }
    course.run(&["next", "--skip"]).assert(2, &["there is nothing left to skip"]);
    course
        .run(&["next"])
        .assert(0, &["Well done.", "Skipped so far:", "progress --markdown", "next: kafkacourse read"]);
}

#[test]
fn the_end_is_worth_reaching() {
    let course = with_path();
    let pages = course.run(&["list"]);
    for id in pages.out.lines().filter_map(|line| Some(line.split_once(" read ")?.1)) {
        course.run(&["read", id]).assert(0, &[]);
    }
    for exercise in ["ex1", "ex2"] {
        checked(&course, exercise, "failed");
        checked(&course, exercise, "passed");
        checked(&course, exercise, "passed");
    }
    done(&course, serde_json::json!({ "done": "quizzed", "module": "consumers", "seed": 1, "right": 5, "of": 5 }));
    assert_snapshot!(course.run(&["next"]).transcript(), @r"
    exit code 0
    --- stdout
    You have passed every exercise. Well done.
      20 of 20 points · 2 of 2 exercises passed · 11 of 11 sections read ·
      1 of 1 quizzes taken

      a summary to keep: kafkacourse progress --markdown > my-kafka-course.md
    ");
    let page = course.run(&["progress", "--markdown"]);
    page.assert(0, &["Proved from the wire: every order arrives exactly once"]);
    let kept: Vec<&str> = page.out.lines().filter(|line| !line.starts_with("Proved")).collect();
    assert_snapshot!(kept.join("\n"), @r"
    # A small course

    20 of 20 points · 2 of 2 exercises passed · 11 of 11 sections read · 1 of 1 quizzes taken

    ## What I built, and what a broker saw it do

    ### ex2 · Consumer with manual commits

    Passed on 2026-01-01, in 2 attempts; 10 points.

    ### ex1 · Producer basics

    Passed on 2026-01-01, in 2 attempts; 10 points.

    ## Quizzes

    - Consumers and groups: 5 of 5 right
    ");
}

#[test]
fn hints_after_a_pass_do_not_count() {
    let course = with_path();
    course.run(&["hint", "ex1"]).assert(0, &["hint 1 of 4"]);
    checked(&course, "ex1", "passed");
    course.run(&["hint", "ex1"]).assert(0, &["hint 2 of 4"]);
    course.run(&["hint", "ex1"]).assert(0, &["hint 3 of 4"]);
    checked(&course, "ex1", "failed");
    let told = course.run(&["progress", "--json"]);
    let exercises = told.json()["exercises"].clone();
    let ex1 = exercises.as_array().expect("exercises").iter().find(|one| one["id"] == "ex1").expect("ex1");
    assert_eq!((&ex1["hints"], &ex1["attempts"]), (&1.into(), &1.into()), "{ex1:#}");
}

#[test]
fn progress_is_json_with_every_documented_key() {
    let course = with_path();
    let object = course.run(&["progress", "--json"]).json();
    let documented = course.read("modules/reference/json.md");
    for object in [&object, &object["exercises"][0], &object["quizzes"][0], &object["path"][0]] {
        for key in object.as_object().expect("an object").keys() {
            assert!(documented.contains(&format!("`{key}`")), "{key} is not documented");
        }
    }
    let path = object["path"].as_array().expect("a path").iter();
    let path: Vec<String> = path.map(|step| format!("{} {}", step["state"], step["command"])).collect();
    assert_snapshot!(path[..6].join("\n"), @r#"
    "ahead" "kafkacourse check ex2"
    "ahead" "kafkacourse read consumers/01-poll-loop"
    "ahead" "kafkacourse quiz consumers/third"
    "ahead" "kafkacourse read producers/01-anatomy"
    "ahead" "kafkacourse check ex1"
    "ahead" "kafkacourse read producers/02-keys-and-partitions"
    "#);
}

#[test]
fn a_path_that_is_wrong_is_told_by_file_and_line() {
    let after = |old: &str, new: &str| {
        let course = with_path();
        course.edit(MANIFEST, old, new);
        let told = course.run(&["next"]);
        told.assert(2, &[]);
        told.err
    };
    assert_snapshot!(after("{ do = \"ex2\" }", "{ do = \"ex3\" }"), @"error: [COURSE]/modules/course.toml:3:3: no module below has an exercise “ex3”");
    assert_snapshot!(after("consumers/01-poll-loop", "consumers/01-pol-loop"), @"error: [COURSE]/modules/course.toml:4:3: no module below has a section “consumers/01-pol-loop”");
    assert_snapshot!(after("{ quiz = \"consumers/third\" }", "{ quiz = \"consumer/third\" }"), @"error: [COURSE]/modules/course.toml:5:3: there is no module “consumer” below");
    assert_snapshot!(after("{ do = \"ex1\" }", "{ do = \"ex2\" }"), @"error: [COURSE]/modules/course.toml:7:3: this step stands on the path for the second time");
    assert_snapshot!(after("{ do = \"ex1\" }", "{ play = \"ex1\" }"), @r"
    error: [COURSE]/modules/course.toml:7:5: unknown variant `play`, expected one of `read`, `do`, `quiz`
    If you did not write this: your kafkacourse may be older than the course.
    In the course's folder: cargo install --locked --path grader
    ");
    let course = with_path();
    course.edit(MANIFEST, "consumers/third", "consumers/sixth");
    let told = course.run(&["author", "check", "--text"]);
    told.assert(1, &["modules/course.toml:5: the quiz of consumers has no question “sixth”"]);
}

#[test]
fn a_command_line_is_remembered_until_it_is_forgotten() {
    let course = with_path();
    course.write("mine/p.sh", "echo mine; exit 3\n");
    let check = |arguments: &[&str], folder: &str| {
        let base = ["check", "ex1", "--broker", "embedded", "--scenario", "steady"];
        course.kafkacourse(&[&base, arguments].concat()).within(course.path(folder)).run()
    };
    check(&["--cmd", "sh p.sh"], "mine").assert(1, &["your program: sh p.sh · remembered; --no-cmd for the crate"]);
    // From another folder, it still runs in the one where it was given.
    check(&[], "modules").assert(1, &["your program: sh p.sh", "ended with status 3"]);
    course.write("solutions/ex01-producer-basics/src/main.rs", "fn main() {}\n");
    course.run(&["solution", "ex1", "--diff", "--give-up"]).assert(2, &["your program of ex1 is `sh p.sh`", "in Rust"]);
    // Neither a solution nor another exercise has to do with it.
    assert_eq!(course.read(".kafkacourse/commands.jsonl").lines().count(), 1);
    std::fs::rename(course.path("mine"), course.path("yours")).expect("it is there");
    check(&[], "modules").assert(2, &["ex1 is graded with `sh p.sh` in", "no longer there", "--no-cmd"]);
    // The crate again: in this course there is nothing to build it with.
    let told = check(&["--no-cmd"], "modules");
    assert!(!told.out.contains("your program:"), "{}", told.out);
    assert_eq!(course.read(".kafkacourse/commands.jsonl").lines().count(), 2);
    check(&["--cmd", "echo 'a"], "modules").assert(2, &["cannot be run"]);
    check(&["--cmd", "true", "--no-cmd"], "modules").assert(2, &["cannot be used with"]);
}

#[test]
fn remembered_command_lines_survive_damage_and_tell_of_it() {
    let course = with_path();
    course.check("ex1", "true", &["--scenario", "steady"]).assert(1, &[]);
    let file = ".kafkacourse/commands.jsonl";
    let good = course.read(file);
    course.write(file, format!("{good}{{\"format\":1,\"exercise\n"));
    let check = || course.kafkacourse(&["check", "ex1", "--broker", "embedded", "--scenario", "steady"]).run();
    check().assert(1, &["your program: true", "commands.jsonl:2: this line is damaged"]);
    course.write(file, good.replace("\"format\":1", "\"format\":9"));
    check().assert(2, &["commands.jsonl: written by a newer kafkacourse (format 9, this version reads 1)"]);
}

#[test]
fn a_program_is_compared_with_the_solution() {
    let course = with_path();
    let stub = "exercises/ex01-producer-basics/src/main.rs";
    course.write(stub, "fn main() {\n    println!(\"mine\");\n}\n");
    course.write("solutions/ex01-producer-basics/src/main.rs", "fn main() {\n    println!(\"theirs\");\n}\n");
    course.run(&["solution", "ex1", "--diff"]).assert(1, &["ex1 is not passed yet"]);
    checked(&course, "ex1", "passed");
    assert_snapshot!(course.run(&["solution", "ex1", "--diff"]).transcript(), @r#"
    exit code 0
    --- stdout
    - yours, exercises/ex01-producer-basics/src/main.rs   + the solution

    ── your line 1, the solution's line 1
      fn main() {
    -     println!("mine");
    +     println!("theirs");
      }
    "#);
    course.write(stub, course.read("solutions/ex01-producer-basics/src/main.rs"));
    course.run(&["solution", "ex1", "--diff"]).assert(0, &["Your program is the solution, line by line."]);
}

/// Read in `less`, at a terminal that `script` plays.
#[test]
fn a_page_that_is_left_on_its_first_screen_has_not_been_read() {
    if !has("script") || !has("less") || !cfg!(target_os = "linux") {
        return;
    }
    for (to_the_end, mark) in [(false, "    Anatomy of a producer"), (true, "  ✓ Anatomy of a producer")] {
        let course = with_path();
        let line = format!("stty rows 24 cols 80; exec {} read anatomy", env!("CARGO_BIN_EXE_kafkacourse"));
        let mut script = Command::new("script");
        script.args(["-qefc", &line, "shown"]).current_dir(&course.root).env("SHELL", "/bin/sh").env("TERM", "xterm");
        script.env_remove("PAGER").env_remove("LESS").stdin(Stdio::piped()).stdout(Stdio::null());
        let mut script = script.spawn().expect("script");
        let mut keys = script.stdin.take().expect("a pipe");
        let shown = || std::fs::read_to_string(course.path("shown")).unwrap_or_default();
        eventually("the first screen", || shown().contains("Anatomy of a producer"));
        if to_the_end {
            keys.write_all(b"G").expect("a key");
            eventually("the last screen", || shown().contains("next:"));
        }
        keys.write_all(b"q").expect("a key");
        assert!(script.wait().expect("it ends").success(), "{}", shown());
        course.run(&["list"]).assert(0, &[mark]);
    }
}
