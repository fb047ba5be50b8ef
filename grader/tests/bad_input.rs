//! What goes wrong at the edges, and what it gets: damaged files, hostile programs, sudden ends.

mod common;

use common::{Course, course, eventually, has, processes};
use insta::assert_snapshot;
#[cfg(target_os = "linux")]
use rustix::process::Signal;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

/// Says why nothing was tested, past the test runner, which keeps what a test prints to itself.
fn skipped(why: &str) {
    writeln!(std::io::stderr(), "skipped: {why}").ok();
}

const EX1: &str = "exercises/ex01-producer-basics/exercise.toml";
const EX2: &str = "exercises/ex02-manual-commits/exercise.toml";

/// A small exercise of these tests' own, so that the places of errors stay where they are.
const SMALL: &str = r#"id = "ex1"
title = "A small exercise"
minutes = 60
points = 10
proves = "nothing"
hints = ["Look.", "Think.", "Ask."]
topics = [{ name = "orders", partitions = 4 }]
groups = ["workers"]

[[scenario]]
id = "steady"
title = "orders"
input = { generator = "orders", count = [10, 13], topic = "orders" }
rules = [{ on = { event = "answer", op = "work" }, when = { nth = 3 }, do = { kill = "worker" } }]
steps = [{ start = "worker" }, { processed = "work" }, { stop = "worker" }]

[[scenario.check]]
id = "leaves"
title = "it leaves the group"
kind = { leaves = { role = "worker", group = "workers" } }
why = "Somebody waits."
read = "consumers/04-shutdown"

[[scenario]]
id = "again"
title = "orders, again"
input = { generator = "orders", count = [10, 13] }
steps = [{ start = "worker" }, { wait = { for = { event = "call" }, count = 3 } }, { ended = "worker" }]

[[scenario.check]]
id = "acks"
title = "acks=all"
kind = { acks = { topic = "orders" } }
why = "It may be lost."
read = "producers/03-acks"

[[mistake]]
name = "acks_0"
title = "acks=0"
explanation = "Nobody answers."
read = "producers/03-acks"
codes = ["acks/none"]
"#;

