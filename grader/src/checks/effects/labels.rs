//! What a letter says about its record, in headers: where it came from, why it is there, and what it came with.

use super::DeadLetters;
use crate::checks::count;
use crate::evidence::Input;
use crate::wire::{Data, Record};

/// The header that says why: one for each failed attempt, where a history is asked for.
const ERROR: &str = "error";

/// Characters of a text by which to recognise it.
const ENOUGH: usize = 80;

/// What can be wrong with the headers of a letter.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wrong {
    NoHeaders,
    /// It names another place than the one that its record came from.
    Origin,
    Headers,
    History,
    OwnHeaders,
}

/// What is wrong with the headers of the letter `record` about `input`, in words.
pub(super) fn wrong(check: &DeadLetters, input: &Input<'_>, retries: usize, record: &Record) -> Vec<(Wrong, String)> {
    let mut found = Vec::new();
    let wanted = [
        ("original_topic", Some(check.from.clone())),
        ("original_partition", Some(input.partition.to_string())),
        ("original_offset", Some(input.offset.to_string())),
        (ERROR, None),
        ("retry_count", Some(retries.to_string())),
    ];
    if wanted.iter().all(|(name, _)| first(&record.headers, name).is_none()) {
        found.push((Wrong::NoHeaders, "none of them".to_owned()));
    } else {
        for (header, wanted) in &wanted {
            let value = first(&record.headers, header);
            let text = value.and_then(|value| value.as_ref()?.text());
            let right = match wanted {
                // What says already where it came from goes on saying so.
                Some(_) if first(input.headers, header).is_some() => value == first(input.headers, header),
                Some(_) if *header == "original_topic" => text.is_some_and(|text| is_from(check, text)),
                Some(wanted) => text == Some(wanted),
                None => text.is_some_and(|text| !text.trim().is_empty()),
            };
            if !right {
                let wanted = wanted.as_deref().unwrap_or("something");
                let seen = value.map_or_else(|| "not there".to_owned(), |value| shown(value.as_ref()));
                let wrong =
                    if value.is_some() && header.starts_with("original_") { Wrong::Origin } else { Wrong::Headers };
                found.push((wrong, format!("{header} is {seen}, and should be {wanted}")));
            }
        }
        let (errors, attempts) = (record.headers.iter().filter(|(key, _)| key == ERROR).count(), retries + 1);
        if check.history && errors != attempts {
            found
                .push((Wrong::History, format!("{} {ERROR}, and there should be {attempts}", count(errors, "header"))));
        }
    }
    // Its own headers in their order, repeated ones included; what else is there does not matter.
    let own = input.headers.iter().filter(|(key, _)| !check.transient.contains(key));
    let own: Vec<&(String, Option<Data>)> = own.collect();
    let mut kept = record.headers.iter();
    if !own.iter().all(|own| kept.any(|header| header == *own)) {
        let (own, kept) = (keys(own.into_iter()), keys(record.headers.iter()));
        found.push((Wrong::OwnHeaders, format!("it came with {own}, and the letter has {kept}")));
    }
    found
}

fn first<'h>(headers: &'h [(String, Option<Data>)], name: &str) -> Option<&'h Option<Data>> {
    headers.iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

fn keys<'h>(headers: impl Iterator<Item = &'h (String, Option<Data>)>) -> String {
    headers.map(|(key, _)| key.as_str()).collect::<Vec<_>>().join(", ")
}

/// Is `name` what the topic was called in the run? A check gives it a name of its own that begins like this one.
fn is_from(check: &DeadLetters, name: &str) -> bool {
    let begins = |with: &str| name.strip_prefix(with).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    begins(&check.from) && !(check.topic.len() > check.from.len() && begins(&check.topic))
}

pub(super) fn shown(data: Option<&Data>) -> String {
    let Some(data) = data else { return "nothing".to_owned() };
    match data.text() {
        Some(text) if !text.contains(char::is_control) => {
            let end = text.char_indices().nth(ENOUGH).map(|(end, _)| end);
            end.map_or_else(|| format!("“{text}”"), |end| format!("“{}…”", &text[..end]))
        }
        _ => {
            let bytes: Vec<String> = data.as_bytes().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
            let more = if data.as_bytes().len() > bytes.len() { " …" } else { "" };
            format!("the bytes {}{more}", bytes.join(" "))
        }
    }
}
