//! What pages for a browser share: their head, and an account as HTML. `maud` escapes whatever is put between tags.

use super::account::{Account, Entry, Sort};
use super::standing::{Kind, Standing};
use crate::checks::count;
use crate::foreign::Foreign;
use crate::report::words;
use crate::submission::Learner;
use base64::Engine;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("style.css");

/// How much of an account is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Entries, and characters of each text in them.
    pub entries: usize,
    pub characters: usize,
}

/// The beginning of a page, up to and with its `<body>`. Nothing is loaded from anywhere, and no script runs but
/// `script`: the policy names both by their hashes.
pub(super) fn head(title: &str, script: Option<&str>) -> Markup {
    let source = |text: &str| format!("'sha256-{}'", base64::prelude::BASE64_STANDARD.encode(Sha256::digest(text)));
    let scripts = script.map_or("'none'".to_owned(), source);
    let styles = source(STYLE);
    let policy = format!(
        "default-src 'none'; style-src {styles}; script-src {scripts}; base-uri 'none'; form-action 'none'; img-src data:"
    );
    html! {
        (DOCTYPE)
        (PreEscaped("<html lang=\"en\">"))
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy);
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="referrer" content="no-referrer";
            meta name="color-scheme" content="light dark";
            link rel="icon" href="data:,";
            title { (short(title)) }
            style { (PreEscaped(STYLE)) }
        }
        (PreEscaped("<body>"))
    }
}

/// The end of a page, with its script.
pub(super) fn foot(script: Option<&str>) -> Markup {
    html! {
        @if let Some(script) = script { script { (PreEscaped(script)) } }
        (PreEscaped("</body></html>\n"))
    }
}

/// A name, which may be written from right to left; in one line, and not endless.
pub(super) fn name(text: &str) -> Markup {
    html! { bdi { (short(text)) } }
}

/// The learner's name, or what the class calls them where there is none.
pub(super) fn learner(learner: &Learner) -> Markup {
    name(called(learner))
}

/// The same for an attribute.
pub(super) fn plain_name(learner: &Learner) -> String {
    short(called(learner))
}

fn called(learner: &Learner) -> &str {
    learner.name.as_deref().unwrap_or(learner.id.as_str())
}

fn short(text: &str) -> String {
    const LONGEST: usize = 120;
    Foreign::from(words::middle_out(text, LONGEST)).to_string()
}

/// A moment of ours, for people; in UTC, so that it means the same wherever the page is read.
pub(super) fn moment(at: &str) -> Markup {
    let said = at.parse::<jiff::Timestamp>().map(|at| at.strftime("%-d %B %Y, %H:%M UTC").to_string());
    html! { time datetime=(at) { (said.unwrap_or_else(|_| Foreign::from(at).to_string())) } }
}

/// How it stands: a sign and a word, so that nothing hangs on colour.
pub(super) fn badge(standing: Standing) -> Markup {
    html! {
        span class={ "badge " (class(standing.kind())) } {
            span aria-hidden="true" { (sign(standing.kind())) " " }
            (standing.in_words())
        }
    }
}

/// The class of its colour.
pub(super) fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Passed => "passed",
        Kind::Fell => "fell",
        Kind::Nothing => "nothing",
        Kind::Ours => "ours",
    }
}

/// What stands for it where there is no colour.
pub(super) fn sign(kind: Kind) -> &'static str {
    match kind {
        Kind::Passed => "✓",
        Kind::Fell => "✗",
        Kind::Nothing => "–",
        Kind::Ours => "!",
    }
}

/// The entries of an account, and how many checks have passed.
pub(super) fn account(account: &Account, room: Room) -> Markup {
    let left_out = account.entries.len().saturating_sub(room.entries);
    html! {
        @for entry in account.entries.iter().take(room.entries) { (self::entry(entry, room)) }
        @if left_out > 0 { p.more { "and " (left_out) " more" } }
        @if account.judged > 0 {
            p.checks { (account.passed) " of " (count(account.judged, "check")) " passed." }
        }
    }
}

fn entry(entry: &Entry, room: Room) -> Markup {
    let class = match entry.sort {
        Sort::Diagnosis => "diagnosis",
        Sort::Problem => "problem",
        Sort::Open => "open",
        Sort::Note => "note",
    };
    html! {
        div class={ "entry " (class) } {
            p.what {
                span aria-hidden="true" { (entry.sort.mark()) " " }
                @if entry.sort == Sort::Open { span.unseen { "No evidence: " } }
                (text(&entry.title.as_str().into(), room))
            }
            @if !entry.rows.is_empty() {
                dl {
                    @for (label, said) in &entry.rows {
                        @match *label {
                            "" => dd.plain { (text(said, room)) },
                            "read" => { dt { "read" } dd { code { (text(said, room)) } } },
                            "it said" | "to do" => { dt { (label) } dd { pre { (text(said, room)) } } },
                            label => { dt { (label) } dd { (text(said, room)) } },
                        }
                    }
                }
            }
            @if !entry.timeline.is_empty() {
                ol.timeline aria-label="what the broker saw" {
                    @for line in &entry.timeline {
                        li class=[line.fault.then_some("fault")] {
                            span.ms { (format!("{:.1} ms", line.ms)) } " "
                            span.who { (text(&line.who, room)) } " "
                            span.arrow { (line.arrow) } " "
                            span.said { (text(&line.text, room)) }
                        }
                    }
                }
            }
        }
    }
}

/// Foreign text with its line breaks, and without anything hidden.
fn text(text: &Foreign, room: Room) -> String {
    words::middle_out(&text.lines(), room.characters)
}