/// The error of a course that is not right; every command says it alike.
fn complaint(course: &Course) -> String {
    let told = course.run(&["list"]);
    told.assert(2, &[]);
    assert_eq!(told.out, "", "no course, no list");
    assert_eq!(course.run(&["check", "ex1", "--cmd", "true"]).err, told.err);
    // What is allowed is listed, but that grows.
    let text = told.err.replace("[COURSE]/exercises/ex01-producer-basics/", "…/");
    match ["expected one of `", "; there are "].iter().find_map(|list| Some(text.find(list)? + list.len())) {
        Some(end) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn complaint_after(file: &str, old: &str, new: &str) -> String {
    let course = course();
    course.write(EX1, SMALL);
    course.edit(file, old, new);
    complaint(&course)
}

/// Of the small exercise.
fn exercise_after(old: &str, new: &str) -> String {
    complaint_after(EX1, old, new)
}

// ── exercise.toml and course.toml ──

#[test]
fn an_exercise_that_is_right() {
    let course = course();
    course.write(EX1, SMALL);
    course.run(&["list"]).assert(0, &["ex1 A small exercise"]);
    course.edit(EX1, "do = { kill = \"worker\" }", "do = \"lose\"");
    course.run(&["list"]).assert(0, &["ex1 A small exercise"]);
}

#[test]
fn what_was_right_is_not_read_again_and_what_is_wrong_since_then_is_told() {
    let course = course();
    // What looks like the first scenario is in the middle of a hint.
    course.write(EX1, SMALL.replace("hints = [", "hints = [\"\"\"\n[[scenario]]\n\"\"\", "));
    course.run(&["hint", "ex1"]).assert(0, &["[[scenario]]"]);
    for _ in 0..2 {
        course.run(&["list"]).assert(0, &["ex1 A small exercise"]);
    }
    assert!(course.path(".kafkacourse/course-is-right").is_file());
    course.edit(EX1, "title = \"orders\"", "titel = \"orders\"");
    course.run(&["list"]).assert(2, &["unknown field `titel`"]);
    course.edit(EX1, "titel = \"orders\"", "title = \"orders\"");
    course.run(&["list"]).assert(0, &["ex1 A small exercise"]);
}

#[test]
fn an_exercise_that_is_not_toml() {
    assert_snapshot!(exercise_after("minutes = 60", "minutes = = 60"), @"error: …/exercise.toml:3:11: extra `=`, expected nothing");
    assert_snapshot!(exercise_after("minutes = 60", "minutes = \"sixty\""), @r#"error: …/exercise.toml:3:11: invalid type: string "sixty", expected u32"#);
    assert_snapshot!(exercise_after("minutes = 60\n", ""), @"error: …/exercise.toml:1:1: missing field `minutes`");
    assert_snapshot!(exercise_after("title = \"orders, again\"\n", ""), @"error: …/exercise.toml:24:1: missing field `title`");
}

#[test]
fn an_exercise_with_an_unknown_key() {
    assert_snapshot!(exercise_after("minutes = 60", "minutes = 60\nminuets = 60"), @"error: …/exercise.toml:4:1: unknown field `minuets`, expected one of `…");
    assert_snapshot!(exercise_after("{ processed = \"work\" }", "{ procesed = \"work\" }"), @"error: …/exercise.toml:15:34: unknown variant `procesed`, expected one of `…");
    assert_snapshot!(exercise_after("generator = \"orders\"", "generator = \"invoices\""), @"error: …/exercise.toml:13:23: unknown variant `invoices`, expected one of `…");
    let course = course();
    course.write(EX1, SMALL);
    course.edit(EX1, "generator = \"orders\"", "generator = \"invoices\"");
    course.run(&["list"]).assert(
        2,
        &[
            "expected one of `orders`, `payments`, ",
            "If you did not write this: your kafkacourse may be older than the course.",
            "In the course's folder: cargo install --locked --path grader",
        ],
    );
    assert_snapshot!(exercise_after("kind = { acks =", "kind = { aks ="), @"error: …/exercise.toml:33:10: unknown variant `aks`, expected one of `…");
    assert_snapshot!(exercise_after("{ acks = { topic =", "{ acks = { topik ="), @r"
    error: …/exercise.toml:33:19: unknown field `topik`, expected `topic`
    If you did not write this: your kafkacourse may be older than the course.
    In the course's folder: cargo install --locked --path grader
    ");
    assert_snapshot!(exercise_after("event = \"answer\"", "event = \"anser\""), @"error: …/exercise.toml:14:28: there is no event “anser”; there are …");
    assert_snapshot!(exercise_after("event = \"call\"", "event = \"produce.reqest\""), @"error: …/exercise.toml:28:60: there is no event “produce.reqest”; there are …");
    assert_snapshot!(exercise_after("{ kill = \"worker\" }", "{ shoot = \"worker\" }"), @"error: …/exercise.toml:14:79: unknown variant `shoot`, expected one of `…");
}

#[test]
fn an_exercise_that_contradicts_itself() {
    assert_snapshot!(exercise_after("{ stop = \"worker\" }", "{ stop = \"woker\" }"), @"error: …/exercise.toml:15:66: “woker” has not been started in scenario “steady”");
    assert_snapshot!(exercise_after("{ kill = \"worker\" }", "{ kill = \"woker\" }"), @"error: …/exercise.toml:14:87: “woker” has not been started in scenario “steady”");
    assert_snapshot!(exercise_after("{ role = \"worker\"", "{ role = \"woker\""), @"error: …/exercise.toml:20:29: “woker” has not been started in scenario “steady”");
    assert_snapshot!(exercise_after("group = \"workers\"", "group = \"worker\""), @"error: …/exercise.toml:20:47: the group “worker” is not in groups");
    assert_snapshot!(exercise_after("[{ start = \"worker\" }, { wait", "[{ start = \"worker\" }, { start = \"worker\" }, { wait"), @"error: …/exercise.toml:28:21: “worker” is started twice; the second time is a restart");
    assert_snapshot!(exercise_after("topic = \"orders\" }\nrules", "topic = \"invoices\" }\nrules"), @"error: …/exercise.toml:13:60: the topic “invoices” is not in topics");
    assert_snapshot!(exercise_after("event = \"call\" }, count = 3", "event = \"call\", role = \"woker\" }, count = 3"), @"error: …/exercise.toml:28:75: “woker” has not been started in scenario “again”");
    assert_snapshot!(exercise_after("{ processed = \"work\" }", "{ owned = { group = \"workers\", topic = \"orders\", by = { woker = 4 } } }"), @"error: …/exercise.toml:15:88: “woker” has not been started in scenario “steady”");
    assert_snapshot!(exercise_after("{ processed = \"work\" }", "{ processed = { op = \"work\", except = [\"allways\"] } }"), @"error: …/exercise.toml:15:72: no input of scenario “steady” marks records as “allways”");
    assert_snapshot!(exercise_after("{ acks = { topic = \"orders\" } }", "{ shares = { group = \"workers\", topic = \"orders\", stages = [{ worker = 4 }, { woker = 4 }] } }"), @"error: …/exercise.toml:33:86: “woker” has not been started in scenario “again”");
    assert_snapshot!(exercise_after("{ acks = { topic = \"orders\" } }", "{ commit-after-letter = { group = \"workers\", from = \"ordres\", topic = \"orders\" } }"), @"error: …/exercise.toml:33:61: the topic “ordres” is not in topics");
    assert_snapshot!(exercise_after("acks = { topic = \"orders\"", "acks = { topic = \"invoices\""), @"error: …/exercise.toml:33:28: the topic “invoices” is not in topics");
    assert_snapshot!(exercise_after("count = [10, 13]", "count = [13, 10]"), @"error: …/exercise.toml:13:33: count = [13, 10] goes down; write [least, most]");
    assert_snapshot!(exercise_after("id = \"acks\"", "id = \"leaves\""), @"error: …/exercise.toml:31:1: two things are called “leaves”");
    assert_snapshot!(exercise_after("id = \"again\"", "id = \"steady\""), @"error: …/exercise.toml:25:1: two things are called “steady”");
    assert_snapshot!(exercise_after("read = \"producers/03-acks\"", "read = \"producers/03-axe\""), @"error: …/exercise.toml:35:9: there is no section “producers/03-axe” in modules/course.toml");
    assert_snapshot!(exercise_after("codes = [\"acks/none\"]", "codes = [\"acks/nnone\"]"), @"error: …/exercise.toml:42:11: no check of this exercise finds “acks/nnone”");
    assert_snapshot!(exercise_after("\"Look.\", ", ""), @"error: …/exercise.toml:6:1: 2 hints; an exercise has at least three, in stages");
}

#[test]
fn a_pattern_that_could_never_fit() {
    assert_snapshot!(exercise_after("event = \"call\" }, count = 3", "event = \"call\", ok = true }, count = 3"), @"error: …/exercise.toml:28:60: the event “call” has no `ok`, so this would never fit");
    assert_snapshot!(exercise_after("event = \"call\" }, count = 3", "event = \"join_group.response\", topic = \"orders\" }, count = 3"), @"error: …/exercise.toml:28:60: the event “join_group.response” has no `topic`, so this would never fit");
    assert_snapshot!(exercise_after("event = \"call\" }, count = 3", "event = \"fetch.request\", topic = \"orders\", partition = 4 }, count = 3"), @"error: …/exercise.toml:28:106: there is no partition 4: orders has 0 to 3");
}

/// A demo of these tests' own.
const DEMO: &str = r#"title = "a demo"
program = "acks"
topics = [{ name = "orders", partitions = 1 }]
groups = ["workers"]
input = { generator = "orders", count = [2, 3], topic = "orders", marks = { first = 1 } }
rules = [{ on = { event = "call", op = "work", mark = "first" }, do = { kill = "consumer" } }]
steps = [{ start = "consumer" }, { committed = { group = "workers", topic = "orders" } }, { stop = "consumer" }]

[[show]]
of = { event = "fetch.request", role = "consumer", topic = "orders", partition = 0 }
after = { event = "call" }
"#;

fn demo_after(old: &str, new: &str) -> String {
    let course = course();
    let path = "modules/demos/transcripts/small.toml";
    std::fs::create_dir_all(course.path("modules/demos/transcripts")).expect("a folder");
    course.write(path, DEMO);
    course.edit(path, old, new);
    let told = course.run(&["author", "transcripts"]);
    told.assert(2, &[]);
    told.err.split("; there are ").next().unwrap_or_default().to_owned()
}

#[test]
fn a_demo_of_the_theory_that_names_what_is_not_there() {
    assert_snapshot!(demo_after("{ stop = \"consumer\" }", "{ stop = \"consumr\" }"), @"error: [COURSE]/modules/demos/transcripts/small.toml:7:101: “consumr” has not been started in scenario “small”");
    assert_snapshot!(demo_after("{ kill = \"consumer\" }", "{ kill = \"consumr\" }"), @"error: [COURSE]/modules/demos/transcripts/small.toml:6:81: “consumr” has not been started in scenario “small”");
    assert_snapshot!(demo_after("role = \"consumer\"", "role = \"consumr\""), @"error: [COURSE]/modules/demos/transcripts/small.toml:10:41: “consumr” has not been started in scenario “small”");
    assert_snapshot!(demo_after("group = \"workers\"", "group = \"worker\""), @"error: [COURSE]/modules/demos/transcripts/small.toml:7:59: the group “worker” is not in groups");
    assert_snapshot!(demo_after("topic = \"orders\" } }", "topic = \"ordrs\" } }"), @"error: [COURSE]/modules/demos/transcripts/small.toml:7:78: the topic “ordrs” is not in topics");
    assert_snapshot!(demo_after("topic = \"orders\", marks", "topic = \"ordrs\", marks"), @"error: [COURSE]/modules/demos/transcripts/small.toml:5:58: the topic “ordrs” is not in topics");
    assert_snapshot!(demo_after("count = [2, 3]", "count = [3, 2]"), @"error: [COURSE]/modules/demos/transcripts/small.toml:5:33: count = [3, 2] goes down; write [least, most]");
    assert_snapshot!(demo_after("mark = \"first\"", "mark = \"frist\""), @"error: [COURSE]/modules/demos/transcripts/small.toml:6:56: no input of scenario “small” marks records as “frist”");
    assert_snapshot!(demo_after("partition = 0", "partition = 1"), @"error: [COURSE]/modules/demos/transcripts/small.toml:10:82: there is no partition 1: orders has only partition 0");
    assert_snapshot!(demo_after("event = \"fetch.request\"", "event = \"fech.request\""), @"error: [COURSE]/modules/demos/transcripts/small.toml:10:17: there is no event “fech.request”");
    assert_snapshot!(demo_after("{ event = \"call\" }", "{ event = \"cal\" }"), @"error: [COURSE]/modules/demos/transcripts/small.toml:11:20: there is no event “cal”");
    assert_snapshot!(demo_after("{ event = \"call\" }", "{ event = \"exited\", op = \"work\" }"), @"error: [COURSE]/modules/demos/transcripts/small.toml:11:20: the event “exited” has no `op`, so this would never fit");
    assert_snapshot!(demo_after("do = { kill = \"consumer\" }", "do = \"lose\""), @"error: [COURSE]/modules/demos/transcripts/small.toml:6:28: this action needs a response or an answer, and “call” is none");
    assert_snapshot!(demo_after("do = { kill = \"consumer\" }", "do = { change = { node-leaves = { node = 1 } } }"), @"error: [COURSE]/modules/demos/transcripts/small.toml:6:73: a change needs `cluster = { nodes = 2 }`, or 3");
    assert_snapshot!(demo_after("groups = [\"workers\"]", "groups = [\"workers\"]\ncluster = { nodes = 4 }"), @"error: [COURSE]/modules/demos/transcripts/small.toml:5:21: 4 is not from 2 to 3");
    assert_snapshot!(demo_after("groups = [\"workers\"]", "groups = [\"workers\"]\ncluster = { nodes = 2, min-insync-replicas = 3 }"), @"error: [COURSE]/modules/demos/transcripts/small.toml:5:24: there are only 2 nodes, each with one replica");
    assert_snapshot!(demo_after("program = \"acks\"", "exercise = \"ex9\""), @"error: [COURSE]/modules/demos/transcripts/small.toml:2:13: there is no exercise “ex9” in the course");
}

#[test]
fn values_that_make_no_sense() {
    let name = "this is no name: it has only letters, digits, “.”, “_” and “-”, and at most 249 of them";
    for (old, new, place, said) in [
        ("id = \"steady\"", "id = \"../../steady\"", "11:6", name),
        ("id = \"leaves\"", "id = \"a/b\"", "18:6", name),
        ("name = \"orders\"", "name = \"\"", "7:20", name),
        ("\"workers\"]", "\"my workers\"]", "8:11", name),
        ("partitions = 4", "partitions = 0", "7:43", "0 is not from 1 to 1000"),
        ("partitions = 4", "partitions = 2000000000", "7:43", "2000000000 is not from 1 to 1000"),
        ("minutes = 60", "minutes = 4294967295", "3:11", "4294967295 is not from 1 to 10000"),
        ("points = 10", "points = 4294967295", "4:10", "4294967295 is not from 0 to 10000"),
        ("count = [10, 13]", "count = [10, 10001]", "13:33", "count = [10, 10001] is too many: at most 10000"),
        ("{ stop = \"worker\" }", "{ collect = { file = \"../secret\" } }", "15:77", name),
    ] {
        assert_eq!(exercise_after(old, new), format!("error: …/exercise.toml:{place}: {said}"));
    }
    for (old, new) in [("folder = \"02-producers\"", "folder = \"../etc\""), ("minutes = 7", "minutes = 4294967295")] {
        let complaint = complaint_after("modules/course.toml", old, new);
        assert!(complaint.contains("modules/course.toml:") && complaint.contains(" is n"), "{complaint}");
    }
}

#[test]
fn files_of_the_course_that_are_no_ordinary_files() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    type Make = fn(&std::path::Path);
    let fifo: Make = |path| mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).expect("a FIFO");
    let endless: Make = |path| std::os::unix::fs::symlink("/dev/zero", path).expect("a link");
    let huge: Make = |path| std::fs::File::create(path).and_then(|file| file.set_len(3 << 30)).expect("a sparse file");
    for (make, why) in [
        (fifo, "it is not an ordinary file"),
        (endless, "it is a link, which is not followed"),
        (huge, "it is larger than 4 MiB"),
    ] {
        let course = course();
        for (file, arguments) in [
            ("modules/02-producers/03-acks.md", &["read", "acks"][..]),
            ("solutions/ex01-producer-basics/src/main.rs", &["solution", "ex1", "--give-up"]),
            ("modules/02-producers/quiz.toml", &["quiz", "producers"]),
            (EX1, &["list"]),
        ] {
            let path = course.path(file);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("it is ours");
            let _ = std::fs::remove_file(&path);
            make(&path);
            course.run(arguments).assert(2, &[&format!("[COURSE]/{file}: {why}")]);
        }
    }
}

#[test]
fn files_that_are_not_text() {
    let course = course();
    let mut bytes = SMALL.as_bytes().to_vec();
    let at = bytes.iter().position(|byte| *byte == b'\n').expect("a line") + 5;
    bytes.splice(at..at, [0xff, 0xfe]);
    course.write(EX1, bytes);
    assert_snapshot!(complaint(&course), @"error: …/exercise.toml:2:5: this is not UTF-8 text");
}

#[test]
fn a_manifest_that_is_wrong() {
    let manifest = "modules/course.toml";
    assert_snapshot!(complaint_after(manifest, "exercises = [\"ex2\"]", "exercises = [\"ex2\", \"ex7\"]"), @"error: [COURSE]/modules/course.toml:28:22: there is no exercise “ex7” in exercises/");
    assert_snapshot!(complaint_after(manifest, "exercises = [\"ex2\"]", ""), @"error: [COURSE]/exercises/ex02-manual-commits/exercise.toml:3:7: ex2 stands in no module of modules/course.toml");
    assert_snapshot!(complaint_after(manifest, "exercises = [\"ex2\"]", "exercises = [\"ex2\", \"ex1\"]"), @"error: [COURSE]/modules/course.toml:28:22: “ex1” stands here for the second time");
    assert_snapshot!(complaint_after(manifest, "title = \"Producers\"", "titel = \"Producers\""), @"error: [COURSE]/modules/course.toml:6:1: unknown field `titel`, expected one of `…");
    assert_snapshot!(complaint_after(manifest, "minutes = 7", "minutes = -7"), @"error: [COURSE]/modules/course.toml:8:72: invalid value: integer `-7`, expected u32");
    assert_snapshot!(complaint_after(manifest, "[[module]]", "[[module]"), @"error: [COURSE]/modules/course.toml:3:10: unclosed array table, expected `]`");
    assert_snapshot!(complaint_after(EX2, "id = \"ex2\"", "id = \"ex1\""), @"error: [COURSE]/exercises/ex02-manual-commits/exercise.toml:3:7: another folder in exercises/ has the id “ex1”, too");
}

#[test]
fn a_section_whose_file_is_missing_is_named() {
    let course = course();
    std::fs::remove_file(course.path("modules/02-producers/03-acks.md")).expect("it is there");
    course.run(&["read", "acks"]).assert(2, &["[COURSE]/modules/02-producers/03-acks.md: No such file"]);
    course.write("modules/02-producers/03-acks.md", [0xff, 0xff]);
    course.run(&["read", "acks"]).assert(2, &["03-acks.md: this is not UTF-8 text"]);
    assert!(course.progress().is_empty(), "what could not be shown has not been read");
}

// ── progress and evidence ──

#[test]
fn a_damaged_line_of_progress_is_skipped_and_told() {
    let course = course();
    course.run(&["hint", "ex1"]).assert(0, &[]);
    let line = course.read(".kafkacourse/progress.jsonl");
    // Damaged in the middle, not UTF-8, and cut off by a crash at the end.
    let mut bytes = b"{\"format\":1,\"done\":\"hin\n\xff\xfe\n".to_vec();
    bytes.extend(line.as_bytes());
    bytes.extend(&line.as_bytes()[..20]);
    course.write(".kafkacourse/progress.jsonl", bytes);
    let told = course.run(&["progress"]);
    assert_snapshot!(told.transcript(), @r"
    exit code 0
    --- stdout
    A small course
      ○ ex1 Producer basics               10 points  1 hint, 0 of 6 read
      ○ ex2 Consumer with manual commits  10 points  0 of 5 read

    0 of 20 points · 0 of 2 exercises passed · 0 of 11 sections read
    about 3 h 34 min to go · next: kafkacourse next
    --- stderr
    [COURSE]/.kafkacourse/progress.jsonl:1: this line is damaged (EOF while parsing a string). Everything else counts; remove the line to be rid of this word.
    [COURSE]/.kafkacourse/progress.jsonl:2: this line is damaged (expected value). Everything else counts; remove the line to be rid of this word.
    [COURSE]/.kafkacourse/progress.jsonl:4: this line is damaged (EOF while parsing a string). Everything else counts; remove the line to be rid of this word.
    ");
    // What comes next is not glued to the broken end.
    course.run(&["hint", "ex1"]).assert(0, &["hint 2 of 4"]);
    course.run(&["hint", "ex1"]).assert(0, &["hint 3 of 4"]);
    course.write(".kafkacourse/progress.jsonl", line.replace("\"stage\":1", &format!("\"stage\":{}", u64::MAX)));
    course.run(&["hint", "ex1"]).assert(0, &["hint 4 of 4"]);
    course.write(".kafkacourse/progress.jsonl", "{damaged\n".repeat(1000));
    let told = course.run(&["list"]);
    told.assert(0, &[]);
    assert!(told.err.lines().count() == 21 && told.err.ends_with("1000 damaged lines in all"), "{}", told.err);
}

#[test]
fn progress_of_a_newer_version_is_left_alone() {
    let course = course();
    let text = "{\"format\":4,\"at\":\"2030-01-01T00:00:00Z\",\"done\":\"levitated\"}\n";
    course.write(".kafkacourse/progress.jsonl", text);
    assert_snapshot!(course.run(&["progress"]).transcript(), @r"
    exit code 2
    --- stderr
    error: [COURSE]/.kafkacourse/progress.jsonl: written by a newer kafkacourse (format 4, this version reads 3). Update kafkacourse.
    ");
    course.run(&["hint", "ex1"]).assert(2, &["newer kafkacourse"]);
    assert_eq!(course.read(".kafkacourse/progress.jsonl"), text);
    // Also beyond what fits into 32 bits.
    course.write(".kafkacourse/progress.jsonl", text.replace("\"format\":4", "\"format\":4294967296"));
    course.run(&["progress"]).assert(2, &["newer kafkacourse"]);
}

#[test]
fn evidence_that_is_damaged_or_newer() {
    let course = course();
    course.check("ex1", "true", &["--scenario", "steady"]).assert(1, &[]);
    let file = course.evidence("ex1").pop().expect("evidence");
    let zipped = std::fs::read(&file).expect("evidence");
    let told = |name: &str, bytes: &[u8]| {
        course.write(name, bytes);
        let (trace, replay) = (course.run(&["trace", name]), course.run(&["replay", name]));
        trace.assert(2, &[]);
        replay.assert(2, &[]);
        assert_eq!(trace.err, replay.err);
        trace.err
    };
    assert_snapshot!(told("empty.jsonl", b""), @"error: empty.jsonl:1: this is not evidence of kafkacourse: the file is empty");
    assert_snapshot!(told("text.jsonl", b"once upon a time"), @"error: text.jsonl:1: this is not evidence of kafkacourse: expected value at line 1 column 1");
    assert_snapshot!(told("binary.jsonl", b"\xff\xfe\n"), @"error: binary.jsonl:1: this is not evidence of kafkacourse: stream did not contain valid UTF-8");
    assert_snapshot!(told("other.jsonl", b"{\"format\":1,\"name\":\"something else\"}\n"), @"error: other.jsonl:1: this is not evidence of kafkacourse: missing field `recorded_by`");
    assert_snapshot!(told("newer.jsonl", b"{\"format\":9,\"recorded_by\":\"4.2.0\"}\n"), @"error: newer.jsonl: recorded in format 9 by kafkacourse 4.2.0; this version reads format 8. Update kafkacourse, or use that version.");
    let cut = told("cut.jsonl.gz", &zipped[..zipped.len() / 2]);
    assert!(cut.starts_with("error: cut.jsonl.gz: the file is cut off: its end is missing after "), "{cut}");
    let mut broken = zipped.clone();
    broken[zipped.len() / 2] ^= 0xff;
    let broken = told("broken.jsonl.gz", &broken);
    assert!(broken.starts_with("error: broken.jsonl.gz:"), "{broken}");
    course.run(&["replay", "nowhere.gz"]).assert(2, &["nowhere.gz: cannot read evidence: No such file"]);
    // Of an exercise or a scenario that is gone.
    let plain = course.run(&["trace", "--json"]).stdout;
    course.write("plain.jsonl", &plain);
    course.run(&["replay", "plain.jsonl"]).assert(1, &["every order arrives"]);
    course.write("gone.jsonl", plain.replacen("\"steady\"", "\"hectic\"", 1));
    course.run(&["replay", "gone.jsonl"]).assert(2, &["ex1 has no scenario “hectic” any more"]);
    course.write("gone.jsonl", plain.replacen("\"ex1\"", "\"ex77\"", 1));
    course.run(&["replay", "gone.jsonl"]).assert(2, &["there is no exercise “ex77”"]);
}

/// A part of an exercise is never the exercise, and a file is never two.
#[test]
fn a_replay_judges_what_it_has_and_says_so() {
    let course = course();
    let stored = |name: &str| format!("{}/tests/evidence/ex1-solution-{name}.jsonl.gz", env!("CARGO_MANIFEST_DIR"));
    let steady = stored("steady");
    let told = course.run(&["replay", &steady, &steady]);
    told.assert(0, &["1 of 5 scenarios"]);
    assert!(!told.out.contains("Producer basics passed"), "{}", told.out);
    let json = course.run(&["replay", &steady, "--json"]).json();
    assert_eq!((json["verdict"].as_str(), json["of"].as_u64()), (Some("passed_in_part"), Some(5)));
    assert_eq!(json["scenarios"].as_array().map(Vec::len), Some(1));
    // A copy under another name is the same evidence; two runs of a scenario are not one check.
    std::fs::copy(&steady, course.path("copy.jsonl.gz")).expect("a copy");
    course.run(&["replay", &steady, "copy.jsonl.gz"]).assert(0, &["1 of 5 scenarios"]);
    course.check("ex1", "true", &["--seed", "7"]).assert(1, &[]);
    let first = course.evidence("ex1");
    course.check("ex1", "true", &["--seed", "7", "--scenario", "steady"]).assert(1, &[]);
    let both: Vec<String> = course.evidence("ex1").iter().map(|path| path.display().to_string()).collect();
    let steady: Vec<&str> = both.iter().map(String::as_str).filter(|path| path.contains("steady")).collect();
    course.run(&["replay", steady[0], steady[1]]).assert(2, &["two runs of the scenario “steady”"]);
    course.run(&["replay"]).assert(1, &["1 of 5 scenarios was judged"]);
    // Of a run that was interrupted, what came to its end is judged, and the rest is named.
    std::fs::remove_dir_all(std::path::Path::new(steady[1]).parent().expect("a run")).expect("it is there");
    let cut = first.iter().find(|path| path.ends_with("outage.jsonl.gz")).expect("a scenario");
    let open = cut.with_extension("open");
    std::fs::rename(cut, &open).expect("it is there");
    course.run(&["replay"]).assert(1, &["4 of 5 scenarios were judged", "Interrupted before their end", "outage."]);
    let json = course.run(&["replay", "--json"]).json();
    assert_eq!(json["interrupted"], serde_json::json!(["outage"]));
    let open = open.display().to_string();
    course
        .run(&["replay", &open])
        .assert(2, &["was interrupted before its end and cannot be judged", "kafkacourse trace"]);
}

#[test]
fn evidence_that_was_cut_off_while_it_was_recorded_can_be_read() {
    let course = course();
    course.check("ex1", "true", &["--scenario", "steady"]).assert(1, &[]);
    let plain = course.run(&["trace", "--json"]).stdout;
    let lines: Vec<&str> = plain.lines().collect();
    // What kill -9 leaves: whole lines, and the beginning of one.
    let last = lines[50];
    course.write("cut.jsonl", format!("{}\n{}", lines[..50].join("\n"), &last[..last.len() / 2]));
    course.run(&["trace", "cut.jsonl"]).assert(0, &["ex1 · steady"]);
}

// ── folders ──

#[test]
fn a_course_that_cannot_be_written() {
    if rustix::process::geteuid().is_root() {
        skipped("root writes everywhere");
        return;
    }
    let course = course();
    std::fs::set_permissions(&course.root, PermissionsExt::from_mode(0o555)).expect("ours");
    course.run(&["next"]).assert(0, &["ex1 · Producer basics"]);
    course.run(&["read"]).assert(0, &["Anatomy of a producer"]);
    course.run(&["hint", "ex1"]).assert(0, &["hint 1"]);
    course.check("ex1", "true", &[]).assert(7, &["not your doing", "[COURSE]/.kafkacourse"]);
    std::fs::set_permissions(&course.root, PermissionsExt::from_mode(0o755)).expect("ours");
}

/// The same for root, whom permissions do not stop: a file where the folder should be.
#[test]
fn a_course_whose_state_cannot_be_made() {
    let course = course();
    course.write(".kafkacourse", "a file");
    course.run(&["next"]).assert(0, &["ex1 · Producer basics"]);
    course.run(&["read"]).assert(0, &["Anatomy of a producer"]);
    course.run(&["hint", "ex1"]).assert(0, &["hint 1"]);
    let told = course.check("ex1", "true", &[]);
    told.assert(7, &["not your doing", "[COURSE]/.kafkacourse is a file, where a folder is needed"]);
    let json = course.check("ex1", "true", &["--json"]);
    assert_eq!((json.code, json.json()["verdict"].as_str()), (7, Some("grader_fault")));
}

#[test]
fn no_temporary_folder() {
    let course = course();
    let told = course.checking("ex1", "true", &["--scenario", "steady"]).env("TMPDIR", course.path("nowhere")).run();
    told.assert(7, &["not your doing", "temporary folder"]);
}

/// A file system of one MiB of its own, where this process may mount one.
struct Tiny<'a>(&'a Course);

impl Tiny<'_> {
    fn mount(course: &Course) -> Option<Tiny<'_>> {
        let folder = course.path(".kafkacourse");
        std::fs::create_dir(&folder).expect("a folder");
        let mut command = std::process::Command::new("mount");
        command.args(["-t", "tmpfs", "-o", "size=1m", "tiny"]).arg(&folder);
        let mounted = command.output().is_ok_and(|output| output.status.success());
        mounted.then_some(Tiny(course))
    }
}

impl Drop for Tiny<'_> {
    fn drop(&mut self) {
        std::process::Command::new("umount").arg(self.0.path(".kafkacourse")).output().ok();
    }
}

