//! What an exercise's specification has a part in: what is played, and what is asked of it. Each has a fingerprint of its
//! own, since evidence of the same play can be judged again when only the questions have changed.

use super::key::digest;
use crate::course::{CourseError, Exercise};
use crate::files;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use toml::{Table, Value};

/// Fingerprints of an `exercise.toml`, in hexadecimal. Titles, hints and explanations have no part in either.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Spec {
    /// Topics, groups, and of each scenario its input, rules and steps.
    pub scenarios: String,
    /// Checks and known mistakes, and the version of kafkacourse, whose code they are.
    pub checks: String,
}

impl Spec {
    /// The fingerprints of each of these exercises of the course at `root`, by id.
    ///
    /// # Errors
    /// A specification cannot be read, or is no TOML.
    pub fn of_exercises<'e>(
        root: &Path,
        exercises: impl IntoIterator<Item = &'e Exercise>,
    ) -> Result<BTreeMap<String, Spec>, CourseError> {
        let spec = |exercise: &Exercise| {
            let path = root.join("exercises").join(&exercise.folder).join("exercise.toml");
            let read = |source| CourseError::Read { path: path.clone(), source };
            let text = files::read_text(&path, crate::limits::COURSE_FILE_BYTES).map_err(read)?;
            let table: Table = text.parse().map_err(|error| read(std::io::Error::other(error)))?;
            Ok((exercise.id.clone(), Spec::new(&table)))
        };
        exercises.into_iter().map(spec).collect()
    }

    fn new(spec: &Table) -> Spec {
        let scenarios = tables(spec, "scenario").map(|scenario| only(scenario, &["id", "input", "rules", "steps"]));
        let played = [only(spec, &["topics", "groups"])].into_iter().chain(scenarios);
        let checks = tables(spec, "scenario").flat_map(|scenario| {
            let checks = tables(scenario, "check").map(|check| only(check, &["id", "kind", "needs"]));
            [only(scenario, &["id"])].into_iter().chain(checks)
        });
        let mistakes = tables(spec, "mistake").map(|mistake| only(mistake, &["name", "codes", "unless"]));
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Spec {
            scenarios: digest(played.map(String::into_bytes)),
            checks: digest([version].into_iter().chain(checks).chain(mistakes).map(String::into_bytes)),
        }
    }
}

/// The tables of an array of tables.
fn tables<'t>(table: &'t Table, key: &str) -> impl Iterator<Item = &'t Table> {
    table.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table)
}

/// What stands under these keys, as text that depends on nothing else.
fn only(table: &Table, keys: &[&str]) -> String {
    let wanted = table.iter().filter(|(key, _)| keys.contains(&key.as_str()));
    wanted.map(|(key, value)| (key.clone(), value.clone())).collect::<Table>().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: &str = r#"
title = "A title"
topics = [{ name = "orders", partitions = 3 }]
[[scenario]]
id = "steady"
title = "a calm day"
steps = [{ start = "consumer" }]
[[scenario.check]]
id = "processed"
title = "every order"
kind = { processed = { topic = "orders" } }
[[mistake]]
name = "commit_first"
codes = ["processed/lost"]
"#;

    #[test]
    fn what_is_played_and_what_is_asked_are_told_apart() {
        let spec = |old: &str, new: &str| {
            assert!(SPEC.contains(old));
            Spec::new(&SPEC.replacen(old, new, 1).parse().unwrap())
        };
        let same = spec("calm", "calm");
        let changes = |old, new| {
            let other = spec(old, new);
            (other.scenarios != same.scenarios, other.checks != same.checks)
        };
        assert_eq!(changes("A title", "Another # title"), (false, false));
        assert_eq!(changes("every order", "each order"), (false, false));
        assert_eq!(changes("partitions = 3", "partitions = 4"), (true, false));
        assert_eq!(changes(r#"start = "consumer""#, r#"stop = "consumer""#), (true, false));
        assert_eq!(changes(r#"processed = { topic"#, r#"leaves = { topic"#), (false, true));
        assert_eq!(changes("processed/lost", "processed/again"), (false, true));
        assert_eq!(changes(r#"id = "steady""#, r#"id = "calm""#), (true, true));
    }
}
