//! `modules/reference/authoring.md` has tables that are made from the types, and rows for whatever the types allow.
//!
//! `WRITE=1 cargo test -p grader --test authoring` puts today's tables into the page.

use grader::checks::Kind;
use grader::course::{Exercise, Generator, InputSpec, Mistake, Picture, Scenario, Step};
use grader::evidence::{Action, Pattern, Rule, State, event_kinds};
use serde::de::DeserializeOwned;
use std::fmt::Debug;
use std::path::{Path, PathBuf};

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../modules/reference/authoring.md")
}

/// What `toml` says is allowed in a place, by putting something else there: the keys of a table, or the variants of an
/// enum.
fn allowed<T: DeserializeOwned + Debug>(place: &str) -> Vec<String> {
    let error = toml::from_str::<T>(place).expect_err("nonsense is refused").to_string();
    match error.split("expected").nth(1) {
        Some(list) => list.split('`').skip(1).step_by(2).map(str::to_owned).collect(),
        None => Vec::new(), // "there are no fields"
    }
}

#[derive(Debug, serde::Deserialize)]
struct Holder<T> {
    #[allow(dead_code, reason = "it is never made")]
    it: T,
}

fn listed(names: &[impl AsRef<str>]) -> String {
    match names.is_empty() {
        true => "–".into(),
        false => names.iter().map(|name| format!("`{}`", name.as_ref())).collect::<Vec<_>>().join(", "),
    }
}

/// The kinds of check: what each requires, its parameters, and what its findings can be called.
fn checks() -> String {
    let mut table = String::from("| `kind` | what it requires | parameters | codes |\n| --- | --- | --- | --- |\n");
    for ((name, codes), (_, requires)) in Kind::ALL.iter().zip(Kind::REQUIREMENTS) {
        let parameters = allowed::<Holder<Kind>>(&format!("it = {{ {name} = {{ nonsense = 1 }} }}"));
        table += &format!("| `{name}` | {requires} | {} | {} |\n", listed(&parameters), listed(codes));
    }
    table
}

/// The kinds of event: the fields that a pattern may ask of each. Those with the same fields share a row.
fn events() -> String {
    let mut rows: Vec<(Vec<&str>, Vec<&str>)> = Vec::new();
    for (name, fields) in event_kinds() {
        match rows.iter_mut().find(|(known, _)| *known == fields) {
            Some((_, names)) => names.push(name),
            None => rows.push((fields, vec![name])),
        }
    }
    let mut table = String::from("| `event` | fields of a pattern |\n| --- | --- |\n");
    for (fields, names) in rows {
        table += &format!("| {} | {} |\n", listed(&names), listed(&fields));
    }
    table
}

/// The page with `table` between `<!-- name: … -->` and `<!-- end -->`.
fn with(page: &str, name: &str, table: &str) -> String {
    let begins = page.find(&format!("<!-- {name}:")).unwrap_or_else(|| panic!("the page has no table “{name}”"));
    let from = begins + page[begins..].find("-->\n").expect("the comment ends") + 4;
    let to = from + page[from..].find("<!-- end -->").expect("the table ends");
    format!("{}\n{table}\n{}", &page[..from], &page[to..])
}

#[test]
fn tables_are_made_from_the_types() {
    let text = std::fs::read_to_string(page()).expect("the page");
    let made = with(&with(&text, "events", &events()), "checks", &checks());
    if std::env::var_os("WRITE").is_some() {
        std::fs::write(page(), &made).expect("the page can be written");
    }
    assert!(text == made, "authoring.md is out of date: WRITE=1 cargo test -p grader --test authoring");
}

#[test]
fn the_page_names_whatever_a_file_may_hold() {
    let text = std::fs::read_to_string(page()).expect("the page");
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| ")).collect();
    let lacks = |what: &str, names: Vec<String>| {
        assert!(!names.is_empty(), "{what} allows nothing?");
        let named = |name: &String| {
            let ways = [format!("`{name}`"), format!("\"{name}\""), format!("{{ {name} = ")];
            rows.iter().any(|row| ways.iter().any(|way| row.contains(way.as_str())))
        };
        let lacking: Vec<String> = names.into_iter().filter(|name| !named(name)).collect();
        assert!(lacking.is_empty(), "authoring.md has no row for {what} {lacking:?}");
    };
    lacks("exercise", allowed::<Exercise>("nonsense = 1"));
    lacks("scenario", allowed::<Scenario>("nonsense = 1"));
    lacks("input", allowed::<InputSpec>("nonsense = 1"));
    lacks("mistake", allowed::<Mistake>("nonsense = 1"));
    lacks("rule", allowed::<Rule>("nonsense = 1"));
    lacks("state", allowed::<Holder<State>>("it = { nonsense = 1 }"));
    for state in ["in-hand", "uncommitted", "in-flight", "unsettled"] {
        lacks(state, allowed::<Holder<State>>(&format!("it = {{ {state} = {{ nonsense = 1 }} }}")));
    }
    lacks("pattern", allowed::<Pattern>("nonsense = 1"));
    lacks("generator", allowed::<Holder<Generator>>("it = \"nonsense\""));
    lacks("picture", allowed::<Holder<Picture>>("it = { nonsense = 1 }"));
    lacks("step", allowed::<Holder<Step>>("it = { nonsense = 1 }"));
    lacks("fault", allowed::<Holder<Action>>("it = { nonsense = 1 }"));
}
