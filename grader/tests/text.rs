//! The texts of the course are as they should be, and what is not is told by file and line.

mod common;

use common::{Course, course};
use insta::assert_snapshot;
use std::path::Path;

#[test]
fn the_texts_of_the_course() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the course");
    let course = grader::course::Course::load(&root).expect("the course");
    let complaints: Vec<String> = grader::proofread::course(&course).iter().map(ToString::to_string).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

const MANIFEST: &str = r#"title = "A very small course"
[[module]]
id = "log"
folder = "01-log"
title = "The log"
sections = [{ file = "01-offsets.md", title = "Offsets", minutes = 5 }]
exercises = ["ex1", "ex2"]
coming = [{ id = "ex7", title = "Vehicle telemetry" }]
"#;

const FRONT: &str = "# Module 1: The log

| | minutes |
| --- | --- |
| theory | 5 |
| hands-on (ex1, ex2) | 150 |

## What you will be able to do

## Before you start

## What you will build

```
a ─▶ b
```

## Reading list

| section | minutes |
| --- | --- |
| [Offsets](01-offsets.md) | 5 |

## Exercises

## You are done when

- [ ] `kafkacourse check ex1` passes.

## Help

`kafkacourse read offsets` and `kafkacourse read EX`.

## What comes next
";

const GLOSSARY: &str = "# Glossary

## O

### Offset

The place of a record in its partition.
";

/// About five minutes of reading.
fn section() -> String {
    let words = "Records are appended and never change. ".repeat(150);
    format!(
        "# Offsets\n\nAn [offset](../reference/glossary.md#offset) is a place.\n\n{words}\n\n## Who counts?\n\n\
         ```\n0 1 2\n```\n\nSee [above](#who-counts), [the front](README.md) and [ex1](../../exercises/ex01-producer-basics).\n"
    )
}

/// A course of one section, in which everything is right.
fn small() -> Course {
    let course = course();
    for folder in ["modules/02-producers", "modules/03-consumers", "modules/reference"] {
        std::fs::remove_dir_all(course.path(folder)).expect("it is there");
    }
    for folder in common::entries(&course.path("modules")).into_iter().filter(|path| path.is_dir()) {
        std::fs::remove_dir_all(folder).expect("it is there");
    }
    for exercise in ["ex01-producer-basics", "ex02-manual-commits"] {
        std::fs::remove_file(course.path(&format!("exercises/{exercise}/README.md"))).expect("it is there");
        let spec = format!("exercises/{exercise}/exercise.toml");
        let text = course.read(&spec);
        let read =
            |line: &str| if line.starts_with("read = ") { "read = \"log/01-offsets\"".into() } else { line.to_owned() };
        course.write(&spec, text.lines().map(read).collect::<Vec<_>>().join("\n"));
    }
    course.write("modules/course.toml", MANIFEST);
    course.write("modules/01-log/README.md", FRONT);
    course.write("modules/01-log/01-offsets.md", section());
    course.write("modules/reference/glossary.md", GLOSSARY);
    let question = |id: &str| {
        format!(
            "[[question]]\nid = \"{id}\"\ntext = \"What?\"\nread = \"log/01-offsets\"\n\
             [[question.option]]\ntext = \"a\"\nwhy = \"b\"\n[[question.option]]\ntext = \"b\"\nright = true\nwhy = \"b\"\n\
             [[question.option]]\ntext = \"c\"\nwhy = \"b\"\n"
        )
    };
    course.write("modules/01-log/quiz.toml", ["one", "two", "three", "four", "five"].map(question).concat());
    course
}

fn complaints(course: &Course) -> String {
    let told = course.run(&["author", "check", "--text"]);
    told.assert(1, &["not as they should be"]);
    told.out
}

