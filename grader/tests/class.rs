//! `grader run` as an instructor meets it: a class is graded once, whatever happens on the way.

mod common;
#[path = "class/folder.rs"]
mod folder;
#[path = "class/mod.rs"]
mod generated;

use common::{Told, eventually};
use folder::{Class, IDLE, SLEEPER, SPY, TRUSTED};
use generated::made::Recipe;
use generated::packed::PACKINGS;
use generated::verdicts;
use grader::evidence::What;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rustix::process::Signal;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// What is said, without what is said of speed, of the machine, and of what a program looks like that did nothing.
fn transcript(told: &Told) -> String {
    let lines = told.transcript();
    let lines = lines.lines().filter(|line| !line.starts_with("sandbox: ") && !line.starts_with("warning: no sandbox"));
    let steady = lines.map(|line| match (line.split_once(" · "), line.split_once(": not yet")) {
        (Some((done, rate)), _) if rate.contains(" a minute") => done.to_owned(),
        (_, Some((who, _))) => format!("{who}: not yet"),
        _ => line.to_owned(),
    });
    steady.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_class_is_graded_once() {
    let class = Class::of(&[("ada", IDLE)]);
    class.course.write("class/bob/notes.txt", "I have done nothing.");
    insta::assert_snapshot!(transcript(&class.grading(&[]).run()));
    let known = class.journal().len();
    insta::assert_snapshot!(transcript(&class.grading(&[]).run()));
    assert_eq!(class.journal().len(), known);
}

#[test]
fn what_has_changed_is_graded_again_and_nothing_else() {
    let class = Class::of(&[("ada", IDLE), ("bob", IDLE), ("cy", IDLE)]);
    class.grading(&[]).run().assert(0, &["3 to grade"]);
    assert_eq!(class.since(0), ["ada", "bob", "cy"]);
    class.hand_in("bob", "print('something')\n");
    class.hand_in("dan", IDLE);
    class.grading(&[]).run().assert(0, &["4 runs of 4 learners: 2 to grade, 2 done before"]);
    assert_eq!(class.since(3), ["bob", "dan"]);
    // Words that change nothing of the program's outcome cost nothing.
    class.grading(&["--points", "ex1=20", "--late", "10"]).run().assert(0, &["0 to grade"]);
}

#[test]
fn marks_are_coloured_where_somebody_wants_that() {
    let class = Class::of(&[("ada", IDLE)]);
    let told = class.grading(&[]).without("NO_COLOR").env("CLICOLOR_FORCE", "1").run();
    assert!(told.stdout.contains("  \u{1b}[31m✗\u{1b}[0m ada ex1: not yet"), "{}", told.stdout);
    assert!(!class.grading(&[]).env("CLICOLOR_FORCE", "1").run().stdout.contains('\u{1b}'));
}

#[test]
fn on_a_shared_broker_a_program_sees_and_reaches_only_its_own() {
    let works = |program: &str, arguments: &[&str]| {
        Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
    };
    let missing = [
        (!works("docker", &["info"])).then_some("Docker"),
        (!works("python3", &["-c", "import confluent_kafka"])).then_some("Python's confluent-kafka"),
    ];
    if let Some(missing) = missing.into_iter().flatten().next() {
        println!("SKIPPED: there is no {missing}");
        return;
    }
    let class = Class::of(&[("eve", SPY)]);
    let told = class.grading(&["--broker", "docker"]).run();
    told.assert(0, &["1 to grade"]);
    if told.transcript().contains("sandbox: none") {
        println!("SKIPPED: without a sandbox there is no fence");
        return;
    }
    let evidence = grader::evidence::load(&class.out("evidence/eve/ex1-1/steady.jsonl.gz")).expect("evidence");
    let printed = evidence.events.iter().filter_map(|event| match &event.what {
        What::Output { line, .. } if !line.starts_with('%') => Some(line.as_str()), // the client's own words
        _ => None,
    });
    let printed: Vec<&str> = printed.collect();
    assert_eq!(printed, ["topics: its own", "offsets of all groups: TOPIC_AUTHORIZATION_FAILED"]);
}

#[test]
fn a_part_of_a_class() {
    let class = Class::of(&[("ada", IDLE), ("bob", IDLE), ("cy", IDLE)]);
    class.grading(&["--only", "bob"]).run().assert(0, &["1 to grade", "2 not graded yet"]);
    assert_eq!(class.since(0), ["bob"]);
    class.grading(&["--exclude", "cy"]).run().assert(0, &["1 to grade, 1 done before"]);
    assert_eq!(class.since(1), ["ada"]);
    class.grading(&["--only", "boob"]).run().assert(2, &["there is no learner “boob”", "Did you mean bob?"]);
    let elsewhere = ["run", "class", "--out", "elsewhere", "--exercises", "ex7"];
    class.course.grader(&elsewhere).run().assert(2, &["error: "]);
    assert_eq!(class.journal().len(), 2);
}

#[test]
fn how_the_class_is_graded_is_kept_from_one_call_to_the_next() {
    let class = Class::of(&[("ada", IDLE)]);
    class.course.write("strict.toml", "title = \"Autumn\"\npartial = \"nothing\"\n");
    class.grading(&["--class", "strict.toml"]).run().assert(0, &["1 to grade", "Autumn"]);
    let strict = class.course.read("out/results.csv");
    class.grading(&[]).run().assert(0, &["0 to grade", "Autumn"]);
    assert_eq!(class.course.read("out/results.csv"), strict);
    let without = ["run", "class", "--out", "out", "--language", "python", "--broker", "embedded"];
    class.course.grader(&without).run().assert(0, &["0 to grade"]); // nor are there more exercises
    class.course.write("out/class.toml", "title = \"Spring\"\nexercises = [\"ex1\"]\nseeds = 1\n");
    class.course.grader(&["report", "out"]).run().assert(0, &["Spring"]);
}

#[test]
fn another_class_is_not_graded_into_the_folder_of_this_one() {
    let class = Class::of(&[("ada", IDLE), ("bob", IDLE), ("cy", IDLE)]);
    class.grading(&[]).run().assert(0, &["3 to grade"]);
    assert!(class.out("feedback/cy.html").exists());
    let cy = class.course.root.join("class/cy");
    std::fs::rename(&cy, class.course.root.join("cy")).expect("it goes");
    class.grading(&[]).run().assert(0, &["there was a submission before, and there is none now: cy", "0 to grade"]);
    assert!(!class.out("feedback/cy.html").exists());
    std::fs::create_dir(class.course.root.join("others")).expect("a folder");
    std::fs::rename(class.course.root.join("cy"), class.course.root.join("others/cy")).expect("it comes");
    let others = ["run", "others", "--out", "out", "--language", "python", "--broker", "embedded"];
    class.course.grader(&others).run().assert(2, &["out holds another class", "(ada, bob)"]);
    let among = ["run", "class", "--out", "class/out", "--language", "python"];
    class.course.grader(&among).run().assert(2, &["--out must be a folder of its own"]);
}

#[test]
fn one_grader_at_a_time_and_ctrl_c_keeps_what_was_graded() {
    let class = Class::of(&[("ada", IDLE), ("bob", SLEEPER)]);
    class.grading(&["--only", "ada"]).run().assert(0, &["1 to grade"]);
    let going = class.grading(&[]).start();
    eventually("bob's program runs", || class.out("evidence/bob").exists());
    class.grading(&[]).run().assert(2, &["another grader is at work in this folder"]);
    going.signal(Signal::INT);
    going.end().assert(130, &[]);
    assert_eq!(class.since(0), ["ada"]);
    class.hand_in("bob", IDLE);
    class.grading(&[]).run().assert(0, &["1 to grade, 1 done before"]);
    assert_eq!(class.since(1), ["bob"]);
    assert_eq!(class.course.left_over(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_grader_that_is_killed_loses_nothing_and_grades_nothing_twice() {
    let learners = ["ada", "bob", "cy", "dan", "eve"];
    let class = Class::of(&learners.map(|learner| (learner, IDLE)));
    let mut random = StdRng::seed_from_u64(7);
    let mut known = Vec::new();
    for _ in 0..4 {
        let going = class.grading(&[]).start();
        // A moment at random; nothing is waited for.
        std::thread::sleep(Duration::from_millis(random.random_range(0..2500)));
        going.signal(Signal::KILL);
        drop(going);
        let now = class.journal();
        assert!(now.starts_with(&known), "{known:#?}\n{now:#?}");
        known = now;
    }
    class.grading(&[]).run().assert(0, &[&format!("{} to grade", learners.len() - known.len())]);
    assert_eq!(class.since(0), learners);
    assert!(!class.out("work").exists());
}

#[test]
fn a_broker_that_never_starts_is_nobodys_mark() {
    let class = Class::of(&[("ada", IDLE)]);
    let told = class.grading(&["--broker", "127.0.0.1:1"]).run();
    told.assert(7, &["No Kafka answered at 127.0.0.1:1", "1 not graded yet", "goes on from here"]);
    assert_eq!(class.journal(), Vec::<String>::new());
    class.grading(&[]).run().assert(0, &["1 to grade"]);
}

#[test]
fn files_that_are_damaged_or_newer() {
    let class = Class::of(&[("ada", IDLE), ("bob", IDLE)]);
    class.grading(&[]).run().assert(0, &["2 to grade"]);
    // A line of the journal: the unit that it was about is graded again.
    let journal = class.course.read("out/journal.jsonl");
    class.course.write("out/journal.jsonl", journal.replacen("{\"format\"", "{\"fo", 1));
    class.grading(&[]).run().assert(0, &["journal.jsonl:1: this line is damaged", "1 to grade, 1 done before"]);
    // What is made anew in each run.
    let roll = class.course.read("out/class.json");
    class.course.write("out/class.json", &roll[..roll.len() / 2]);
    class.grading(&[]).run().assert(0, &["0 to grade"]);
    // A newer journal; nothing in the folder is touched then.
    let roll = class.course.read("out/class.json");
    class.hand_in("cy", IDLE);
    class.course.edit("out/journal.jsonl", "\"format\":1", "\"format\":9");
    class.grading(&[]).run().assert(2, &["written by a newer kafkacourse (format 9"]);
    assert_eq!(class.course.read("out/class.json"), roll);
    // A secret that is none.
    class.course.write("out/secret", "swordfish");
    class.course.write("out/journal.jsonl", "");
    class.grading(&[]).run().assert(2, &["secret", "no secret of 64 hexadecimal digits"]);
}

#[test]
fn a_class_file_that_makes_no_sense() {
    let class = Class::of(&[("ada", IDLE)]);
    class.course.write("class.toml", "sedes = 2\n");
    class.grading(&["--class", "class.toml"]).run().assert(2, &["class.toml", "line 1", "sedes", "seeds"]);
    class.course.write("class.toml", "[points]\nex77 = 2\n");
    class.grading(&["--class", "class.toml"]).run().assert(2, &["points for ex77, which is no exercise"]);
    class.grading(&["--class", "nowhere.toml"]).run().assert(2, &["nowhere.toml: No such file"]);
    assert!(!class.out("").exists());
}

/// A disk of its own for the class, where the system lets one have it.
#[test]
fn a_full_disk_stops_the_class_and_costs_nobody_a_mark() {
    let class = Class::of(&[("ada", IDLE), ("bob", IDLE)]);
    let out = class.out("");
    std::fs::create_dir(&out).expect("a folder");
    let script = format!(
        "mount -t tmpfs -o size=28k none {out} 2>/dev/null || exit 99\n\
         \"$@\"; echo \"first: $?\"; mount -o remount,size=64m {out}; \"$@\"; echo \"second: $?\"",
        out = out.display()
    );
    let arguments = ["run", "class", "--out", "out", "--language", "python", "--exercises", "ex1", "--seeds", "1"];
    let mut unshare = std::process::Command::new("unshare");
    unshare.args(["--mount", "--map-root-user", "sh", "-c", &script, "sh", env!("CARGO_BIN_EXE_grader")]);
    // In there, nothing more can be unshared; it is about the disk.
    unshare.args(arguments).args(["--broker", "embedded", TRUSTED]).current_dir(&class.course.root);
    let output = unshare.env("TMPDIR", class.course.temporary()).env("NO_COLOR", "1").output().expect("unshare");
    if !output.status.success() {
        return; // no user namespaces here
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("No space left on device"), "{text}");
    assert!(text.contains("first: 7"), "{text}");
    assert!(text.contains("second: 0") && text.contains("0 of 2 passed\n"), "{text}");
}

/// Whether something was graded is no matter of when.
#[test]
fn a_clock_that_was_wrong() {
    let class = Class::of(&[("ada", IDLE), ("bob", IDLE)]);
    class.grading(&["--only", "ada"]).run().assert(0, &["1 to grade"]);
    class.course.edit("out/journal.jsonl", "\"at\":\"20", "\"at\":\"30");
    class.grading(&[]).run().assert(0, &["1 to grade, 1 done before"]);
    class.course.edit("out/journal.jsonl", "\"at\":\"30", "\"at\":\"19");
    class.grading(&[]).run().assert(0, &["0 to grade, 2 done before"]);
    assert_eq!(class.since(0), ["ada", "bob"]);
}

/// The verdicts of a generated class, with one program at a time and with many.
#[test]
fn a_generated_class_gets_the_verdicts_that_are_known() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let made = Recipe { learners: 9, exercises: vec!["ex1".into()], seed: 3 }.make(&root);
    let class = Class::of(&[]);
    made.write(&class.course.path("class"), &PACKINGS);
    let expectations = made.expectations();
    assert!(expectations.iter().map(|line| &line.program).collect::<BTreeSet<_>>().len() >= 4, "{expectations:#?}");
    for (out, jobs) in [("alone", "1"), ("crowd", "16")] {
        let out = class.course.path(out);
        let arguments =
            ["run", "--broker", "embedded", "--exercises", "ex1", "--seeds", "1", "--jobs", jobs, TRUSTED, "--out"];
        let run = class.course.grader(&arguments).and(&[&out.display().to_string()]);
        let course = root.display().to_string();
        run.and(&[&class.course.path("class").display().to_string(), "--course", &course]).run().assert(0, &[]);
        assert_eq!(verdicts::differences(&expectations, &out, 1), Vec::<String>::new(), "with --jobs {jobs}");
    }
}
