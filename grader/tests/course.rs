//! The course through the front door: built by cargo, run, judged. `kafkacourse author check` proves the rest.

use std::path::Path;
use std::process::{Command, Output};

fn kafkacourse(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kafkacourse"))
        .args(arguments)
        .args(["--broker", "embedded"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .env("NO_COLOR", "1")
        .output()
        .expect("kafkacourse can be run")
}

fn verdict(arguments: &[&str]) -> (String, serde_json::Value) {
    let output = kafkacourse(&[arguments, &["--json"]].concat());
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let object: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|error| {
        panic!("{error}: {text}\n{}", String::from_utf8_lossy(&output.stderr));
    });
    (object["verdict"].as_str().unwrap_or_default().to_owned(), object)
}

#[test]
fn solutions_pass() {
    for exercise in ["ex0", "ex1", "ex2"] {
        let (verdict, object) = verdict(&["check", exercise, "--solution"]);
        assert_eq!(verdict, "passed", "{object:#}");
    }
}

#[test]
fn a_stub_is_not_started_and_a_mistake_is_named() {
    assert_eq!(verdict(&["check", "ex1"]).0, "not_started");
    let (verdict, object) = verdict(&["check", "ex2", "--mistake", "offset_not_plus_one"]);
    assert_eq!((verdict.as_str(), object["diagnosis"].as_str()), ("failed", Some("offset_not_plus_one")), "{object:#}");
}

#[test]
fn python_programs_in_the_ordinary_style_of_confluent_kafka_pass() {
    let there = Command::new("python3").args(["-c", "import confluent_kafka"]).output();
    if !there.is_ok_and(|output| output.status.success()) {
        println!("skipped: no python3 with confluent_kafka here");
        return;
    }
    for (exercise, program) in [
        ("ex0", "ex0/hello.py"),
        ("ex1", "ex1/producer.py"),
        ("ex2", "ex2/consumer.py"),
        ("ex3", "ex3/member.py"),
        ("ex4", "ex4/consumer.py"),
        ("ex5", "ex5/consumer.py"),
        ("ex6", "ex6/benchmark.py"),
        ("ex11", "ex11/pipeline.py"),
    ] {
        let command = format!("python3 grader/tests/programs/{program}");
        let (verdict, object) = verdict(&["check", exercise, "--cmd", &command]);
        assert_eq!(verdict, "passed", "{object:#}");
    }
}