#[test]
fn a_disk_that_is_full() {
    let course = course();
    let Some(_tiny) = Tiny::mount(&course) else {
        skipped("no tmpfs can be mounted here");
        return;
    };
    let folder = course.path(".kafkacourse");
    let mut filler = std::fs::File::create(folder.join("filler")).expect("a file");
    while filler.write_all(&[0; 4096]).is_ok() {}
    let told = course.check("ex1", "true", &["--scenario", "steady"]);
    told.assert(7, &["not your doing", "No space left on device"]);
    assert!(course.left_over().is_empty());
    course.run(&["hint", "ex1"]).assert(0, &["hint 1"]);
    drop(filler);
    std::fs::remove_file(folder.join("filler")).expect("it is there");
    course.check("ex1", "true", &[]).assert(1, &[]);
    course.run(&["progress"]).assert(0, &["1 attempt"]);
}

/// What fits of a line is not left behind as half of one.
#[test]
fn a_disk_that_is_full_in_the_middle_of_a_line() {
    let course = course();
    let Some(_tiny) = Tiny::mount(&course) else {
        skipped("no tmpfs can be mounted here");
        return;
    };
    let folder = course.path(".kafkacourse");
    let progress = folder.join("progress.jsonl");
    course.run(&["hint", "ex1"]).assert(0, &["hint 1"]);
    // The file ends some bytes before the end of a page, and there are no more pages.
    let mut text = course.read(".kafkacourse/progress.jsonl");
    text = format!("{}\n{text}", " ".repeat(4096 - 30 - text.len() - 1));
    std::fs::write(&progress, &text).expect("room for a page");
    let mut filler = std::fs::File::create(folder.join("filler")).expect("a file");
    while filler.write_all(&[0; 4096]).is_ok() {}
    course.run(&["hint", "ex1"]).assert(0, &["hint 2", "your progress was not kept", "Free some space"]);
    assert_eq!(course.read(".kafkacourse/progress.jsonl"), text);
    drop(filler);
    std::fs::remove_file(folder.join("filler")).expect("it is there");
    course.run(&["hint", "ex1"]).assert(0, &["hint 2"]);
    course.run(&["progress"]).assert(0, &["2 hints"]);
}

