//! `class.toml`: what a class is graded in, and how much counts as how much.

use crate::files;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// A file of some lines.
const LONGEST: u64 = 256 << 10;
/// More would be a slip of the finger: each sitting costs as much as the first.
const MOST_SEEDS: u32 = 20;

/// How a class is graded. Everything has a default, so a class needs no file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Stands above the reports.
    pub title: Option<String>,
    /// Ids (`ex1`); all exercises of the course where there are none.
    pub exercises: Vec<String>,
    /// How many times each program is graded, each time with other input.
    pub seeds: u32,
    /// What was handed in later is late. RFC 3339, with the offset from UTC.
    pub due: Option<jiff::Timestamp>,
    pub late: Late,
    /// Points by exercise; where one is not named, those of the course.
    pub points: BTreeMap<String, f64>,
    pub partial: Partial,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            title: None,
            exercises: Vec::new(),
            seeds: 2,
            due: None,
            late: Late::default(),
            points: BTreeMap::new(),
            partial: Partial::default(),
        }
    }
}

/// What lateness costs.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Late {
    /// Of the points that were reached, for each day that has begun.
    pub percent_per_day: f64,
    /// What is later than that gets no points. Without it, nothing is too late.
    pub days: Option<u32>,
}

/// How much of an exercise counts as how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Partial {
    /// As many points as checks have passed, in proportion.
    #[default]
    Checks,
    /// All points for a pass, and none otherwise.
    Nothing,
}

#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    #[error("{}: {source}{}", path.display(), files::remedy(source))]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{}: {message}", path.display())]
    Toml { path: PathBuf, message: String },
    #[error("{place}: {what}")]
    Senseless { place: String, what: String },
}

impl Policy {
    /// Reads a `class.toml`.
    ///
    /// # Errors
    /// It cannot be read, or says something that makes no sense; with the line.
    pub fn read(path: &Path) -> Result<Policy, PolicyError> {
        let text =
            files::read_text(path, LONGEST).map_err(|source| PolicyError::Io { path: path.to_owned(), source })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let policy: Policy = toml::from_str(text)
            .map_err(|error| PolicyError::Toml { path: path.to_owned(), message: error.to_string() })?;
        policy.validate(&path.display().to_string())?;
        Ok(policy)
    }

    /// Makes sure that every number makes sense; `place` says whose they are.
    ///
    /// # Errors
    /// With what is allowed.
    pub fn validate(&self, place: &str) -> Result<(), PolicyError> {
        let wrong = |what: String| Err(PolicyError::Senseless { place: place.to_owned(), what });
        if !(1..=MOST_SEEDS).contains(&self.seeds) {
            return wrong(format!("seeds = {}; from 1 to {MOST_SEEDS} are allowed", self.seeds));
        }
        if !(0.0..=100.0).contains(&self.late.percent_per_day) {
            return wrong(format!("late.percent_per_day = {}; from 0 to 100 are allowed", self.late.percent_per_day));
        }
        match self.points.iter().find(|(_, points)| !(0.0..=10_000.0).contains(*points)) {
            Some((exercise, points)) => wrong(format!("points.{exercise} = {points}; from 0 to 10000 are allowed")),
            None => Ok(()),
        }
    }
}

/// `10` is ten percent for each day; `10/3` the same, and nothing after three days.
impl FromStr for Late {
    type Err = String;

    fn from_str(text: &str) -> Result<Late, String> {
        let wrong = || format!("“{text}”: it wants PERCENT or PERCENT/DAYS: 10/3 takes off 10 % a day, for three days");
        let (percent, days) = match text.split_once('/') {
            Some((percent, days)) => (percent, Some(days.trim().parse().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let percent_per_day = percent.trim().trim_end_matches('%').parse().map_err(|_| wrong())?;
        match (0.0..=100.0).contains(&percent_per_day) {
            true => Ok(Late { percent_per_day, days }),
            false => Err(wrong()),
        }
    }
}

/// Days that have begun since `due`; 0 for what came in time.
pub fn days_late(due: jiff::Timestamp, handed_in: jiff::Timestamp) -> u32 {
    const DAY: u64 = 24 * 60 * 60;
    let seconds = handed_in.as_second() - due.as_second();
    u32::try_from(seconds.max(0).cast_unsigned().div_ceil(DAY)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Policy, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("class.toml");
        std::fs::write(&path, text).unwrap();
        Policy::read(&path).map_err(|error| error.to_string().replace(&path.display().to_string(), "class.toml"))
    }

    #[test]
    fn a_file_may_be_empty_and_says_what_it_says() {
        assert_eq!(read("").unwrap(), Policy::default());
        let policy = read(
            "title = \"Kafka\"\nexercises = [\"ex1\"]\nseeds = 3\ndue = \"2026-11-20T23:59:00+01:00\"\npartial = \"nothing\"\n\
             [late]\npercent_per_day = 10\ndays = 3\n[points]\nex1 = 7.5\n",
        )
        .unwrap();
        assert_eq!((policy.seeds, policy.partial, policy.points["ex1"]), (3, Partial::Nothing, 7.5));
        assert_eq!(policy.due.unwrap().to_string(), "2026-11-20T22:59:00Z");
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_its_place() {
        let refused = |text: &str| read(text).unwrap_err();
        assert!(
            refused("sedes = 2\n").contains("class.toml: TOML parse error at line 1"),
            "{}",
            refused("sedes = 2\n")
        );
        assert_eq!(refused("seeds = 0\n"), "class.toml: seeds = 0; from 1 to 20 are allowed");
        assert_eq!(refused("[points]\nex1 = -1\n"), "class.toml: points.ex1 = -1; from 0 to 10000 are allowed");
        assert!(refused("points = { ex1 = nan }\n").contains("NaN"));
        assert!(refused("due = \"tomorrow\"\n").contains("line 1"));
    }

    #[test]
    fn days_that_have_begun_count() {
        let due: jiff::Timestamp = "2026-11-20T22:59:00Z".parse().unwrap();
        let after = |seconds| jiff::Timestamp::from_second(due.as_second() + seconds).unwrap();
        let days: Vec<u32> = [-5, 0, 1, 86_400, 86_401].map(|seconds| days_late(due, after(seconds))).into();
        assert_eq!(days, [0, 0, 1, 1, 2]);
        assert_eq!("10%/3".parse(), Ok(Late { percent_per_day: 10.0, days: Some(3) }));
        assert!("-1".parse::<Late>().is_err() && "ten".parse::<Late>().is_err());
    }
}
