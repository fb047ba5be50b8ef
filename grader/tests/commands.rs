//! What a learner types and sees, as transcripts.

mod common;

use common::{course, course_called, whole_course};
use insta::assert_snapshot;

#[test]
fn next_begins_with_what_to_read() {
    assert_snapshot!(course().run(&["next"]).transcript(), @r"
    exit code 0
    --- stdout
    0 of 2 exercises passed · 0 of 20 points

    Anatomy of a producer · 7 min to read
      Or:
        kafkacourse read ex1       ex1 Producer basics, at once
        kafkacourse next --skip    leave this for later
      6 pages, 41 min of reading, to ex1 · Producer basics.

      next: kafkacourse read
    ");
}

#[test]
fn next_after_an_attempt_names_the_task() {
    let course = course();
    course.check("ex1", "true", &[]).assert(1, &[]);
    assert_snapshot!(course.run(&["next"]).transcript(), @r"
    exit code 0
    --- stdout
    0 of 2 exercises passed · 0 of 20 points

    ex1 · Producer basics · about 60 min
      The task:  kafkacourse read ex1
      Your code: exercises/ex01-producer-basics/src/main.rs
      Then:      kafkacourse check ex1
      Or:
        kafkacourse read           The poll loop · 7 min
        kafkacourse next --skip    leave this for later
      Skipped so far:
        kafkacourse read anatomy   Anatomy of a producer · 7 min
        kafkacourse read keys-and-partitions
                                   Keys and partitions · 7 min
        kafkacourse read acks      Acknowledgements and delivery guarantees · 6 min
        and 3 more: kafkacourse list

      next: kafkacourse check ex1
    ");
}

#[test]
fn next_after_everything_is_a_pleasure() {
    let course = course();
    passed(&course, "ex1");
    passed(&course, "ex2");
    assert_snapshot!(course.run(&["next"]).transcript(), @r"
    exit code 0
    --- stdout
    You have passed every exercise. Well done.
      20 of 20 points · 2 of 2 exercises passed · 0 of 11 sections read
      Skipped so far:
        kafkacourse read           Anatomy of a producer · 7 min
        kafkacourse read keys-and-partitions
                                   Keys and partitions · 7 min
        kafkacourse read acks      Acknowledgements and delivery guarantees · 6 min
        and 8 more: kafkacourse list
      A summary to keep: kafkacourse progress --markdown > my-kafka-course.md

      next: kafkacourse read
    ");
    course.run(&["check"]).assert(2, &["every exercise is passed"]);
}

fn passed(course: &common::Course, exercise: &str) {
    let before = std::fs::read_to_string(course.path(".kafkacourse/progress.jsonl")).unwrap_or_default();
    let line = serde_json::json!({
        "format": 1, "at": "2026-01-01T00:00:00Z", "done": "checked", "exercise": exercise, "verdict": "passed",
        "broker": "a broker", "seed": 1, "diagnosis": null,
    });
    course.write(".kafkacourse/progress.jsonl", format!("{before}{line}\n"));
}

#[test]
fn list_shows_what_there_is_and_what_is_done() {
    let course = course();
    assert_snapshot!(course.run(&["list"]).transcript(), @r"
    exit code 0
    --- stdout
    A small course

    To ex1 · Producer basics · 41 min of reading
      ▸ Anatomy of a producer                    read anatomy
        Keys and partitions                      read keys-and-partitions
        Acknowledgements and delivery guarantees read acks
        Idempotence                              read idempotence
        Delivery reports, errors and retries     read delivery-reports
        Batching, linger and compression         read batching
      ○ ex1 Producer basics                      check ex1 · 10 points

    To ex2 · Consumer with manual commits · 38 min of reading
        The poll loop                            read poll-loop
        Consumer groups                          read groups
        Offsets and commits                      read offsets-and-commits
        Shutdown                                 read shutdown
        Poison messages                          read poison-messages
      ○ ex2 Consumer with manual commits         check ex2 · 10 points
    ");
    passed(&course, "ex1");
    course.run(&["read", "acks"]).assert(0, &[]);
    course.run(&["list"]).assert(0, &["✓ ex1 Producer basics", "✓ Acknowledgements and delivery", "○ ex2 Consumer"]);
}

#[test]
fn progress_counts_everything() {
    let course = course();
    course.check("ex1", "true", &[]).assert(1, &[]);
    course.run(&["hint", "ex1"]).assert(0, &[]);
    course.run(&["hint", "ex1"]).assert(0, &[]);
    course.run(&["read"]).assert(0, &[]);
    passed(&course, "ex2");
    assert_snapshot!(course.run(&["progress"]).transcript(), @r"
    exit code 0
    --- stdout
    A small course
      ▸ ex1 Producer basics               10 points  1 attempt, 2 hints, 0 of 6 read
      ✓ ex2 Consumer with manual commits  10 points  1 attempt, 1 of 5 read

    10 of 20 points · 1 of 2 exercises passed · 1 of 11 sections read
    about 2 h 12 min to go · next: kafkacourse next
    ");
}

#[test]
fn what_was_changed_after_it_passed_is_marked() {
    let course = course();
    passed(&course, "ex1");
    course.run(&["progress"]).assert(0, &["✓ ex1"]); // a line from before fingerprints knows nothing of the sources
    let line = std::fs::read_to_string(course.path(".kafkacourse/progress.jsonl")).unwrap();
    course.write(".kafkacourse/progress.jsonl", line.replace("null}", "null,\"sources\":\"00000000\"}"));
    course
        .run(&["progress"])
        .assert(0, &["~ ex1", "1 attempt, changed since it passed", "kafkacourse check ex1 tells"]);
}

#[test]
fn a_run_of_one_scenario_is_no_attempt() {
    let course = course();
    course.check("ex1", "true", &["--scenario", "steady"]).assert(1, &[]);
    assert_eq!(course.progress(), Vec::<serde_json::Value>::new());
}

#[test]
fn hints_come_one_by_one_and_can_be_seen_again() {
    let course = course();
    let head = |told: common::Told| told.out.lines().next().unwrap_or_default().to_owned();
    let hints: Vec<String> = (0..5).map(|_| head(course.run(&["hint", "ex2"]))).collect();
    assert_snapshot!(hints.join("\n"), @r"
    Consumer with manual commits, hint 1 of 4
    Consumer with manual commits, hint 2 of 4
    Consumer with manual commits, hint 3 of 4
    Consumer with manual commits, hint 4 of 4
    Consumer with manual commits, hint 4 of 4
    ");
    course.run(&["hint", "ex2"]).assert(0, &["That was the last one. kafkacourse solution ex2 --give-up"]);
    course.run(&["hint", "ex2", "--stage", "2"]).assert(0, &["hint 2 of 4"]);
    course.run(&["hint", "ex2", "--stage", "0"]).assert(0, &["hint 1 of 4"]);
}

#[test]
fn the_solution_is_for_those_who_passed_or_gave_up() {
    let course = course();
    course.write("solutions/ex01-producer-basics/src/main.rs", "fn main() {} // the solution\n");
    assert_snapshot!(course.run(&["solution", "ex1"]).transcript(), @r"
    exit code 1
    --- stdout
    ex1 is not passed yet. A hint helps more: kafkacourse hint ex1
    To see the solution all the same: kafkacourse solution ex1 --give-up
    ");
    let shown = course.run(&["solution", "ex1", "--give-up"]);
    assert_snapshot!(shown.transcript(), @r"
    exit code 0
    --- stdout
    [COURSE]/solutions/ex01-producer-basics/src/main.rs

    fn main() {} // the solution
    ");
    course.run(&["solution", "ex1"]).assert(0, &["// the solution"]);
    course.run(&["progress"]).assert(0, &["solution seen"]);
    course.run(&["solution", "ex2"]).assert(1, &["ex2 is not passed yet"]);
}

#[test]
fn passing_opens_the_solution() {
    let course = course();
    course.write("solutions/ex01-producer-basics/src/main.rs", "fn main() {} // the solution\n");
    passed(&course, "ex1");
    course.run(&["solution", "ex1"]).assert(0, &["// the solution"]);
    assert_eq!(course.progress().len(), 1, "nothing but the pass");
}

#[test]
fn read_renders_the_next_section() {
    let course = course();
    // Pages of its own: the theory's words are none of this test's business.
    course.write(
        "modules/02-producers/01-anatomy.md",
        "# Anatomy\n\nYou call `send`.\n\n## One\n\n```\nsend ─▶ queue\n```\n\n### Details\n\nMore.\n",
    );
    assert_snapshot!(course.run(&["read"]).transcript(), @r"
    exit code 0
    --- stdout
    Producers · section 1 of 6 · 7 min · not read yet
    One

    Anatomy
    ═══════

    You call `send`.

    One
    ───

        send ─▶ queue

    Details
    ╌╌╌╌╌╌╌

    More.

    next: kafkacourse read
    ");
    // And then the next one.
    course.run(&["read"]).assert(0, &["Producers · section 2 of 6", "Keys and partitions"]);
}

#[test]
fn read_finds_sections_modules_and_pages() {
    let course = course();
    for word in ["producers/03-acks", "03-acks", "acks", "ack", "acks.md"] {
        course.run(&["read", word]).assert(0, &["Acknowledgements and delivery guarantees"]);
    }
    course.run(&["read", "producers"]).assert(0, &["Producers"]);
    course.run(&["read", "contract"]).assert(0, &[]);
    course.run(&["read", "producers/acks"]).assert(0, &["read before", "Acknowledgements and delivery guarantees"]);
    course
        .run(&["read", "producers"])
        .assert(0, &["Producers · 6 sections, 41 min · 1 read", "next: kafkacourse read"]);
    course.run(&["read", "ex1"]).assert(0, &["ex1 · Producer basics", "next: kafkacourse check ex1"]);
    course.run(&["read", "--list"]).assert(0, &["✓ Acknowledgements and delivery", "read ex1", "read contract"]);
    course.run(&["read", "shutdwon"]).assert(2, &["there is no section “shutdwon”", "consumers/04-shutdown"]);
    course.run(&["read", "../../../etc/passwd"]).assert(2, &["there is no section"]);
}

#[test]
fn every_section_can_be_read_at_80_columns() {
    let course = whole_course();
    let mut pages = 0;
    let mut too_wide = Vec::new();
    loop {
        let told = course.run(&["read"]);
        if told.code != 0 {
            told.assert(2, &["you have read everything"]);
            break;
        }
        told.assert(0, &["next: kafkacourse"]);
        let head = told.out.lines().next().unwrap_or_default().to_owned();
        // Code, diagrams and what a link leads to stay as they are written; everything else is wrapped.
        let prose = told.out.lines().filter(|line| !line.starts_with("    ") && !line.starts_with('['));
        let wide = prose.filter(|line| line.chars().count() > 80);
        too_wide.extend(wide.map(|line| format!("{head}: {line}")));
        pages += usize::from(head.contains("· section"));
    }
    assert!(too_wide.is_empty(), "{too_wide:#?}");
    course.run(&["progress"]).assert(0, &[&format!("{pages} of {pages} sections read")]);
    course.run(&["next"]).assert(0, &["kafkacourse quiz log"]);
}

#[test]
fn an_exercise_has_many_names() {
    let course = course();
    for name in ["ex1", "EX1", "1", "producer-basics", "prod", "ex01", "ex01-producer-basics", "ex01-producer-basics/"]
    {
        course.run(&["hint", name, "--stage", "1"]).assert(0, &["Producer basics, hint 1"]);
    }
    assert_snapshot!(course.run(&["check", "producer-bascis"]).transcript(), @r"
    exit code 2
    --- stderr
    error: there is no exercise “producer-bascis”. Did you mean producer-basics?
    ");
    assert_snapshot!(course.run(&["check", "ex9"]).transcript(), @r"
    exit code 2
    --- stderr
    error: there is no exercise “ex9”. Did you mean ex1 or ex2?
    ");
    course.run(&["hint", ""]).assert(2, &["there is no exercise"]);
    // Two fit.
    course.run(&["hint", "ex0"]).assert(2, &["there is no exercise “ex0”", "ex1", "ex2"]);
}

#[test]
fn the_folder_tells_which_exercise_is_meant() {
    let course = course();
    let hint = |folder: &str| course.kafkacourse(&["hint", "--stage", "1"]).within(course.path(folder)).run();
    hint("exercises/ex02-manual-commits/src").assert(0, &["Consumer with manual commits"]);
    hint("exercises/ex02-manual-commits").assert(0, &["Consumer with manual commits"]);
    hint("exercises").assert(0, &["Producer basics"]);
    hint("modules/03-consumers").assert(0, &["Producer basics"]);
}

#[test]
fn a_course_is_found_from_outside_by_its_name() {
    let course = course();
    let root = course.root.display().to_string();
    course
        .kafkacourse(&["--course", &root, "next"])
        .within(course.outside())
        .run()
        .assert(0, &["ex1 · Producer basics"]);
    course.kafkacourse(&["next", "--course", "course"]).within(course.outside()).run().assert(0, &["ex1 · Producer"]);
    course.kafkacourse(&["next"]).env("KAFKACOURSE_DIR", root).within(course.outside()).run().assert(0, &["ex1 · "]);
    let told = course.kafkacourse(&["next"]).within(course.outside()).run();
    assert_snapshot!(told.transcript(), @r"
    exit code 2
    --- stderr
    error: there is no course here: neither [OUTSIDE] nor a folder above it holds modules/course.toml.
    Go to the folder of the course, or name it with --course DIR.
    ");
    course.kafkacourse(&["next", "--course", "nowhere"]).within(course.outside()).run().assert(2, &["nowhere"]);
}

#[test]
fn a_course_with_spaces_and_other_letters_in_its_path() {
    let course = course_called("Kurs für Ævar – 100 % Кафка");
    let told = course.check("ex1", "true", &[]);
    told.assert(1, &["This looks like: the program ends before the broker has answered"]);
    course.run(&["replay"]).assert(1, &["This looks like: the program ends before"]);
    course.run(&["trace", "ex1"]).assert(0, &["ended with status 0"]);
    assert!(course.left_over().is_empty());
    let output = course.check("ex1", "pwd; echo \"$KAFKACOURSE_INPUT\"", &["-v", "--scenario", "steady"]);
    output.assert(1, &["    [COURSE]"]);
}

#[test]
fn completions_and_help() {
    let course = course();
    let told = course.kafkacourse(&["completions", "bash"]).within(course.outside()).run();
    told.assert(0, &["_kafkacourse()"]);
    course.grader(&["completions", "zsh"]).within(course.outside()).run().assert(0, &["#compdef grader"]);
    let help = course.run(&["check", "--help"]);
    help.assert(0, &["Exit codes", "does not build", "--scenario", "--seed", "--json"]);
    course.run(&["chekc"]).assert(2, &["unrecognized subcommand", "check"]);
    course.run(&["check", "ex1", "--broker", "nonsense"]).assert(2, &["nonsense"]);
    course.check("ex1", "true", &["--scenario", "stedy"]).assert(2, &["no scenario “stedy”", "steady, slow-answer"]);
    let mistake = course.run(&["check", "ex1", "--mistake", "no_flsh", "--broker", "embedded"]);
    mistake.assert(2, &["ex1 has no mistake “no_flsh”; it has acks_0, "]);
}

#[test]
fn json_is_one_object_with_every_documented_key() {
    let course = course();
    let told = course.check("ex1", "true", &["--json", "--seed", "7"]);
    assert_eq!((told.code, told.err.as_str()), (1, ""));
    let json = told.json();
    let keys =
        |value: &serde_json::Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>().join(" ");
    assert_snapshot!(keys(&json), @"exercise verdict broker seed seconds proved of interrupted scenarios checks diagnosis diagnosis_certain faults last_words evidence not_served error next");
    assert_snapshot!(keys(&json["broker"]), @"kind version why");
    assert_snapshot!(keys(&json["seconds"]), @"build broker run");
    assert_snapshot!(keys(&json["scenarios"][0]), @"id title passed picture gave_up panic");
    assert_snapshot!(keys(&json["checks"][0]), @"id scenario status summary required seen code events findings why read");
    assert_eq!(json["exercise"], "ex1");
    assert_eq!(json["verdict"], "failed");
    assert_eq!(json["seed"], 7);
    assert_eq!(json["diagnosis"], "no_flush");
    assert_eq!(json["broker"]["kind"], "embedded");
    for check in json["checks"].as_array().expect("checks") {
        let status = check["status"].as_str().expect("a word");
        assert!(["passed", "failed", "not_checked", "no_evidence"].contains(&status), "{check}");
        assert!(check["events"].is_array(), "{check}");
    }
    let files = json["evidence"].as_array().expect("evidence");
    assert_eq!(files.len(), 5);
    assert!(files.iter().all(|path| std::path::Path::new(path.as_str().unwrap_or_default()).is_file()), "{files:?}");
}

#[test]
fn json_for_several_exercises_is_one_line_each() {
    let course = course();
    let told = course.kafkacourse(&["check", "ex1", "ex2", "--json", "--broker", "embedded", "--cmd", "true"]).run();
    assert_eq!(told.code, 1, "{}", told.transcript());
    let ids: Vec<String> = told
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON")["exercise"].to_string())
        .collect();
    assert_eq!(ids, ["\"ex1\"", "\"ex2\""]);
    assert_eq!(course.progress().len(), 2);
}

#[test]
fn a_run_is_traced_and_judged_again() {
    let course = course();
    let first = course.check("ex1", "true", &["--json"]);
    let again = course.run(&["replay", "--json"]);
    assert_eq!(again.code, first.code);
    let (mut first, mut again) = (first.json(), again.json());
    for json in [&mut first, &mut again] {
        let json = json.as_object_mut().expect("an object");
        json.remove("seconds"); // nothing was built or run again
        json.remove("broker");
        json.remove("next"); // only a check suggests one
    }
    assert_eq!(first, again);
    let files: Vec<String> = course.evidence("ex1").iter().map(|path| path.display().to_string()).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let replayed = course.grader(&["replay", "--json"]).and(&files).run();
    assert_eq!(replayed.code, 1);
    assert_eq!(replayed.json()["verdict"], "failed");
    assert_eq!(replayed.json()["diagnosis"], "no_flush");
    // The scenarios in the order of the exercise, whatever the files are called.
    let shown = course.run(&["replay"]);
    let heads: Vec<&str> = shown.out.lines().skip(1).take_while(|line| !line.is_empty()).collect();
    assert_snapshot!(heads.join("\n"), @r"
    ✗ a calm broker: everything arrives, in its place and in order (2 problems)
    ✗ a broker that takes its time: nobody waits for each answer, nobody leaves
      early (1 problem)
    ✗ the broker's answer gets lost: the repetition makes no duplicate
      (2 problems)
    ✗ the broker refuses a batch for good: it is reported, and the rest arrives
      (3 problems)
    ✗ a short outage: six refusals later everything has arrived (2 problems)
    ");
}

#[test]
fn reports_fit_into_80_columns() {
    let course = course();
    let mut reports = vec![course.check("ex1", "true", &[]), course.check("ex2", "true", &["-v"])];
    let commands: [&[&str]; 5] =
        [&["replay", "-v"], &["trace"], &["trace", "--all"], &["progress"], &["broker", "status"]];
    reports.extend(commands.map(|command| course.run(command)));
    for told in reports {
        let wide: Vec<&str> = told.out.lines().filter(|line| line.chars().count() > 80).collect();
        assert!(!told.out.is_empty() && wide.is_empty(), "{wide:#?}");
    }
}

#[test]
fn the_timeline_of_a_run() {
    let course = course();
    course.check("ex1", "echo hello", &["--scenario", "steady"]).assert(1, &[]);
    for what in ["LAST", "last", "ex1", "producer-basics"] {
        course.run(&["trace", what]).assert(0, &["ex1 · steady · echo hello", "started (run 1", "ended with status 0"]);
    }
    course.run(&["trace", "--all"]).assert(0, &["hello"]);
    course.run(&["trace", "--scenario", "outage"]).assert(2, &["has no scenario “outage”; it has steady"]);
    course.run(&["trace", "ex2"]).assert(2, &["there is no evidence of ex2 yet; kafkacourse check ex2 makes some"]);
    // JSON: the header, then one event on each line. A file is enough, no course is needed.
    let file = course.evidence("ex1").pop().expect("evidence").display().to_string();
    for program in [course.kafkacourse(&["trace", "--json", &file]), course.grader(&["trace", "--json", &file])] {
        let told = program.within(course.outside()).run();
        told.assert(0, &[]);
        let lines: Vec<serde_json::Value> =
            told.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!(lines.first().expect("a header")["scenario"], "steady");
        assert!(lines.len() > 100, "the input is in it");
    }
}

#[test]
fn nothing_to_replay_or_trace_yet() {
    let course = course();
    assert_snapshot!(course.run(&["replay"]).transcript(), @r"
    exit code 2
    --- stderr
    error: there is no evidence yet; kafkacourse check makes some
    ");
    assert_snapshot!(course.run(&["trace"]).transcript(), @r"
    exit code 2
    --- stderr
    error: there is no evidence yet; kafkacourse check makes some
    ");
}

#[test]
fn reset_needs_to_know_the_original() {
    let course = course();
    let stub = "exercises/ex01-producer-basics/src/main.rs";
    course.write(stub, "fn main() { /* work */ }");
    let git = course.kafkacourse(&["reset", "ex1"]).env("GIT_CEILING_DIRECTORIES", course.outside()).run();
    git.assert(2, &["the stub of ex1 as it was at first is not known"]);
    assert_eq!(course.read(stub), "fn main() { /* work */ }");
}

#[test]
fn the_same_seed_gives_the_same_input() {
    let course = course();
    let input = |seed: &str| {
        let told = course.check("ex1", "true", &["--scenario", "steady", "--seed", seed]);
        assert!(told.stdout.contains(&format!("seed {seed}")), "{}", told.stdout);
        let trace = course.run(&["trace", "--json"]).stdout;
        let given = trace.lines().filter(|line| line.contains("order_id")).map(|line| {
            let event: serde_json::Value = serde_json::from_str(line).expect("JSON");
            event["value"].to_string() + &event["what"]["value"].to_string()
        });
        given.collect::<Vec<_>>()
    };
    let (first, second, other) = (input("42"), input("42"), input("43"));
    assert!(first.len() >= 100);
    assert_eq!(first, second);
    assert_ne!(first, other);
}

#[test]
fn a_new_exercise_stands_in_a_course_that_loads() {
    let course = course();
    let told = course.run(&["author", "new", "ex09-returns", "Returns, and \"why\""]);
    assert_snapshot!(told.transcript(), @r"
    exit code 0
    --- stdout
    exercises/ex09-returns/Cargo.toml
    exercises/ex09-returns/src/main.rs
    exercises/ex09-returns/README.md
    solutions/ex09-returns/Cargo.toml
    solutions/ex09-returns/src/main.rs
    exercises/ex09-returns/exercise.toml
    modules/course.toml
    ex9 stands in module “consumers”; in modules/course.toml you can move it to another one.
    next: kafkacourse author check ex9
    ");
    course.run(&["list"]).assert(0, &["ex9 Returns, and \"why\""]);
    course.run(&["read", "ex9"]).assert(0, &["ex9: Returns"]);
    course.check("ex9", "true", &[]).assert(0, &["passed."]);
    course.run(&["author", "new", "ex9-again", "Again"]).assert(2, &["ex9 is there already: exercises/ex09-returns"]);
    course.run(&["author", "new", "returns", "Returns"]).assert(2, &["write it like ex03-group-scaling"]);
}
