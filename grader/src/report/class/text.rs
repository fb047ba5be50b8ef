//! An account as plain text, for wherever nothing but text can be put: Gradescope, JUnit, a platform's comments.

use super::account::{Account, Entry};
use crate::checks::count;

/// The most characters that one account has as text. Platforms cap what they take.
const LONGEST: usize = 20_000;

/// The account, with an empty line between its entries and without any hidden character.
pub(super) fn account(account: &Account) -> String {
    let mut parts: Vec<String> = account.entries.iter().map(entry).collect();
    let checks = match account.judged {
        0 => String::new(),
        judged => format!("{} of {} passed. ", account.passed, count(judged, "check")),
    };
    let points = account.points.as_str();
    parts.push(format!("{checks}{points}").trim_end().to_owned());
    parts.retain(|part| !part.is_empty());
    crate::report::words::middle_out(&parts.join("\n\n"), LONGEST)
}

fn entry(entry: &Entry) -> String {
    let mut text = format!("{} {}", entry.sort.mark(), entry.title);
    for (label, said) in &entry.rows {
        let said = said.lines();
        for (line, nth) in said.lines().zip(0..) {
            text.push_str(&format!("\n    {:<9}{line}", if nth == 0 { label } else { "" }));
        }
    }
    for line in &entry.timeline {
        text.push_str(&format!("\n    {:>8.1} ms  {} {} {}", line.ms, line.who, line.arrow, line.text));
    }
    text
}
