//! A class of a few Python programs, which need no compiler, in a course of its own; and `grader run` over it.

use crate::common::{Course, Run, course};
use std::path::PathBuf;

/// A program that ends at once and has done nothing.
pub const IDLE: &str = "print('nothing')\n";
/// One that never ends by itself, and asks nobody for anything.
pub const SLEEPER: &str = "import time\nwhile True:\n    time.sleep(60)\n";

/// These tests are of use on a machine without a sandbox, too. Where there is one, it holds all the same.
pub const TRUSTED: &str = "--i-trust-this-code";

/// One that looks around on its broker, and prints what it finds.
pub const SPY: &str = r#"
import functools
import os
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

admin = AdminClient({"bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"]})
topics = admin.list_topics(timeout=30).topics
print = functools.partial(print, flush=True)
print("topics:", *["its own" if topic == os.environ["KAFKA_TOPIC_ORDERS"] else topic for topic in topics])
try:
    admin.list_topics("__consumer_offsets", timeout=2)
except KafkaException as error:
    print("offsets of all groups:", error.args[0].name())
"#;

#[must_use]
pub struct Class {
    pub course: Course,
}

impl Class {
    /// Each learner has handed in this program for ex1.
    pub fn of(learners: &[(&str, &str)]) -> Class {
        let class = Class { course: course() };
        learners.iter().for_each(|(learner, program)| class.hand_in(learner, program));
        class
    }

    pub fn hand_in(&self, learner: &str, program: &str) {
        self.course.write(&format!("class/{learner}/ex1/main.py"), program);
    }

    pub fn out(&self, below: &str) -> PathBuf {
        self.course.path("out").join(below)
    }

    /// `grader run` over the class, each program once.
    pub fn grading(&self, more: &[&str]) -> Run<'_> {
        let arguments = ["run", "class", "--out", "out", "--language", "python", "--exercises", "ex1", "--seeds", "1"];
        let broker = if more.contains(&"--broker") { &[][..] } else { &["--broker", "embedded"] };
        self.course.grader(&arguments).and(&[TRUSTED]).and(broker).and(more)
    }

    /// The whole lines of the journal.
    pub fn journal(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.out("journal.jsonl")).unwrap_or_default();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole.lines().map(str::to_owned).collect()
    }

    /// Whose work each line of the journal is about, and what it came to.
    pub fn graded(&self) -> Vec<(String, String)> {
        let line = |line: &String| {
            let record: serde_json::Value = serde_json::from_str(line).expect("a record");
            let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
            let outcome = &record["outcome"];
            let came_to = if outcome["verdict"].is_string() { &outcome["verdict"] } else { &outcome["outcome"] };
            (text(&record["learner"]), text(came_to))
        };
        self.journal().iter().map(line).collect()
    }

    /// Those of whom the journal has got something since it had `known` lines, in their order.
    pub fn since(&self, known: usize) -> Vec<String> {
        let mut learners: Vec<String> = self.graded().drain(known..).map(|(learner, _)| learner).collect();
        learners.sort();
        learners
    }
}