// ── programs ──

#[test]
fn a_program_that_is_not_there() {
    let course = course();
    course.write("data.txt", "no program");
    let progress = course.run(&["progress"]).stdout;
    for (command, why) in [
        ("no-such-program-anywhere --flag", "not found"),
        ("cd . && ./no-such-program-here", "not found"),
        ("./data.txt", "ermission denied"),
    ] {
        let told = course.check("ex2", command, &[]);
        told.assert(2, &["", &format!("the command “{command}” cannot be run:"), why]);
        assert!(!told.out.contains("status"), "no finding: {}", told.out);
    }
    let told = course.check("ex1", "no-such-program-anywhere", &["--json"]);
    assert_eq!(told.stdout, "", "no verdict");
    assert_eq!(course.run(&["progress"]).stdout, progress, "and no attempt");
    // A status like the shell's, of a program that did run, is the program's own.
    if has("bash") {
        let call = r#"exec 9<>/dev/tcp/127.0.0.1/${KAFKACOURSE_DOWNSTREAM##*:}; echo "{\"op\":\"hello\"}" >&9; read -r answer <&9"#;
        let told = course.check("ex1", &format!("bash -c '{call}'; exit 127"), &["--scenario", "steady"]);
        told.assert(1, &["ended with status 127"]);
    }
}