/// What is told once `old` has given way to `new` in a file.
fn after(file: &str, old: &str, new: &str) -> String {
    let course = small();
    course.edit(file, old, new);
    let told = complaints(&course);
    told.lines().filter(|line| line.starts_with('✗')).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_course_that_is_right() {
    small().run(&["author", "check", "--text"]).assert(0, &["the texts are as they should be"]);
}

#[test]
fn a_front_page_that_is_wrong() {
    let front = "modules/01-log/README.md";
    assert_snapshot!(after(front, "# Module 1: The log", "# Module 2: The log"), @"✗ modules/01-log/README.md:1: the page should begin with “# Module 1: The log”");
    assert_snapshot!(after(front, "| theory | 5 |", "| theory | 6 |"), @"✗ modules/01-log/README.md:5: the sections in course.toml take 5 minutes");
    assert_snapshot!(after(front, "| theory | 5 |\n", ""), @"✗ modules/01-log/README.md:1: the table of minutes has no row “theory”");
    assert_snapshot!(after(front, "## Help", "## Halp"), @"✗ modules/01-log/README.md:1: the part “## Help” is missing");
    assert_snapshot!(after(front, "## Before you start\n\n## What you will build", "## What you will build\n\n## Before you start"), @"✗ modules/01-log/README.md:10: “What you will build” should stand behind “Before you start”");
    assert_snapshot!(after(front, "(01-offsets.md) | 5", "(01-offsets.md) | 7"), @"✗ modules/01-log/README.md:22: course.toml says here: | [Offsets](01-offsets.md) | 5 |");
    assert_snapshot!(after(front, "- [ ]", "-"), @"✗ modules/01-log/README.md:1: “You are done when” has nothing to tick off");
    assert_snapshot!(after(front, "a ─▶ b\n```", "a\n```\n\n```wire\nx\n```\n\n```wire lost\nx\n```"), @"
    ✗ modules/01-log/README.md:18: this transcript has no name: write ```wire NAME
    ✗ modules/01-log/README.md:22: there is no modules/demos/transcripts/lost.toml
    ");
    assert_snapshot!(after("modules/course.toml", "coming = [{ id = \"ex7\", title = \"Vehicle telemetry\" }]", ""), @"✗ modules/01-log/README.md:6: the exercises say “hands-on (ex1, ex2)”, 135 minutes");
}

#[test]
fn a_section_that_is_wrong() {
    let section = "modules/01-log/01-offsets.md";
    assert_snapshot!(after(section, "# Offsets", "# Offset"), @"✗ modules/01-log/01-offsets.md:1: course.toml calls this section “Offsets”");
    assert_snapshot!(after(section, "```\n0 1 2\n```", ""), @"✗ modules/01-log/01-offsets.md:1: a section shows something: a drawing or a transcript");
    assert_snapshot!(after("modules/course.toml", "minutes = 5", "minutes = 3"), @"
    ✗ modules/01-log/01-offsets.md:1: 3 minutes; a section takes 5 to 12
    ✗ modules/01-log/01-offsets.md:1: course.toml says 3 minutes; it takes 5
    ✗ modules/01-log/README.md:5: the sections in course.toml take 3 minutes
    ✗ modules/01-log/README.md:22: course.toml says here: | [Offsets](01-offsets.md) | 3 |
    ");
    assert_snapshot!(after(section, "(#who-counts)", "(#who-count)"), @"✗ modules/01-log/01-offsets.md:13: the link #who-count leads to the page, which has no heading “who-count”");
    assert_snapshot!(after(section, "(README.md)", "(README.md#helping)"), @"✗ modules/01-log/01-offsets.md:13: the link README.md#helping leads to the page, which has no heading “helping”");
    assert_snapshot!(after(section, "(README.md)", "(READ.md)"), @"✗ modules/01-log/01-offsets.md:13: the link READ.md leads nowhere");
    assert_snapshot!(after(section, "Records are", "In ex9 and ex7, records are"), @"
    ✗ modules/01-log/01-offsets.md:5: ex7 (Vehicle telemetry) is still being built: it is coming.
    ✗ modules/01-log/01-offsets.md:5: there is no exercise “ex9”. Did you mean ex1 or ex2?
    ");
    assert_snapshot!(after(section, "Records are", "`kafkacourse read offsetts`"), @"✗ modules/01-log/01-offsets.md:5: there is no section “offsetts”. Did you mean log/01-offsets?");
    assert_snapshot!(after(section, "Records are", "In kafka, a Consumer Group"), @"
    ✗ modules/01-log/01-offsets.md:5: “Consumer Group” is spelt “consumer group”
    ✗ modules/01-log/01-offsets.md:5: “kafka” is spelt “Kafka”
    ");
    assert_snapshot!(after(section, "[offset](../reference/glossary.md#offset)", "offset"), @"✗ modules/01-log/01-offsets.md:1: “Offset” is used for the first time: link glossary.md#offset");
}

#[test]
fn files_that_are_missing_or_left_over() {
    let course = small();
    course.write("modules/01-log/02-later.md", "# Later\n\nLater — perhaps.\n");
    std::fs::remove_file(course.path("modules/01-log/01-offsets.md")).expect("it is there");
    course.edit("modules/01-log/quiz.toml", "why = \"b\"", "why = \"Because of kafka.\"");
    assert_snapshot!(complaints(&course), @"
    ✗ modules/01-log/01-offsets.md:1: course.toml names this section, and it is not there
    ✗ modules/01-log/02-later.md:1: this section stands in no module of course.toml
    ✗ modules/01-log/02-later.md:3: no em dashes: use a comma, a colon or a full stop
    ✗ modules/01-log/README.md:22: the link 01-offsets.md leads nowhere
    ✗ modules/01-log/quiz.toml:2: question “one”: “kafka” is spelt “Kafka”
    5 things in the texts are not as they should be
    ");
    course.edit("modules/01-log/quiz.toml", "right = true", "");
    course.write("modules/01-log/README.md", [0xff]);
    assert_snapshot!(complaints(&course), @"
    ✗ modules/01-log/01-offsets.md:1: course.toml names this section, and it is not there
    ✗ modules/01-log/02-later.md:1: this section stands in no module of course.toml
    ✗ modules/01-log/02-later.md:3: no em dashes: use a comma, a colon or a full stop
    ✗ modules/01-log/README.md:1: this front page is missing
    ✗ modules/01-log/README.md:1: this is not UTF-8 text
    ✗ modules/01-log/quiz.toml:1: “one” has no right options; it needs right and wrong ones
    6 things in the texts are not as they should be
    ");
}
