//! Settings that the texts name: does librdkafka have them, and are their defaults what the texts say?
//!
//! Three things are looked at: names with dots in backticks (`linger.ms`, `acks=all` with its value), `.set("…", …)` in
//! Rust blocks, and tables with a column “setting” and one for librdkafka's default.

use super::Texts;
use super::page::Page;
use crate::evidence::event_kinds;
use crate::files;
use crate::limits::COURSE_FILE_BYTES;
use rdkafka::ClientConfig;
use rdkafka::config::NativeClientConfig;
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::types::RDKafkaConfRes;
use serde::Deserialize;

/// `modules/settings.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Others {
    other: Vec<Other>,
}

/// Names that are no settings of librdkafka.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Other {
    /// What they are.
    what: String,
    /// A name that ends in a dot stands for all that begin so.
    names: Vec<String>,
}

const LIST: &str = "modules/settings.toml";

pub(super) fn look(texts: &mut Texts<'_>) {
    let library = match Library::load() {
        Ok(library) => library,
        Err(error) => return texts.complain(LIST, 1, format!("librdkafka's settings cannot be read: {error}")),
    };
    let text = files::read_text(&texts.course.root.join(LIST), COURSE_FILE_BYTES).map_err(|error| error.to_string());
    let others = text.and_then(|text| toml::from_str::<Others>(&text).map_err(|error| error.to_string()));
    let events = event_kinds().map(|(name, _)| name.to_owned());
    let events = Other { what: "a kind of event".to_owned(), names: events.collect() };
    let others: Vec<Other> = match others {
        Ok(others) => others.other.into_iter().chain([events]).collect(),
        Err(error) => return texts.complain(LIST, 1, error),
    };
    for other in &others {
        for name in other.names.iter().filter(|name| library.default(name).is_some()) {
            texts.complain(LIST, 1, format!("librdkafka has {name}; here it is {}", other.what));
        }
    }
    let wrong = texts.pages.iter().flat_map(|page| {
        complaints(page, &library, &others).into_iter().map(|(line, message)| (page.file.clone(), line, message))
    });
    for (file, line, message) in wrong.collect::<Vec<_>>() {
        texts.complain(&file, line, message);
    }
}

/// What librdkafka says at run time.
struct Library(NativeClientConfig);

impl Library {
    fn load() -> KafkaResult<Library> {
        // Those of a topic (acks, partitioner, …) are there once one of them has been set.
        Ok(Library(ClientConfig::new().set("acks", "all").create_native_config()?))
    }

    /// The default; empty where there is none, none where there is no such setting.
    fn default(&self, key: &str) -> Option<String> {
        if let Ok(value) = self.0.get(key) {
            return Some(value);
        }
        // A text without a default cannot be had; but librdkafka does not refuse its name.
        match ClientConfig::new().set(key, "x").create_native_config() {
            Err(KafkaError::ClientConfig(RDKafkaConfRes::RD_KAFKA_CONF_UNKNOWN, ..)) => None,
            _ => Some(String::new()),
        }
    }
}

/// What is wrong in one page, with lines.
fn complaints(page: &Page, library: &Library, others: &[Other]) -> Vec<(usize, String)> {
    let mut wrong = Vec::new();
    for (line, word) in &page.spans {
        let (key, value) = word.split_once('=').map_or((word.as_str(), None), |(key, value)| (key, Some(value)));
        if dotted(key) && !others.iter().any(|other| other.has(key)) {
            wrong.extend(unknown(key, value, library).map(|what| (*line, what)));
        }
    }
    for block in page.blocks.iter().filter(|block| block.info.starts_with("rust")) {
        for (text, at) in block.text.lines().zip(1..) {
            for set in text.split(".set(\"").skip(1) {
                let key = set.split('"').next().unwrap_or_default();
                wrong.extend(unknown(key, None, library).map(|what| (block.line + at, what)));
            }
        }
    }
    // A head is followed by the line of dashes, and that by the rows.
    let (mut column, mut before) = (None, 0);
    for (line, cells) in &page.rows {
        if *line > before + 2 || before == 0 {
            column = default_column(cells);
        } else if let (Some(column), Some(key)) = (column, cells.first())
            && !key.contains(' ')
        {
            let cell = cells.get(column).map_or("", String::as_str);
            wrong.extend(against(key, cell, library).map(|what| (*line, what)));
        }
        before = *line;
    }
    wrong.sort();
    wrong
}