#[test]
fn a_program_that_ends_at_once() {
    let course = course();
    course.check("ex1", "true", &[]).assert(1, &["This looks like: the program ends before the broker has answered"]);
    course.check("ex2", "true", &["--scenario", "steady", "-v"]).assert(1, &["the program had ended"]);
    course.check("ex1", "exit 3", &["--scenario", "refused", "-v"]).assert(1, &["it ended with status 3"]);
}

/// It prints, in lines that are too long, not UTF-8, or control the terminal, and never ends: 10 s of patience, and more
/// where the machine has no processor for it.
#[test]
fn a_program_that_never_ends_and_prints_without_end() {
    let course = course();
    let command =
        "printf 'not UTF-8: \\377\\376\\n\\033[31mred\\n'; head -c 100000 /dev/zero; echo; while :; do echo y; done";
    let told = course.check("ex2", command, &["--scenario", "steady", "--scenario", "poison", "-v"]);
    told.assert(5, &["s nothing moved on", "not UTF-8: ��", "·[31mred", "which are not recorded"]);
    assert!(!told.stdout.contains('\u{1b}'), "what it prints does not reach the terminal");
    assert!(!told.out.contains("This looks like"), "{}", told.out);
    let size = std::fs::metadata(course.evidence("ex2").pop().expect("evidence")).expect("a file").len();
    assert!(size < 1 << 20, "{size} bytes of evidence");
    assert!(course.left_over().is_empty());
    // Judged again, the same.
    course.run(&["replay"]).assert(5, &["s nothing moved on"]);
}

