use super::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use std::io::Write;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A folder, and a path in it.
fn place(name: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    (folder, path)
}

fn first_line(format: u32) -> String {
    let header = json!({"format": format, "recorded_by": "0", "exercise": "ex1", "scenario": "steady",
        "program": "stub", "seed": 1, "broker_kind": "embedded", "broker_version": "0", "began": ""});
    format!("{header}\n")
}

const STOPPING: &str = "{\"at\":1,\"role\":\"r\",\"event\":\"stopping\"}\n";

fn zipped(parts: &[&str]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    parts.iter().for_each(|part| encoder.write_all(part.as_bytes()).expect("memory"));
    encoder.finish().expect("memory")
}

/// What is said of a file with these bytes, which must not take long.
fn refused(bytes: &[u8]) -> String {
    let (_folder, path) = place("steady.jsonl.gz");
    std::fs::write(&path, bytes).expect("a file");
    refused_at(&path)
}

fn refused_at(path: &Path) -> String {
    let began = Instant::now();
    let error = load(path).expect_err("it is refused").to_string();
    assert!(began.elapsed() < Duration::from_secs(30), "it took {:?}", began.elapsed());
    assert!(error.starts_with(&path.display().to_string()), "{error}");
    error.replace(&path.display().to_string(), "FILE")
}

#[test]
fn a_whole_file_is_read_packed_or_not() {
    let (_folder, path) = place("steady.jsonl");
    let text = [first_line(FORMAT).as_str(), STOPPING].concat();
    std::fs::write(&path, &text).expect("a file");
    assert_eq!(load(&path).expect("evidence").events.len(), 1);
    std::fs::write(&path, zipped(&[&text])).expect("a file");
    assert_eq!(load(&path).expect("evidence").events.len(), 1);
    // The grader was killed as it wrote the last line.
    std::fs::write(&path, format!("{text}{}", &STOPPING[..20])).expect("a file");
    assert_eq!(load(&path).expect("evidence").events.len(), 1);
}

#[test]
fn a_packed_file_without_its_end_says_how_far_it_goes() {
    let text: String = first_line(FORMAT) + &STOPPING.repeat(1000);
    let whole = zipped(&[&text]);
    let told = refused(&whole[..whole.len() - 12]);
    assert!(
        told.starts_with("FILE: the file is cut off: its end is missing after ") && told.contains("events"),
        "{told}"
    );
    assert!(refused(&whole[..4]).contains("after 0 whole events"));
}

#[test]
fn what_is_no_ordinary_file_is_not_opened() {
    let (folder, path) = place("pipe");
    assert_eq!(refused_at(folder.path()), "FILE: this is a folder; evidence is in a file");
    let made = std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo");
    assert!(made.success());
    assert_eq!(refused_at(&path), "FILE: this is a named pipe; evidence is in a file");
    let (_folder, path) = place("endless");
    std::os::unix::fs::symlink("/dev/zero", &path).expect("a link");
    assert_eq!(refused_at(&path), "FILE: this is no ordinary file; evidence is in a file");
    let (_folder, path) = place("nothing");
    assert!(refused_at(&path).starts_with("FILE: cannot read evidence: "));
}

#[test]
fn a_bomb_is_refused_before_it_goes_off() {
    // About 4 MiB, which are 4 GiB of zeros once unpacked.
    let zeros = "\0".repeat(1 << 20);
    let bomb = zipped(&[zeros.as_str(); 16]).repeat(256);
    assert!(bomb.len() < 8 << 20, "{}", bomb.len());
    assert_eq!(
        refused(&bomb),
        "FILE: its line 1 is longer than 32 MiB, and no scenario's evidence has that much. It was not read."
    );
}

#[test]
fn too_much_is_refused() {
    let text = first_line(FORMAT) + &STOPPING.repeat(FILE_EVENTS + 1);
    let told = refused(text.as_bytes());
    assert_eq!(
        told,
        "FILE: it holds more than 250000 events, and no scenario's evidence has that much. It was not read."
    );
    let line =
        format!("{{\"at\":1,\"event\":\"output\",\"stream\":\"stdout\",\"line\":\"{}\"}}\n", "x".repeat(1 << 20));
    let told = refused(&zipped(&[&first_line(FORMAT), &line.repeat(65)]));
    assert_eq!(told, "FILE: it holds more than 64 MiB, and no scenario's evidence has that much. It was not read.");
}

#[test]
fn a_line_without_end_is_refused() {
    let (_folder, path) = place("steady.jsonl");
    let file = File::create(&path).expect("a file");
    file.set_len(1 << 30).expect("a hole takes no room");
    assert!(refused_at(&path).starts_with("FILE: its line 1 is longer than 32 MiB"));
}

#[test]
fn what_is_no_evidence_is_named_with_its_line() {
    assert_eq!(refused(b""), "FILE:1: this is not evidence of kafkacourse: the file is empty");
    assert!(refused(b"hello\n").starts_with("FILE:1: this is not evidence"));
    let text = first_line(FORMAT) + STOPPING + "{}\n" + STOPPING;
    assert!(refused(text.as_bytes()).starts_with("FILE:3: this is not evidence"));
    let mut damaged = zipped(&[&first_line(FORMAT), &STOPPING.repeat(1000)]);
    let checksum = damaged.len() - 8;
    damaged[checksum] ^= 1;
    assert!(refused(&damaged).contains("this is not evidence of kafkacourse"));
    assert!(refused(first_line(FORMAT + 1).as_bytes()).contains("Update kafkacourse"));
}

#[test]
fn a_position_that_no_event_has_is_refused() {
    let answer = |to: usize| {
        let body = json!({"api": "heartbeat", "error": 0});
        json!({"at": 1, "event": "response", "conn": 1, "to": to, "by": "broker", "body": body}).to_string() + "\n"
    };
    let call = |to: usize| json!({"at": 1, "event": "answer", "to": to, "op": "o", "ok": true}).to_string() + "\n";
    let fault = |on: usize| json!({"at": 1, "event": "fault", "on": on, "action": "a"}).to_string() + "\n";
    for wrong in [answer(1), answer(usize::MAX), call(1), call(2), fault(1), fault(999)] {
        let told = refused((first_line(FORMAT) + STOPPING + &wrong).as_bytes());
        assert!(told.starts_with("FILE:3: ") && told.contains("which is not before it"), "{told}");
    }
    let (_folder, path) = place("steady.jsonl");
    std::fs::write(&path, first_line(2) + &answer(usize::MAX)).expect("a file");
    assert_eq!(load(&path).expect("older evidence").events.len(), 1);
}