impl Other {
    fn has(&self, key: &str) -> bool {
        self.names.iter().any(|name| name == key || name.ends_with('.') && key.starts_with(name.as_str()))
    }
}

/// Lower-case words with dots between them: what a setting looks like.
fn dotted(word: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase())
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let file = ["toml", "rs", "md", "json", "jsonl", "sh", "yml", "yaml", "log", "py", "db", "html", "csv", "xml"];
    let end = word.rsplit('.').next().unwrap_or_default();
    word.contains('.') && word.split('.').all(part) && !file.contains(&end)
}

/// What is wrong with naming this setting, and this value of it.
fn unknown(key: &str, value: Option<&str>, library: &Library) -> Option<String> {
    if library.default(key).is_none() {
        return Some(format!("librdkafka has no setting {key}; if it is another's, modules/settings.toml says whose"));
    }
    let error = ClientConfig::new().set(key, value?).create_native_config().err()?;
    Some(format!("librdkafka refuses {key}={}: {error}", value?))
}

/// The column of librdkafka's defaults in a table of settings.
fn default_column(head: &[String]) -> Option<usize> {
    let first = head.first()?.to_lowercase();
    let has = |part: &str| head.iter().skip(1).position(|cell| cell.to_lowercase().contains(part)).map(|at| at + 1);
    match first.as_str() {
        "setting" => has("librdkafka"),
        "setting in librdkafka" => has("default"),
        _ => None,
    }
}

/// Does the cell agree with librdkafka's default? Else what is wrong.
fn against(key: &str, cell: &str, library: &Library) -> Option<String> {
    let Some(default) = library.default(key) else {
        return Some(format!("librdkafka has no setting {key}"));
    };
    let told = value(cell);
    let same = told == default || (told == "all" && default == "-1");
    (!same).then(|| match default.as_str() {
        "" => format!("{key} has no default; the table says {told}"),
        _ => format!("the default of {key} is {default}; the table says {cell}"),
    })
}

/// The value in a cell: `1 000 000 bytes` and `300 000 (5 minutes)` are numbers, `–` is none.
fn value(cell: &str) -> String {
    let digits: String = cell.chars().take_while(|c| c.is_ascii_digit() || *c == ' ').filter(|c| *c != ' ').collect();
    match cell.split_whitespace().next() {
        _ if !digits.is_empty() => digits,
        None | Some("–") => String::new(),
        Some(word) => word.trim_end_matches(',').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints_about(page: &str) -> Vec<String> {
        let others = [Other { what: "events".into(), names: vec!["order.".into(), "max.poll.records".into()] }];
        let page = Page::new("a.md".into(), "a.md".into(), page.into());
        complaints(&page, &Library::load().expect("librdkafka"), &others)
            .into_iter()
            .map(|(at, what)| format!("{at}: {what}"))
            .collect()
    }

    #[test]
    fn right_names_and_defaults_pass() {
        let page = "`linger.ms`, `order.placed`, `max.poll.records`, `main.rs`, `enable.idempotence=true`, `a.b()`.\n\n\
                    | setting | default in librdkafka |\n|---|---|\n| `linger.ms` | 5 |\n| `acks` | all |\n\
                    | `delivery.timeout.ms` | 300 000 (5 minutes) |\n| `group.id` | – |\n| `partitioner` | \
                    `consistent_random` |\n\n```rust\nconfig.set(\"acks\", \"all\");\n```\n";
        assert_eq!(complaints_about(page), Vec::<String>::new());
    }

    #[test]
    fn wrong_ones_are_told_with_their_line() {
        let page = "`linger.msec`\n\n| setting | librdkafka |\n|---|---|\n| `linger.ms` | 0 |\n| `group.id` | x |\n\n\
                    `isolation.level=commited`\n\n```rust\nconfig.set(\"linger\", \"5\");\n```\n";
        let told = complaints_about(page);
        assert_eq!(told.len(), 5, "{told:#?}");
        assert!(told[0].starts_with("1: librdkafka has no setting linger.msec"), "{told:#?}");
        assert_eq!(told[1], "5: the default of linger.ms is 5; the table says 0");
        assert_eq!(told[2], "6: group.id has no default; the table says x");
        assert!(told[3].starts_with("8: librdkafka refuses isolation.level=commited"), "{told:#?}");
        assert!(told[4].starts_with("11: librdkafka has no setting linger;"), "{told:#?}");
    }
}