#[test]
fn a_program_that_ignores_sigterm() {
    let course = course();
    // A scenario that asks for the end at once, so that the test does not wait twice.
    course.edit(
        EX2,
        "steps = [{ start = \"consumer\" }, { processed = \"process\" }, { stop",
        "steps = [{ start = \"consumer\" }, { wait = { for = { event = \"output\" } } }, { stop",
    );
    let told = course.check("ex2", "trap '' TERM; echo up; sleep 1000.0625", &["--scenario", "steady", "-v"]);
    told.assert(5, &["it did not end after SIGTERM", "consumer to end", "for 10 s it did nothing more"]);
    assert_eq!(processes("sleep 1000.0625"), Vec::<String>::new());
    assert!(course.left_over().is_empty());
}

/// A shell in front of the program does not keep it from ending in its own time.
#[test]
fn a_program_behind_a_shell_that_takes_a_moment_to_stop() {
    let course = course();
    course.edit(
        EX2,
        "steps = [{ start = \"consumer\" }, { processed = \"process\" }, { stop",
        "steps = [{ start = \"consumer\" }, { wait = { for = { event = \"output\" } } }, { stop",
    );
    course.write("slow.sh", "trap 'sleep 0.3; echo goodbye; exit 0' TERM\necho up\nwhile :; do sleep 0.05; done\n");
    for command in ["sh slow.sh", "cd . && sh slow.sh", "A=1 sh slow.sh"] {
        let told = course.check("ex2", command, &["--scenario", "steady", "-v"]);
        told.assert(1, &["    goodbye", "it went on until it was asked to stop"]);
    }
}

#[test]
#[cfg(target_os = "linux")] // it looks into /proc
fn the_children_of_a_program_end_with_it() {
    let course = course();
    // The program is gone at once; its children hold its pipes, in its group and outside of it.
    let mut command = "sleep 1000.125 & (sleep 1000.125 &) ; exit 0".to_owned();
    if has("setsid") {
        command.insert_str(0, "setsid sleep 1000.125 & (setsid -f sh -c 'sleep 1000.125; :') ; ");
    }
    let told = course.check("ex1", &command, &[]);
    told.assert(1, &["This looks like: the program ends before"]);
    assert_eq!(processes("sleep 1000.125"), Vec::<String>::new());
}

#[test]
fn a_hundred_connections_full_of_garbage() {
    if !has("bash") {
        skipped("no bash, whose /dev/tcp this needs");
        return;
    }
    let course = course();
    let script = r#"
        port=${KAFKA_BOOTSTRAP_SERVERS##*:}
        for i in $(seq 100 199); do eval "exec $i<>/dev/tcp/127.0.0.1/$port"; done
        for i in $(seq 100 199); do
            case $((i % 4)) in
                0) printf 'GET / HTTP/1.1\r\n\r\n' >&$i ;;
                1) printf '\377\377\377\377' >&$i ;;
                2) printf '\0\0\0\4\0\0\0\0' >&$i ;;
                3) printf '\177\377\377\377garbage' >&$i ;;
            esac
        done 2>/dev/null
        exec 9<>/dev/tcp/127.0.0.1/${KAFKACOURSE_DOWNSTREAM##*:}
        printf '\377\376 no call\n' >&9
        read -r answer <&9
        echo "answer $answer"
        exec 8<>/dev/tcp/127.0.0.1/${KAFKACOURSE_DOWNSTREAM##*:}
        printf 'no call\n' >&8
        read -r answer <&8
        echo "answer $answer"
        echo done
    "#;
    course.write("garbage.bash", script);
    let told = course.check("ex1", "bash garbage.bash", &["--scenario", "steady", "-v"]);
    told.assert(1, &["    done", "not a line of text", "not a call"]);
    assert!(!told.err.contains("not your doing"), "{}", told.err);
    assert!(course.left_over().is_empty());
}

// ── the end of kafkacourse itself ──

/// A check whose program sleeps for so many seconds, in the middle of its run.
#[cfg(target_os = "linux")]
fn sleeping<'a>(course: &'a Course, seconds: &str) -> common::Going<'a> {
    let apart = if has("setsid") { "setsid" } else { "" };
    let command = format!("{apart} sleep {seconds} & sleep {seconds}; wait");
    let going = course.checking("ex1", &command, &[]).start();
    eventually("every scenario has its program", || processes(&format!("sleep {seconds}")).len() == 10);
    assert_eq!(course.left_over().len(), 5);
    going
}

#[test]
#[cfg(target_os = "linux")] // it looks into /proc
fn ctrl_c_leaves_nothing_behind() {
    for (signal, code, seconds) in [(Signal::INT, 130, "1000.25"), (Signal::TERM, 143, "1000.375")] {
        let course = course();
        let going = sleeping(&course, seconds);
        going.signal(signal);
        let told = going.end();
        told.assert(code, &[]);
        // It was killed before ours ended; whoever reaps it may take a moment.
        eventually("its programs end", || processes(&format!("sleep {seconds}")).is_empty());
        assert_eq!(course.left_over(), Vec::<std::path::PathBuf>::new());
        assert!(course.progress().is_empty(), "a stopped check is no attempt");
    }
}

#[test]
#[cfg(target_os = "linux")] // it looks into /proc
fn kill_9_leaves_nothing_behind_either() {
    let course = course();
    let going = sleeping(&course, "1000.5");
    let id = going.id();
    let family = children(id);
    assert!(family.len() > 2, "brokers and a reaper: {family:?}");
    let runs = common::entries(&course.path(".kafkacourse/evidence/ex1"));
    let open =
        common::entries(runs.first().expect("a run")).into_iter().find(|path| path.ends_with("steady.jsonl.open"));
    let open = open.expect("what it saw");
    // The file follows what is seen within some milliseconds; a program may be there before its line is.
    let seen = || std::fs::read_to_string(&open).expect("a text");
    eventually("what it saw is in its file", || seen().contains("\"started\""));
    going.signal(Signal::KILL);
    assert_eq!(going.end().code, 128 + 9);
    eventually("its programs end", || processes("sleep 1000.5").is_empty());
    eventually("its folders go", || course.left_over().is_empty());
    eventually("its brokers and its reaper end", || !family.iter().any(|id| alive(*id)));
    // And the next run is as usual; what was seen before is still there to look at.
    course.run(&["trace", &open.display().to_string()]).assert(0, &["ex1 · steady", "started (run 1"]);
    course.run(&["trace"]).assert(2, &["there is no evidence yet"]);
    course.check("ex1", "true", &[]).assert(1, &["This looks like: the program ends before"]);
    assert_eq!(course.progress().len(), 1);
    course.run(&["trace"]).assert(0, &["ex1 · outage"]);
}

#[cfg(target_os = "linux")]
fn children(parent: u32) -> Vec<u32> {
    let task = format!("/proc/{parent}/task");
    let lists = common::entries(std::path::Path::new(&task)).into_iter();
    let lists = lists.filter_map(|task| std::fs::read_to_string(task.join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<_>>()).collect()
}

#[cfg(target_os = "linux")]
fn alive(id: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{id}/stat"))
        .is_ok_and(|stat| !stat.rsplit(')').next().unwrap_or_default().trim_start().starts_with('Z'))
}

#[test]
fn two_checks_at_once() {
    let course = course();
    let both = [course.checking("ex1", "true", &[]).start(), course.checking("ex1", "true", &[]).start()];
    for going in both {
        going.end().assert(1, &["This looks like: the program ends before"]);
    }
    assert_eq!(course.progress().len(), 2);
    assert_eq!(course.evidence("ex1").len(), 10, "each has its own");
}

#[test]
fn many_hints_at_once_lose_nothing() {
    let course = course();
    let all: Vec<_> = (0..8).map(|_| course.kafkacourse(&["read", "acks"]).start()).collect();
    all.into_iter().for_each(|going| going.end().assert(0, &[]));
    assert!(!course.progress().is_empty(), "each line is a whole one");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let course = course();
    for arguments in ["list", "read producers/01-anatomy", "progress", "next", "check --help", "completions bash"] {
        let line = format!("{} {arguments} | true", env!("CARGO_BIN_EXE_kafkacourse"));
        let mut command = std::process::Command::new("sh");
        let output = command.args(["-c", &line]).current_dir(&course.root).output().expect("sh");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!said.contains("panicked"), "{arguments}: {said}");
    }
}

