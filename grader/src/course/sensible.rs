//! Values of the course's files that have to make sense beyond their type. The TOML reader adds file, line and column.

use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// The longest name, in characters: Kafka's own limit for topics, and that of most file systems.
const LONGEST_NAME: usize = 249;

/// A name as Kafka wants it of a topic. Ids, files and folders have such names too: they become parts of paths and words
/// of command lines.
pub(super) fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    let sensible = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let empty = name.trim_start_matches('.').is_empty();
    match !empty && name.len() <= LONGEST_NAME && name.chars().all(sensible) {
        true => Ok(name),
        false => Err(D::Error::custom(format!(
            "this is no name: it has only letters, digits, “.”, “_” and “-”, and at most {LONGEST_NAME} of them"
        ))),
    }
}

/// Names, each as for [`name`].
pub(super) fn names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    struct Name(#[serde(deserialize_with = "name")] String);
    Ok(Vec::<Name>::deserialize(deserializer)?.into_iter().map(|Name(name)| name).collect())
}

/// A name, where there is one.
pub(super) fn maybe_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    name(deserializer).map(Some)
}

/// A number from `LEAST` to `MOST`.
pub(super) fn between<'de, const LEAST: u32, const MOST: u32, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: TryFrom<u32>,
    D: Deserializer<'de>,
{
    let number = u32::deserialize(deserializer)?;
    let fits = Some(number).filter(|number| (LEAST..=MOST).contains(number));
    fits.and_then(|number| T::try_from(number).ok())
        .ok_or_else(|| D::Error::custom(format!("{number} is not from {LEAST} to {MOST}")))
}

#[cfg(test)]
mod tests {
    use super::super::Topic;

    #[test]
    fn a_topic_has_a_name_and_partitions() {
        let topic = |name: &str, partitions: &str| {
            let text = format!("name = {name:?}\npartitions = {partitions}\n");
            toml::from_str::<Topic>(&text).map(|topic| topic.partitions).map_err(|error| error.to_string())
        };
        assert_eq!((topic("orders.v1_a-b", "1"), topic(&"o".repeat(249), "1000")), (Ok(1), Ok(1000)));
        for name in ["", ".", "..", "../orders", "/orders", "a b", "a\n", "ö", &"o".repeat(250)] {
            let error = topic(name, "1").unwrap_err();
            assert!(error.contains("line 1, column 8") && error.contains("this is no name"), "{name:?}: {error}");
        }
        for partitions in ["0", "1001", "4294967295"] {
            let error = topic("orders", partitions).unwrap_err();
            let said = format!("{partitions} is not from 1 to 1000");
            assert!(error.contains("line 2, column 14") && error.contains(&said), "{error}");
        }
    }
}
