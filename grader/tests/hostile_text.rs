//! Nothing that comes from outside reaches a terminal as it is: evidence with escape sequences, marks of direction and
//! line breaks in every text that it has, through every view of it.

use grader::course::{Course, Exercise};
use grader::evidence::{self, Event, Evidence, Header};
use grader::foreign::{self, is_hidden};
use grader::report::lanes::Lanes;
use grader::report::paper::Paper;
use grader::report::story::{Facts, Story};
use grader::report::timeline::{self, View};
use grader::report::{json, terminal};
use grader::verdict;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Whatever follows `EVIL` must not be there any more.
const EVIL: &str =
    "EVIL\x1b[31mEVIL\x1b]0;title\x07EVIL\u{9b}2JEVIL\u{202e}EVIL\u{2066}EVIL\u{200b}EVIL\u{2028}EVIL\x7fEVIL\r\nFAKE";

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// `value` with the evil text in every text of it, wherever it is an `expected` all the same.
fn poisoned(mut value: Value, expected: &dyn Fn(&Value) -> bool) -> Value {
    let mut pointers = Vec::new();
    texts(&value, String::new(), &mut pointers);
    for pointer in pointers {
        let place = value.pointer_mut(&pointer).expect("it was there");
        let before = place.clone();
        *place = Value::String(format!("{}{EVIL}", before.as_str().unwrap_or_default()));
        if !expected(&value) {
            *value.pointer_mut(&pointer).expect("it was there") = before;
        }
    }
    value
}

/// Where in the value there are texts.
fn texts(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(at),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| texts(item, format!("{at}/{index}"), found));
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                texts(field, format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        _ => {}
    }
}

fn hostile(name: &str) -> Evidence {
    let Evidence { header, events } = evidence::load(&here(&format!("tests/evidence/{name}.jsonl.gz"))).expect(name);
    let is_header = |value: &Value| serde_json::from_value::<Header>(value.clone()).is_ok();
    let is_event = |value: &Value| serde_json::from_value::<Event>(value.clone()).is_ok();
    let json = |value: serde_json::Result<Value>| value.expect("evidence is JSON");
    let header = poisoned(json(serde_json::to_value(&header)), &is_header);
    let events = events.iter().map(|event| poisoned(json(serde_json::to_value(event)), &is_event));
    Evidence {
        header: serde_json::from_value(header).expect("a header"),
        events: events.map(|event| serde_json::from_value(event).expect("an event")).collect(),
    }
}

/// Without the styling that is ours: a sequence that does not stand behind the mark of an evil text.
fn without_styling(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let mut seen = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        assert!(!seen.ends_with("EVIL"), "a sequence of theirs, behind {seen:?}");
        seen.push_str(part.split_once('m').map_or(part, |(_, rest)| rest));
    }
    seen
}

fn assert_harmless(view: &str, text: &str) {
    let seen = without_styling(text);
    if let Some(line) = seen.lines().find(|line| line.contains(is_hidden)) {
        panic!("{view}: {line:?}");
    }
    assert!(!seen.lines().any(|line| line.starts_with("FAKE")), "{view}: a line of theirs looks like one of ours");
}

fn views(exercise: &Exercise, evidence: Evidence, known: &str) {
    let papers = [80, 20].into_iter().flat_map(|width| [true, false].map(|colour| (width, colour)));
    let papers = papers.map(|(width, colour)| Paper { width, colour, terminal: false });
    let event_lines: Vec<String> =
        evidence.events.iter().map(|event| foreign::json(event).expect("an event is JSON")).collect();
    assert_harmless("trace --json", &event_lines.join("\n"));
    assert_harmless("trace --json", &foreign::json(&evidence.header).expect("a header is JSON"));
    for paper in papers {
        let all = View { all: true, ..View::default() };
        let whole = timeline::whole(&evidence, &paper, &all);
        assert!(paper.width < 80 || whole.contains("EVIL·[31mEVIL"), "the text itself is still to be seen: {whole}");
        assert_harmless("trace --all", &whole);
        for lanes in Lanes::of_each_group(&evidence) {
            assert_harmless("trace --lanes", &lanes.lines(None, &paper).join("\n"));
        }
    }
    let scenario = exercise.scenarios.iter().find(|scenario| scenario.id == known).expect("its scenario");
    let played = [verdict::judge(scenario, evidence, PathBuf::from(format!("file{EVIL}")))];
    let story = Story::new(exercise, &played, verdict::sum_up(exercise, &played), Facts::default());
    assert_harmless("--json", &json::line(&story));
    for verbose in [true, false] {
        for colour in [true, false] {
            let paper = Paper { width: 80, colour, terminal: false };
            assert_harmless("a report", &terminal::details(&story, &paper, verbose));
            assert_harmless("what it printed", &terminal::printed(&story, &paper));
            story.scenes.iter().for_each(|scene| assert_harmless("a scenario", &terminal::scenario(scene, &paper)));
        }
    }
}

#[test]
fn hostile_evidence_does_nothing_to_a_terminal() {
    let course = Course::load(&here("..")).expect("the course");
    let names = [
        "ex1-acks_1",
        "ex1-never_began",
        "ex2-exits_on_poison",
        "ex2-stuck_on_poison",
        "ex3-eager",
        "ex3-stub",
        "ex4-solution-crash-anywhere-1",
        "ex5-lost_key",
        "ex6-solution-steady",
    ];
    for name in names {
        let stored = evidence::load(&here(&format!("tests/evidence/{name}.jsonl.gz"))).expect(name);
        let exercise = course.exercise(&stored.header.exercise).expect("its exercise");
        let evidence = hostile(name);
        assert!(evidence.header.program.contains("EVIL"));
        views(exercise, evidence, &stored.header.scenario);
    }
}