// ── standard output and standard error ──

/// `kafkacourse` in a shell, which sends its streams elsewhere; what the shell says, and its exit code.
fn in_shell(course: &Course, line: &str) -> (i32, String) {
    let line = line.replace("kafkacourse", env!("CARGO_BIN_EXE_kafkacourse"));
    let mut command = std::process::Command::new("sh");
    command.args(["-c", &line]).current_dir(&course.root).env("NO_COLOR", "1").env("TMPDIR", course.temporary());
    let output = command.output().expect("sh");
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn a_verdict_survives_streams_that_cannot_be_written() {
    if !std::path::Path::new("/dev/full").exists() {
        skipped("no /dev/full");
        return;
    }
    let course = course();
    let check = "kafkacourse check ex1 --cmd true --broker embedded";
    for (position, line) in [
        format!("{check} --json >/dev/full"),
        format!("{check} >/dev/full"),
        format!("{check} >&-"),
        format!("{check} >/dev/null 2>/dev/full"),
        format!("({check}; echo $? >code) | true; exit $(cat code)"),
    ]
    .iter()
    .enumerate()
    {
        let (code, said) = in_shell(&course, line);
        assert_eq!(code, 1, "{line}: {said}");
        assert!(!said.contains("panicked"), "{line}: {said}");
        let told = said.matches("standard output could not be written: No space left on device").count();
        assert_eq!(told, usize::from(line.ends_with(" >/dev/full")), "{line}: {said}");
        assert_eq!(course.progress().len(), position + 1, "{line}: the attempt is kept");
    }
    for (line, code) in [
        ("kafkacourse list >/dev/full", 8),
        ("kafkacourse read acks >/dev/full", 8),
        ("kafkacourse check --help >/dev/full", 8),
        ("kafkacourse completions bash >/dev/full", 8),
        ("kafkacourse solution ex1 >/dev/full", 1),
        ("kafkacourse list 2>/dev/full", 0),
        ("kafkacourse hint ex9 2>/dev/full", 2),
        ("kafkacourse chekc >/dev/full 2>&1", 2),
        ("(kafkacourse list; echo $? >code) | true; exit $(cat code)", 0),
    ] {
        let (seen, said) = in_shell(&course, line);
        assert_eq!(seen, code, "{line}: {said}");
        assert!(!said.contains("panicked"), "{line}: {said}");
    }
}

// ── what is typed, and where ──

#[test]
fn words_that_name_nothing() {
    let course = course();
    for (arguments, said) in [
        (&["check", "ex1", "--cmd", ""][..], "--cmd wants a command line"),
        (&["check", "ex1", "--cmd", " \n"], "--cmd wants a command line"),
        (&["check", "ex1", "--cmd", "# nothing"], "--cmd wants a command line"),
        (&["check", "ex1", "--cmd", "echo 'never closed"], "the command “echo 'never closed” cannot be run: "),
        (&["next", "--course", "no/such/folder"], "there is no folder [COURSE]/no/such/folder. Name the folder"),
        (&["next", "--course", "modules/course.toml"], "there is no folder [COURSE]/modules/course.toml. Name the"),
        (&["read", &"x".repeat(100_000)], "there is no section"),
        (&["check", "ex1", "--seed", "-1"], "invalid value '-1' for '--seed"),
        (&["check", "../ex1"], "there is no exercise “../ex1”"),
        (&["check", "ex1", "--scenario", "../steady"], "no scenario “../steady”"),
        (&["hint", "ex1", "--stage", "99"], "ex1 has 4 hints, and no hint 99"),
        (&["hint", "ex1", "--stage", "-1"], "invalid value '-1' for '--stage"),
        (&["hint", "\u{1b}[2Jex1"], "there is no exercise “·[2Jex1”"),
        (&["quiz", "../producers"], "there is no module"),
        (&["read", "../../Cargo"], "there is no section"),
        (&["trace", "../x"], "there is no exercise"),
        (&["replay", "."], "this is a folder"),
        (&["author", "new", "ex09-../x", "A title"], "“ex09-../x” is no name for an exercise"),
        (&["author", "new", "ex09-a b", "A title"], "is no name for an exercise"),
        (&["author", "new", "ex09-a", " "], "an exercise wants a title"),
        (&["author", "new", "ex09-a", "A\n\u{1b}[2Jtitle"], "is no title"),
        (&["author", "check", "ex1", "--times", "0"], "0 is not in 1.."),
    ] {
        let told = course.run(arguments);
        told.assert(2, &[said]);
        assert!(!told.err.contains('\u{1b}'), "{}", told.err);
    }
    assert!(course.progress().is_empty());
    course.run(&["list"]).assert(0, &["ex1 Producer basics"]); // nothing was made by halves
}

#[test]
fn a_current_folder_that_is_gone() {
    let course = course();
    let (code, said) = in_shell(&course, "mkdir gone && cd gone && rmdir ../gone && kafkacourse next");
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("the current folder is gone"), "{said}");
}

#[test]
fn a_terminal_of_a_few_columns() {
    let course = course();
    course.check("ex1", "true", &[]).assert(1, &[]);
    for columns in ["0", "1", "20", "99999999999999999999", "-1", "wide"] {
        for arguments in [&["next"][..], &["list"], &["progress"], &["read", "acks"], &["trace"], &["replay"]] {
            let told = course.kafkacourse(arguments).env("COLUMNS", columns).run();
            assert!(told.code < 2 && !told.err.contains("panicked"), "{columns}: {}", told.transcript());
        }
    }
}

#[test]
fn a_doctor_without_a_temporary_folder() {
    let course = course();
    let told = course.kafkacourse(&["doctor"]).env("TMPDIR", course.path("nowhere")).run();
    told.assert(1, &["no temporary files can be made in [COURSE]/nowhere", "export TMPDIR="]);
}

/// Who may not look is told so, and not that there is nothing.
#[test]
fn what_may_not_be_read_is_named() {
    let root = rustix::process::getuid().is_root();
    if root && !has("setpriv") {
        skipped("root may read everything, and there is no setpriv");
        return;
    }
    let course = course();
    course.check("ex1", "true", &["--scenario", "steady"]).assert(1, &[]);
    course.run(&["hint", "ex1"]).assert(0, &[]);
    let set = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).expect("it is ours");
    };
    set(course.outside(), 0o755);
    let nobody = if root { "setpriv --reuid 65534 --regid 65534 --clear-groups " } else { "" };
    let run_folder = course.evidence("ex1").pop().and_then(|file| file.parent().map(ToOwned::to_owned)).expect("a run");
    for (locked, command) in [
        (course.path("modules"), "list"),
        (course.path("modules/course.toml"), "list"),
        (course.path("modules/02-producers/03-acks.md"), "read acks"),
        (course.path("exercises/ex01-producer-basics"), "list"),
        (course.path(".kafkacourse"), "progress"),
        (course.path(".kafkacourse/progress.jsonl"), "progress"),
        (course.path(".kafkacourse/evidence"), "trace"),
        (run_folder.clone(), "replay"),
        (run_folder.join("steady.jsonl.gz"), "replay"),
    ] {
        let before = std::fs::metadata(&locked).expect("it is there").permissions();
        set(&locked, 0);
        let (code, said) = in_shell(&course, &format!("{nobody}kafkacourse {command}"));
        std::fs::set_permissions(&locked, before).expect("it is ours");
        assert_eq!(code, 2, "{}: {said}", locked.display());
        let named = said.contains(&locked.display().to_string()) && said.contains("Permission denied");
        assert!(named && said.contains("Make it yours"), "{}: {said}", locked.display());
    }
}

