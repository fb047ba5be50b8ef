//! A class that is graded in parts, by several machines, and put together.

mod common;

use common::{Course, Told, course};
use serde_json::Value;
use std::path::Path;

/// A class of which nothing can be run, so that nothing has to be built: some have handed in an empty folder.
fn idle_class() -> Course {
    let course = course();
    for learner in ["ada", "bob", "fay", "hal", "ida", "joe"] {
        std::fs::create_dir_all(course.path("class").join(learner)).expect("a folder");
    }
    course.grader(&["secret", "class.secret"]).run().assert(0, &["--secret class.secret"]);
    course
}

fn run(course: &Course, out: &str, more: &[&str]) -> Told {
    course.grader(&["run", "class", "--broker", "embedded", "--exercises", "ex1", "--out", out]).and(more).run()
}

/// Grades the parts 0/3, 1/3 and 2/3 into `part-0` and so on.
fn grade_parts(course: &Course) {
    for number in 0..3 {
        let (out, shard) = (format!("part-{number}"), format!("{number}/3"));
        run(course, &out, &["--shard", &shard, "--secret", "class.secret"]).assert(0, &[]);
    }
}

fn merge(course: &Course, folders: &[&str], out: &str) -> Told {
    course.grader(&["merge", "--out", out]).and(folders).run()
}

const PARTS: [&str; 3] = ["part-0", "part-1", "part-2"];

/// Changes each line of a journal.
fn edit_journal(course: &Course, folder: &str, change: impl Fn(&mut Value)) {
    let path = format!("{folder}/journal.jsonl");
    let line = |line: &str| {
        let mut record: Value = serde_json::from_str(line).expect("a record");
        change(&mut record);
        format!("{record}\n")
    };
    course.write(&path, course.read(&path).lines().map(line).collect::<String>());
}

#[test]
fn parts_are_the_same_as_the_whole_and_merging_again_changes_nothing() {
    let course = idle_class();
    run(&course, "whole", &["--secret", "class.secret"]).assert(0, &[]);
    grade_parts(&course);
    let graded = |folder: &str| course.read(&format!("{folder}/journal.jsonl")).lines().count();
    assert_eq!(PARTS.map(graded).iter().sum::<usize>(), 12, "each of six learners twice, and none in two parts");
    merge(&course, &PARTS, "merged").assert(0, &["12 new runs of 6 learners merged"]);
    assert_eq!(course.read("merged/results.csv"), course.read("whole/results.csv"));
    let (journal, roll) = (course.read("merged/journal.jsonl"), course.read("merged/class.json"));
    merge(&course, &PARTS, "merged").assert(0, &["0 new runs of 6 learners merged"]);
    assert_eq!(course.read("merged/journal.jsonl"), journal);
    assert_eq!(course.read("merged/class.json"), roll);
    merge(&course, &["part-2", "part-0", "part-2", "part-1"], "other").assert(0, &["12 new runs"]);
    assert_eq!(course.read("other/results.csv"), course.read("whole/results.csv"));
    run(&course, "merged", &[]).assert(0, &["0 to grade"]);
}

#[test]
fn a_missing_part_is_named_and_can_be_added_or_graded() {
    let course = idle_class();
    grade_parts(&course);
    let told = merge(&course, &PARTS[1..], "merged");
    told.assert(1, &["part 3/3 is missing: nothing is graded of its ", "--out merged, without --shard"]);
    merge(&course, &PARTS[..1], "merged").assert(0, &[]);
    merge(&course, &PARTS[..2], "again").assert(1, &["part 2/3 is missing"]);
    run(&course, "again", &[]).assert(0, &[]);
    assert_eq!(course.read("again/results.csv"), course.read("merged/results.csv"));
}

#[test]
fn a_fault_of_ours_gives_way_and_two_outcomes_are_reported() {
    let course = idle_class();
    run(&course, "whole", &["--secret", "class.secret"]).assert(0, &[]);
    run(&course, "failed", &["--secret", "class.secret"]).assert(0, &[]);
    edit_journal(&course, "failed", |record| {
        if record["learner"] == "ada" {
            record["outcome"] = serde_json::json!({ "outcome": "fault", "what": "the disk is full" });
        }
    });
    merge(&course, &["failed"], "one").assert(1, &["ada ex1: not graded for a fault of the grader: the disk is full"]);
    let told = merge(&course, &["whole"], "one");
    told.assert(0, &["10 runs graded more than once, with the same outcome"]);
    assert_eq!(course.read("one/results.csv"), course.read("whole/results.csv"));
    edit_journal(&course, "failed", |record| {
        if record["learner"] == "bob" {
            record["outcome"] = serde_json::json!({ "outcome": "missing" });
            record["at"] = "2001-01-01T00:00:00Z".into();
        }
    });
    let told = merge(&course, &["failed", "whole"], "two");
    told.assert(1, &["! bob ex1 (seed ", "graded twice, with different outcomes; the later one counts"]);
    assert_eq!(told.out.matches("! bob ex1").count(), 2, "for two seeds, each told once: {}", told.out);
    assert_eq!(course.read("two/results.csv"), course.read("whole/results.csv"));
}

