//! The names that a run's topics and groups have on the broker, and those that the exercise knows.

use std::collections::HashMap;

/// Names on the broker, which are unique in each run, and the exercise's names for them. Evidence holds the latter, so
/// it reads the same on every broker.
#[derive(Debug, Clone, Default)]
pub struct Names(HashMap<String, String>);

impl Names {
    /// From now on `real` is what the exercise calls `known_as`.
    pub fn insert(&mut self, real: String, known_as: String) {
        self.0.insert(real, known_as);
    }

    /// The exercise's name for what the broker calls `real`; none for anything that is not the exercise's.
    pub fn known(&self, real: &str) -> Option<&str> {
        self.0.get(real).map(String::as_str)
    }

    /// Is this a name that the exercise uses? On the broker it is that of something else.
    pub fn is_ours(&self, name: &str) -> bool {
        self.0.values().any(|known_as| known_as == name)
    }
}