// ── building ──

/// A cargo that says `words` on standard error and these messages on standard output, and fails.
fn fake_cargo(course: &Course, words: &str, messages: &[String]) -> std::path::PathBuf {
    course.write("bin/words", if words.is_empty() { String::new() } else { format!("{words}\n") });
    course.write("bin/messages", messages.iter().map(|message| format!("{message}\n")).collect::<String>());
    course.write("bin/cargo", "#!/bin/sh\ncd \"$(dirname \"$0\")\"\ncat words >&2\ncat messages\nexit 101\n");
    let cargo = course.path("bin/cargo");
    std::fs::set_permissions(&cargo, PermissionsExt::from_mode(0o755)).expect("ours");
    cargo
}

/// An error of the compiler about the package in this folder, as cargo hands it on.
fn compiler_error(folder: &str, text: &str) -> String {
    let message = serde_json::json!({
        "level": "error", "message": text, "rendered": format!("{text}\n"), "code": null, "spans": [{}],
    });
    let id = format!("path+file:///course/{folder}#0.1.0");
    serde_json::json!({ "reason": "compiler-message", "package_id": id, "message": message }).to_string()
}

/// Whatever keeps cargo from building that is not in the program is no attempt, and never "does not build".
#[test]
fn trouble_of_the_machine_is_not_the_learners() {
    let course = course();
    let check = |words: &str, messages: &[String]| {
        let cargo = fake_cargo(&course, words, messages);
        course.kafkacourse(&["check", "ex1", "--broker", "embedded"]).env("CARGO", &cargo).run()
    };
    let full = "error: failed to write `/course/target/x`\n\nCaused by:\n  No space left on device (os error 28)";
    let killed = "error: could not compile `x`\n\nCaused by:\n  didn't exit successfully: (signal: 9, SIGKILL: kill)";
    for (words, said) in [
        (full, "there is no space left on the disk"),
        (killed, "the compiler was killed, most likely because the memory is full"),
        ("error: failed to open: /x\n\nCaused by:\n  Permission denied (os error 13)", "cargo may not read or write"),
        ("error: toolchain '9.99' is not installed", "Rust is not completely installed"),
        ("Caused by:\n  [6] Could not resolve host: index.crates.io", "cargo cannot download"),
        ("error: this was never said \u{1b}[2J before", "cargo failed, and not because of the program"),
    ] {
        let told = check(words, &[]);
        told.assert(7, &["not your doing", said, "Cargo said:"]);
        assert!(!told.out.contains("does not build") && !told.err.contains('\u{1b}'), "{}", told.transcript());
    }
    let told = check("", &[compiler_error("exercises/kit", "error: nonsense")]);
    told.assert(7, &["not your doing", "kit, which ex01-producer-basics uses, does not build", "error: nonsense"]);
    assert!(course.progress().is_empty(), "none of it is an attempt");
    let manifest = course.path("exercises/ex01-producer-basics/Cargo.toml").display().to_string();
    check(&format!("error: failed to parse manifest at `{manifest}`"), &[]).assert(4, &["failed to parse manifest"]);
    assert_eq!(course.progress().len(), 1);
}

#[test]
fn what_editors_leave_beside_the_sources_changes_nothing() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let course = course();
    let cargo = fake_cargo(&course, "", &[compiler_error("exercises/ex01-producer-basics", "error: no")]);
    course.kafkacourse(&["check", "ex1", "--broker", "embedded"]).env("CARGO", &cargo).run().assert(4, &[]);
    let line = course.read(".kafkacourse/progress.jsonl").replace("did_not_build", "passed");
    course.write(".kafkacourse/progress.jsonl", line);
    let src = "exercises/ex01-producer-basics/src";
    for name in [".main.rs.swp", "4913", "main.rs~", "#main.rs#", ".DS_Store", "main.lock"] {
        course.write(&format!("{src}/{name}"), "left behind");
    }
    let path = |name: &str| course.path(&format!("{src}/{name}"));
    mknodat(CWD, path("fifo.rs"), FileType::Fifo, Mode::from_raw_mode(0o600), 0).expect("a FIFO");
    std::os::unix::fs::symlink("/dev/zero", path("endless.rs")).expect("a link");
    std::os::unix::fs::symlink("/", path("everything")).expect("a link");
    let told = course.run(&["progress"]);
    told.assert(0, &["✓ ex1"]);
    assert!(!told.out.contains("changed"), "{}", told.out);
    course.write(&format!("{src}/lib.rs"), "// a source");
    course.run(&["progress"]).assert(0, &["~ ex1"]);
}

#[test]
fn no_cargo() {
    let course = course();
    let told =
        course.kafkacourse(&["check", "ex1", "--broker", "embedded"]).env("PATH", "/nowhere").without("CARGO").run();
    assert_snapshot!(told.transcript(), @r"
    exit code 7
    --- stdout
    ex1 · Producer basics
    --- stderr
    not your doing: cargo was not found. Install Rust from https://rustup.rs, open a new terminal, and try again.
    more: kafkacourse read troubleshooting#cargo-was-not-found
    ");
    let json = course
        .kafkacourse(&["check", "ex1", "--broker", "embedded", "--json"])
        .env("PATH", "/nowhere")
        .without("CARGO")
        .run();
    assert_eq!(json.json()["verdict"], "grader_fault");
    assert!(json.json()["error"].as_str().is_some_and(|error| error.contains("https://rustup.rs")));
}

/// Cargo is played by a script here, too.
#[test]
fn another_cargo_that_holds_the_lock_is_told() {
    let course = course();
    let blocked = "    Blocking waiting for file lock on build directory";
    let cargo = fake_cargo(&course, blocked, &[compiler_error("exercises/ex01-producer-basics", "error: no")]);
    let told = course.kafkacourse(&["check", "ex1", "--broker", "embedded"]).env("CARGO", &cargo).run();
    told.assert(4, &["\n  waiting for another cargo\n"]);
    assert_eq!(told.err, "error: no");
}

/// Cargo itself is played by a script: the course under test has nothing to build.
#[test]
fn a_program_that_does_not_build() {
    let course = course();
    let error = compiler_error("exercises/ex01-producer-basics", "error: expected one of `.`, `;`, found `}`");
    let cargo = fake_cargo(&course, "", &[error]);
    let told = course.kafkacourse(&["check", "ex1", "--broker", "embedded"]).env("CARGO", &cargo).run();
    assert_snapshot!(told.transcript(), @r"
    exit code 4
    --- stdout
    ex1 · Producer basics

      ✗ ex01-producer-basics does not build; the compiler says why above.
      next: exercises/ex01-producer-basics/src/main.rs, then kafkacourse check ex1
    --- stderr
    error: expected one of `.`, `;`, found `}`
    ");
    assert_eq!(course.progress()[0]["verdict"], "did_not_build");
    let json = course.kafkacourse(&["check", "ex1", "--broker", "embedded", "--json"]).env("CARGO", &cargo).run();
    assert_eq!((json.code, json.json()["verdict"].as_str()), (4, Some("did_not_build")));
    assert!(json.json()["error"].as_str().is_some_and(|error| error.contains("expected one of")));
}