#[test]
fn what_was_not_graded_alike_is_reported() {
    let course = idle_class();
    grade_parts(&course);
    course.edit("part-1/class.json", r#""version":""#, r#""version":"0.0."#);
    let told = merge(&course, &PARTS, "merged");
    told.assert(1, &["not everybody was graded under the same conditions, version of kafkacourse: 0.0.", "part-1"]);
    course.edit("part-2/class.json", r#""invalid":{"what":""#, r#""invalid":{"what":"changed: "#);
    merge(&course, &PARTS, "other").assert(1, &["has handed in differently in two folders"]);
}

#[test]
fn what_cannot_be_graded_in_parts_or_merged_is_refused() {
    let course = idle_class();
    run(&course, "none", &["--shard", "5/4"]).assert(2, &["there is no part 5 of 4. Parts are counted from 1"]);
    run(&course, "none", &["--shard", "1/2"])
        .assert(2, &["--shard wants a secret that all parts share", "grader secret"]);
    run(&course, "none", &["--shard", "1/2", "--secret", "nowhere"]).assert(2, &["nowhere: No such file"]);
    run(&course, "part", &["--shard", "1/2", "--secret", "class.secret"]).assert(0, &[]);
    run(&course, "part", &["--shard", "1/2"]).assert(0, &["0 to grade"]);
    course.grader(&["secret", "class.secret"]).run().assert(2, &["class.secret: "]);
    course.grader(&["secret", "other.secret"]).run().assert(0, &[]);
    run(&course, "part", &["--secret", "other.secret"]).assert(2, &["other.secret is another secret than part/secret"]);

    std::fs::create_dir(course.path("empty")).expect("a folder");
    merge(&course, &["empty"], "merged")
        .assert(2, &["empty: it is no folder that grader run has made (it has no class.json)"]);
    merge(&course, &["nowhere"], "merged").assert(2, &["nowhere: No such file"]);
    merge(&course, &["part"], "part").assert(2, &["part: what is merged and where it goes must be different folders"]);
    assert!(!course.path("merged").exists(), "what is refused leaves nothing behind");

    run(&course, "other", &["--secret", "other.secret"]).assert(0, &[]);
    merge(&course, &["part", "other"], "merged").assert(2, &["not parts of one class: their secrets differ"]);
    course
        .grader(&["run", "class", "--exercises", "ex2", "--out", "ex2", "--secret", "class.secret"])
        .run()
        .assert(0, &[]);
    merge(&course, &["part", "ex2"], "merged").assert(2, &["not parts of one class: the exercises are ex1 and ex2"]);
    run(&course, "late", &["--late", "10", "--secret", "class.secret"]).assert(0, &[]);
    merge(&course, &["part", "late"], "merged")
        .assert(2, &["not parts of one class: points, seeds or what lateness costs"]);

    let lock = std::fs::File::open(course.path("part/.lock")).expect("a lock");
    lock.lock().expect("nobody else has it");
    merge(&course, &["part"], "merged").assert(2, &["part: another grader is at work in this folder"]);
    drop(lock);
    course.write("part/class.json", "{\"format\":99}");
    merge(&course, &["part"], "merged").assert(2, &["class.json: it is no folder that grader run has made (format 99"]);
    course.write("part/class.json", "[]");
    merge(&course, &["part"], "merged").assert(2, &["class.json: it is no folder that grader run has made"]);
    assert!(Path::new(&course.path("class.secret")).is_file());
}

#[test]
fn what_cannot_be_packed_or_does_not_fit_the_compiler_is_told() {
    let course = idle_class();
    course.grader(&["pack", "--out", "class"]).run().assert(2, &["class is there already"]);
    course.grader(&["pack", "--out", ".tar"]).run().assert(2, &["a name is missing before the ending"]);
    course.grader(&["pack", "--out", "x.tar", "--exercises", "ex99"]).run().assert(2, &["ex99"]);
    course.write("class/ada/main.rs", "fn main() {}");
    course.write("packed/packed.json", r#"{"format":1,"rustc":"rustc 1.0.0 (a)\nhost: somewhere\n"}"#);
    let said = "not your doing: this course was packed with rustc 1.0.0 (a) for somewhere. Here is rustc 1.";
    run(&course, "whole", &[]).assert(7, &[said]);
    course.write("packed/packed.json", r#"{"format":99,"rustc":""}"#);
    run(&course, "whole", &[]).assert(7, &["the course was packed by a newer kafkacourse (format 99)"]);
}
